/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "wire/shop/shop.h"
#include "wire/sign.h"

/*
 * travel: the form in which a delivery travels from receive to work, through
 * Redis or the spool.
 *
 *  1. A delivery that was read travels as the record of its event
 *     (wire/event_record.h), which has no name and no address in it.
 *  2. A record with facts is sealed with the master key: the fields of an event
 *     of POST /events say whatever its sender wants.
 *  3. Any other delivery travels with its body, sealed, and work reads it or
 *     makes it a dead letter.
 *
 * A message of an earlier version has its body as it was signed.
 */

/* Gives a message, whose body is as it was signed, the form in which it
 * travels: by rule 1 and 2 if there is an event, and the event is within the
 * bounds of a record, else by rule 3.  The signature is that of the body; the
 * body and the event must stay until the message has been encoded. */
void travel_pack(struct arena *, const struct master_key *,
    const struct event *, const uint8_t signature[HMAC_SIZE], struct message *);

/* Seals the body of a message; does nothing if it is sealed. */
void travel_seal(struct arena *, const struct master_key *, struct message *);

/* Opens the body of a message; does nothing if it is not sealed.  A message that
 * does not open becomes one of no platform, whose body is the whole message, as
 * if it could not be decoded; is_sealed then tells why. */
void travel_open(struct arena *, const struct master_key *, struct message *);

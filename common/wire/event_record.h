/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/message.h"
#include "wire/record/record.h"
#include "wire/shop/shop.h"

/*
 * event_record: what a delivery told, as a record in bytes (wire/record/
 * record.h).  Of an order or a customer it has no name and no address, and of
 * an e-mail address only the keyed hash.
 *
 * All fields of a struct event are kept, and of its order, facts and product
 * all that a delivery can tell.
 */

enum {
	/* Bytes; no event within its bounds needs more. */
	EVENT_RECORD_MAX = 16 * 1024 * 1024,
};

/* The table of a struct event. */
extern const struct record_field event_fields[];

/* Appends the record of an event.  -1 if the event is beyond the bounds of a
 * record, or the buffer has no room; the buffer then has a part of the
 * record. */
int event_put(struct buf *, const struct event *) MUST_CHECK;

/* Reads the record that is the body of a message; texts and lists are the
 * arena's.  REJECT, "unparsable: ...", for bytes that are no record of an event
 * of the message's platform. */
int event_get(struct arena *, const struct message *, struct event *,
    struct err *) MUST_CHECK;

/* Renders an event as JSON, for people. */
struct str event_json(struct arena *, const struct event *);

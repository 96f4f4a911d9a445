/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/key.h"
#include "base/message.h"
#include "wire/shop/shop.h"

/*
 * address: the addresses to which a store's deliveries (webhooks and events)
 * are sent, and the topics that are accepted at each address.
 *
 * Only the body of a delivery is signed.  Whoever saw a delivery can send its
 * body again with another topic in the header.  And bodies of several topics
 * look alike: {"id":7} deletes an order, a customer or a product, and the body
 * of a restored order looks like that of any order.  Therefore each store has
 * several addresses that nobody can guess.  Somebody who saw one delivery knows
 * only one address.
 *
 * An address ends in a token, 32 bytes as base64url, which is computed when
 * needed and never stored:
 *
 *  1. The first half is an HMAC of the store's number, the store's old token
 *     (webhook_token in the database) and the address's name.  Nobody can guess
 *     a token, even with other tokens of the store at hand.
 *  2. The second half is the store's number and the address, hidden by an HMAC
 *     of the first half.  As loyald reads the store from the token itself,
 *     100,000 stores need no table of a million tokens.
 *
 * The two HMACs have a key of their own, derived from the master key.
 */

enum {
	ADDRESS_TOKEN_LEN = 43,
	ADDRESS_PATH_MAX = 64, /* bytes of a path, with the zero */
};

#define ADDRESS_WEBHOOKS_PATH "/webhooks/"
#define ADDRESS_EVENTS_PATH   "/events/"

/* Returns the name of an address, like "orders_deleted"; NULL for an address
 * without a token. */
const char *address_name(enum address);
/* Whether the address is for events, which programs of the merchant send. */
bool address_is_events(enum address);

/* ---- the address of each topic --------------------------------------- */

/* Returns the address at which topics of this kind are accepted. */
enum address address_of_topic(enum topic_kind);

/* Returns the i-th topic, from 0, that belongs to an address of a store of this
 * platform; NULL after the last. */
const char *address_topic(enum platform, enum address, size_t i);

/*
 * Refuses (REJECT, "misdirected: ...") a message that came to an address where
 * its topic is not accepted.  Topics that loyald does not use are not refused.
 */
int address_judge(const struct message *, struct err *) MUST_CHECK;

/*
 * Whether a store still uses its old single address.  The caller gives the
 * times of the last delivery at the old address and of the last one at any
 * other address of the store; 0 if there was none.  The old address is in use
 * for ADDRESS_OLD_DAYS after a delivery, and for ever while no delivery came to
 * another address.
 */
enum {
	/* long, since deletions, and so their webhooks, are rare */
	ADDRESS_OLD_DAYS = 30
};
bool address_is_old_used(int64_t old_at, int64_t own_at, int64_t now);

/* ---- tokens ---------------------------------------------------------- */

struct address_key;
struct address_key *address_key_new(const struct master_key *);
void address_key_free(struct address_key *);

/* Writes the token of a store's address.  The address must have a name. */
void address_token(const struct address_key *, int64_t store_id,
    struct str webhook_token, enum address, char out[ADDRESS_TOKEN_LEN + 1]);
/* Writes "/webhooks/TOKEN" or "/events/TOKEN".  For ADDRESS_SINGLE writes the
 * old path; the key may then be NULL. */
void address_path(const struct address_key *, int64_t store_id,
    struct str webhook_token, enum address, char out[ADDRESS_PATH_MAX]);

/* Reads the store and the address that a token claims, without proof: only
 * address_is() tells whether the claim is true.  False if the text cannot be a
 * token. */
bool address_claim(const struct address_key *, struct str token,
    int64_t *store_id, enum address *);
/* Whether the text is the token of the store's address.  The comparison takes
 * constant time. */
bool address_is(const struct address_key *, struct str token, int64_t store_id,
    struct str webhook_token, enum address);

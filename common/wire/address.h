/* SPDX-License-Identifier: MIT */
#ifndef WIRE_ADDRESS_H
#define WIRE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/key.h"
#include "base/message.h"
#include "base/str.h"
#include "wire/shop/shop.h"

/*
 * address: the addresses at which a store's deliveries come in, and which
 * topic is believed at which.
 *
 * Only the body of a delivery is signed.  The header that names its topic
 * can be exchanged by whoever saw one, and bodies of several topics look
 * alike: {"id":7} is a deletion of an order, a customer or a product, and an
 * order's body also fits "this order was restored".  So each store has
 * several addresses that nobody can guess, and who saw one delivery knows
 * one of them.
 *
 * An address ends in a token.  It is not kept anywhere but worked out: 32
 * bytes as base64url, of which
 *
 *  1. the first half is an HMAC of the store's number, its old token
 *     (webhook_token in the database) and the address's name, so that none
 *     can be guessed, also by who knows others;
 *  2. the second half is the store's number and the address, hidden by an
 *     HMAC of the first half, so that a token says whose it is: a list of
 *     100,000 stores needs no table of a million tokens.
 *
 * Both are under a key of their own, derived from the master key.
 */

enum {
	ADDRESS_TOKEN_LEN = 43,
	ADDRESS_PATH_MAX = 64, /* bytes of a path, with the zero */
};

#define ADDRESS_WEBHOOKS_PATH "/webhooks/"
#define ADDRESS_EVENTS_PATH   "/events/"

/* "orders_deleted"; NULL for those that have no token of their own. */
const char *address_name(enum address);
/* Whether a program of the merchant's own posts there, no shop. */
bool address_is_events(enum address);

/* ---- which topic belongs where --------------------------------------- */

enum address address_of_topic(enum topic_kind);

/* The i-th topic of a store of this platform that belongs there, from 0;
 * NULL behind the last. */
const char *address_topic(enum platform, enum address, size_t i);

/*
 * Whether the message's topic is to be believed where the message came in.
 * REJECT, "misdirected: ...", if it is not.  A topic that loyald has no use
 * for is not judged here.
 */
int address_judge(const struct message *, struct err *) MUST_CHECK;

/*
 * Whether a store still uses its old address: something came there within
 * ADDRESS_OLD_DAYS, or ever, and nothing to one of its own.  When that was
 * last, of the old one and of its own, 0 if never.
 */
enum {
	ADDRESS_OLD_DAYS = 30 /* webhooks of products and deletions are rare */
};
bool address_is_old_used(int64_t old_at, int64_t own_at, int64_t now);

/* ---- tokens ---------------------------------------------------------- */

struct address_key;
struct address_key *address_key_new(const struct master_key *);
void address_key_free(struct address_key *);

/* The token of a store's address that has a name. */
void address_token(const struct address_key *, int64_t store_id,
    struct str webhook_token, enum address, char out[ADDRESS_TOKEN_LEN + 1]);
/* "/webhooks/TOKEN" or "/events/TOKEN"; of ADDRESS_SINGLE the old path, which
 * takes no key. */
void address_path(const struct address_key *, int64_t store_id,
    struct str webhook_token, enum address, char out[ADDRESS_PATH_MAX]);

/* Reads what a token claims; false if no token could claim that.  The claim is
 * true only if address_is() confirms it. */
bool address_claim(const struct address_key *, struct str token,
    int64_t *store_id, enum address *);
/* Whether this is the token of that store's address, in constant time. */
bool address_is(const struct address_key *, struct str token, int64_t store_id,
    struct str webhook_token, enum address);

#endif /* WIRE_ADDRESS_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "wire/sign.h"

/*
 * seen: knows the orders' bodies that were made durable lately, by the bodies'
 * signatures.
 * A platform sends an order's state under several topics (created, paid,
 * updated), and again if an answer was late.
 *
 *  1. A signature that was verified stands for its body.  Signed with another
 *     secret, a body counts as another body.
 *  2. A body is known for one store and one address of the store.
 *  3. A body is forgotten SEEN_SECONDS after it was made durable.  A later
 *     repeat goes to work again: times in ledger/arrivals.h stay right to the
 *     hour, and a repeat of an order that became a dead letter is posted if the
 *     cause was mended meanwhile.
 *  4. Memory is bounded by SEEN_MAX bodies, whichever stores send them.  Where
 *     there is no room, the oldest of a few bodies is forgotten.  A repeat of a
 *     forgotten body does no harm, and only costs more.
 *  5. All bodies are forgotten when the caller's `epoch` changes.
 */

enum {
	SEEN_SECONDS = 300,
	SEEN_MAX = 1 << 16, /* bodies, in two mebibytes */
};

struct seen_body {
	int64_t store_id;
	enum address address;
	uint8_t signature[HMAC_SIZE];
};

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *);

/* Whether a body was added in this epoch, and is not forgotten.  `now` is in
 * microseconds of a clock that never goes back. */
bool seen_has(
    struct seen *, uint64_t epoch, const struct seen_body *, int64_t now);
/* Adds a body that is durable now. */
void seen_add(
    struct seen *, uint64_t epoch, const struct seen_body *, int64_t now);

/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_BATCH_READ_H
#define LEDGER_BATCH_READ_H

#include "ledger/batch.h"
#include "ledger/products.h"

/*
 * batch_read: what the batch_*.c files share: a batch while its messages are
 * read, and how one of them is buried.  All of it is the batch's arena's.
 */

enum {
	HASH_SLOTS = 4096,    /* > 4 * 2 * LEDGER_BATCH_MAX: few collisions */
	APP_STORES_MAX = 256, /* looked at for whose an order is */
};

#define KEY_USED \
	"refused: idempotency key %s was used for something else before"

/* A batch while its messages are read. */
struct batch_reading {
	const struct world *world;
	struct batch_result *result;
	struct ledger_batch ledger;
	struct merge {
		const struct store *store;
		int64_t gone_id, kept_id, at;
	} merges[LEDGER_BATCH_MAX];
	size_t nmerges;
	struct product_news *products;
	size_t nproducts;
	struct burial *burials; /* written with the rest of the batch */
	size_t nburials;
	/* By (store, kind, id): where in the ledger batch; + 1, 0 is free. */
	uint16_t slots[HASH_SLOTS];
};

/* In the order receive took them, which several streams do not keep. */
int read_messages(struct batch_reading *, const struct message *, size_t n,
    struct err *) MUST_CHECK;

/* To be written with the batch; "class: sentence", as wire/ and the checks
 * write it, or the two apart. */
void bury_by_sentence(
    struct batch_reading *, const struct message *, const struct err *why);
struct burial burial_of(const struct world *, const struct message *,
    const char *why_class, const char *reason);

/* ---- batch_foreign.c: whose a body is ---- */

/*
 * REJECT if the event's order or customer is another shop's than the store's,
 * by the number that its body names or, if it names none (a refund, a payment,
 * a deletion, all that tells of a customer), that an order's body named before.
 */
int check_shop(struct batch_reading *, const struct store *,
    const struct event *, struct err *) MUST_CHECK;

#endif /* LEDGER_BATCH_READ_H */

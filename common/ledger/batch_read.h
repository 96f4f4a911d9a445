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
	APP_STORES_MAX = 256, /* looked at for a body that names no shop */
};

#define KEY_USED \
	"refused: idempotency key %s was used for something else before"

/* A batch while its messages are read. */
struct reading {
	struct batch_context *c;
	struct batch_result *result;
	struct ledger_batch ledger;
	struct merge {
		const struct store *store;
		int64_t gone_id, kept_id, at;
	} merges[LEDGER_BATCH_MAX];
	size_t nmerges;
	struct product_news *products;
	size_t nproducts;
	/* By (store, kind, id): where in the ledger batch; + 1, 0 is free. */
	uint16_t slots[HASH_SLOTS];
};

/* In the order receive took them, which several streams do not keep: of a
 * body sent to two stores the first is the one it is of. */
int read_messages(struct reading *, const struct message *, size_t n,
    struct err *) MUST_CHECK;

/* Within the transaction; "class: sentence", as wire/ and the checks write
 * it, or the two apart. */
int bury_by_sentence(struct batch_context *, const struct message *,
    const struct err *why, struct err *) MUST_CHECK;
int bury(struct batch_context *, const struct message *, const char *why_class,
    const char *reason, struct err *) MUST_CHECK;

/* ---- batch_foreign.c: whose a body is ---- */

/* The signed body names its shop by number: it has to be this store's. */
int check_shop(struct batch_context *, struct store *, int64_t shop_id,
    struct batch_result *, struct err *) MUST_CHECK;
/* A body that names none: no other store of the app has just this order. */
int check_elsewhere(struct reading *, const struct store *,
    const struct order *part, struct err *) MUST_CHECK;

#endif /* LEDGER_BATCH_READ_H */

/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_SHOP_NUMBER_H
#define LEDGER_SHOP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg/pg.h"
#include "ledger/stores.h"

/*
 * shop_number: the platform's number of a shop, asked of its API once.
 *
 * Asking takes the same lease as pushing (outbox.h), so that a store still
 * gets one call at a time, but waits by a count of its own: balances do not
 * wait because a number cannot be had.
 */

struct shop_number_claim {
	int64_t tenant_id, store_id;
	int64_t leased_until; /* by the database's clock: who holds it */
	int32_t tries;        /* without an answer */
};

/* The stores whose number is to be asked for, of these; in the arena. */
struct shop_number_wanted {
	int64_t *tenant_ids, *store_ids;
	size_t n;
};
struct shop_number_wanted shop_number_wanted(
    struct arena *, const struct store *, size_t n);

/* Claims one of them, for lease_ms.  store_id 0: none is due. */
int shop_number_claim(struct pg *, struct arena *, int64_t lease_ms,
    const struct shop_number_wanted *, struct shop_number_claim *,
    struct err *) MUST_CHECK;

struct shop_number_result {
	int64_t number;      /* 0: there was no answer */
	const char *api_url; /* that was asked */
	const char *domain;  /* of the store, then */
	int64_t wait_ms;     /* before the next call of any kind */
	int64_t again_ms;    /* before it is asked again */
};

/*
 * Writes the number down, which decides from then on unless the operator has
 * given one (*operators; 0: none), and tells the processes; the store is free
 * again.  Nothing of it if the lease ran out; no number if the store has
 * another API or domain by now.  One transaction of its own.
 */
int shop_number_finish(struct pg *, struct arena *,
    const struct shop_number_claim *, const struct shop_number_result *,
    int64_t *operators, struct err *) MUST_CHECK;

#endif /* LEDGER_SHOP_NUMBER_H */

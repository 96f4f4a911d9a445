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
 * Asking takes the same lease as pushing (outbox.h), so that a store still gets
 * one call at a time.  Its failures are counted apart from those of pushing:
 * balances do not wait because a number cannot be had.
 */

struct shop_number_claim {
	int64_t tenant_id, store_id;
	/* By the database's clock; proves who holds the lease. */
	int64_t leased_until;
	int32_t tries; /* failures in a row */
};

/* The stores whose number has to be asked for, in the arena. */
struct shop_number_wanted {
	int64_t *tenant_ids, *store_ids;
	size_t n;
};
struct shop_number_wanted shop_number_wanted(
    struct arena *, const struct store *, size_t n);

/* Claims one of these stores for lease_ms.  store_id 0: none is due. */
int shop_number_claim(struct pg *, struct arena *, int64_t lease_ms,
    const struct shop_number_wanted *, struct shop_number_claim *,
    struct err *) MUST_CHECK;

struct shop_number_result {
	int64_t number;      /* 0: there was no answer */
	const char *api_url; /* the address that was asked */
	const char *domain;  /* the store's domain at that time */
	int64_t wait_ms;     /* before the next call of any kind to the store */
	int64_t again_ms;    /* before the number is asked for again */
};

/*
 * Gives the lease back and writes the number down, in one transaction.  The
 * number counts from then on, unless the operator has given another
 * (*operators; 0: none), and the processes are notified.  Nothing is written if
 * the lease ran out, and no number if the store has another API or domain by
 * now.
 */
int shop_number_finish(struct pg *, struct arena *,
    const struct shop_number_claim *, const struct shop_number_result *,
    int64_t *operators, struct err *) MUST_CHECK;

#endif /* LEDGER_SHOP_NUMBER_H */

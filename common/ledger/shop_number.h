/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"
#include "ledger/stores.h"

/*
 * shop_number: asks the API of a shop, once, for the number that the platform
 * has given to the shop.
 *
 * Asking needs the same lease as pushing balances (outbox.h), so that a store
 * still gets one call at a time.  Failures to ask are counted apart from
 * failures to push, so that they do not delay balances.
 */

struct shop_number_claim {
	int64_t tenant_id, store_id;
	/* The end of the lease by the database's clock, which also identifies
	 * the process that has the lease. */
	int64_t leased_until;
	int32_t tries; /* failures in a row to get the number */
};

/* The stores whose number loyald has to ask for; the arrays are in the
 * arena. */
struct shop_number_wanted {
	int64_t *tenant_ids, *store_ids;
	size_t n;
};
struct shop_number_wanted shop_number_wanted(
    struct arena *, const struct store *, size_t n);

/* Claims one of these stores for lease_ms.  The claim's store_id becomes 0 if
 * no store is due. */
int shop_number_claim(struct pg *, struct arena *, int64_t lease_ms,
    const struct shop_number_wanted *, struct shop_number_claim *,
    struct err *) MUST_CHECK;

struct shop_number_result {
	/* The number of the shop; 0: there was no answer. */
	int64_t number;
	const char *api_url; /* the address that was asked */
	const char *domain;  /* the store's domain at that time */
	/* How long the store waits until its next call of any kind. */
	int64_t wait_ms;
	int64_t again_ms; /* how long until the number is asked for again */
};

/*
 * Ends the lease and saves the number, in one transaction.  The number is used
 * from then on, and the processes are notified.  But if the operator has set a
 * number, the operator's number stays in use, and *operators becomes that
 * number; else *operators becomes 0.  Nothing is saved if the lease has run
 * out.  The number is not saved if the store's API or domain has changed
 * meanwhile.
 */
int shop_number_finish(struct pg *, struct arena *,
    const struct shop_number_claim *, const struct shop_number_result *,
    int64_t *operators, struct err *) MUST_CHECK;

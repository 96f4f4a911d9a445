/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/wallets.h"

/*
 * charities: the money that is owed to charities because of members' gifts, and
 * the payments to the charities.
 *
 * An operator notes that a charity was paid.  Later the process `schedule`
 * posts the payment, member by member, from the account that holds the money
 * owed to the charity.
 */

enum {
	PAYOUTS_MAX = 100, /* payouts posted in one transaction */
};

struct charity_row {
	const char *charity;
	/* The wallet in whose units the amounts are; wallet.balance is not set.
	 */
	struct wallet_row wallet;
	int64_t owed, paid; /* units */
	int64_t open;       /* payouts that are still to be posted */
};

/* Lists the charities that the store's merchant owes or has paid. */
int charities_list(struct pg *, struct arena *, int64_t store_id,
    struct charity_row **, size_t *n, struct err *) MUST_CHECK;

/* A payment to a charity of everything that the charity is owed at the time
 * `at`. */
struct charity_payment {
	int64_t store_id;
	const char *charity;
	int64_t at;
	const char *by; /* name of the operator */
};
/* Saves the payment.  REJECT if the charity was owed nothing, or if another
 * payment to it is still to be posted. */
int charity_pay(struct pg *, struct arena *, const struct charity_payment *,
    struct err *) MUST_CHECK;

/* Posts up to PAYOUTS_MAX payments to charities, in a transaction of its own;
 * *n becomes the number of payments posted. */
int payouts_post(
    struct pg *, struct arena *, size_t *n, struct err *) MUST_CHECK;

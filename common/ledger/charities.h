/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_CHARITIES_H
#define LEDGER_CHARITIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/account.h"
#include "ledger/wallets.h"

/*
 * charities: the money that is owed to charities because of members' gifts, and
 * the payments to the charities.
 *
 * An operator writes down that a charity was paid.  Then schedule posts the
 * payment, member by member, from the account of the money that is owed to the
 * charity.
 */

enum {
	PAYOUTS_MAX = 100, /* payouts posted in one transaction */
};

struct charity_row {
	const char *charity;
	/* The unit of the amounts; its balance is not set. */
	struct wallet_row wallet;
	int64_t owed, paid; /* units */
	int64_t open;       /* payouts that are still to be posted */
};

/* Lists the charities that the store's merchant owes or has paid. */
int charities_list(struct pg *, struct arena *, int64_t store_id,
    struct charity_row **, size_t *n, struct err *) MUST_CHECK;

/* A payment to a charity of all that it was owed at that time. */
struct charity_payment {
	int64_t store_id;
	const char *charity;
	int64_t at;
	const char *by; /* name of the operator */
};
/* Writes the payment down.  REJECT if the charity was owed nothing, or another
 * payout is still to be posted. */
int charity_pay(struct pg *, struct arena *, const struct charity_payment *,
    struct err *) MUST_CHECK;

/* Posts payouts, in a transaction of its own; *n becomes their number. */
int payouts_post(
    struct pg *, struct arena *, size_t *n, struct err *) MUST_CHECK;

#endif /* LEDGER_CHARITIES_H */

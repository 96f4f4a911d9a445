/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/account.h"
#include "io/pg/pg.h"
#include "ledger/columns.h"
#include "ledger/world.h"

/*
 * balances: saves the points of members who have no timeline.  The caller's
 * transaction has locked the balances of these members.
 */

struct member_balance {
	struct member_key key;
	struct balance before, now;
	bool folded; /* the member has a timeline, which decides the balance */
	/* The balance has no row yet, since the transaction has made the
	 * member. */
	bool fresh;
	/* Set of a fresh balance alone, as in struct member_made. */
	int64_t store_id, customer_id;
	bool waits; /* the row is written after the member's fold */
};

/* Reads a balance from a row of a result.  The columns are tenant_id, member_id
 * and the five that rows_balance() reads. */
struct member_balance balances_read(const struct pg_rows *, int row);
/* Write a whole row for balance_put.sql, and for balance_make.sql.  Both
 * statements put balances of points into the outbox, for each store that knows
 * the member as a customer: of members that were made, that is one at most. */
void balances_put_row(struct columns *, const struct member_key *,
    int16_t wallet, const struct balance *);
void balances_make_row(struct columns *, const struct member_made *,
    int16_t wallet, const struct balance *, int64_t version);
/* Writes the balances that changed or have no row. */
int balances_save(const struct world *, const struct member_balance *, size_t n,
    struct err *) MUST_CHECK;

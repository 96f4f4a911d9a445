/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_BALANCES_H
#define LEDGER_BALANCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "core/account.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * balances: points of members without a timeline, inside a transaction that has
 * locked the rows of these members.
 */

struct member_balance {
	struct member_key key;
	struct balance before, now;
	bool folded; /* the member has a timeline, which decides the balance */
};

/* Reads a balance from columns: tenant_id, member_id, and those of
 * rows_balance(). */
struct member_balance balances_read(const struct pg_rows *, int row);
/* Writes the balances that changed, and puts them into the outbox for the
 * members' stores. */
int balances_save(const struct world *, const struct member_balance *, size_t n,
    struct err *) MUST_CHECK;

#endif /* LEDGER_BALANCES_H */

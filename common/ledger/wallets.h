/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_WALLETS_H
#define LEDGER_WALLETS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/account.h"
#include "core/program.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * wallets: what a tenant's members can have, and how people write it.
 *
 * Units are whole numbers, of money thousandths of the minor unit: "0.625"
 * euros are 62500.
 */

struct wallet_row {
	const char *id;
	enum wallet_unit unit;
	int exponent;           /* of the currency; money */
	struct balance balance; /* a member's */
};

struct wallet_list {
	struct wallet_row *list;
	size_t n;
};

/* All wallets of a tenant with what a member has in them; `at` 0: now, else
 * by what had happened by then. */
int wallets_of_member(struct pg *, struct arena *, struct member_key,
    int64_t at, struct wallet_list *, struct err *) MUST_CHECK;

/* What is owed to charities because of the member: `available` of one row
 * each, money, the charity's id. */
int charities_of_member(struct pg *, struct arena *, struct member_key,
    struct wallet_list *, struct err *) MUST_CHECK;

/* NULL if there is none of that id. */
const struct wallet_row *wallet_find(
    const struct wallet_list *, const char *id);

/* "-5", or of money "-5.00", to units.  REJECT if it is none of them. */
int units_parse(
    const struct wallet_row *, struct str, int64_t *, struct err *) MUST_CHECK;
/* The other way; of money no more decimals than it has, and no fewer than
 * the currency. */
const char *units_text(struct arena *, const struct wallet_row *, int64_t);

#endif /* LEDGER_WALLETS_H */

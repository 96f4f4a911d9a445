/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/account.h"
#include "core/program.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * wallets: the wallets of a tenant's members, and how units are written for
 * people.
 *
 * Units are whole numbers.  In a wallet of money a unit is a thousandth of the
 * minor unit: "0.625" euros are 62500 units.
 */

struct wallet_row {
	const char *id;
	enum wallet_unit unit;
	int exponent; /* decimals of the currency, in a wallet of money */
	struct balance balance; /* the balance of a member, in units */
};

struct wallet_list {
	struct wallet_row *list;
	size_t n;
};

/* Lists all wallets of a tenant with a member's balance in each: the present
 * balance if `at` is 0, else the balance at the time `at`. */
int wallets_of_member(struct pg *, struct arena *, struct member_key,
    int64_t at, struct wallet_list *, struct err *) MUST_CHECK;

/* Lists the member's donations that charities are still owed: a row for each
 * charity, with the charity's id, and the amount of money in `available`. */
int charities_of_member(struct pg *, struct arena *, struct member_key,
    struct wallet_list *, struct err *) MUST_CHECK;

/* Finds a wallet by its id; NULL if there is none. */
const struct wallet_row *wallet_find(
    const struct wallet_list *, const char *id);

/* Reads "-5" or, for money, "-5.00" as units.  REJECT if the text is no such
 * number. */
int units_parse(
    const struct wallet_row *, struct str, int64_t *, struct err *) MUST_CHECK;
/* Writes units as a text.  Money has at least the decimals of its currency;
 * further decimals are written only if they are not zero. */
const char *units_text(struct arena *, const struct wallet_row *, int64_t);

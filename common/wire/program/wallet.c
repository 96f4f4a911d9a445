/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

/* The largest worth of one unit, in MILLI: a million in a currency of two
 * decimals. */
#define WORTH_MAX (INT64_C(100000000) * MILLI)

/* ---- expiry -------------------------------------------------------------- */

static void
expiry_end_of(const struct node *n, struct expiry *x)
{
	static const char *const ends[] = { "month", "year", NULL };
	static const enum window windows[] = { WINDOW_MONTH, WINDOW_YEAR };
	struct node end;
	int end_of = 0;

	if (!node_get(n, "end_of", &end)) {
		node_refuse_key(n, "plus", "it goes with \"end_of\"");
		return;
	}
	node_word(n, "end_of", ends, &end_of);
	x->end_of = windows[end_of];
	period_read(n, "plus", &x->plus);
}

/* Reads "activity": the kinds of activity that keep units from expiring.
 * Without the list, all kinds do. */
static void
expiry_activity(const struct node *n, struct wallet *w)
{
	static const char *const words[] = { "earn", "redeem", "order" };
	bool *const what[] = { &w->active_by_earning, &w->active_by_redeeming,
		&w->active_by_order };
	struct node list;
	bool has_list = node_get(n, "activity", &list);

	for (size_t i = 0; i < NITEMS(what); i++)
		*what[i] = !has_list;
	if (!has_list || node_check_list(&list, 1, NITEMS(what)) == -1)
		return;
	for (size_t i = 0; i < node_count(&list); i++) {
		struct node item = node_item(&list, i);
		struct str s = { 0 };
		size_t j = 0;

		node_str(&item, &s);
		while (j < NITEMS(words) && !str_eq(s, str_of(words[j])))
			j++;
		if (j == NITEMS(words))
			node_refuse(&item,
			    "must be one of these words: earn, redeem, order");
		else if (*what[j])
			node_refuse(&item, "is said twice");
		else
			*what[j] = true;
	}
}

static void
expiry_inactive(const struct node *n, struct expiry *x, struct wallet *w)
{
	struct node inactive;

	if (!node_get(n, "inactive", &inactive)) {
		node_refuse_key(n, "activity", "it goes with \"inactive\"");
		return;
	}
	if (w == NULL) {
		node_refuse(&inactive,
		    "cannot be said here: only a whole wallet is inactive");
		return;
	}
	period_read(n, "inactive", &x->inactive);
	expiry_activity(n, w);
}

void
expiry_read(
    struct draft *d, const struct node *up, struct expiry *x, struct wallet *w)
{
	static const char *const keys[] = { "after", "end_of", "plus",
		"inactive", "activity", "on", NULL };
	struct node n, on;

	if (!node_get(up, "expires", &n) || node_check_object(&n, keys) == -1)
		return;
	period_read(&n, "after", &x->after);
	expiry_end_of(&n, x);
	expiry_inactive(&n, x, w);
	if (node_get(&n, "on", &on))
		date_of(d, &on, true, &x->on);
	if (x->after.n == 0 && x->end_of == 0 && x->inactive.n == 0 &&
	    x->on == 0 && !node_is_wrong(&n))
		node_refuse(
		    &n, "says nothing; for never, say \"after\": \"ever\"");
}

/* ---- wallets ------------------------------------------------------------- */

static void
wallet_of(struct draft *d, const struct node *n, struct wallet *w)
{
	static const char *const keys[] = { "unit", "worth", "expires",
		"negative", "names", NULL };
	static const char *const units[] = { "points", "money", "vouchers",
		NULL };
	static const char *const negatives[] = { "debt", "allow", "forgive",
		NULL };
	int unit = 0, negative = 0;
	struct node worth;

	if (node_check_object(n, keys) == -1)
		return;
	if (node_word(n, "unit", units, &unit) == 0)
		w->unit = (enum wallet_unit)(UNIT_POINTS + unit);
	node_word(n, "negative", negatives, &negative);
	w->negative = (enum negative)(NEGATIVE_DEBT + negative);
	names_read(d, n, &w->names);
	expiry_read(d, n, &w->expires, w);
	if (!node_get(n, "worth", &worth) || w->unit == 0)
		return;
	if (w->unit == UNIT_MONEY)
		node_refuse_key(n, "worth", "money is worth itself");
	else
		/* A point may be worth less than the smallest coin, so its
		 * worth has three decimals more. */
		node_decimal(
		    &worth, d->p.exponent + MILLI_PLACES, WORTH_MAX, &w->worth);
}

void
wallets_declare(struct draft *d, const struct node *file)
{
	static const struct listed wallets = { "wallets", true, WALLETS_MAX,
		sizeof(struct wallet) };
	const struct wallet *own = ids_declare(
	    d, file, &wallets, &d->p.nwallets);
	struct node n;

	/* Room for two wallets more than the file has: one for a file without
	 * any wallet, and one for the charities. */
	d->wallets = arena_array(
	    d->arena, d->p.nwallets + 2, sizeof(*d->wallets));
	d->p.wallets = d->wallets;
	memcpy(d->wallets, own, d->p.nwallets * sizeof(*own));
	if (d->p.nwallets == 0)
		d->wallets[d->p.nwallets++] = (struct wallet){ .id = "points",
			.unit = node_get(file, "wallets", &n) ? 0 : UNIT_POINTS,
			.negative = NEGATIVE_DEBT };
	if (d->p.charities.n == 0)
		return;
	d->charity = d->p.nwallets++;
	d->wallets[d->charity] = (struct wallet){ .id = CHARITY_WALLET,
		.unit = UNIT_MONEY,
		.negative = NEGATIVE_ALLOW,
		.charity = true };
}

void
wallets_read(struct draft *d, const struct node *file)
{
	size_t own = d->p.nwallets - (d->charity != NONE ? 1 : 0);
	struct node n, it = { 0 };

	if (!node_get(file, "wallets", &n) || !node_is_object(&n))
		return;
	for (size_t i = 0; i < own && node_each(&n, &it); i++) {
		if (strcmp(it.key, CHARITY_WALLET) == 0)
			node_refuse(
			    &it, "is the name of what is owed to charities");
		wallet_of(d, &it, &d->wallets[i]);
	}
}

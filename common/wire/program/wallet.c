/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

enum {
	MILLI_PLACES = 3, /* decimals of MILLI */
};

/* Of one unit, in MILLI: a million in a currency of two decimals. */
#define WORTH_MAX (INT64_C(100000000) * MILLI)

/* ---- expiry -------------------------------------------------------------- */

static int
expiry_end_of(const struct node *n, struct expiry *x, struct err *e)
{
	static const char *const ends[] = { "month", "year", NULL };
	static const enum window windows[] = { WINDOW_MONTH, WINDOW_YEAR };
	struct node end;
	int end_of = 0;

	if (!node_get(n, "end_of", &end))
		return refuse_key(n, "plus", "it goes with \"end_of\"", e);
	if (node_word(n, "end_of", ends, &end_of, e) == -1)
		return -1;
	x->end_of = windows[end_of];
	return read_period(n, "plus", &x->plus, e);
}

static int
expiry_activity(const struct node *n, struct wallet *w, struct err *e)
{
	static const char *const words[] = { "earn", "redeem", "order", NULL };
	bool *const what[] = { &w->active_by_earning, &w->active_by_redeeming,
		&w->active_by_order };
	struct node list;

	for (size_t i = 0; i < NITEMS(what); i++)
		*what[i] = !node_get(n, "activity", &list);
	if (!node_get(n, "activity", &list))
		return 0;
	if (node_check_list(&list, 1, NITEMS(what), e) == -1)
		return -1;
	for (size_t i = 0; i < node_count(&list); i++) {
		struct node item = node_item(&list, i);
		struct str s = { 0 };
		size_t j = 0;

		(void)(node_str(&item, &s) == 0);
		while (words[j] != NULL && !str_eq(s, str_of(words[j])))
			j++;
		if (words[j] == NULL)
			return node_refuse(&item, e,
			    "must be one of these words: earn, redeem, order");
		if (*what[j])
			return node_refuse(&item, e, "is said twice");
		*what[j] = true;
	}
	return 0;
}

static int
expiry_inactive(
    const struct node *n, struct expiry *x, struct wallet *w, struct err *e)
{
	struct node inactive;

	if (!node_get(n, "inactive", &inactive))
		return refuse_key(
		    n, "activity", "it goes with \"inactive\"", e);
	if (w == NULL)
		return node_refuse(&inactive, e,
		    "cannot be said here: only a whole wallet is inactive");
	if (read_period(n, "inactive", &x->inactive, e) == -1)
		return -1;
	return expiry_activity(n, w, e);
}

int
read_expiry(struct draft *d, const struct node *up, struct expiry *x,
    struct wallet *w, struct err *e)
{
	static const char *const keys[] = { "after", "end_of", "plus",
		"inactive", "activity", "on", NULL };
	struct node n, on;

	if (!node_get(up, "expires", &n))
		return 0;
	if (node_check_object(&n, keys, e) == -1 ||
	    read_period(&n, "after", &x->after, e) == -1 ||
	    expiry_end_of(&n, x, e) == -1 || expiry_inactive(&n, x, w, e) == -1)
		return -1;
	if (node_get(&n, "on", &on) && date_of(d, &on, true, &x->on, e) == -1)
		return -1;
	if (x->after.n == 0 && x->end_of == 0 && x->inactive.n == 0 &&
	    x->on == 0)
		return node_refuse(
		    &n, e, "says nothing; for never, say \"after\": \"ever\"");
	return 0;
}

/* ---- wallets --------------------------------------------------------------- */

static int
wallet_of(
    struct draft *d, const struct node *n, struct wallet *w, struct err *e)
{
	static const char *const keys[] = { "unit", "worth", "expires",
		"negative", "names", NULL };
	static const char *const units[] = { "points", "money", "vouchers",
		NULL };
	static const char *const negatives[] = { "debt", "allow", "forgive",
		NULL };
	int unit = 0, negative = 0;
	struct node worth;

	if (node_check_object(n, keys, e) == -1 ||
	    node_word(n, "unit", units, &unit, e) == -1 ||
	    node_word(n, "negative", negatives, &negative, e) == -1 ||
	    read_names(d, n, &w->names, e) == -1 ||
	    read_expiry(d, n, &w->expires, w, e) == -1)
		return -1;
	w->unit = (enum wallet_unit)(UNIT_POINTS + unit);
	w->negative = (enum negative)(NEGATIVE_DEBT + negative);
	if (w->unit == UNIT_MONEY)
		return refuse_key(n, "worth", "money is worth itself", e);
	/* A point may be worth less than the currency's smallest coin. */
	if (!node_get(n, "worth", &worth))
		return 0;
	return decimal_of(
	    &worth, d->p.exponent + MILLI_PLACES, WORTH_MAX, &w->worth, e);
}

/* Room for the file's wallets and the charities'. */
static void
wallets_make(struct draft *d, size_t n)
{
	d->wallets = arena_array(d->arena, n + 1, sizeof(*d->wallets));
	d->p.wallets = d->wallets;
	d->p.nwallets = n;
	d->charity = NONE;
	if (d->p.charities.n == 0)
		return;
	d->charity = d->p.nwallets++;
	d->wallets[d->charity] = (struct wallet){ .id = CHARITY_WALLET,
		.unit = UNIT_MONEY,
		.negative = NEGATIVE_ALLOW,
		.charity = true };
}

int
read_wallets(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;
	struct node n;
	size_t i = 0;

	if (!node_get(file, "wallets", &n)) {
		wallets_make(d, 1);
		d->wallets[0] = (struct wallet){ .id = "points",
			.unit = UNIT_POINTS,
			.negative = NEGATIVE_DEBT };
		return 0;
	}
	if (!node_is_object(&n))
		return node_refuse(&n, e, "must be an object, {...}");
	if (read_ids(d, &n, WALLETS_MAX, &ids, e) == -1)
		return -1;
	wallets_make(d, ids.n);
	for (struct node it = { 0 }; node_each(&n, &it); i++) {
		if (strcmp(ids.list[i], CHARITY_WALLET) == 0)
			return node_refuse(
			    &it, e, "is the name of what is owed to charities");
		d->wallets[i].id = ids.list[i];
		if (wallet_of(d, &it, &d->wallets[i], e) == -1)
			return -1;
	}
	return 0;
}

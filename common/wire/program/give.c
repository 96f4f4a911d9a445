/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "wire/program/internal.h"

/*
 * Reads what a rule gives ("give"), and at most how much of it ("limit").
 */

enum {
	SHARE_PLACES = 4,    /* decimals of a percentage that is given */
	SHARE_ALL = 1000000, /* 100 % with SHARE_PLACES decimals */
};

static bool
has_amount(const struct rule *r)
{
	return r->on == ON_ORDER || r->on == ON_EVENT;
}

/* Whether the wallet is no money wallet; false for a wallet whose unit was
 * refused, so that one mistake is not reported twice. */
static bool
lacks_money(const struct draft *d, size_t wallet)
{
	enum wallet_unit unit = d->p.wallets[wallet].unit;

	return unit != 0 && unit != UNIT_MONEY;
}

/* ---- "per": what the rule counts ----------------------------------------- */

static int
per_money(const struct draft *d, const struct node *n, struct rule *r)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };

	if (!has_amount(r))
		return node_refuse(n,
		    "must be \"event\": only orders and events have an "
		    "amount");
	r->by = PER_MONEY;
	return node_money(n, d->p.exponent, bounds, &r->per);
}

/* Refuses a word that is no value of "per", and suggests the right word. */
static int
per_refuse(const struct node *n, const char *word)
{
	static const char *const pieces[] = { "piece", "pieces", "items",
		"unit", "units", "quantity", "product", "products", "line",
		NULL };
	static const char *const once[] = { "order", "orders", "once", "events",
		NULL };

	if (word_is_one_of(word, pieces))
		return node_refuse(
		    n, "must be \"item\", for each piece that cost anything");
	if (word_is_one_of(word, once))
		return node_refuse(n, "must be \"event\", for each order or "
		                      "event once");
	return node_refuse(n,
	    "must be money as text, like \"1\", or one of these words: item, "
	    "count, event");
}

static int
per_of(const struct draft *d, const struct node *n, struct rule *r)
{
	struct str s = { 0 };

	r->per = 1;
	if (!node_str(n, &s))
		return per_refuse(n, "");
	if (str_eq(s, STR("event"))) {
		r->by = PER_EVENT;
		return 0;
	}
	if (str_eq(s, STR("item"))) {
		r->by = PER_ITEM;
		if (r->on != ON_ORDER)
			return node_refuse(n, "is only for orders");
		return 0;
	}
	if (str_eq(s, STR("count"))) {
		r->by = PER_COUNT;
		if (r->on != ON_EVENT)
			return node_refuse(n, "is only for events");
		return 0;
	}
	if (s.len > 0 && strspn(s.data, "0123456789.,-+ ") == 0)
		return per_refuse(n, s.data);
	return per_money(d, n, r);
}

static int
per_read(const struct draft *d, const struct node *give, struct rule *r)
{
	struct node n;

	if (node_get(give, "per", &n)) {
		if (per_of(d, &n, r) == -1)
			return -1;
		if (r->take_wallet != NONE && r->by != PER_EVENT)
			return node_refuse(
			    &n, "must be \"event\": it is for each taking");
		return 0;
	}
	r->by = PER_EVENT;
	r->per = 1;
	if (r->on != ON_ORDER || node_get(give, "amount", &n))
		return 0;
	r->by = PER_MONEY;
	for (int i = 0; i < d->p.exponent; i++)
		r->per *= 10;
	return 0;
}

/* ---- how much ------------------------------------------------------------ */

static int
give_points(const struct draft *d, const struct node *give, struct rule *r)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };
	struct node n;

	if (!node_get(give, "points", &n))
		return node_is_wrong(give)
		           ? -1
		           : node_refuse(give,
		                 "lacks \"points\", \"percent\" or "
		                 "\"amount\", how much it gives");
	if (d->p.wallets[r->wallet].unit == UNIT_MONEY)
		return node_refuse(
		    &n, "cannot go into money: say \"amount\" or \"percent\"");
	return node_int(&n, bounds, &r->units);
}

static int
give_amount(const struct draft *d, const struct node *n, struct rule *r)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };

	if (lacks_money(d, r->wallet))
		return node_refuse(n,
		    "is money, and \"%s\" has none: say \"points\"",
		    d->p.wallets[r->wallet].id);
	if (node_refuse_key(n->up, "points", "\"amount\" says it") == -1 ||
	    node_money(n, d->p.exponent, bounds, &r->units) == -1)
		return -1;
	r->units *= MILLI;
	return 0;
}

/* Reads a percentage as the fraction units / per.  Units are in MILLI
 * (thousandths).  Amounts of orders are in minor units, so they are multiplied
 * by MILLI; an amount from a wallet is in MILLI already. */
static int
percent_of(
    const struct node *n, const struct rule *r, int64_t *units, int64_t *per)
{
	if (node_decimal(n, SHARE_PLACES, SHARE_ALL, units) == -1)
		return -1;
	if (r->take_wallet == NONE)
		*units *= MILLI;
	*per = SHARE_ALL;
	return 0;
}

static int
by_year(const void *a, const void *b)
{
	return ((const struct declared *)a)->year -
	       ((const struct declared *)b)->year;
}

static int
declared_read(struct draft *d, const struct node *give, struct rule *r)
{
	struct declared *list;
	struct node n, it = { 0 };

	if (!node_get(give, "declared", &n))
		return 0;
	if (node_check_object(&n, NULL) == -1)
		return -1;
	list = arena_array(d->arena, node_members(&n), sizeof(*list));
	while (node_each(&n, &it)) {
		struct declared *y = &list[r->ndeclared];
		int64_t year = 0;

		if (r->ndeclared == DECLARED_MAX)
			return node_refuse(
			    &it, "is too much: at most %d years", DECLARED_MAX);
		if (str_int64(str_of(it.key), &year) == -1 || year < 1000 ||
		    year > 9999 || strlen(it.key) != 4) {
			node_refuse(&it, "is no year");
			continue;
		}
		y->year = (int)year;
		if (percent_of(&it, r, &y->units, &y->per) == 0)
			r->ndeclared++;
	}
	if (it.value == NULL)
		return node_refuse(&n, "says nothing");
	qsort(list, r->ndeclared, sizeof(*list), by_year);
	r->declared = list;
	return 0;
}

static int
give_percent(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const says = "\"percent\" says it";

	if (lacks_money(d, r->wallet))
		return node_refuse(n,
		    "is of money, and \"%s\" has none: say \"points\"",
		    d->p.wallets[r->wallet].id);
	node_refuse_key(n->up, "points", says);
	node_refuse_key(n->up, "amount", says);
	node_refuse_key(n->up, "per", "a percentage is of all of it");
	if (r->take_wallet == NONE && !has_amount(r))
		return node_refuse(n,
		    "needs an amount it is of: an order, an event, or what is "
		    "taken");
	if (r->take_wallet != NONE && lacks_money(d, r->take_wallet))
		return node_refuse(n,
		    "is of what is taken, and \"%s\" has no money",
		    d->p.wallets[r->take_wallet].id);
	r->by = PER_MONEY;
	percent_of(n, r, &r->units, &r->per);
	return declared_read(d, n->up, r);
}

void
give_read(struct draft *d, const struct node *rule, struct rule *r)
{
	static const char *const keys[] = { "points", "per", "percent",
		"amount", "declared", NULL };
	struct node n, how;

	if (node_need(rule, "give", "what it gives", &n) == -1 ||
	    node_check_object(&n, keys) == -1)
		return;
	if (node_get(&n, "percent", &how)) {
		give_percent(d, &how, r);
		return;
	}
	node_refuse_key(&n, "declared", "it goes with \"percent\"");
	if (node_get(&n, "amount", &how))
		give_amount(d, &how, r);
	else
		give_points(d, &n, r);
	per_read(d, &n, r);
}

/* ---- limits -------------------------------------------------------------- */

static bool
limit_is_there(const struct rule *r, const struct limit *l)
{
	for (size_t i = 0; i < r->nlimits; i++)
		if (r->limits[i].window == l->window &&
		    r->limits[i].of_program == l->of_program)
			return true;
	return false;
}

static void
limit_of(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const keys[] = { "most", "per", "of", NULL };
	static const char *const whose[] = { "member", "program", NULL };
	struct limit *l = &r->limits[r->nlimits];
	struct node most, per;
	int of = 0;

	if (node_check_object(n, keys) == -1)
		return;
	if (node_need(n, "most", "how much at most", &most) == 0)
		units_of(d, &most, r->wallet, 1, &l->most);
	node_word(n, "of", whose, &of);
	l->of_program = of == 1;
	if (node_need(n, "per", "in which time", &per) == -1 ||
	    window_read(d, n, "per",
	        r->on == ON_ORDER ? WINDOW_LINE : WINDOW_ORDER,
	        &l->window) == -1)
		return;
	if (!d->kept && l->window == WINDOW_LINE && r->by == PER_EVENT)
		node_refuse(&per,
		    "cannot be \"line\": what is given once is of no line");
	else if (l->of_program && l->window != WINDOW_LIFETIME)
		node_refuse(&per,
		    "must be \"lifetime\": what all members have together is "
		    "counted in all");
	else if (limit_is_there(r, l))
		node_refuse(&per, "is of another limit already");
	r->nlimits++;
}

/* Sorts limits from the shortest window to the longest: a limit per month is
 * applied only to the units that the limits per day let through.  Limits that
 * all members share come last. */
static int
shortest_first(const void *a, const void *b)
{
	const struct limit *x = a, *y = b;

	if (x->of_program != y->of_program)
		return x->of_program ? 1 : -1;
	return (int)x->window - (int)y->window;
}

void
limits_read(struct draft *d, const struct node *rule, struct rule *r)
{
	struct node n;

	if (!node_get(rule, "limit", &n))
		return;
	if (!node_is_list(&n)) {
		limit_of(d, &n, r);
		return;
	}
	if (node_check_list(&n, 1, LIMITS_MAX) == -1)
		return;
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);

		limit_of(d, &item, r);
	}
	qsort(r->limits, r->nlimits, sizeof(r->limits[0]), shortest_first);
}

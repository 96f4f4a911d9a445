/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

/*
 * What a rule gives, and how much of it at most.
 */

enum {
	PERCENT_PLACES = 4,
	PERCENT_ONE = 10000,             /* 1 %, in 10^-4 */
	PERCENT_MAX = 100 * PERCENT_ONE, /* all of it */
};

static bool
has_amount(const struct rule *r)
{
	return r->on == ON_ORDER || r->on == ON_EVENT;
}

static bool
gives_money(const struct draft *d, const struct rule *r)
{
	return d->p.wallets[r->wallet].unit == UNIT_MONEY;
}

/* ---- for each what ----------------------------------------------------------- */

static int
per_money(
    const struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };

	if (!has_amount(r))
		return node_refuse(n, e,
		    "must be \"event\": only orders and events have an "
		    "amount");
	r->by = PER_MONEY;
	return money_of(d, n, bounds, &r->per, e);
}

static int
per_of(
    const struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	struct str s = { 0 };

	r->per = 1;
	if (node_str(n, &s) == -1)
		return node_refuse(n, e,
		    "must be money as text, like \"1\", or one of these "
		    "words: item, count, event");
	if (str_eq(s, STR("event"))) {
		r->by = PER_EVENT;
		return 0;
	}
	if (str_eq(s, STR("item"))) {
		r->by = PER_ITEM;
		if (r->on != ON_ORDER)
			return node_refuse(n, e, "is only for orders");
		return 0;
	}
	if (str_eq(s, STR("count"))) {
		r->by = PER_COUNT;
		if (r->on != ON_EVENT)
			return node_refuse(n, e, "is only for events");
		return 0;
	}
	return per_money(d, n, r, e);
}

static int
read_per(const struct draft *d, const struct node *give, struct rule *r,
    struct err *e)
{
	struct node n;

	if (node_get(give, "per", &n)) {
		if (per_of(d, &n, r, e) == -1)
			return -1;
		if (r->take_wallet != NONE && r->by != PER_EVENT)
			return node_refuse(
			    &n, e, "must be \"event\": it is for each taking");
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

/* ---- how much ------------------------------------------------------------------ */

static int
give_points(const struct draft *d, const struct node *give, struct rule *r,
    struct err *e)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };
	struct node n;

	if (!node_get(give, "points", &n))
		return node_refuse(give, e,
		    "lacks \"points\", \"percent\" or \"amount\", how much it "
		    "gives");
	if (gives_money(d, r))
		return node_refuse(&n, e,
		    "cannot go into money: say \"amount\" or \"percent\"");
	if (node_int(&n, bounds, &r->units, e) == -1)
		return -1;
	return read_per(d, give, r, e);
}

static int
give_amount(const struct draft *d, const struct node *give, struct rule *r,
    struct err *e)
{
	static const int64_t bounds[2] = { 1, RATE_MAX };
	struct node n;

	if (!node_get(give, "amount", &n))
		return give_points(d, give, r, e);
	if (!gives_money(d, r))
		return node_refuse(&n, e,
		    "is money, and \"%s\" has none: say \"points\"",
		    d->p.wallets[r->wallet].id);
	if (refuse_key(give, "points", "\"amount\" says it", e) == -1 ||
	    money_of(d, &n, bounds, &r->units, e) == -1)
		return -1;
	r->units *= MILLI;
	return read_per(d, give, r, e);
}

/* A share of money, in MILLI: of minor units, or of what is taken, which is
 * in MILLI itself. */
static int
percent_of(const struct node *n, const struct rule *r, int64_t *units,
    int64_t *per, struct err *e)
{
	if (decimal_of(n, PERCENT_PLACES, PERCENT_MAX, units, e) == -1)
		return -1;
	if (r->take_wallet == NONE)
		*units *= MILLI;
	*per = PERCENT_MAX;
	return 0;
}

static int
by_year(const void *a, const void *b)
{
	return ((const struct declared *)a)->year -
	       ((const struct declared *)b)->year;
}

static int
read_declared(
    struct draft *d, const struct node *give, struct rule *r, struct err *e)
{
	struct declared *list;
	struct node n;

	if (!node_get(give, "declared", &n))
		return 0;
	if (!node_is_object(&n))
		return node_refuse(&n, e, "must be an object, {...}");
	list = arena_array(d->arena, DECLARED_MAX, sizeof(*list));
	for (struct node it = { 0 }; node_each(&n, &it);) {
		struct declared *y = &list[r->ndeclared];

		if (strlen(it.key) != 4 || strspn(it.key, "0123456789") != 4 ||
		    it.key[0] == '0')
			return node_refuse(&it, e, "is no year");
		if (r->ndeclared == DECLARED_MAX)
			return node_refuse(&it, e,
			    "is too much: at most %d years", DECLARED_MAX);
		y->year = atoi(it.key);
		if (percent_of(&it, r, &y->units, &y->per, e) == -1)
			return -1;
		r->ndeclared++;
	}
	if (r->ndeclared == 0)
		return node_refuse(&n, e, "says nothing");
	qsort(list, r->ndeclared, sizeof(*list), by_year);
	r->declared = list;
	return 0;
}

static int
give_percent(struct draft *d, const struct node *give, const struct node *n,
    struct rule *r, struct err *e)
{
	if (!gives_money(d, r))
		return node_refuse(n, e,
		    "is of money, and \"%s\" has none: say \"points\"",
		    d->p.wallets[r->wallet].id);
	if (refuse_key(give, "points", "\"percent\" says it", e) == -1 ||
	    refuse_key(give, "amount", "\"percent\" says it", e) == -1 ||
	    refuse_key(give, "per", "a percentage is of all of it", e) == -1)
		return -1;
	if (r->take_wallet == NONE && !has_amount(r))
		return node_refuse(n, e,
		    "needs an amount it is of: an order, an event, or what is "
		    "taken");
	if (r->take_wallet != NONE &&
	    d->p.wallets[r->take_wallet].unit != UNIT_MONEY)
		return node_refuse(n, e,
		    "is of what is taken, and \"%s\" has no money",
		    d->p.wallets[r->take_wallet].id);
	r->by = PER_MONEY;
	if (percent_of(n, r, &r->units, &r->per, e) == -1)
		return -1;
	return read_declared(d, give, r, e);
}

int
read_give(
    struct draft *d, const struct node *rule, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "points", "per", "percent",
		"amount", "declared", NULL };
	struct node n, percent;

	if (node_need(rule, "give", "what it gives", &n, e) == -1 ||
	    node_check_object(&n, keys, e) == -1)
		return -1;
	if (node_get(&n, "percent", &percent))
		return give_percent(d, &n, &percent, r, e);
	if (refuse_key(&n, "declared", "it goes with \"percent\"", e) == -1)
		return -1;
	return give_amount(d, &n, r, e);
}

/* ---- how much at most ------------------------------------------------------------- */

static int
limit_of(struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "most", "per", "of", NULL };
	static const char *const whose[] = { "member", "program", NULL };
	struct limit *l = &r->limits[r->nlimits];
	struct node child;
	int of = 0;

	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "most", "how much at most", &child, e) == -1 ||
	    units_of(d, &child, r->wallet, 1, &l->most, e) == -1 ||
	    node_need(n, "per", "in which time", &child, e) == -1 ||
	    read_window(d, n, "per",
	        r->on == ON_ORDER ? WINDOW_LINE : WINDOW_ORDER, &l->window,
	        e) == -1 ||
	    node_word(n, "of", whose, &of, e) == -1)
		return -1;
	if (!d->kept && l->window == WINDOW_LINE && r->by == PER_EVENT)
		return node_refuse(&child, e,
		    "cannot be \"line\": what is given once is of no line");
	l->of_program = of == 1;
	if (l->of_program && l->window != WINDOW_LIFETIME)
		return node_refuse(&child, e,
		    "must be \"lifetime\": what all members have together is "
		    "counted in all");
	for (size_t i = 0; i < r->nlimits; i++)
		if (r->limits[i].window == l->window &&
		    r->limits[i].of_program == l->of_program)
			return node_refuse(
			    &child, e, "is of another limit already");
	r->nlimits++;
	return 0;
}

/* What a day lets through is what a month is asked for, however the file
 * lists them; what all members have together is asked last. */
static int
shortest_first(const void *a, const void *b)
{
	const struct limit *x = a, *y = b;

	if (x->of_program != y->of_program)
		return x->of_program ? 1 : -1;
	return (int)x->window - (int)y->window;
}

int
read_limits(
    struct draft *d, const struct node *rule, struct rule *r, struct err *e)
{
	struct node n;

	if (!node_get(rule, "limit", &n))
		return 0;
	if (!node_is_list(&n))
		return limit_of(d, &n, r, e);
	if (node_check_list(&n, 1, LIMITS_MAX, e) == -1)
		return -1;
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);

		if (limit_of(d, &item, r, e) == -1)
			return -1;
	}
	qsort(r->limits, r->nlimits, sizeof(r->limits[0]), shortest_first);
	return 0;
}

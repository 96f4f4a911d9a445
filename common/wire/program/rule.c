/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/match.h"
#include "wire/program/internal.h"

/* ---- when ------------------------------------------------------------------- */

/* The day of an ON_DATE, "03-01". */
static int
rule_date(struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	struct node date;
	struct str s;
	int year;

	if (r->on != ON_DATE)
		return refuse_key(
		    n, "date", "it goes with \"on\": \"date\"", e);
	if (node_need(n, "date", "which one, like \"03-01\"", &date, e) == -1)
		return -1;
	/* In a year that has no 29 February: there is one each year. */
	if (node_str(&date, &s) == -1 || s.len != strlen("03-01") ||
	    !date_parse(arena_printf(d->arena, "2025-%.5s", s.data), &year,
	        &r->month, &r->day))
		return node_refuse(&date, e,
		    "must be a day that every year has, like \"03-01\"");
	return 0;
}

/* Reads the attribute that has the date of an ON_BIRTHDAY. */
static int
rule_attribute(
    struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	struct node attribute;

	if (r->on != ON_BIRTHDAY)
		return refuse_key(
		    n, "attribute", "it goes with \"on\": \"birthday\"", e);
	r->attribute = BIRTHDAY;
	if (!node_get(n, "attribute", &attribute))
		return 0;
	return node_text_new(&attribute, d->arena, PROGRAM_ID_CHARS,
	    RULE_ID_MAX, &r->attribute, e);
}

/* What asks for something that is not there when the trigger fires. */
static int
rule_when_check(const struct node *n, const struct rule *r, struct err *e)
{
	static const char *const of_events[] = { "field", NULL };
	static const char *const of_orders[] = { "nth", "shipping_method",
		"pieces", "codes", NULL };
	static const char *const of_both[] = { "amount", "channel", NULL };

	if (r->on != ON_EVENT &&
	    when_refuse(n, of_events, "only events have fields", e) == -1)
		return -1;
	if (r->on != ON_ORDER &&
	    when_refuse(n, of_orders, "only orders have that", e) == -1)
		return -1;
	if (r->on == ON_ORDER || r->on == ON_EVENT)
		return 0;
	return when_refuse(n, of_both, "only orders and events have that", e);
}

static int
rule_trigger(
    struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	const char *word;
	struct node on;

	if (node_need(n, "on", "what it rewards", &on, e) == -1 ||
	    node_text_new(
	        &on, d->arena, PROGRAM_ID_CHARS, RULE_ID_MAX, &word, e) == -1)
		return -1;
	if (!d->kept && strcmp(word, "undo") == 0)
		return node_refuse(
		    &on, e, "is no event of its own: it undoes another");
	r->on = trigger_of(word);
	if (r->on == ON_EVENT)
		r->event = word;
	if ((r->on == ON_TIER || r->on == ON_TIER_YEAR) &&
	    d->p.tiers.nlevels == 0)
		return node_refuse(&on, e, "needs \"tiers\"");
	if ((r->on == ON_MEMBERSHIP || r->on == ON_MEMBERSHIP_PERIOD ||
	        r->on == ON_MEMBERSHIP_MONTH) &&
	    d->p.nmemberships == 0)
		return node_refuse(&on, e, "needs \"memberships\"");
	if (rule_date(d, n, r, e) == -1 || rule_attribute(d, n, r, e) == -1 ||
	    read_when(d, n, &r->when, e) == -1 ||
	    refuse_never(d, n, &r->when, r, e) == -1)
		return -1;
	return rule_when_check(n, r, e);
}

/* ---- where to, and for what -------------------------------------------------- */

static int
rule_target(
    struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	size_t charity = NONE;
	struct node expires;

	r->has_expiry = node_get(n, "expires", &expires);
	if (read_ref(d, n, "donate", REF_CHARITY, &charity, e) == -1)
		return -1;
	if (charity == NONE) {
		if (read_ref(d, n, "to", REF_WALLET, &r->wallet, e) == -1)
			return -1;
		return read_expiry(d, n, &r->expires, NULL, e);
	}
	r->charity = d->p.charities.list[charity];
	r->wallet = d->charity;
	if (refuse_key(n, "to", "what is donated goes into no wallet", e) == -1)
		return -1;
	return refuse_key(
	    n, "expires", "what is owed to a charity does not", e);
}

static bool
may_take(enum trigger on)
{
	return on == ON_BALANCE || on == ON_MONTH || on == ON_QUARTER ||
	       on == ON_YEAR || on == ON_DATE;
}

/* The wallet it takes from; how much is read once it is known what for. */
static int
rule_take(struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "wallet", "each", "least", "closed",
		NULL };
	struct node take, wallet;

	if (!node_get(n, "take", &take)) {
		if (r->on != ON_BALANCE)
			return 0;
		return node_refuse(
		    n, e, "lacks \"take\", what there must be enough of");
	}
	if (!may_take(r->on))
		return node_refuse(&take, e,
		    "is only for \"on\": balance, month, quarter, year, date");
	if (node_check_object(&take, keys, e) == -1 ||
	    node_need(&take, "wallet", "where from", &wallet, e) == -1 ||
	    read_ref(d, &take, "wallet", REF_WALLET, &r->take_wallet, e) ==
	        -1 ||
	    node_bool(&take, "closed", &r->take_closed, e) == -1)
		return -1;
	if (r->take_wallet == r->wallet)
		return node_refuse(
		    &wallet, e, "is the wallet that the rule gives to");
	if (r->take_closed && r->on == ON_BALANCE)
		return refuse_key(
		    &take, "closed", "a balance has no period", e);
	return 0;
}

static int
rule_take_each(
    struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	struct node take, each;

	if (!node_get(n, "take", &take))
		return 0;
	/* A percentage is of all that is there, to the smallest unit. */
	r->take_each = 1;
	if (r->by == PER_EVENT &&
	    node_need(&take, "each", "how much at once", &each, e) == -1)
		return -1;
	if (read_units(d, &take, "each", r->take_wallet, &r->take_each, e) ==
	    -1)
		return -1;
	return read_units(d, &take, "least", r->take_wallet, &r->take_least, e);
}

/* ---- the rest ------------------------------------------------------------------ */

static int
rule_order_only(
    struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const char *const froms[] = { "paid", "fulfilled", NULL };
	static const char *const because = "only orders have that";
	int from = 0;

	if (r->on != ON_ORDER &&
	    (refuse_key(n, "base", because, e) == -1 ||
	        refuse_key(n, "replaces", because, e) == -1 ||
	        refuse_key(n, "pending_from", because, e) == -1))
		return -1;
	if (read_base(d, n, &r->base, e) == -1 ||
	    read_refs(d, n, "replaces", REF_RULE, &r->replaces, e) == -1 ||
	    node_word(n, "pending_from", froms, &from, e) == -1)
		return -1;
	r->pending_from = (enum pending_from)(FROM_PAID + from);
	return 0;
}

static int
rule_sums(struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const char *const roundings[] = { "floor", "nearest", "ceil",
		NULL };
	static const char *const reversals[] = { "residual", "proportional",
		"none", NULL };
	int rounding = 0, reversal = 0;

	if (r->on != ON_ORDER && r->on != ON_EVENT &&
	    refuse_key(n, "over", "only orders and events are summed", e) == -1)
		return -1;
	if (read_window(d, n, "over",
	        r->on == ON_ORDER ? WINDOW_LINE : WINDOW_ORDER, &r->over,
	        e) == -1 ||
	    node_word(n, "rounding", roundings, &rounding, e) == -1 ||
	    node_word(n, "on_refund", reversals, &reversal, e) == -1)
		return -1;
	r->rounding = (enum rounding)(ROUND_FLOOR + rounding);
	r->reversal = (enum reversal)(REVERSE_RESIDUAL + reversal);
	if (!d->kept && r->take_wallet != NONE &&
	    r->reversal == REVERSE_PROPORTIONAL)
		return refuse_key(n, "on_refund",
		    "a taking is undone (\"residual\") or stays (\"none\")", e);
	return node_number(n, "pending_days", days_bounds, &r->pending_days, e);
}

static int
rule_of(struct draft *d, const struct node *n, struct rule *r, struct err *e)
{
	static const char *const keys[] = { "id", "on", "date", "attribute",
		"when", "give", "to", "donate", "base", "over", "rounding",
		"limit", "replaces", "on_refund", "pending_days",
		"pending_from", "expires", "take", "names", NULL };

	r->over = WINDOW_ORDER;
	r->take_wallet = NONE;
	r->pending_days = -1;
	if (node_check_object(n, keys, e) == -1 ||
	    rule_trigger(d, n, r, e) == -1 || rule_target(d, n, r, e) == -1 ||
	    rule_take(d, n, r, e) == -1 || read_give(d, n, r, e) == -1 ||
	    rule_take_each(d, n, r, e) == -1 ||
	    rule_order_only(d, n, r, e) == -1 || rule_sums(d, n, r, e) == -1 ||
	    read_limits(d, n, r, e) == -1)
		return -1;
	return read_names(d, n, &r->names, e);
}

/* Of two rules at most one can give way to the other. */
static int
replaces_check(struct draft *d, const struct node *list, struct err *e)
{
	for (size_t i = 0; i < d->p.nrules; i++) {
		const struct rule *r = &d->rules[i];
		struct node item = node_item(list, i), replaces;

		for (size_t j = 0; j < r->replaces.n; j++) {
			const struct rule *other = &d->rules[program_rule(
			    &d->p, r->replaces.list[j])];
			struct node word;

			(void)node_get(&item, "replaces", &replaces);
			word = node_item(&replaces, j);
			if (other == r)
				return node_refuse(
				    &word, e, "is the rule itself");
			if (other->on != ON_ORDER)
				return node_refuse(
				    &word, e, "is no rule on orders");
			if (words_have(&other->replaces, r->id))
				return node_refuse(
				    &word, e, "replaces this one itself");
		}
	}
	return 0;
}

/* Wallets that feed one another on balance would do so for ever. */
static int
circles_check(struct draft *d, const struct node *list, struct err *e)
{
	bool leads[WALLETS_MAX + 1][WALLETS_MAX + 1] = { { false } };
	size_t n = d->p.nwallets;

	for (size_t i = 0; i < d->p.nrules; i++)
		if (d->rules[i].on == ON_BALANCE)
			leads[d->rules[i].take_wallet]
			     [d->rules[i].wallet] = true;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				leads[i][j] |= leads[i][k] && leads[k][j];
	for (size_t i = 0; i < d->p.nrules; i++) {
		const struct rule *r = &d->rules[i];
		struct node item = node_item(list, i);

		if (r->on == ON_BALANCE && leads[r->wallet][r->take_wallet])
			return node_refuse(&item, e,
			    "gives to \"%s\", which feeds \"%s\" again: a "
			    "circle has no end",
			    d->p.wallets[r->wallet].id,
			    d->p.wallets[r->take_wallet].id);
	}
	return 0;
}

int
read_rules(struct draft *d, const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "rules", &n))
		return 0;
	for (size_t i = 0; i < d->p.nrules; i++) {
		struct node item = node_item(&n, i);

		if (rule_of(d, &item, &d->rules[i], e) == -1)
			return -1;
	}
	if (circles_check(d, &n, e) == -1 || refuse_cents(d, &n, e) == -1)
		return -1;
	return replaces_check(d, &n, e);
}

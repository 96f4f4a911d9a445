/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/calendar.h"
#include "wire/program/internal.h"

/* ---- when ---------------------------------------------------------------- */

/* Reads the day of the year on which an ON_DATE rule fires: "03-01". */
static void
rule_date(struct draft *d, const struct node *n, struct rule *r)
{
	struct node date;
	struct str s;
	int year;

	if (r->on != ON_DATE) {
		node_refuse_key(n, "date", "it goes with \"on\": \"date\"");
		return;
	}
	if (node_need(n, "date", "which one, like \"03-01\"", &date) == -1)
		return;
	/* 2025 has no 29 February: the day must be one that every year has. */
	if (!node_str(&date, &s) || s.len != strlen("03-01") ||
	    !calendar_parse(arena_printf(d->arena, "2025-%.5s", s.data), &year,
	        &r->month, &r->day))
		node_refuse(
		    &date, "must be a day that every year has, like \"03-01\"");
}

/* Reads which attribute of the member is the birthday of an ON_BIRTHDAY
 * rule. */
static void
rule_attribute(struct draft *d, const struct node *n, struct rule *r)
{
	struct node attribute;

	if (r->on != ON_BIRTHDAY) {
		node_refuse_key(
		    n, "attribute", "it goes with \"on\": \"birthday\"");
		return;
	}
	r->attribute = BIRTHDAY;
	if (node_get(n, "attribute", &attribute))
		id_of(d, &attribute, &r->attribute);
}

/* Refuses tests that need data which is missing when the trigger fires. */
static void
rule_when_check(const struct node *n, const struct rule *r)
{
	static const char *const of_events[] = { "field", NULL };
	static const char *const of_orders[] = { "nth", "shipping_method",
		"pieces", "codes", NULL };
	static const char *const of_both[] = { "amount", "channel", NULL };

	if (r->on != ON_EVENT)
		when_refuse(n, of_events, "only events have fields");
	if (r->on != ON_ORDER)
		when_refuse(n, of_orders, "only orders have that");
	if (r->on != ON_ORDER && r->on != ON_EVENT)
		when_refuse(n, of_both, "only orders and events have that");
}

/* Refuses a trigger about tiers or memberships if the file has none. */
static int
trigger_check(const struct draft *d, const struct node *on, enum trigger t)
{
	if (!d->has_ids)
		return 0;
	if ((t == ON_TIER || t == ON_TIER_YEAR) && d->p.tiers.nlevels == 0)
		return node_refuse(on, "needs \"tiers\"");
	if ((t == ON_MEMBERSHIP || t == ON_MEMBERSHIP_PERIOD ||
	        t == ON_MEMBERSHIP_MONTH) &&
	    d->p.nmemberships == 0)
		return node_refuse(on, "needs \"memberships\"");
	return 0;
}

/* Reads the trigger ("on").  If "on" is refused, the trigger stays 0. */
static void
rule_trigger(struct draft *d, const struct node *n, struct rule *r)
{
	const char *word;
	struct node on;

	if (node_need(n, "on", "what it rewards", &on) == -1 ||
	    id_of(d, &on, &word) == -1)
		return;
	if (!d->kept && strcmp(word, "undo") == 0) {
		node_refuse(&on, "is no event of its own: it undoes another");
		return;
	}
	if (trigger_check(d, &on, trigger_of(word)) == -1)
		return;
	r->on = trigger_of(word);
	if (r->on != ON_EVENT)
		return;
	r->event = word;
	event_warn(d, &on, word);
}

static void
rule_when(struct draft *d, const struct node *n, struct rule *r)
{
	int rc = when_read(d, n, &r->when);

	if (r->on == 0)
		return;
	if (rc == 0)
		never_refuse(d, n, &r->when, r);
	rule_when_check(n, r);
}

/* ---- the wallets of a rule ----------------------------------------------- */

/* Reads the wallet or the charity that the rule gives to. */
static int
rule_target(struct draft *d, const struct node *n, struct rule *r)
{
	size_t charity = NONE;
	struct node expires;

	r->has_expiry = node_get(n, "expires", &expires);
	if (ref_read(d, n, "donate", REF_CHARITY, &charity) == -1)
		return -1;
	if (charity == NONE) {
		expiry_read(d, n, &r->expires, NULL);
		return ref_read(d, n, "to", REF_WALLET, &r->wallet);
	}
	r->charity = d->p.charities.list[charity];
	r->wallet = d->charity;
	node_refuse_key(n, "to", "what is donated goes into no wallet");
	node_refuse_key(n, "expires", "what is owed to a charity does not");
	return 0;
}

static bool
may_take(enum trigger on)
{
	return on == ON_BALANCE || on == ON_MONTH || on == ON_QUARTER ||
	       on == ON_YEAR || on == ON_DATE;
}

/* Reads the wallet from which the rule takes.  rule_take_each() reads the
 * amount later, after give_read(). */
static int
rule_take(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const keys[] = { "wallet", "each", "least", "closed",
		NULL };
	struct node take, wallet;

	if (!node_get(n, "take", &take))
		return r->on != ON_BALANCE
		           ? 0
		           : node_need(n, "take",
		                 "what there must be enough of", &take);
	if (!may_take(r->on))
		return node_refuse(&take,
		    "is only for \"on\": balance, month, quarter, year, date");
	if (node_check_object(&take, keys) == -1)
		return -1;
	node_bool(&take, "closed", &r->take_closed);
	if (r->take_closed && r->on == ON_BALANCE)
		node_refuse_key(&take, "closed", "a balance has no period");
	if (node_need(&take, "wallet", "where from", &wallet) == -1 ||
	    ref_read(d, &take, "wallet", REF_WALLET, &r->take_wallet) == -1)
		return -1;
	if (r->take_wallet == r->wallet)
		return node_refuse(
		    &wallet, "is the wallet that the rule gives to");
	return 0;
}

static void
rule_take_each(struct draft *d, const struct node *n, struct rule *r)
{
	struct node take, each;

	if (!node_get(n, "take", &take))
		return;
	/* A percentage is a share of everything in the wallet: the rule takes
	 * one smallest unit at a time until the wallet is empty. */
	r->take_each = 1;
	if (r->by == PER_EVENT &&
	    node_need(&take, "each", "how much at once", &each) == -1)
		return;
	units_read(d, &take, "each", r->take_wallet, &r->take_each);
	units_read(d, &take, "least", r->take_wallet, &r->take_least);
}

/* ---- the other keys ------------------------------------------------------ */

static void
rule_order_only(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const froms[] = { "paid", "fulfilled", NULL };
	static const char *const keys[] = { "base", "replaces",
		"pending_from" };
	int from = 0;

	for (size_t i = 0; i < NITEMS(keys) && r->on != ON_ORDER; i++)
		node_refuse_key(n, keys[i], "only orders have that");
	base_read(d, n, &r->base);
	refs_read(d, n, "replaces", REF_RULE, &r->replaces);
	node_word(n, "pending_from", froms, &from);
	r->pending_from = (enum pending_from)(FROM_PAID + from);
}

static void
rule_sums(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const roundings[] = { "floor", "nearest", "ceil",
		NULL };
	static const char *const reversals[] = { "residual", "proportional",
		"none", NULL };
	int rounding = 0, reversal = 0;

	if (r->on != ON_ORDER && r->on != ON_EVENT)
		node_refuse_key(n, "over", "only orders and events are summed");
	else
		window_read(d, n, "over",
		    r->on == ON_ORDER ? WINDOW_LINE : WINDOW_ORDER, &r->over);
	node_word(n, "rounding", roundings, &rounding);
	node_word(n, "on_refund", reversals, &reversal);
	node_number(n, "pending_days", days_bounds, &r->pending_days);
	r->rounding = (enum rounding)(ROUND_FLOOR + rounding);
	r->reversal = (enum reversal)(REVERSE_RESIDUAL + reversal);
	if (!d->kept && r->take_wallet != NONE &&
	    r->reversal == REVERSE_PROPORTIONAL)
		node_refuse_key(n, "on_refund",
		    "a taking is undone (\"residual\") or stays (\"none\")");
}

static void
rule_of(struct draft *d, const struct node *n, struct rule *r)
{
	static const char *const keys[] = { "id", "on", "date", "attribute",
		"when", "give", "to", "donate", "base", "over", "rounding",
		"limit", "replaces", "on_refund", "pending_days",
		"pending_from", "expires", "take", "names", NULL };
	int rc;

	r->over = WINDOW_ORDER;
	r->take_wallet = NONE;
	r->pending_days = -1;
	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	rule_trigger(d, n, r);
	if (r->on != 0) {
		rule_date(d, n, r);
		rule_attribute(d, n, r);
	}
	rule_when(d, n, r);
	names_read(d, n, &r->names);
	rc = rule_target(d, n, r);
	if (r->on == 0)
		return;
	rc |= rule_take(d, n, r);
	if (rc == 0) {
		give_read(d, n, r);
		rule_take_each(d, n, r);
		limits_read(d, n, r);
	}
	rule_order_only(d, n, r);
	rule_sums(d, n, r);
}

/* Refuses what the rule cannot replace: itself, a rule that is not on orders,
 * and a rule that replaces this one. */
static void
replaces_check(struct draft *d, const struct node *item, const struct rule *r)
{
	struct node replaces;

	(void)node_get(item, "replaces", &replaces);
	for (size_t i = 0; i < r->replaces.n && r->on == ON_ORDER; i++) {
		const struct rule *
		    other = &d->rules[program_rule(&d->p, r->replaces.list[i])];
		struct node word = node_item(&replaces, i);

		if (other == r)
			node_refuse(&word, "is the rule itself");
		else if (other->on != ON_ORDER && other->on != 0)
			node_refuse(&word, "is no rule on orders");
		else if (other > r && words_have(&other->replaces, r->id))
			node_refuse(&word, "replaces this one itself");
	}
}

/* Refuses ON_BALANCE rules that lead from a wallet back to itself: they would
 * move its units for ever. */
static void
circles_check(struct draft *d, const struct node *list)
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

		if (r->on != ON_BALANCE || !leads[r->wallet][r->take_wallet])
			continue;
		node_refuse(&item,
		    "gives to \"%s\", which feeds \"%s\" again: a circle has "
		    "no end",
		    d->p.wallets[r->wallet].id,
		    d->p.wallets[r->take_wallet].id);
		return;
	}
}

void
rules_read(struct draft *d, const struct node *file)
{
	struct node n;

	if (!node_get(file, "rules", &n))
		return;
	for (size_t i = 0; i < d->p.nrules; i++) {
		struct node item = node_item(&n, i);

		rule_of(d, &item, &d->rules[i]);
	}
	for (size_t i = 0; i < d->p.nrules; i++) {
		struct node item = node_item(&n, i);

		replaces_check(d, &item, &d->rules[i]);
	}
	/* Rules are compared with one another only when each of them is
	 * right. */
	if (node_is_wrong(&n))
		return;
	circles_check(d, &n);
	cents_refuse(d, &n);
}

/* SPDX-License-Identifier: MIT */
#include "wire/program/internal.h"

/*
 * Reads rewards (which cost units), benefits (which are free), and the
 * multipliers that raise what rules give.
 */

enum {
	COUNT_MAX = 1000000,
	HOLD_MINUTES_MAX = 7 * 24 * 60,
};

static const char *const of_events[] = { "field", NULL };

/* Refuses an object that lacks a key which its kind needs, or has a key which
 * only other kinds have. */
static void
key_goes(const struct node *n, const char *key, bool is_needed)
{
	struct node child;

	if (!is_needed)
		node_refuse_key(n, key, "its kind has none");
	else
		node_need(n, key, "what it is", &child);
}

static void
percent_read(const struct node *up, const char *key, int64_t *out)
{
	struct node n;

	if (node_get(up, key, &n))
		node_decimal(&n, PERCENT_PLACES, PERCENT_ALL, out);
}

/* ---- rewards ------------------------------------------------------------- */

static bool
is_money(enum reward_kind k)
{
	return k == REWARD_DISCOUNT_AMOUNT || k == REWARD_GIFT_CARD ||
	       k == REWARD_STORE_CREDIT || k == REWARD_CHARITY;
}

/* Reads "kind", and refuses the keys of other kinds. */
static void
reward_kind(struct draft *d, const struct node *n, struct reward *r)
{
	static const char *const kinds[] = { "amount", "percent", "shipping",
		"product", "gift_card", "store_credit", "charity", "experience",
		NULL };
	struct node kind;
	int k = 0;

	if (node_need(n, "kind", "what sort of reward it is", &kind) == -1 ||
	    node_word(n, "kind", kinds, &k) == -1)
		return;
	r->kind = (enum reward_kind)(REWARD_DISCOUNT_AMOUNT + k);
	if (r->kind == REWARD_CHARITY && d->p.charities.n == 0 && d->has_ids)
		node_refuse(&kind, "needs \"charities\"");
	key_goes(n, "amount", is_money(r->kind));
	key_goes(n, "percent", r->kind == REWARD_DISCOUNT_PERCENT);
	key_goes(n, "product", r->kind == REWARD_PRODUCT);
	/* "most_percent" is the largest share of an order that the reward may
	 * pay. */
	if (r->kind != REWARD_DISCOUNT_AMOUNT &&
	    r->kind != REWARD_DISCOUNT_PERCENT && r->kind != REWARD_PRODUCT)
		node_refuse_key(
		    n, "most_percent", "its kind takes nothing off an order");
}

/* Refuses "least" and "most" if no multiple of the cost is between them. */
static void
variable_check(
    const struct draft *d, const struct node *n, const struct reward *r)
{
	struct node most;

	if (!node_get(n, "most", &most) || r->most == 0)
		return;
	if (r->most < r->least)
		node_refuse(&most, "is less than \"least\"");
	else if (!d->kept && r->cost > 0 &&
	         (r->most < r->cost || r->most - r->most % r->cost < r->least))
		node_refuse(&most,
		    "leaves nothing: no multiple of \"cost\" is from \"least\" "
		    "to this");
}

/* Reads "variable": whether the member chooses how many units to spend on the
 * reward. */
static void
reward_variable(struct draft *d, const struct node *n, struct reward *r)
{
	static const char *const because = "it goes with \"variable\": true";
	struct node variable;

	if (node_bool(n, "variable", &r->variable) == -1)
		return;
	if (!r->variable) {
		node_refuse_key(n, "least", because);
		node_refuse_key(n, "most", because);
		return;
	}
	(void)node_get(n, "variable", &variable);
	if (!is_money(r->kind) && r->kind != 0)
		node_refuse(&variable, "is only for kinds that have an amount");
	units_read(d, n, "least", r->wallet, &r->least);
	units_read(d, n, "most", r->wallet, &r->most);
	variable_check(d, n, r);
}

static void
reward_cost(struct draft *d, const struct node *n, struct reward *r)
{
	struct node cost;

	if (node_need(n, "cost", "how many units it is had for", &cost) == -1 ||
	    ref_read(d, n, "wallet", REF_WALLET, &r->wallet) == -1)
		return;
	units_of(d, &cost, r->wallet, 1, &r->cost);
	reward_variable(d, n, r);
}

static bool
is_off_an_order(enum reward_kind k)
{
	return k == REWARD_DISCOUNT_AMOUNT || k == REWARD_DISCOUNT_PERCENT ||
	       k == REWARD_SHIPPING || k == REWARD_PRODUCT;
}

/* Reads what is made of the reward at the shop, and what becomes of that.
 * Only what is taken off an order is used by an order. */
static void
reward_made(const struct node *n, struct reward *r)
{
	static const char *const ways[] = { "coupon", "virtual", "own", NULL };
	static const char *const unused[] = { "return", "reopen", "keep",
		NULL };
	static const char *const of_orders[] = { "hold_minutes", "on_cancel",
		"on_refund" };
	static const int64_t bounds[2] = { 1, HOLD_MINUTES_MAX };
	struct node way;
	int k = 0, cancelled = 0, refunded = 0;

	r->hold_minutes = REWARD_HOLD_MINUTES;
	(void)node_number(n, "hold_minutes", bounds, &r->hold_minutes);
	(void)node_word(n, "on_cancel", unused, &cancelled);
	(void)node_word(n, "on_refund", unused, &refunded);
	(void)node_word(n, "way", ways, &k);
	r->on_cancel = (enum unused)(UNUSED_RETURN + cancelled);
	r->on_refund = (enum unused)(UNUSED_RETURN + refunded);
	r->way = (enum way)(WAY_COUPON + k);
	if (r->kind == 0 || is_off_an_order(r->kind))
		return;
	for (size_t i = 0; i < NITEMS(of_orders); i++)
		node_refuse_key(
		    n, of_orders[i], "its kind takes nothing off an order");
	if (r->kind == REWARD_CHARITY)
		node_refuse_key(n, "way", "nothing is made of a gift");
	else if (r->way == WAY_VIRTUAL && node_get(n, "way", &way))
		node_refuse(&way, "is for what is taken off an order");
}

static void
reward_of(struct draft *d, const struct node *n, struct reward *r)
{
	static const char *const keys[] = { "id", "kind", "wallet", "cost",
		"variable", "least", "most", "amount", "percent", "product",
		"minimum", "most_percent", "lines", "not_lines", "when",
		"combines", "valid", "hold_minutes", "on_cancel", "on_refund",
		"way", "unit_cost", "names", NULL };

	r->valid = (struct period){ 1, UNIT_EVER };
	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	reward_kind(d, n, r);
	reward_cost(d, n, r);
	minor_read(d, n, "amount", &r->amount);
	percent_read(n, "percent", &r->percent);
	node_text_in(n, "product", d->arena, &r->product);
	minor_read(d, n, "unit_cost", &r->unit_cost);
	minor_read(d, n, "minimum", &r->minimum);
	percent_read(n, "most_percent", &r->most_percent);
	filter_read(d, n, &r->lines);
	when_read(d, n, &r->when);
	when_refuse(n, of_events, "only events have fields");
	node_bool(n, "combines", &r->combines);
	period_read(n, "valid", &r->valid);
	reward_made(n, r);
	names_read(d, n, &r->names);
}

void
rewards_read(struct draft *d, const struct node *file)
{
	struct node n;

	if (!node_get(file, "rewards", &n))
		return;
	for (size_t i = 0; i < d->p.nrewards; i++) {
		struct node item = node_item(&n, i);

		reward_of(d, &item, &d->rewards[i]);
	}
}

/* ---- benefits ------------------------------------------------------------ */

static void
benefit_count(struct draft *d, const struct node *n, struct benefit *b)
{
	static const int64_t bounds[2] = { 1, COUNT_MAX };
	struct node per;

	if (node_number(n, "count", bounds, &b->count) == -1)
		return;
	if (b->count == 0)
		node_refuse_key(n, "per", "it goes with \"count\"");
	else if (node_need(n, "per", "in which time", &per) == 0)
		window_read(d, n, "per", WINDOW_DAY, &b->window);
}

/* Reads "kind", and refuses the keys of other kinds. */
static void
benefit_kind(struct draft *d, const struct node *n, struct benefit *b)
{
	static const char *const kinds[] = { "discount", "shipping", "service",
		"flag", NULL };
	static const char *const because = "its kind has none";
	struct node kind;
	int k = 0;

	if (node_need(n, "kind", "what sort of benefit it is", &kind) == -1 ||
	    node_word(n, "kind", kinds, &k) == -1)
		return;
	b->kind = (enum benefit_kind)(BENEFIT_DISCOUNT + k);
	key_goes(n, "percent", b->kind == BENEFIT_DISCOUNT);
	if (b->kind != BENEFIT_DISCOUNT) {
		node_refuse_key(n, "lines", because);
		node_refuse_key(n, "not_lines", because);
	}
	if (b->kind == BENEFIT_SERVICE || b->kind == BENEFIT_FLAG)
		node_refuse_key(n, "minimum", because);
	if (b->kind == BENEFIT_SERVICE) {
		benefit_count(d, n, b);
		return;
	}
	node_refuse_key(n, "count", because);
	node_refuse_key(n, "per", because);
}

static void
benefit_of(struct draft *d, const struct node *n, struct benefit *b)
{
	static const char *const keys[] = { "id", "kind", "when", "lines",
		"not_lines", "percent", "minimum", "count", "per", "names",
		NULL };

	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	benefit_kind(d, n, b);
	percent_read(n, "percent", &b->percent);
	minor_read(d, n, "minimum", &b->minimum);
	filter_read(d, n, &b->lines);
	when_read(d, n, &b->when);
	when_refuse(n, of_events, "only events have fields");
	names_read(d, n, &b->names);
}

void
benefits_read(struct draft *d, const struct node *file)
{
	struct node n;

	if (!node_get(file, "benefits", &n))
		return;
	for (size_t i = 0; i < d->p.nbenefits; i++) {
		struct node item = node_item(&n, i);

		benefit_of(d, &item, &d->benefits[i]);
	}
}

/* ---- multipliers --------------------------------------------------------- */

static void
multiplier_rules(struct draft *d, const struct node *n, struct multiplier *m)
{
	struct node list;

	if (!node_get(n, "rules", &list) ||
	    refs_read(d, n, "rules", REF_RULE, &m->rules) == -1)
		return;
	for (size_t i = 0; i < m->rules.n; i++) {
		size_t at = program_rule(&d->p, m->rules.list[i]);
		enum trigger on = d->rules[at].on;
		struct node item = node_item(&list, i);

		if (on != ON_ORDER && on != ON_EVENT && on != 0)
			node_refuse(&item, "is no rule on orders or events");
	}
}

static void
multiplier_of(struct draft *d, const struct node *n, struct multiplier *m)
{
	static const char *const keys[] = { "id", "times", "when", "rules",
		"lines", "not_lines", "stack", NULL };
	static const char *const stacks[] = { "best", "add", "multiply",
		"replace", NULL };
	struct node times;
	int stack = 0;

	if (!node_is_object(n) || node_check_object(n, keys) == -1)
		return;
	multiplier_rules(d, n, m);
	if (when_read(d, n, &m->when) == 0)
		never_refuse(d, n, &m->when, NULL);
	filter_read(d, n, &m->lines);
	node_word(n, "stack", stacks, &stack);
	m->stack = (enum stacking)(STACK_BEST + stack);
	if (node_need(n, "times", "what amounts are multiplied by", &times) ==
	        0 &&
	    node_decimal(&times, FACTOR_PLACES, FACTOR_MAX, &m->times) == 0 &&
	    m->stack == STACK_ADD && m->times < FACTOR_ONE)
		node_refuse(&times,
		    "must be at least 1: what it adds to 1 is added up");
}

void
multipliers_read(struct draft *d, const struct node *file)
{
	struct node n, rules;
	bool are_rules_wrong = node_get(file, "rules", &rules) &&
	                       node_is_wrong(&rules);

	if (!node_get(file, "multipliers", &n))
		return;
	for (size_t i = 0; i < d->p.nmultipliers; i++) {
		struct node item = node_item(&n, i);

		multiplier_of(d, &item, &d->multipliers[i]);
		if (!are_rules_wrong && !node_is_wrong(&item))
			multiplier_refuse(d, &item, &d->multipliers[i]);
	}
}

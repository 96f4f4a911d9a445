/* SPDX-License-Identifier: MIT */
#include "base/money.h"
#include "wire/program/internal.h"

/*
 * What members have: rewards for units, benefits without; and what changes
 * amounts: multipliers.
 */

enum {
	PERCENT_PLACES = 2,
	PERCENT_MAX = 10000, /* 100 %, in 10^-2 */
	COUNT_MAX = 1000000,
	FACTOR_PLACES = 4, /* FACTOR_ONE */
};

static const char *const of_events[] = { "field", NULL };

/* A key that some kinds need and no other may have. */
static int
key_goes(const struct node *n, const char *key, bool needed, struct err *e)
{
	struct node child;

	if (!needed)
		return refuse_key(n, key, "its kind has none", e);
	return node_need(n, key, "what it is", &child, e);
}

static int
read_percent(
    const struct node *up, const char *key, int64_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return decimal_of(&n, PERCENT_PLACES, PERCENT_MAX, out, e);
}

/* ---- rewards ----------------------------------------------------------------- */

static bool
is_money(enum reward_kind k)
{
	return k == REWARD_DISCOUNT_AMOUNT || k == REWARD_GIFT_CARD ||
	       k == REWARD_STORE_CREDIT || k == REWARD_CHARITY;
}

static int
reward_kind(
    struct draft *d, const struct node *n, struct reward *r, struct err *e)
{
	static const char *const kinds[] = { "amount", "percent", "shipping",
		"product", "gift_card", "store_credit", "charity", "experience",
		NULL };
	struct node kind;
	int k = 0;

	if (node_need(n, "kind", "what sort of reward it is", &kind, e) == -1 ||
	    node_word(n, "kind", kinds, &k, e) == -1)
		return -1;
	r->kind = (enum reward_kind)(REWARD_DISCOUNT_AMOUNT + k);
	if (r->kind == REWARD_CHARITY && d->p.charities.n == 0)
		return node_refuse(&kind, e, "needs \"charities\"");
	if (key_goes(n, "amount", is_money(r->kind), e) == -1 ||
	    key_goes(n, "percent", r->kind == REWARD_DISCOUNT_PERCENT, e) ==
	        -1 ||
	    key_goes(n, "product", r->kind == REWARD_PRODUCT, e) == -1 ||
	    read_minor(d, n, "amount", &r->amount, e) == -1 ||
	    read_percent(n, "percent", &r->percent, e) == -1)
		return -1;
	return draft_text(d, n, "product", &r->product, e);
}

/* At one time as much as is wanted. */
static int
reward_variable(
    struct draft *d, const struct node *n, struct reward *r, struct err *e)
{
	static const char *const because = "it goes with \"variable\": true";
	struct node variable, most;

	if (node_bool(n, "variable", &r->variable, e) == -1)
		return -1;
	if (!r->variable) {
		if (refuse_key(n, "least", because, e) == -1)
			return -1;
		return refuse_key(n, "most", because, e);
	}
	(void)node_get(n, "variable", &variable);
	if (!is_money(r->kind))
		return node_refuse(
		    &variable, e, "is only for kinds that have an amount");
	if (read_units(d, n, "least", r->wallet, &r->least, e) == -1 ||
	    read_units(d, n, "most", r->wallet, &r->most, e) == -1)
		return -1;
	if (node_get(n, "most", &most) && r->most < r->least)
		return node_refuse(&most, e, "is less than \"least\"");
	if (!d->kept && r->most > 0 &&
	    (r->most < r->cost || r->most - r->most % r->cost < r->least))
		return node_refuse(&most, e,
		    "leaves nothing: no multiple of \"cost\" is from \"least\" "
		    "to this");
	return 0;
}

static int
reward_cost(
    struct draft *d, const struct node *n, struct reward *r, struct err *e)
{
	struct node cost;

	if (read_ref(d, n, "wallet", REF_WALLET, &r->wallet, e) == -1 ||
	    node_need(n, "cost", "how many units it is had for", &cost, e) ==
	        -1 ||
	    units_of(d, &cost, r->wallet, 1, &r->cost, e) == -1 ||
	    reward_variable(d, n, r, e) == -1)
		return -1;
	return read_minor(d, n, "unit_cost", &r->unit_cost, e);
}

/* Reads `most_percent`, of rewards that take something off an order. */
static int
reward_share(const struct node *n, struct reward *r, struct err *e)
{
	if (r->kind != REWARD_DISCOUNT_AMOUNT &&
	    r->kind != REWARD_DISCOUNT_PERCENT && r->kind != REWARD_PRODUCT)
		return refuse_key(n, "most_percent",
		    "its kind takes nothing off an order", e);
	return read_percent(n, "most_percent", &r->most_percent, e);
}

static int
reward_of(
    struct draft *d, const struct node *n, struct reward *r, struct err *e)
{
	static const char *const keys[] = { "id", "kind", "wallet", "cost",
		"variable", "least", "most", "amount", "percent", "product",
		"minimum", "most_percent", "lines", "not_lines", "when",
		"combines", "valid", "unit_cost", "names", NULL };

	r->valid = (struct period){ 1, UNIT_EVER };
	if (node_check_object(n, keys, e) == -1 ||
	    reward_kind(d, n, r, e) == -1 || reward_cost(d, n, r, e) == -1 ||
	    read_minor(d, n, "minimum", &r->minimum, e) == -1 ||
	    reward_share(n, r, e) == -1 ||
	    read_filter(d, n, &r->lines, e) == -1 ||
	    read_when(d, n, &r->when, e) == -1 ||
	    when_refuse(n, of_events, "only events have fields", e) == -1 ||
	    node_bool(n, "combines", &r->combines, e) == -1 ||
	    read_period(n, "valid", &r->valid, e) == -1)
		return -1;
	return read_names(d, n, &r->names, e);
}

int
read_rewards(struct draft *d, const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "rewards", &n))
		return 0;
	for (size_t i = 0; i < d->p.nrewards; i++) {
		struct node item = node_item(&n, i);

		if (reward_of(d, &item, &d->rewards[i], e) == -1)
			return -1;
	}
	return 0;
}

/* ---- benefits ------------------------------------------------------------------ */

static int
benefit_count(
    struct draft *d, const struct node *n, struct benefit *b, struct err *e)
{
	static const int64_t bounds[2] = { 1, COUNT_MAX };
	struct node per;

	if (node_number(n, "count", bounds, &b->count, e) == -1)
		return -1;
	if (b->count == 0)
		return refuse_key(n, "per", "it goes with \"count\"", e);
	if (node_need(n, "per", "in which time", &per, e) == -1)
		return -1;
	return read_window(d, n, "per", WINDOW_DAY, &b->window, e);
}

static int
benefit_kind(
    struct draft *d, const struct node *n, struct benefit *b, struct err *e)
{
	static const char *const kinds[] = { "discount", "shipping", "service",
		"flag", NULL };
	static const char *const because = "its kind has none";
	struct node kind;
	int k = 0;

	if (node_need(n, "kind", "what sort of benefit it is", &kind, e) ==
	        -1 ||
	    node_word(n, "kind", kinds, &k, e) == -1)
		return -1;
	b->kind = (enum benefit_kind)(BENEFIT_DISCOUNT + k);
	if (key_goes(n, "percent", b->kind == BENEFIT_DISCOUNT, e) == -1)
		return -1;
	if (b->kind != BENEFIT_DISCOUNT &&
	    (refuse_key(n, "lines", because, e) == -1 ||
	        refuse_key(n, "not_lines", because, e) == -1))
		return -1;
	if ((b->kind == BENEFIT_SERVICE || b->kind == BENEFIT_FLAG) &&
	    refuse_key(n, "minimum", because, e) == -1)
		return -1;
	if (b->kind == BENEFIT_SERVICE)
		return benefit_count(d, n, b, e);
	if (refuse_key(n, "count", because, e) == -1)
		return -1;
	return refuse_key(n, "per", because, e);
}

static int
benefit_of(
    struct draft *d, const struct node *n, struct benefit *b, struct err *e)
{
	static const char *const keys[] = { "id", "kind", "when", "lines",
		"not_lines", "percent", "minimum", "count", "per", "names",
		NULL };

	if (node_check_object(n, keys, e) == -1 ||
	    benefit_kind(d, n, b, e) == -1 ||
	    read_percent(n, "percent", &b->percent, e) == -1 ||
	    read_minor(d, n, "minimum", &b->minimum, e) == -1 ||
	    read_filter(d, n, &b->lines, e) == -1 ||
	    read_when(d, n, &b->when, e) == -1 ||
	    when_refuse(n, of_events, "only events have fields", e) == -1)
		return -1;
	return read_names(d, n, &b->names, e);
}

int
read_benefits(struct draft *d, const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "benefits", &n))
		return 0;
	for (size_t i = 0; i < d->p.nbenefits; i++) {
		struct node item = node_item(&n, i);

		if (benefit_of(d, &item, &d->benefits[i], e) == -1)
			return -1;
	}
	return 0;
}

/* ---- multipliers ---------------------------------------------------------------- */

static int
multiplier_rules(
    struct draft *d, const struct node *n, struct multiplier *m, struct err *e)
{
	struct node list;

	if (!node_get(n, "rules", &list))
		return 0;
	if (read_refs(d, n, "rules", REF_RULE, &m->rules, e) == -1)
		return -1;
	for (size_t i = 0; i < m->rules.n; i++) {
		size_t at = program_rule(&d->p, m->rules.list[i]);
		struct node item = node_item(&list, i);

		if (d->rules[at].on != ON_ORDER && d->rules[at].on != ON_EVENT)
			return node_refuse(
			    &item, e, "is no rule on orders or events");
	}
	return 0;
}

static int
multiplier_of(
    struct draft *d, const struct node *n, struct multiplier *m, struct err *e)
{
	static const char *const keys[] = { "id", "times", "when", "rules",
		"lines", "not_lines", "stack", NULL };
	static const char *const stacks[] = { "best", "add", "multiply",
		"replace", NULL };
	struct node times;
	int stack = 0;

	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "times", "what amounts are multiplied by", &times,
	        e) == -1 ||
	    decimal_of(&times, FACTOR_PLACES, FACTOR_MAX, &m->times, e) == -1 ||
	    multiplier_rules(d, n, m, e) == -1 ||
	    read_when(d, n, &m->when, e) == -1 ||
	    read_filter(d, n, &m->lines, e) == -1 ||
	    node_word(n, "stack", stacks, &stack, e) == -1)
		return -1;
	if (refuse_never(d, n, &m->when, NULL, e) == -1 ||
	    refuse_multiplier(d, n, m, e) == -1)
		return -1;
	m->stack = (enum stacking)(STACK_BEST + stack);
	if (m->stack == STACK_ADD && m->times < FACTOR_ONE)
		return node_refuse(&times, e,
		    "must be at least 1: what it adds to 1 is added up");
	return 0;
}

int
read_multipliers(struct draft *d, const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "multipliers", &n))
		return 0;
	for (size_t i = 0; i < d->p.nmultipliers; i++) {
		struct node item = node_item(&n, i);

		if (multiplier_of(d, &item, &d->multipliers[i], e) == -1)
			return -1;
	}
	return 0;
}

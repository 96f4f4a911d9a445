/* SPDX-License-Identifier: MIT */
/*
 * What an occurrence earns by a rule:
 *
 *  1. What counts is the base of an order after its refunds so far, the
 *     pieces of it, the amount or count of an event, or the occurrence
 *     itself; of what is undone nothing counts.
 *  2. It is multiplied by the rate, and rounded once in the rule's window;
 *     a longer window sums what counts, in thousandths, so that remainders
 *     are carried, and gives the difference to what it gave before.
 *  3. What multipliers add is rounded with it and stands by itself.
 *  4. Limits let through what their windows have room for.
 *  5. Everything an order earns follows the moment it was placed: its
 *     program, tier, multipliers.  A refund takes back what is too much
 *     then, by the same way; only amounts that a condition asks for are
 *     those of what is left.
 */
#include <assert.h>
#include <string.h>

#include "base/instant.h"
#include "core/fold_run.h"

/* ---- 1. what counts ------------------------------------------------------ */

struct measure {
	struct fraction whole, left, boosted; /* minor units, pieces, counts */
};

static struct fraction
whole_number(int64_t n)
{
	return (struct fraction){ n, 1 };
}

static bool
is_gone(const struct occurrence *o, const struct share *s)
{
	if (o->revoked)
		return true;
	return o->undone || s->off;
}

static void
boost(const struct occurrence *o, const struct share *s, struct measure *m)
{
	wide factor = s->factor;

	if (s->old_factor > 0 && o->split_d > 0)
		/* The part before the new tier by the old one's. */
		factor = ratio_floor(
		    ratio_mul(s->old_factor, o->split_n) +
		        ratio_mul(s->factor, o->split_d - o->split_n),
		    o->split_d);
	m->boosted.n = ratio_mul(m->left.n, factor);
	m->boosted.d = ratio_mul(m->left.d, FACTOR_ONE);
}

static void
measure_order(
    const struct occurrence *o, const struct share *s, struct measure *m)
{
	const struct rule *rule = s->rule;
	struct worth_ask ask = {
		.base = &o->program->bases[rule->base],
		.factors = s->factors,
		.rest_factor = s->factor,
		.nrefunds = o->nrefunds,
	};
	struct worth w;

	worth_of(o->order, &ask, &w);
	m->whole = w.whole;
	m->left = w.left;
	/* Once given, the same share of it stays as of the money. */
	if (rule->reversal == REVERSE_PROPORTIONAL && s->whole >= 0 &&
	    s->cell == NULL)
		return;
	if (rule->by == PER_ITEM) {
		m->whole = whole_number(w.pieces_whole);
		m->left = whole_number(w.pieces);
	} else if (rule->by != PER_MONEY) {
		m->whole = whole_number(w.whole.n > 0);
		m->left = whole_number(w.left.n > 0);
	}
	boost(o, s, m);
	if (s->factors == NULL)
		return;
	if (rule->by == PER_MONEY)
		m->boosted = w.boosted;
	else if (rule->by == PER_ITEM)
		m->boosted = (struct fraction){ w.pieces_boosted, FACTOR_ONE };
}

static struct measure
measure_of(const struct occurrence *o, const struct share *s)
{
	struct measure m = { 0 };
	int64_t n = 1;

	if (o->order != NULL) {
		measure_order(o, s, &m);
	} else {
		if (s->rule->by == PER_MONEY)
			n = o->fact != NULL ? o->fact->amount : 0;
		if (s->rule->by == PER_COUNT)
			n = o->fact != NULL ? o->fact->count : 1;
		m.whole = m.left = whole_number(n > 0 ? n : 0);
		boost(o, s, &m);
	}
	if (is_gone(o, s)) {
		m.left = whole_number(0);
		m.boosted = whole_number(0);
	}
	return m;
}

/* ---- 2. the rate ------------------------------------------------------------ */

struct rate {
	int64_t units, per;
};

static struct rate
rate_of(const struct occurrence *o, const struct rule *rule)
{
	struct rate rate = { rule->units, rule->per };
	int year;

	if (rule->ndeclared == 0)
		return rate;
	year = calendar_civil(o->program->zone, o->at).year;
	for (size_t i = 0; i < rule->ndeclared; i++)
		if (rule->declared[i].year == year)
			return (struct rate){ rule->declared[i].units,
				rule->declared[i].per };
	return rate;
}

/* Units that should be given, without and with multipliers. */
struct target {
	int64_t base, all;
};

static int64_t
line_limited(const struct rule *rule, int64_t units)
{
	for (size_t i = 0; i < rule->nlimits; i++)
		if (rule->limits[i].window == WINDOW_LINE &&
		    units > rule->limits[i].most)
			units = rule->limits[i].most;
	return units;
}

/* Each line by itself; what is no line does not count. */
static struct target
target_by_line(
    const struct occurrence *o, const struct share *s, struct rate rate)
{
	size_t n = o->order->nlines;
	struct target sum = { 0, 0 };

	for (size_t i = 0; i < n && !is_gone(o, s); i++) {
		struct order one = *o->order;
		struct order_line line = one.lines[i];
		struct occurrence o1 = *o;
		struct share s1 = *s;
		struct measure m;

		one.lines = &line;
		one.nlines = 1;
		one.shipping = one.shipping_tax = one.fees = one.fees_tax = 0;
		o1.order = &one;
		s1.factors = s->factors != NULL ? &s->factors[i] : NULL;
		m = measure_of(&o1, &s1);
		sum.base += line_limited(
		    s->rule, fraction_times(m.left, rate.units, rate.per,
		                 s->rule->rounding));
		sum.all += line_limited(
		    s->rule, fraction_times(m.boosted, rate.units, rate.per,
		                 s->rule->rounding));
	}
	return sum;
}

/* The share of what was given that is left of the money. */
static int64_t
share_of(int64_t units, const struct measure *m)
{
	enum rest rest;

	return ratio_times(ratio_mul(m->left.n, m->whole.d),
	    ratio_mul(m->left.d, m->whole.n), units, 1, &rest);
}

static struct target
target_own(const struct occurrence *o, const struct share *s,
    const struct measure *m, struct why *why)
{
	const struct rule *rule = s->rule;
	struct rate rate = rate_of(o, rule);
	struct target t;

	if (rule->reversal == REVERSE_PROPORTIONAL && s->whole >= 0 &&
	    m->whole.n > 0) {
		why->whole = s->whole_bonus;
		t.base = share_of(s->whole, m);
		t.all = share_of(s->whole_bonus, m);
		return t;
	}
	if (rule->over == WINDOW_LINE && o->order != NULL)
		return target_by_line(o, s, rate);
	t.base = fraction_times(m->left, rate.units, rate.per, rule->rounding);
	t.all = fraction_times(
	    m->boosted, rate.units, rate.per, rule->rounding);
	return t;
}

/* The whole window's, with this occurrence's part as it is now. */
static struct target
target_of_cell(const struct occurrence *o, struct share *s,
    const struct measure *m, struct why *why)
{
	struct cell *c = s->cell;
	struct rate rate = rate_of(o, s->rule);
	int64_t sum = fraction_milli(m->left);
	int64_t boosted = fraction_milli(m->boosted);
	struct fraction f = { 0, MILLI };
	struct target t;

	why->sum_before = ratio_floor(c->sum, 1);
	why->given_before = c->base_given + c->bonus_given;
	c->sum += sum - s->sum;
	c->boosted += boosted - s->boosted;
	s->sum = sum;
	s->boosted = boosted;
	why->sum_after = ratio_floor(c->sum, 1);
	why->boosted = ratio_floor(c->boosted, 1);
	f.n = c->sum;
	t.base = fraction_times(f, rate.units, rate.per, s->rule->rounding);
	f.n = c->boosted;
	t.all = fraction_times(f, rate.units, rate.per, s->rule->rounding);
	return t;
}

/* ---- 3. to 5. what is given ----------------------------------------------------- */

static int64_t
vests_at(const struct occurrence *o, const struct rule *rule)
{
	int64_t days = rule->pending_days >= 0 ? rule->pending_days
	                                       : o->program->pending_days;
	int64_t from = o->at;

	if (o->held)
		return INSTANT_NEVER;
	if (o->order != NULL && o->order->paid_at > from)
		from = o->order->paid_at;
	if (o->order != NULL && rule->pending_from == FROM_FULFILLED) {
		if (o->order->fulfilled_at == 0)
			return INSTANT_NEVER;
		from = o->order->fulfilled_at;
	}
	/* A shop's clock that is ahead holds nothing up. */
	if (days == 0 && rule->pending_from == FROM_PAID)
		return o->at;
	return from + days * INSTANT_DAY;
}

static void
donate(struct run *r, const struct occurrence *o, const struct share *s,
    int64_t units, const struct why *why)
{
	const struct post post = {
		.origin = &o->origin,
		.rule = s->rule->id,
		.purse = purse_charity(r),
		.party = s->rule->charity,
		.debit = units >= 0 ? ACCOUNT_ISSUED : ACCOUNT_CHARITY,
		.credit = units >= 0 ? ACCOUNT_CHARITY : ACCOUNT_REVERSED,
		.units = units >= 0 ? units : -units,
		.why = why,
	};

	run_post(r, &post);
}

/* To a tier's metric, if it is what was earned.  What is taken back counts
 * against it also where a limit had let nothing of it through. */
static void
contribute(struct run *r, const struct occurrence *o, struct share *s,
    struct lot_state *l, int64_t units)
{
	const struct tiers *t = &o->program->tiers;
	int64_t at = o->at;

	if (t->nlevels == 0 || t->metric != METRIC_EARNED ||
	    t->wallet != s->rule->wallet)
		return;
	if (l != NULL && !t->pending_counts && !l->parcel.vested)
		at = l->parcel.vests_at;
	if (s->earned != NULL)
		units += s->earned->amount;
	tier_contribute(r, &s->earned, at, units);
	if (l != NULL)
		l->contribution = s->earned;
}

/* One of the two parts of what a share gives. */
static void
grant(struct run *r, struct occurrence *o, struct share *s, bool bonus,
    int64_t units, const struct why *why)
{
	const struct rule *by = s->rule;
	struct grant g = {
		.origin = &o->origin,
		.rule = bonus && s->bonus_rule != NULL ? s->bonus_rule : by->id,
		.by = by,
		.program = o->program,
		.earned_at = o->at,
		.units = units,
		.why = why,
		.lot = bonus ? &s->bonus_lot : &s->lot,
	};

	if (units == 0)
		return;
	if (by->charity != NULL) {
		donate(r, o, s, units, why);
		return;
	}
	g.vests_at = vests_at(o, by);
	g.purse = purse_of(r, o->program, by->wallet);
	purse_grant(r, &g);
	contribute(r, o, s, *g.lot, units);
}

static struct why *
why_new(struct run *r, const struct occurrence *o, const struct share *s,
    const struct measure *m)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));
	struct rate rate = rate_of(o, s->rule);

	*why = (struct why){
		.reason = "earned",
		.rule = s->rule->id,
		.base = ratio_floor(m->whole.n, m->whole.d),
		.base_left = ratio_floor(m->left.n, m->left.d),
		.units = rate.units,
		.per = rate.per,
		.factor = s->factor,
		.tier = s->tier,
		.over = s->rule->over,
		.window_from = s->cell != NULL ? s->cell->from : 0,
		.nmultipliers = s->nmultipliers,
	};
	for (size_t i = 0; i < s->nmultipliers; i++)
		why->multipliers[i] = s->multipliers[i]->id;
	return why;
}

/* Why an occurrence that could have earned something did not. */
static const char *
reason_of(const struct occurrence *o, const struct share *s,
    const struct measure *m, const struct why *why)
{
	if (s->off)
		return "amount";
	if (why->limit != 0 && why->uncapped > 0)
		return "limit_reached";
	if (is_gone(o, s))
		return "undone";
	if (m->left.n <= 0)
		return m->whole.n > 0 ? "returned" : "zero_base";
	return why->sum_after != 0 ? "carried" : "too_small";
}

/* Nothing, and why. */
static void
post_nothing(struct run *r, const struct occurrence *o, const struct rule *rule,
    const struct why *why)
{
	struct post post = {
		.origin = &o->origin,
		.rule = rule->id,
		.debit = ACCOUNT_ISSUED,
		.credit = ACCOUNT_AVAILABLE,
		.why = why,
	};

	post.purse = rule->charity != NULL
	                 ? purse_charity(r)
	                 : purse_of(r, o->program, rule->wallet);
	run_post(r, &post);
}

/* Gives or takes the difference to what the share has. */
static void
settle_share(struct run *r, struct occurrence *o, struct share *s, bool first)
{
	struct measure m = measure_of(o, s);
	struct why *why = why_new(r, o, s, &m);
	int64_t *base_given = &s->base_given, *bonus_given = &s->bonus_given;
	int64_t base, bonus;
	struct target t;

	if (s->cell != NULL) {
		t = target_of_cell(o, s, &m, why);
		base_given = &s->cell->base_given;
		bonus_given = &s->cell->bonus_given;
	} else {
		t = target_own(o, s, &m, why);
		why->boosted = fraction_milli(m.boosted);
		why->given_before = s->base_given + s->bonus_given;
	}
	if (first) {
		s->whole = t.base;
		s->whole_bonus = t.all;
	}
	base = t.base - *base_given;
	bonus = t.all - t.base - *bonus_given;
	*base_given = t.base;
	*bonus_given = t.all - t.base;
	why->given_after = t.all;
	why->uncapped = base + bonus;
	/* What came last goes first. */
	if (base + bonus >= 0)
		base = gates_pass(r, s->rule, o, base, &why->limit);
	bonus = gates_pass(r, s->rule, o, bonus, &why->limit);
	if (why->uncapped < 0)
		base = gates_pass(r, s->rule, o, base, &why->limit);
	why->passed = base + bonus;
	why->bonus = bonus;
	if (!first && t.all == 0)
		why->reason = reason_of(o, s, &m, why);
	else if (!first)
		why->reason = "settled";
	else if (why->passed == 0) {
		why->reason = reason_of(o, s, &m, why);
		post_nothing(r, o, s->rule, why);
	}
	grant(r, o, s, false, base, why);
	grant(r, o, s, s->bonus_rule != NULL, bonus, why);
}

void
earn_nothing(struct run *r, const struct occurrence *o, const struct rule *rule,
    const char *reason)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));

	why->reason = reason;
	why->rule = rule->id;
	why->tier = r->tier;
	post_nothing(r, o, rule, why);
}

/* ---- which rules ------------------------------------------------------------------- */

static bool
is_about(const struct rule *rule, enum trigger on, const struct occurrence *o)
{
	if (rule->on != on || rule->take_wallet != NONE)
		return false;
	if (on == ON_EVENT)
		return strcmp(rule->event, o->fact->type) == 0;
	if (on == ON_DATE) {
		struct civil c = calendar_civil(o->program->zone, o->at);

		return c.month == rule->month && c.day == rule->day;
	}
	return true;
}

/* CROSSING_SPLIT: what the multipliers were in the tier before. */
static void
split_factor(struct run *r, const struct occurrence *o, struct share *s)
{
	const char *tier = r->view.tier;
	struct share old = *s;

	if (o->split_d == 0)
		return;
	r->view.tier = o->old_tier;
	factors_begin(r, o, &old);
	r->view.tier = tier;
	s->old_factor = old.factor;
}

void
earn_begin(struct run *r, struct occurrence *o, enum trigger on)
{
	const struct program *p = o->program;
	const char *why_not;

	o->shares = arena_array(r->arena, p->nrules + 1, sizeof(*o->shares));
	for (size_t i = 0; i < p->nrules; i++)
		o->replaces |= p->rules[i].replaces.n > 0;
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *rule = &p->rules[i];
		struct share *s = &o->shares[o->nshares];

		if (!is_about(rule, on, o))
			continue;
		if (!condition_holds(
		        &rule->when, p, &r->view, &o->occasion, &why_not)) {
			earn_nothing(r, o, rule, why_not);
			continue;
		}
		o->nshares++;
		*s = (struct share){
			.rule = rule, .tier = r->tier, .whole = -1
		};
		factors_begin(r, o, s);
		split_factor(r, o, s);
		if (rule->over > WINDOW_ORDER)
			s->cell = cell_at(r, rule, o);
		settle_share(r, o, s, true);
	}
	takes_run(r, ON_BALANCE, NULL, 0, 0);
}

void
earn_again(struct run *r, struct occurrence *o)
{
	for (size_t i = o->nshares; i-- > 0;) {
		struct share *s = &o->shares[i];

		if (s->rule->reversal == REVERSE_NONE && !o->revoked)
			continue;
		s->off = !amount_holds(&s->rule->when, o);
		factors_again(r, o, s);
		settle_share(r, o, s, false);
	}
	takes_run(r, ON_BALANCE, NULL, 0, 0);
}

struct occurrence *
earn_tick(struct run *r, enum trigger on, const char *id, const char *level)
{
	const struct era *era = run_era(r, r->now);
	struct occurrence *o = arena_alloc(r->arena, sizeof(*o));

	*o = (struct occurrence){
		.origin = { SOURCE_TIME, r->timeline->store_id, id,
		    era->version_id },
		.program = era->program,
		.at = r->now,
		.occasion.at = r->now,
		.level = level,
		.tier_year_from = tier_year_begin(r, r->now),
	};
	earn_begin(r, o, on);
	return o;
}

int64_t
order_amount(const struct occurrence *o, const struct base *b)
{
	const struct worth_ask ask = {
		.base = b, .factors = o->counting, .nrefunds = o->nrefunds
	};
	struct worth w;

	worth_of(o->order, &ask, &w);
	return ratio_floor(w.left.n, w.left.d);
}

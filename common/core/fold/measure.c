/* SPDX-License-Identifier: MIT */
/*
 * measure: how much of an occurrence (an order, an event or a date) counts for
 * a rule, and how many units the rule gives for that.
 *
 *  1. The rule says what counts: the money of an order after its refunds so
 *     far, its pieces, the amount or the count of an event, or 1 for each
 *     occurrence.  Nothing of an undone occurrence counts.
 *  2. The units are the count times the rate, rounded once.  A rule may sum the
 *     counts of all occurrences in a window, such as a month, and round only
 *     the sum.  Each occurrence then gives what it adds to the rounded sum.
 *     The counts of a window are kept in thousandths.
 *  3. The count with multipliers and the count without them are rounded
 *     separately.  The difference is posted as a bonus of its own.
 *  4. If the rule has a limit per line, a line counts only up to the amount
 *     that reaches the limit.
 *  5. A rule with REVERSE_PROPORTIONAL first works out its units as if there
 *     were no refunds.  After a refund, these units are cut in proportion to
 *     the money that is left.
 */
#include "core/fold/internal.h"

/* 4. The limit per line; NULL: the rule has none. */
static const struct limit *
line_limit(const struct rule *rule)
{
	for (size_t i = 0; i < rule->nlimits; i++)
		if (rule->limits[i].window == WINDOW_LINE)
			return &rule->limits[i];
	return NULL;
}

static struct fraction
whole_number(int64_t n)
{
	return (struct fraction){ n, 1 };
}

bool
share_is_gone(const struct occurrence *o, const struct share *s)
{
	if (o->revoked)
		return true;
	return o->undone || s->off != NULL;
}

/* 5. Whether, after a refund, the member keeps a part of the units first given,
 * instead of what the rest of the order would earn. */
bool
share_is_proportional(const struct share *s)
{
	return s->rule->reversal == REVERSE_PROPORTIONAL && s->whole >= 0;
}

static void
boost(const struct facet *f, struct measure *m)
{
	m->boosted.n = ratio_mul(m->left.n, f->factor);
	m->boosted.d = ratio_mul(m->left.d, FACTOR_ONE);
}

/* Measures an order, or a single line of an order, as if all of it were in one
 * tier.  `first` is the index of the first line in the whole order. */
static struct measure
measure_facet(const struct occurrence *o, const struct share *s,
    const struct facet *f, size_t first)
{
	const struct rule *rule = s->rule;
	const struct worth_ask ask = {
		.base = &o->program->bases[rule->base],
		.factors = f->factors != NULL ? &f->factors[first] : NULL,
		.rest_factor = f->factor,
		.nrefunds = o->nrefunds,
		.loss = o->loss,
		.exchange = o->exchange,
		.tallies = o->tallies,
		.line = o->line,
	};
	struct measure m;
	struct worth w;
	bool by_money;

	worth_of(o->order, &ask, &w);
	steps_take(o->steps, w.width);
	m.whole = w.whole;
	m.left = w.left;
	m.foreign = w.foreign;
	/* 5. A proportional rule goes by the money that is left, even if the
	 * rule counts pieces, unless the pieces cost nothing. */
	by_money = rule->by == PER_MONEY ||
	           (share_is_proportional(s) && w.whole.n > 0);
	if (!by_money && rule->by == PER_ITEM) {
		m.whole = whole_number(w.pieces_whole);
		m.left = whole_number(w.pieces);
	} else if (!by_money) {
		m.whole = whole_number(w.whole.n > 0);
		m.left = whole_number(w.left.n > 0);
	}
	boost(f, &m);
	if (f->factors != NULL && by_money)
		m.boosted = w.boosted;
	else if (f->factors != NULL && rule->by == PER_ITEM)
		m.boosted = (struct fraction){ w.pieces_boosted, FACTOR_ONE };
	return m;
}

static void
add_part(struct fraction *sum, struct fraction f, struct fraction part)
{
	f = fraction_part(f, part.n, part.d);
	f.n = -f.n;
	*sum = fraction_less(*sum, f);
}

/* Adds up the parts of an order that count differently in their tiers.  With
 * REVERSE_PROPORTIONAL a refund does not move the parts: the parts stay as they
 * were when the units were first given. */
static struct measure
measure_order(const struct occurrence *o, const struct share *s, size_t first)
{
	struct measure m = { { 0, 1 }, { 0, 1 }, { 0, 1 }, { 0, 1 } };

	for (size_t k = 0; k < s->nfacets; k++) {
		const struct facet *f = &s->facets[k];
		struct fraction whole = cross_alike(s, k, true);
		struct fraction part = cross_alike(
		    s, k, share_is_proportional(s));
		struct measure x;

		if (f->why_not != NULL || (whole.n == 0 && part.n == 0))
			continue;
		x = measure_facet(o, s, f, first);
		if (whole.n == whole.d && part.n == part.d)
			return x;
		add_part(&m.whole, x.whole, whole);
		add_part(&m.foreign, x.foreign, whole);
		add_part(&m.left, x.left, part);
		add_part(&m.boosted, x.boosted, part);
	}
	return m;
}

/* An order of which one line is measured by itself. */
struct one_line {
	struct order order;
	struct occurrence of;
	struct line_left left;
	struct loss loss; /* of the whole order */
};

/* Takes shipping and fees off an order, so that one line of it is left, which
 * is still to be set. */
static void
one_line_begin(const struct occurrence *o, struct one_line *one)
{
	one->order = *o->order;
	one->order.nlines = 1;
	one->order.shipping = one->order.shipping_tax = 0;
	one->order.fees = one->order.fees_tax = 0;
	one->of = *o;
	one->of.order = &one->order;
	one->of.tallies = NULL;
	one->of.line = o->tallies != NULL ? &one->left : NULL;
	one->of.loss = &one->loss;
	if (o->tallies != NULL)
		tallies_loss(o->tallies, o->nrefunds, &one->loss);
	else
		loss_of(o->order, o->nrefunds, &one->loss);
	steps_take(o->steps, one->loss.width);
}

/* Measures the i-th line. */
static struct measure
measure_line(const struct occurrence *o, const struct share *s, size_t i,
    struct one_line *one)
{
	steps_take(o->steps, STEPS_LINE);
	one->order.lines = &o->order->lines[i];
	if (o->tallies != NULL)
		one->left = tallies_line(o->tallies, o->nrefunds, i);
	return measure_order(&one->of, s, i);
}

/* 4. Takes off the part of a line that is beyond the line's limit. */
static void
cut(struct fraction *all, struct fraction line, struct fraction most)
{
	struct fraction beyond = fraction_less(line, most);

	if (beyond.n > 0)
		*all = fraction_less(*all, beyond);
	/* The sum is below zero if refunds of other lines took back more than
	 * those lines were worth. */
	if (all->n < 0)
		all->n = 0;
}

/* 4. Cuts each line to the amount that reaches the line's limit. */
static void
cut_lines(const struct occurrence *o, const struct share *s, struct measure *m)
{
	const struct limit *l = line_limit(s->rule);
	struct rate rate = measure_rate(o, s->rule);
	struct fraction most;
	struct one_line one;

	if (l == NULL || s->rule->over == WINDOW_LINE ||
	    share_is_proportional(s))
		return;
	if (lines_cut(o, s, rate, l->most, m))
		return;
	one_line_begin(o, &one);
	most = (struct fraction){ ratio_mul(l->most, rate.per), rate.units };
	for (size_t i = 0; i < o->order->nlines; i++) {
		struct measure line = measure_line(o, s, i, &one);

		cut(&m->whole, line.whole, most);
		cut(&m->left, line.left, most);
		cut(&m->boosted, line.boosted, most);
	}
}

struct measure
measure_of(const struct occurrence *o, const struct share *s)
{
	struct measure m = { 0 };
	int64_t n = 1;

	if (o->order != NULL) {
		m = measure_order(o, s, 0);
		cut_lines(o, s, &m);
	} else {
		if (s->rule->by == PER_MONEY)
			n = o->fact != NULL ? o->fact->amount : 0;
		if (s->rule->by == PER_COUNT)
			n = o->fact != NULL ? o->fact->count : 1;
		m.whole = m.left = whole_number(n > 0 ? n : 0);
		if (s->rule->by == PER_MONEY && o->fact != NULL)
			m.whole.d = m.left.d = power_of_ten(o->fact->finer);
		boost(&s->facets[0], &m);
	}
	if (share_is_gone(o, s)) {
		m.left = whole_number(0);
		m.boosted = whole_number(0);
	}
	return m;
}

/* ---- 2. the rate --------------------------------------------------------- */

struct rate
measure_rate(const struct occurrence *o, const struct rule *rule)
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

static int64_t
line_limited(const struct rule *rule, int64_t units)
{
	const struct limit *l = line_limit(rule);

	return l != NULL && units > l->most ? l->most : units;
}

static int64_t
units_for(const struct share *s, struct fraction f, struct rate rate)
{
	return fraction_times(f, rate.units, rate.per, s->rule->rounding);
}

/* Rounds and limits each line by itself.  Shipping and fees do not count. */
static void
target_by_line(const struct occurrence *o, const struct share *s,
    const struct measure *whole, int64_t *base, int64_t *all)
{
	const struct limit *l = line_limit(s->rule);
	struct rate rate = measure_rate(o, s->rule);
	int64_t units[PARTS];
	struct one_line one;

	*base = *all = 0;
	if (share_is_gone(o, s) ||
	    (s->rule->by == PER_ITEM && whole->left.n == 0))
		return;
	if (lines_units(o, s, rate, l != NULL ? l->most : INT64_MAX, units)) {
		*base = units[PART_BASE];
		*all = units[PART_BONUS];
		return;
	}
	one_line_begin(o, &one);
	for (size_t i = 0; i < o->order->nlines; i++) {
		struct measure m = measure_line(o, s, i, &one);

		*base += line_limited(s->rule, units_for(s, m.left, rate));
		*all += line_limited(s->rule, units_for(s, m.boosted, rate));
	}
}

/* 5. Cuts the units in proportion to the money that is left. */
int64_t
share_proportion(const struct share *s, int64_t units, enum rounding rounding)
{
	const struct measure *m = &s->measure;
	const struct fraction left = { ratio_mul(m->left.n, m->whole.d),
		ratio_mul(m->left.d, m->whole.n) };

	if (!share_is_proportional(s) || left.d == 0)
		return units;
	return fraction_times(left, units, 1, rounding);
}

void
measure_units(const struct occurrence *o, const struct share *s,
    const struct measure *m, int64_t *base, int64_t *all)
{
	const struct rule *rule = s->rule;
	/* The rule's rounding is for the sum of a window, not for its parts. */
	enum rounding rounding = s->cell != NULL ? ROUND_FLOOR : rule->rounding;

	if (share_is_proportional(s)) {
		*base = share_proportion(s, s->whole, rounding);
		*all = share_proportion(s, s->whole_all, rounding);
	} else if (s->cell != NULL) {
		*base = fraction_milli(m->left);
		*all = fraction_milli(m->boosted);
	} else if (rule->over == WINDOW_LINE && o->order != NULL) {
		target_by_line(o, s, m, base, all);
	} else {
		*base = units_for(s, m->left, measure_rate(o, rule));
		*all = units_for(s, m->boosted, measure_rate(o, rule));
	}
}

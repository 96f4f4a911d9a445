/* SPDX-License-Identifier: MIT */
/*
 * factor: multipliers, and lines that do not count.
 *
 *  1. If any multiplier replaces the others, the first that does applies alone.
 *  2. If not, the factor is a product of three parts: the highest multiplier of
 *     those of which only the best applies; 1 plus what the adding multipliers
 *     add; and each multiplier that multiplies.  The factor is rounded down to
 *     four decimals, and is at most FACTOR_MAX.
 *  3. A line does not count at all if it pays for a membership or if another
 *     rule counts it instead.
 */
#include <string.h>

#include "core/fold/internal.h"

enum {
	LINE_BITS = 64, /* lines that one number has bits for */
};

/* The multipliers that are meant for a rule, as bits. */
static uint64_t
meant_for(const struct program *p, const struct rule *rule)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < p->nmultipliers; i++) {
		const struct words *rules = &p->multipliers[i].rules;

		if (rules->n > 0 ? words_have(rules, rule->id)
		                 : rule->on == ON_ORDER || rule->on == ON_EVENT)
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

static const struct multiplier *
first_of(const struct program *p, uint64_t some)
{
	return &p->multipliers[__builtin_ctzll(some)];
}

/* Finds the multipliers of `some` that hold, as bits.  The answers are kept for
 * other rules. */
static uint64_t
holding_of(struct run *r, struct occurrence *o, const struct rule *rule,
    uint64_t some, bool amounts, struct holding *h)
{
	const char *why_not;

	for (uint64_t new = some & ~h->asked; new != 0; new &= new - 1)
		if (occurrence_holds(r, o, rule,
		        &first_of(o->program, new)->when, amounts, &why_not))
			h->on |= new & -new;
	h->asked |= some;
	return some & h->on;
}

/* Finds the multipliers of `some` whose conditions on amounts hold for what is
 * left of the order. */
static uint64_t
amounts_hold(
    struct run *r, struct occurrence *o, const struct rule *rule, uint64_t some)
{
	if (some == 0)
		return 0;
	return holding_of(
	    r, o, rule, some, true, &occurrence_rest(r, o, rule)->holding);
}

static int64_t
times(int64_t a, int64_t b)
{
	int64_t product = ratio_floor(ratio_mul(a, b), FACTOR_ONE);

	return product > FACTOR_MAX ? FACTOR_MAX : product;
}

struct stack {
	int64_t best, added, product, replaced;
};

static void
stack_add(struct stack *s, const struct multiplier *m)
{
	switch (m->stack) {
	case STACK_BEST:
		if (m->times > s->best)
			s->best = m->times;
		break;
	case STACK_ADD:
		s->added += m->times - FACTOR_ONE;
		break;
	case STACK_MULTIPLY:
		s->product = times(s->product, m->times);
		break;
	case STACK_REPLACE:
		if (s->replaced < 0)
			s->replaced = m->times;
		break;
	}
}

/* Works out the factor of the multipliers in `on`, as bits. */
static int64_t
factor_of(const struct program *p, uint64_t on)
{
	struct stack s = { 0, 0, FACTOR_ONE, -1 };
	int64_t factor;

	for (; on != 0; on &= on - 1)
		stack_add(&s, first_of(p, on));
	if (s.replaced >= 0)
		return s.replaced;
	factor = s.best > 0 ? s.best : FACTOR_ONE;
	s.added += FACTOR_ONE;
	return times(times(factor, s.added > 0 ? s.added : 0), s.product);
}

/* The multipliers that mean a line, as bits; with NULL those that mean every
 * line. */
static uint64_t
meant_by(const struct program *p, const struct order_line *line)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < p->nmultipliers; i++)
		if (p->multipliers[i].lines.n == 0 ||
		    (line != NULL &&
		        filter_has(&p->multipliers[i].lines, line)))
			bits |= UINT64_C(1) << i;
	return bits;
}

static bool
counts_line(const struct base *b, const struct order_line *line)
{
	return (b->gift_cards || !line->gift_card) &&
	       filter_has(&b->lines, line);
}

/* Finds the lines that a base counts, as bits. */
static const uint64_t *
lines_of(struct run *r, struct occurrence *o, size_t base)
{
	const struct order *order = o->order;
	const struct program *p = o->program;
	uint64_t *bits;

	if (o->counted == NULL)
		o->counted = arena_array(
		    r->arena, p->nbases, sizeof(*o->counted));
	if (o->counted[base] != NULL)
		return o->counted[base];
	bits = arena_array(
	    r->arena, order->nlines / LINE_BITS + 1, sizeof(*bits));
	steps_take(r->steps, order->nlines * STEPS_LINK);
	for (size_t i = 0; i < order->nlines; i++)
		if (counts_line(&p->bases[base], &order->lines[i]))
			bits[i / LINE_BITS] |= UINT64_C(1) << i % LINE_BITS;
	return o->counted[base] = bits;
}

/* 3. Finds the lines that other rules count instead, as bits; NULL: no other
 * rule replaces this rule. */
static const uint64_t *
replaced_for(struct run *r, struct occurrence *o, const struct rule *rule)
{
	const struct program *p = o->program;
	size_t n = o->order->nlines / LINE_BITS + 1;
	uint64_t *bits = NULL;
	const char *why_not;

	for (size_t i = 0; o->replaces && i < p->nrules; i++) {
		const struct rule *q = &p->rules[i];
		struct occasion asked;
		const uint64_t *counted;

		if (!words_have(&q->replaces, rule->id))
			continue;
		if (bits == NULL)
			bits = arena_array(r->arena, n, sizeof(*bits));
		asked = occurrence_occasion(o, q, &q->when);
		if (!run_holds(r, &q->when, p, &asked, &why_not))
			continue;
		counted = lines_of(r, o, q->base);
		for (size_t j = 0; j < n; j++)
			bits[j] |= counted[j];
	}
	return bits;
}

/* Finds the lines that count for the rule: FACTOR_ONE for a line that counts,
 * else 0.  NULL: all lines count. */
static const int64_t *
counting_of(struct run *r, struct occurrence *o, const struct rule *rule)
{
	const uint64_t *replaced = NULL;
	int64_t *counting;

	if (o->order != NULL)
		replaced = replaced_for(r, o, rule);
	if (replaced == NULL)
		return o->counting;
	counting = arena_array(
	    r->arena, o->order->nlines + 1, sizeof(*counting));
	for (size_t i = 0; i < o->order->nlines; i++)
		if ((o->counting == NULL || o->counting[i] != 0) &&
		    (replaced[i / LINE_BITS] >> i % LINE_BITS & 1) == 0)
			counting[i] = FACTOR_ONE;
	return counting;
}

static void
factors_fill(struct occurrence *o, struct line_factors *f)
{
	/* Many lines have the same multipliers. */
	struct {
		uint64_t on;
		int64_t factor;
	} known[64] = { { 0, FACTOR_ONE } };

	for (size_t i = 0; i < o->order->nlines; i++) {
		uint64_t on = o->meant[i] & f->on;
		size_t at = hash_number(HASH_BEGIN, on) % NITEMS(known);

		if (f->counting != NULL && f->counting[i] == 0)
			continue;
		if (known[at].on != on || on == 0) {
			known[at].on = on;
			known[at].factor = factor_of(o->program, on);
		}
		f->factors[i] = known[at].factor;
	}
}

/* Works out the factor of each line by the multipliers in `on`; NULL if all
 * lines have the same factor. */
static const int64_t *
line_factors(
    struct run *r, struct occurrence *o, const struct facet *f, uint64_t on)
{
	const struct program *p = o->program;
	struct line_factors *x;

	if (o->order == NULL ||
	    (f->counting == NULL && (on & ~meant_by(p, NULL)) == 0))
		return NULL;
	for (x = o->factors; x != NULL; x = x->next) {
		steps_take(r->steps, STEPS_LINK);
		if (x->on == on && x->counting == f->counting)
			return x->factors;
	}
	if (o->meant == NULL) {
		steps_take(r->steps, o->order->nlines * (1 + p->nmultipliers));
		o->meant = arena_array(
		    r->arena, o->order->nlines + 1, sizeof(*o->meant));
		for (size_t i = 0; i < o->order->nlines; i++)
			o->meant[i] = meant_by(p, &o->order->lines[i]);
	}
	steps_take(r->steps, o->order->nlines);
	x = arena_alloc(r->arena, sizeof(*x));
	*x = (struct line_factors){ o->factors, on, f->counting,
		arena_array(
		    r->arena, o->order->nlines + 1, sizeof(*x->factors)) };
	factors_fill(o, x);
	o->factors = x;
	return x->factors;
}

/* Adds multipliers to the list of the share. */
static void
name_multipliers(const struct program *p, struct share *s, uint64_t some)
{
	for (; some != 0 && s->nmultipliers < WHY_MULTIPLIERS_MAX;
	     some &= some - 1)
		s->multipliers[s->nmultipliers++] = first_of(p, some);
}

void
factors_again(struct run *r, struct share *s)
{
	struct occurrence *o = s->of;
	const struct program *p = o->program;
	uint64_t named = 0;

	s->nmultipliers = 0;
	for (size_t k = 0; k < s->nfacets; k++) {
		struct facet *f = &s->facets[k];
		uint64_t holding = amounts_hold(r, o, s->rule, f->on);

		if (f->why_not == NULL && cross_part(o, k, false).n > 0) {
			name_multipliers(p, s, holding & ~named);
			named |= holding;
		}
		/* The tallies of an order know factors by their address. */
		if (f->as != k || (f->has_factors && f->holding == holding))
			continue;
		f->has_factors = true;
		f->holding = holding;
		f->factor = factor_of(p, holding & meant_by(p, NULL));
		f->factors = line_factors(r, o, f, holding);
	}
}

/* Finds the multiplier that a bonus is named after: the first multiplier that
 * replaces the others, else the largest. */
static const struct multiplier *
name_giver(const struct program *p, const struct multiplier *best, uint64_t on)
{
	for (; on != 0; on &= on - 1) {
		const struct multiplier *m = first_of(p, on);

		if (best != NULL && best->stack == STACK_REPLACE)
			return best;
		if (best == NULL || m->stack == STACK_REPLACE ||
		    m->times > best->times)
			best = m;
	}
	return best;
}

/* Finds out whether the rule applies in the k-th tier of the order, and which
 * multipliers of `some` do.  Only conditions on the tier may have other answers
 * than in the first tier. */
static void
facet_begin(struct run *r, struct share *s, size_t k, uint64_t some)
{
	struct occurrence *o = s->of;
	const struct condition *when = &s->rule->when;
	struct facet *f = &s->facets[k], *first = s->facets;
	const struct occasion asked = occurrence_occasion(o, s->rule, when);

	steps_take(r->steps, STEPS_RULE * (1 + o->program->nmultipliers));
	if (k > 0 && !condition_asks_tier(when))
		f->why_not = s->facets[0].why_not;
	else
		(void)run_holds(r, when, o->program, &asked, &f->why_not);
	while (first < f && first->why_not != NULL)
		first++;
	if (f->why_not == NULL) {
		f->counting = first == f || o->replaces_by_tier
		                  ? counting_of(r, o, s->rule)
		                  : first->counting;
		f->on = holding_of(r, o, s->rule, some, false, &o->holding[k]);
		f->on = amounts_hold(r, o, s->rule, f->on);
	}
	for (f->as = 0; f->as < k; f->as++)
		if ((s->facets[f->as].why_not == NULL) ==
		        (f->why_not == NULL) &&
		    s->facets[f->as].on == f->on &&
		    s->facets[f->as].counting == f->counting)
			break;
}

const char *
factors_begin(struct run *r, struct occurrence *o, struct share *s)
{
	const struct program *p = o->program;
	const struct multiplier *giver = NULL;
	const char *tier = r->view.tier;
	uint64_t some = meant_for(p, s->rule);
	bool any = false;

	s->nfacets = o->nstretches > 0 ? o->nstretches : 1;
	s->facets = arena_array(r->arena, s->nfacets, sizeof(*s->facets));
	if (o->holding == NULL)
		o->holding = arena_array(
		    r->arena, s->nfacets, sizeof(*o->holding));
	for (size_t k = 0; k < s->nfacets; k++) {
		if (o->nstretches > 0)
			r->view.tier = o->stretches[k].tier;
		facet_begin(r, s, k, some);
		giver = name_giver(p, giver, s->facets[k].on);
		any |= s->facets[k].why_not == NULL;
	}
	r->view.tier = tier;
	if (giver != NULL)
		s->bonus_rule = run_text(r,
		    (const char *const[]){ s->rule->id, "*", giver->id, NULL });
	factors_again(r, s);
	return any ? NULL : s->facets[s->nfacets - 1].why_not;
}

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
#include <assert.h>
#include <string.h>

#include "core/fold/internal.h"

enum {
	LINE_BITS = 64, /* lines that one number has bits for */
};

/* Whether a multiplier holds for the occurrence and the rule. */
static bool
holds(struct run *r, const struct occurrence *o, const struct rule *rule,
    const struct multiplier *m)
{
	const struct occasion asked = occurrence_occasion(o, rule, &m->when);
	const char *why_not;

	if (m->rules.n > 0 ? !words_have(&m->rules, rule->id)
	                   : rule->on != ON_ORDER && rule->on != ON_EVENT)
		return false;
	return run_holds(r, &m->when, o->program, &asked, &why_not);
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
		stack_add(&s, &p->multipliers[__builtin_ctzll(on)]);
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

/* Adds a multiplier to the share's list, only once even if the multiplier holds
 * in several tiers of the order. */
static void
name_multiplier(struct share *s, const struct multiplier *m)
{
	for (size_t i = 0; i < s->nmultipliers; i++)
		if (s->multipliers[i] == m)
			return;
	if (s->nmultipliers < WHY_MULTIPLIERS_MAX)
		s->multipliers[s->nmultipliers++] = m;
}

void
factors_again(struct run *r, struct remainder *rest, struct share *s)
{
	struct occurrence *o = s->of;
	const struct program *p = o->program;

	s->nmultipliers = 0;
	for (size_t k = 0; k < s->nfacets; k++) {
		struct facet *f = &s->facets[k];
		const char *why_not;
		bool counts = f->why_not == NULL &&
		              cross_part(o, k, o->amount_left).n > 0;
		uint64_t holding = 0;

		for (size_t i = 0; i < f->nmultipliers; i++) {
			const struct multiplier *m = f->multipliers[i];

			if (!rest_holds(r, rest, &m->when, &why_not))
				continue;
			holding |= UINT64_C(1) << (m - p->multipliers);
			if (counts)
				name_multiplier(s, m);
		}
		/* The tallies of an order know factors by their address. */
		if (f->has_factors && f->holding == holding)
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
name_giver(const struct multiplier *best, const struct facet *f)
{
	for (size_t i = 0; i < f->nmultipliers; i++) {
		assert(f->multipliers[i] != NULL);
		if (best != NULL && best->stack == STACK_REPLACE)
			return best;
		if (best == NULL || f->multipliers[i]->stack == STACK_REPLACE ||
		    f->multipliers[i]->times > best->times)
			best = f->multipliers[i];
	}
	return best;
}

static void
facet_begin(struct run *r, struct occurrence *o, const struct rule *rule,
    struct facet *f)
{
	const struct program *p = o->program;
	const struct multiplier *on[MULTIPLIERS_MAX] = { NULL };
	const struct occasion asked = occurrence_occasion(o, rule, &rule->when);

	f->why_not = NULL;
	steps_take(r->steps, STEPS_RULE + p->nmultipliers * STEPS_RULE);
	if (!run_holds(r, &rule->when, p, &asked, &f->why_not))
		return;
	f->why_not = NULL;
	f->counting = counting_of(r, o, rule);
	for (size_t i = 0; i < p->nmultipliers; i++)
		if (holds(r, o, rule, &p->multipliers[i]))
			on[f->nmultipliers++] = &p->multipliers[i];
	if (f->nmultipliers == 0)
		return;
	f->multipliers = arena_array(
	    r->arena, f->nmultipliers, sizeof(struct multiplier *));
	memcpy(
	    f->multipliers, on, f->nmultipliers * sizeof(struct multiplier *));
}

const char *
factors_begin(struct run *r, struct occurrence *o, struct share *s)
{
	const struct multiplier *giver = NULL;
	const char *tier = r->view.tier;
	struct remainder rest = { .of = o, .rule = s->rule };
	bool any = false;

	s->nfacets = o->nstretches > 0 ? o->nstretches : 1;
	s->facets = arena_array(r->arena, s->nfacets, sizeof(*s->facets));
	for (size_t k = 0; k < s->nfacets; k++) {
		if (o->nstretches > 0)
			r->view.tier = o->stretches[k].tier;
		facet_begin(r, o, s->rule, &s->facets[k]);
		giver = name_giver(giver, &s->facets[k]);
		any |= s->facets[k].why_not == NULL;
	}
	r->view.tier = tier;
	if (giver != NULL)
		s->bonus_rule = run_text(r,
		    (const char *const[]){ s->rule->id, "*", giver->id, NULL });
	factors_again(r, &rest, s);
	return any ? NULL : s->facets[s->nfacets - 1].why_not;
}

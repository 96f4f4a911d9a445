/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/fold/internal.h"

/* Whether two versions of a rule have the same rate, so that the sum of a
 * window continues from one version to the next.  The rest of a sum that has
 * not earned a unit yet is of no use at another rate. */
static bool
same_rate(const struct rule *a, const struct rule *b)
{
	return strcmp(a->id, b->id) == 0 && a->by == b->by &&
	       a->units == b->units && a->per == b->per &&
	       a->rounding == b->rounding && a->over == b->over;
}

static struct cell *
cell_at(struct run *r, const struct rule *rule, const struct occurrence *o)
{
	int64_t from = window_from(r, rule->over, o);
	struct rule_sums *sums = window_sums(r, rule->id, from, NULL);
	struct cell *c;

	for (c = sums->cells; c != NULL; c = c->next) {
		steps_take(r->steps, STEPS_LINK);
		if (same_rate(c->rule, rule))
			return c;
	}
	c = arena_alloc(r->arena, sizeof(*c));
	*c = (struct cell){ .next = sums->cells, .rule = rule, .from = from };
	sums->cells = c;
	return c;
}

void
cell_join(struct run *r, struct share *s)
{
	struct cell *c = cell_at(r, s->rule, s->of);

	c->shares = arena_grow(
	    r->arena, c->shares, c->n, &c->room, sizeof(struct share *));
	s->cell = c;
	s->cell_at = c->n;
	s->sum_before = c->sum;
	s->boosted_before = c->boosted;
	c->shares[c->n++] = s;
}

static int64_t
worth_in(const struct share *s, wide sum)
{
	const struct rate rate = measure_rate(s->of, s->rule);
	const struct fraction f = { sum, MILLI };

	return fraction_times(f, rate.units, rate.per, s->rule->rounding);
}

void
cell_update(struct run *r, struct share *s, int64_t sum, int64_t boosted)
{
	struct cell *c = s->cell;
	wide before = s->sum_before, before_boosted = s->boosted_before;

	c->sum += sum - s->sum;
	c->boosted += boosted - s->boosted;
	s->sum = sum;
	s->boosted = boosted;
	steps_take(r->steps, (c->n - s->cell_at) * 2 * STEPS_RATIO);
	for (size_t i = s->cell_at; i < c->n; i++) {
		struct share *x = c->shares[i];
		int64_t base = worth_in(x, before + x->sum) -
		               worth_in(x, before);
		int64_t all = worth_in(x, before_boosted + x->boosted) -
		              worth_in(x, before_boosted);

		x->sum_before = before;
		x->boosted_before = before_boosted;
		limits_update(r, x, base, all);
		before += x->sum;
		before_boosted += x->boosted;
	}
}

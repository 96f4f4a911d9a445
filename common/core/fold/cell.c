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
	struct rule_sums *sums = window_sums(r, rule->id);
	int64_t from = window_from(rule->over, o);
	struct cell *c;

	for (c = sums->cells; c != NULL; c = c->next) {
		steps_take(r->steps, STEPS_LINK);
		if (c->from == from && same_rate(c->rule, rule))
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
	c->shares[c->n++] = s;
}

void
cell_before(const struct share *s, wide *sum, wide *boosted)
{
	const struct cell *c = s->cell;

	*sum = *boosted = 0;
	if (s->cell_at == c->n - 1) {
		*sum = c->sum - s->sum;
		*boosted = c->boosted - s->boosted;
		return;
	}
	steps_take(s->of->steps, s->cell_at);
	for (size_t i = 0; i < s->cell_at; i++) {
		*sum += c->shares[i]->sum;
		*boosted += c->shares[i]->boosted;
	}
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
	wide before, before_boosted;

	c->sum += sum - s->sum;
	c->boosted += boosted - s->boosted;
	s->sum = sum;
	s->boosted = boosted;
	cell_before(s, &before, &before_boosted);
	steps_take(r->steps, (c->n - s->cell_at) * 2 * STEPS_RATIO);
	for (size_t i = s->cell_at; i < c->n; i++) {
		struct share *x = c->shares[i];
		int64_t base = worth_in(x, before + x->sum) -
		               worth_in(x, before);
		int64_t all = worth_in(x, before_boosted + x->boosted) -
		              worth_in(x, before_boosted);

		limits_update(r, x, base, all);
		before += x->sum;
		before_boosted += x->boosted;
	}
}

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
	    r->arena, c->shares, c->n, &c->room, sizeof(*c->shares));
	s->cell = c;
	s->cell_at = c->n;
	c->shares[c->n++] = (struct celled){ .share = s,
		.rate = measure_rate(s->of, s->rule),
		.before = c->sum,
		.boosted_before = c->boosted };
}

static int64_t
worth_in(const struct cell *c, struct rate rate, wide sum)
{
	const struct fraction f = { sum, MILLI };

	return fraction_times(f, rate.units, rate.per, c->rule->rounding);
}

void
cell_update(struct run *r, struct share *s, int64_t sum, int64_t boosted)
{
	struct cell *c = s->cell;
	struct celled *x = &c->shares[s->cell_at];
	wide before = x->before, boosted_before = x->boosted_before;
	struct rate last = { 0, 0 };
	/* The units of all shares so far, at the rate of the share before. */
	int64_t base = 0, all = 0;

	c->sum += sum - x->sum;
	c->boosted += boosted - x->boosted;
	x->sum = sum;
	x->boosted = boosted;
	steps_take(r->steps, (c->n - s->cell_at) * 2 * STEPS_RATIO);
	for (; x < c->shares + c->n; x++) {
		int64_t base_before = base, all_before = all;

		if (x->rate.units != last.units || x->rate.per != last.per) {
			base_before = worth_in(c, x->rate, before);
			all_before = worth_in(c, x->rate, boosted_before);
		}
		x->before = before;
		x->boosted_before = boosted_before;
		before += x->sum;
		boosted_before += x->boosted;
		base = all = worth_in(c, x->rate, before);
		if (boosted_before != before)
			all = worth_in(c, x->rate, boosted_before);
		last = x->rate;
		/* Units that a charity was paid may have raised the units that
		 * the share's limits know. */
		if (x->share != s && x->base == base - base_before &&
		    x->all == all - all_before &&
		    x->share->paid[PART_BASE] == 0 &&
		    x->share->paid[PART_BONUS] == 0)
			continue;
		x->base = base - base_before;
		x->all = all - all_before;
		limits_update(r, x->share, x->base, x->all);
	}
}

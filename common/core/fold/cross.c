/* SPDX-License-Identifier: MIT */
/*
 * cross: how an order that reaches a tier already earns in that tier.
 *
 *  1. The amount of the order is divided into stretches.  The first belongs to
 *     the tier that the member had before the order.  Each level that the
 *     metric (the sum that decides the tier) reaches with the order has a
 *     further stretch, which begins at the amount that reaches the level.
 *  2. CROSSING_NEW: the whole order counts as in its last stretch.
 *     CROSSING_SPLIT: each part counts as in its own stretch, for rules and
 *     multipliers alike.
 *  3. After a refund the stretches are worked out anew, as if the order had
 *     been placed with the smaller amount.  The metric is taken as it was when
 *     the order was placed.
 */
#include "core/fold/internal.h"

/* 3. Finds what is left of the order's amount after its refunds. */
static int64_t
amount_left(const struct occurrence *o)
{
	const struct program *p = o->crossed;

	return p == NULL ? 0 : metric_of_order(p, o);
}

void
cross_begin(struct run *r, struct occurrence *o)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	struct span w;
	struct stretch *list;

	if (t->nlevels == 0 || t->crossing == CROSSING_OLD ||
	    (t->metric != METRIC_SPEND && t->metric != METRIC_ORDERS))
		return;
	w = metric_window(r, t, r->now);
	list = arena_array(r->arena, t->nlevels + 1, sizeof(*list));
	list[0].tier = r->tier;
	o->nstretches = 1;
	o->crossed = p;
	o->amount = o->amount_left = amount_left(o);
	for (int i = level_of(p, r->tier) + 1; i < (int)t->nlevels; i++) {
		const struct level *l = &t->levels[i];
		int64_t before = level_metric(r, p, i, w, r->now + 1);

		if (l->has_threshold && level_reached(l, before + o->amount))
			list[o->nstretches++] = (struct stretch){
				.tier = l->id, .level = l, .before = before
			};
	}
	o->stretches = list;
}

void
cross_again(struct occurrence *o)
{
	o->amount_left = amount_left(o);
}

/* Finds the amount of the order at which a stretch begins; -1: the order is too
 * small to reach the stretch. */
static int64_t
begins_at(const struct stretch *s, int64_t amount)
{
	int64_t at;

	if (s->level == NULL)
		return 0;
	if (!level_reached(s->level, s->before + amount))
		return -1;
	at = s->level->threshold - s->before;
	return at < 0 ? 0 : at;
}

struct fraction
cross_part(const struct occurrence *o, size_t stretch, int64_t amount)
{
	bool splits = o->crossed != NULL &&
	              o->crossed->tiers.crossing == CROSSING_SPLIT &&
	              amount > 0;
	int64_t from, until;

	if (o->nstretches == 0)
		return (struct fraction){ 1, 1 };
	from = begins_at(&o->stretches[stretch], amount);
	until = splits ? amount : from + 1;
	for (size_t i = stretch + 1; i < o->nstretches && from >= 0; i++) {
		int64_t next = begins_at(&o->stretches[i], amount);

		if (next >= 0 && (!splits || next < until))
			until = splits ? next : from;
	}
	if (from < 0 || until <= from)
		return (struct fraction){ 0, 1 };
	return (struct fraction){ until - from, splits ? amount : 1 };
}

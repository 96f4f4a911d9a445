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

/* Finds the part of an order that lies in a stretch, if the order counts with
 * `amount` for the metric. */
static struct fraction
part_of(const struct occurrence *o, size_t stretch, int64_t amount)
{
	bool splits = o->crossed->tiers.crossing == CROSSING_SPLIT &&
	              amount > 0;
	int64_t from = begins_at(&o->stretches[stretch], amount);
	int64_t until = splits ? amount : from + 1;

	for (size_t i = stretch + 1; i < o->nstretches && from >= 0; i++) {
		int64_t next = begins_at(&o->stretches[i], amount);

		if (next >= 0 && (!splits || next < until))
			until = splits ? next : from;
	}
	if (from < 0 || until < from)
		until = from;
	return (struct fraction){ until - from, splits ? amount : 1 };
}

/* 3. The amount is what is left of the order after its refunds. */
void
cross_again(struct occurrence *o)
{
	int64_t amount = o->nstretches > 0 ? metric_of_order(o->crossed, o) : 0;

	for (size_t i = 0; i < o->nstretches; i++)
		o->stretches[i].left = part_of(o, i, amount);
}

void
cross_begin(struct run *r, struct occurrence *o)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	struct span w;
	struct stretch *list;
	int64_t amount;

	if (t->nlevels == 0 || t->crossing == CROSSING_OLD ||
	    (t->metric != METRIC_SPEND && t->metric != METRIC_ORDERS))
		return;
	w = metric_window(r, t, r->now);
	o->stretches = list = arena_array(
	    r->arena, t->nlevels + 1, sizeof(*list));
	list[0].tier = r->tier;
	o->nstretches = 1;
	o->crossed = p;
	amount = metric_of_order(p, o);
	for (int i = level_of(p, r->tier) + 1; i < (int)t->nlevels; i++) {
		const struct level *l = &t->levels[i];
		int64_t before = level_metric(r, p, i, w, r->now + 1);

		if (l->has_threshold && level_reached(l, before + amount))
			list[o->nstretches++] = (struct stretch){
				.tier = l->id, .level = l, .before = before
			};
	}
	cross_again(o);
	for (size_t i = 0; i < o->nstretches; i++)
		list[i].placed = list[i].left;
}

struct fraction
cross_part(const struct occurrence *o, size_t stretch, bool placed)
{
	if (o->nstretches == 0)
		return (struct fraction){ 1, 1 };
	return placed ? o->stretches[stretch].placed
	              : o->stretches[stretch].left;
}

struct fraction
cross_alike(const struct share *s, size_t k, bool placed)
{
	struct fraction sum = { 0, 1 };

	for (size_t i = k; i < s->nfacets; i++) {
		if (s->facets[i].as != k)
			continue;
		sum.d = cross_part(s->of, i, placed).d;
		sum.n += cross_part(s->of, i, placed).n;
	}
	return sum;
}

const struct facet *
cross_whole(const struct share *s, bool placed)
{
	for (size_t k = 0; k < s->nfacets; k++) {
		const struct fraction part = cross_alike(s, k, placed);

		if (part.n == part.d)
			return &s->facets[k];
	}
	return NULL;
}

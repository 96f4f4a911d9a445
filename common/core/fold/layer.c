/* SPDX-License-Identifier: MIT */
/*
 * layer: the factors of an order's lines, if parts of the order count
 * differently in their tiers.
 *
 *  1. An order that is split (cross.c) has a layer for each of its stretches.
 *     Stretches that follow one another and are alike are one layer, and an
 *     order that is not split is one.
 *  2. The factor of a line is the mean of its factors in the layers, each
 *     weighed with the order's amount in the layer.  If the order becomes
 *     smaller, its last layer does, and then the one before.  So a mean can move
 *     no faster than if all that is taken off had the largest factor, or the
 *     least.
 */
#include "core/fold/internal.h"

bool
layers_split(const struct share *s)
{
	size_t as = 0;

	for (size_t i = 0; i < s->nfacets; i++)
		as |= s->facets[i].as;
	return as > 0 && s->of->crossed->tiers.crossing == CROSSING_SPLIT;
}

/* 1. */
void
layers_find(struct layers *x, const struct share *s, const struct facet *f)
{
	bool splits = layers_split(s);
	size_t as = LAYERS;

	x->n = 0;
	x->amount = x->placed = 0;
	for (size_t i = 0; i < (splits ? s->nfacets : 1); i++) {
		struct fraction left = { 1, 1 }, placed = { 1, 1 };
		struct layer *l;

		if (splits) {
			f = &s->facets[s->facets[i].as];
			left = cross_part(s->of, i, false);
			placed = cross_part(s->of, i, true);
		}
		if (s->facets[i].as != as)
			x->list[x->n++] = (struct layer){
				.factors = f->factors,
				.factor = f->factor,
				.gives = !splits || f->why_not == NULL,
			};
		as = s->facets[i].as;
		l = &x->list[x->n - 1];
		l->n += (int64_t)left.n;
		l->placed += (int64_t)placed.n;
		x->amount += (int64_t)left.n;
		x->placed += (int64_t)placed.n;
	}
}

bool
layer_counts_as(const struct layer *a, const struct layer *b, size_t n)
{
	if (a->factors == b->factors && a->factor == b->factor)
		return true;
	if (a->factors == NULL || b->factors == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((a->factors[i] == 0) != (b->factors[i] == 0))
			return false;
	return true;
}

int64_t
layer_factor(
    const struct rule *rule, const struct layer *l, enum part part, size_t i)
{
	if (!l->gives || (l->factors != NULL && l->factors[i] == 0))
		return 0;
	if (part == PART_BASE)
		return FACTOR_ONE;
	return l->factors != NULL && rule->by != PER_EVENT ? l->factors[i]
	                                                   : l->factor;
}

static wide
times(bool *fails, wide a, wide b)
{
	wide product = 0;

	*fails |= __builtin_mul_overflow(a, b, &product);
	return product;
}

struct mean
layers_mean(
    const struct layers *x, const struct rule *rule, enum part part, size_t i)
{
	struct mean m = { .low = INT64_MAX };

	for (size_t j = 0; j < x->n; j++) {
		const struct layer *l = &x->list[j];
		int64_t f = layer_factor(rule, l, part, i);

		m.low_above = int64_min(m.low_above, f);
		m.high_above = int64_max(m.high_above, f);
		if (l->n == 0)
			continue;
		m.n += times(&m.fails, l->n, f);
		m.low = int64_min(m.low, f);
		m.high = int64_max(m.high, f);
		m.low_above = m.high_above = m.last = f;
		m.begin = x->amount - l->n;
	}
	return m;
}

/* 2. Finds the least amount at which a mean that is `far` from what smaller
 * amounts bring it nearer to has moved by `by` at most. */
static int64_t
moves_at(struct mean *m, int64_t amount, wide far, wide by)
{
	return far <= 0 ? 0
	                : ratio_ceil(times(&m->fails, far, amount), far + by);
}

/* The same for larger amounts: finds the first with which the mean may have moved
 * by more. */
static int64_t
moves_above(struct mean *m, int64_t amount, wide far, wide by)
{
	wide at = INT64_MAX;

	if (far > by)
		at = times(&m->fails, far, amount) / (far - by) + 1;
	return at > INT64_MAX ? INT64_MAX : (int64_t)at;
}

struct span
layers_amounts(const struct layers *x, struct mean *m, wide less, wide more)
{
	int64_t n = x->amount;
	wide last = times(&m->fails, m->last, n) - m->n;
	wide low = m->n - times(&m->fails, m->low, n);
	wide high = times(&m->fails, m->high, n) - m->n;
	wide low_above = m->n - times(&m->fails, m->low_above, n);
	wide high_above = times(&m->fails, m->high_above, n) - m->n;
	/* In the last layer, and in any. */
	int64_t near = last > 0 ? moves_at(m, n, last, less)
	                        : moves_at(m, n, -last, more);
	int64_t any = int64_max(
	    moves_at(m, n, high, less), moves_at(m, n, low, more));

	return (struct span){ int64_min(any, int64_max(near, m->begin)),
		int64_min(moves_above(m, n, low_above, less),
		    moves_above(m, n, high_above, more)) };
}

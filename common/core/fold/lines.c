/* SPDX-License-Identifier: MIT */
/*
 * lines: how much each line of an order comes to by itself, refund by refund.
 *
 *  1. A rule with a limit per line, or one that rounds by line, asks for every
 *     line after every refund.  lines.c remembers the answer for each line,
 *     and for which sums of money the answer is the same.  (This money is the
 *     money of refunds beyond the lines that came back.)  A line loses a part
 *     of its amount by such money, and is measured again only when it has lost
 *     a unit, or falls below its limit, or when a refund names the line.
 *  2. An order of which parts count differently in their tiers, an order with
 *     amounts that cannot be read or do not fit in 128 bits, and an order with
 *     less left than its largest line are left to measure.c, which measures
 *     each line anew.
 */
#include <string.h>

#include "core/fold/internal.h"

enum {
	BLOCK = 32, /* lines with common bounds of the money */
	STEPS_LOOK = 64,
};

/* The answer for a line, which is good for all money in [from, until). */
struct line_item {
	int64_t from, until;
	/* The units or, of a line with a limit, the amount or the pieces that
	 * refunds of the line itself left. */
	int64_t left;
	bool beyond;
};

/* The sums of all lines, without multipliers or with them. */
struct line_column {
	struct line_item *items;
	struct span *blocks; /* the bounds that all lines of a block have */
	/* The sums of `left` and of the amounts before refunds, both times the
	 * lines' factors, and the number, of all lines beyond their limits. */
	wide left, whole;
	int64_t n;
	wide units;
};

struct line_sums {
	struct arena *arena;
	bool is_made, is_useless; /* is_useless: all is left to measure.c */
	const int64_t *factors;   /* as in the facet that was looked at */
	int64_t factor;
	int64_t largest;           /* the largest amount of a line */
	struct fraction cut_whole; /* beyond the limits, before refunds */
	const int64_t *whole_by;   /* the factors of which cut_whole is */
	size_t ntaken; /* of tallies_taken(), those that were looked at */
	struct line_column columns[PARTS];
};

/* A look at the lines of a share. */
struct look {
	const struct occurrence *o;
	const struct rule *rule;
	struct line_sums *t;
	struct worth_ask ask;
	struct rate rate;
	int64_t factor; /* of the facet */
	int64_t most;   /* the limit of a line */
	bool cuts;      /* lines beyond their limit are asked for, not units */
	bool is_whole;  /* the order counts as it did when it was placed */
	wide money, worth;
	struct fraction unit; /* of a minor unit or piece, in the base */
	/* The units that a minor unit or a piece gives, if its factor is 1. */
	wide n, d;
	bool fails; /* something did not fit */
	bool none;  /* refunds of money left nothing */
};

void
lines_join(struct run *r, struct share *s)
{
	const struct rule *rule = s->rule;
	bool by_line = rule->over == WINDOW_LINE;

	for (size_t i = 0; i < rule->nlimits; i++)
		by_line |= rule->limits[i].window == WINDOW_LINE;
	if (!by_line || s->of->tallies == NULL)
		return;
	s->lines = arena_alloc(r->arena, sizeof(*s->lines));
	s->lines->arena = r->arena;
}

static wide
times(struct look *k, wide a, wide b)
{
	wide product = 0;

	k->fails |= __builtin_mul_overflow(a, b, &product);
	return product;
}

static int64_t
clamped(wide n)
{
	return n > INT64_MAX   ? INT64_MAX
	       : n < INT64_MIN ? INT64_MIN
	                       : (int64_t)n;
}

/* Finds the least money with which a line gives less than half of `halves`
 * units or, if `above`, not more than that. */
static int64_t
falls_at(struct look *k, const struct line_item *x, wide whole, int64_t factor,
    wide halves, bool above)
{
	wide each = times(k, factor, k->n);
	wide more = times(k, 2 * (wide)x->left, each) - times(k, halves, k->d);
	wide least = times(k, more, k->worth);
	wide by = times(k, 2 * whole, each), q;

	if (by == 0)
		return more > 0 || (more == 0 && !above) ? INT64_MAX
		                                         : INT64_MIN;
	q = least / by - (least % by < 0);
	return clamped(q + (!above || least % by != 0));
}

/* Works out the units of a line, and the bounds of the money. */
static void
item_round(struct look *k, struct line_item *x, wide whole, int64_t factor)
{
	static const int halves[] = {
		[ROUND_FLOOR] = 0, [ROUND_NEAREST] = -1, [ROUND_CEIL] = -2
	};
	wide left = times(k, x->left, k->worth) - times(k, whole, k->money);
	wide n = times(k, left, times(k, factor, k->n));
	wide d = times(k, k->worth, k->d), u;
	bool above = k->rule->rounding == ROUND_CEIL;
	int64_t units = 0;

	switch (k->rule->rounding) {
	case ROUND_FLOOR:
		units = ratio_floor(n, d);
		break;
	case ROUND_NEAREST:
		units = ratio_round(n, d);
		break;
	case ROUND_CEIL:
		units = ratio_ceil(n, d);
		break;
	}
	if (units > k->most)
		units = k->most;
	u = 2 * (wide)units + halves[k->rule->rounding];
	x->from = INT64_MIN;
	x->until = INT64_MAX;
	if (units < k->most)
		x->from = falls_at(k, x, whole, factor, u + 2, above);
	if (units > 0)
		x->until = falls_at(k, x, whole, factor, u, above);
	x->left = units;
}

/* Works out the units of a line that gives once, as long as any of it is
 * left. */
static void
item_once(struct look *k, struct line_item *x, wide whole, int64_t factor)
{
	int64_t at = falls_at(k, x, whole, FACTOR_ONE, 0, true);
	const struct fraction once = { factor, FACTOR_ONE };

	x->from = k->money < at ? INT64_MIN : at;
	x->until = k->money < at ? at : INT64_MAX;
	x->left = k->money < at
	              ? int64_min(k->most, fraction_times(once, k->rate.units,
	                                       k->rate.per, k->rule->rounding))
	              : 0;
}

/* Finds out whether a line gives more than its limit. */
static void
item_cut(struct look *k, struct line_item *x, wide whole, int64_t factor)
{
	int64_t at = falls_at(k, x, whole, factor, 2 * (wide)k->most, true);

	x->beyond = k->money < at;
	x->from = x->beyond ? INT64_MIN : at;
	x->until = x->beyond ? at : INT64_MAX;
}

/* Adds a line to the sums, or takes it off if the factor is below zero. */
static void
item_add(struct look *k, struct line_column *c, const struct line_item *x,
    wide whole, int64_t factor)
{
	int sign = factor < 0 ? -1 : 1;

	if (!k->cuts)
		c->units += (wide)sign * x->left;
	if (!x->beyond)
		return;
	c->left += times(k, x->left, factor);
	c->whole += sign * whole;
	c->n += sign;
}

/* The factor of a line for a part, by the factors of its order. */
static int64_t
factor_for(const struct look *k, enum part part, size_t i, const int64_t *all,
    int64_t factor)
{
	if (part == PART_BASE)
		return FACTOR_ONE;
	return all != NULL && k->rule->by != PER_EVENT ? all[i] : factor;
}

/* Looks at a line again, which had the factor `was`. */
static void
item_look(struct look *k, enum part part, size_t i, int64_t was)
{
	struct line_column *c = &k->t->columns[part];
	struct line_item *x = &c->items[i];
	const struct sums s = tallies_sums_of_line(k->o->tallies, &k->ask, i);
	bool by_item = k->rule->by == PER_ITEM;
	wide whole = by_item ? 0 : s.base;
	int64_t factor = factor_for(k, part, i, k->ask.factors, k->factor);

	steps_take(k->o->steps, STEPS_LOOK);
	item_add(k, c, x, times(k, whole, was), -was);
	k->fails |= s.base < 0;
	x->left = by_item ? s.pieces : clamped(s.base - s.returned);
	if (k->cuts)
		item_cut(k, x, whole, factor);
	else if (k->rule->by == PER_EVENT)
		item_once(k, x, whole, factor);
	else
		item_round(k, x, whole, factor);
	item_add(k, c, x, times(k, whole, factor), factor);
}

/* Narrows the bounds of a line's block to those of the line. */
static void
block_narrow(struct line_column *c, size_t i)
{
	struct span *b = &c->blocks[i / BLOCK];

	b->from = int64_max(b->from, c->items[i].from);
	b->until = int64_min(b->until, c->items[i].until);
}

/* Finds the bounds that all lines of a block have. */
static void
block_bound(const struct look *k, struct line_column *c, size_t block)
{
	c->blocks[block] = (struct span){ INT64_MIN, INT64_MAX };
	for (size_t i = block * BLOCK;
	     i < (block + 1) * BLOCK && i < k->o->order->nlines; i++)
		block_narrow(c, i);
}

static bool
holds(const struct look *k, int64_t from, int64_t until)
{
	return from <= k->money && k->money < until;
}

static void
column_look(struct look *k, enum part part)
{
	struct line_column *c = &k->t->columns[part];
	size_t n = k->o->order->nlines, ntaken;
	const uint32_t *taken = tallies_taken(k->o->tallies, &ntaken);

	for (size_t i = k->t->ntaken; i < ntaken; i++) {
		item_look(k, part, taken[i],
		    factor_for(k, part, taken[i], k->ask.factors, k->factor));
		block_narrow(c, taken[i]);
	}
	steps_take(k->o->steps, n / BLOCK + 1);
	for (size_t j = 0; j * BLOCK < n; j++) {
		if (holds(k, c->blocks[j].from, c->blocks[j].until))
			continue;
		for (size_t i = j * BLOCK; i < (j + 1) * BLOCK && i < n; i++)
			if (!holds(k, c->items[i].from, c->items[i].until))
				item_look(k, part, i,
				    factor_for(
				        k, part, i, k->ask.factors, k->factor));
		block_bound(k, c, j);
	}
}

/* The sums of a part: without multipliers both parts have the same. */
static struct line_column *
column_of(struct line_sums *t, int part)
{
	bool same = t->factors == NULL && t->factor == FACTOR_ONE;

	return &t->columns[same ? PART_BASE : part];
}

/* Finds how much of `left` is beyond the limits of n lines. */
static struct fraction
beyond_of(struct look *k, struct fraction left, wide n)
{
	const struct fraction most = {
		times(k, times(k, n, k->most), k->rate.per), k->rate.units
	};

	return fraction_less(fraction_part(left, k->unit.n, k->unit.d), most);
}

/* Begins with the lines of a part, of which none was looked at. */
static void
column_make(struct line_sums *t, struct line_column *c, size_t n)
{
	if (c->items == NULL) {
		c->items = arena_array(t->arena, n + 1, sizeof(*c->items));
		c->blocks = arena_array(
		    t->arena, n / BLOCK + 1, sizeof(*c->blocks));
	}
	memset(c->items, 0, n * sizeof(*c->items));
	memset(c->blocks, 0, (n / BLOCK + 1) * sizeof(*c->blocks));
	*c = (struct line_column){ .items = c->items, .blocks = c->blocks };
}

/* Looks at all lines for the first time since their factors changed. */
static void
lines_make(struct look *k, const struct facet *f)
{
	struct line_sums *t = k->t;
	size_t n = k->o->order->nlines;
	wide whole = 0, beyond = 0;

	for (int i = 0; i < PARTS; i++)
		column_make(t, &t->columns[i], n);
	t->is_made = true;
	t->factors = f->factors;
	t->factor = f->factor;
	(void)tallies_taken(k->o->tallies, &t->ntaken);
	for (size_t i = 0; i < n; i++) {
		const struct sums s = tallies_sums_of_line(
		    k->o->tallies, &k->ask, i);
		wide x = k->rule->by == PER_ITEM ? s.pieces_whole : s.base;

		t->largest = int64_max(t->largest, clamped(s.base));
		if (times(k, times(k, x, k->n), FACTOR_ONE) <=
		    times(k, k->most, k->d))
			continue;
		whole += x;
		beyond++;
	}
	if (k->is_whole)
		t->cut_whole = beyond_of(
		    k, (struct fraction){ whole, 1 }, beyond);
}

/* Looks again at lines that have another factor than before.  If lines begin or
 * cease to count, everything is made anew. */
static void
lines_refactor(struct look *k, const struct facet *f)
{
	struct line_sums *t = k->t;
	struct line_column *c = &t->columns[PART_BONUS];
	size_t n = k->o->order->nlines;
	bool made = t->is_made && (!k->is_whole || t->whole_by == t->factors);

	if (made && t->factors == f->factors && t->factor == f->factor)
		return;
	made = made && f->factors != NULL && t->factors != NULL;
	for (size_t i = 0; made && i < n; i++)
		made = (t->factors[i] == 0) == (f->factors[i] == 0);
	if (!made) {
		lines_make(k, f);
		return;
	}
	steps_take(k->o->steps, n);
	for (size_t i = 0; i < n; i++) {
		int64_t was = factor_for(
		    k, PART_BONUS, i, t->factors, t->factor);

		if (was != factor_for(k, PART_BONUS, i, f->factors, f->factor))
			item_look(k, PART_BONUS, i, was);
	}
	for (size_t i = 0; i * BLOCK < n; i++)
		block_bound(k, c, i);
	t->factors = f->factors;
	t->factor = f->factor;
}

/* Brings the lines up to date.  Returns false if they are left to the
 * caller. */
static bool
lines_look(struct look *k, const struct share *s, const struct facet *f)
{
	const struct occurrence *o = k->o;
	const struct base *b = &o->program->bases[k->rule->base];
	struct loss loss;
	wide rest;

	k->t = s->lines;
	if (k->t == NULL || k->t->is_useless || f == NULL)
		return false;
	k->ask = (struct worth_ask){ .base = b,
		.factors = f->factors,
		.exchange = o->exchange,
		.tallies = o->tallies };
	k->factor = f->factor;
	tallies_loss(o->tallies, o->nrefunds, &loss);
	k->worth = tallies_worth(o->tallies) - (b->fees ? o->order->credit : 0);
	k->money = loss.money;
	k->unit = worth_of_unit(o->order, &k->ask);
	if (k->rule->by == PER_ITEM)
		k->unit = (struct fraction){ k->unit.n != 0, 1 };
	k->n = times(k, k->unit.n, k->rate.units);
	k->d = times(k, times(k, k->unit.d, k->rate.per), FACTOR_ONE);
	if (!k->t->is_made && amounts_unreadable(b, o->order) != 0)
		k->fails = true;
	if (!k->fails)
		lines_refactor(k, f);
	if (k->is_whole)
		k->t->whole_by = f->factors;
	k->fails |= k->worth <= 0;
	rest = k->worth - loss.lines - k->money;
	k->none = k->rule->by != PER_ITEM && k->money > 0 && rest <= 0;
	if (k->none && !k->fails)
		return true;
	/* No line has more left than the whole order. */
	if (!k->fails && k->rule->by != PER_ITEM && k->money > 0 &&
	    rest < k->t->largest && !b->before_discounts)
		return false;
	for (int i = 0; i < PARTS && !k->fails; i++)
		if (column_of(k->t, i) == &k->t->columns[i])
			column_look(k, (enum part)i);
	(void)tallies_taken(o->tallies, &k->t->ntaken);
	k->t->is_useless = k->fails;
	return !k->fails;
}

bool
lines_units(const struct occurrence *o, const struct share *s, struct rate rate,
    int64_t most, int64_t units[PARTS])
{
	const struct facet *f = cross_whole(s, false);
	struct look k = { .o = o, .rule = s->rule, .rate = rate, .most = most };

	if (!lines_look(&k, s, f))
		return false;
	for (int i = 0; i < PARTS; i++)
		units[i] = k.none || f->why_not != NULL
		               ? 0
		               : clamped(column_of(k.t, i)->units);
	return true;
}

bool
lines_cut(const struct occurrence *o, const struct share *s, struct rate rate,
    int64_t most, struct measure *m)
{
	const struct facet *f = cross_whole(s, false);
	const struct facet *placed = cross_whole(s, true);
	struct look k = { .o = o,
		.rule = s->rule,
		.rate = rate,
		.most = most,
		.cuts = true,
		.is_whole = f == placed };
	struct fraction *all[] = { &m->left, &m->boosted };

	/* If the rule did not apply, the measure before refunds is 0. */
	if (placed == NULL || !lines_look(&k, s, f) ||
	    (placed->why_not == NULL && k.t->whole_by != placed->factors))
		return false;
	m->whole = fraction_less(m->whole, k.t->cut_whole);
	if (m->whole.n < 0)
		m->whole.n = 0;
	for (int i = 0; i < PARTS; i++) {
		const struct line_column *c = column_of(k.t, i);
		wide left = times(&k, c->left, k.worth) -
		            times(&k, c->whole, k.money);

		*all[i] = fraction_less(
		    *all[i], beyond_of(&k,
		                 (struct fraction){
		                     left, times(&k, k.worth, FACTOR_ONE) },
		                 c->n));
		/* Refunds of other lines may have taken back more than those
		 * lines were worth. */
		if (all[i]->n < 0 || k.none)
			all[i]->n = 0;
	}
	return true;
}

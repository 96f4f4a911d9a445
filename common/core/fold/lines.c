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
 *  2. If parts of an order count differently in their tiers, the factors of the
 *     lines change with the amount of the order (layer.c), so lines.c remembers
 *     for which amounts an answer is the same, too.
 *  3. An order with amounts that cannot be read or do not fit in 128 bits, and
 *     an order with less left than its largest line are left to measure.c,
 *     which measures each line anew.
 */
#include <string.h>

#include "core/fold/internal.h"

enum {
	BLOCK = 32, /* lines with common bounds of the money */
	STEPS_LOOK = 64,
};

/* The answer for a line, and for which money it is good. */
struct line_item {
	struct span money;
	/* The units or, of a line with a limit, the amount or the pieces that
	 * refunds of the line itself left. */
	int64_t left;
	bool beyond;
};

/* The sums of all lines, without multipliers or with them. */
struct line_column {
	struct line_item *items;
	struct span *blocks; /* the bounds that all lines of a block have */
	/* 2. The same for the amount of the order, by line and by block; NULL:
	 * the answers are good for all amounts. */
	struct span *amounts, *block_amounts;
	/* The sums of `left` and of the amounts before refunds, both times the
	 * lines' factors in each layer, and the number, of all lines beyond
	 * their limits. */
	wide left[LAYERS], whole[LAYERS];
	int64_t n;
	wide units;
};

struct line_sums {
	struct arena *arena;
	bool is_made, is_useless;  /* is_useless: all is left to measure.c */
	struct layers layers;      /* as they were looked at */
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
	struct layers layers;
	int64_t most;  /* the limit of a line */
	bool cuts;     /* lines beyond their limit are asked for, not units */
	bool is_whole; /* the order counts as it did when it was placed */
	wide money, worth;
	struct fraction unit; /* of a minor unit or piece, in the base */
	/* The units that a minor unit or a piece gives, if its factor is 1. */
	wide n, d;
	bool fails;       /* something did not fit */
	bool none;        /* refunds of money left nothing */
	struct span good; /* the amounts for which the last answer is good */
};

static const struct span every = { INT64_MIN, INT64_MAX };

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
falls_at(struct look *k, const struct line_item *x, wide whole, wide factor,
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

/* Finds the least mean (times the amount) with which a line gives half of
 * `halves` units or, if `above`, more than that. */
static wide
gives_at(struct look *k, wide left, wide halves, bool above)
{
	wide by = times(k, 2 * left, k->n);
	wide least = times(k, times(k, halves, k->worth), k->d);

	if (by <= 0)
		return INT64_MAX;
	return least / by + (above || least % by != 0);
}

/* An answer: a line gives less than `upper` halves of a unit, and not less than
 * `lower`, or, if `above`, not more and more.  Below zero: any number. */
struct range {
	wide lower, upper;
	bool above;
};

/* Finds the bounds within which a line stays in a range. */
static void
item_bound(struct look *k, struct line_item *x, wide whole, struct mean *m,
    struct range r)
{
	wide left = times(k, x->left, k->worth) - times(k, whole, k->money);
	wide less = 0, more = 0;

	x->money = k->good = every;
	/* Half of the way is for the mean, and half for the money. */
	if (m->low != m->high || m->low_above != m->high_above) {
		less = more = INT64_MAX;
		if (r.lower >= 0)
			less = (m->n - gives_at(k, left, r.lower, r.above)) / 2;
		if (r.upper >= 0)
			more = (gives_at(k, left, r.upper, r.above) - 1 -
			           m->n) /
			       2;
		if (r.upper >= 0 && more > m->n)
			more = m->n;
		k->good = layers_amounts(&k->layers, m, less, more);
	}
	if (r.upper >= 0)
		x->money.from = falls_at(
		    k, x, whole, m->n + more, r.upper, r.above);
	if (r.lower >= 0)
		x->money.until = falls_at(
		    k, x, whole, m->n - less, r.lower, r.above);
}

/* Works out the units of a line, and the bounds of the money. */
static void
item_round(struct look *k, struct line_item *x, wide whole, struct mean *m)
{
	static const int halves[] = {
		[ROUND_FLOOR] = 0, [ROUND_NEAREST] = -1, [ROUND_CEIL] = -2
	};
	wide left = times(k, x->left, k->worth) - times(k, whole, k->money);
	wide n = times(k, left, times(k, m->n, k->n));
	wide d = times(k, k->worth, k->d), u;
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
	item_bound(k, x, whole, m,
	    (struct range){ units > 0 ? u : -1, units < k->most ? u + 2 : -1,
	        k->rule->rounding == ROUND_CEIL });
	x->left = units;
}

/* Works out the units of a line that gives once, as long as any of it is
 * left. */
static void
item_once(struct look *k, struct line_item *x, wide whole, struct mean *m)
{
	int64_t at = falls_at(k, x, whole, FACTOR_ONE, 0, true);
	bool gone = k->money >= at;

	x->left = !gone;
	item_round(k, x, 0, m);
	x->money = gone ? (struct span){ at, INT64_MAX }
	                : (struct span){ INT64_MIN, at };
}

/* Finds out whether a line gives more than its limit. */
static void
item_cut(struct look *k, struct line_item *x, wide whole, struct mean *m)
{
	wide most = 2 * (wide)k->most;

	x->beyond = k->money < falls_at(k, x, whole, m->n, most, true);
	item_bound(k, x, whole, m,
	    (struct range){
	        x->beyond ? most : -1, x->beyond ? -1 : most, true });
}

/* Adds a line to the sums or, with the sign -1, takes it off. */
static void
item_add(struct look *k, enum part part, size_t i, const struct layers *layers,
    wide whole, int sign)
{
	struct line_column *c = &k->t->columns[part];
	const struct line_item *x = &c->items[i];

	if (!k->cuts)
		c->units += (wide)sign * x->left;
	if (!x->beyond)
		return;
	c->n += sign;
	for (size_t j = 0; j < k->layers.n; j++) {
		wide factor = sign * (wide)layer_factor(
		                         k->rule, &layers->list[j], part, i);

		c->left[j] += times(k, x->left, factor);
		c->whole[j] += times(k, whole, factor);
	}
}

/* Looks at a line again. */
static void
item_look(struct look *k, enum part part, size_t i)
{
	struct line_column *c = &k->t->columns[part];
	struct line_item *x = &c->items[i];
	const struct sums s = tallies_sums_of_line(k->o->tallies, &k->ask, i);
	bool by_item = k->rule->by == PER_ITEM;
	wide whole = by_item ? 0 : s.base;
	struct mean m = layers_mean(&k->layers, k->rule, part, i);

	steps_take(k->o->steps, STEPS_LOOK);
	item_add(k, part, i, &k->t->layers, whole, -1);
	k->fails |= s.base < 0;
	x->left = by_item ? s.pieces : clamped(s.base - s.returned);
	if (k->cuts)
		item_cut(k, x, whole, &m);
	else if (k->rule->by == PER_EVENT)
		item_once(k, x, whole, &m);
	else
		item_round(k, x, whole, &m);
	k->fails |= m.fails;
	item_add(k, part, i, &k->layers, whole, 1);
	if (c->amounts != NULL)
		c->amounts[i] = k->good;
}

static struct span
narrower(struct span a, struct span b)
{
	return (struct span){ int64_max(a.from, b.from),
		int64_min(a.until, b.until) };
}

/* Narrows the bounds of a line's block to those of the line. */
static void
block_narrow(struct line_column *c, size_t i)
{
	struct span *b = &c->blocks[i / BLOCK];

	*b = narrower(*b, c->items[i].money);
	if (c->amounts == NULL)
		return;
	b = &c->block_amounts[i / BLOCK];
	*b = narrower(*b, c->amounts[i]);
}

/* Finds the bounds that all lines of a block have. */
static void
block_bound(const struct look *k, struct line_column *c, size_t block)
{
	c->blocks[block] = every;
	if (c->amounts != NULL)
		c->block_amounts[block] = every;
	for (size_t i = block * BLOCK;
	     i < (block + 1) * BLOCK && i < k->o->order->nlines; i++)
		block_narrow(c, i);
}

static bool
holds(const struct look *k, const struct span *money,
    const struct span *amounts, size_t i)
{
	return money->from <= k->money && k->money < money->until &&
	       (amounts == NULL || (amounts[i].from <= k->layers.amount &&
	                               k->layers.amount < amounts[i].until));
}

static void
column_look(struct look *k, enum part part)
{
	struct line_column *c = &k->t->columns[part];
	size_t n = k->o->order->nlines, ntaken;
	const uint32_t *taken = tallies_taken(k->o->tallies, &ntaken);

	for (size_t i = k->t->ntaken; i < ntaken; i++) {
		item_look(k, part, taken[i]);
		block_narrow(c, taken[i]);
	}
	steps_take(k->o->steps, n / BLOCK + 1);
	for (size_t j = 0; j * BLOCK < n; j++) {
		if (holds(k, &c->blocks[j], c->block_amounts, j))
			continue;
		for (size_t i = j * BLOCK; i < (j + 1) * BLOCK && i < n; i++)
			if (!holds(k, &c->items[i].money, c->amounts, i))
				item_look(k, part, i);
		block_bound(k, c, j);
	}
}

/* The sums of a part: without multipliers both parts have the same. */
static struct line_column *
column_of(const struct look *k, int part)
{
	const struct layer *l = k->layers.list;
	bool same = k->layers.n == 1 && l->factors == NULL &&
	            l->factor == FACTOR_ONE;

	return &k->t->columns[same ? PART_BASE : part];
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
column_make(const struct look *k, struct line_column *c)
{
	struct arena *a = k->t->arena;
	size_t n = k->o->order->nlines, nblocks = n / BLOCK + 1;

	if (c->items == NULL) {
		c->items = arena_array(a, n + 1, sizeof(*c->items));
		c->blocks = arena_array(a, nblocks, sizeof(*c->blocks));
	}
	if (c->amounts == NULL && k->layers.n > 1) {
		c->amounts = arena_array(a, n + nblocks, sizeof(*c->amounts));
		c->block_amounts = c->amounts + n;
	}
	memset(c->items, 0, n * sizeof(*c->items));
	memset(c->blocks, 0, nblocks * sizeof(*c->blocks));
	*c = (struct line_column){ .items = c->items,
		.blocks = c->blocks,
		.amounts = c->amounts,
		.block_amounts = c->block_amounts };
}

/* Looks at all lines for the first time since their factors changed. */
static void
lines_make(struct look *k)
{
	struct line_sums *t = k->t;
	size_t n = k->o->order->nlines;
	wide d = times(k, k->d / k->layers.amount, k->layers.placed);
	wide whole = 0, beyond = 0;

	for (int i = 0; i < PARTS; i++)
		column_make(k, &t->columns[i]);
	t->is_made = true;
	t->layers = k->layers;
	(void)tallies_taken(k->o->tallies, &t->ntaken);
	for (size_t i = 0; i < n; i++) {
		const struct sums s = tallies_sums_of_line(
		    k->o->tallies, &k->ask, i);
		wide x = k->rule->by == PER_ITEM ? s.pieces_whole : s.base;
		wide part = 0;

		t->largest = int64_max(t->largest, clamped(s.base));
		if (!k->is_whole)
			continue;
		for (size_t j = 0; j < k->layers.n; j++)
			if (layer_factor(
			        k->rule, &k->layers.list[j], PART_BASE, i) != 0)
				part += k->layers.list[j].placed;
		x = times(k, x, part);
		if (times(k, times(k, x, k->n), FACTOR_ONE) <=
		    times(k, k->most, d))
			continue;
		whole += x;
		beyond++;
	}
	if (k->is_whole)
		t->cut_whole = beyond_of(
		    k, (struct fraction){ whole, k->layers.placed }, beyond);
}

/* Looks again at lines that have another factor than before.  If lines begin or
 * cease to count, everything is made anew. */
static void
lines_refactor(struct look *k)
{
	struct line_sums *t = k->t;
	const struct layer *l = k->layers.list;
	size_t n = k->o->order->nlines;
	bool made = t->is_made && (!k->is_whole || k->layers.n > 1 ||
	                              t->whole_by == t->layers.list->factors);
	bool same = made;

	for (size_t j = 0; j < k->layers.n; j++) {
		same = same && t->layers.list[j].factors == l[j].factors &&
		       t->layers.list[j].factor == l[j].factor;
		made = made && layer_counts_as(&t->layers.list[j], &l[j], n);
	}
	if (same)
		return;
	if (!made) {
		lines_make(k);
		return;
	}
	steps_take(k->o->steps, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < k->layers.n; j++)
			if (layer_factor(
			        k->rule, &t->layers.list[j], PART_BONUS, i) !=
			    layer_factor(k->rule, &l[j], PART_BONUS, i)) {
				item_look(k, PART_BONUS, i);
				break;
			}
	for (size_t i = 0; i * BLOCK < n; i++)
		block_bound(k, &t->columns[PART_BONUS], i);
	t->layers = k->layers;
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
	if (k->t == NULL || k->t->is_useless || (f == NULL && !layers_split(s)))
		return false;
	layers_find(&k->layers, s, f);
	k->ask = (struct worth_ask){ .base = b,
		.factors = k->layers.n > 1 ? NULL : k->layers.list->factors,
		.exchange = o->exchange,
		.tallies = o->tallies };
	tallies_loss(o->tallies, o->nrefunds, &loss);
	k->worth = tallies_worth(o->tallies) - (b->fees ? o->order->credit : 0);
	k->money = loss.money;
	k->unit = worth_of_unit(o->order, &k->ask);
	if (k->rule->by != PER_MONEY)
		k->unit = (struct fraction){ k->unit.n != 0, 1 };
	k->n = times(k, k->unit.n, k->rate.units);
	k->d = times(k, times(k, k->unit.d, k->rate.per), FACTOR_ONE);
	k->d = times(k, k->d, k->layers.amount);
	if (!k->t->is_made && amounts_unreadable(b, o->order) != 0)
		k->fails = true;
	if (!k->fails)
		lines_refactor(k);
	if (k->is_whole)
		k->t->whole_by = k->layers.list->factors;
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
		if (column_of(k, i) == &k->t->columns[i])
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
		units[i] = k.none || (k.layers.n == 1 && f->why_not != NULL)
		               ? 0
		               : clamped(column_of(&k, i)->units);
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
		.is_whole = f == placed || layers_split(s) };
	struct measure x = *m;
	struct fraction *all[] = { &x.left, &x.boosted };

	/* If the rule did not apply, the measure before refunds is 0. */
	if (!lines_look(&k, s, f) ||
	    (k.layers.n == 1 &&
	        (placed == NULL || (placed->why_not == NULL &&
	                               k.t->whole_by != placed->factors))))
		return false;
	x.whole = fraction_less(x.whole, k.t->cut_whole);
	if (x.whole.n < 0)
		x.whole.n = 0;
	for (int i = 0; i < PARTS; i++) {
		const struct line_column *c = column_of(&k, i);
		struct fraction left = { 0, times(&k, k.worth, FACTOR_ONE) };

		left.d = times(&k, left.d, k.layers.amount);
		for (size_t j = 0; j < k.layers.n; j++)
			left.n += times(&k, k.layers.list[j].n,
			    times(&k, c->left[j], k.worth) -
			        times(&k, c->whole[j], k.money));
		*all[i] = fraction_less(*all[i], beyond_of(&k, left, c->n));
		/* Refunds of other lines may have taken back more than those
		 * lines were worth. */
		if (all[i]->n < 0 || k.none)
			all[i]->n = 0;
	}
	if (!k.fails)
		*m = x;
	return !k.fails;
}

/* SPDX-License-Identifier: MIT */
/*
 * metric: the sum that decides the tier.
 *
 *  1. The metric counts orders, events or earned units.  Each counts at its own
 *     time, if that time is in the program's window, and with what refunds left
 *     of it.
 *  2. The program in effect says what counts.  When another version comes into
 *     effect, everything is counted anew.
 *  3. Pending units count from when they can be spent, unless the program
 *     counts them earlier.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* ---- 1. windows ---------------------------------------------------------- */

static struct metric_window
window_of(struct run *r, const struct tiers *t, int64_t at)
{
	const struct zone *z = run_zone(r);
	struct metric_window k = { .of = t,
		.enrolled_at = r->enrolled_at,
		.whole = { INT64_MIN, INSTANT_NEVER } };

	switch (t->window) {
	case TIER_YEAR:
		k.whole = run_window(r, z, WINDOW_YEAR, at);
		break;
	case TIER_ANNIVERSARY:
		k.whole = window_anniversary(r, r->enrolled_at, at);
		break;
	case TIER_ROLLING:
		k.within = run_window(r, z, WINDOW_DAY, at);
		k.whole.from = run_term(r, k.within.until, t->rolling, -1);
		return k;
	case TIER_LIFETIME:
		break;
	}
	k.within = k.whole;
	return k;
}

struct span
metric_window_whole(struct run *r, const struct tiers *t, int64_t at)
{
	struct metric_window *k = &r->window;
	struct span w;

	if (k->of != t || k->enrolled_at != r->enrolled_at ||
	    at < k->within.from || at >= k->within.until)
		*k = window_of(r, t, at);
	w = k->whole;
	if (t->window == TIER_ROLLING)
		w.until = at + 1;
	return w;
}

struct span
metric_window(struct run *r, const struct tiers *t, int64_t at)
{
	struct span w = metric_window_whole(r, t, at);

	if (w.until > r->now + 1)
		w.until = r->now + 1;
	return w;
}

/* ---- the contributions, in the order of time ----------------------------- */

/* When a contribution leaves a rolling window: it counts for one period from
 * its own day on, just as a lot expires.  With a period of two months, a
 * purchase of 31 December leaves on 28 February. */
static int64_t
leaves_at(struct run *r, const struct tiers *t, struct counted *c)
{
	if (c->leaves_at == 0) {
		steps_take(r->steps, STEPS_DATE);
		c->leaves_at = calendar_term(run_zone(r), c->at, t->rolling, 1);
	}
	return c->leaves_at;
}

/* The number of contributions before an instant. */
static size_t
number_before(const struct run *r, int64_t at)
{
	size_t low = 0, high = r->ncontributions;

	/* Most questions are about now. */
	if (high == 0 || r->contributions[high - 1].at < at)
		return high;
	steps_take(r->steps, STEPS_SEARCH);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->contributions[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The number of contributions that are too old for a window. */
static size_t
number_gone(struct run *r, const struct tiers *t, struct span w)
{
	size_t low = number_before(r, w.from), high = r->ncontributions;

	if (t->window != TIER_ROLLING)
		return low;
	steps_take(r->steps, STEPS_SEARCH);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (leaves_at(r, t, &r->contributions[middle]) < w.until)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static wide
sum_of_first(const struct run *r, size_t n)
{
	wide sum = 0;

	for (; n > 0; n &= n - 1)
		sum += r->contributions[n - 1].sum;
	return sum;
}

int64_t
metric_in(struct run *r, const struct tiers *t, struct span w)
{
	size_t gone = number_gone(r, t, w), all = number_before(r, w.until);

	steps_take(r->steps, STEPS_SEARCH);
	if (gone >= all)
		return 0;
	return ratio_floor(sum_of_first(r, all) - sum_of_first(r, gone), 1);
}

int64_t
metric_due_at(struct run *r, const struct tiers *t, bool leaves)
{
	size_t next = number_before(r, r->now + 1), gone;
	struct span w;
	int64_t at = INSTANT_NEVER;

	if (next < r->ncontributions)
		at = r->contributions[next].at;
	if (!leaves || next == 0)
		return at;
	w = metric_window_whole(r, t, r->now);
	gone = number_gone(r, t, (struct span){ w.from, r->now + 1 });
	/* All contributions in one window of the calendar leave it together. */
	if (gone < next)
		at = int64_min(
		    at, t->window == TIER_ROLLING
		            ? leaves_at(r, t, &r->contributions[gone])
		            : w.until);
	return at;
}

void
metric_sums_from(struct run *r, size_t i)
{
	steps_take(r->steps, r->ncontributions - i);
	for (; i < r->ncontributions; i++) {
		struct counted *c = &r->contributions[i];
		size_t lowest = (i + 1) & (~i);

		c->of->place = i;
		c->sum = c->of->amount;
		for (size_t n = 1; n < lowest; n *= 2)
			c->sum += r->contributions[i - n].sum;
	}
}

/* Puts a contribution behind those that are not later. */
static void
put(struct run *r, struct contribution *c)
{
	size_t i = r->ncontributions;

	r->contributions = arena_grow(r->arena, r->contributions, i,
	    &r->contributions_room, sizeof(*r->contributions));
	for (; i > 0 && r->contributions[i - 1].at > c->at; i--)
		r->contributions[i] = r->contributions[i - 1];
	r->contributions[i] = (struct counted){ .of = c, .at = c->at };
	r->ncontributions++;
	metric_sums_from(r, i);
}

void
metric_move(struct run *r, struct contribution *c, int64_t at)
{
	size_t i = c->place;

	/* Another version of the program may not count it any more. */
	if (c->at == at || i >= r->ncontributions ||
	    r->contributions[i].of != c)
		return;
	memmove(&r->contributions[i], &r->contributions[i + 1],
	    (--r->ncontributions - i) * sizeof(*r->contributions));
	metric_sums_from(r, i);
	c->at = at;
	put(r, c);
}

/* ---- what counts --------------------------------------------------------- */

static void
contribute(struct run *r, struct contribution **c, int64_t at, int64_t amount)
{
	wide more;

	if (*c == NULL) {
		*c = arena_alloc(r->arena, sizeof(**c));
		**c = (struct contribution){ .at = at, .amount = amount };
		put(r, *c);
		return;
	}
	more = (wide)amount - (*c)->amount;
	(*c)->amount = amount;
	steps_take(r->steps, STEPS_SEARCH);
	for (size_t n = (*c)->place + 1; n <= r->ncontributions && more != 0;
	     n += n & -n)
		r->contributions[n - 1].sum += more;
}

int64_t
metric_of_order(const struct program *p, const struct occurrence *o)
{
	if (o->undone || (o->before && !p->tiers.before))
		return 0;
	if (p->tiers.metric == METRIC_ORDERS)
		return occurrence_is_left(o);
	return occurrence_amount(o, &p->bases[p->tiers.base]);
}

void
metric_update(struct run *r, struct occurrence *o)
{
	const struct tiers *t = &run_program(r)->tiers;

	if (t->nlevels == 0)
		return;
	switch (t->metric) {
	case METRIC_SPEND:
	case METRIC_ORDERS:
		if (o->order != NULL)
			contribute(r, &o->spent, o->at,
			    metric_of_order(run_program(r), o));
		break;
	case METRIC_EVENTS:
		if (o->order == NULL && o->fact != NULL &&
		    strcmp(t->event, o->fact->type) == 0)
			contribute(r, &o->spent, o->at, !o->undone);
		break;
	case METRIC_EARNED:
		break;
	}
}

void
metric_earned(struct run *r, struct share *s, struct lot_state *l)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	int64_t at = s->of->at;

	if (t->nlevels == 0 || t->metric != METRIC_EARNED ||
	    s->rule->charity != NULL ||
	    strcmp(p->wallets[t->wallet].id,
	        s->of->program->wallets[s->rule->wallet].id) != 0)
		return;
	/* 3. Pending units count from when they can be spent. */
	if (l != NULL && !t->pending_counts && l->lot.vests_at > at)
		at = l->lot.vests_at;
	contribute(
	    r, &s->earned, at, s->posted[PART_BASE] + s->posted[PART_BONUS]);
	if (l != NULL)
		l->contribution = s->earned;
}

/* 2. Counts everything anew under another version. */
void
metric_recount(struct run *r)
{
	const struct program *p = run_program(r);

	if (r->counted_by == p)
		return;
	r->is_short |= r->is_resumed;
	r->counted_by = p;
	r->ncontributions = 0;
	r->used_known = 0;
	for (size_t i = 0; i < r->noccurrences; i++) {
		struct occurrence *o = r->occurrences[i];

		steps_take(r->steps, 1 + o->nshares);
		o->spent = NULL;
		metric_update(r, o);
		for (size_t j = 0; j < o->nshares; j++) {
			struct share *s = &o->shares[j];
			struct lot_state *l = s->lots[PART_BASE] != NULL
			                          ? s->lots[PART_BASE]
			                          : s->lots[PART_BONUS];

			s->earned = NULL;
			metric_earned(r, s, l);
		}
	}
}

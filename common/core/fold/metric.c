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

static struct span
anniversary_at(struct run *r, int64_t at)
{
	const struct period year = { 1, UNIT_YEAR };
	struct span w = { r->enrolled_at, r->enrolled_at };

	for (int64_t n = 1; w.until <= at; n++) {
		steps_take(r->steps, STEPS_DATE);
		w.from = w.until;
		w.until = calendar_term(run_zone(r), r->enrolled_at, year, n);
	}
	return w;
}

struct span
metric_window_whole(struct run *r, const struct tiers *t, int64_t at)
{
	struct span w = { INT64_MIN, INSTANT_NEVER };

	switch (t->window) {
	case TIER_YEAR:
		return calendar_window(run_zone(r), WINDOW_YEAR, at);
	case TIER_ANNIVERSARY:
		return anniversary_at(r, at);
	case TIER_ROLLING:
		w.from = calendar_term(run_zone(r),
		    calendar_day_end(run_zone(r), at), t->rolling, -1);
		w.until = at + 1;
		break;
	case TIER_LIFETIME:
		break;
	}
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

/* Whether a contribution to the metric is in a window.  In a rolling window a
 * contribution counts for one period from its own day on, just as a lot
 * expires.  With a period of two months, a purchase of 31 December leaves on
 * 28 February. */
static bool
is_in(struct run *r, const struct tiers *t, const struct contribution *c,
    struct span w)
{
	if (c->at < w.from || c->at >= w.until)
		return false;
	if (t->window != TIER_ROLLING)
		return true;
	steps_take(r->steps, STEPS_DATE);
	return w.until - 1 < calendar_term(run_zone(r), c->at, t->rolling, 1);
}

int64_t
metric_in(struct run *r, const struct tiers *t, struct span w)
{
	wide sum = 0;

	steps_take(r->steps, r->ncontributions + 1);
	for (size_t i = 0; i < r->ncontributions; i++)
		if (is_in(r, t, r->contributions[i], w))
			sum += r->contributions[i]->amount;
	return ratio_floor(sum, 1);
}

/* ---- what counts --------------------------------------------------------- */

static void
contribute(struct run *r, struct contribution **c, int64_t at, int64_t amount)
{
	if (*c == NULL) {
		*c = arena_alloc(r->arena, sizeof(**c));
		r->contributions = arena_grow(r->arena, r->contributions,
		    r->ncontributions, &r->contributions_room,
		    sizeof(struct contribution *));
		r->contributions[r->ncontributions++] = *c;
		(*c)->at = at;
	}
	(*c)->amount = amount;
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
	r->counted_by = p;
	r->ncontributions = 0;
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

/* SPDX-License-Identifier: MIT */
/*
 * hold: levels that the metric reaches, and the terms for which they are held.
 *
 *  1. Orders that reached or kept a level do not count for another term of that
 *     level or of a lower level.  Orders count for every term if the window is
 *     the member's whole life, or if a term has no end of its own.
 *  2. A holding is one term of one level.  The holdings are kept in the order
 *     in which they were reached.  After a refund each holding is lowered to
 *     the level that the remaining metric reaches.  The holding in effect is
 *     the newest that still reaches a level and is not over.
 */
#include <assert.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* ---- levels -------------------------------------------------------------- */

bool
level_reached(const struct level *l, int64_t metric)
{
	return l->above ? metric > l->threshold : metric >= l->threshold;
}

int
level_of(const struct program *p, const char *tier)
{
	size_t i = tier != NULL ? program_level(p, tier) : NONE;

	return i == NONE ? NO_LEVEL : (int)i;
}

/* Finds the newest instant before `before` at which the metric gave this level
 * or a higher level. */
static int64_t
qualified_at(struct run *r, const struct program *p, int level, int64_t before)
{
	for (size_t i = r->nholdings; i-- > 0;) {
		const struct level_hold *h = &r->holdings[i];

		steps_take(r->steps, 1 + p->tiers.nlevels);
		if (!h->gone && h->qualified_at < before &&
		    level_of(p, h->level) >= level)
			return h->qualified_at;
	}
	return INT64_MIN;
}

/* 1. Contributions up to and at this instant, which is before `before`, do not
 * count again for a level. */
static int64_t
used_until(struct run *r, const struct program *p, int level, int64_t before)
{
	const struct tiers *t = &p->tiers;
	uint32_t bit = UINT32_C(1) << level;

	if (t->window == TIER_LIFETIME || t->term == TERM_WHILE ||
	    t->term == TERM_FOREVER)
		return INT64_MIN;
	if (before <= r->now)
		return qualified_at(r, p, level, before);
	if ((r->used_known & bit) == 0)
		r->used[level] = qualified_at(r, p, level, before);
	r->used_known |= bit;
	return r->used[level];
}

int64_t
level_metric(struct run *r, const struct program *p, int level, struct span w,
    int64_t before)
{
	int64_t used = used_until(r, p, level, before);

	if (w.from <= used)
		w.from = used + 1;
	return metric_in(r, &p->tiers, w);
}

int
level_for(struct run *r, const struct program *p, struct span w, int64_t before)
{
	for (size_t i = p->tiers.nlevels; i-- > 0;) {
		const struct level *l = &p->tiers.levels[i];

		if (l->has_threshold &&
		    level_reached(l, level_metric(r, p, (int)i, w, before)))
			return (int)i;
	}
	return NO_LEVEL;
}

int
level_now(struct run *r, const struct program *p)
{
	return level_for(r, p, metric_window(r, &p->tiers, r->now), r->now + 1);
}

int
level_as_of(struct run *r, const struct program *p, int64_t at)
{
	struct span w = metric_window(r, &p->tiers, at);

	if (p->tiers.window == TIER_ROLLING || p->tiers.window == TIER_LIFETIME)
		w.until = at + 1;
	return level_for(r, p, w, at);
}

int
level_by_condition(struct run *r, const struct program *p)
{
	const struct occasion now = { .at = r->now };
	const char *why_not;

	for (size_t i = p->tiers.nlevels; i-- > 0;) {
		const struct level *l = &p->tiers.levels[i];

		if (!l->has_threshold &&
		    run_holds(r, &l->when, p, &now, &why_not))
			return (int)i;
	}
	return NO_LEVEL;
}

/* ---- holding ------------------------------------------------------------- */

struct level_hold *
holding_now(struct run *r)
{
	return r->held == 0 ? NULL : &r->holdings[r->held - 1];
}

int
holding_level(struct run *r, const struct program *p)
{
	int level = r->held == 0 ? NO_LEVEL
	                         : level_of(p, holding_now(r)->level);

	return level >= 0 && p->tiers.levels[level].has_threshold ? level
	                                                          : NO_LEVEL;
}

int64_t
holding_term_end(struct run *r, const struct tiers *t,
    const struct level_hold *h, int64_t at)
{
	const struct period year = { 1, UNIT_YEAR };
	int64_t year_end = run_window(r, run_zone(r), WINDOW_YEAR, at).until;

	switch (t->term) {
	case TERM_REST_PLUS_NEXT:
		return run_term(r, year_end, year, 1);
	case TERM_REST:
		return year_end;
	case TERM_PERIOD:
		return run_term(r, h->anchor, t->term_period, h->nth);
	case TERM_FOREVER:
	case TERM_WHILE:
		break;
	}
	return INSTANT_NEVER;
}

static void
holding_begin(
    struct run *r, const struct program *p, struct level_hold h, int64_t at)
{
	h.until = holding_term_end(r, &p->tiers, &h, at);
	/* A term that would be over already begins now instead: an earlier
	 * version of the program had longer terms. */
	if (h.until <= r->now) {
		h.anchor = r->now;
		h.nth = 1;
		h.until = holding_term_end(r, &p->tiers, &h, r->now);
	}
	r->holdings = arena_grow(r->arena, r->holdings, r->nholdings,
	    &r->holdings_room, sizeof(*r->holdings));
	r->holdings[r->nholdings++] = h;
	r->used_known = 0;
	r->held = r->nholdings;
	r->grace_until = 0;
}

void
holding_reach(struct run *r, const struct program *p, int level)
{
	const struct level_hold *h = holding_now(r);
	bool anew = level != holding_level(r, p);

	assert(anew || h != NULL);
	holding_begin(r, p,
	    (struct level_hold){
	        .level = p->tiers.levels[level].id,
	        .since = anew ? r->now : h->since,
	        .qualified_at = r->now,
	        .anchor = r->now,
	        .nth = 1,
	    },
	    r->now);
}

void
holding_follow(
    struct run *r, const struct program *p, int level, int64_t qualified_at)
{
	const struct level_hold *last = holding_now(r);
	struct level_hold next;

	assert(last != NULL);
	next = *last;
	next.level = p->tiers.levels[level].id;
	next.qualified_at = qualified_at;
	next.nth++;
	if (level != holding_level(r, p))
		next.since = r->now;
	holding_begin(r, p, next, last->until - 1);
}

void
holding_end(struct run *r)
{
	r->held = 0;
	r->grace_until = 0;
}

/* 2. Lowers holdings after a refund to the levels that the remaining amounts
 * reach. */
void
holding_go_back(struct run *r, const struct program *p)
{
	size_t was_held = r->held;
	int best = NO_LEVEL;

	r->held = 0;
	r->used_known = 0;
	steps_take(r->steps, r->nholdings * (1 + p->tiers.nlevels));
	for (size_t i = 0; i < r->nholdings; i++) {
		struct level_hold *h = &r->holdings[i];
		int was = level_of(p, h->level), then;
		bool over = i + 1 != was_held && h->until <= r->now;

		if (h->gone)
			continue;
		then = level_as_of(r, p, h->qualified_at);
		if (was == NO_LEVEL || then > was)
			then = was;
		if (then < was && (over || then <= best)) {
			h->gone = true;
			continue;
		}
		if (over)
			continue;
		if (then < was)
			h->level = p->tiers.levels[then].id;
		best = then;
		r->held = i + 1;
	}
	if (r->held != was_held)
		r->grace_until = 0;
}

int
level_below(const struct program *p, int level)
{
	while (--level >= 0 && !p->tiers.levels[level].has_threshold)
		;
	return level < 0 ? NO_LEVEL : level;
}

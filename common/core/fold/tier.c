/* SPDX-License-Identifier: MIT */
/*
 * tier: the member's tier.
 *
 *  1. The metric sums what the program counts, such as orders, over the
 *     program's window.  Each order counts at its own time, with what is left
 *     of it.  A level that the metric reaches is held for a term (hold.c).
 *  2. A member enters a higher tier at once, for one term.
 *  3. At the end of the term, the metric of the window that ended with the term
 *     decides.  If it is enough, the member keeps the tier for another term.
 *     If not, the member falls to a lower tier after the days of grace, as the
 *     program says, unless the metric reaches the tier again meanwhile.  The
 *     lower tier then counts as if the member had been in it all along, for the
 *     same term.
 *  4. A refund may take the metric below the threshold of the tier.  Then the
 *     member goes back to the tier before, or to the tier that the remaining
 *     metric reaches.  Gifts for entering the higher tier are taken back, and
 *     gifts for entering the lower tier are given.  A program may instead wait
 *     for the end of the term.
 *  5. A level with a condition and no threshold lasts as long as its condition
 *     holds, and counts if it is higher than the metric's level.
 */
#include "base/instant.h"
#include "core/fold/internal.h"

/* ---- changing ------------------------------------------------------------ */

static void
note_change(
    struct run *r, const struct program *p, struct span w, const char *cause)
{
	int level = level_of(p, r->tier);

	r->changes = arena_grow(r->arena, r->changes, r->nchanges,
	    &r->changes_room, sizeof(*r->changes));
	r->changes[r->nchanges++] = (struct tier_change){
		.level = r->tier,
		.at = r->now,
		.until = r->tier_until,
		.metric = metric_in(r, &p->tiers, w),
		.threshold = level >= 0 ? p->tiers.levels[level].threshold : 0,
		.window = w,
		.cause = cause,
	};
}

static int64_t
next_tier_year(struct run *r)
{
	const struct period year = { 1, UNIT_YEAR };

	if (r->tier == NULL)
		return INSTANT_NEVER;
	return run_term(r, r->tier_since, year, r->tier_years);
}

/* The end of a level's term.  Only a level that the metric reached has a term;
 * a level by condition has none. */
static int64_t
until_of(struct run *r, const struct program *p, int level)
{
	return level >= 0 && level == holding_level(r, p)
	           ? holding_now(r)->until
	           : INSTANT_NEVER;
}

static void
set_level(struct run *r, const struct program *p, int level)
{
	r->tier = level >= 0 ? p->tiers.levels[level].id : NULL;
	r->tier_since = 0;
	r->tier_year.zone = NULL;
	if (level >= 0)
		r->tier_since = level == holding_level(r, p)
		                    ? holding_now(r)->since
		                    : r->now;
	r->view.tier = r->tier;
	r->view.tier_since = r->tier_since;
	r->tier_until = until_of(r, p, level);
	r->tier_years = 1;
	while (next_tier_year(r) <= r->now) {
		steps_take(r->steps, STEPS_DATE);
		r->tier_years++;
	}
}

/* A gift of a tier: for entering it, or for a year in it. */
struct gift {
	enum trigger on;
	const char *level, *below; /* the tier before; NULL: none */
	int64_t at, qualified_at;
};

static void
give(struct run *r, const struct gift *g)
{
	const char *kind = g->on == ON_TIER ? "tier:" : "tier_year:";
	const char *id = run_text(r, (const char *const[]){ kind, g->level, ":",
	                                 run_date(r, g->at), NULL });
	const char *tier = r->view.tier;
	struct occurrence *o;

	r->view.tier = g->level;
	o = earn_tick_at(r, g->on, id, g->level, g->at);
	r->view.tier = tier;
	o->below = g->below;
	o->qualified_at = g->qualified_at;
	r->tier_credits = arena_grow(r->arena, r->tier_credits,
	    r->ntier_credits, &r->tier_credits_room,
	    sizeof(struct occurrence *));
	r->tier_credits[r->ntier_credits++] = o;
}

/* 2. Enters a higher tier, for one term. */
static void
enter(struct run *r, const struct program *p, int level, struct span w)
{
	struct gift g = { .on = ON_TIER, .below = r->tier, .at = r->now };

	r->tier_below = r->tier;
	set_level(r, p, level);
	note_change(r, p, w, "reached");
	g.level = r->tier;
	g.qualified_at = r->held != 0 ? holding_now(r)->qualified_at : r->now;
	give(r, &g);
	g.on = ON_TIER_YEAR;
	give(r, &g);
}

/* Sets the member's tier to the higher of two levels: the one that the metric
 * gives, and the one by condition.  Only a rise gives gifts, a fall does
 * not. */
static void
show(struct run *r, const struct program *p, const char *cause)
{
	struct span w = metric_window(r, &p->tiers, r->now);
	int level = level_by_condition(r, p), now = level_of(p, r->tier);

	if (holding_level(r, p) > level)
		level = holding_level(r, p);
	if (level > now) {
		enter(r, p, level, w);
	} else if (level < now ||
	           (now == NO_LEVEL && r->tier != NULL && r->held == 0)) {
		set_level(r, p, level);
		note_change(r, p, w, cause);
	} else if (level >= 0 && r->tier_until != until_of(r, p, level)) {
		r->tier_until = until_of(r, p, level);
		note_change(r, p, w, cause);
	}
}

/* ---- 3. kept, and lost --------------------------------------------------- */

/* Whether reaching the held level again begins a new term at once.  True in the
 * grace, or if a term that ends with a calendar year would now end in a later
 * year. */
static bool
is_kept_longer(struct run *r, const struct tiers *t)
{
	if (r->grace_until != 0)
		return true;
	return (t->term == TERM_REST || t->term == TERM_REST_PLUS_NEXT) &&
	       holding_term_end(r, t, holding_now(r), r->now) >
	           holding_now(r)->until;
}

/* Keeps a level while the metric is enough, and for the grace after that.
 * After a refund there is no grace. */
static void
keep_while(struct run *r, const struct program *p, int level, bool refunded)
{
	const struct period grace = { p->tiers.grace_days, UNIT_DAY };
	int now = holding_level(r, p);
	bool lost = grace.n == 0 ||
	            (r->grace_until != 0 && r->grace_until <= r->now);

	if (level >= now) {
		r->grace_until = 0;
		return;
	}
	if (refunded &&
	    (r->grace_until == 0 || level_as_of(r, p, r->grace_from - 1) < now))
		lost = true;
	if (!lost && r->grace_until == 0) {
		r->grace_from = r->now;
		r->grace_until = run_term(r, r->now, grace, 1);
	}
	if (!lost)
		return;
	holding_now(r)->gone = true;
	if (level >= 0)
		holding_reach(r, p, level);
	else
		holding_end(r);
}

/* 4. Takes back gifts of tiers that the remaining metric does not reach, even
 * if that tier has ended since.  Gives the gifts of the lower tiers that the
 * metric does reach. */
static void
give_again(struct run *r, const struct program *p)
{
	steps_take(r->steps, r->ntier_credits * (1 + p->tiers.nlevels));
	for (size_t i = r->ntier_credits; i-- > 0;) {
		struct occurrence *o = r->tier_credits[i];
		int was = level_of(p, o->about), then;
		struct gift g = { .on = o->on,
			.below = o->below,
			.at = o->at,
			.qualified_at = o->qualified_at };

		if (o->revoked || was == NO_LEVEL ||
		    !p->tiers.levels[was].has_threshold)
			continue;
		then = level_as_of(r, p, o->qualified_at);
		if (then >= was)
			continue;
		o->revoked = true;
		earn_again(r, o);
		if (then <= level_of(p, o->below))
			continue;
		g.level = p->tiers.levels[then].id;
		r->before = o->before;
		give(r, &g);
		r->before = false;
	}
}

void
tier_update(struct run *r, bool refunded)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	const char *cause = "condition";
	int level;

	if (t->nlevels == 0 && r->tier == NULL)
		return;
	refunded &= !t->refund_at_term_end;
	if (refunded && t->term != TERM_WHILE) {
		holding_go_back(r, p);
		cause = "refund";
	}
	level = level_now(r, p);
	if (level > holding_level(r, p) ||
	    (level >= 0 && level == holding_level(r, p) &&
	        is_kept_longer(r, t))) {
		holding_reach(r, p, level);
		cause = refunded ? cause : "reached";
	} else if (t->term == TERM_WHILE) {
		keep_while(r, p, level, refunded);
	}
	show(r, p, cause);
	if (refunded)
		give_again(r, p);
}

/* ---- what is due --------------------------------------------------------- */

static int64_t
next_metric_change(struct run *r)
{
	const struct tiers *t = &run_program(r)->tiers;

	if (t->nlevels == 0)
		return INSTANT_NEVER;
	return metric_due_at(r, t, r->held != 0 && t->term == TERM_WHILE);
}

/* 5. When the condition of a level may next change by time alone. */
static int64_t
next_condition(struct run *r)
{
	const struct program *p = run_program(r);
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < p->tiers.nlevels; i++) {
		int64_t x = run_due_at(r, &p->tiers.levels[i].when, p);

		if (x < at)
			at = x;
	}
	return at;
}

/* The end of the term or, in the days of grace, of the grace. */
static int64_t
next_term_end(struct run *r)
{
	if (r->grace_until != 0)
		return r->grace_until;
	if (r->held == 0 || run_program(r)->tiers.term == TERM_WHILE)
		return INSTANT_NEVER;
	return holding_now(r)->until;
}

int64_t
tier_due_at(struct run *r)
{
	const int64_t all[] = { next_tier_year(r), next_metric_change(r),
		next_condition(r), next_term_end(r) };
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < NITEMS(all); i++)
		if (all[i] < at)
			at = all[i];
	return at;
}

/* 3. Decides, at the end of a term, whether the tier is kept. */
static void
term_ended(struct run *r, const struct program *p)
{
	const struct tiers *t = &p->tiers;
	int now = holding_level(r, p), current = level_now(r, p), level;
	int64_t ended, at;

	/* An earlier version of the program had no terms, and its days of grace
	 * are over: the tier's term ends now. */
	if (holding_now(r)->until == INSTANT_NEVER)
		holding_now(r)->until = r->now;
	ended = holding_now(r)->until;
	/* The last moment of the window.  A tier for the rest of a year is
	 * decided in the first moment of the next year. */
	at = t->term == TERM_REST ? ended : ended - 1;
	level = level_for(r, p, metric_window(r, t, at), at + 1);
	if (current > level) {
		level = current;
		at = r->now;
	}
	if (level >= now && now >= 0) {
		holding_follow(r, p, now, at);
		show(r, p, "term_renewed");
	} else if (t->downgrade == DOWNGRADE_NONE && now >= 0) {
		holding_follow(r, p, now, holding_now(r)->qualified_at);
		show(r, p, "term_renewed");
	} else if (r->grace_until == 0 && t->grace_days > 0) {
		const struct period grace = { t->grace_days, UNIT_DAY };

		r->grace_until = run_term(r, ended, grace, 1);
	} else {
		if (t->downgrade == DOWNGRADE_ONE &&
		    level < level_below(p, now)) {
			level = level_below(p, now);
			at = holding_now(r)->qualified_at;
		}
		if (level >= 0)
			holding_follow(r, p, level, at);
		else
			holding_end(r);
		show(r, p, "term_ended");
	}
}

void
tier_due(struct run *r)
{
	const struct program *p = run_program(r);
	struct gift g = { .on = ON_TIER_YEAR, .at = r->now };

	if (p->tiers.term != TERM_WHILE && next_term_end(r) <= r->now)
		term_ended(r, p);
	if (next_tier_year(r) <= r->now) {
		r->tier_years++;
		g.level = r->tier;
		g.below = r->tier_below;
		g.qualified_at = r->held != 0 ? holding_now(r)->qualified_at
		                              : r->now;
		give(r, &g);
	}
	tier_update(r, false);
}

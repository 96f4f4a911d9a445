/* SPDX-License-Identifier: MIT */
/*
 * Tiers:
 *
 *  1. The metric is summed over the program's window: orders at their own
 *     time, by what is left of them.
 *  2. A higher tier is entered at once, for one term.
 *  3. At the end of the term the metric of the window that ended with it
 *     decides: it is kept for another term, or, after the grace, lost as the
 *     program says, unless it was reached anew in the meantime.
 *  4. A refund that takes the metric below what the tier was reached with
 *     ends it at once, and takes back what entering it gave, unless the
 *     program waits for the end of the term.
 *  5. A level with a condition and no threshold is had as long as that
 *     holds.
 */

#include "base/instant.h"
#include "core/fold_run.h"

enum {
	NO_LEVEL = -1
};

/* ---- levels ------------------------------------------------------------------ */

static bool
reaches(const struct level *l, int64_t metric)
{
	return l->above ? metric > l->threshold : metric >= l->threshold;
}

static bool
level_holds(struct run *r, const struct program *p, const struct level *l,
    int64_t metric)
{
	const struct occasion now = { .at = r->now };
	const char *why_not;

	if (l->has_threshold && !reaches(l, metric))
		return false;
	return condition_holds(&l->when, p, &r->view, &now, &why_not);
}

static int
level_for(struct run *r, const struct program *p, int64_t metric)
{
	for (size_t i = p->tiers.nlevels; i-- > 0;)
		if (level_holds(r, p, &p->tiers.levels[i], metric))
			return (int)i;
	return NO_LEVEL;
}

static int
level_of(const struct program *p, const char *tier)
{
	size_t i = tier != NULL ? program_level(p, tier) : NONE;

	return i == NONE ? NO_LEVEL : (int)i;
}

static int64_t
term_end(struct run *r, const struct tiers *t, int64_t at)
{
	const struct zone *z = run_zone(r);
	int64_t year_end = calendar_window(z, WINDOW_YEAR, at).until;

	switch (t->term) {
	case TERM_REST_PLUS_NEXT:
		return calendar_window(z, WINDOW_YEAR, year_end).until;
	case TERM_REST:
		return year_end;
	case TERM_PERIOD:
		return calendar_term(z, at, t->term_period, 1);
	case TERM_FOREVER:
	case TERM_WHILE:
		break;
	}
	return INSTANT_NEVER;
}

/* ---- changing ------------------------------------------------------------------ */

static void
note_change(
    struct run *r, const struct program *p, struct span w, const char *cause)
{
	int level = level_of(p, r->tier);

	r->changes = run_grow(
	    r, r->changes, r->nchanges, &r->changes_room, sizeof(*r->changes));
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

static void
set_level(struct run *r, const struct program *p, int level)
{
	r->tier = level >= 0 ? p->tiers.levels[level].id : NULL;
	r->tier_since = level >= 0 ? r->now : 0;
	r->view.tier = r->tier;
	r->view.tier_since = r->tier_since;
	r->tier_years = 0;
	r->tier_until = level >= 0 ? term_end(r, &p->tiers, r->now)
	                           : INSTANT_NEVER;
	r->grace_until = 0;
	r->kept_until = 0;
	r->qualified_at = level >= 0 ? r->now : 0;
}

/* What entering a tier gives, and each year in it. */
static void
give_for_tier(struct run *r, enum trigger on, const char *kind)
{
	const char *id = run_text(r, (const char *const[]){ kind, ":", r->tier,
	                                 ":", run_date(r, r->now), NULL });
	struct occurrence *o = earn_tick(r, on, id, r->tier);

	r->tier_credits = run_grow(r, r->tier_credits, r->ntier_credits,
	    &r->tier_credits_room, sizeof(struct occurrence *));
	o->qualified_at = r->qualified_at;
	r->tier_credits[r->ntier_credits++] = o;
}

/* 2. */
static void
enter(struct run *r, const struct program *p, int level, struct span w)
{
	set_level(r, p, level);
	note_change(r, p, w, "reached");
	give_for_tier(r, ON_TIER, "tier");
	r->tier_years = 1;
	give_for_tier(r, ON_TIER_YEAR, "tier_year");
}

/* A fall is no entry: nothing is given. */
static void
fall(struct run *r, const struct program *p, int level, struct span w,
    const char *cause)
{
	set_level(r, p, level);
	r->tier_years = 1;
	note_change(r, p, w, cause);
}

/* What is left of the metric a tier was reached with. */
static int64_t
metric_as_of(struct run *r, const struct program *p, int64_t at)
{
	struct span w = metric_window(r, &p->tiers, at);

	if (p->tiers.window == TIER_ROLLING || p->tiers.window == TIER_LIFETIME)
		w.until = at + 1;
	return metric_in(r, &p->tiers, w);
}

/* Whether the tier would not have been reached by what is left. */
static bool
lost_by_refund(struct run *r, const struct program *p, int *level)
{
	int then = level_for(r, p, metric_as_of(r, p, r->qualified_at));

	if (then > *level)
		*level = then;
	return *level < level_of(p, r->tier);
}

/* 4.: also of a tier that has ended since. */
static void
revoke_credits(struct run *r, const struct program *p)
{
	for (size_t i = r->ntier_credits; i-- > 0;) {
		struct occurrence *o = r->tier_credits[i];
		int at = level_of(p, o->about);
		const struct level *l;

		if (o->revoked || at == NO_LEVEL)
			continue;
		l = &p->tiers.levels[at];
		if (!l->has_threshold ||
		    reaches(l, metric_as_of(r, p, o->qualified_at)))
			continue;
		o->revoked = true;
		earn_again(r, o);
	}
}

/* 3.: reached again in another year of the calendar, it is kept for longer
 * at once. */
static bool
is_kept_longer(struct run *r, const struct tiers *t)
{
	if (r->grace_until != 0)
		return true;
	return (t->term == TERM_REST || t->term == TERM_REST_PLUS_NEXT) &&
	       term_end(r, t, r->now) > r->tier_until;
}

static void
keep_longer(struct run *r, const struct program *p, struct span w)
{
	r->kept_until = r->grace_until == 0 ? r->tier_until : 0;
	r->kept_by = r->qualified_at;
	r->tier_until = term_end(r, &p->tiers, r->now);
	r->grace_until = 0;
	r->qualified_at = r->now;
	note_change(r, p, w, "reached");
}

/* A refund may undo that alone. */
static bool
still_kept(struct run *r, const struct program *p)
{
	int64_t by = r->qualified_at;
	int level = NO_LEVEL;

	if (r->kept_until <= r->now)
		return false;
	r->qualified_at = r->kept_by;
	if (lost_by_refund(r, p, &level)) {
		r->qualified_at = by;
		return false;
	}
	r->tier_until = r->kept_until;
	r->kept_until = 0;
	return true;
}

static bool
by_condition_alone(const struct program *p, int level)
{
	return level >= 0 && !p->tiers.levels[level].has_threshold;
}

/* A level of the program that is gone is left like one never had. */
void
tier_update(struct run *r, bool refunded)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	struct span w;
	int level, now;

	if (t->nlevels == 0 && r->tier == NULL)
		return;
	w = metric_window(r, t, r->now);
	level = level_for(r, p, metric_in(r, &p->tiers, w));
	now = level_of(p, r->tier);
	if (level > now) {
		enter(r, p, level, w);
	} else if (level == now && level >= 0 && is_kept_longer(r, t)) {
		keep_longer(r, p, w);
	} else if (level < now &&
	           (t->term == TERM_WHILE || by_condition_alone(p, now))) {
		fall(r, p, level, w, "condition");
	} else if (level < now && refunded && !t->refund_at_term_end &&
	           lost_by_refund(r, p, &level) && !still_kept(r, p)) {
		fall(r, p, level, w, "refund");
	}
	if (refunded && !t->refund_at_term_end)
		revoke_credits(r, p);
}

const char *
tier_after(struct run *r, int64_t amount, int64_t *before)
{
	const struct program *p = run_program(r);
	int64_t metric;
	int level;

	*before = 0;
	if (p->tiers.nlevels == 0)
		return r->tier;
	metric = metric_in(r, &p->tiers, metric_window(r, &p->tiers, r->now));
	level = level_for(r, p, metric + amount);
	if (level <= level_of(p, r->tier) ||
	    !p->tiers.levels[level].has_threshold)
		return r->tier;
	*before = p->tiers.levels[level].threshold - metric;
	if (*before < 0)
		*before = 0;
	if (*before > amount)
		*before = amount;
	return p->tiers.levels[level].id;
}

/* ---- what is due ---------------------------------------------------------------- */

static int64_t
next_tier_year(struct run *r)
{
	const struct period year = { 1, UNIT_YEAR };

	if (r->tier == NULL)
		return INSTANT_NEVER;
	return calendar_term(run_zone(r), r->tier_since, year, r->tier_years);
}

/* TERM_WHILE: when the window's next contribution leaves it; and of what is
 * earned but pending, when it counts. */
static int64_t
next_metric_change(struct run *r)
{
	const struct program *p = run_program(r);
	const struct tiers *t = &p->tiers;
	int64_t at = INSTANT_NEVER;

	if (t->nlevels == 0)
		return at;
	for (size_t i = 0; i < r->ncontributions; i++) {
		int64_t x = r->contributions[i]->at, leaves = INSTANT_NEVER;

		if (x > r->now && x < at)
			at = x;
		if (r->tier == NULL || t->term != TERM_WHILE || x > r->now)
			continue;
		leaves = t->window == TIER_ROLLING
		             ? calendar_term(run_zone(r), x, t->rolling, 1)
		             : metric_window_whole(r, t, x).until;
		if (leaves > r->now && leaves < at)
			at = leaves;
	}
	return at;
}

/* 5.: what a level asks for may come and go by time alone. */
static int64_t
next_condition(struct run *r)
{
	const struct program *p = run_program(r);
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < p->tiers.nlevels; i++) {
		int64_t x = condition_due_at(
		    &p->tiers.levels[i].when, p, &r->view, r->now);

		if (x < at)
			at = x;
	}
	return at;
}

int64_t
tier_due_at(struct run *r)
{
	const int64_t all[] = { next_tier_year(r), next_metric_change(r),
		next_condition(r),
		r->grace_until != 0 ? r->grace_until : r->tier_until };
	int64_t at = INSTANT_NEVER;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] < at)
			at = all[i];
	return at;
}

/* 3. */
static void
term_ended(struct run *r, const struct program *p)
{
	const struct tiers *t = &p->tiers;
	bool in_grace = r->grace_until != 0;
	int64_t ended = r->tier_until;
	/* The last moment of a year; of the months that roll, and of a tier
	 * that is only for the rest of a year, what came since: what the
	 * tier was reached with does not keep it as well. */
	int64_t at = t->window == TIER_ROLLING || t->term == TERM_REST
	                 ? ended
	                 : ended - 1;
	struct span w = metric_window(r, t, at);
	int now = level_of(p, r->tier);
	int level = level_for(r, p, metric_in(r, &p->tiers, w));
	int current = level_for(
	    r, p, metric_in(r, t, metric_window(r, t, r->now)));

	if (current > level)
		level = current;
	if (level >= now || t->downgrade == DOWNGRADE_NONE) {
		r->tier_until = term_end(r, t, ended - 1);
		if (t->term == TERM_PERIOD)
			r->tier_until = term_end(r, t, ended);
		if (r->tier_until <= r->now)
			r->tier_until = term_end(r, t, r->now);
		r->grace_until = 0;
		r->qualified_at = ended - 1;
		note_change(r, p, w, "term_renewed");
		return;
	}
	if (!in_grace && t->grace_days > 0) {
		const struct period grace = { t->grace_days, UNIT_DAY };

		r->grace_until = calendar_term(run_zone(r), ended, grace, 1);
		return;
	}
	if (t->downgrade == DOWNGRADE_ONE && level < now - 1)
		level = now - 1;
	fall(r, p, level, w, "term_ended");
}

void
tier_due(struct run *r)
{
	const struct program *p = run_program(r);
	int64_t term = r->grace_until != 0 ? r->grace_until : r->tier_until;

	if (r->tier != NULL && term <= r->now)
		term_ended(r, p);
	if (next_tier_year(r) <= r->now) {
		r->tier_years++;
		give_for_tier(r, ON_TIER_YEAR, "tier_year");
	}
	tier_update(r, false);
}

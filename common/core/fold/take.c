/* SPDX-License-Identifier: MIT */
/*
 * Rules that take from one wallet what they give into another: a reward
 * whenever there are 300 points, a dividend once a year.
 *
 *  1. As often as there is enough of what can be spent, and the rule's
 *     limits have room for; not at all if there is less than its least.
 *  2. The rest stays, and counts the next time.
 *  3. When something is taken back from the wallet and it is not there,
 *     takings are undone: first those that took it and whose gift expired
 *     unused, since nobody ever had anything of it; then the newest, as far
 *     as what they gave is unused.  What a rule without refunds took stays
 *     taken.
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* The beginning of the calendar's period, if only what was earned before it
 * is taken. */
static int64_t
taken_before(struct run *r, const struct rule *rule)
{
	enum window w = WINDOW_YEAR;

	if (!rule->take_closed)
		return INSTANT_NEVER;
	if (rule->on == ON_MONTH)
		w = WINDOW_MONTH;
	if (rule->on == ON_QUARTER)
		w = WINDOW_QUARTER;
	return calendar_window(run_zone(r), w, r->now).from;
}

static struct rate
rate_now(const struct run *r, const struct rule *rule)
{
	const struct occurrence now = { .program = run_program(r),
		.at = r->now };

	return rate_of(&now, rule);
}

/* What taking so often gives. */
static int64_t
given_for(const struct run *r, const struct rule *rule, int64_t times)
{
	const struct fraction taken = { ratio_mul(times, rule->take_each), 1 };
	struct rate rate = rate_now(r, rule);

	if (rule->by != PER_MONEY)
		return ratio_floor(ratio_mul(times, rule->units), 1);
	return fraction_times(taken, rate.units, rate.per, rule->rounding);
}

/* How often a rule may take until it has given so many units. */
static int64_t
times_for(const struct run *r, const struct rule *rule, int64_t units)
{
	struct rate rate = rate_now(r, rule);

	if (rule->by != PER_MONEY)
		return units / rule->units;
	return ratio_floor(
	    ratio_mul(units, rate.per), ratio_mul(rate.units, rule->take_each));
}

/* 1. */
static int64_t
times_of(struct run *r, const struct rule *rule, const struct occurrence *o,
    const struct purse_state *from)
{
	int64_t there = purse_spendable(r, from, taken_before(r, rule));
	int64_t times = there / rule->take_each;
	int64_t most = times_for(r, rule, limits_room(r, rule, o));

	if (times > most)
		times = most;
	if (there < rule->take_least)
		return 0;
	return times > 0 ? times : 0;
}

/* Every taking is a thing of its own, numbered by its rule's. */
static const char *
taking_id(struct run *r, const struct rule *rule, const char *id)
{
	int64_t n = 1;

	if (id != NULL)
		return id;
	steps_take(r->steps, r->ntakings);
	for (size_t i = 0; i < r->ntakings; i++)
		n += strcmp(r->takings[i].rule->id, rule->id) == 0;
	return run_text(
	    r, (const char *const[]){ "balance:", run_number(r, n), NULL });
}

/* What it took and gave, as it is now; `before` is what it had given. */
static const struct why *
why_taken(struct run *r, const struct taking *t, int64_t before)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));

	*why = (struct why){
		.reason = "taken",
		.rule = t->rule->id,
		.base = t->units,
		.base_left = t->units,
		.units = t->rate.units,
		.per = t->rule->by == PER_MONEY ? t->rate.per
		                                : t->rule->take_each,
		.factor = FACTOR_ONE,
		.tier = r->tier,
		.over = WINDOW_ORDER,
		.given_before = before,
		.given_after = t->given,
		.uncapped = t->given - before,
		.passed = t->given - before,
	};
	return why;
}

static void
take(struct run *r, const struct rule *rule, const struct occurrence *o,
    int64_t times)
{
	int64_t room = limits_room(r, rule, o);
	struct taking t = {
		.rule = rule,
		.origin = o->origin,
		.from = purse_of(r, o->program, rule->take_wallet),
		.units = times * rule->take_each,
		.times = times,
		.given = given_for(r, rule, times),
		.rate = rate_now(r, rule),
		.at = o->at,
		.tier_year_from = o->tier_year_from,
	};
	struct post post = {
		.origin = &o->origin,
		.rule = rule->id,
		.purse = t.from,
		.debit = ACCOUNT_AVAILABLE,
		.credit = ACCOUNT_REDEEMED,
		.units = t.units,
	};
	struct grant g = {
		.origin = &o->origin,
		.rule = rule->id,
		.by = rule,
		.program = o->program,
		.purse = purse_of(r, o->program, rule->wallet),
		.earned_at = r->now,
		.vests_at = r->now,
		.lot = &t.lot,
	};

	if (rule->pending_days > 0)
		g.vests_at += rule->pending_days * INSTANT_DAY;
	(void)purse_draw(r, t.from, t.units, taken_before(r, rule), &t.draws);
	if (t.given > room)
		t.given = room;
	limits_use(r, rule, o, t.given);
	g.units = t.given;
	g.why = post.why = why_taken(r, &t, 0);
	run_post(r, &post);
	if (t.given > 0)
		purse_grant(r, &g);
	r->takings = run_grow(
	    r, r->takings, r->ntakings, &r->takings_room, sizeof(*r->takings));
	r->takings[r->ntakings++] = t;
}

/* Whether it took anything. */
static bool
run_rule(struct run *r, const struct program *p, const struct rule *rule,
    const char *id)
{
	const struct era *era = run_era(r, r->now);
	struct occurrence o = {
		.origin = { SOURCE_TIME, r->timeline->store_id, NULL,
		    era->version_id },
		.program = p,
		.at = r->now,
		.occasion.at = r->now,
		.tier_year_from = tier_year_begin(r, r->now),
	};
	const char *why_not;
	int64_t times;

	steps_take(r->steps, STEPS_RULE);
	if (!run_holds(r, &rule->when, p, &o.occasion, &why_not))
		return false;
	times = times_of(r, rule, &o, purse_of(r, p, rule->take_wallet));
	if (times == 0)
		return false;
	o.origin.source_id = taking_id(r, rule, id);
	take(r, rule, &o, times);
	return true;
}

void
takes_run(struct run *r, enum trigger on, const char *id)
{
	const struct program *p = run_program(r);
	bool again = true;

	/* What one gives another may take; every round takes something, and
	 * what can be taken is finite, unless rules feed one another in a
	 * circle: then no more often than there are rules. */
	for (size_t round = 0; again && round <= p->nrules; round++) {
		again = false;
		steps_take(r->steps, p->nrules);
		for (size_t i = 0; i < p->nrules; i++) {
			const struct rule *rule = &p->rules[i];

			if (rule->take_wallet != NONE && rule->on == on &&
			    is_its_day(rule, p->zone, r->now))
				again |= run_rule(r, p, rule, id);
		}
		again &= on == ON_BALANCE;
	}
	if (on != ON_BALANCE)
		takes_run(r, ON_BALANCE, NULL);
}

/* The units left of a taking's gift, or the expired ones of it. */
static int64_t *
left_of(const struct taking *t, bool expired)
{
	return expired ? &t->lot->expired : &t->lot->parcel.remaining;
}

/* A rule on the balance for which there is enough is tried again when its
 * limit's next window begins, when its condition may have come to hold, and,
 * if it takes what was earned before this year, in the next. */
static int64_t
rule_due_at(struct run *r, const struct program *p, const struct rule *rule)
{
	int64_t at = run_due_at(r, &rule->when, p);
	int64_t there = purse_spendable(
	    r, purse_of(r, p, rule->take_wallet), INSTANT_NEVER);
	enum window windows[LIMITS_MAX + 1];
	size_t n = 0;

	if (there < rule->take_each || there < rule->take_least)
		return INSTANT_NEVER;
	for (size_t i = 0; i < rule->nlimits; i++)
		windows[n++] = rule->limits[i].window;
	if (rule->take_closed)
		windows[n++] = WINDOW_YEAR;
	while (n-- > 0) {
		int64_t x = calendar_window(p->zone, windows[n], r->now).until;

		if (x < at)
			at = x;
	}
	return at;
}

int64_t
takes_due_at(struct run *r)
{
	const struct program *p = run_program(r);
	int64_t at = INSTANT_NEVER;

	steps_take(r->steps, p->nrules);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *rule = &p->rules[i];
		int64_t x;

		if (rule->on != ON_BALANCE || rule->take_wallet == NONE)
			continue;
		x = rule_due_at(r, p, rule);
		if (x < at)
			at = x;
	}
	return at;
}

/* How many times of a taking can be undone. */
static int64_t
undoable(const struct taking *t, bool expired)
{
	int64_t left = t->lot != NULL ? *left_of(t, expired) : 0;

	if (t->times == 0)
		return 0;
	if (t->given == 0)
		return t->times;
	if (left >= t->given)
		return t->times;
	return ratio_floor(ratio_mul(left, t->times), t->given);
}

/* What so many times fewer give less: what is left is what they alone would
 * have given. */
static int64_t
given_less(const struct taking *t, int64_t times)
{
	return t->given -
	       ratio_floor(ratio_mul(t->given, t->times - times), t->times);
}

static void
undo(struct run *r, struct taking *t, int64_t times, bool expired)
{
	int64_t given = given_less(t, times);
	int64_t units = t->rule->take_each * times;
	const struct occurrence o = {
		.program = run_program(r),
		.at = t->at,
		.tier_year_from = t->tier_year_from,
	};
	struct post post = {
		.origin = &t->origin,
		.rule = t->rule->id,
		.debit = ACCOUNT_AVAILABLE,
		.credit = ACCOUNT_REVERSED,
		.units = given,
		.lot = t->lot,
	};

	t->times -= times;
	t->given -= given;
	t->units -= units;
	post.why = why_taken(r, t, t->given + given);
	if (t->lot != NULL) {
		post.purse = t->lot->purse;
		if (expired)
			post.debit = ACCOUNT_EXPIRED;
		else if (!t->lot->parcel.vested)
			post.debit = ACCOUNT_PENDING;
		*left_of(t, expired) -= given;
		run_post(r, &post);
		limits_use(r, t->rule, &o, -given);
	}
	purse_return(&t->draws, units);
	post.purse = t->from;
	post.debit = ACCOUNT_REDEEMED;
	post.credit = ACCOUNT_AVAILABLE;
	post.units = units;
	post.lot = NULL;
	run_post(r, &post);
}

/* What it gave may have been taken on: then that is undone first. */
static void
undo_what_followed(struct run *r, struct taking *t, int64_t times)
{
	int64_t missing;

	if (t->lot == NULL || t->times == 0 || t->is_undone)
		return;
	if (times > t->times)
		times = t->times;
	missing = given_less(t, times) - t->lot->parcel.remaining;
	if (missing <= 0)
		return;
	/* Rules may feed one another in a circle. */
	t->is_undone = true;
	takes_undo(r, t->lot->purse, t->lot->parcel.source_id, missing);
	t->is_undone = false;
}

static bool
stays(const struct taking *t)
{
	return t->rule->reversal == REVERSE_NONE;
}

/* Undoes what it takes to have so many units again; returns how many there
 * are then. */
static int64_t
undo_for(struct run *r, struct taking *t, int64_t units, bool expired)
{
	int64_t each = t->rule->take_each;
	int64_t times = (units + each - 1) / each, can;

	if (!expired)
		undo_what_followed(r, t, times);
	can = undoable(t, expired);
	if (times > can)
		times = can;
	if (times > 0)
		undo(r, t, times, expired);
	return times * each;
}

/* Whether a taking drew on a lot of this source. */
static bool
took_of(const struct taking *t, const char *source_id)
{
	for (size_t i = 0; i < t->draws.n; i++)
		if (strcmp(t->draws.list[i].lot->parcel.source_id, source_id) ==
		    0)
			return true;
	return false;
}

/* 3. */
void
takes_undo(
    struct run *r, struct purse_state *p, const char *source_id, int64_t units)
{
	for (size_t i = r->ntakings; i-- > 0 && units > 0;) {
		struct taking *t = &r->takings[i];

		steps_take(r->steps, 2 + t->draws.n);
		if (t->from == p && !stays(t) && t->lot != NULL &&
		    t->lot->expired > 0 && took_of(t, source_id))
			units -= undo_for(r, t, units, true);
	}
	for (size_t i = r->ntakings; i-- > 0 && units > 0;) {
		struct taking *t = &r->takings[i];

		if (t->from == p && !stays(t))
			units -= undo_for(r, t, units, false);
	}
}

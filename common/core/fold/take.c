/* SPDX-License-Identifier: MIT */
/*
 * take: rules that take units from one wallet and give units in another: a
 * reward whenever there are 300 points, a dividend once a year.
 *
 *  1. A rule takes `take_each` units as often as the wallet has them to spend
 *     and the rule's limits allow.  A wallet with fewer than `take_least` units
 *     is left alone.
 *  2. The units that are left stay in the wallet, and count the next time.
 *  3. Units that a rule took may have to be taken back later, after a refund.
 *     The taking is then undone (taking.c).
 */
#include <string.h>

#include "base/instant.h"
#include "core/fold/internal.h"

/* Only units earned before this instant are taken.  With take_closed, the
 * instant is the begin of the current month, quarter or year. */
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
	return run_window(r, run_zone(r), w, r->now).from;
}

static struct rate
rate_now(const struct run *r, const struct rule *rule)
{
	const struct occurrence now = { .program = run_program(r),
		.at = r->now };

	return measure_rate(&now, rule);
}

/* The units that the rule gives for taking `times` times. */
static int64_t
given_for(const struct run *r, const struct rule *rule, int64_t times)
{
	const struct fraction taken = { ratio_mul(times, rule->take_each), 1 };
	struct rate rate = rate_now(r, rule);

	if (rule->by != PER_MONEY)
		return ratio_floor(ratio_mul(times, rule->units), 1);
	return fraction_times(taken, rate.units, rate.per, rule->rounding);
}

/* How many times a rule can take without giving more than `units`. */
static int64_t
times_for(const struct run *r, const struct rule *rule, int64_t units)
{
	struct rate rate = rate_now(r, rule);

	if (rule->by != PER_MONEY)
		return units / rule->units;
	return ratio_floor(
	    ratio_mul(units, rate.per), ratio_mul(rate.units, rule->take_each));
}

/* 1. How many times the rule takes now. */
static int64_t
times_of(struct run *r, const struct rule *rule, const struct occurrence *o,
    struct purse_state *from)
{
	int64_t there = lots_spendable(r, from, taken_before(r, rule));
	int64_t times = there / rule->take_each;
	int64_t most = times_for(r, rule, limits_room(r, rule, o));

	if (times > most)
		times = most;
	if (there < rule->take_least)
		return 0;
	return times > 0 ? times : 0;
}

/* The source id of a taking: the id of the trigger.  With ON_BALANCE the
 * trigger has no id, so the takings of each rule are numbered. */
static const char *
taking_id(struct run *r, const struct rule *rule, const struct occurrence *tick)
{
	int64_t n = ++window_sums(r, rule->id, INT64_MIN, NULL)->ntakings;

	if (tick != NULL)
		return tick->origin.source_id;
	return run_text(
	    r, (const char *const[]){ "balance:", run_number(r, n), NULL });
}

static void
take(struct run *r, const struct rule *rule, const struct occurrence *o,
    int64_t times, struct occurrence *tick)
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
		.newest_lot = tick != NULL ? &tick->newest_lot : NULL,
	};

	if (rule->pending_days > 0)
		g.vests_at += rule->pending_days * INSTANT_DAY;
	(void)lots_draw(r, t.from, t.units, taken_before(r, rule), &t.draws);
	if (t.given > room)
		t.given = room;
	limits_use(r, rule, o, t.given);
	g.units = t.given;
	g.why = post.why = taking_why(r, &t, 0);
	post_add(r, &post);
	if (t.given > 0)
		purse_grant(r, &g);
	takings_add(r, &t);
}

/* Runs one rule; true if it took anything. */
static bool
run_rule(struct run *r, const struct program *p, const struct rule *rule,
    struct occurrence *tick)
{
	const struct era *era = run_era(r, r->now);
	struct occurrence o = {
		.origin = { SOURCE_TIME, r->timeline->store_id, NULL,
		    era->version_id },
		.program = p,
		.at = r->now,
		.occasion.at = r->now,
		.tier_year_from = window_tier_year(r, r->now),
	};
	const char *why_not;
	int64_t times;

	steps_take(r->steps, STEPS_RULE);
	if (!run_holds(r, &rule->when, p, &o.occasion, &why_not))
		return false;
	times = times_of(r, rule, &o, purse_of(r, p, rule->take_wallet));
	if (times == 0)
		return false;
	o.origin.source_id = taking_id(r, rule, tick);
	take(r, rule, &o, times, tick);
	return true;
}

void
takes_run(struct run *r, enum trigger on, struct occurrence *tick)
{
	const struct program *p = run_program(r);
	bool again = true;

	/* A rule may take what another rule gives, so rules run again until no
	 * rule takes anything.  Rules that feed one another in a circle would
	 * never end, so there is at most one round more than there are
	 * rules. */
	for (size_t round = 0; again && round <= p->nrules; round++) {
		again = false;
		steps_take(r->steps, p->nrules);
		for (size_t i = 0; i < p->nrules; i++) {
			const struct rule *rule = &p->rules[i];

			if (rule->take_wallet != NONE && rule->on == on &&
			    rule_is_its_day(rule, p->zone, r->now))
				again |= run_rule(r, p, rule, tick);
		}
		again &= on == ON_BALANCE;
	}
	if (on != ON_BALANCE)
		takes_run(r, ON_BALANCE, NULL);
}

/* When a rule ON_BALANCE that has enough units is tried again: when the next
 * window of its limits begins, or when its condition may become true.  A rule
 * that takes only units of earlier years is also tried when the next year
 * begins. */
static int64_t
rule_due_at(struct run *r, const struct program *p, const struct rule *rule)
{
	int64_t at = run_due_at(r, &rule->when, p);
	int64_t there = lots_spendable(
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
		int64_t x = run_window(r, p->zone, windows[n], r->now).until;

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

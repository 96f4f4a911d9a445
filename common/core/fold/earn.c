/* SPDX-License-Identifier: MIT */
/*
 * earn: what an occurrence (an order, an event or a date of the calendar) earns
 * by the rules of its trigger.
 *
 *  1. An order earns by the program, the tier and the multipliers of the moment
 *     at which it was placed.  After a refund, what the rest of the order earns
 *     is worked out anew, and the difference is taken back.  Only conditions on
 *     amounts are checked again.
 *  2. measure.c works out how many units a rule gives, and limit.c how many of
 *     these units its limits let through.
 */
#include <assert.h>
#include <string.h>

#include "core/fold/internal.h"

/* Explains why a rule gave nothing. */
static void
earn_nothing(struct run *r, const struct occurrence *o, const struct rule *rule,
    const char *reason)
{
	struct why *why = arena_alloc(r->arena, sizeof(*why));

	why->reason = reason;
	why->rule = rule->id;
	why->tier = r->tier;
	share_post_none(r, o, rule, why);
}

static bool
is_about(const struct rule *rule, enum trigger on, const struct occurrence *o)
{
	if (rule->on != on || rule->take_wallet != NONE)
		return false;
	if (on == ON_EVENT)
		return o->fact != NULL &&
		       strcmp(rule->event, o->fact->type) == 0;
	if (on == ON_BIRTHDAY)
		return strcmp(rule->attribute, o->about) == 0;
	return rule_is_its_day(rule, o->program->zone, o->at);
}

void
earn_none(struct run *r, const struct occurrence *o, enum trigger on,
    const char *reason)
{
	steps_take(r->steps, o->program->nrules);
	for (size_t i = 0; i < o->program->nrules; i++)
		if (is_about(&o->program->rules[i], on, o))
			earn_nothing(r, o, &o->program->rules[i], reason);
}

/* Makes room for the shares of an occurrence. */
static void
shares_make(struct run *r, struct occurrence *o, enum trigger on)
{
	const struct program *p = o->program;
	size_t n = 0;

	for (size_t i = 0; i < p->nrules; i++) {
		n += is_about(&p->rules[i], on, o);
		o->replaces |= p->rules[i].replaces.n > 0;
		o->replaces_by_tier |= p->rules[i].replaces.n > 0 &&
		                       condition_asks_tier(&p->rules[i].when);
	}
	/* Counts steps for clearing the memory of the shares, which takes
	 * time. */
	steps_take(r->steps, p->nrules + n * STEPS_RULE);
	o->shares = n == 0 ? NULL
	                   : arena_array(r->arena, n, sizeof(*o->shares));
}

void
earn_begin(struct run *r, struct occurrence *o, enum trigger on)
{
	const struct program *p = o->program;
	const char *why_not;

	r->occurrences = arena_grow(r->arena, r->occurrences, r->noccurrences,
	    &r->occurrences_room, sizeof(struct occurrence *));
	r->occurrences[r->noccurrences++] = o;
	if (o->fact != NULL)
		run_placed(r, o->fact)->occurrence = o;
	shares_make(r, o, on);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *rule = &p->rules[i];
		struct share *s;

		if (!is_about(rule, on, o))
			continue;
		if (o->before) {
			earn_nothing(r, o, rule, reason_text(REASON_BEFORE));
			continue;
		}
		assert(o->shares != NULL);
		s = &o->shares[o->nshares];
		*s = (struct share){
			.rule = rule,
			.of = o,
			.tier = r->tier,
			.whole = -1,
		};
		why_not = factors_begin(r, o, s);
		if (why_not != NULL) {
			earn_nothing(r, o, rule, why_not);
			continue;
		}
		o->nshares++;
		if (rule->over > WINDOW_ORDER)
			cell_join(r, s);
		limits_join(r, s);
		lines_join(r, s);
		share_entitle(r, s);
		share_post_nothing(r, s);
		shares_post(r);
	}
	takes_run(r, ON_BALANCE, NULL);
}

void
earn_again(struct run *r, struct occurrence *o)
{
	for (size_t i = o->nshares; i-- > 0;) {
		struct share *s = &o->shares[i];

		if (s->rule->reversal == REVERSE_NONE)
			continue;
		if (!share_is_proportional(s)) {
			s->off = NULL;
			(void)occurrence_holds(
			    r, o, s->rule, &s->rule->when, true, &s->off);
			factors_again(r, s);
		}
		share_entitle(r, s);
	}
	shares_post(r);
	takes_run(r, ON_BALANCE, NULL);
}

struct occurrence *
earn_tick_at(struct run *r, enum trigger on, const char *id, const char *about,
    int64_t at)
{
	const struct era *era = run_era(r, at);
	struct occurrence *o = arena_alloc(r->arena, sizeof(*o));

	*o = (struct occurrence){
		.steps = r->steps,
		.origin = { SOURCE_TIME, r->timeline->store_id, id,
		    era->version_id },
		.program = era->program,
		.at = at,
		.before = r->before,
		.occasion.at = at,
		.about = about,
		.on = on,
		.tier_year_from = window_tier_year(r, at),
	};
	earn_begin(r, o, on);
	return o;
}

struct occurrence *
earn_tick(struct run *r, enum trigger on, const char *id, const char *about)
{
	return earn_tick_at(r, on, id, about, r->now);
}

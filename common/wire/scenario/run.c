/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/order_parts.h"
#include "wire/scenario/internal.h"

/* ---- what happened ------------------------------------------------------- */

static bool
is_same_fact(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

/* Merges a new report of an order into the known order.  A report that is older
 * than the known order can change only what the order was worth when it was
 * paid. */
static const struct order *
newest(struct stage *g, const struct order *known, const struct order *now)
{
	struct order *o = arena_alloc(&g->arena, sizeof(*o));

	*o = now->modified_at < known->modified_at ? *known : *now;
	order_parts_merge(&g->arena, known, now, o);
	order_count_dropped(&g->arena, o);
	return o;
}

/* Replaces a known fact by a new report.  The fact keeps the version of the
 * program with which it was folded first. */
static void
told_again(struct stage *g, struct staged *known, const struct staged *now)
{
	struct fact f = now->fact;

	if (f.kind == FACT_ORDER) {
		f.order = newest(g, known->fact.order, f.order);
		if (now->fact.order->modified_at <
		    known->fact.order->modified_at) {
			known->fact.order = f.order;
			return;
		}
	}
	f.program = known->fact.program;
	f.version_id = known->fact.version_id;
	*known = *now;
	known->fact = f;
}

static void
facts_put(struct stage *g, const struct staged *s)
{
	size_t at = 0;

	for (size_t i = 0; i < g->nfacts; i++)
		if (is_same_fact(&g->facts[i].fact, &s->fact)) {
			told_again(g, &g->facts[i], s);
			return;
		}
	while (at < g->nfacts && fact_compare(&g->facts[at].fact, &s->fact) < 0)
		at++;
	memmove(
	    &g->facts[at + 1], &g->facts[at], (g->nfacts - at) * sizeof(*s));
	g->facts[at] = *s;
	g->nfacts++;
}

static void
facts_drop(struct stage *g, const struct fact *f)
{
	for (size_t i = 0; i < g->nfacts; i++) {
		if (!is_same_fact(&g->facts[i].fact, f))
			continue;
		g->nfacts--;
		memmove(&g->facts[i], &g->facts[i + 1],
		    (g->nfacts - i) * sizeof(*g->facts));
		return;
	}
}

/* Finds the version of the program that is in effect at the instant `at`. */
static const struct era *
era_at(const struct stage *g, int64_t at)
{
	size_t i = g->neras - 1;

	while (i > 0 && g->eras[i].from > at)
		i--;
	return &g->eras[i];
}

/* Makes the fact of the step; false if the step has none. */
static bool
step_fact(const struct stage *g, struct staged *out)
{
	const struct step *s = g->step;
	struct fact *f = &out->fact;
	const struct era *era;

	*out = (struct staged){ .member = g->member };
	switch (s->kind) {
	case STEP_ORDER:
	case STEP_REFUND:
	case STEP_CANCEL:
		*f = (struct fact){
			.kind = FACT_ORDER,
			.at = s->order->created_at,
			.id = s->id,
			.brand = s->brand,
			.since = g->scenario->since,
			.order = s->order,
		};
		break;
	case STEP_FACT:
		*f = s->fact;
		if (s->friend != NONE) {
			out->referral = f->id;
			out->friend = g->is[s->friend];
		}
		break;
	case STEP_WAIT:
	case STEP_QUOTE:
	case STEP_MERGE:
	case STEP_PAYOUT:
	case STEP_PROGRAM:
		return false;
	}
	era = era_at(g, f->at);
	f->store_id = SCENARIO_STORE;
	f->program = era->program;
	f->version_id = era->version_id;
	return true;
}

static const char *
refusal_of(const struct fold *f, const struct fact *of)
{
	for (size_t i = 0; i < f->nrefusals; i++)
		if (is_same_fact(f->refusals[i].fact, of))
			return f->refusals[i].reason;
	return NULL;
}

static void
stage_quote(struct stage *g)
{
	const struct quote_ask ask = {
		.timeline = &g->timeline,
		.fold = &g->fold,
		.basket = g->step->order,
		.brand = g->step->brand,
		.store_id = SCENARIO_STORE,
		.since = g->scenario->since,
		.wishes = g->step->wishes,
		.nwishes = g->step->nwishes,
	};

	quote(&g->scratch, &ask, &g->quote);
	for (size_t i = 0; i < g->quote.nrewards; i++)
		if (g->quote.rewards[i].refused != NULL)
			g->refused = g->quote.rewards[i].refused;
}

/* Adds a fact and folds.  If the fold refuses a redemption, a capture or a
 * release, the fact is taken out again.  If the fold accepts it, the fact is
 * marked as taken, since redemptions are never undone. */
static void
stage_tell(struct stage *g, struct staged *s)
{
	struct fact *f = &s->fact;
	struct staged other;

	facts_put(g, s);
	if (staged_referred(g, s, &other))
		facts_put(g, &other);
	stage_fold(g, s->member);
	g->refused = refusal_of(&g->fold, f);
	if (f->kind != FACT_REDEEM && f->kind != FACT_CAPTURE &&
	    f->kind != FACT_RELEASE)
		return;
	if (g->refused == NULL) {
		f->taken = true;
		facts_put(g, s);
		return;
	}
	facts_drop(g, f);
	stage_fold(g, s->member);
}

static void
stage_step(struct stage *g)
{
	const struct step *s = g->step;
	struct staged told;

	arena_reset(&g->scratch);
	g->refused = NULL;
	g->member = g->is[s->member];
	if (step_fact(g, &told)) {
		stage_tell(g, &told);
		return;
	}
	if (s->kind == STEP_PROGRAM)
		stage_program(g, s->program);
	if (s->kind == STEP_MERGE)
		stage_merge(g, g->member, g->is[s->into]);
	if (s->kind == STEP_PAYOUT && !stage_pay(g, s->charity))
		g->refused = "nothing_owed";
	stage_fold(g, g->is[s->member]);
	if (s->kind == STEP_QUOTE)
		stage_quote(g);
}

/* ---- the steps ----------------------------------------------------------- */

/* Lists the numbers of the steps, in the order in which the steps become
 * known. */
static size_t *
steps_told(struct arena *a, const struct scenario *s)
{
	size_t *list = arena_array(a, s->nsteps, sizeof(*list));

	for (size_t i = 0; i < s->nsteps; i++) {
		size_t at = i;

		for (; at > 0 &&
		       s->steps[list[at - 1]].told_at > s->steps[i].told_at;
		     at--)
			list[at] = list[at - 1];
		list[at] = i;
	}
	return list;
}

static void
stage_begin(struct stage *g)
{
	/* Room for two facts per step, since a referral is two facts. */
	size_t n = 2 * g->scenario->nsteps + 1;

	g->facts = arena_array(&g->arena, n, sizeof(*g->facts));
	g->eras = arena_array(&g->arena, n, sizeof(*g->eras));
	g->payments = arena_array(
	    &g->arena, n * g->scenario->nmembers, sizeof(*g->payments));
	for (size_t i = 0; i < MEMBERS_MAX; i++)
		g->is[i] = i;
	stage_program(g, g->scenario->program);
}

size_t
scenario_run(const struct scenario *s, const char *file, struct buf *out)
{
	struct stage g = { .scenario = s, .file = file, .out = out };
	const size_t *told;

	arena_init(&g.arena);
	arena_init(&g.scratch);
	stage_begin(&g);
	told = steps_told(&g.arena, s);
	for (size_t i = 0; i < s->nsteps; i++) {
		g.step = &s->steps[told[i]];
		g.nth = told[i] + 1;
		stage_step(&g);
		stage_check(&g);
	}
	arena_fini(&g.scratch);
	arena_fini(&g.arena);
	return g.differences;
}

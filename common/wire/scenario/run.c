/* SPDX-License-Identifier: MIT */
#include "wire/scenario/internal.h"

/* ---- what happened ------------------------------------------------------- */

/* Makes the fact of the step; false if the step has none. */
static bool
step_fact(const struct stage *g, struct staged *out)
{
	const struct step *s = g->step;
	struct fact *f = &out->fact;

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
	stage_date(g, f);
	return true;
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
	const char *used = NULL;
	struct staged other;

	stage_put(g, s);
	if (staged_referred(g, s, &other))
		stage_put(g, &other);
	if (f->kind == FACT_ORDER)
		used = stage_shop(g, f);
	stage_fold(g, s->member);
	g->refused = stage_refusal(g, f);
	if (g->step->kind == STEP_ORDER && g->refused == NULL)
		g->refused = used;
	if (f->kind != FACT_REDEEM && f->kind != FACT_CAPTURE &&
	    f->kind != FACT_RELEASE)
		return;
	if (g->refused == NULL) {
		f->taken = true;
		stage_put(g, s);
		return;
	}
	stage_drop(g, f);
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
	size_t n = g->scenario->nsteps + 1;

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

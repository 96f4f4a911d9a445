/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/scenario_stage.h"

/* ---- what happened ----------------------------------------------------------- */

static bool
is_same_fact(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

static void
facts_put(struct stage *g, const struct fact *f)
{
	size_t at = 0;

	for (size_t i = 0; i < g->nfacts; i++)
		if (is_same_fact(&g->facts[i], f)) {
			g->facts[i] = *f;
			return;
		}
	while (at < g->nfacts && fact_compare(&g->facts[at], f) < 0)
		at++;
	memmove(
	    &g->facts[at + 1], &g->facts[at], (g->nfacts - at) * sizeof(*f));
	g->facts[at] = *f;
	g->nfacts++;
}

static void
facts_drop(struct stage *g, const struct fact *f)
{
	for (size_t i = 0; i < g->nfacts; i++) {
		if (!is_same_fact(&g->facts[i], f))
			continue;
		g->nfacts--;
		memmove(&g->facts[i], &g->facts[i + 1],
		    (g->nfacts - i) * sizeof(*f));
		return;
	}
}

/* The fact a step tells, if it tells one. */
static bool
step_fact(const struct stage *g, struct fact *out)
{
	const struct step *s = g->step;

	switch (s->kind) {
	case STEP_ORDER:
	case STEP_REFUND:
	case STEP_CANCEL:
		*out = (struct fact){
			.kind = FACT_ORDER,
			.at = s->order->created_at,
			.id = s->id,
			.brand = s->brand,
			.order = s->order,
		};
		break;
	case STEP_FACT:
		*out = s->fact;
		break;
	case STEP_WAIT:
	case STEP_QUOTE:
		return false;
	}
	out->store_id = SCENARIO_STORE;
	out->program = g->program;
	out->version_id = 1;
	return true;
}

static void
stage_fold(struct stage *g)
{
	g->era = (struct era){ g->program, 1, 0 };
	g->timeline = (struct timeline){
		.facts = g->facts,
		.nfacts = g->nfacts,
		.eras = &g->era,
		.neras = 1,
		.store_id = SCENARIO_STORE,
		.now = g->step->at,
	};
	fold(&g->scratch, &g->timeline, &g->fold);
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
		.wishes = g->step->wishes,
		.nwishes = g->step->nwishes,
	};

	quote(&g->scratch, &ask, &g->quote);
	for (size_t i = 0; i < g->quote.nrewards; i++)
		if (g->quote.rewards[i].refused != NULL)
			g->refused = g->quote.rewards[i].refused;
}

static void
stage_step(struct stage *g)
{
	struct fact f;
	bool told = step_fact(g, &f);

	arena_reset(&g->scratch);
	g->refused = NULL;
	if (told)
		facts_put(g, &f);
	stage_fold(g);
	if (told)
		g->refused = refusal_of(&g->fold, &f);
	/* Whoever takes a redemption in does not take one that is refused. */
	if (g->refused != NULL && f.kind == FACT_REDEEM) {
		facts_drop(g, &f);
		stage_fold(g);
	}
	if (g->step->kind == STEP_QUOTE)
		stage_quote(g);
}

/* ---- the steps --------------------------------------------------------------- */

size_t
scenario_run(const struct scenario *s, const struct program *p,
    const char *file, struct buf *out)
{
	struct stage g = {
		.scenario = s, .program = p, .file = file, .out = out
	};

	arena_init(&g.arena);
	arena_init(&g.scratch);
	g.facts = arena_array(&g.arena, s->nsteps + 1, sizeof(*g.facts));
	for (size_t i = 0; i < s->nsteps; i++) {
		g.step = &s->steps[i];
		g.nth = i + 1;
		stage_step(&g);
		stage_check(&g);
	}
	arena_fini(&g.scratch);
	arena_fini(&g.arena);
	return g.differences;
}

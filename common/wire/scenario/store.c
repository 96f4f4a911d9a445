/* SPDX-License-Identifier: MIT */
/* Reads the steps of tests in which the shop itself acts: it merges two
 * members, pays a charity, or publishes another version of the program. */
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

void
step_merge(struct draft_test *t, const struct node *n, struct step *s)
{
	static const char *const keys[] = { "from", "into", NULL };
	struct node from, into;
	size_t gone;

	s->kind = STEP_MERGE;
	s->into = s->member;
	if (node_check_object(n, keys) == -1 ||
	    node_need(n, "from", "who is another one", &from) == -1 ||
	    scenario_member(t, &from, false, &gone) == -1)
		return;
	if (node_get(n, "into", &into) &&
	    scenario_member(t, &into, false, &s->into) == -1)
		return;
	if (gone == s->into)
		node_refuse(n, "is of two members, not of one");
	else if (t->is_merged[gone] || t->is_merged[s->into])
		node_refuse(n, "names a member who is another one already");
	t->is_merged[gone] = true;
	s->member = gone;
}

void
step_payout(struct draft_test *t, const struct node *n, struct step *s)
{
	s->kind = STEP_PAYOUT;
	if (scenario_text(t->arena, n, &s->charity) == 0 &&
	    !words_have(&t->program->charities, s->charity))
		scenario_refuse(t, n, "is no charity of this program");
}

void
step_program(struct draft_test *t, const struct node *n, struct step *s)
{
	struct program_setting set = {
		.currency = t->program->currency,
		.exponent = t->program->exponent,
		.zone = t->program->zone,
	};
	struct program *p = arena_alloc(t->arena, sizeof(*p));
	struct node tests;

	s->kind = STEP_PROGRAM;
	s->program = t->program;
	if (node_get(n, "tests", &tests))
		node_refuse(
		    &tests, "are inside a test, where nobody runs them");
	else if (program_of(t->arena, n, &set, p) == 0)
		s->program = t->program = p;
}

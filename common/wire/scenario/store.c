/* SPDX-License-Identifier: MIT */
/* Steps of a test that the shop does itself: it merges two members, pays a
 * charity, publishes another version of the program. */
#include "wire/program/program.h"
#include "wire/scenario/internal.h"

int
step_merge(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	static const char *const keys[] = { "from", "into", NULL };
	struct node from, into;
	size_t gone;

	s->kind = STEP_MERGE;
	s->into = s->member;
	if (node_check_object(n, keys, e) == -1 ||
	    node_need(n, "from", "who is another one", &from, e) == -1 ||
	    scenario_member(t, &from, false, &gone, e) == -1)
		return -1;
	if (node_get(n, "into", &into) &&
	    scenario_member(t, &into, false, &s->into, e) == -1)
		return -1;
	if (gone == s->into)
		return node_refuse(n, e, "is of two members, not of one");
	if (t->is_merged[gone] || t->is_merged[s->into])
		return node_refuse(
		    n, e, "names a member who is another one already");
	t->is_merged[gone] = true;
	s->member = gone;
	return 0;
}

int
step_payout(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	s->kind = STEP_PAYOUT;
	if (scenario_text(t->arena, n, &s->charity, e) == -1)
		return -1;
	if (!words_have(&t->program->charities, s->charity))
		return node_refuse(n, e, "is no charity of this program");
	return 0;
}

int
step_program(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	struct program_setting set = {
		.currency = t->program->currency,
		.exponent = t->program->exponent,
		.zone = t->program->zone,
	};
	struct program *p = arena_alloc(t->arena, sizeof(*p));
	struct node tests;

	s->kind = STEP_PROGRAM;
	if (node_get(n, "tests", &tests))
		return node_refuse(
		    &tests, e, "are inside a test, where nobody runs them");
	if (program_of(t->arena, n, &set, p, e) == -1)
		return -1;
	s->program = t->program = p;
	return 0;
}

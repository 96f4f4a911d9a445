/* SPDX-License-Identifier: MIT */
/* Checks words that tests expect as reasons: why nothing was given, or why
 * something was refused. */
#include <string.h>

#include "core/reason.h"
#include "wire/scenario/internal.h"

static bool
condition_says(const struct condition *c, const char *word)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->tests[i].otherwise != NULL &&
		    strcmp(c->tests[i].otherwise, word) == 0)
			return true;
	return false;
}

/* Whether a rule or a reward of the program has the word as "otherwise". */
static bool
program_says(const struct program *p, const char *word)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (condition_says(&p->rules[i].when, word))
			return true;
	for (size_t i = 0; i < p->nrewards; i++)
		if (condition_says(&p->rewards[i].when, word))
			return true;
	return false;
}

/* Whether any version of the program up to this step has a condition whose key
 * "otherwise" is this word. */
static bool
programs_say(const struct draft_test *t, const char *word)
{
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].kind == STEP_PROGRAM &&
		    program_says(t->steps[i].program, word))
			return true;
	return program_says(t->first, word);
}

bool
scenario_says(
    const struct draft_test *t, enum expect_kind kind, const char *word)
{
	enum reason_use use = kind == EXPECT_REFUSED ? REASON_OF_REFUSED
	                                             : REASON_OF_NOTHING;
	enum reason reason;

	return (reason_find(word, &reason) && reason_is_of(reason, use)) ||
	       programs_say(t, word);
}

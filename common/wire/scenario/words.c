/* SPDX-License-Identifier: MIT */
/* The words that tests may expect: why nothing was given, why something was
 * refused.  tests/unit/test_scenario_words.c holds them to what the core
 * says. */
#include <string.h>

#include "core/match.h"
#include "core/reason.h"
#include "wire/scenario/internal.h"

/* The reasons that core/fold/share.c, core/fold/order.c and core/referral.c
 * give, beside those of core/reason.def. */
static const char *const given_nothing[] = { "carried", "limit_reached",
	"limit_moved", "paid_out", "self_referral", "friend_counted", NULL };

/* Refusals of redemptions, events and the rewards of a quote. */
static const char *const refused[] = { "insufficient", "wrong_units",
	"too_much", "too_small", "other_currency", "no_lines",
	"does_not_combine", "benefits_are_better", "shipping_is_free",
	"not_for_baskets", "no_such_reward", "no_such_wallet",
	"no_such_charity", "no_charity_named", "no_such_redemption",
	"ended_already", "paid_out", "already_enrolled", "birthday_locked",
	"no_consent_named", "no_date", "day_began", "no_such_membership",
	"no_trial", "not_paid", "not_a_member", "too_many_memberships",
	"nothing_owed", "cannot_be_undone", "no_such_event", "undone_already",
	NULL };

static bool
is_of_orders(const char *word)
{
	static const char *const all[] = {
#define REASON(name, text, sentence) text,
#include "core/reason.def"
#undef REASON
		NULL
	};

	/* The first two are no reasons for nothing. */
	return word_is_one_of(word, &all[REASON_EARNED + 1]);
}

static bool
condition_says(const struct condition *c, const char *word)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->tests[i].otherwise != NULL &&
		    strcmp(c->tests[i].otherwise, word) == 0)
			return true;
	return false;
}

/* A word of its own, of a rule or a reward. */
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

/* Whether any version until now has such a word. */
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
	if (condition_word(word) || programs_say(t, word))
		return true;
	if (kind == EXPECT_REFUSED)
		return word_is_one_of(word, refused);
	return word_is_one_of(word, given_nothing) || is_of_orders(word);
}

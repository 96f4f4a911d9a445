/* SPDX-License-Identifier: MIT */
#include "program_file.h"

#include "wire/scenario/scenario.h"

/* The words a test may expect are those the core says: its sources are read
 * for them, so that a new one is not forgotten here. */

static const char *const sources[] = { "common/core/fold/member.c",
	"common/core/fold/membership.c", "common/core/fold/redeem.c",
	"common/core/fold/share.c", "common/core/fold/order.c",
	"common/core/fold/fold.c", "common/core/referral.c",
	"common/core/quote_rewards.c" };

/* The texts that stand before a word that is said. */
static const char *const before[] = { "return \"", "refused = \"",
	"reason = \"", "nothing = \"", "run_refuse(r, f, \"" };

/* Whether the word is of something given, and no reason for nothing. */
static bool
is_of_something(const char *word)
{
	return strcmp(word, "earned") == 0 || strcmp(word, "settled") == 0;
}

static bool
may_expect(const char *key, const char *word)
{
	char text[512];
	struct program p = parsed(FILE("'rules':[{'id':'o','on':'order',"
	                               "'give':{'points':1},'when':{'nth':1,"
	                               "'otherwise':'my-own'}}]"));
	struct scenarios s;
	struct err e;

	(void)snprintf(text, sizeof(text),
	    FILE("'tests':[{'name':'t','steps':[{'at':'2025-03-01',"
	         "'event':{'type':'e'},'expect':{'%s':'%s'}}]}]"),
	    key, word);
	return scenarios_parse(&arena, quoted(text), &p, NULL, &s, &e) == 0;
}

static void
check_words(const char *path, const char *text, const char *mark)
{
	for (const char *at = text; (at = strstr(at, mark)) != NULL;) {
		char word[64] = "";

		at += strlen(mark);
		(void)sscanf(at, "%63[a-z_]", word);
		if (at[strlen(word)] != '"' || is_of_something(word))
			continue;
		if (!may_expect("reason", word) && !may_expect("refused", word))
			fail_msg("%s says \"%s\", which is not among the words "
			         "of wire/scenario/words.c",
			    path, word);
	}
}

static void
test_all_there_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(sources); i++) {
		struct str text = file_read(sources[i]);
		const char *s = arena_memdup(&arena, text.data, text.len);

		for (size_t j = 0; j < NITEMS(before); j++)
			check_words(sources[i], s, before[j]);
	}
}

static void
test_which(void **state)
{
	static const char *const reasons[] = { "not_tier", "excluded_age",
		"other_currency", "status", "zero_base", "carried",
		"limit_reached", "my-own" };
	static const char *const refusals[] = { "insufficient", "not_member",
		"already_enrolled", "no_lines", "too_much", "my-own" };
	static const char *const neither[] = { "not_teir", "none", "earned",
		"EXCLUDED_AGE", "my_own", "order" };

	(void)state;
	for (size_t i = 0; i < NITEMS(reasons); i++)
		assert_true(may_expect("reason", reasons[i]));
	for (size_t i = 0; i < NITEMS(refusals); i++)
		assert_true(may_expect("refused", refusals[i]));
	for (size_t i = 0; i < NITEMS(neither); i++) {
		assert_false(may_expect("reason", neither[i]));
		assert_false(may_expect("refused", neither[i]));
	}
	assert_false(may_expect("reason", "insufficient"));
	assert_false(may_expect("refused", "carried"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_there_are),
		cmocka_unit_test(test_which),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

/* SPDX-License-Identifier: MIT */
#include "program_file.h"

#include "../support/scenario_file.h"

/* Checks which words a test in a program file may expect as reasons: those of
 * core/reason.def, and those of the program itself. */

static bool
may_expect(const char *key, const char *word)
{
	static const struct program_setting set = { .currency = "EUR",
		.exponent = 2 };
	struct scenario_file f;
	char text[512];

	(void)snprintf(text, sizeof(text),
	    FILE("'rules':[{'id':'o','on':'order','give':{'points':1},"
	         "'when':{'nth':1,'otherwise':'my-own'}}],"
	         "'tests':[{'name':'t','steps':[{'at':'2025-03-01',"
	         "'event':{'type':'e'},'expect':{'%s':'%s'}}]}]"),
	    key, word);
	return scenario_file_read(&arena, quoted(text), &set, NULL, &f) == 0;
}

static void
test_which(void **state)
{
	static const char *const reasons[] = { "not_tier", "excluded_age",
		"other_currency", "status", "zero_base", "carried",
		"limit_reached", "unknown_sku", "my-own" };
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
		cmocka_unit_test(test_which),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

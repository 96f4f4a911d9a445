/* SPDX-License-Identifier: MIT */
/* Checks that the table of reasons has every reason that the core uses, and
 * that the page of the program language lists every reason of the table. */
#include "program_file.h"

#include <ctype.h>
#include <glob.h>

#include "core/order.h"
#include "core/reason.h"
#include "wire/explain/explain.h"

#define PAGE "deploy/programs/README.md"

/* A row of the table, in English, German and Czech. */
struct row {
	enum reason reason;
	const char *name, *word, *excluded, *sentences[3];
};

static const struct row rows[] = {
#define REASON(name, word, use, ...) \
	{ REASON_##name, "REASON_" #name, word, NULL, { __VA_ARGS__ } },
#define UNREADABLE(field, word, ...) \
	{ REASON_UNKNOWN_##field, NULL, word, NULL, { __VA_ARGS__ } },
#define CONDITION(test, word, not, ...) \
	{ REASON_IF_##test, NULL, word, not, { __VA_ARGS__ } },
#include "core/reason.def"
};

static void
test_words(void **state)
{
	enum reason found;

	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		const struct row *r = &rows[i];

		assert_string_equal(reason_text(r->reason), r->word);
		assert_true(reason_find(r->word, &found));
		assert_int_equal(found, r->reason);
		if (r->excluded == NULL)
			continue;
		assert_true(reason_find(r->excluded, &found));
		assert_int_equal(found, r->reason);
	}
	assert_false(reason_find("my-own", &found));
	assert_int_equal(found, REASON_NONE);
}

/* Checks that each sentence can be used inside a longer sentence: no capital
 * letter begins the sentence, and no full stop ends it. */
static void
test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(rows); i++) {
		for (int l = 0; explain_languages[l] != NULL; l++) {
			const char *s = reason_sentence(
			    rows[i].word, explain_languages[l]);

			assert_string_equal(s, rows[i].sentences[l]);
			/* a German sentence may begin with a noun, which has a
			 * capital */
			assert_false(l == 0 && isupper(s[0]));
			assert_int_not_equal(s[strlen(s) - 1], '.');
		}
	}
	assert_null(reason_sentence("my-own", "en"));
	assert_null(reason_sentence("draft", "xx"));
}

static void
test_unreadable(void **state)
{
	(void)state;
	assert_int_equal(reason_unreadable(0), REASON_NONE);
	assert_int_equal(
	    reason_unreadable(UNREADABLE_FEES), REASON_UNKNOWN_FEES);
	/* of several unreadable fields, the one that comes first in the table
	 * is named */
	assert_int_equal(reason_unreadable(UNREADABLE_FEES | UNREADABLE_TAX),
	    REASON_UNKNOWN_TAX);
	assert_int_equal(reason_unreadable(UNREADABLE_TAX | UNREADABLE_SKU),
	    REASON_UNKNOWN_SKU);
}

/* ---- what the core says -------------------------------------------------- */

/* The pieces of C source after which the word of a reason follows. */
static const char *const before[] = { "return \"", "refused = \"",
	"reason = \"", "reason_now = \"", "nothing = \"", "refuse(r, f, \"",
	"? \"", ": \"" };

/* The source files that use reasons. */
static const char *const sources[] = { "common/core/[a-z]*.c",
	"common/core/fold/[a-z]*.c", "common/ledger/batch/decide.c",
	"common/ledger/timeline/compare.c", "common/wire/scenario/run.c" };

/* Whether the word is not a reason but the name of an account, a source or a
 * rule, the cause of a change of tier, or how a reward is. */
static bool
is_name(const char *path, const char *word)
{
	return strcmp(path, "common/core/account.c") == 0 ||
	       strcmp(path, "common/core/fold/tier.c") == 0 ||
	       strcmp(path, "common/core/reward_life.c") == 0 ||
	       strcmp(word, "redemption") == 0;
}

static void
check_words(const char *path, const char *text, const char *mark)
{
	enum reason reason;

	for (const char *at = text; (at = strstr(at, mark)) != NULL;) {
		char word[64] = "";

		at += strlen(mark);
		(void)sscanf(at, "%63[a-z_]", word);
		if (word[0] != '\0' && at[strlen(word)] == '"' &&
		    !is_name(path, word) && !reason_find(word, &reason))
			fail_msg(
			    "%s says \"%s\", which core/reason.def has not",
			    path, word);
	}
}

static void
test_all_that_is_said(void **state)
{
	const char *all = "";
	glob_t found;

	(void)state;
	for (size_t i = 0; i < NITEMS(sources); i++)
		assert_int_equal(
		    glob(sources[i], i > 0 ? GLOB_APPEND : 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct str file = file_read(found.gl_pathv[i]);
		const char *text = arena_memdup(&arena, file.data, file.len);

		for (size_t j = 0; j < NITEMS(before); j++)
			check_words(found.gl_pathv[i], text, before[j]);
		all = arena_printf(&arena, "%s%s", all, text);
	}
	globfree(&found);
	for (size_t i = 0; i < NITEMS(rows); i++) {
		const char *word = arena_printf(&arena, "\"%s\"", rows[i].word);

		if (rows[i].name != NULL && strstr(all, rows[i].name) == NULL &&
		    strstr(all, word) == NULL)
			fail_msg("nobody says %s", word);
	}
}

/* ---- the language page --------------------------------------------------- */

/* Returns the rows that the page must have in its table of reasons for one use.
 */
static const char *
table_of(enum reason_use use)
{
	const char *text = "";

	for (size_t i = 0; i < NITEMS(rows); i++) {
		const struct row *r = &rows[i];
		bool is_condition = reason_is_of(
		    r->reason, REASON_OF_CONDITION);

		if (!reason_is_of(r->reason, use) ||
		    is_condition != (use == REASON_OF_CONDITION))
			continue;
		text = arena_printf(&arena, "%s| `%s`%s | %s |\n", text,
		    r->word,
		    r->excluded == NULL
		        ? ""
		        : arena_printf(&arena, ", `%s`", r->excluded),
		    r->sentences[0]);
	}
	return text;
}

static void
test_page(void **state)
{
	static const enum reason_use uses[] = { REASON_OF_CONDITION,
		REASON_OF_NOTHING, REASON_OF_REFUSED };
	struct str page = file_read(PAGE);
	const char *text = arena_memdup(&arena, page.data, page.len);

	(void)state;
	for (size_t i = 0; i < NITEMS(uses); i++) {
		const char *table = table_of(uses[i]);

		if (strstr(text, table) == NULL)
			fail_msg("%s should have these rows, which are those "
			         "of core/reason.def:\n%s",
			    PAGE, table);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_all_that_is_said),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

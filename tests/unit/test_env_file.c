/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/env_file.h"

#define PATH "/etc/loyald/env"

struct reading {
	struct arena arena;
	struct env_file file;
	struct faults faults;
};

static void
read_text(struct reading *r, struct str text)
{
	r->faults.n = 0;
	arena_init(&r->arena);
	env_file_parse(&r->arena, PATH, text, &r->file, &r->faults);
}

/* Checks which lines are accepted, and their values. */
static void
test_values(void **state)
{
	static const struct {
		const char *rule, *text, *value;
	} cases[] = {
		{ "as it stands", "A=b", "b" },
		{ "empty", "A=", "" },
		{ "quoted and empty", "A=\"\"", "" },
		{ "an equals sign is of the value", "A=b=c", "b=c" },
		{ "blanks around are not", "A= b c \t\r\n", "b c" },
		{ "but in quotes", "A=' b '", " b " },
		{ "double quotes", "A=\"b c\"", "b c" },
		{ "single quotes in double ones", "A=\"b 'c'\"", "b 'c'" },
		{ "quotes that are not around all of it", "A=b 'c'", "b 'c'" },
		{ "a conninfo string", "A=host=db password=x user=y",
		    "host=db password=x user=y" },
		{ "export", "export A=b", "b" },
		{ "blanks in front", "  export  A=b", "b" },
		{ "a $ that is no name's", "A=a$1$", "a$1$" },
		{ "a $ in single quotes", "A='$B ${C}'", "$B ${C}" },
		{ "a backslash in single quotes", "A='a\\nb'", "a\\nb" },
		{ "a # within a word", "A=a#b", "a#b" },
		{ "a # in quotes", "A=\"a # b\"", "a # b" },
		{ "comments and empty lines", "# B=c\n\n  #\nA=b\n", "b" },
		{ "no line feed at the end", "\nA=b", "b" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct reading r;
		const struct env_line *line;

		read_text(&r, str_of(cases[i].text));
		if (r.faults.n != 0)
			fail_msg("%s: %s", cases[i].rule, r.faults.of[0].msg);
		assert_int_equal(r.file.n, 1);
		line = env_file_find(&r.file, "A");
		assert_non_null(line);
		if (strcmp(line->value, cases[i].value) != 0)
			fail_msg("%s: \"%s\"", cases[i].rule, line->value);
		assert_null(env_file_find(&r.file, "B"));
		arena_fini(&r.arena);
	}
}

/* Checks which lines are refused, and that no message repeats a value. */
static void
test_refuses(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "secret", "it is no NAME=VALUE" },
		{ "=secret", "it is no NAME=VALUE" },
		{ "1A=secret", "it is no NAME=VALUE" },
		{ "A-B=secret", "it is no NAME=VALUE" },
		{ "A B=secret", "it is no NAME=VALUE" },
		{ "export secret", "it is no NAME=VALUE" },
		{ "A =secret", "there must be no blank before the =" },
		{ "; secret", "it is no NAME=VALUE" },
		{ "A=secret\\", "a backslash is read in many ways" },
		{ "A=\"se\\\"cret\"", "a backslash is read in many ways" },
		{ "A=secret${B}", "nothing is expanded" },
		{ "A=\"secret$B\"", "nothing is expanded" },
		{ "A=~/secret", "a ~ is not expanded" },
		{ "A=secret # what it is", "may begin a comment" },
		{ "A=\"secret", "a quote is opened and not closed" },
		{ "A='secret\"", "a quote is opened and not closed" },
		{ "A='", "a quote is opened and not closed" },
		{ "A='secret' # x", "something stands behind the closing" },
		{ "A='sec'ret'", "something stands behind the closing" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[64];
		struct reading r;

		(void)snprintf(text, sizeof(text), "\n#\n%s\n", cases[i].text);
		read_text(&r, str_of(text));
		assert_int_equal(r.file.n, 0);
		if (r.faults.n != 1 ||
		    strstr(r.faults.of[0].msg, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].text,
			    r.faults.n > 0 ? r.faults.of[0].msg : "taken");
		assert_int_equal(r.faults.of[0].fault, FAULT_CONFIG);
		assert_int_equal(strncmp(r.faults.of[0].msg, PATH ", line 3: ",
		                     strlen(PATH ", line 3: ")),
		    0);
		assert_null(strstr(r.faults.of[0].msg, "secret"));
		arena_fini(&r.arena);
	}
}

/* Checks that all wrong lines are reported, and the right lines are read. */
static void
test_several(void **state)
{
	struct reading r;

	(void)state;
	read_text(&r, STR("A=1\nB\nA=2\nC='\nD=3\nE=\0\n"));
	assert_int_equal(r.faults.n, 4);
	assert_string_equal(r.faults.of[1].msg,
	    PATH ", line 3: A is on line 1, too: take one of them out");
	assert_string_equal(
	    r.faults.of[3].msg, PATH ", line 6: E: it holds a zero byte");
	assert_int_equal(r.file.n, 2);
	assert_string_equal(env_file_find(&r.file, "A")->value, "1");
	assert_int_equal(env_file_find(&r.file, "D")->line, 5);
	arena_fini(&r.arena);
}

/* Checks files that begin with a byte order mark: the mark is reported once,
 * and the settings of a UTF-8 file are still read. */
static void
test_marks(void **state)
{
	static const struct {
		struct str text;
		size_t names;
	} cases[] = {
		{ { "\xef\xbb\xbf"
		    "A=1\nB=2\n",
		      11 },
		    2 },
		{ { "\xff\xfe"
		    "A\0=\0001\0\n\0",
		      10 },
		    0 },
		{ { "\xfe\xff"
		    "\0A\0=\0001\0\n",
		      10 },
		    0 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct reading r;

		read_text(&r, cases[i].text);
		assert_int_equal(r.file.n, cases[i].names);
		assert_int_equal(r.faults.n, 1);
		assert_string_equal(r.faults.of[0].msg,
		    PATH " begins with a byte order mark, as editors of "
		         "Windows write it: save it as UTF-8 without one");
		arena_fini(&r.arena);
	}
}

static void
test_too_many(void **state)
{
	char text[(ENV_LINES_MAX + 2) * 8], *end = text;
	struct reading r;

	(void)state;
	for (unsigned i = 0; i < ENV_LINES_MAX + 2; i++)
		end += snprintf(end, 8, "A%u=\n", i);
	read_text(&r, (struct str){ text, (size_t)(end - text) });
	assert_int_equal(r.file.n, ENV_LINES_MAX);
	assert_int_equal(r.faults.n, 2);
	assert_non_null(strstr(r.faults.of[0].msg, "at most 500 names"));
	arena_fini(&r.arena);
}

/* Checks that if there are more faults than the list has room for, the newest
 * fault replaces the last entry. */
static void
test_faults(void **state)
{
	static struct faults f;

	(void)state;
	assert_false(faults_stop(&f));
	faults_add(&f, FAULT_NONE, "a warning");
	assert_false(faults_stop(&f));
	for (int i = 0; i < FAULTS_MAX; i++)
		faults_add(&f, FAULT_REJECT, "fault %d", i);
	assert_true(faults_stop(&f));
	assert_true(faults_has(&f, FAULT_NONE));
	assert_true(faults_has(&f, FAULT_REJECT));
	assert_false(faults_has(&f, FAULT_CONFIG));
	assert_int_equal(f.n, FAULTS_MAX);
	assert_string_equal(f.of[FAULTS_MAX - 1].msg, "fault 63");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/tool.h"

static const char *ran;
static char seen[64];

static int
run_add(int argc, char *argv[])
{
	ran = "add";
	(void)snprintf(seen, sizeof(seen), "%d %s %s", argc, argv[0],
	    argc > 1 ? argv[1] : "");
	return 7;
}

static int
run_list(int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	ran = "list";
	return 8;
}

static const struct tool_verb verbs[] = {
	{ "add", run_add, "adds" },
	{ "list", run_list, "lists" },
	{ 0 },
};

static void
test_verbs(void **state)
{
	char noun[] = "store", add[] = "add", list[] = "list", x[] = "--x",
	     ad[] = "ad";
	char *one[] = { noun, add, x, NULL };
	char *two[] = { noun, list, NULL };
	char *none[] = { noun, ad, NULL };

	(void)state;
	assert_int_equal(tool_run(verbs, 3, one), 7);
	assert_string_equal(ran, "add");
	assert_string_equal(seen, "2 store add --x");
	assert_int_equal(tool_run(verbs, 2, two), 8);
	assert_string_equal(ran, "list");
	ran = NULL;
	assert_int_equal(tool_run(verbs, 2, none), EXIT_USAGE);
	assert_int_equal(tool_run(verbs, 1, none), EXIT_USAGE);
	assert_null(ran);
}

static void
test_options(void **state)
{
	const char *name = NULL;
	const struct option_spec options[] = {
		{ .name = "--name",
		    .help = "NAME",
		    .text = &name,
		    .required = true },
		{ 0 },
	};
	char verb[] = "store add", option[] = "--name", value[] = "x",
	     wrong[] = "--nam";
	char *good[] = { verb, option, value, NULL };
	char *bad[] = { verb, wrong, value, NULL };
	struct config c;

	(void)state;
	assert_int_equal(tool_read(&c, options, 3, good, NULL, NULL), 0);
	assert_string_equal(name, "x");
	name = NULL;
	assert_int_equal(
	    tool_read(&c, options, 3, bad, NULL, NULL), EXIT_USAGE);
	assert_int_equal(
	    tool_read(&c, options, 1, good, NULL, NULL), EXIT_USAGE);
}

/* What the table looks like, as a text; kept until the next one. */
static const char *
printed(const struct table *t)
{
	static char text[1024];
	FILE *to = fmemopen(text, sizeof(text), "w");

	table_print(t, to);
	(void)fclose(to);
	return text;
}

static void
test_table(void **state)
{
	static const char *const names[] = { "ID", "NAME", "WHY", NULL };
	static const char *const rows[][3] = {
		{ "1",
		    "L\xc3\xa4"
		    "den",
		    "a" },
		{ "1000", NULL, "" },
		{ "2", "a\nb\x1b[2J", "\xff" },
	};
	struct arena a;
	struct table t;
	const char *text;

	(void)state;
	arena_init(&a);
	table_init(&t, &a, names);
	for (size_t i = 0; i < NITEMS(rows); i++)
		table_add(&t, rows[i]);
	text = printed(&t);
	assert_string_equal(text, "ID    NAME     WHY\n"
	                          "1     L\xc3\xa4"
	                          "den    a\n"
	                          "1000  -        \n"
	                          "2     a?b?[2J  ?\n");
	arena_fini(&a);
}

static void
test_long_cells_are_cut(void **state)
{
	static const char *const names[] = { "A", "B", NULL };
	char text[TABLE_CELL_MAX * 2 + 3] = "";
	const char *row[] = { text, "b" };
	struct arena a;
	struct table t;
	const char *out;

	(void)state;
	for (int i = 0; i < TABLE_CELL_MAX + 1; i++)
		(void)strcat(text, "\xc3\xa4");
	arena_init(&a);
	table_init(&t, &a, names);
	table_add(&t, row);
	out = printed(&t);
	/* in whole characters: 60 of two bytes, two blanks, a b */
	assert_int_equal(strlen(strchr(out, '\n') + 1), TABLE_CELL_MAX * 2 + 4);
	arena_fini(&a);
}

static void
test_at(void **state)
{
	int64_t at = 7;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tool_at(NULL, &at, &e), 0);
	assert_int_equal(at, 7);
	assert_int_equal(tool_at("1971-01-01T00:00:01Z", &at, &e), 0);
	assert_int_equal(at, INT64_C(31536001000000));
	assert_int_equal(tool_at("noon", &at, &e), -1);
	assert_int_equal(at, INT64_C(31536001000000));
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_string_equal(e.msg,
	    "--at is \"noon\": it must be a time like 2026-11-22T06:24:45Z");
}

static void
test_cells(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(cell_int(&a, INT64_MIN), "-9223372036854775808");
	assert_string_equal(
	    cell_instant(&a, INT64_C(31536001000000)), "1971-01-01T00:00:01Z");
	assert_null(cell_instant(&a, 0));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_cells_are_cut),
		cmocka_unit_test(test_at),
		cmocka_unit_test(test_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

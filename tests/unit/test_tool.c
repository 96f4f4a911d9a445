/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/test.h"
#include "base/log.h"
#include "base/tool.h"

enum {
	TEXT_MAX = 4096
};

static const char *ran;
static char seen[64];

static int
run_add(struct tool_call *call)
{
	const char *name = NULL;
	int64_t at = 0, max = 0;
	bool json = false;
	const struct option_spec options[] = {
		{ "--name", "NAME", "what it is called", .text = &name,
		    .required = true },
		{ "--max", "COUNT",
		    "so many at most, and this sentence is as long as it is so "
		    "that it does not fit on the line of a terminal",
		    .number = &max, .preset = "100" },
		{ "--at", "INSTANT", "when", .instant = &at },
		{ "--json", NULL, "as JSON", .flag = &json },
		{ 0 },
	};
	struct config c;
	int status = tool_read(call, options, &c, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	ran = "add";
	(void)snprintf(
	    seen, sizeof(seen), "%d %s %s", call->argc, call->argv[0], name);
	return max == 7 ? tool_usage(call, "%d is too many", 7) : 7;
}

static int
run_list(struct tool_call *call)
{
	int status = tool_read(call, NULL, NULL, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	ran = "list";
	return 8;
}

/* Runs a verb that checks its arguments before the settings are read. */
static int
run_check(struct tool_call *call)
{
	int64_t max = 0;
	const struct option_spec options[] = {
		{ "--max", "COUNT", "so many", .number = &max },
		{ 0 },
	};
	struct config c;
	int status = tool_read_line(call, options, &c);

	if (status == EXIT_STOPPED && max == 7)
		status = tool_usage(call, "%d is too many", 7);
	return status == EXIT_STOPPED ? tool_say_faults(call) : status;
}

static int
run_store(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "add", run_add, "adds one", .needs = CONFIG_DATABASE },
		{ "list", run_list, "lists them", .words = NULL },
		{ "check", run_check, "checks them", .needs = CONFIG_DATABASE },
		{ 0 },
	};

	return tool_run_verb(verbs, call);
}

static const struct tool tools[] = {
	{ "store", run_store, "stores", .words = "VERB" },
	{ "list", run_list, "a command without options", .words = "FILE ..." },
	{ 0 },
};

/* Runs a command line such as "store add --name x", and stores its output. */
static int
run(const char *line, char out[TEXT_MAX], char err[TEXT_MAX])
{
	char words[256], *argv[16] = { NULL }, *rest = words;
	FILE *files[2] = { tmpfile(), tmpfile() };
	int saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	char *texts[2] = { out, err };
	int argc = 0, status;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *w; (w = strsep(&rest, " ")) != NULL;)
		if (*w != '\0')
			argv[argc++] = w;
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++)
		assert_int_not_equal(
		    dup2(fileno(files[i]), STDOUT_FILENO + i), -1);
	ran = NULL;
	status = tool_run(tools, NULL, argc, argv);
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		size_t n;

		assert_int_not_equal(dup2(saved[i], STDOUT_FILENO + i), -1);
		(void)close(saved[i]);
		rewind(files[i]);
		n = fread(texts[i], 1, TEXT_MAX - 1, files[i]);
		texts[i][n] = '\0';
		(void)fclose(files[i]);
	}
	return status;
}

static void
test_verbs(void **state)
{
	char out[TEXT_MAX], err[TEXT_MAX];

	(void)state;
	assert_int_equal(run("store add --name x", out, err), 7);
	assert_string_equal(ran, "add");
	assert_string_equal(seen, "3 store add x");
	assert_int_equal(run("store list", out, err), 8);
	assert_int_equal(run("list", out, err), 8);
	assert_string_equal(ran, "list");
}

#define ADD_USAGE "usage: loyald store add --name NAME [OPTION ...]\n"

/* Checks that help is printed to standard output, and that the command is not
 * run. */
static void
test_help(void **state)
{
	static const struct {
		const char *line, *out;
	} cases[] = {
		{ "store --help",
		    "usage: loyald store VERB [OPTION ...]\n\n"
		    "  add    adds one\n"
		    "  list   lists them\n"
		    "  check  checks them\n\n"
		    "loyald help store VERB tells the options of one.\n" },
		{ "store add -h",
		    "loyald store add: adds one\n\n" ADD_USAGE "\n"
		    "  --name NAME   what it is called (required)\n"
		    "  --max COUNT   so many at most, and this sentence is as "
		    "long as it is so that\n"
		    "                it does not fit on the line of a terminal "
		    "(default: 100)\n"
		    "  --at INSTANT  when (like 2026-11-22T06:24:45Z)\n"
		    "  --json        as JSON\n\n"
		    "It needs LOYALD_DATABASE_URL.\n"
		    "Every setting is an option, too: loyald help config\n" },
		{ "store add --nope 3 --help --json", NULL },
		{ "list -h", "loyald list: a command without options\n\n"
		             "usage: loyald list FILE ...\n" },
	};
	char out[TEXT_MAX], err[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		assert_int_equal(run(cases[i].line, out, err), EXIT_STOPPED);
		if (cases[i].out != NULL)
			assert_string_equal(out, cases[i].out);
		assert_string_equal(err, "");
		assert_null(ran);
	}
}

static void
test_usage(void **state)
{
	static const struct {
		const char *line, *err;
	} cases[] = {
		{ "", NULL },
		{ "store", NULL },
		{ "stroe add",
		    "loyald: there is no command stroe (did you mean store?)\n"
		    "usage: loyald COMMAND [OPTION ...]\n"
		    "loyald help tells the commands\n" },
		{ "store ad",
		    "loyald: store has no verb ad (did you mean add?)\n"
		    "usage: loyald store VERB [OPTION ...]\n"
		    "loyald help store tells the verbs\n" },
		{ "store remove --help",
		    "loyald: store has no verb remove\n"
		    "usage: loyald store VERB [OPTION ...]\n"
		    "loyald help store tells the verbs\n" },
		{ "store add --nam x",
		    "loyald: store add: there is no option --nam (did you mean "
		    "--name?)\n" ADD_USAGE
		    "loyald store add --help tells the options\n" },
		{ "store add --help=1",
		    "loyald: store add: --help takes no value\n" ADD_USAGE
		    "loyald store add --help tells the options\n" },
		{ "store add -h=",
		    "loyald: store add: -h takes no value\n" ADD_USAGE
		    "loyald store add --help tells "
		    "the options\n" },
		{ "store add", "loyald: store add wants --name NAME\n" ADD_USAGE
		               "loyald store add --help tells the options\n" },
		{ "store add --name x --max 7",
		    "loyald: 7 is too many\n" ADD_USAGE
		    "loyald store add --help tells the options\n" },
	};
	char out[TEXT_MAX], err[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		assert_int_equal(run(cases[i].line, out, err), EXIT_USAGE);
		if (cases[i].err != NULL)
			assert_string_equal(err, cases[i].err);
		assert_true(strlen(err) > 0);
		assert_string_equal(out, "");
	}
}

/* Checks that wrong settings end with EXIT_CONFIG and a wrong command line
 * with EXIT_USAGE. If both are wrong, both are reported and the status is
 * EXIT_USAGE. */
static void
test_settings(void **state)
{
	char out[TEXT_MAX], err[TEXT_MAX];

	(void)state;
	(void)unsetenv("LOYALD_DATABASE_URL");
	assert_int_equal(run("store add --name x", out, err), EXIT_CONFIG);
	assert_null(ran);
	assert_non_null(strstr(err, "LOYALD_DATABASE_URL is not set"));
	assert_null(strstr(err, "usage:"));

	(void)setenv("LOYALD_BATCH", "many", 1);
	(void)setenv("LOYALD_BATHC", "3", 1);
	/* The command line decides the status if both are wrong. */
	assert_int_equal(run("store add --nam x", out, err), EXIT_USAGE);
	assert_non_null(strstr(err, "LOYALD_BATCH is "));
	assert_non_null(strstr(err, "did you mean LOYALD_BATCH?"));
	assert_non_null(strstr(err, "there is no option --nam"));
	(void)unsetenv("LOYALD_BATCH");

	assert_int_equal(run("store check --max 7", out, err), EXIT_USAGE);
	assert_non_null(strstr(err, "7 is too many"));
	assert_null(strstr(err, "LOYALD_DATABASE_URL"));
	assert_int_equal(run("store check --max x", out, err), EXIT_USAGE);
	assert_int_equal(run("store check --max 1", out, err), EXIT_CONFIG);
	assert_non_null(strstr(err, "LOYALD_DATABASE_URL is not set"));

	/* A warning alone does not stop the command. */
	(void)setenv("LOYALD_DATABASE_URL", "db", 1);
	assert_int_equal(run("store add --name x", out, err), 7);
	assert_non_null(strstr(err, "did you mean LOYALD_BATCH?"));
	(void)unsetenv("LOYALD_BATHC");
}

/* Returns the printed table as text, which is valid until the next call. */
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
	/* Cells are cut after whole characters: the line has TABLE_CELL_MAX
	 * characters of two bytes, two blanks, "b" and the end of line. */
	assert_int_equal(strlen(strchr(out, '\n') + 1), TABLE_CELL_MAX * 2 + 4);

	/* The column `whole`, whose values people copy, is never cut. */
	table_init(&t, &a, names);
	t.whole = 1;
	table_add(&t, (const char *[]){ "b", text });
	out = strchr(printed(&t), '\n') + 1;
	assert_int_equal(strlen(out), strlen("b  ") + strlen(text) + 1);
	arena_fini(&a);
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
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_long_cells_are_cut),
		cmocka_unit_test(test_cells),
	};

	/* The verb "add" needs this setting. */
	(void)setenv("LOYALD_DATABASE_URL", "db", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

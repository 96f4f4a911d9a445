/* SPDX-License-Identifier: MIT */
/* loyald program check, test, explain, diff: the commands for programs in
 * files. */
#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/money.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/zone.h"
#include "program_file.h"
#include "wire/explain/diff.h"
#include "wire/explain/explain.h"

enum {
	FILES_MAX = 1000,       /* files on one command line */
	DIFF_MAX = 1024 * 1024, /* bytes of the sentences of a diff */
};

/* The options and files of a command line. */
struct program_options {
	const char *currency, *timezone, *language;
	bool json;
	char *files[FILES_MAX];
	int nfiles;
	struct option_spec options[4]; /* must live as long as the call */
};

static int
given_check(const struct tool_call *call, const struct program_options *g)
{
	int status = EXIT_STOPPED;
	struct arena a;
	struct zone z;
	struct err e;

	arena_init(&a);
	if (currency_exponent(g->currency) == -1)
		status = tool_usage(call,
		    "--currency is \"%s\": it must be a currency, like EUR",
		    g->currency);
	else if (zone_load(&a, g->timezone, &z, &e) == -1)
		status = tool_usage(call, "--timezone: %s", e.msg);
	arena_fini(&a);
	return status;
}

/* Reads the command line.  `own` is the option that only this verb has, or all
 * zeros.  Without options, a file is read as if its store had the currency EUR
 * and the time zone UTC. */
static int
given_read(
    struct tool_call *call, struct program_options *g, struct option_spec own)
{
	struct config c;
	int status;

	*g = (struct program_options){
		.currency = "EUR",
		.timezone = "UTC",
		.language = "en",
		.nfiles = FILES_MAX,
		.options = {
			{ "--currency", "CODE",
			    "currency of the store that reads the files",
			    .text = &g->currency, .preset = "EUR" },
			{ "--timezone", "ZONE",
			    "time zone of the store that reads the files",
			    .text = &g->timezone, .preset = "UTC" },
			own,
		},
	};
	status = tool_read(call, g->options, &c, g->files, &g->nfiles);
	return status == EXIT_STOPPED ? given_check(call, g) : status;
}

static int
given_file(const struct program_options *g, struct arena *a, int i,
    struct program_file *f, struct err *e)
{
	return program_file_read(
	    a, g->files[i], g->currency, g->timezone, f, e);
}

static int
refuse(const struct err *e)
{
	fprintf(stderr, "loyald: %s\n", e->msg);
	return EXIT_NO;
}

/* ---- check --------------------------------------------------------------- */

/* Writes a list of sentences about faults or, if kind is FAULT_NONE, about
 * warnings. */
static void
json_faults(
    struct jsonw *w, const char *key, const struct faults *f, enum fault kind)
{
	jsonw_array(w, key);
	for (size_t i = 0; i < f->n; i++)
		if (f->of[i].fault == kind)
			jsonw_text(w, NULL, f->of[i].msg);
	jsonw_array_end(w);
}

static void
json_checked(struct jsonw *w, const struct program_file *f, const char *wrong)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "file", f->path);
	jsonw_bool(w, "ok", wrong == NULL);
	jsonw_text(w, "error", wrong);
	json_faults(w, "errors", &f->faults, FAULT_REJECT);
	json_faults(w, "warnings", &f->faults, FAULT_NONE);
	if (wrong == NULL) {
		jsonw_text(w, "name", f->program.name);
		jsonw_int(w, "rules", (int64_t)f->program.nrules);
		jsonw_int(w, "tests", (int64_t)f->tests.n);
	}
	jsonw_object_end(w);
}

static void
text_checked(const struct program_file *f, const char *wrong)
{
	for (size_t i = 0; i < f->faults.n; i++)
		printf("%s: %s%s\n", f->path,
		    f->faults.of[i].fault == FAULT_NONE ? "warning: " : "",
		    f->faults.of[i].msg);
	if (wrong == NULL)
		printf("%s: ok, %zu rules, %zu tests\n", f->path,
		    f->program.nrules, f->tests.n);
	else if (!faults_stop(&f->faults))
		printf("%s\n", wrong); /* the file itself could not be read */
}

/* Prints all that is wrong with a file.  Returns true if nothing is wrong. */
static bool
check_one(const struct program_options *g, int i, struct jsonw *w)
{
	struct program_file f = { .path = g->files[i] };
	const char *wrong;
	struct arena a;
	struct err e;

	arena_init(&a);
	wrong = given_file(g, &a, i, &f, &e) == 0 ? NULL : e.msg;
	if (g->json)
		json_checked(w, &f, wrong);
	else
		text_checked(&f, wrong);
	arena_fini(&a);
	return wrong == NULL;
}

static int
program_check(struct tool_call *call)
{
	struct program_options g;
	const struct option_spec own = OPTION_JSON(&g.json);
	struct jsonw w;
	bool good = true;
	int status = given_read(call, &g, own);

	if (status != EXIT_STOPPED)
		return status;
	if (g.nfiles == 0)
		return tool_usage(
		    call, "%s wants a FILE, or several", call->argv[0]);
	jsonw_begin_list(&w);
	for (int i = 0; i < g.nfiles; i++)
		good &= check_one(&g, i, &w);
	jsonw_end(&w, g.json ? stdout : NULL);
	return good ? EXIT_STOPPED : EXIT_NO;
}

/* ---- test ---------------------------------------------------------------- */

struct tally {
	size_t passed, failed;
};

static void
json_result(
    struct jsonw *w, const struct program_file *f, const struct test_result *r)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "file", f->path);
	jsonw_text(w, "test", r->test->name);
	jsonw_int(w, "line", (int64_t)r->test->line);
	jsonw_bool(w, "ok", r->passed);
	jsonw_int(w, "took_us", r->took_us);
	jsonw_text(w, "differences", r->passed ? NULL : r->differences);
	jsonw_object_end(w);
}

static void
text_result(const struct test_result *r)
{
	printf("%s %s (%" PRId64 ".%03" PRId64 " ms)\n%s",
	    r->passed ? "ok" : "FAILED", r->test->name, r->took_us / 1000,
	    r->took_us % 1000, r->differences);
}

static void
test_one(
    const struct program_options *g, int i, struct jsonw *w, struct tally *t)
{
	struct program_file f = { 0 };
	struct test_result *results = NULL;
	struct arena a;
	struct err e;
	size_t failed;

	arena_init(&a);
	if (given_file(g, &a, i, &f, &e) == -1) {
		(void)refuse(&e);
		t->failed++;
		arena_fini(&a);
		return;
	}
	program_file_warn(&f);
	failed = program_file_test(&a, &f, &results);
	t->failed += failed;
	t->passed += f.tests.n - failed;
	for (size_t j = 0; j < f.tests.n; j++)
		if (g->json)
			json_result(w, &f, &results[j]);
		else
			text_result(&results[j]);
	arena_fini(&a);
}

static void
print_tally(
    const struct program_options *g, struct jsonw *w, const struct tally *t)
{
	jsonw_array_end(w);
	jsonw_int(w, "passed", (int64_t)t->passed);
	jsonw_int(w, "failed", (int64_t)t->failed);
	jsonw_end(w, g->json ? stdout : NULL);
	if (!g->json)
		printf("%zu tests passed, %zu failed\n", t->passed, t->failed);
}

static int
program_test(struct tool_call *call)
{
	struct program_options g;
	const struct option_spec own = OPTION_JSON(&g.json);
	struct tally t = { 0 };
	struct jsonw w;
	int status = given_read(call, &g, own);

	if (status != EXIT_STOPPED)
		return status;
	if (g.nfiles == 0)
		return tool_usage(
		    call, "%s wants a FILE, or several", call->argv[0]);
	jsonw_begin(&w);
	jsonw_array(&w, "tests");
	for (int i = 0; i < g.nfiles; i++)
		test_one(&g, i, &w, &t);
	print_tally(&g, &w, &t);
	return t.failed == 0 ? EXIT_STOPPED : EXIT_NO;
}

/* ---- diff and explain ---------------------------------------------------- */

static int
program_diff_verb(struct tool_call *call)
{
	struct program_options g;
	struct program_file from = { .kept = true }, to = { .kept = true };
	struct arena a;
	struct buf b;
	struct err e;
	int status = given_read(call, &g, (struct option_spec){ 0 });

	if (status != EXIT_STOPPED)
		return status;
	if (g.nfiles != 2)
		return tool_usage(call,
		    "%s wants two files, the older one first", call->argv[0]);
	arena_init(&a);
	if (given_file(&g, &a, 0, &from, &e) == -1 ||
	    given_file(&g, &a, 1, &to, &e) == -1) {
		status = refuse(&e);
	} else {
		buf_init(&b, DIFF_MAX);
		(void)program_diff(&from.program, &to.program, &b);
		fputs(b.data, stdout);
		buf_fini(&b);
	}
	arena_fini(&a);
	return status;
}

static int
program_explain_verb(struct tool_call *call)
{
	struct program_options g;
	const struct option_spec own = { "--language", "CODE",
		"language of the sentences", .text = &g.language,
		.one_of = explain_languages, .preset = "en" };
	struct program_file f = { .kept = true };
	struct arena a;
	struct buf b;
	struct err e;
	int status = given_read(call, &g, own);

	if (status != EXIT_STOPPED)
		return status;
	if (g.nfiles != 1)
		return tool_usage(call, "%s wants one FILE", call->argv[0]);
	arena_init(&a);
	buf_init(&b, EXPLAIN_MAX);
	if (given_file(&g, &a, 0, &f, &e) == -1 ||
	    program_explain(&f.program, g.language, &b, &e) == -1)
		status = refuse(&e);
	else
		fputs(b.data, stdout);
	buf_fini(&b);
	arena_fini(&a);
	return status;
}

int
cmd_program(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "check", program_check,
		    "say what is wrong with program files",
		    .words = "FILE ..." },
		{ "test", program_test, "run the tests inside program files",
		    .words = "FILE ..." },
		{ "explain", program_explain_verb,
		    "tell a program as sentences for customers",
		    .words = "FILE" },
		{ "diff", program_diff_verb,
		    "tell what changed between two program files",
		    .words = "FILE FILE" },
		{ "publish", cmd_program_publish,
		    "make a file the program of a store",
		    .needs = NEEDS_DATABASE },
		{ "list", cmd_program_list,
		    "list the versions of a store's program",
		    .needs = NEEDS_DATABASE },
		{ "show", cmd_program_show, "show the file of one of them",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}

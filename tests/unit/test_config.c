/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../support/test.h"
#include "base/config/config.h"
#include "base/log.h"

enum {
	ARGS_MAX = 16,
	ARG_SIZE = 64,
	WORDS_MAX = 2,
};

static const char *const envs[] = {
#define TEXT(field, env, preset, help)                env,
#define NUMBER(field, env, preset, least, most, help) env,
#include "base/config/config.def"
#undef TEXT
#undef NUMBER
};

static int
clear_env(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(envs); i++)
		(void)unsetenv(envs[i]);
	return 0;
}

/* The values that were read from a command line. */
struct result {
	struct config config;
	struct err err;
	const char *platform; /* required */
	const char *language, *into;
	int64_t store, max, wait, at;
	bool json;
	char *words[WORDS_MAX];
	int nwords;
	char args[ARGS_MAX][ARG_SIZE];
};

static const char *const languages[] = { "en", "de", NULL };

/* Reads the settings, and returns the first fault. */
static int
read_first(struct config *c, const struct option_spec *specs, int argc,
    char *argv[], struct err *e)
{
	struct config_reading r = {
		.options = specs,
		.argc = argc,
		.argv = argv,
	};

	if (config_read(c, &r) == 0)
		return 0;
	*e = r.faults.of[0];
	return -1;
}

static int
read_line(struct result *r, const char *const args[])
{
	const struct option_spec specs[] = {
		{ .name = "--platform",
		    .value = "NAME",
		    .text = &r->platform,
		    .required = true },
		{ .name = "--store", .value = "ID", .number = &r->store },
		{ .name = "--max",
		    .value = "COUNT",
		    .number = &r->max,
		    .most = 100 },
		{ .name = "--wait",
		    .value = "SECONDS",
		    .number = &r->wait,
		    .most = 9,
		    .or_none = true },
		{ .name = "--at", .value = "INSTANT", .instant = &r->at },
		{ .name = "--into",
		    .value = "ID",
		    .text = &r->into,
		    .with = "--at" },
		{ .name = "--language",
		    .value = "CODE",
		    .text = &r->language,
		    .one_of = languages },
		{ .name = "--json", .flag = &r->json },
		{ .name = NULL },
	};
	char *argv[ARGS_MAX + 1] = { NULL };
	struct config_reading reading;
	int argc = 0, rc;

	for (; args[argc] != NULL && argc < ARGS_MAX; argc++)
		argv[argc] = r->args[argc];
	*r = (struct result){ .nwords = WORDS_MAX };
	for (int i = 0; i < argc; i++)
		(void)snprintf(r->args[i], ARG_SIZE, "%s", args[i]);
	reading = (struct config_reading){
		.options = specs,
		.argc = argc,
		.argv = argv,
		.words = r->words,
		.nwords = WORDS_MAX,
	};
	rc = config_read(&r->config, &reading);
	r->nwords = reading.nwords;
	r->err = reading.faults.of[0];
	return rc;
}

#define LINE(...) \
	((const char *const[]){ "add", "--platform", "x", __VA_ARGS__, NULL })

static void
test_defaults(void **state)
{
	struct result r;

	(void)state;
	assert_int_equal(read_line(&r, LINE("word")), 0);
#define TEXT(field, env, preset, help)       \
	if ((preset) == NULL)                \
		assert_null(r.config.field); \
	else                                 \
		assert_string_equal(r.config.field, (preset) ?: "");
#define NUMBER(field, env, preset, least, most, help) \
	assert_int_equal(r.config.field, preset);     \
	assert_in_range(preset, least, most);
#include "base/config/config.def"
#undef TEXT
#undef NUMBER
	assert_int_equal(r.nwords, 1);
	assert_string_equal(r.words[0], "word");
	assert_string_equal(r.platform, "x");
}

/* Checks that a command line overrides the environment, and the environment
 * overrides the default. */
static void
test_order(void **state)
{
	struct result r;

	(void)state;
	(void)setenv("LOYALD_STREAMS", "7", 1);
	(void)setenv("LOYALD_LISTEN", "0.0.0.0:80", 1);
	(void)setenv("LOYALD_SPOOL_DIR", "", 1);
	assert_int_equal(read_line(&r, LINE("--streams", "9", "--wait=0")), 0);
	assert_int_equal(r.config.streams, 9);
	assert_string_equal(r.config.listen, "0.0.0.0:80");
	/* An empty value counts as not set. */
	assert_string_equal(r.config.spool_dir, "/var/lib/loyald/spool");

	assert_int_equal(
	    read_line(&r, LINE("--redis-url=redis://h/1?a=b", "--json",
	                      "--listen=", "--consumer=--x", "--store=3",
	                      "--max", "100", "--at", "1971-01-01T00:00:01Z",
	                      "--into", "y", "--language", "de")),
	    0);
	assert_int_equal(r.config.streams, 7);
	assert_string_equal(r.config.redis_url, "redis://h/1?a=b");
	assert_string_equal(r.config.listen, "");
	assert_string_equal(r.config.consumer, "--x");
	assert_true(r.json);
	assert_int_equal(r.store, 3);
	assert_int_equal(r.max, 100);
	assert_int_equal(r.at, INT64_C(31536001000000));
	assert_string_equal(r.language, "de");
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *rule;
		const char *args[ARGS_MAX];
		const char *sentence;
	} cases[] = {
		{ "unknown", { "add", "--platform", "x", "--nope", "1" },
		    "add: there is no option --nope" },
		{ "unknown, joined", { "add", "--platform", "x", "--nope=1" },
		    "add: there is no option --nope" },
		{ "a part of a name", { "add", "--platform", "x", "--stream" },
		    "add: there is no option --stream (did you mean --streams?)" },
		{ "more than a name",
		    { "add", "--platform", "x", "--streamss", "1" },
		    "add: there is no option --streamss (did you mean --streams?)" },
		{ "as in the environment",
		    { "add", "--platform", "x", "--redis_url", "1" },
		    "add: there is no option --redis_url (did you mean --redis-url?)" },
		{ "capitals", { "add", "--platform", "x", "--LISTEN", "1" },
		    "add: there is no option --LISTEN (did you mean --listen?)" },
		{ "a setting twice",
		    { "add", "--platform", "x", "--listen", "h:1", "--listen",
		        "h:1" },
		    "add: --listen is given twice" },
		{ "an option twice",
		    { "add", "--platform", "x", "--platform=x" },
		    "add: --platform is given twice" },
		{ "a flag twice",
		    { "add", "--platform", "x", "--json", "--json" },
		    "add: --json is given twice" },
		{ "a number twice",
		    { "add", "--platform", "x", "--store", "1", "--store",
		        "1" },
		    "add: --store is given twice" },
		{ "no value at the end",
		    { "add", "--platform", "x", "--listen" },
		    "add: --listen wants a value" },
		{ "an option for a value", { "add", "--platform", "--json" },
		    "add: --platform wants a value" },
		{ "a value for a flag",
		    { "add", "--platform", "x", "--json=true" },
		    "add: --json takes no value" },
		{ "no number", { "add", "--platform", "x", "--store", "one" },
		    "add: --store is \"one\": it must be a number from 1 on" },
		{ "a number of nothing",
		    { "add", "--platform", "x", "--store", "0" },
		    "add: --store is \"0\": it must be a number from 1 on" },
		{ "a number below", { "add", "--platform", "x", "--store=-3" },
		    "add: --store is \"-3\": it must be a number from 1 on" },
		{ "a number below none",
		    { "add", "--platform", "x", "--wait=-1" },
		    "add: --wait is \"-1\": it must be a number from 0 to 9" },
		{ "a number above",
		    { "add", "--platform", "x", "--max", "101" },
		    "add: --max is \"101\": it must be a number from 1 to 100" },
		{ "no time", { "add", "--platform", "x", "--at", "noon" },
		    "add: --at is \"noon\": it must be a time like "
		    "2026-11-22T06:24:45Z" },
		{ "none of the words",
		    { "add", "--platform", "x", "--language", "fr" },
		    "add: --language is \"fr\": it must be one of en, de" },
		{ "without the one it goes with",
		    { "add", "--platform", "x", "--into", "y" },
		    "add: --into goes with --at only" },
		{ "one dash", { "add", "-platform", "x" },
		    "add: there is no option -platform (did you mean "
		    "--platform?)" },
		{ "below", { "add", "--platform", "x", "--streams", "0" },
		    "add: LOYALD_STREAMS is \"0\": it must be a number from 1 "
		    "to 64" },
		{ "above", { "add", "--platform", "x", "--streams", "65" },
		    "add: LOYALD_STREAMS is \"65\": it must be a number from 1 "
		    "to 64" },
		{ "no such level",
		    { "add", "--platform", "x", "--log-level", "loud" },
		    "add: LOYALD_LOG_LEVEL is \"loud\": it must be debug, "
		    "info, warn or error" },
		{ "missing", { "add", "--json" }, "add wants --platform NAME" },
		{ "a word too many",
		    { "add", "--platform", "x", "a", "b", "c" },
		    "add: \"c\" is one word too many" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct result r;

		if (read_line(&r, cases[i].args) != -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(r.err.fault, FAULT_REJECT);
		assert_string_equal(r.err.msg, cases[i].sentence);
	}
}

static void
test_refuses_env(void **state)
{
	struct result r;

	(void)state;
	(void)setenv("LOYALD_BATCH", "many", 1);
	assert_int_equal(read_line(&r, LINE("word")), -1);
	assert_string_equal(r.err.msg,
	    "LOYALD_BATCH is \"many\": it must be a number from 1 to 500");
	assert_int_equal(r.err.fault, FAULT_CONFIG);
}

/* Checks that one message names all missing options. */
static void
test_required(void **state)
{
	char *argv[] = { strdup("x"), strdup("--id"), strdup("1"), NULL };
	const char *name = NULL;
	int64_t id = 0;
	const struct option_spec specs[] = {
		{ .name = "--id",
		    .value = "N",
		    .number = &id,
		    .required = true },
		{ .name = "--name",
		    .value = "NAME",
		    .text = &name,
		    .required = true },
		{ .name = NULL },
	};
	struct config c;
	struct err e;

	(void)state;
	assert_int_equal(read_first(&c, specs, 3, argv, &e), -1);
	assert_string_equal(e.msg, "x wants --name NAME");
	assert_int_equal(read_first(&c, specs, 1, argv, &e), -1);
	assert_string_equal(e.msg, "x wants --id N, --name NAME");
	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
}

/* Checks that help may be asked for wherever an option may stand, but not in
 * place of an option's value. */
static void
test_asks_help(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		bool asks;
	} cases[] = {
		{ { "add" }, false },
		{ { "add", "--help" }, true },
		{ { "add", "-h" }, true },
		{ { "add", "word", "-h" }, true },
		{ { "add", "--name", "x", "--help" }, true },
		{ { "add", "--nope", "--help" }, true },
		{ { "add", "--name", "-h" }, false },
		{ { "add", "--name", "--help" }, true },
		{ { "add", "--name=--help" }, false },
		{ { "add", "--redis-url", "-h" }, false },
		{ { "add", "--json", "-h" }, true },
		{ { "add", "--helpful" }, false },
	};
	const char *name = NULL;
	bool json = false;
	const struct option_spec specs[] = {
		{ .name = "--name", .value = "NAME", .text = &name },
		{ .name = "--json", .flag = &json },
		{ .name = NULL },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char args[ARGS_MAX][ARG_SIZE], *argv[ARGS_MAX + 1] = { NULL };
		int argc = 0;

		for (; cases[i].args[argc] != NULL; argc++) {
			(void)snprintf(
			    args[argc], ARG_SIZE, "%s", cases[i].args[argc]);
			argv[argc] = args[argc];
		}
		if (config_asks_help(specs, argc, argv) != cases[i].asks)
			fail_msg("case %zu: %s", i, args[argc - 1]);
	}
}

/* Checks that without a struct config no settings are read, and that the
 * options for settings are unknown. */
static void
test_no_settings(void **state)
{
	char *argv[] = { strdup("x"), strdup("--batch=1"), NULL };
	struct err e;

	(void)state;
	(void)setenv("LOYALD_BATCH", "many", 1);
	assert_int_equal(read_first(NULL, NULL, 1, argv, &e), 0);
	assert_int_equal(read_first(NULL, NULL, 2, argv, &e), -1);
	assert_string_equal(e.msg, "x: there is no option --batch");
	for (size_t i = 0; i < 2; i++)
		free(argv[i]);
}

static void
test_need(void **state)
{
	struct result r;

	(void)state;
	assert_int_equal(read_line(&r, LINE("--redis-url", "u")), 0);
	assert_int_equal(config_need(&r.config, CONFIG_REDIS, &r.err), 0);
	assert_int_equal(config_need(&r.config, CONFIG_DATABASE, &r.err), -1);
	assert_int_equal(r.err.fault, FAULT_CONFIG);
	assert_string_equal(r.err.msg,
	    "LOYALD_DATABASE_URL is not set. PostgreSQL, as a libpq URI or "
	    "conninfo string. Set it in the environment, in the file of "
	    "--env-file, or by --database-url");
}

static char *
printed(bool json)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	config_print(f, json);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Checks that every setting is shown with the name of its option, as text and
 * as JSON. */
static void
test_print(void **state)
{
	char *people = printed(false), *text = printed(true);
	json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	(void)state;
	assert_true(json_is_array(list));
	assert_int_equal(json_array_size(list), NITEMS(envs));
	for (size_t i = 0; i < NITEMS(envs); i++) {
		json_t *o = json_array_get(list, i);
		const char *env = json_string_value(json_object_get(o, "env"));
		const char *option = json_string_value(
		    json_object_get(o, "option"));

		assert_string_equal(env, envs[i]);
		assert_non_null(strstr(people, env));
		assert_non_null(strstr(people, option));
		assert_true(
		    strlen(json_string_value(json_object_get(o, "help"))) > 0);
		assert_non_null(json_object_get(o, "default"));
	}
	assert_non_null(
	    strstr(people, "LOYALD_REDIS_DEADLINE_MS (--redis-deadline-ms, "
	                   "default 250)"));
	json_decref(list);
	free(text);
	free(people);
}

/* Checks that the description of a process leaves out defaults and every value
 * that may contain a password. */
static void
test_describe(void **state)
{
	static const char *const line[] = { "work", "--batch", "7",
		"--log-level=info", "--key-file=/etc/key",
		"--redis-url=redis://u:hush@r/0",
		"--database-url=postgresql://u:hush@h/d", NULL };
	char *argv[ARGS_MAX];
	struct config c;
	struct err e;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < NITEMS(line); i++)
		argv[i] = line[i] == NULL ? NULL : strdup(line[i]);
	assert_int_equal(read_first(&c, NULL, NITEMS(line) - 1, argv, &e), 0);
	buf_init(&b, 1000);
	config_describe(&c, &b);
	assert_string_equal(b.data, " key_file=/etc/key batch=7");
	buf_fini(&b);
	for (size_t i = 0; i < NITEMS(line); i++)
		free(argv[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_defaults, clear_env),
		cmocka_unit_test_setup(test_order, clear_env),
		cmocka_unit_test_setup(test_refuses, clear_env),
		cmocka_unit_test_setup(test_refuses_env, clear_env),
		cmocka_unit_test_setup(test_required, clear_env),
		cmocka_unit_test_setup(test_asks_help, clear_env),
		cmocka_unit_test_setup(test_no_settings, clear_env),
		cmocka_unit_test_setup(test_need, clear_env),
		cmocka_unit_test_setup(test_print, clear_env),
		cmocka_unit_test_setup(test_describe, clear_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

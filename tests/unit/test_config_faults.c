/* SPDX-License-Identifier: MIT */
/* Checks that all faults of the settings are reported at once, from the
 * command line, the environment and the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "base/config/config.h"
#include "base/config/unknown.h"

enum {
	ARGS_MAX = 16
};

static struct arena arena;
static const char *file_text; /* NULL: there is no file */

static int
url_check(const char *value, struct err *e)
{
	return strncmp(value, "redis:", 6) == 0
	           ? 0
	           : err_set(e, FAULT_CONFIG, "LOYALD_REDIS_URL is none");
}

static int
key_check(const char *value, struct err *e)
{
	return strcmp(value, "key") == 0
	           ? 0
	           : err_set(e, FAULT_CONFIG, "LOYALD_KEY_FILE is no key");
}

static int
file_parse(const char *path, struct env_file *out, struct faults *faults)
{
	if (file_text == NULL) {
		faults_add(faults, FAULT_CONFIG, "there is no %s", path);
		return -1;
	}
	env_file_parse(&arena, path, str_of(file_text), out, faults);
	return 0;
}

static const struct config_form url_forms[] = {
	{ "LOYALD_REDIS_URL", url_check, .if_needed = false },
	{ "LOYALD_KEY_FILE", key_check, .if_needed = true },
	{ 0 },
};
static const struct config_judge judge = { url_forms, file_parse };

/* The environment variables of all settings. */
static const char *const names[] = {
#define TEXT(field, env, preset, help)                env,
#define NUMBER(field, env, preset, least, most, help) env,
#include "base/config/config.def"
#undef TEXT
#undef NUMBER
};

static int
set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(names); i++)
		(void)unsetenv(names[i]);
	(void)unsetenv("LOYALD_STRAEMS");
	(void)unsetenv("OTHER");
	file_text = NULL;
	arena_init(&arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static bool mail;
static int64_t max;

/* Reads a command line such as "work --a b", and returns its faults and
 * values. */
static struct config_reading
read_settings(struct config *c, unsigned needs, const char *line)
{
	static char words[256];
	static char *argv[ARGS_MAX + 1];
	static const struct option_spec options[] = {
		{ .name = "--email", .flag = &mail, .needs = CONFIG_KEY },
		{ .name = "--max", .value = "COUNT", .number = &max },
		{ .name = NULL },
	};
	char *rest = words;
	struct config_reading r = {
		.judge = &judge,
		.options = options,
		.needs = needs,
		.argv = argv,
	};

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *w; (w = strsep(&rest, " ")) != NULL;)
		argv[r.argc++] = w;
	argv[r.argc] = NULL;
	if (config_read(c, &r) == 0)
		assert_false(faults_stop(&r.faults));
	else
		assert_true(faults_stop(&r.faults));
	return r;
}

static void
assert_faults(const struct config_reading *r, const char *const says[])
{
	size_t n = 0;

	for (; says[n] != NULL; n++) {
		if (n == r->faults.n)
			fail_msg("not told: %s", says[n]);
		assert_string_equal(r->faults.of[n].msg, says[n]);
	}
	if (n < r->faults.n)
		fail_msg("told: %s", r->faults.of[n].msg);
}
#define FAULTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_all_at_once(void **state)
{
	struct config_reading r;
	struct config c;

	(void)state;
	(void)setenv("LOYALD_BATCH", "many", 1);
	(void)setenv("LOYALD_LOG_LEVEL", "loud", 1);
	(void)setenv("LOYALD_LISTEN", "8080", 1);
	(void)setenv("LOYALD_METRICS_LISTEN", "::1:9", 1);
	(void)setenv("LOYALD_PUBLIC_URL", "shop.example", 1);
	(void)setenv("LOYALD_REDIS_URL", "http://u:secret@h", 1);
	(void)setenv("LOYALD_CONSUMER", "a\nb", 1);
	(void)setenv("LOYALD_KEY_FILE", "none", 1);
	r = read_settings(&c, CONFIG_DATABASE | CONFIG_REDIS | CONFIG_KEY,
	    "work --streams 0");
	assert_faults(&r,
	    FAULTS("LOYALD_REDIS_URL is none",
	        "LOYALD_LISTEN is \"8080\": it must be host:port or "
	        "[host]:port, with a port up to 65535",
	        "LOYALD_PUBLIC_URL is \"shop.example\": it must be "
	        "https://host or https://host:port",
	        "LOYALD_METRICS_LISTEN is \"::1:9\": it must be host:port or "
	        "[host]:port, with a port up to 65535",
	        "LOYALD_LOG_LEVEL is \"loud\": it must be debug, info, warn "
	        "or error",
	        "LOYALD_CONSUMER is \"a\nb\": it must be a name of at most "
	        "127 bytes, without control characters",
	        "LOYALD_BATCH is \"many\": it must be a number from 1 to 500",
	        "work: LOYALD_STREAMS is \"0\": it must be a number from 1 to "
	        "64",
	        "LOYALD_DATABASE_URL is not set. PostgreSQL, as a libpq URI "
	        "or conninfo string. Set it in the environment, in the file "
	        "of --env-file, or by --database-url",
	        "LOYALD_KEY_FILE is no key"));
	for (size_t i = 0; i < r.faults.n; i++)
		assert_int_equal(
		    r.faults.of[i].fault, i == 7 ? FAULT_REJECT : FAULT_CONFIG);
}

static void
test_forms(void **state)
{
	static const struct {
		const char *env, *value;
		bool good;
	} cases[] = {
		{ "LOYALD_PUBLIC_URL", "https://shop.example", true },
		{ "LOYALD_PUBLIC_URL", "http://127.0.0.1:8080", true },
		{ "LOYALD_PUBLIC_URL", "https://shop.example/below/", true },
		{ "LOYALD_PUBLIC_URL", "https://", false },
		{ "LOYALD_PUBLIC_URL", "https:///path", false },
		{ "LOYALD_PUBLIC_URL", "ftp://shop.example", false },
		{ "LOYALD_PUBLIC_URL", "https://shop.example/?x=y", false },
		{ "LOYALD_PUBLIC_URL", "https://shop example", false },
		{ "LOYALD_PUBLIC_URL", "https://[::1]", true },
		{ "LOYALD_PUBLIC_URL", "https://[::1]:8443/", true },
		{ "LOYALD_PUBLIC_URL", "https://shop.example:65536", false },
		{ "LOYALD_PUBLIC_URL", "https://me:it@shop.example", false },
		{ "LOYALD_LISTEN", "[::1]:0", true },
		{ "LOYALD_LISTEN", "localhost:65536", false },
		{ "LOYALD_SERVE_LISTEN", ":8081", false },
		{ "LOYALD_LOG_FORMAT", "json", true },
		{ "LOYALD_LOG_FORMAT", "text", false },
		{ "LOYALD_CONSUMER", "a worker", true },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct config_reading r;
		struct config c;

		(void)setenv(cases[i].env, cases[i].value, 1);
		r = read_settings(&c, 0, "work");
		if ((r.faults.n == 0) != cases[i].good)
			fail_msg("%s=%s", cases[i].env, cases[i].value);
		(void)unsetenv(cases[i].env);
	}
}

/* Checks that a setting which a command does not need may be missing, or may
 * name a file that does not exist. */
static void
test_needs(void **state)
{
	char text[CONFIG_NEEDS_MAX];
	struct config_reading r;
	struct config c;

	(void)state;
	(void)setenv("LOYALD_KEY_FILE", "none", 1);
	r = read_settings(&c, 0, "program");
	assert_int_equal(r.faults.n, 0);
	(void)setenv("LOYALD_DATABASE_URL", "db", 1);
	r = read_settings(&c, CONFIG_DATABASE, "member");
	assert_int_equal(r.faults.n, 0);
	/* An option may need more settings than its command. */
	r = read_settings(&c, CONFIG_DATABASE, "member --email");
	assert_faults(&r, FAULTS("LOYALD_KEY_FILE is no key"));
	mail = false;
	r = read_settings(&c, CONFIG_DATABASE, "member --email --key-file=key");
	assert_int_equal(r.faults.n, 0);
	assert_true(mail);
	/* After a fault in the command line it is unknown which settings are
	 * needed, so none is reported as missing. */
	r = read_settings(&c, CONFIG_REDIS, "work --nope");
	assert_faults(&r, FAULTS("work: there is no option --nope"));
	assert_int_equal(r.faults.of[0].fault, FAULT_REJECT);
	r = read_settings(&c, CONFIG_REDIS, "work --max none");
	assert_faults(&r, FAULTS("work: --max is \"none\": it must be a "
	                         "number from 1 on"));
	/* A mistyped name causes two faults: it is unknown, and the setting is
	 * missing. */
	(void)setenv("LOYALD_REDIS_ULR", "redis://h", 1);
	r = read_settings(&c, CONFIG_REDIS, "work");
	(void)unsetenv("LOYALD_REDIS_ULR");
	assert_faults(
	    &r, FAULTS("LOYALD_REDIS_ULR is no setting: did you mean "
	               "LOYALD_REDIS_URL?",
	            "LOYALD_REDIS_URL is not set. Redis, as "
	            "redis://[user:pass@]host:port/db or unix:///path. Set "
	            "it in the environment, in the file of --env-file, or by "
	            "--redis-url"));

	config_needs_text(CONFIG_DATABASE, text);
	assert_string_equal(text, "LOYALD_DATABASE_URL");
	config_needs_text(CONFIG_DATABASE | CONFIG_KEY, text);
	assert_string_equal(text, "LOYALD_DATABASE_URL and LOYALD_KEY_FILE");
	config_needs_text(CONFIG_DATABASE | CONFIG_KEY | CONFIG_REDIS, text);
	assert_string_equal(
	    text, "LOYALD_DATABASE_URL, LOYALD_REDIS_URL and LOYALD_KEY_FILE");
}

/* Checks which value counts: first the command line's, then the environment's,
 * then the file's, then the default. */
static void
test_file(void **state)
{
	struct config_reading r;
	struct config c;

	(void)state;
	file_text = "LOYALD_STREAMS=5\nLOYALD_BATCH=6\nLOYALD_LINGER_MS=7\n"
	            "LOYALD_CONSUMER=filed\nLOYALD_BODY_MAX=\nOTHER=set\n";
	(void)setenv("LOYALD_BATCH", "8", 1);
	(void)setenv("LOYALD_CONSUMER", "", 1);
	r = read_settings(&c, 0, "work --env-file f --linger-ms 9");
	assert_int_equal(r.faults.n, 0);
	assert_int_equal(c.streams, 5);
	assert_int_equal(c.batch, 8);
	assert_int_equal(c.linger_ms, 9);
	/* An empty value counts as not set, in the environment and in the file.
	 */
	assert_string_equal(c.consumer, "filed");
	assert_int_equal(c.body_max, 2097152);
	assert_string_equal(c.env_file, "f");
	/* A name that is not a setting of loyald is put into the
	 * environment. */
	assert_string_equal(getenv("OTHER"), "set");

	(void)setenv("LOYALD_ENV_FILE", "g", 1);
	(void)setenv("OTHER", "stays", 1);
	r = read_settings(&c, 0, "work");
	assert_int_equal(r.faults.n, 0);
	assert_int_equal(c.streams, 5);
	assert_string_equal(getenv("OTHER"), "stays");

	file_text = "LOYALD_STREAMS=0\nLOYALD_BATCH\nLOYALD_STRAEMS=1\n"
	            "LOYALD_REDIS_URL=\"http://$SECRET\"\n";
	(void)unsetenv("LOYALD_BATCH");
	r = read_settings(&c, CONFIG_REDIS, "work --env-file=f");
	assert_faults(&r,
	    FAULTS("f, line 2: it is no NAME=VALUE, and no comment, which "
	           "begins with #",
	        "f, line 4: LOYALD_REDIS_URL: nothing is expanded in this "
	        "file: write the value itself, or put it into single quotes "
	        "if the $ is meant",
	        "f, line 1: LOYALD_STREAMS is \"0\": it must be a number from "
	        "1 to 64",
	        "f, line 3: LOYALD_STRAEMS is no setting: did you mean "
	        "LOYALD_STREAMS?"));

	/* The settings are not reported as missing, since the missing file may
	 * contain them. */
	file_text = NULL;
	r = read_settings(&c, CONFIG_REDIS, "work");
	assert_faults(&r, FAULTS("there is no g"));
}

static void
test_unknown(void **state)
{
	static const struct {
		const char *name, *value, *says; /* NULL: no warning */
	} cases[] = {
		{ "LOYALD_REDIS_ULR", "x",
		    "LOYALD_REDIS_ULR is no setting: did you mean "
		    "LOYALD_REDIS_URL?" },
		{ "LOYALD_BATHC", "x",
		    "LOYALD_BATHC is no setting: did you mean LOYALD_BATCH?" },
		{ "LOYALD_XYZZY", "x",
		    "LOYALD_XYZZY is no setting: loyald help config tells "
		    "those there are" },
		{ "LOYALD_REDIS_URL", "x", NULL },
		/* Names mistyped before their first underscore. */
		{ "LOYAL_REDIS_URL", "x",
		    "LOYAL_REDIS_URL is no setting: did you mean "
		    "LOYALD_REDIS_URL?" },
		{ "loyald_key_file", "x",
		    "loyald_key_file is no setting: did you mean "
		    "LOYALD_KEY_FILE?" },
		{ "LOYALTY_KEY_FILES", "x", NULL },
		{ "REDIS_URL", "x", NULL },
		{ "_", "x", NULL },
		{ "LOYALD_DATABASE_URL_FILE", "x",
		    "LOYALD_DATABASE_URL_FILE is no setting: did you mean "
		    "LOYALD_DATABASE_URL?" },
		{ "LOYALDX", "x", NULL },
		{ "LOYALD", "/usr/bin/loyald", NULL },
		{ "PATH", "x", NULL },
		/* Set by Kubernetes for a service named loyald. */
		{ "LOYALD_SERVICE_HOST", "10.0.0.1", NULL },
		{ "LOYALD_SERVICE_PORT", "80", NULL },
		{ "LOYALD_SERVICE_PORT_HTTP", "80", NULL },
		{ "LOYALD_PORT", "tcp://10.0.0.1:80", NULL },
		{ "LOYALD_PORT_80_TCP", "tcp://10.0.0.1:80", NULL },
		{ "LOYALD_PORT_80_TCP_PROTO", "tcp", NULL },
		{ "LOYALD_PORT_80_TCP_ADDR", "10.0.0.1", NULL },
		/* Set by Kubernetes for a service named loyald-receive. */
		{ "LOYALD_RECEIVE_SERVICE_HOST", "10.0.0.1", NULL },
		{ "LOYALD_RECEIVE_PORT", "tcp://10.0.0.1:80", NULL },
		/* LOYALD_PORT is reported, because the operator may have meant
		 * a setting. */
		{ "LOYALD_PORT", "8080",
		    "LOYALD_PORT is no setting: loyald help config tells "
		    "those there are" },
		/* Names that docker-compose.yml uses. */
		{ "LOYALD_DOMAIN", "loyalty.example", NULL },
		{ "LOYALD_TAG", "0.1.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char pair[128], why[UNKNOWN_TEXT_MAX], again[UNKNOWN_TEXT_MAX];
		bool told = config_is_unknown(
		    cases[i].name, cases[i].value, why);

		(void)snprintf(
		    pair, sizeof(pair), "%s=%s", cases[i].name, cases[i].value);
		assert_int_equal(config_is_unknown(pair, NULL, again), told);
		if (told != (cases[i].says != NULL))
			fail_msg("%s: %s", pair, told ? why : "not told");
		if (!told)
			continue;
		assert_string_equal(why, cases[i].says);
		assert_string_equal(again, why);
	}
}

/* Checks that an unknown name is only warned of. */
static void
test_unknown_is_a_warning(void **state)
{
	struct config_reading r;
	struct config c;

	(void)state;
	(void)setenv("LOYALD_STRAEMS", "3", 1);
	r = read_settings(&c, 0, "work");
	assert_faults(&r, FAULTS("LOYALD_STRAEMS is no setting: did you mean "
	                         "LOYALD_STREAMS?"));
	assert_int_equal(r.faults.of[0].fault, FAULT_NONE);
	assert_int_equal(c.streams, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_all_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_needs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unknown_is_a_warning, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

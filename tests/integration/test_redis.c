/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "io/redis/redis.h"

/* URLs in every accepted form, and the parts of each. */
static const struct url_case {
	const char *url, *host, *user, *password;
	int port, db;
} good[] = {
	{ .url = "redis://localhost", .host = "localhost", .port = 6379 },
	{ .url = "redis://localhost/", .host = "localhost", .port = 6379 },
	{ .url = "redis://127.0.0.1:6380/3",
	    .host = "127.0.0.1",
	    .port = 6380,
	    .db = 3 },
	{ .url = "redis://[::1]", .host = "::1", .port = 6379 },
	{ .url = "redis://[fe80::1]:7000/1",
	    .host = "fe80::1",
	    .port = 7000,
	    .db = 1 },
	{ .url = "redis://:secret@redis:6379",
	    .host = "redis",
	    .password = "secret",
	    .port = 6379 },
	{ .url = "redis://app:p%40ss%2Fw%3ard@r-1.example_x:1/65535",
	    .host = "r-1.example_x",
	    .user = "app",
	    .password = "p@ss/w:rd",
	    .port = 1,
	    .db = 65535 },
	{ .url = "unix:///run/redis/redis.sock",
	    .host = "/run/redis/redis.sock" },
	{ .url = "unix:///s?db=2", .host = "/s", .db = 2 },
};

static void
test_url_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(good); i++) {
		const struct url_case *c = &good[i];
		struct redis_url u;
		struct err e;

		print_message("%s\n", c->url);
		assert_int_equal(redis_url_parse(c->url, &u, &e), 0);
		assert_string_equal(u.host, c->host);
		assert_string_equal(u.user, c->user ? c->user : "");
		assert_string_equal(u.password, c->password ? c->password : "");
		assert_int_equal(u.port, c->port);
		assert_int_equal(u.db, c->db);
	}
}

/* URLs that are refused.  "sesame" stands for a secret, which no error message
 * may repeat. */
static const struct bad_case {
	const char *rule, *url;
} bad[] = {
	{ .rule = "a scheme is needed", .url = "sesame" },
	{ .rule = "nothing is not a URL", .url = "" },
	{ .rule = "schemes are lower case", .url = "REDIS://sesame" },
	{ .rule = "TLS is not spoken", .url = "rediss://:sesame@h" },
	{ .rule = "no http", .url = "http://:sesame@h" },
	{ .rule = "a host is needed", .url = "redis://" },
	{ .rule = "a host is needed after @", .url = "redis://:sesame@" },
	{ .rule = "a host is needed before :", .url = "redis://:sesame@:1" },
	{ .rule = "port 0", .url = "redis://:sesame@h:0" },
	{ .rule = "port beyond", .url = "redis://:sesame@h:65536" },
	{ .rule = "port of letters", .url = "redis://h:sesame" },
	{ .rule = "port with sign", .url = "redis://:sesame@h:+1" },
	{ .rule = "port without digits", .url = "redis://:sesame@h:" },
	{ .rule = "database of letters", .url = "redis://h/sesame" },
	{ .rule = "database beyond", .url = "redis://:sesame@h/65536" },
	{ .rule = "database negative", .url = "redis://:sesame@h/-1" },
	{ .rule = "two databases", .url = "redis://:sesame@h/1/2" },
	{ .rule = "no query", .url = "redis://:sesame@h/1?db=2" },
	{ .rule = "no query without /", .url = "redis://:sesame@h?db=2" },
	{ .rule = "user without password", .url = "redis://sesame@h" },
	{ .rule = "user with empty password", .url = "redis://sesame:@h" },
	{ .rule = "a raw @ in pass", .url = "redis://u:sesame@x@h" },
	{ .rule = "a raw / in pass", .url = "redis://u:sesame/x@h" },
	{ .rule = "a raw : in pass", .url = "redis://u:sesame:x@h" },
	{ .rule = "percent, one digit", .url = "redis://u:sesame%4@h" },
	{ .rule = "percent, no digits", .url = "redis://u:sesame%zz@h" },
	{ .rule = "percent, NUL", .url = "redis://u:sesame%00@h" },
	{ .rule = "bracket without end", .url = "redis://:sesame@[::1" },
	{ .rule = "text after ]", .url = "redis://:sesame@[::1]x" },
	{ .rule = "letters in brackets", .url = "redis://[sesame]" },
	{ .rule = "IPv6 without brackets", .url = "redis://:sesame@::1" },
	{ .rule = "white space", .url = "redis://:sesame@h " },
	{ .rule = "a relative path", .url = "unix://sesame" },
	{ .rule = "no path", .url = "unix://" },
	{ .rule = "a query that is not db", .url = "unix:///s?x=sesame" },
	{ .rule = "db without number", .url = "unix:///s?db=" },
	{ .rule = "db of letters", .url = "unix:///s?db=sesame" },
	{ .rule = "line feed in a path", .url = "unix:///sesame\n" },
};

static void
test_url_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(bad); i++) {
		struct redis_url u = { .port = 42 };
		struct err e = { .fault = FAULT_NONE };

		print_message("%s\n", bad[i].rule);
		assert_int_equal(redis_url_parse(bad[i].url, &u, &e), -1);
		assert_int_equal(e.fault, FAULT_CONFIG);
		assert_null(strstr(e.msg, "sesame"));
		assert_non_null(strstr(e.msg, "write redis://"));
		assert_int_equal(u.port, 42);
	}
}

/* Checks that a part of the greatest length is accepted, and that a part with
 * one byte more is refused. */
static void
test_url_long(void **state)
{
	static const struct {
		const char *before, *after;
		size_t max;
	} fields[] = {
		{ .before = "redis://", .after = "", .max = 255 },
		{ .before = "redis://", .after = ":x@h", .max = 127 },
		{ .before = "redis://u:", .after = "@h", .max = 511 },
		{ .before = "unix:///", .after = "", .max = 106 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(fields); i++) {
		char text[1024], many[600];
		struct redis_url u;
		struct err e;

		memset(many, 'x', sizeof(many));
		(void)snprintf(text, sizeof(text), "%s%.*s%s", fields[i].before,
		    (int)fields[i].max, many, fields[i].after);
		assert_int_equal(redis_url_parse(text, &u, &e), 0);
		(void)snprintf(text, sizeof(text), "%s%.*s%s", fields[i].before,
		    (int)fields[i].max + 1, many, fields[i].after);
		assert_int_equal(redis_url_parse(text, &u, &e), -1);
	}
}

static void
test_where(void **state)
{
	char where[REDIS_WHERE_MAX];
	struct redis_url u;
	struct err e;

	(void)state;
	assert_int_equal(redis_url_parse("redis://u:sesame@h:1/2", &u, &e), 0);
	redis_where(&u, where);
	assert_string_equal(where, "h:1");
	assert_int_equal(redis_url_parse("redis://[::1]:2", &u, &e), 0);
	redis_where(&u, where);
	assert_string_equal(where, "[::1]:2");
	assert_int_equal(redis_url_parse("unix:///r.sock", &u, &e), 0);
	redis_where(&u, where);
	assert_string_equal(where, "/r.sock");
}

static const struct refusal_case {
	const char *reply;
	enum fault fault;
} refusals[] = {
	{ "LOADING Redis is loading the dataset in memory", FAULT_RETRY },
	{ "MASTERDOWN Link with MASTER is down", FAULT_RETRY },
	{ "READONLY You can't write against a read only replica.",
	    FAULT_RETRY },
	{ "OOM command not allowed when used memory > 'maxmemory'.",
	    FAULT_RETRY },
	{ "MISCONF Errors writing to the AOF file", FAULT_RETRY },
	{ "ERR max number of clients reached", FAULT_RETRY },
	{ "ERR upstream failure", FAULT_RETRY },
	{ "NOGROUP No such key", FAULT_RETRY },
	{ "", FAULT_RETRY },
	{ "WRONGPASS invalid username-password pair or user is disabled.",
	    FAULT_CONFIG },
	{ "NOAUTH Authentication required.", FAULT_CONFIG },
	{ "NOREPLICAS Not enough good replicas to write.", FAULT_RETRY },
	{ "NOPERM this user has no permissions to run the 'xadd' command",
	    FAULT_CONFIG },
	{ "ERR AUTH <password> called without any password configured for "
	  "the default user. Are you sure your configuration is correct?",
	    FAULT_CONFIG },
	{ "ERR DB index is out of range", FAULT_CONFIG },
	{ "ERR unknown command 'XAUTOCLAIM', with args beginning with: "
	  "'sesame' ",
	    FAULT_CONFIG },
	{ "WRONGTYPE Operation against a key", FAULT_CONFIG },
};

static void
test_refused(void **state)
{
	struct redis_url u = { .host = "h", .port = 1 };

	(void)state;
	for (size_t i = 0; i < NITEMS(refusals); i++) {
		struct err e;

		print_message("%s\n", refusals[i].reply);
		assert_int_equal(
		    redis_refused(&u, "XADD", str_of(refusals[i].reply), &e),
		    -1);
		assert_int_equal(e.fault, refusals[i].fault);
		assert_null(strstr(e.msg, "sesame"));
		assert_non_null(strstr(e.msg, "Redis at h:1 refused XADD"));
	}
}

/* Checks that a refusal names the user and the database that the URL names. */
static void
test_refused_whom(void **state)
{
	struct redis_url u;
	struct err e;

	(void)state;
	assert_int_equal(
	    redis_url_parse("redis://app:sesame@h:1/7", &u, &e), 0);
	(void)redis_refused(&u, "AUTH", STR("WRONGPASS no"), &e);
	assert_non_null(strstr(e.msg,
	    "Redis at h:1, user app, database 7, refused AUTH (WRONGPASS)"));
	assert_null(strstr(e.msg, "sesame"));
}

/* Checks that the error message for an unknown refusal does not repeat the
 * arguments of the command. */
static void
test_refused_arguments(void **state)
{
	struct redis_url u = { .host = "h", .port = 1 };
	struct err e;

	(void)state;
	(void)redis_refused(&u, "AUTH",
	    STR("ERR no such thing, with args beginning with: 'sesame'"), &e);
	assert_null(strstr(e.msg, "sesame"));
	assert_non_null(strstr(e.msg, "no such thing"));
}

static void
test_code(void **state)
{
	(void)state;
	assert_true(redis_is_code(STR("OOM"), "OOM"));
	assert_true(redis_is_code(STR("OOM x"), "OOM"));
	assert_false(redis_is_code(STR("OOMX"), "OOM"));
	assert_false(redis_is_code(STR("OO"), "OOM"));
}

static void
test_name(void **state)
{
	char name[STREAM_NAME_MAX];

	(void)state;
	stream_name(0, 3, name);
	assert_string_equal(name, "loyald:{p03}:events");
	stream_name(0, STREAMS_MAX - 1, name);
	assert_string_equal(name, "loyald:{p63}:events");
	stream_name(0x123, 0, name);
	assert_string_equal(name, "loyald:{p00}:events:0000000000000123");
	stream_name(INT64_MAX, STREAMS_MAX - 1, name);
	assert_string_equal(name, "loyald:{p63}:events:7fffffffffffffff");
}

/* Checks that deliveries that differ in one byte of the envelope spread evenly
 * over the streams, and that the same bytes always go to the same stream. */
static void
test_pick(void **state)
{
	enum {
		DELIVERIES = 16000,
		STREAMS = 16
	};
	unsigned count[STREAMS] = { 0 };
	char bytes[4000] = "L";
	struct str s = { bytes, sizeof(bytes) };

	(void)state;
	for (int i = 0; i < DELIVERIES; i++) {
		unsigned k;

		memcpy(bytes + 16, &i, sizeof(i));
		k = stream_pick(s, STREAMS);
		assert_in_range(k, 0, STREAMS - 1);
		assert_int_equal(k, stream_pick(s, STREAMS));
		count[k]++;
	}
	for (int k = 0; k < STREAMS; k++)
		assert_in_range(count[k], DELIVERIES / STREAMS * 8 / 10,
		    DELIVERIES / STREAMS * 12 / 10);
	assert_int_equal(stream_pick((struct str){ "", 0 }, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url_good),
		cmocka_unit_test(test_url_bad),
		cmocka_unit_test(test_url_long),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_whom),
		cmocka_unit_test(test_refused_arguments),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_pick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

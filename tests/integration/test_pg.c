/* SPDX-License-Identifier: MIT */
/*
 * Checks that every wait for the database ends, at a connect, a query or a
 * commit, without measuring how long the wait is.  Also checks that the error
 * says whether the server refused or cannot be reached.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/database.h"
#include "../support/test.h"
#include "base/instant.h"
#include "io/clock.h"
#include "io/pg/refusal.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"

enum {
	HASTY_MS = 2500, /* the server's timeout; ours is a fifth longer */
	DSN_MAX = 512
};

static struct arena arena;
static const char *dsn; /* the conninfo of the real server */

static struct pg *
hasty(const char *url)
{
	struct pg *pg = pg_new(url, NULL, "test", sql_stmts, SQL__MAX);

	pg_hasty(pg, HASTY_MS);
	return pg;
}

/* Listens on a port and never answers. */
static int
silence(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static int
ask(struct pg *pg, struct err *e)
{
	struct pg_params p;

	pg_params(&p, &arena);
	return pg_tell(pg, SQL_STORES_VERSIONS, &p, e);
}

/* Returns the id of the server process of the newest connection named `app`. */
static pid_t
backend(const char *app)
{
	return (pid_t)database_number(
	    "SELECT pid FROM pg_stat_activity WHERE application_name = '%s'"
	    " ORDER BY backend_start DESC LIMIT 1",
	    app);
}

static void
test_nobody_takes_the_connection(void **state)
{
	char url[DSN_MAX];
	struct err e;
	struct pg *pg;
	int port, fd = silence(&port);

	(void)state;
	(void)snprintf(
	    url, sizeof(url), "host=127.0.0.1 port=%d user=postgres", port);
	pg = hasty(url);
	assert_int_equal(pg_connect(pg, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_false(pg_is_connected(pg));
	pg_free(pg);
	close(fd);
}

/* Checks that, if the first of two servers does not answer, the second is
 * used. */
static void
test_the_next_address(void **state)
{
	char url[2 * DSN_MAX];
	struct err e;
	struct pg *pg;
	int port, fd = silence(&port);

	(void)state;
	/* The last `host` replaces the host of dsn; 5432 is the real server's
	 * port. */
	(void)snprintf(url, sizeof(url),
	    "%s host=127.0.0.1,%s port=%d,5432 "
	    "target_session_attrs=read-write",
	    dsn, getenv("SERVICES_DIR"), port);
	pg = hasty(url);
	must(pg_connect(pg, &e), &e);
	must(ask(pg, &e), &e);
	pg_free(pg);
	close(fd);
}

static void
test_frozen_while_it_is_asked(void **state)
{
	struct pg *pg = hasty(dsn);
	struct err e;
	pid_t pid;

	(void)state;
	must(ask(pg, &e), &e);
	pid = backend("test");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(ask(pg, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "no answer for 3000 ms"));
	assert_false(pg_is_connected(pg));
	must(ask(pg, &e), &e); /* another server process answers */
	assert_int_not_equal(backend("test"), pid);
	assert_int_equal(kill(pid, SIGCONT), 0);
	pg_free(pg);
}

/* Checks that a commit without an answer is reported as RETRY, although the
 * commit may have happened. */
static void
test_frozen_while_it_commits(void **state)
{
	struct pg *pg = hasty(dsn);
	struct err e;
	pid_t pid;

	(void)state;
	must(pg_begin(pg, &e), &e);
	must(pg_script(pg, "INSERT INTO tenant VALUES (77)", &e), &e);
	pid = backend("test");
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(pg_commit(pg, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	pg_rollback(pg);
	assert_int_equal(kill(pid, SIGCONT), 0);
	must(pg_begin(pg, &e), &e);
	must(pg_commit(pg, &e), &e);
	pg_free(pg);
}

/* Checks that the server ends a slow statement before our own timeout, so that
 * the connection stays open. */
static void
test_slow(void **state)
{
	struct pg *pg = hasty(dsn);
	struct err e;

	(void)state;
	must(pg_connect(pg, &e), &e);
	assert_int_equal(pg_script(pg, "SELECT pg_sleep(60)", &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "57014"));
	assert_true(pg_is_connected(pg));
	must(ask(pg, &e), &e);
	pg_free(pg);
}

/* Adds a fact, which the schema refuses if the text is NULL. */
static int
add_fact_of(struct pg *pg, const char *text, struct err *e)
{
	struct pg_params p;
	const int64_t one = 1;
	const struct str facts = { text, text == NULL ? 0 : strlen(text) };
	const struct str id = STR("a fact");
	const int32_t kind = 2;
	const int64_t at = INSTANT_SECOND;

	pg_params(&p, &arena);
	pg_bigints(&p, &one, 1);
	pg_bigints(&p, &one, 1);
	pg_ints(&p, &kind, 1);
	pg_strs(&p, &id, 1);
	pg_bigints(&p, &one, 1);
	pg_ints(&p, &kind, 1);
	pg_strs(&p, &id, 1);
	pg_instants(&p, &at, 1);
	pg_strs(&p, &facts, 1);
	return pg_tell(pg, SQL_FACT_ADD, &p, e);
}

/* Checks that the error of a statement that nobody waited for is found by the
 * next one that somebody waits for, or by the commit; that it has the
 * statement's own name and fault; and that the connection is whole
 * afterwards. */
static void
test_errors_of_a_pipeline(void **state)
{
	struct pg *pg = hasty(dsn);
	struct pg_rows rows;
	struct err e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		must(pg_begin(pg, &e), &e);
		must(add_fact_of(pg, NULL, &e), &e);
		must(ask(pg, &e), &e);
		if (i == 0)
			assert_int_equal(
			    pg_ask(pg, SQL_STORE_IDS, NULL, &rows, &e), -1);
		else
			assert_int_equal(pg_commit(pg, &e), -1);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_non_null(strstr(e.msg, "fact_add"));
		assert_non_null(strstr(e.msg, "SQLSTATE 23502"));
		pg_rollback(pg);
		assert_true(pg_is_connected(pg));
		must(ask(pg, &e), &e);
	}
	/* Statements that the server skipped are prepared again. */
	must(pg_begin(pg, &e), &e);
	must(pg_ask(pg, SQL_STORE_IDS, NULL, &rows, &e), &e);
	pg_done(&rows);
	must(pg_commit(pg, &e), &e);
	pg_free(pg);
}

/* Checks that more statements than the pipeline has room for are sent, and that
 * all of them have run. */
static void
test_long_pipeline(void **state)
{
	enum {
		STATEMENTS = 300
	};
	struct pg *pg = hasty(dsn);
	struct err e;

	(void)state;
	must(pg_begin(pg, &e), &e);
	for (int i = 0; i < STATEMENTS; i++)
		must(ask(pg, &e), &e);
	must(pg_script(pg, "CREATE TEMP TABLE here (i int)", &e), &e);
	must(ask(pg, &e), &e);
	must(pg_script(pg, "INSERT INTO here VALUES (1)", &e), &e);
	must(pg_commit(pg, &e), &e);
	must(pg_script(pg, "SELECT 1 / count(*) FROM here", &e), &e);
	pg_free(pg);
}

static bool
is_told(struct pg *pg)
{
	for (int i = 0; i < 500; i++) {
		if (pg_was_notified(pg))
			return true;
		clock_sleep_ms(10);
	}
	return false;
}

/* Checks that each new connection sends LISTEN, and only once. */
static void
test_hears(void **state)
{
	struct pg *pg = hasty(dsn);
	struct err e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		must(pg_hear(pg, "a_channel", &e), &e);
		database_run("NOTIFY a_channel");
		assert_true(is_told(pg));
		must(pg_hear(pg, "a_channel", &e), &e);
		assert_int_equal(kill(backend("test"), SIGTERM), 0);
		while (pg_is_connected(pg)) {
			(void)pg_was_notified(pg);
			clock_sleep_ms(1);
		}
	}
	pg_free(pg);
}

/* ---- what is refused -------------------------------------------------- */

/* Messages of libpq, also in other languages, and the error made of each. */
static const struct message_case {
	const char *message;
	enum fault fault;
	const char *words[2]; /* words that the error has */
} messages[] = {
	{ "connection to server at \"h\" (::1), port 1 failed: FATAL:  28P01: "
	  "password authentication failed for user \"u\"\nLOCATION:  "
	  "auth_failed, auth.c:326\n",
	    FAULT_CONFIG, { "h:1", "login u to the database d" } },
	{ "connection to server at \"h\", port 1 failed: ВАЖНО:  28P01: "
	  "пароль\n",
	    FAULT_CONFIG, { "пароль", "correct user and password" } },
	{ "connection to server at \"h\" (::1), port 1 failed: Connection "
	  "refused\nconnection to server at \"h\" (1.2.3.4), port 1 failed: "
	  "FATAL:  3D000: database \"d\" does not exist\n",
	    FAULT_CONFIG, { "does not exist (SQLSTATE 3D000)", "create it" } },
	{ "failed: FATAL:  28000: no pg_hba.conf entry for host \"h\"\n",
	    FAULT_CONFIG, { "no pg_hba.conf entry", "a role with LOGIN" } },
	{ "failed: FATAL:  42501: permission denied for database \"d\"\n",
	    FAULT_CONFIG, { "permission denied", "GRANT CONNECT" } },
	{ "failed: FATAL:  42704: unrecognized parameter \"x\"\n", FAULT_CONFIG,
	    { "unrecognized", "correct LOYALD_DATABASE_URL" } },
	{ "failed: FATAL:  57P03: the database system is starting up\n",
	    FAULT_RETRY, { "starting up", "no connections yet" } },
	{ "failed: FATAL:  53300: sorry, too many clients already\n",
	    FAULT_RETRY, { "too many clients", "no room" } },
	{ "failed: FATAL:  something old without a state\n", FAULT_RETRY,
	    { "something old", "own log" } },
	{ "failed: fe_sendauth: no password supplied\n", FAULT_CONFIG,
	    { "no password supplied", "put it into LOYALD_DATABASE_URL" } },
	{ "failed: server does not support SSL, but SSL was required\n",
	    FAULT_CONFIG, { "h:1", "speaks no TLS" } },
	{ "connection to server on socket \"/s\" failed: Permission denied\n",
	    FAULT_CONFIG, { "/s", "use the socket" } },
	{ "invalid port number: \"sesame\"\n", FAULT_CONFIG,
	    { "invalid port number", "LOYALD_DATABASE_URL" } },
	{ "failed: Connection refused\n\tIs the server running?\n", FAULT_RETRY,
	    { "cannot be reached", "is it up" } },
	{ "could not translate host name \"h\" to address: Name or service not "
	  "known\n",
	    FAULT_RETRY, { "host name \"h\"", "LOYALD_DATABASE_URL right" } },
	{ "timeout expired\n", FAULT_RETRY, { "timeout expired", "is it up" } },
	{ "", FAULT_RETRY, { "cannot be reached", "is it up" } },
};

static void
test_messages(void **state)
{
	const struct pg_place place = {
		.host = "h", .port = "1", .database = "d", .login = "u"
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(messages); i++) {
		const struct message_case *c = &messages[i];
		struct err e = { 0 };

		assert_int_equal(pg_refused(&place, c->message, &e), -1);
		print_message("%s\n", e.msg);
		assert_int_equal(e.fault, c->fault);
		assert_non_null(strstr(e.msg, c->words[0]));
		assert_non_null(strstr(e.msg, c->words[1]));
		assert_null(strstr(e.msg, "sesame"));
		assert_null(strchr(e.msg, '\n'));
	}
}

/* A login, its role, and a word of the refusal; "": the login is accepted. */
static const struct refused_case {
	const char *set, *role, *word;
} refused[] = {
	{ "user=nobody_here", NULL, "role \"nobody_here\" does not exist" },
	{ "user=t_nologin", NULL, "is not permitted to log in" },
	{ "user=t_plain dbname=no_such_one", NULL, "3D000" },
	{ "user=t_plain", NULL, "" },
	{ "user=t_plain service=nope", NULL, "PGSERVICEFILE" },
	{ "hostaddr=no.address", NULL, "or call it host" },
	{ "user=t_plain", "loyald_work", "GRANT loyald_work TO t_plain" },
	{ "user=t_serve", "loyald_work", "GRANT loyald_work TO t_serve" },
	{ "user=t_serve", "loyald_serve", "" },
	{ "user=postgres", "loyald_work", "" },
	{ "user=t_plain", "no_such_role", "" }, /* the login's rights apply */
	{ "options=-cnothing=1", NULL, "42704" },
	{ "sslmode=sesame", NULL, "invalid sslmode value" },
	{ "port=sesame", NULL, "invalid integer value" },
	{ "host=/nowhere/at/all", NULL, "cannot be reached" },
};

static void
test_refused(void **state)
{
	(void)state;
	database_run("CREATE ROLE t_nologin; CREATE ROLE t_plain LOGIN;"
	             "CREATE ROLE t_serve LOGIN IN ROLE loyald_serve");
	for (size_t i = 0; i < NITEMS(refused); i++) {
		const struct refused_case *c = &refused[i];
		struct err e = { .msg = "" };
		char url[DSN_MAX];
		struct pg *pg;

		(void)snprintf(url, sizeof(url), "%s %s", dsn, c->set);
		pg = pg_new(url, c->role, "test", sql_stmts, SQL__MAX);
		print_message("%s: ", c->set);
		assert_int_equal(pg_connect(pg, &e), c->word[0] ? -1 : 0);
		print_message("%s\n", e.msg);
		if (c->word[0] != '\0') {
			assert_non_null(strstr(e.msg, c->word));
			assert_int_equal(e.fault, strstr(c->set, "nowhere")
			                              ? FAULT_RETRY
			                              : FAULT_CONFIG);
		}
		assert_null(strstr(e.msg, "sesame"));
		pg_free(pg);
	}
	database_run("DROP ROLE t_nologin, t_plain, t_serve");
}

/* Checks a right that is taken away from an open connection and given back. */
static void
test_forbidden(void **state)
{
	struct pg *pg = pg_new(
	    dsn, "loyald_receive", "test", sql_stmts, SQL__MAX);
	struct err e;

	(void)state;
	must(ask(pg, &e), &e);
	database_run("REVOKE SELECT ON store FROM loyald_receive;"
	             "REVOKE SELECT (tenant_id) ON store FROM loyald_receive");
	assert_int_equal(ask(pg, &e), -1);
	print_message("%s\n", e.msg);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(strstr(e.msg, "SQLSTATE 42501"));
	assert_non_null(strstr(e.msg, "loyald_receive"));
	database_run("GRANT SELECT ON store TO loyald_receive");
	must(ask(pg, &e), &e);
	pg_free(pg);
}

/* Checks that no piece of a password is reported if the URL has the password
 * without percent-encoding. */
static void
test_url(void **state)
{
	static const char *const urls[] = {
		"postgresql://u:ses/ame@127.0.0.1:1/d",
		"postgresql://u:ses@ame@127.0.0.1:1/d",
		"postgresql://u:1/ame@127.0.0.1/d",
		"postgresql://u:ame%zz@127.0.0.1:1/d",
		"nonsense=ame",
		"postgresql://127.0.0.1:1/d?ame=1",
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(urls); i++) {
		struct pg *pg = hasty(urls[i]);
		struct err e;

		assert_int_equal(pg_connect(pg, &e), -1);
		print_message("%s: %s\n", urls[i], e.msg);
		assert_int_equal(e.fault, FAULT_CONFIG);
		assert_null(strstr(e.msg, "ses"));
		assert_null(strstr(e.msg, " ame"));
		assert_non_null(strstr(e.msg, "LOYALD_DATABASE_URL"));
		pg_free(pg);
	}
}

/* Checks that only the user, host, port and database of a URL are reported. */
static void
test_where(void **state)
{
	static const struct {
		const char *url, *where;
	} cases[] = {
		{ "postgresql://u:hush@h:5433/d?sslpassword=hush",
		    "u@h:5433/d" },
		{ "host=h user=u password=hush dbname=d", "u@h:5432/d" },
		{ "host=h user=u", "u@h:5432/u" },
		{ "hostaddr=127.0.0.1 user=u dbname=d", "u@127.0.0.1:5432/d" },
		{ "user=u dbname=d", "u@local:5432/d" },
		{ "postgresql://u:hush@a:1,b:2/d", "u@a,b:1,2/d" },
		{ "hush", "?" },
		{ "postgresql://u:hu/sh@h/d", "?" },
		{ "postgresql://u:hu@sh@h/d", "?" },
		{ "postgresql://u%40x:hush@h/d", "u@x@h:5432/d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char where[PG_WHERE_MAX];

		pg_where(cases[i].url, where);
		assert_string_equal(where, cases[i].where);
	}
}

/* Checks that a statement for very many rows runs for a part of them at a time,
 * and for each of them once. */
static void
test_many_rows(void **state)
{
	static const struct sql_stmt stmts[] = {
		{ "note", 1, "",
		    "INSERT INTO noted SELECT count(*), sum(n)"
		    " FROM unnest($1::bigint[]) AS n" },
		{ "noted", 0, "parts most total",
		    "SELECT count(*) AS parts, max(rows) AS most,"
		    " sum(total)::bigint AS total FROM noted" },
	};
	const int64_t n = 2 * COLUMNS_TELL_MAX + 5;
	struct pg *pg = pg_new(dsn, NULL, "test", stmts, NITEMS(stmts));
	struct columns c = { .arena = &arena };
	struct pg_rows rows;
	struct err e = { 0 };

	(void)state;
	for (int64_t i = 1; i <= n; i++) {
		columns_bigint(&c, i);
		columns_end_row(&c);
	}
	if (pg_script(pg, "CREATE TEMP TABLE noted (rows bigint, total bigint)",
	        &e) == -1 ||
	    pg_begin(pg, &e) == -1 || columns_tell(pg, 0, &c, &e) == -1 ||
	    pg_commit(pg, &e) == -1 || pg_ask(pg, 1, NULL, &rows, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(pg_get_bigint(&rows, 0, 0), 3);
	assert_int_equal(pg_get_bigint(&rows, 0, 1), COLUMNS_TELL_MAX);
	assert_int_equal(pg_get_bigint(&rows, 0, 2), n * (n + 1) / 2);
	pg_done(&rows);
	pg_free(pg);
}

static int
setup_group(void **state)
{
	(void)state;
	dsn = database_new();
	arena_init(&arena);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	arena_fini(&arena);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_takes_the_connection),
		cmocka_unit_test(test_the_next_address),
		cmocka_unit_test(test_frozen_while_it_is_asked),
		cmocka_unit_test(test_frozen_while_it_commits),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_errors_of_a_pipeline),
		cmocka_unit_test(test_long_pipeline),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_hears),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_where),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

/* SPDX-License-Identifier: MIT */
/*
 * Every wait for the database has an end: while connecting, asking and
 * committing, whoever does not answer.  How long it took is no matter of
 * these tests; that they come to their end is.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/database.h"
#include "io/clock.h"
#include "ledger/stmts.h"

enum {
	HASTY_MS = 500,
	DSN_MAX = 512
};

static struct arena arena;
static const char *dsn; /* of the real server */

static void
must(int ret, const struct err *e)
{
	if (ret == -1)
		fail_msg("%s", e->msg);
}

static struct pg *
hasty(const char *url)
{
	struct pg *pg = pg_new(url, NULL, "test", sql_stmts, SQL__MAX);

	pg_hasty(pg, HASTY_MS);
	return pg;
}

/* A port on which the kernel takes connections and nobody answers. */
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
	return pg_tell(pg, SQL_STORES_LOAD, &p, e);
}

/* The process that serves the newest connection called `app`. */
static pid_t
backend(const char *app)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT pid FROM pg_stat_activity WHERE application_name = '%s'"
	    " ORDER BY backend_start DESC LIMIT 1",
	    app);
	return (pid_t)database_number(sql);
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

/* Of several servers the first says nothing: the second is taken. */
static void
test_the_next_address(void **state)
{
	char url[2 * DSN_MAX];
	struct err e;
	struct pg *pg;
	int port, fd = silence(&port);

	(void)state;
	/* Of two, the last counts; the real server's port is libpq's own. */
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
	assert_non_null(strstr(e.msg, "no answer for 600 ms"));
	assert_false(pg_is_connected(pg));
	must(ask(pg, &e), &e); /* by another process, while that one stands */
	assert_int_not_equal(backend("test"), pid);
	assert_int_equal(kill(pid, SIGCONT), 0);
	pg_free(pg);
}

/* A commit may stand though it is told as something to do again. */
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

/* The server gives up first, and the connection stays. */
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

/* LISTEN is said once for each connection, also for the next one. */
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
		cmocka_unit_test(test_hears),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

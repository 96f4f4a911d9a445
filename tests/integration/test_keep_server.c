/* SPDX-License-Identifier: MIT */
/* Tests that a Redis server which may lose deliveries, or has lost some, is
 * detected while it runs and after a restart. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/keep.h"
#include "io/redis/watch.h"

enum {
	SIZE = 400, /* bytes of a message */
	STREAMS = 2,
	LINKS = 4,
	DEADLINE_MS = 2000, /* more time, as the machine may be busy */
	PATIENCE_MS = 15000,
	LOOKED_MS = 3 * WATCH_ASK_MS, /* the server was surely asked */
	BACK_MS = WATCH_HOLD_MS / 2,  /* less than WATCH_HOLD_MS */
};

static struct redis_server server;
static struct event_base *base;
static struct keep *keep;
static char dir[64], spool[80];
static unsigned nok, nin_redis, nrefused;

PRINTF(1, 2)
static void
run(const char *fmt, ...)
{
	char command[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

static void
keep_open(const char *url)
{
	struct err e = { 0 };
	struct keep_options o = { .nconnections = LINKS,
		.nstreams = STREAMS,
		.deadline_ms = DEADLINE_MS,
		.spool_dir = spool,
		.spool_max_bytes = 1 << 30 };

	nok = nin_redis = nrefused = 0;
	memset(&metrics, 0, sizeof(metrics));
	if (redis_url_parse(url, &o.redis, &e) == -1)
		fail_msg("%s", e.msg);
	keep = keep_new(base, &o, &e);
	if (keep == NULL)
		fail_msg("%s", e.msg);
}

static int
setup(void **state)
{
	(void)state;
	redis_server_init(&server, NULL);
	base = event_base_new();
	(void)snprintf(dir, sizeof(dir), "/tmp/loyald-keep-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(spool, sizeof(spool), "%s/spool", dir);
	run("mkdir %s", spool);
	keep_open(server.url);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	keep_free(keep);
	event_base_free(base);
	redis_server_fini(&server);
	run("rm -r %s", dir);
	return 0;
}

static void
done(void *arg, enum kept kept)
{
	(void)arg;
	nin_redis += kept == KEPT_IN_REDIS;
	if (kept != KEPT_UNSURE)
		nok++;
	else
		nrefused++;
}

static void
put(unsigned n)
{
	char text[SIZE];

	nok = nin_redis = nrefused = 0;
	memset(text, 'm', sizeof(text));
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(text, 16, "message %06u", i);
		keep_put(keep, (struct str){ text, sizeof(text) }, done, NULL);
	}
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
turn(void)
{
	struct timeval tv = { .tv_usec = 2000 };

	assert_int_equal(
	    event_base_once(base, -1, EV_TIMEOUT, on_tick, NULL, &tv), 0);
	assert_int_not_equal(event_base_loop(base, EVLOOP_ONCE), -1);
	keep_measure(keep);
}

static void
turns(int64_t ms)
{
	int64_t end = clock_mono() + ms * 1000;

	while (clock_mono() < end)
		turn();
}

#define UNTIL(what)                                                        \
	do {                                                               \
		int64_t end_ = clock_mono() + PATIENCE_MS * INT64_C(1000); \
		while (!(what)) {                                          \
			turn();                                            \
			if (clock_mono() > end_)                           \
				fail_msg("line %d: waited for %s; %u ok, " \
				         "%u refused, %d in the spool",    \
				    __LINE__, #what, nok, nrefused,        \
				    (int)metrics.spool_records);           \
		}                                                          \
	} while (0)

/* Counts the messages in all streams. */
static long long
messages(void)
{
	char name[STREAM_NAME_MAX];
	long long n = 0;

	for (unsigned i = 0; i < STREAMS; i++) {
		stream_name(0, i, name);
		n += redis_server_bytes(&server, name) / SIZE;
	}
	return n;
}

/* Waits for the connections, sends 20 deliveries, and waits for a mark behind
 * them, by which the server is recognised after a restart. */
static void
begin(void)
{
	long long before;

	UNTIL(metrics.redis_connected == LINKS);
	before = messages();
	/* Before its first answer a connection takes only one delivery. */
	put(LINKS);
	UNTIL(nok == LINKS);
	put(20 - LINKS);
	UNTIL(nok == 20 - LINKS);
	assert_int_equal(messages() - before, 20);
	turns(5 * WATCH_MARK_MS);
	assert_int_equal(metrics.redis_gaps, 0);
}

static void
lose_all(void)
{
	redis_server_kill(&server);
	run("rm -r %s/appendonlydir", server.dir);
	redis_server_start(&server);
}

/* ----------------------------------------------------------------------- */

/* Checks that a server gets no deliveries while its policy allows it to evict
 * keys. */
static void
test_policy(void **state)
{
	static const char *const policies[] = { "allkeys-lru", "volatile-ttl" };

	(void)state;
	begin();
	for (size_t i = 0; i < NITEMS(policies); i++) {
		long long before = messages();

		(void)redis_server_ask(
		    &server, "CONFIG SET maxmemory-policy %s", policies[i]);
		UNTIL(metrics.redis_evicts == 1);
		put(10);
		UNTIL(nok == 10);
		assert_int_equal(metrics.spool_records, 10);
		turns(LOOKED_MS);
		assert_int_equal(messages(), before);
		(void)redis_server_ask(
		    &server, "CONFIG SET maxmemory-policy noeviction");
		UNTIL(metrics.spool_records == 0);
		assert_int_equal(metrics.redis_evicts, 0);
		assert_int_equal(messages(), before + 10);
	}
	assert_int_equal(metrics.redis_gaps, 0);
}

/* Checks that a server which evicted keys is counted once as having a gap, and
 * then gets no deliveries. */
static void
test_evicted(void **state)
{
	(void)state;
	begin();
	(void)redis_server_ask(&server, "EVAL %s 0",
	    "for i = 1, 40000 do "
	    "redis.call('SET', 'x' .. i, string.rep('y', 100)) end");
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy allkeys-random");
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 2mb");
	UNTIL(metrics.redis_gaps == 1);
	UNTIL(metrics.redis_evicts == 1);
	turns(LOOKED_MS);
	assert_int_equal(metrics.redis_gaps, 1);
	put(10);
	UNTIL(nok == 10);
	assert_int_equal(metrics.spool_records, 10);
}

/* Checks that a replica which accepts writes gets no deliveries, since it would
 * lose them with its next copy of the master. */
static void
test_replica_that_writes(void **state)
{
	(void)state;
	begin();
	(void)redis_server_ask(&server, "CONFIG SET replica-read-only no");
	(void)redis_server_ask(&server, "REPLICAOF 127.0.0.1 1");
	UNTIL(metrics.redis_replica == 1);
	put(10);
	UNTIL(nok == 10);
	assert_int_equal(metrics.spool_records, 10);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 20);
	(void)redis_server_ask(&server, "REPLICAOF NO ONE");
	UNTIL(metrics.spool_records == 0);
	assert_true(messages() >= 30);
	assert_int_equal(metrics.redis_gaps, 0);
}

/* Checks that a server which was killed and comes back with its data causes no
 * alarm and is used at once. */
static void
test_restart(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 3; i++) {
		int64_t start;

		put(30);
		UNTIL(nok == 30);
		redis_server_kill(&server);
		UNTIL(metrics.redis_connected == 0);
		put(10);
		UNTIL(nok == 10);
		redis_server_start(&server);
		start = clock_mono();
		UNTIL(metrics.spool_records == 0);
		assert_true(clock_mono() - start < BACK_MS * 1000);
	}
	assert_int_equal(metrics.redis_gaps, 0);
	assert_true(messages() >= 20 + 3 * 40);
}

/* Checks that a server which lost its data is reported once and gets no
 * deliveries, and that the server is used at once when its data are back. */
static void
test_emptied(void **state)
{
	(void)state;
	begin();
	redis_server_kill(&server);
	run("mv %s/appendonlydir %s/whole", server.dir, server.dir);
	redis_server_start(&server);
	UNTIL(metrics.redis_gaps == 1);
	assert_int_equal(metrics.redis_held, 1);
	put(10);
	UNTIL(nok == 10);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 0);
	assert_int_equal(metrics.spool_records, 10);
	assert_int_equal(metrics.redis_gaps, 1);

	redis_server_kill(&server);
	run("rm -r %s/appendonlydir", server.dir);
	run("mv %s/whole %s/appendonlydir", server.dir, server.dir);
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	assert_true(messages() >= 30);
	assert_int_equal(metrics.redis_gaps, 1);
}

/* Checks that a server whose data somebody deletes while it runs is reported
 * and gets no deliveries. */
static void
test_flushed(void **state)
{
	(void)state;
	begin();
	(void)redis_server_ask(&server, "FLUSHALL");
	UNTIL(metrics.redis_gaps == 1);
	put(10);
	UNTIL(nok == 10);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 0);
	assert_true(metrics.spool_records >= 10);
}

/* Checks a server whose data somebody deletes while deliveries go on, just
 * before a mark is written behind the deleted ones. */
static void
test_flushed_while_busy(void **state)
{
	(void)state;
	begin();
	put(10);
	UNTIL(nok == 10);
	(void)redis_server_ask(&server, "FLUSHALL");
	UNTIL(metrics.redis_gaps == 1);
	UNTIL(metrics.spool_records >= 10);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 0);
	assert_int_equal(metrics.redis_held, 1);
	assert_int_equal(metrics.redis_gaps, 1);
}

/* Checks that the deliveries before a second deletion are kept again, too, after
 * the server was accepted without the first ones. */
static void
test_flushed_twice(void **state)
{
	(void)state;
	begin();
	(void)redis_server_ask(&server, "FLUSHALL");
	UNTIL(metrics.redis_gaps == 1);
	turns(WATCH_HOLD_MS + LOOKED_MS);
	assert_int_equal(metrics.redis_held, 0);
	put(10);
	UNTIL(nok == 10);
	(void)redis_server_ask(&server, "FLUSHALL");
	UNTIL(metrics.redis_gaps == 2);
	UNTIL(metrics.spool_records >= 10);
}

/* Checks a master that had a replica and comes back without one.  The server
 * gets no deliveries for a while, since the replica may have replaced it. */
static void
test_replaced(void **state)
{
	struct redis_server replica;

	(void)state;
	redis_server_init(&replica, NULL);
	(void)redis_server_ask(&replica, "REPLICAOF 127.0.0.1 %d", server.port);
	begin();
	turns(LOOKED_MS); /* the server has reported its replica */
	redis_server_kill(&replica);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(10);
	UNTIL(nok == 10);
	redis_server_start(&server);
	UNTIL(metrics.redis_held == 1);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 20);
	assert_int_equal(metrics.redis_gaps, 0);
	redis_server_start(&replica);
	(void)redis_server_ask(&replica, "REPLICAOF 127.0.0.1 %d", server.port);
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(metrics.redis_held, 0);
	assert_true(messages() >= 30);
	redis_server_fini(&replica);
}

/* Checks that deliveries which a server acknowledged are kept again if the
 * server is lost before it has a mark behind them.  In most of the rounds the
 * server is killed before that mark. */
static void
test_unmarked(void **state)
{
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < 10 && most < 30; i++) {
		metrics.redis_gaps = 0;
		begin();
		put(30);
		UNTIL(nok == 30);
		lose_all();
		UNTIL(metrics.redis_gaps == 1);
		turns(WATCH_MARK_MS);
		if (metrics.spool_records > most)
			most = metrics.spool_records;
		keep_free(keep);
		run("rm -r %s && mkdir %s", spool, spool);
		keep_open(server.url);
	}
	assert_true(most >= 30);
}

/* Waits until the server has another number than the one given, and takes
 * deliveries; returns the new number. */
static uint64_t
number_after(uint64_t before)
{
	UNTIL(keep_server(keep) != before && keep_server(keep) != 0);
	assert_true(keep_server(keep) > before);
	return keep_server(keep);
}

/* Checks that the number of the server stays while nothing happens, and changes
 * when the server was started again with its data or with older data, and when
 * its data were deleted.  Deliveries that go to the spool are said to be there,
 * and not in Redis. */
static void
test_number(void **state)
{
	uint64_t number;

	(void)state;
	begin();
	number = keep_server(keep);
	put(10);
	UNTIL(nok == 10);
	assert_int_equal(nin_redis, 10);
	turns(LOOKED_MS);
	assert_int_equal(keep_server(keep), number);

	run("cp -r %s/appendonlydir %s/older", server.dir, server.dir);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	assert_int_equal(keep_server(keep), 0);
	put(10);
	UNTIL(nok == 10);
	assert_int_equal(nin_redis, 0);
	redis_server_start(&server);
	number = number_after(number);
	assert_int_equal(metrics.redis_gaps, 0);
	UNTIL(metrics.spool_records == 0);
	turns(5 * WATCH_MARK_MS);

	redis_server_kill(&server);
	run("mv %s/appendonlydir %s/whole", server.dir, server.dir);
	run("mv %s/older %s/appendonlydir", server.dir, server.dir);
	redis_server_start(&server);
	UNTIL(metrics.redis_gaps == 1);
	assert_int_equal(keep_server(keep), 0);
	redis_server_kill(&server);
	run("rm -r %s/appendonlydir", server.dir);
	run("mv %s/whole %s/appendonlydir", server.dir, server.dir);
	redis_server_start(&server);
	number = number_after(number);

	turns(5 * WATCH_MARK_MS);
	(void)redis_server_ask(&server, "FLUSHALL");
	UNTIL(keep_server(keep) != number);
	assert_int_equal(keep_server(keep), 0);
}

/* Checks that keys which were evicted change the number, even if the server is
 * fit again when it is asked. */
static void
test_number_after_eviction(void **state)
{
	uint64_t number;

	(void)state;
	begin();
	number = keep_server(keep);
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy volatile-ttl");
	(void)redis_server_ask(&server, "SET x 1 PX 1000000");
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 1");
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 0");
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy noeviction");
	assert_int_equal(redis_server_count(&server, "EXISTS x"), 0);
	(void)number_after(number);
}

/* Checks that the next process knows the mark that the process before it
 * wrote. */
static void
test_remembered(void **state)
{
	(void)state;
	begin();
	keep_free(keep);
	keep_open(server.url);
	begin();
	keep_free(keep);
	lose_all();
	keep_open(server.url);
	UNTIL(metrics.redis_gaps == 1);
	put(10);
	UNTIL(nok == 10);
	turns(LOOKED_MS);
	assert_int_equal(messages(), 0);
}

/* Checks a spool folder that cannot be made until somebody corrects the
 * path. */
static void
test_no_spool(void **state)
{
	(void)state;
	keep_free(keep);
	run("rm -r %s", spool);
	run("touch %s", spool);
	keep_open(server.url);
	assert_int_equal(metrics.spool_unusable, 1);
	assert_non_null(strstr(keep_trouble(keep), "Not a directory"));
	begin();
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	assert_false(keep_is_ready(keep));
	put(10);
	UNTIL(nrefused == 10);

	redis_server_start(&server);
	UNTIL(metrics.redis_connected == LINKS);
	assert_true(keep_is_ready(keep));
	put(10);
	UNTIL(nok == 10);
	run("rm %s && mkdir %s", spool, spool);
	UNTIL(metrics.spool_unusable == 0);
	assert_string_equal(keep_trouble(keep), "");
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(10);
	UNTIL(nok == 10);
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
}

/* Checks a spool folder that is renamed while it is in use.  The deliveries in
 * it are moved to Redis from the renamed folder.  From then on the new folder
 * with the old name is used. */
static void
test_renamed_spool(void **state)
{
	char moved[160], path[200];

	(void)state;
	(void)snprintf(moved, sizeof(moved), "%s/moved", dir);
	begin();
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(10);
	UNTIL(nok == 10);
	run("mv %s %s", spool, moved);
	run("mkdir %s", spool);
	put(10);
	UNTIL(nok == 10);
	UNTIL(metrics.spool_records == 20);
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	(void)snprintf(path, sizeof(path), "%s/lock", spool);
	UNTIL(access(path, F_OK) == 0);
	assert_int_equal(metrics.spool_unusable, 0);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(10);
	UNTIL(nok == 10);
	run("ls %s/*.spool >/dev/null", spool);
	run("! ls %s/*.spool >/dev/null 2>&1", moved);
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
}

/* Checks that without a spool a server is used at once, even if it has lost
 * data. */
static void
test_held_without_spool(void **state)
{
	(void)state;
	keep_free(keep);
	run("rm -r %s", spool);
	run("touch %s", spool);
	keep_open(server.url);
	begin();
	lose_all();
	UNTIL(metrics.redis_held == 1);
	assert_true(keep_is_ready(keep));
	put(4);
	UNTIL(nok == 4);
	assert_true(messages() >= 4);
	assert_int_equal(nrefused, 0);
}

/* Checks a Redis user who may not write marks.  Deliveries are taken as ever,
 * but after a restart the server cannot be recognised. */
static void
test_no_marks(void **state)
{
	static const char acl[] =
	    "ACL SETUSER app on >x ~loyald:* +auth +select +ping +info +xadd";
	char url[128];

	(void)state;
	keep_free(keep);
	(void)redis_server_ask(&server, acl);
	(void)snprintf(
	    url, sizeof(url), "redis://app:x@127.0.0.1:%d", server.port);
	keep_open(url);
	begin();
	put(50);
	UNTIL(nok == 50);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(10);
	UNTIL(nok == 10);
	redis_server_start(&server);
	(void)redis_server_ask(&server, acl);
	UNTIL(metrics.redis_gaps == 1);
	assert_int_equal(metrics.spool_records, 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_policy),
		TEST(test_evicted),
		TEST(test_replica_that_writes),
		TEST(test_restart),
		TEST(test_emptied),
		TEST(test_flushed),
		TEST(test_flushed_while_busy),
		TEST(test_flushed_twice),
		TEST(test_replaced),
		TEST(test_unmarked),
		TEST(test_number),
		TEST(test_number_after_eviction),
		TEST(test_remembered),
		TEST(test_no_spool),
		TEST(test_renamed_spool),
		TEST(test_held_without_spool),
		TEST(test_no_marks),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("keep_server", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "base/buf.h"
#include "base/instant.h"
#include "base/message.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/keep.h"

enum {
	SIZE = 2000, /* bytes of a message */
	STREAMS = 2,
	LINKS = 4,
	DEADLINE_MS = 250,
	SLACK_MS = 1000, /* more time, as the machine may be busy */
	PATIENCE_MS = 10000,
	MESSAGES = 300,
};

static struct redis_server server;
static struct event_base *base;
static struct keep *keep;
static char dir[64];
static unsigned nok, nrefused;
static bool is_inside; /* keep_put() is running */

static void
keep_open(int64_t spool_max_bytes)
{
	struct err e = { 0 };
	struct keep_options o = { .nconnections = LINKS,
		.nstreams = STREAMS,
		.deadline_ms = DEADLINE_MS,
		.spool_dir = dir,
		.spool_max_bytes = spool_max_bytes };

	nok = nrefused = 0;
	memset(&metrics, 0, sizeof(metrics));
	if (redis_url_parse(server.url, &o.redis, &e) == -1)
		fail_msg("%s", e.msg);
	keep = keep_new(base, &o, &e);
	if (keep == NULL)
		fail_msg("%s", e.msg);
}

static int
setup(void **state)
{
	static const char *const args[] = { "--maxmemory-policy", "noeviction",
		NULL };

	(void)state;
	redis_server_init(&server, args);
	base = event_base_new();
	(void)snprintf(dir, sizeof(dir), "/tmp/loyald-keep-XXXXXX");
	assert_non_null(mkdtemp(dir));
	keep_open(1 << 30);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	keep_free(keep);
	event_base_free(base);
	redis_server_fini(&server);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void
done(void *arg, enum kept kept)
{
	(void)arg;
	assert_false(is_inside);
	if (kept != KEPT_UNSURE)
		nok++;
	else
		nrefused++;
}

/* Calls keep_put() with message number i. */
static void
put(int i)
{
	char text[SIZE];

	memset(text, 'a' + i % 26, sizeof(text));
	(void)snprintf(text, 16, "message %06d", i);
	is_inside = true;
	keep_put(keep, (struct str){ text, sizeof(text) }, done, NULL);
	is_inside = false;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Turns the loop once, for at most a few milliseconds. */
static void
turn(void)
{
	struct timeval tv = { .tv_usec = 2000 };

	assert_int_equal(
	    event_base_once(base, -1, EV_TIMEOUT, on_tick, NULL, &tv), 0);
	assert_int_not_equal(event_base_loop(base, EVLOOP_ONCE), -1);
	keep_measure(keep);
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

/* ----------------------------------------------------------------------- */

static void
test_redis_takes_them(void **state)
{
	(void)state;
	UNTIL(metrics.redis_connected == LINKS);
	for (int i = 0; i < 100; i++)
		put(i);
	UNTIL(nok == 100);
	UNTIL(metrics.spool_records == 0);
	/* Each connection has answered by now, and so takes many messages at
	 * once. */
	metrics.received_to_redis = 0;
	for (int i = 0; i < 200; i++)
		put(i);
	UNTIL(nok == 300);
	assert_int_equal(nrefused, 0);
	assert_int_equal(metrics.received_to_redis, 200);
	assert_int_equal(messages(), 300);
	assert_int_equal(metrics.spool_bytes, 0);
}

/* Checks that no message waits for a Redis that is known to be unreachable. */
static void
test_redis_down(void **state)
{
	int64_t start;

	(void)state;
	UNTIL(metrics.redis_connected == LINKS);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	start = clock_mono();
	for (int i = 0; i < MESSAGES; i++)
		put(i);
	UNTIL(nok == MESSAGES);
	assert_true(clock_mono() - start < SLACK_MS * 1000);
	assert_int_equal(metrics.received_to_spool, MESSAGES);
	assert_int_equal(metrics.spool_records, MESSAGES);
	assert_true(keep_is_ready(keep));

	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(metrics.spool_drained, MESSAGES);
	assert_int_equal(metrics.spool_bytes, 0);
	assert_int_equal(messages(), MESSAGES);
}

/* Checks that messages go to the spool if their outcome is unknown, because
 * Redis was killed. */
static void
test_redis_killed_in_flight(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		UNTIL(metrics.redis_connected == LINKS);
		nok = 0;
		for (int i = 0; i < 100; i++)
			put(round * 100 + i);
		redis_server_kill(&server);
		UNTIL(nok == 100);
		redis_server_start(&server);
	}
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(nrefused, 0);
	assert_true(messages() >= 500);
}

static void
test_redis_hung(void **state)
{
	int64_t start;

	(void)state;
	UNTIL(metrics.redis_connected == LINKS);
	redis_server_pause(&server);
	start = clock_mono();
	for (int i = 0; i < 20; i++)
		put(i);
	UNTIL(nok == 20);
	assert_true(clock_mono() - start < (DEADLINE_MS + SLACK_MS) * 1000);
	/* From now on Redis is known to hang. */
	start = clock_mono();
	for (int i = 20; i < 60; i++)
		put(i);
	UNTIL(nok == 60);
	assert_true(clock_mono() - start < SLACK_MS * 1000);
	assert_int_equal(metrics.received_to_spool, 60);
	redis_server_resume(&server);
	UNTIL(metrics.spool_records == 0);
	assert_true(messages() >= 60);
}

static void
test_redis_full(void **state)
{
	(void)state;
	UNTIL(metrics.redis_connected == LINKS);
	assert_string_equal(
	    redis_server_ask(&server, "CONFIG SET maxmemory 1mb"), "OK");
	for (int i = 0; i < 50; i++)
		put(i);
	UNTIL(nok == 50);
	assert_int_equal(metrics.received_to_spool, 50);
	/* Redis is full.  Sending the messages to it again and again loses
	 * none. */
	for (int i = 0; i < 100; i++)
		turn();
	assert_int_equal(metrics.spool_records, 50);
	assert_string_equal(
	    redis_server_ask(&server, "CONFIG SET maxmemory 0"), "OK");
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(messages(), 50);
}

static void
test_nothing_takes_them(void **state)
{
	(void)state;
	keep_free(keep);
	keep_open(10 * 2048);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	for (int i = 0; i < 30; i++)
		put(i);
	UNTIL(nok + nrefused == 30);
	assert_int_equal(nok, 10);
	assert_int_equal(metrics.spool_records, 10);
	assert_false(keep_is_ready(keep));

	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	assert_true(keep_is_ready(keep));
	assert_int_equal(messages(), 10);
	/* A spool that was full is tried again when the next message needs
	 * it. */
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(99);
	UNTIL(nok == 11);
	assert_true(keep_is_ready(keep));
	redis_server_start(&server);
}

/* Checks that messages that are in the spool when the process ends are moved to
 * Redis after the next start. */
static void
test_restart(void **state)
{
	(void)state;
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	for (int i = 0; i < MESSAGES; i++)
		put(i);
	UNTIL(nok == MESSAGES);
	keep_free(keep);
	keep_open(1 << 30);
	keep_measure(keep);
	assert_int_equal(metrics.spool_records, MESSAGES);
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(messages(), MESSAGES);
}

/* Calls keep_put() with a delivery that was received `seconds_ago`. */
static void
put_received(int64_t seconds_ago)
{
	struct message m = { .platform = PLATFORM_SHOPIFY,
		.received_at = clock_now() - seconds_ago * INSTANT_SECOND,
		.body = STR("{}") };
	struct buf b;

	buf_init(&b, 1000);
	message_encode(&m, &b);
	keep_put(keep, (struct str){ b.data, b.len }, done, NULL);
	buf_fini(&b);
}

static bool
is_about(int64_t figure, int64_t seconds)
{
	return figure >= seconds && figure < seconds + PATIENCE_MS / 1000;
}

/* Checks the reported age of the oldest delivery in the spool, also after a
 * restart.  The age is unknown if a delivery does not say when it was received,
 * and 0 if the spool is empty. */
static void
test_oldest(void **state)
{
	(void)state;
	assert_int_equal(metrics.spool_oldest, 0);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put_received(7000);
	UNTIL(nok == 1);
	put_received(100);
	put_received(9000);
	UNTIL(nok == 3);
	UNTIL(is_about(metrics.spool_oldest, 7000));
	keep_free(keep);
	keep_open(1 << 30);
	UNTIL(is_about(metrics.spool_oldest, 7000));
	redis_server_start(&server);
	UNTIL(metrics.spool_records == 0);
	assert_int_equal(metrics.spool_oldest, 0);
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	put(1);
	UNTIL(nok == 1);
	UNTIL(metrics.spool_oldest == METRIC_UNKNOWN);
}

/* Checks that, when the process ends with messages in flight, an outcome is
 * reported for each of them.  Each message that is reported as kept must be in
 * the spool or in Redis. */
static void
test_ended_in_flight(void **state)
{
	long long there;

	(void)state;
	UNTIL(metrics.redis_connected == LINKS);
	redis_server_pause(&server);
	for (int i = 0; i < 50; i++)
		put(i);
	turn();
	keep_free(keep);
	assert_int_equal(nok + nrefused, 50);
	assert_int_equal(nok, 50); /* kept by the spool */
	redis_server_resume(&server);
	keep_open(1 << 30);
	UNTIL(metrics.redis_connected == LINKS);
	UNTIL(metrics.spool_records == 0);
	there = messages();
	assert_true(there >= 50);
}

/* Checks that a new message does not wait for messages that are being moved
 * from the spool to Redis. */
static void
test_moving_is_paced(void **state)
{
	int64_t start;

	(void)state;
	redis_server_kill(&server);
	UNTIL(metrics.redis_connected == 0);
	for (int i = 0; i < 3000; i++)
		put(i);
	UNTIL(nok == 3000);
	redis_server_start(&server);
	UNTIL(metrics.spool_drained > 0);
	start = clock_mono();
	nok = 0;
	put(5000);
	UNTIL(nok == 1);
	assert_true(clock_mono() - start < SLACK_MS * 1000);
	UNTIL(metrics.spool_records == 0);
	/* Moving 3000 messages at 2000 a second takes more than one second. */
	assert_true(clock_mono() - start > 1000 * 1000);
	assert_int_equal(messages(), 3001);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_redis_takes_them),
		TEST(test_redis_down),
		TEST(test_redis_killed_in_flight),
		TEST(test_redis_hung),
		TEST(test_redis_full),
		TEST(test_nothing_takes_them),
		TEST(test_restart),
		TEST(test_oldest),
		TEST(test_ended_in_flight),
		TEST(test_moving_is_paced),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Checks that a process keeps the messages that it holds, however long they
 * wait, and that another process takes over the messages of a process that has
 * ended or hangs.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "io/clock.h"
#include "io/hold.h"
#include "io/stream/stream.h"

enum {
	STREAMS = 2,
	N = 5,            /* messages */
	IDLE_MS = 1200,   /* longer than a busy machine delays a turn */
	LONG_MS = 4000,   /* much longer than IDLE_MS */
	NEVER_MS = 60000, /* the sleep of a process that hangs */
	BOUND_MS = 30000,
};

#define OURS INT64_C(0x0123456789abcdef)

static struct redis_server server;
static struct redis_url url;
static struct arena arena;
static struct message got[N + PARCEL_MAX];
static struct stream *busy, *other;
static struct hold *hold;
static struct err e;

static size_t
next(struct stream *s, struct message *m)
{
	struct stream_batch b = {
		.arena = &arena, .msgs = m, .max = N, .room = N + PARCEL_MAX
	};

	if (stream_next(s, 0, &b, &e) == -1)
		fail_msg("%s", e.msg);
	return b.n;
}

static struct stream *
open_stream(const char *consumer)
{
	struct stream *s = stream_new(&url, STREAMS, consumer, IDLE_MS);

	stream_installation(s, OURS);
	return s;
}

/* Counts the messages that the other consumer takes over within `ms` and
 * finishes; stops waiting at `most` messages. */
static size_t
taken_over(size_t most, int64_t ms)
{
	int64_t until = clock_mono() + ms * 1000;
	struct message m[N + PARCEL_MAX];
	size_t n = 0;

	while (n < most && clock_mono() < until) {
		size_t more = next(other, m);

		if (stream_ack(other, m, more, &e) == -1)
			fail_msg("%s", e.msg);
		n += more;
		clock_sleep_ms(IDLE_MS / 10);
	}
	return n;
}

static void
keep(size_t n)
{
	if (hold_set(hold, OURS, got, n, &e) == -1)
		fail_msg("%s", e.msg);
}

/* Finds the child that holds the messages; 0: none. */
static pid_t
child(void)
{
	char path[64];
	int pid = 0;
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	assert_non_null(f);
	do
		if (fscanf(f, "%d", &pid) != 1)
			pid = 0;
	while (pid == server.pid);
	(void)fclose(f);
	return pid;
}

static void
take_all(void)
{
	size_t n = 0;

	while (n < N)
		n += next(busy, got + n);
}

static void
test_held(void **state)
{
	(void)state;
	take_all();
	keep(N);
	/* Held messages stay with their consumer, although the consumer does
	 * nothing with them. */
	assert_int_equal(taken_over(N, LONG_MS), 0);
	/* Messages that are no longer held are taken over by the other
	 * consumer. */
	keep(0);
	assert_int_equal(taken_over(N, BOUND_MS), N);
}

static void
test_changes(void **state)
{
	(void)state;
	take_all();
	keep(N);
	clock_sleep_ms(IDLE_MS);
	/* From now on only two of the messages are held. */
	keep(2);
	assert_int_equal(taken_over(N, LONG_MS), N - 2);
	keep(0);
	assert_int_equal(taken_over(2, BOUND_MS), 2);
}

/* Checks that parked messages stay with their consumer, too, also if nothing was
 * posted yet. */
static void
test_parked(void **state)
{
	const uint16_t slots[PARCEL_MAX] = { 1, 1, 1, 1, 1 };
	struct stream_unparked out;
	struct stream_batch b = {
		.arena = &arena, .msgs = got, .n = N, .room = N + PARCEL_MAX
	};

	(void)state;
	take_all();
	if (stream_park(busy, &b, slots, &e) == -1)
		fail_msg("%s", e.msg);
	keep(0);
	assert_int_equal(taken_over(N, LONG_MS), 0);
	if (stream_unpark(busy, &b, &out, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(b.n, N);
	assert_int_equal(taken_over(N, BOUND_MS), N);
}

/* Checks that a child that was killed is replaced, and that the new child holds
 * the messages, too. */
static void
test_child_killed(void **state)
{
	pid_t first;

	(void)state;
	take_all();
	keep(N);
	first = child();
	assert_true(first > 0);
	assert_int_equal(kill(first, SIGKILL), 0);
	/* The old child may take a moment to end. */
	while (child() == first || child() == 0) {
		keep(N);
		clock_sleep_ms(10);
	}
	assert_int_equal(taken_over(N, LONG_MS), 0);
}

/* Checks that the messages of a process that ended are taken over. */
static void
test_parent_killed(void **state)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		busy = open_stream("killed");
		take_all();
		keep(N);
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(taken_over(N, LONG_MS), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(taken_over(N, BOUND_MS), N);
	close(ready[0]);
	close(ready[1]);
}

/* Checks that a process that hangs loses the messages that it holds. */
static void
test_hangs(void **state)
{
	(void)state;
	hold_free(hold);
	hold = hold_new(&url, STREAMS, "busy", IDLE_MS, LONG_MS, busy);
	take_all();
	keep(N);
	assert_int_equal(taken_over(N, BOUND_MS), N);
}

static void
test_redis_restarted(void **state)
{
	(void)state;
	take_all();
	keep(N);
	clock_sleep_ms(IDLE_MS);
	redis_server_kill(&server);
	redis_server_start(&server);
	stream_free(other);
	other = open_stream("other");
	assert_int_equal(taken_over(N, LONG_MS), 0);
}

static int
setup(void **state)
{
	char body[] = "{}";

	(void)state;
	arena_reset(&arena);
	busy = open_stream("busy");
	other = open_stream("other");
	hold = hold_new(&url, STREAMS, "busy", IDLE_MS, NEVER_MS, busy);
	for (int i = 0; i < N; i++) {
		struct message m = {
			.platform = PLATFORM_WOOCOMMERCE,
			.store_id = 7,
			.received_at = i,
			.topic = STR("order.created"),
			.delivery_id = STR("d"),
			.body = str_of(body),
		};

		if (stream_add(busy, &m, &e) == -1)
			fail_msg("%s", e.msg);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hold_free(hold);
	stream_free(busy);
	stream_free(other);
	(void)redis_server_ask(&server, "FLUSHALL");
	return 0;
}

static int
setup_group(void **state)
{
	(void)state;
	arena_init(&arena);
	redis_server_init(&server, NULL);
	return redis_url_parse(server.url, &url, &e);
}

static int
teardown_group(void **state)
{
	(void)state;
	redis_server_fini(&server);
	arena_fini(&arena);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_held),
		TEST(test_changes),
		TEST(test_parked),
		TEST(test_child_killed),
		TEST(test_parent_killed),
		TEST(test_hangs),
		TEST(test_redis_restarted),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

/* SPDX-License-Identifier: MIT */
/*
 * Checks parked messages with a real Redis: they come back in their order, none
 * is lost or acknowledged too early when a process ends, and none is taken over
 * as long as their process lives.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "base/cc.h"
#include "io/clock.h"
#include "io/stream/stream.h"

enum {
	STREAMS = 2,
	PARTS = 4, /* messages of an entry, all but the first one parked */
	ENTRIES = 9,
	MAX = 200,
	ROOM = MAX + PARCEL_MAX,
	IDLE_MS = 1200, /* longer than a busy machine's delays */
	NEVER_MS = 600000,
};

#define OURS INT64_C(0x0123456789abcdef)

static struct redis_server server;
static struct arena arena;
static struct message got[ROOM];
static struct stream_batch b;
static struct stream *s;
static struct stream_unparked out;
static struct err e;

static struct stream *
open_stream(const char *consumer, int64_t idle_ms)
{
	struct stream *opened;
	struct redis_url u;

	assert_int_equal(redis_url_parse(server.url, &u, &e), 0);
	opened = stream_new(&u, STREAMS, consumer, idle_ms);
	stream_installation(opened, OURS);
	return opened;
}

/* Adds an entry, the i-th, to one of the streams. */
static void
add_parcel(int i, int parts)
{
	char name[STREAM_NAME_MAX];
	struct buf bytes;

	buf_init(&bytes, 1 << 16);
	for (int part = 0; part < parts; part++)
		message_encode(&(struct message){ .platform = PLATFORM_SHOPIFY,
		                   .installation = OURS,
		                   .received_at = i * 100 + part },
		    &bytes);
	stream_name(OURS, (unsigned)i % STREAMS, name);
	(void)redis_server_ask(
	    &server, "XADD %s %d-1 m %b", name, i + 1, bytes.data, bytes.len);
	buf_fini(&bytes);
}

static long long
pending(void)
{
	long long n = 0;

	for (unsigned k = 0; k < STREAMS; k++) {
		char name[STREAM_NAME_MAX];

		stream_name(OURS, k, name);
		n += redis_server_count(&server, "XPENDING %s work", name);
	}
	return n;
}

static size_t
next_of(struct stream *from)
{
	arena_reset(&arena);
	b = (struct stream_batch){
		.arena = &arena, .msgs = got, .max = MAX, .room = ROOM
	};
	must(stream_next(from, 0, &b, &e), &e);
	return b.n;
}

static size_t
unpark(void)
{
	arena_reset(&arena);
	must(stream_unpark(s, &b, &out, &e), &e);
	return b.n;
}

/* Parks all messages of the batch but those of each entry before this part, by
 * when they were received.  Each has its own slot. */
static void
park_from(unsigned part)
{
	uint16_t parks[ROOM];

	for (size_t i = 0; i < b.n; i++) {
		parks[i] = (uint16_t)(got[i].part >= part ? i + 1 : 0);
		got[i].turn = got[i].received_at;
	}
	must(stream_park(s, &b, parks, &e), &e);
}

/* Parks all messages of the batch but the first one of each entry. */
static void
park_parts(void)
{
	park_from(1);
}

static void
ack(struct stream *of)
{
	must(stream_ack(of, got, b.n, &e), &e);
}

static int
setup(void **state)
{
	(void)state;
	(void)redis_server_ask(&server, "FLUSHALL");
	arena_init(&arena);
	s = open_stream("a", NEVER_MS);
	(void)next_of(s);
	for (int i = 0; i < ENTRIES; i++)
		add_parcel(i, PARTS);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stream_free(s);
	arena_fini(&arena);
	return 0;
}

/* Checks that the batch keeps what is not parked, and that the rest comes back
 * in the order of all streams, a share at a time. */
static void
test_order(void **state)
{
	int64_t before = -1;
	size_t sum = 0;

	(void)state;
	assert_int_equal(next_of(s), ENTRIES * PARTS);
	park_parts();
	assert_int_equal(b.n, ENTRIES);
	assert_int_equal(stream_parked(s), ENTRIES);
	for (size_t i = 0; i < b.n; i++) {
		assert_int_equal(got[i].part, 0);
		assert_true(got[i].stays);
	}
	assert_int_equal(next_of(s), 0);
	while (stream_parked(s) > 0) {
		assert_in_range(unpark(), 1, STREAM_PARKED_SHARE);
		for (size_t i = 0; i < b.n; i++) {
			assert_true(got[i].received_at > before);
			before = got[i].received_at;
			assert_in_range(got[i].part, 1, PARTS - 1);
			assert_false(got[i].stays);
			assert_int_equal(got[i].deliveries, 1);
		}
		sum += b.n;
		ack(s);
	}
	assert_int_equal(sum, ENTRIES * (PARTS - 1));
	assert_int_equal(pending(), 0);
}

/* Checks that an entry of more messages than the share comes back whole, even
 * if there is room for one entry only. */
static void
test_large_entry(void **state)
{
	(void)state;
	(void)next_of(s);
	ack(s);
	add_parcel(ENTRIES, PARCEL_MAX);
	add_parcel(ENTRIES + 1, PARCEL_MAX);
	assert_int_equal(next_of(s), 2 * PARCEL_MAX);
	park_parts();
	b.room = PARCEL_MAX;
	for (int i = 0; i < 2; i++)
		assert_int_equal(unpark(), PARCEL_MAX - 1);
	assert_int_equal(stream_parked(s), 0);
}

/* Checks that one more message of an entry comes back with its others. */
static void
test_more(void **state)
{
	struct message more;
	size_t n = 0;

	(void)state;
	(void)next_of(s);
	park_parts();
	more = got[0];
	stream_park_more(s, &more);
	while (stream_parked(s) > 0) {
		(void)unpark();
		for (size_t i = 0; i < b.n; i++)
			if (got[i].part == 0) {
				assert_true(message_is_with(&got[i], &more));
				n++;
			}
	}
	assert_int_equal(n, 1);
}

/* Checks that entries of which nearly all messages are parked later come back, no
 * more at a time than the batch has room for. */
static void
test_more_of_many(void **state)
{
	size_t n, sum = 0;

	(void)state;
	(void)next_of(s);
	ack(s);
	for (int i = ENTRIES; i < ENTRIES + STREAM_PARKED_SHARE; i++)
		add_parcel(i, PARCEL_MAX);
	while (next_of(s) > 0) {
		park_from(PARCEL_MAX - 1);
		for (size_t i = 0; i < b.n; i++)
			stream_park_more(s, &got[i]);
	}
	assert_int_equal(stream_parked(s), STREAM_PARKED_SHARE);
	for (; stream_parked(s) > 0; sum += n) {
		n = unpark();
		assert_in_range(n, 1, PARCEL_MAX);
		assert_int_equal(out.n, 1);
	}
	assert_int_equal(sum, STREAM_PARKED_SHARE * PARCEL_MAX);
}

/* Checks that the death of a process loses no parked message, and does not count
 * as a try of what the process did not try. */
static void
test_crash(void **state)
{
	(void)state;
	(void)next_of(s);
	for (int lives = 0; lives < 5; lives++) {
		park_from(0);
		stream_free(s);
		s = open_stream("a", NEVER_MS);
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		assert_int_equal(stream_parked(s), 0);
		for (size_t i = 0; i < b.n; i++)
			assert_int_equal(got[i].deliveries, 1);
	}
	park_from(0);
	assert_int_equal(unpark(), STREAM_PARKED_SHARE);
	stream_free(s);
	s = open_stream("a", NEVER_MS);
	(void)next_of(s);
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal(got[i].deliveries,
		    got[i].received_at < STREAM_PARKED_SHARE / PARTS * 100 ? 2
		                                                           : 1);
}

/* Checks that parking does not hide how often messages were tried before. */
static void
test_tried_before(void **state)
{
	(void)state;
	for (int lives = 1; lives < PARCEL_TRIES; lives++) {
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		stream_free(s);
		s = open_stream("a", NEVER_MS);
	}
	for (int lives = 0; lives < 3; lives++) {
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		add_parcel(ENTRIES + lives, 1);
		for (size_t i = 0; i < b.n; i++)
			assert_int_equal(got[i].deliveries, PARCEL_TRIES);
		park_from(0);
		assert_int_equal(next_of(s), 1);
		assert_int_equal(got[0].deliveries, 1);
		ack(s);
		stream_free(s);
		s = open_stream("a", NEVER_MS);
	}
}

/* Checks that a process which reads and parks messages again and again hides no more
 * than one of the tries before it. */
static void
test_tried_again(void **state)
{
	(void)state;
	for (int lives = 1; lives < PARCEL_TRIES; lives++) {
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		stream_free(s);
		s = open_stream("a", NEVER_MS);
	}
	for (int times = 0; times < 4; times++) {
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		assert_true(got[0].deliveries >= PARCEL_TRIES - 1);
		park_from(0);
		stream_again(s);
	}
}

/* Checks that the slots of entries that are gone come back, too. */
static void
test_gone(void **state)
{
	size_t n = 0;

	(void)state;
	(void)next_of(s);
	park_parts();
	for (unsigned k = 0; k < STREAMS; k++) {
		char name[STREAM_NAME_MAX];

		stream_name(OURS, k, name);
		(void)redis_server_ask(&server, "XTRIM %s MAXLEN 0", name);
	}
	for (; stream_parked(s) > 0; n += out.n)
		assert_int_equal(unpark(), 0);
	assert_int_equal(n, ENTRIES * (PARTS - 1));
}

/* Checks that a message that ends each process is found, although others of its
 * entry are parked: the entry is split. */
static void
test_tried(void **state)
{
	size_t n = 0;

	(void)state;
	for (int lives = 1; lives <= PARCEL_TRIES; lives++) {
		assert_int_equal(next_of(s), ENTRIES * PARTS);
		for (size_t i = 0; i < b.n; i++)
			assert_int_equal(got[i].deliveries, lives);
		park_parts();
		stream_free(s);
		s = open_stream("a", NEVER_MS);
	}
	while (n < ENTRIES * PARTS) {
		n += next_of(s);
		for (size_t i = 0; i < b.n; i++)
			assert_int_equal(got[i].deliveries, 1);
	}
	ack(s);
}

/* Checks that what is parked is read again with all that is pending, and then is
 * parked no more. */
static void
test_again(void **state)
{
	(void)state;
	(void)next_of(s);
	park_parts();
	stream_again(s);
	assert_int_equal(stream_parked(s), 0);
	assert_int_equal(unpark(), 0);
	assert_int_equal(next_of(s), ENTRIES * PARTS);
	park_parts();
	assert_int_equal(stream_parked(s), ENTRIES);
	(void)redis_server_ask(&server, "CLIENT KILL TYPE normal");
	assert_int_equal(stream_unpark(s, &b, &out, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_int_equal(next_of(s), ENTRIES * PARTS);
	assert_int_equal(stream_parked(s), 0);
}

/* Checks that nobody takes parked messages over as long as their process tells
 * that it has them, and that another one has them some time later; and that the
 * first process then gets none of them back. */
static void
test_taken_over(void **state)
{
	struct stream *other = open_stream("b", IDLE_MS);
	int64_t until = clock_mono() + 3 * IDLE_MS * INT64_C(1000);
	size_t n = 0;

	(void)state;
	stream_free(s);
	s = open_stream("a", IDLE_MS);
	assert_int_equal(next_of(s), ENTRIES * PARTS);
	park_parts();
	while (clock_mono() < until) {
		must(stream_heartbeat_parked(s, s, &e), &e);
		assert_int_equal(next_of(other), 0);
		clock_sleep_ms(IDLE_MS / 20);
	}
	until = clock_mono() + 60 * IDLE_MS * INT64_C(1000);
	while (n < ENTRIES * PARTS && clock_mono() < until) {
		n += next_of(other);
		for (size_t i = 0; i < b.n; i++)
			assert_int_equal(got[i].deliveries, 2);
		ack(other);
		clock_sleep_ms(IDLE_MS / 20);
	}
	assert_int_equal(n, ENTRIES * PARTS);
	while (stream_parked(s) > 0)
		assert_int_equal(unpark(), 0);
	stream_free(other);
}

/* Checks the largest number of parked entries: all of them are told of, and come
 * back in their order. */
static void
test_full(void **state)
{
	int64_t last = 0;
	char name[STREAM_NAME_MAX];
	size_t n = 0;

	(void)state;
	(void)redis_server_ask(&server, "CONFIG SET appendfsync no");
	(void)next_of(s);
	ack(s);
	for (unsigned k = 0; k < STREAMS; k++) {
		stream_name(OURS, k, name);
		(void)redis_server_ask(&server, "EVAL %s 1 %s %d %d",
		    "for i = 1, ARGV[1] do "
		    "redis.call('XADD', KEYS[1], 1000 + 2 * i + ARGV[2], 'm', "
		    "'x') end",
		    name, STREAM_PARKED_MAX / STREAMS, (int)k);
	}
	/* The second time the streams are read one after the other. */
	for (int again = 0; again < 2; again++) {
		stream_again(s);
		for (n = 0; stream_parked(s) < STREAM_PARKED_MAX;) {
			n += next_of(s);
			for (size_t i = 0; i < b.n; i++)
				got[i].received_at = strtoll(
				    got[i].stream_id, NULL, 10);
			park_from(0);
			assert_int_equal(b.n, 0);
		}
	}
	assert_int_equal(n, STREAM_PARKED_MAX);
	assert_int_equal(pending(), STREAM_PARKED_MAX);
	must(stream_heartbeat_parked(s, s, &e), &e);
	for (n = 0; n < 100; n++) {
		assert_int_equal(unpark(), STREAM_PARKED_SHARE);
		for (size_t i = 0; i < b.n; i++) {
			int64_t ms = strtoll(got[i].stream_id, NULL, 10);

			assert_true(ms > last);
			last = ms;
		}
	}
	assert_int_equal(
	    stream_parked(s), STREAM_PARKED_MAX - 100 * STREAM_PARKED_SHARE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_large_entry),
		TEST(test_more),
		TEST(test_more_of_many),
		TEST(test_crash),
		TEST(test_tried),
		TEST(test_tried_before),
		TEST(test_tried_again),
		TEST(test_gone),
		TEST(test_again),
		TEST(test_taken_over),
		TEST(test_full),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	redis_server_init(&server, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_server_fini(&server);
	return failed;
}

/* SPDX-License-Identifier: MIT */
/* Checks parcels, entries of several messages, from the receiver's end to the
 * worker's: how they are packed, read, acknowledged and split. */
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "base/cc.h"
#include "io/clock.h"
#include "io/redis/parcels.h"
#include "io/stream/stream.h"

enum {
	STREAMS = 2,
	LINKS = 4,
	DEADLINE_MS = 1000,
	WAIT_MS = 20000,
	IDLE_MS = 600000, /* nobody takes over anything */
	MAX = 200,
};

#define OURS   INT64_C(0x0123456789abcdef)
#define OTHERS INT64_C(0x0edcba9876543210)

static struct redis_server server;
static struct event_base *base;
static struct redis_pool *pool;
static struct parcels *parcels;
static struct arena arena;
static struct message got[MAX + PARCEL_MAX];
static size_t ngot;
static unsigned nok, nfailed;
static struct err e;

static void
count(void *arg, bool ok)
{
	(void)arg;
	nok += ok;
	nfailed += !ok;
}

static struct str
message_bytes(int64_t i, int64_t installation, size_t body)
{
	struct message m = { .platform = PLATFORM_SHOPIFY,
		.store_id = 7,
		.installation = installation,
		.received_at = i,
		.topic = STR("orders/create"),
		.delivery_id = STR("d"),
		.body = { arena_alloc(&arena, body), body } };
	struct str s;
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	message_encode(&m, &b);
	s = (struct str){ arena_memdup(&arena, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

static bool
add_of(struct str encoded)
{
	return parcels_add(parcels,
	    arena_alloc(&arena, sizeof(struct parcel_part)), encoded, count,
	    NULL);
}

static void
add(int64_t i)
{
	assert_true(add_of(message_bytes(i, OURS, 50)));
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Turns the loop until n messages were answered. */
static void
turn_until(unsigned n)
{
	struct timeval tick = { 0, 1000 };
	struct event *ev = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	int64_t end = clock_mono() + WAIT_MS * INT64_C(1000);

	assert_int_equal(event_add(ev, &tick), 0);
	while (nok + nfailed < n || redis_pool_connected(pool) < LINKS) {
		assert_int_not_equal(event_base_loop(base, EVLOOP_ONCE), -1);
		if (clock_mono() > end)
			fail_msg("%u ok, %u failed of %u", nok, nfailed, n);
	}
	event_free(ev);
}

static long long
entries(void)
{
	char name[STREAM_NAME_MAX];
	long long n = 0;

	for (unsigned k = 0; k < STREAMS; k++) {
		stream_name(OURS, k, name);
		n += redis_server_count(&server, "XLEN %s", name);
	}
	return n;
}

/* Sends n messages in one turn of the loop, on connections that have answered
 * before. */
static void
send_together(int64_t first, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add(first + i);
	turn_until(nok + nfailed + n);
}

static struct stream *
open_stream(void)
{
	struct redis_url u;
	struct stream *s;

	assert_int_equal(redis_url_parse(server.url, &u, &e), 0);
	s = stream_new(&u, STREAMS, "a", IDLE_MS);
	stream_installation(s, OURS);
	return s;
}

static void
next(struct stream *s, size_t max)
{
	struct stream_batch b = {
		.arena = &arena, .msgs = got, .max = max, .room = NITEMS(got)
	};

	must(stream_next(s, 0, &b, &e), &e);
	ngot = b.n;
}

static int
setup(void **state)
{
	struct redis_url u;

	(void)state;
	(void)redis_server_ask(&server, "FLUSHALL");
	arena_init(&arena);
	base = event_base_new();
	assert_int_equal(redis_url_parse(server.url, &u, &e), 0);
	pool = redis_pool_new(base, &u, LINKS, STREAMS, DEADLINE_MS);
	parcels = parcels_new(base, pool, STREAMS);
	nok = nfailed = 0;
	turn_until(0);
	/* An answer on each connection, so that each takes more than one. */
	for (unsigned i = 1; i <= 2 * LINKS; i++) {
		assert_true(add_of(message_bytes(0, OTHERS, 50)));
		turn_until(i);
	}
	assert_int_equal(nfailed, 0);
	nok = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	redis_pool_free(pool);
	parcels_free(parcels);
	event_base_free(base);
	arena_fini(&arena);
	redis_server_resume(&server);
	return 0;
}

/* ---- packing --------------------------------------------------------------- */

static void
test_together(void **state)
{
	struct stream *s = open_stream();

	(void)state;
	send_together(0, 30);
	assert_int_equal(nok, 30);
	assert_int_equal(entries(), 1);
	next(s, MAX);
	assert_int_equal(ngot, 30);
	for (size_t i = 0; i < ngot; i++) {
		assert_int_equal(got[i].received_at, i);
		assert_int_equal(got[i].part, i);
		assert_int_equal(got[i].body.len, 50);
		assert_int_equal(got[i].deliveries, 1);
		assert_true(message_is_with(&got[i], &got[0]));
	}
	must(stream_ack(s, got, ngot, &e), &e);
	assert_int_equal(entries(), 0);
	stream_free(s);
}

/* Checks that a parcel has no more than PARCEL_MAX messages, and that messages
 * which come while parcels are under way wait for the next one. */
static void
test_full(void **state)
{
	(void)state;
	send_together(0, 3 * PARCEL_MAX + 1);
	assert_int_equal(nok, 3 * PARCEL_MAX + 1);
	assert_int_equal(entries(), 4);
}

static void
test_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(
		    add_of(message_bytes(i, OURS, PARCEL_BYTES_MAX / 3)));
	assert_true(add_of(message_bytes(4, OURS, 2 * PARCEL_BYTES_MAX)));
	turn_until(5);
	assert_int_equal(nok, 5);
	assert_int_equal(entries(), 3);
}

/* Checks that messages of two installations share no parcel. */
static void
test_installations(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		assert_true(
		    add_of(message_bytes(i, i < 3 ? OURS : OTHERS, 50)));
	turn_until(6);
	assert_int_equal(nok, 6);
	assert_int_equal(entries(), 1);
}

/* Checks that all messages of a parcel fail together, and those that wait with
 * them; and that the number of those is bounded. */
static void
test_hung(void **state)
{
	unsigned n = 0;

	(void)state;
	redis_server_pause(&server);
	while (add_of(message_bytes(n, OURS, 50)))
		n++;
	assert_int_equal(n, PARCELS_WAITING_MAX);
	while (nfailed < n)
		(void)event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(nfailed, n);
	assert_int_equal(nok, 0);
	redis_server_resume(&server);
	turn_until(n);
}

static void
test_freed(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		add(i);
	redis_pool_free(pool);
	parcels_free(parcels);
	pool = NULL;
	parcels = NULL;
	assert_int_equal(nfailed, 10);
}

/* ---- reading ---------------------------------------------------------------- */

/* Checks that batches end with whole entries, that every message comes once, and
 * that none is lost of entries which found no room. */
static void
test_batches(void **state)
{
	enum {
		PARCELS = 40,
		EACH = 7,
		ALL = PARCELS * EACH
	};
	struct stream *s = open_stream();
	bool seen[ALL] = { false };
	size_t sum = 0;

	(void)state;
	for (int i = 0; i < PARCELS; i++)
		send_together(i * EACH, EACH);
	assert_int_equal(entries(), PARCELS);
	do {
		next(s, 20);
		assert_true(ngot < 20 + PARCEL_MAX);
		assert_int_equal(ngot % EACH, 0);
		for (size_t i = 0; i < ngot; i++) {
			assert_int_equal(got[i].deliveries, 1);
			assert_false(seen[got[i].received_at]);
			seen[got[i].received_at] = true;
		}
		must(stream_ack(s, got, ngot, &e), &e);
		sum += ngot;
	} while (ngot > 0);
	assert_int_equal(sum, ALL);
	assert_int_equal(entries(), 0);
	stream_free(s);
}

/* Checks that an entry which is no list of messages comes as one message, which
 * nobody can decode. */
static void
test_garbage(void **state)
{
	struct stream *s = open_stream();
	struct str one = message_bytes(1, OURS, 50);
	char name[STREAM_NAME_MAX];

	(void)state;
	stream_name(OURS, 0, name);
	(void)redis_server_ask(
	    &server, "XADD %s * m %b%s", name, one.data, one.len, "garbage");
	next(s, MAX);
	assert_int_equal(ngot, 1);
	assert_int_equal(got[0].platform, 0);
	assert_int_equal(got[0].body.len, one.len + strlen("garbage"));
	must(stream_ack(s, got, ngot, &e), &e);
	assert_int_equal(entries(), 0);
	stream_free(s);
}

/* Checks that a parcel over which processes died again and again is split, and
 * that each of its messages is then counted by itself. */
static void
test_split(void **state)
{
	struct stream *s = open_stream();

	(void)state;
	send_together(0, 5);
	send_together(5, 1);
	next(s, MAX);
	for (int lives = 2; lives <= PARCEL_TRIES; lives++) {
		stream_free(s);
		s = open_stream();
		next(s, MAX);
		assert_int_equal(ngot, 6);
		assert_int_equal(got[0].deliveries, lives);
		assert_int_equal(entries(), 2);
	}
	stream_free(s);
	s = open_stream();
	next(s, MAX);
	assert_int_equal(ngot, 1);
	assert_int_equal(got[0].received_at, 5);
	assert_int_equal(got[0].deliveries, PARCEL_TRIES + 1);
	assert_int_equal(entries(), 6);
	must(stream_ack(s, got, ngot, &e), &e);
	next(s, MAX);
	assert_int_equal(ngot, 5);
	for (size_t i = 0; i < ngot; i++) {
		assert_int_equal(got[i].deliveries, 1);
		assert_int_equal(got[i].part, 0);
		assert_true(i == 0 || !message_is_with(&got[i], &got[i - 1]));
	}
	stream_free(s);
}

static int
setup_group(void **state)
{
	(void)state;
	redis_server_init(&server, NULL);
	return 0;
}

static int
teardown_group(void **state)
{
	(void)state;
	redis_server_fini(&server);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_together),
		TEST(test_full),
		TEST(test_bytes),
		TEST(test_installations),
		TEST(test_hung),
		TEST(test_freed),
		TEST(test_batches),
		TEST(test_garbage),
		TEST(test_split),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

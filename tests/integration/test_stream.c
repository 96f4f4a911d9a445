/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/redis/conn.h"
#include "io/stream/stream.h"

enum {
	STREAMS = 4,
	MAX = 200,
	IDLE_MS = 300,       /* entries idle for so long are taken over */
	BEAT_IDLE_MS = 1200, /* longer than a busy machine's delays */
	NEVER_MS = 600000,
	BODY = 8192,
};

static struct redis_server server;
static struct arena arena;
static struct message got[MAX + PARCEL_MAX];
static size_t ngot, nbytes;
static struct err e;

static struct redis_url
url_of(const char *text)
{
	struct redis_url u;

	assert_int_equal(redis_url_parse(text, &u, &e), 0);
	return u;
}

#define OURS      INT64_C(0x0123456789abcdef)
#define STREAM(k) "loyald:{p" #k "}:events:0123456789abcdef"
#define OTHERS    INT64_C(0x0edcba9876543210)

static struct stream *
open_streams(int64_t installation, unsigned nstreams, const char *consumer,
    int64_t idle_ms)
{
	struct redis_url u = url_of(server.url);
	struct stream *s = stream_new(&u, nstreams, consumer, idle_ms);

	stream_installation(s, installation);
	return s;
}

static struct stream *
open_stream(const char *consumer, int64_t idle_ms)
{
	return open_streams(OURS, STREAMS, consumer, idle_ms);
}

/* Gives message number i, whose body is full of NULs and line ends. */
static struct message
message_of(int64_t i, char body[BODY])
{
	for (int j = 0; j < BODY; j++)
		body[j] = (char)(j % 3 == 0 ? 0 : j + i);
	(void)snprintf(body, BODY, "\r\n$5\r\n");
	return (struct message){
		.platform = PLATFORM_WOOCOMMERCE,
		.store_id = 7,
		.received_at = i,
		.topic = STR("order.created"),
		.delivery_id = STR("d-1"),
		.body = { body, BODY },
	};
}

static void
add(struct stream *s, int64_t i)
{
	char body[BODY];
	struct message m = message_of(i, body);

	assert_int_equal(stream_add(s, &m, &e), 0);
}

static int
next_of(struct stream *s, size_t max, int wait_ms)
{
	struct stream_batch b = {
		.arena = &arena, .msgs = got, .max = max, .room = NITEMS(got)
	};

	if (stream_next(s, wait_ms, &b, &e) == -1)
		return -1;
	ngot = b.n;
	nbytes = b.bytes;
	return 0;
}

static void
next(struct stream *s, int wait_ms)
{
	arena_reset(&arena);
	if (next_of(s, MAX, wait_ms) == -1)
		fail_msg("%s", e.msg);
}

static void
ack(struct stream *s)
{
	if (stream_ack(s, got, ngot, &e) == -1)
		fail_msg("%s", e.msg);
}

/* Counts the pending entries of all streams, also of those with the names of an
 * early version. */
static long long
pending(void)
{
	long long n = 0;

	for (unsigned k = 0; k < 2 * STREAMS; k++) {
		char name[STREAM_NAME_MAX];

		stream_name(k < STREAMS ? OURS : 0, k % STREAMS, name);
		n += redis_server_count(&server, "XPENDING %s work", name);
	}
	return n;
}

static int64_t
backlog(struct stream *s)
{
	int64_t n = -1;

	assert_int_equal(stream_backlog(s, &n, &e), 0);
	return n;
}

static int
each_setup(void **state)
{
	(void)state;
	(void)redis_server_ask(&server, "FLUSHALL");
	arena_reset(&arena);
	return 0;
}

static int
each_teardown(void **state)
{
	(void)state;
	redis_server_resume(&server); /* in case the test failed half-way */
	return 0;
}

static void
test_round(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	char body[BODY];
	struct message want = message_of(5, body);

	(void)state;
	next(s, 0);
	assert_int_equal(ngot, 0);
	add(s, 5);
	assert_int_equal(backlog(s), 1);
	next(s, 1000);
	assert_int_equal(ngot, 1);
	assert_int_equal(got[0].platform, want.platform);
	assert_int_equal(got[0].store_id, 7);
	assert_int_equal(got[0].received_at, 5);
	assert_int_equal(got[0].deliveries, 1);
	assert_true(str_eq(got[0].topic, want.topic));
	assert_true(str_eq(got[0].delivery_id, want.delivery_id));
	assert_true(str_eq(got[0].body, want.body));
	assert_int_equal(pending(), 1);
	assert_int_equal(backlog(s), 1);
	ack(s);
	assert_int_equal(pending(), 0);
	assert_int_equal(backlog(s), 0);
	stream_free(s);
}

/* Checks that every message comes exactly once, in batches of at most `max`,
 * even if a batch has more ids than fit into one command. */
static void
all_once(unsigned nstreams, size_t max, int n)
{
	struct stream *s = open_streams(OURS, nstreams, "a", NEVER_MS);
	char *seen = calloc((size_t)n, 1);
	int left = n;

	for (int i = 0; i < n; i++)
		add(s, i);
	while (left > 0) {
		arena_reset(&arena);
		assert_int_equal(next_of(s, max, 0), 0);
		assert_in_range(ngot, 1, max);
		for (size_t i = 0; i < ngot; i++) {
			assert_int_equal(seen[got[i].received_at]++, 0);
			assert_int_equal(got[i].deliveries, 1);
		}
		left -= (int)ngot;
		ack(s);
	}
	assert_int_equal(backlog(s), 0);
	free(seen);
	stream_free(s);
}

static void
test_all_once(void **state)
{
	(void)state;
	all_once(4, 200, 1000);
	all_once(1, 200, 500);
	all_once(64, 200, 500);
}

static void
test_fewer_than_streams(void **state)
{
	(void)state;
	all_once(16, 3, 100);
	all_once(64, 1, 100);
	all_once(5, 4, 100);
}

/* Checks that a batch is filled from a single stream if all other streams are
 * empty. */
static void
test_skewed(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	for (int i = 0; i < 300; i++)
		(void)redis_server_ask(
		    &server, "XADD " STREAM(02) " * m %d", i);
	next(s, 0);
	assert_in_range(ngot, MAX / 2, MAX);
	stream_free(s);
}

/* Checks that waiting ends when an entry comes, and at the timeout when none
 * comes. */
static void
waits(unsigned nstreams, size_t max)
{
	struct stream *s = open_streams(OURS, nstreams, "a", NEVER_MS);
	int64_t start;
	pid_t pid;

	assert_int_equal(next_of(s, max, 0), 0);
	start = clock_mono();
	assert_int_equal(next_of(s, max, 200), 0);
	assert_int_equal(ngot, 0);
	assert_in_range(clock_mono() - start, 199000, 1000000);

	pid = fork();
	if (pid == 0) {
		clock_sleep_ms(100);
		(void)redis_server_ask(&server, "XADD " STREAM(02) " * m x");
		_exit(0);
	}
	start = clock_mono();
	assert_int_equal(next_of(s, max, 5000), 0);
	assert_int_equal(ngot, 1);
	assert_in_range(clock_mono() - start, 50000, 1000000);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	stream_free(s);
}

static void
test_waits(void **state)
{
	(void)state;
	waits(4, MAX);
	(void)redis_server_ask(&server, "FLUSHALL");
	waits(8, 3);
}

/* Checks rule 1 of io/stream/stream.h: a deleted consumer group is made again,
 * and no entry that was added before the new group is skipped. */
static void
test_flushed(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	(void)redis_server_ask(&server, "FLUSHALL");
	ack(s);
	assert_int_equal(stream_heartbeat(s, got, ngot, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	add(s, 2);
	next(s, 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(got[0].received_at, 2);
	ack(s);
	assert_int_equal(pending(), 0);
	stream_free(s);
}

/* Checks that if one stream is deleted, its consumer group is made again,
 * although the groups of the other streams still exist. */
static void
test_one_deleted(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	ack(s);
	(void)redis_server_ask(&server, "DEL " STREAM(01));
	(void)redis_server_ask(&server, "XADD " STREAM(01) " * m x");
	next(s, 0);
	assert_int_equal(ngot, 1);
	stream_free(s);
}

static void
test_flushed_while_waiting(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	pid_t pid;

	(void)state;
	next(s, 0);
	pid = fork();
	if (pid == 0) {
		clock_sleep_ms(100);
		(void)redis_server_ask(&server, "FLUSHALL");
		clock_sleep_ms(100);
		(void)redis_server_ask(&server, "XADD " STREAM(01) " * m x");
		_exit(0);
	}
	next(s, 3000);
	assert_int_equal(ngot, 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	stream_free(s);
}

/* Checks rule 2 of io/stream/stream.h.  A consumer that died and restarts first
 * gets the messages that it had not acknowledged.  Each death counts as one
 * more delivery of these messages. */
static void
test_own_first(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	add(s, 2);
	next(s, 0);
	assert_int_equal(ngot, 2);
	for (int lives = 2; lives <= 4; lives++) {
		stream_free(s);
		s = open_stream("a", NEVER_MS);
		add(s, 10 + lives);
		next(s, 0);
		assert_int_equal(ngot, 2);
		for (size_t i = 0; i < ngot; i++) {
			assert_in_range(got[i].received_at, 1, 2);
			assert_int_equal(got[i].deliveries, lives);
			assert_int_equal(got[i].body.len, BODY);
		}
	}
	ack(s);
	next(s, 0);
	assert_int_equal(ngot, 3);
	assert_int_equal(got[0].deliveries, 1);
	stream_free(s);
}

/* Checks that a restarted consumer gets its unacknowledged messages in several
 * batches if there are too many for one, and none twice. */
static void
test_own_many(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	size_t sum = 0;

	(void)state;
	for (int i = 0; i < 150; i++)
		add(s, i);
	next(s, 0);
	stream_free(s);
	s = open_stream("a", NEVER_MS);
	do {
		assert_int_equal(next_of(s, 40, 0), 0);
		sum += ngot;
		assert_true(ngot == 0 || got[0].deliveries == 2);
	} while (ngot > 0);
	assert_int_equal(sum, 150);
	stream_free(s);
}

/* Reads n messages of `size` bytes, each once, in batches that end by their
 * bytes. */
static void
read_large(struct stream *s, int64_t n, size_t size)
{
	const size_t most = STREAM_BATCH_BYTES +
	                    NITEMS(got) / PARCEL_MAX * (size + MESSAGE_HEADER);
	int64_t sum = 0, left = n;

	while (left > 0) {
		arena_reset(&arena);
		assert_int_equal(next_of(s, MAX, 0), 0);
		assert_in_range(ngot, 1, left);
		assert_in_range(nbytes, ngot * size, most);
		left -= (int64_t)ngot;
		for (size_t i = 0; i < ngot; i++)
			sum += got[i].received_at;
	}
	assert_int_equal(sum, n * (n - 1) / 2);
}

/* Checks that batches of large messages end by their bytes, whether the messages
 * are new, the consumer's own, or taken over. */
static void
test_large(void **state)
{
	enum {
		LARGE = 1024 * 1024,
		MESSAGES = 4 * STREAM_BATCH_BYTES / LARGE,
	};
	struct stream *s = open_stream("a", NEVER_MS);
	char *body = calloc(1, LARGE), small[BODY];

	(void)state;
	for (int i = 0; i < MESSAGES; i++) {
		struct message m = message_of(i, small);

		m.body = (struct str){ body, LARGE };
		assert_int_equal(stream_add(s, &m, &e), 0);
	}
	free(body);
	read_large(s, MESSAGES, LARGE);
	stream_free(s);
	s = open_stream("a", NEVER_MS);
	read_large(s, MESSAGES, LARGE);
	stream_free(s);
	clock_sleep_ms(IDLE_MS + 50);
	s = open_stream("b", IDLE_MS);
	read_large(s, MESSAGES, LARGE);
	assert_int_equal(stream_reclaimed(s), MESSAGES);
	stream_free(s);
}

/* Checks that a batch which was not finished can be read again, without
 * counting as a further delivery. */
static void
test_again(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	next(s, 0);
	assert_int_equal(ngot, 0);
	for (int i = 0; i < 5; i++) {
		stream_again(s);
		next(s, 0);
		assert_int_equal(ngot, 1);
		assert_int_equal(got[0].deliveries, 1);
	}
	ack(s);
	stream_again(s);
	next(s, 0);
	assert_int_equal(ngot, 0);
	stream_free(s);
}

/* Checks that a consumer's pending ids are acknowledged silently if the entries
 * with these ids were deleted. */
static void
test_own_deleted(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	add(s, 2);
	add(s, 3);
	next(s, 0);
	assert_int_equal(ngot, 3);
	for (unsigned k = 0; k < STREAMS; k++) {
		char name[STREAM_NAME_MAX];

		stream_name(OURS, k, name);
		(void)redis_server_ask(&server, "XTRIM %s MAXLEN 0", name);
	}
	assert_int_equal(pending(), 3);
	add(s, 4);
	stream_again(s);
	next(s, 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(got[0].received_at, 4);
	assert_int_equal(pending(), 1);
	stream_free(s);
}

/* Checks rule 3 of io/stream/stream.h: the messages of a silent consumer are
 * taken over, in batches. */
static void
test_claimed(void **state)
{
	struct stream *dead = open_stream("dead", IDLE_MS);
	struct stream *s = open_stream("a", IDLE_MS);
	size_t sum = 0;

	(void)state;
	next(s, 0);
	for (int i = 0; i < 100; i++)
		add(dead, i);
	next(dead, 0);
	assert_int_equal(ngot, 100);
	stream_free(dead);
	next(s, 0);
	assert_int_equal(ngot, 0);

	clock_sleep_ms(IDLE_MS + 50);
	while (sum < 100) {
		arena_reset(&arena);
		assert_int_equal(next_of(s, 30, 0), 0);
		assert_in_range(ngot, 1, 30);
		for (size_t i = 0; i < ngot; i++)
			assert_int_equal(got[i].deliveries, 2);
		sum += ngot;
		ack(s);
	}
	assert_int_equal(stream_reclaimed(s), 100);
	assert_int_equal(backlog(s), 0);
	assert_int_equal(pending(), 0);
	stream_free(s);
}

static void
test_heartbeat(void **state)
{
	struct stream *busy = open_stream("busy", BEAT_IDLE_MS);
	struct stream *s = open_stream("a", BEAT_IDLE_MS);
	struct message mine[2 * STREAMS + PARCEL_MAX];
	struct stream_batch b = { .arena = &arena,
		.msgs = mine,
		.max = 2 * STREAMS,
		.room = NITEMS(mine) };

	(void)state;
	add(busy, 1);
	add(busy, 2);
	assert_int_equal(stream_next(busy, 0, &b, &e), 0);
	assert_int_equal(b.n, 2);
	for (int i = 0; i < 6; i++) {
		clock_sleep_ms(BEAT_IDLE_MS / 4);
		assert_int_equal(stream_heartbeat(busy, mine, b.n, &e), 0);
		next(s, 0);
		assert_int_equal(ngot, 0);
	}
	clock_sleep_ms(BEAT_IDLE_MS + 50);
	next(s, 0);
	assert_int_equal(ngot, 2);
	/* A heartbeat does not count as a delivery. */
	assert_int_equal(got[0].deliveries, 2);
	stream_free(busy);
	stream_free(s);
}

/* Checks that a late heartbeat does not bring back an acknowledged message. */
static void
test_heartbeat_late(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	next(s, 0);
	ack(s);
	assert_int_equal(stream_heartbeat(s, got, ngot, &e), 0);
	assert_int_equal(pending(), 0);
	stream_free(s);
}

/* Checks two installations on one server, each with receivers and workers:
 * neither gets the other's messages, however long these lie there. */
static void
test_installations(void **state)
{
	struct stream *ours = open_stream("a", IDLE_MS);
	struct stream *others = open_streams(OTHERS, STREAMS, "a", IDLE_MS);

	(void)state;
	for (int i = 0; i < 20; i++)
		add(i % 2 == 0 ? ours : others, i);
	assert_int_equal(backlog(ours), 10);
	clock_sleep_ms(IDLE_MS + 50);
	for (int round = 0; round < 2; round++) {
		struct stream *s = round == 0 ? ours : others;

		next(s, 0);
		assert_int_equal(ngot, 10);
		for (size_t i = 0; i < ngot; i++) {
			assert_int_equal(got[i].received_at % 2, round);
			assert_int_equal(
			    got[i].installation, round == 0 ? OURS : OTHERS);
		}
		ack(s);
		next(s, 0);
		assert_int_equal(ngot, 0);
	}
	stream_free(ours);
	stream_free(others);
}

/* Checks messages that an early version adds, to streams with names that all
 * installations shared.  A worker reads these messages, and new messages need
 * not wait until all of these are read. */
static void
test_of_before(void **state)
{
	struct redis_url u = url_of(server.url);
	struct stream *before = stream_new(&u, STREAMS, "b", NEVER_MS);
	struct stream *s = open_stream("a", NEVER_MS);
	size_t old = 0, new = 0, first_new = 0;

	(void)state;
	for (int i = 0; i < 400; i++)
		add(before, i);
	for (int i = 400; i < 500; i++)
		add(s, i);
	assert_int_equal(backlog(s), 500);
	while (old + new < 500) {
		next(s, 1000);
		assert_true(ngot > 0);
		for (size_t i = 0; i < ngot; i++) {
			bool is_old = got[i].received_at < 400;

			assert_int_equal(
			    got[i].installation, is_old ? 0 : OURS);
			if (new == 0 && !is_old)
				first_new = old;
			old += is_old;
			new += !is_old;
		}
		ack(s);
	}
	assert_int_equal(old, 400);
	assert_true(first_new < 400);
	assert_int_equal(backlog(s), 0);
	stream_free(before);
	stream_free(s);
}

/* Checks a message of another installation that was put into our stream by
 * hand.  The message is neither given to a worker nor acknowledged, even if the
 * stream is read again. */
static void
test_of_another(void **state)
{
	struct stream *s = open_stream("a", IDLE_MS);
	char body[BODY], name[STREAM_NAME_MAX];
	struct message m = message_of(1, body);
	struct command cmd;
	struct reply *r = NULL;
	struct redis_url u = url_of(server.url);
	struct redis_conn *c = redis_conn_new(&u, &e);
	struct buf b;

	(void)state;
	m.installation = OTHERS;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&m, &b);
	stream_name(OURS, 1, name);
	next(s, 0);
	command_init(&cmd, "XADD", name, "*", STREAM_FIELD, NULL);
	command_bytes(&cmd, (struct str){ b.data, b.len });
	redis_conn_send(c, &cmd);
	assert_int_equal(redis_conn_recv(c, 0, &r, &e), 0);
	reply_free(r);
	add(s, 2);
	for (int round = 0; round < 3; round++) {
		next(s, 0);
		assert_int_equal(ngot, round == 0 ? 1 : 0);
		ack(s);
		stream_again(s);
		clock_sleep_ms(IDLE_MS + 50);
	}
	assert_int_equal(backlog(s), 1);
	assert_int_equal(pending(), 1);
	buf_fini(&b);
	redis_conn_free(c);
	stream_free(s);
}

/* Checks that an entry which cannot be decoded as a message is handed on
 * unchanged. */
static void
test_foreign(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	next(s, 0);
	(void)redis_server_ask(&server, "XADD " STREAM(01) " 1-1 m garbage");
	(void)redis_server_ask(
	    &server, "XADD " STREAM(01) " 1-2 color red size %s", "");
	next(s, 0);
	assert_int_equal(ngot, 2);
	assert_int_equal(got[0].platform, 0);
	assert_true(str_eq(got[0].body, STR("garbage")));
	assert_string_equal(got[0].stream_id, "1-1");
	assert_int_equal(got[0].stream, 1);
	assert_int_equal(got[1].platform, 0);
	assert_true(str_eq(got[1].body, STR("color=red\nsize=\n")));
	ack(s);
	assert_int_equal(backlog(s), 0);
	stream_free(s);
}

/* Checks that a server which hangs is noticed at the deadline, and that the
 * stream works again as soon as the server does. */
static void
test_hung(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	int64_t start;

	(void)state;
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	redis_server_pause(&server);
	start = clock_mono();
	assert_int_equal(stream_ack(s, got, ngot, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "did not answer within 3000 ms"));
	assert_in_range(clock_mono() - start, REDIS_COMMAND_MS * 1000,
	    REDIS_COMMAND_MS * 1000 + 500000);
	redis_server_resume(&server);
	clock_sleep_ms(50); /* time for the server to read the ack */
	next(s, 0);
	assert_int_equal(ngot, 0);
	assert_int_equal(backlog(s), 0);
	stream_free(s);
}

/* Checks that calls fail with RETRY while the server is down, and that messages
 * which were not acknowledged are still there when the server is back. */
static void
test_restart(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	add(s, 2);
	assert_int_equal(next_of(s, 1, 0), 0);
	assert_int_equal(ngot, 1);
	redis_server_kill(&server);
	assert_int_equal(stream_ack(s, got, 1, &e), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_int_equal(next_of(s, MAX, 100), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	redis_server_start(&server);
	next(s, 0);
	assert_int_equal(ngot, 1);
	/* The server was restarted and not the worker, so the number of
	 * deliveries stays the same. */
	assert_int_equal(got[0].deliveries, 1);
	ack(s);
	next(s, 0);
	assert_int_equal(ngot, 1);
	ack(s);
	assert_int_equal(pending(), 0);
	stream_free(s);
}

static void
refuses(const char *url, enum fault fault, const char *word)
{
	struct redis_url u = url_of(url);
	struct stream *s = stream_new(&u, STREAMS, "a", NEVER_MS);

	e = (struct err){ .fault = FAULT_NONE };
	assert_int_equal(stream_check(s, &e), -1);
	print_message("%s\n", e.msg);
	assert_int_equal(e.fault, fault);
	assert_non_null(strstr(e.msg, word));
	assert_null(strstr(e.msg, "sesame"));
	assert_int_equal(next_of(s, MAX, 0), -1);
	assert_int_equal(e.fault, fault);
	stream_free(s);
}

static void
accepts(const char *url)
{
	struct redis_url u = url_of(url);
	struct stream *s = stream_new(&u, STREAMS, "a", NEVER_MS);

	if (stream_check(s, &e) == -1)
		fail_msg("%s", e.msg);
	next(s, 0);
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	ack(s);
	stream_free(s);
}

static void
test_refusals(void **state)
{
	const char *policy = "maxmemory-policy";
	struct stream *s = open_stream("a", NEVER_MS);
	char url[128];

	(void)state;
	assert_int_equal(stream_check(s, &e), 0);
	(void)redis_server_ask(&server, "CONFIG SET %s allkeys-lru", policy);
	assert_int_equal(stream_check(s, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(
	    strstr(e.msg, "CONFIG SET maxmemory-policy noeviction"));
	(void)redis_server_ask(&server, "CONFIG SET %s noeviction", policy);
	assert_int_equal(stream_check(s, &e), 0);
	stream_free(s);

	(void)snprintf(url, sizeof(url), "%s?db=99", server.url);
	refuses(url, FAULT_CONFIG, "ERR DB index");
	refuses("unix:///nowhere/sock", FAULT_RETRY, "No such file");
	refuses("redis://127.0.0.1:1", FAULT_RETRY, "refused");
	refuses("redis://nowhere.invalid:1", FAULT_RETRY, "nowhere.invalid");
}

/* Checks that calls fail with RETRY while the server is a replica and refuses
 * to write, and work again when the server is a master. */
static void
test_readonly(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	add(s, 1);
	(void)redis_server_ask(&server, "REPLICAOF 127.0.0.1 1");
	assert_int_equal(next_of(s, MAX, 0), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "READONLY"));
	(void)redis_server_ask(&server, "REPLICAOF NO ONE");
	next(s, 0);
	assert_int_equal(ngot, 1);
	stream_free(s);
}

/* Reads until the result is `rc`, but no longer than the stream may take to
 * notice a change of the server. */
static int
next_until(struct stream *s, int rc)
{
	int64_t end = clock_mono() + 5 * STREAM_LOOK_MS * INT64_C(1000);
	int got_rc;

	do {
		arena_reset(&arena);
		got_rc = next_of(s, MAX, 50);
	} while (got_rc != rc && clock_mono() < end);
	return got_rc;
}

/* Checks that a Redis replica is not used even if it accepts writes, since
 * writes to a replica are lost. */
static void
test_replica_that_writes(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	next(s, 0);
	(void)redis_server_ask(&server, "CONFIG SET replica-read-only no");
	(void)redis_server_ask(&server, "REPLICAOF 127.0.0.1 1");
	assert_int_equal(next_until(s, -1), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "READONLY"));
	assert_non_null(strstr(e.msg, "lead to the master"));
	assert_int_equal(metrics.work_redis_replica, 1);
	(void)redis_server_ask(&server, "REPLICAOF NO ONE");
	(void)redis_server_ask(&server, "CONFIG SET replica-read-only yes");
	add(s, 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(metrics.work_redis_replica, 0);
	stream_free(s);
}

/* Checks a Redis whose maxmemory policy may evict keys: the policy is reported,
 * entries are still read, and no entry is added. */
static void
test_evicting(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	struct stream *other = open_stream("b", NEVER_MS);
	char body[BODY];
	struct message m = message_of(9, body);

	(void)state;
	assert_int_equal(stream_check(s, &e), 0);
	add(s, 1);
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy allkeys-lru");
	for (int64_t end = clock_mono() + 10000000;
	     metrics.work_redis_evicts == 0 && clock_mono() < end;)
		assert_int_equal(next_until(s, 0), 0);
	assert_int_equal(metrics.work_redis_evicts, 1);
	stream_again(s);
	next(s, 0);
	assert_int_equal(ngot, 1);
	ack(s);
	assert_int_equal(stream_add(other, &m, &e), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(strstr(e.msg, "noeviction"));
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy noeviction");
	for (int64_t end = clock_mono() + 10000000;
	     metrics.work_redis_evicts == 1 && clock_mono() < end;)
		assert_int_equal(next_until(s, 0), 0);
	assert_int_equal(metrics.work_redis_evicts, 0);
	stream_free(other);
	stream_free(s);
}

/* Checks a stream whose user loses the password or a right while the stream is
 * in use.  The stream fails with CONFIG, and works again when the user has the
 * password or the right again. */
static void
test_locked_later(void **state)
{
	static const struct {
		const char *lock, *open, *word;
	} cases[] = {
		{ "ACL SETUSER app resetpass >y", "ACL SETUSER app >x",
		    "WRONGPASS" },
		{ "ACL SETUSER app -xreadgroup", "ACL SETUSER app +xreadgroup",
		    "NOPERM" },
	};
	char url[128];
	struct redis_url u;
	struct stream *s;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		(void)redis_server_ask(
		    &server, "ACL SETUSER app on >x allkeys +@all");
		(void)snprintf(url, sizeof(url), "redis://app:x@127.0.0.1:%d",
		    server.port);
		u = url_of(url);
		s = stream_new(&u, STREAMS, "a", NEVER_MS);
		next(s, 0);
		(void)redis_server_ask(&server, cases[i].lock);
		(void)redis_server_ask(&server, "CLIENT KILL TYPE normal");
		assert_int_equal(next_until(s, -1), -1);
		/* The first failure was the killed connection, the second is
		 * the refused user. */
		assert_int_equal(next_of(s, MAX, 0), -1);
		print_message("%s\n", e.msg);
		assert_int_equal(e.fault, FAULT_CONFIG);
		assert_non_null(strstr(e.msg, cases[i].word));
		(void)redis_server_ask(&server, cases[i].open);
		next(s, 0);
		stream_free(s);
	}
}

/* Checks that Redis settings are reported with which messages could be lost
 * (README.md, "What the promise needs"). */
static void
test_promise(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	struct redis_server replica;

	(void)state;
	redis_server_init(&replica, NULL);
	assert_int_equal(stream_check(s, &e), 0);
	assert_int_equal(metrics.unsafe_appendonly, 0);
	assert_int_equal(metrics.unsafe_appendfsync, 0);
	assert_int_equal(metrics.unsafe_min_replicas, 0);
	(void)redis_server_ask(&server, "CONFIG SET appendfsync everysec");
	(void)redis_server_ask(&replica, "REPLICAOF 127.0.0.1 %d", server.port);
	for (int64_t end = clock_mono() + 20000000;
	     metrics.unsafe_min_replicas == 0 && clock_mono() < end;)
		assert_int_equal(next_until(s, 0), 0);
	assert_int_equal(metrics.unsafe_min_replicas, 1);
	assert_int_equal(metrics.unsafe_appendfsync, 1);
	(void)redis_server_ask(&server, "CONFIG SET appendfsync always");
	(void)redis_server_ask(&server, "CONFIG SET min-replicas-to-write 1");
	for (int64_t end = clock_mono() + 20000000;
	     metrics.unsafe_min_replicas == 1 && clock_mono() < end;)
		assert_int_equal(next_until(s, 0), 0);
	assert_int_equal(metrics.unsafe_min_replicas, 0);
	assert_int_equal(metrics.unsafe_appendfsync, 0);
	(void)redis_server_ask(&server, "CONFIG SET min-replicas-to-write 0");
	(void)redis_server_ask(&server, "CONFIG SET appendonly no");
	stream_free(s);
	s = open_stream("a", NEVER_MS);
	assert_int_equal(stream_check(s, &e), 0);
	assert_int_equal(metrics.unsafe_appendonly, 1);
	(void)redis_server_ask(&server, "CONFIG SET appendonly yes");
	redis_server_fini(&replica);
	stream_free(s);
}

/* Checks that a full server takes no more entries, and that its entries can be
 * read, even by a worker that starts while the server is full. */
static void
test_full(void **state)
{
	struct stream *s = open_stream("a", NEVER_MS);
	char body[BODY];
	struct message m = message_of(1, body);
	int n = 0;

	(void)state;
	next(s, 0);
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 8mb");
	while (stream_add(s, &m, &e) == 0)
		assert_in_range(++n, 0, 5000);
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, "OOM"));
	assert_true(n > 10);
	stream_free(s);

	s = open_stream("a", NEVER_MS);
	while (n > 0) {
		next(s, 0);
		assert_true(ngot > 0);
		n -= (int)ngot;
		ack(s);
	}
	assert_int_equal(backlog(s), 0);
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 0");
	stream_free(s);
}

/* Checks users and passwords: a refused login is reported as a fault that an
 * operator must mend, and no message repeats the password. */
static void
test_login(void **state)
{
	static const char *const args[] = { "--requirepass", "ses ame", NULL };
	struct redis_server locked;
	char url[160];

	(void)state;
	accepts(server.tcp_url);
	(void)redis_server_ask(
	    &server, "ACL SETUSER app on >ses%%ame allkeys +@all");
	(void)snprintf(url, sizeof(url),
	    "redis://app:ses%%25ame@127.0.0.1:%d/2", server.port);
	accepts(url);
	(void)snprintf(
	    url, sizeof(url), "redis://app:sesame@127.0.0.1:%d", server.port);
	refuses(url, FAULT_CONFIG, "WRONGPASS");
	(void)snprintf(
	    url, sizeof(url), "redis://:sesame@127.0.0.1:%d", server.port);
	refuses(url, FAULT_CONFIG, "ERR AUTH");

	redis_server_init(&locked, args);
	refuses(locked.url, FAULT_CONFIG, "NOAUTH");
	(void)snprintf(
	    url, sizeof(url), "redis://:sesame@127.0.0.1:%d", locked.port);
	refuses(url, FAULT_CONFIG, "WRONGPASS");
	(void)snprintf(url, sizeof(url), "redis://:ses%%20ame@127.0.0.1:%d/1",
	    locked.port);
	accepts(url);
	redis_server_fini(&locked);
}

static void
forbids(const char *url)
{
	struct redis_url u = url_of(url);
	struct stream *s = stream_new(&u, STREAMS, "a", NEVER_MS);

	assert_int_equal(stream_check(s, &e), -1);
	print_message("%s\n", e.msg);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(strstr(e.msg, "(NOPERM)"));
	stream_free(s);
}

/* Checks that a server which forbids CONFIG is accepted.  A server which
 * forbids any command that a worker needs is refused before the first message
 * is read. */
static void
test_permissions(void **state)
{
	static const char *const needed[] = { "xgroup|create", "xreadgroup",
		"xpending", "xclaim", "xautoclaim", "xack", "xdel", "xlen" };
	char url[160];
	struct redis_url u;
	struct stream *s;

	(void)state;
	(void)redis_server_ask(
	    &server, "ACL SETUSER app on >x allkeys +@all -config");
	(void)snprintf(
	    url, sizeof(url), "redis://app:x@127.0.0.1:%d", server.port);
	accepts(url);
	u = url_of(url);
	for (size_t i = 0; i < NITEMS(needed); i++) {
		(void)redis_server_ask(
		    &server, "ACL SETUSER app -%s", needed[i]);
		forbids(url);
		(void)redis_server_ask(
		    &server, "ACL SETUSER app +%s", needed[i]);
	}
	(void)redis_server_ask(&server, "ACL SETUSER app -xreadgroup");
	s = stream_new(&u, STREAMS, "a", NEVER_MS);
	assert_int_equal(next_of(s, MAX, 0), -1);
	assert_int_equal(e.fault, FAULT_CONFIG);
	assert_non_null(strstr(e.msg, "refused XREADGROUP (NOPERM)"));
	stream_free(s);
	(void)redis_server_ask(
	    &server, "ACL SETUSER app +xreadgroup resetkeys ~mine:*");
	forbids(url);
}

/* Checks that a probe succeeds with the rights that deploy/RUNBOOK.md lists,
 * fails without one of them, and leaves nothing behind. */
static void
test_probe(void **state)
{
	static const struct {
		enum stream_use use;
		const char *rights, *one;
	} cases[] = {
		{ STREAM_ADDS, "AUTH SELECT PING INFO GET SET XADD", "xadd" },
		{ STREAM_WORKS,
		    "AUTH SELECT PING INFO CONFIG|GET XGROUP|CREATE XREADGROUP "
		    "XACK XDEL XCLAIM XAUTOCLAIM XPENDING XLEN",
		    "xack" },
	};
	char url[160], rule[512], *word, *rest;
	struct redis_url u;
	struct stream *s;

	(void)state;
	(void)redis_server_ask(&server, "FLUSHALL");
	(void)snprintf(
	    url, sizeof(url), "redis://app:x@127.0.0.1:%d", server.port);
	u = url_of(url);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		(void)redis_server_ask(
		    &server, "ACL SETUSER app reset on >x ~loyald:* -@all");
		s = stream_new(&u, 1, "probe", NEVER_MS);
		assert_int_equal(stream_probe(s, cases[i].use, &e), -1);
		assert_int_equal(e.fault, FAULT_CONFIG);
		(void)snprintf(rule, sizeof(rule), "%s", cases[i].rights);
		for (word = strtok_r(rule, " ", &rest); word != NULL;
		     word = strtok_r(NULL, " ", &rest))
			(void)redis_server_ask(
			    &server, "ACL SETUSER app +%s", word);
		if (stream_probe(s, cases[i].use, &e) == -1)
			fail_msg("%s", e.msg);
		(void)redis_server_ask(
		    &server, "ACL SETUSER app -%s", cases[i].one);
		assert_int_equal(stream_probe(s, cases[i].use, &e), -1);
		assert_non_null(strstr(e.msg, "(NOPERM)"));
		stream_free(s);
	}
	assert_string_equal(redis_server_ask(&server, "DBSIZE"), "0");
}

static int64_t
oldest(struct stream *s)
{
	int64_t ms = -2;

	if (stream_oldest(s, &ms, &e) == -1)
		fail_msg("%s", e.msg);
	return ms;
}

/* Checks the age of the oldest entry.  Streams with the names of an early
 * version count, and entries that no worker has acknowledged yet. */
static void
test_oldest(void **state)
{
	struct stream *before = open_streams(0, STREAMS, "b", NEVER_MS);
	struct stream *s = open_stream("a", NEVER_MS);

	(void)state;
	next(before, 0);
	next(s, 0);
	assert_int_equal(oldest(s), 0);
	(void)redis_server_ask(
	    &server, "XADD loyald:{p01}:events 1700000000123-4 x y");
	assert_int_equal(oldest(s), 1700000000123);
	add(s, 1);
	add(s, 2);
	assert_int_equal(oldest(s), 1700000000123);
	assert_int_equal(oldest(before), 1700000000123);
	next(before, 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(oldest(s), 1700000000123);
	ack(before);
	assert_in_range(oldest(s), 1700000000124, clock_now() / 1000 + 1000);
	next(s, 0);
	assert_int_equal(ngot, 2);
	ack(s);
	assert_int_equal(oldest(s), 0);
	stream_free(s);
	stream_free(before);
}

/* Checks that a worker which is set to fewer streams than a receiver counts the
 * entries in the streams that it does not read. */
static void
test_beyond(void **state)
{
	struct stream *many = open_stream("a", NEVER_MS);
	struct stream *one = open_streams(OURS, 1, "b", NEVER_MS);
	int64_t n, all;

	(void)state;
	for (int i = 0; i < 40; i++)
		add(many, i);
	assert_int_equal(stream_beyond(many, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(stream_beyond(one, &n, &e), 0);
	all = backlog(one);
	assert_in_range(n, 1, 39);
	assert_int_equal(all + n, 40);
	while (backlog(many) > 0) {
		next(many, 1000);
		ack(many);
	}
	assert_int_equal(stream_beyond(one, &n, &e), 0);
	assert_int_equal(n, 0);
	stream_free(one);
	stream_free(many);
}

/* Checks a Redis user who may read the worker's own streams alone.  After one
 * failure the worker leaves all other streams out, and gets its messages. */
static void
test_beyond_forbidden(void **state)
{
	char url[160];
	struct redis_url u;
	struct stream *s;

	(void)state;
	(void)redis_server_ask(&server,
	    "ACL SETUSER app reset on >x +@all resetkeys ~loyald:{p00}* "
	    "~loyald:{p01}* ~loyald:{p02}* ~loyald:{p03}* ~loyald:mark:*");
	(void)snprintf(
	    url, sizeof(url), "redis://app:x@127.0.0.1:%d", server.port);
	u = url_of(url);
	s = stream_new(&u, STREAMS, "a", NEVER_MS);
	stream_installation(s, OURS);
	add(s, 1);
	assert_int_equal(next_of(s, MAX, 0), -1);
	assert_int_equal(e.fault, FAULT_RETRY);
	next(s, 1000);
	assert_int_equal(ngot, 1);
	ack(s);
	stream_free(s);
	(void)redis_server_ask(&server, "ACL DELUSER app");
}

/* Checks a Redis user without the right to XRANGE: the age of the oldest entry
 * is unknown, and all else works.  The command in RUNBOOK.md gives the right,
 * and the age is known from the next connection on. */
static void
test_oldest_forbidden(void **state)
{
	char url[160];
	struct redis_url u;
	struct stream *s;

	(void)state;
	(void)redis_server_ask(&server,
	    "ACL SETUSER app reset on >x ~loyald:* +auth +select +ping +info "
	    "+get +set +xadd +config|get +xgroup|create +xreadgroup +xack "
	    "+xdel +xclaim +xautoclaim +xpending +xlen");
	(void)snprintf(
	    url, sizeof(url), "redis://app:x@127.0.0.1:%d", server.port);
	u = url_of(url);
	s = stream_new(&u, STREAMS, "a", NEVER_MS);
	next(s, 0);
	add(s, 1);
	assert_int_equal(oldest(s), -1);
	assert_int_equal(oldest(s), -1);
	assert_int_equal(backlog(s), 1);
	next(s, 0);
	assert_int_equal(ngot, 1);
	ack(s);
	assert_string_equal(
	    redis_server_ask(&server, "ACL SETUSER app +xrange"), "OK");
	(void)redis_server_ask(&server, "CLIENT KILL TYPE normal");
	assert_int_equal(next_until(s, -1), -1);
	next(s, 0);
	assert_int_equal(oldest(s), 0);
	(void)redis_server_ask(&server, "ACL DELUSER app");
	stream_free(s);
}

/* Checks a cluster, where one command may not name streams of several slots. */
static void
test_cluster(void **state)
{
	static const char *const args[] = { "--cluster-enabled", "yes", NULL };
	struct redis_server alone, before = server;
	int tries = 0;

	(void)state;
	redis_server_init(&alone, args);
	(void)redis_server_ask(&alone, "CLUSTER ADDSLOTSRANGE 0 16383");
	while (strstr(redis_server_ask(&alone, "CLUSTER INFO"),
	           "cluster_state:ok") == NULL) {
		assert_in_range(tries++, 0, 200);
		clock_sleep_ms(50);
	}
	assert_non_null(
	    strstr(redis_server_ask(&alone, "XREAD STREAMS {p00} {p01} 0 0"),
	        "CROSSSLOT"));
	server = alone;
	all_once(4, 200, 300);
	(void)redis_server_ask(&server, "FLUSHALL");
	waits(4, MAX);
	redis_server_fini(&alone);
	server = before;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round),
		TEST(test_all_once),
		TEST(test_fewer_than_streams),
		TEST(test_skewed),
		TEST(test_waits),
		TEST(test_flushed),
		TEST(test_one_deleted),
		TEST(test_flushed_while_waiting),
		TEST(test_own_first),
		TEST(test_own_many),
		TEST(test_large),
		TEST(test_again),
		TEST(test_own_deleted),
		TEST(test_claimed),
		TEST(test_heartbeat),
		TEST(test_heartbeat_late),
		TEST(test_foreign),
		TEST(test_installations),
		TEST(test_of_before),
		TEST(test_of_another),
		TEST(test_hung),
		TEST(test_restart),
		TEST(test_refusals),
		TEST(test_readonly),
		TEST(test_replica_that_writes),
		TEST(test_evicting),
		TEST(test_locked_later),
		TEST(test_promise),
		TEST(test_full),
		TEST(test_login),
		TEST(test_permissions),
		TEST(test_beyond),
		TEST(test_beyond_forbidden),
		TEST(test_oldest),
		TEST(test_oldest_forbidden),
		TEST(test_probe),
		TEST(test_cluster),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	redis_server_init(&server, NULL);
	arena_init(&arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	redis_server_fini(&server);
	return failed;
}

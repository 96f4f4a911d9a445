/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "../support/redis_server.h"
#include "../support/test.h"
#include "io/clock.h"
#include "io/redis/pool.h"
#include "io/stream/stream.h"

enum {
	STREAMS = 4,
	LINKS = 4,
	DEPTH = 64, /* entries in flight on one connection */
	DEADLINE_MS = 1000,
	SLACK_MS = 1000, /* more time, as the machine may be busy */
	WAIT_MS = 20000, /* the wait for events that surely come */
	MAX = 200,
	BODY = 8192,
};

static struct redis_server server;
static struct event_base *base;
static struct redis_pool *pool;
static struct err e;

/* The numbers of added and failed entries, by the calls of count(). */
static unsigned nok, nfailed;
static bool inside; /* redis_pool_add() is running */

static void
count(void *arg, bool ok)
{
	(void)arg;
	assert_false(inside);
	if (ok)
		nok++;
	else
		nfailed++;
}

static bool
add_bytes(struct str s, redis_added *added, void *arg)
{
	bool taken;

	inside = true;
	taken = redis_pool_add(pool, s, added, arg);
	inside = false;
	return taken;
}

/* Adds message number i: 8 KB with NULs and line ends. */
static bool
add(int i)
{
	static char body[BODY];
	struct message m = { .platform = PLATFORM_SHOPIFY,
		.store_id = i,
		.received_at = 1000 + i,
		.topic = STR("orders/create"),
		.body = { body, sizeof(body) } };
	struct buf b;
	bool taken;

	for (int j = 0; j < BODY; j++)
		body[j] = (char)(j % 5 == 0 ? 0 : i + j);
	(void)snprintf(body, BODY, "\r\n*1\r\n");
	buf_init(&b, MESSAGE_MAX);
	message_encode(&m, &b);
	taken = add_bytes((struct str){ b.data, b.len }, count, NULL);
	buf_fini(&b);
	return taken;
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

typedef bool condition(void);

static bool
is_ready(void)
{
	return redis_pool_is_ready(pool);
}

static bool
is_all_up(void)
{
	return redis_pool_connected(pool) == LINKS;
}

static bool
is_answered(void)
{
	return redis_pool_in_flight(pool) == 0;
}

static bool
is_never(void)
{
	return false;
}

static const char *wanted; /* the word that is_told() looks for */

static bool
is_told(void)
{
	return strstr(redis_pool_error(pool), wanted) != NULL;
}

/* Turns the loop until the condition holds, for at most `ms`.  Returns how many
 * ms that took, or -1. */
static int64_t
turn_until(condition *is_so, int64_t ms)
{
	struct timeval tick = { 0, 1000 };
	struct event *ev = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	int64_t start = clock_mono(), now;

	assert_int_equal(event_add(ev, &tick), 0);
	do {
		assert_int_not_equal(event_base_loop(base, EVLOOP_ONCE), -1);
		now = clock_mono();
	} while (!is_so() && now - start < ms * 1000);
	event_free(ev);
	return is_so() ? (now - start) / 1000 : -1;
}

static void
pool_open(const char *url)
{
	struct redis_url u;

	assert_int_equal(redis_url_parse(url, &u, &e), 0);
	pool = redis_pool_new(base, &u, LINKS, STREAMS, DEADLINE_MS);
}

/* Waits until every connection has had the answer to an XADD. */
static void
pool_prove(void)
{
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
	for (int i = 0; i < LINKS; i++)
		assert_true(add(i));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, LINKS);
	assert_int_equal(nfailed, 0);
	nok = 0;
}

static int
each_setup(void **state)
{
	(void)state;
	(void)redis_server_ask(&server, "FLUSHALL");
	base = event_base_new();
	nok = nfailed = 0;
	pool_open(server.url);
	return 0;
}

static int
each_teardown(void **state)
{
	(void)state;
	redis_pool_free(pool);
	event_base_free(base);
	redis_server_resume(&server); /* in case the test failed half-way */
	return 0;
}

static int64_t
length(void)
{
	int64_t n = 0;

	for (unsigned k = 0; k < STREAMS; k++) {
		char name[STREAM_NAME_MAX];

		stream_name(0, k, name);
		n += redis_server_count(&server, "XLEN %s", name);
	}
	return n;
}

/* Checks that a worker reads an entry byte for byte as it was added. */
static void
test_round(void **state)
{
	struct message got[MAX + PARCEL_MAX];
	struct redis_url u;
	struct stream *s;
	struct arena a;
	struct stream_batch b = {
		.arena = &a, .msgs = got, .max = MAX, .room = NITEMS(got)
	};

	(void)state;
	assert_false(redis_pool_is_ready(pool));
	assert_int_equal(redis_pool_connected(pool), 0);
	assert_false(add(0));
	pool_prove();
	for (int i = LINKS; i < 100; i++)
		assert_true(add(i));
	assert_int_equal(nok + nfailed, 0);
	assert_int_equal(redis_pool_in_flight(pool), 100 - LINKS);
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 100 - LINKS);
	assert_int_equal(nfailed, 0);

	assert_int_equal(redis_url_parse(server.url, &u, &e), 0);
	s = stream_new(&u, STREAMS, "a", 60000);
	arena_init(&a);
	assert_int_equal(stream_next(s, 0, &b, &e), 0);
	assert_int_equal(b.n, 100);
	for (size_t i = 0; i < b.n; i++) {
		assert_int_equal(got[i].received_at, 1000 + got[i].store_id);
		assert_int_equal(got[i].body.len, BODY);
		assert_memory_equal(got[i].body.data, "\r\n*1\r\n", 6);
		assert_int_equal(got[i].body.data[BODY - 1],
		    (char)(got[i].store_id + BODY - 1));
	}
	arena_fini(&a);
	stream_free(s);
	assert_string_equal(redis_pool_error(pool), "");
}

/* Checks how many unanswered entries a connection accepts: one until the first
 * answer has come, then up to 64.  The entries must be spread evenly, and
 * further entries must be refused at once if all connections are full. */
static void
test_bounds(void **state)
{
	int n = 0;

	(void)state;
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
	while (add(n))
		n++;
	assert_int_equal(n, LINKS);
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	for (n = 0; add(n);)
		n++;
	assert_int_equal(n, LINKS * DEPTH);
	assert_false(redis_pool_is_ready(pool));
	assert_int_equal(redis_pool_in_flight(pool), n);
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_true(redis_pool_is_ready(pool));
	assert_int_equal(nok, LINKS + n);
	assert_int_equal(length(), LINKS + n);
}

static int chain;

static void
add_again(void *arg, bool ok)
{
	assert_false(inside);
	assert_true(ok);
	nok++;
	if (++chain < 500)
		assert_true(add_bytes(STR("x"), add_again, arg));
}

static void
test_add_from_the_call(void **state)
{
	(void)state;
	pool_prove();
	chain = 0;
	assert_true(add_bytes(STR("x"), add_again, NULL));
	while (chain < 500)
		assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 500);
	assert_int_equal(length(), LINKS + 500);
}

/* Checks a hung server: the first entries fail at the deadline.  Until the
 * server has answered, no further entry waits for it. */
static void
test_hung(void **state)
{
	int64_t ms;

	(void)state;
	pool_prove();
	redis_server_pause(&server);
	assert_true(add(1));
	ms = turn_until(is_answered, WAIT_MS);
	assert_in_range(ms, DEADLINE_MS - 2, DEADLINE_MS + SLACK_MS);
	assert_int_equal(nfailed, 1);
	assert_non_null(
	    strstr(redis_pool_error(pool), "did not answer within 1000 ms"));
	assert_false(redis_pool_is_ready(pool));
	assert_int_equal(redis_pool_connected(pool), 0);

	/* For a hung server, the kernel still accepts new connections, on Unix
	 * sockets and on TCP.  The pool must not count these as ready. */
	for (int i = 0; i < 30; i++) {
		assert_false(add(i));
		assert_int_equal(turn_until(is_ready, 100), -1);
	}
	assert_int_equal(nfailed, 1);

	redis_server_resume(&server);
	ms = turn_until(is_ready, WAIT_MS);
	print_message("ready %lld ms after it went on\n", (long long)ms);
	assert_true(ms != -1);
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
	assert_true(add(1));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 1);
	assert_int_equal(nfailed, 1);
}

/* Checks that a connection which was idle when another one missed its deadline
 * stays open, if the server goes on. */
static void
test_doubted(void **state)
{
	int n = 0;

	(void)state;
	pool_prove();
	redis_server_pause(&server);
	assert_true(add(1));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	redis_server_resume(&server);
	assert_true(turn_until(is_ready, WAIT_MS) != -1);
	(void)turn_until(is_never, 10);
	assert_in_range(redis_pool_connected(pool), LINKS - 1, LINKS);
	/* The connections have answered before, so each still accepts DEPTH
	 * entries. */
	while (add(n))
		n++;
	assert_in_range(n, (LINKS - 1) * DEPTH, (LINKS - 1) * DEPTH + 1);
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, n);
	assert_int_equal(nfailed, 1);
}

/* Checks that entries in flight fail at once when the server is killed, and
 * that the pool is ready again after the server's start. */
static void
test_restart(void **state)
{
	int64_t ms;

	(void)state;
	pool_prove();
	redis_server_pause(&server);
	for (int i = 0; i < 20; i++)
		assert_true(add(i));
	(void)turn_until(is_never, 20);
	redis_server_kill(&server);
	assert_in_range(turn_until(is_answered, WAIT_MS), 0, SLACK_MS);
	assert_int_equal(nfailed, 20);
	assert_false(redis_pool_is_ready(pool));
	(void)turn_until(is_never, 3000);
	assert_false(add(1));
	redis_server_start(&server);
	ms = turn_until(is_ready, WAIT_MS);
	print_message("ready %lld ms after it was back\n", (long long)ms);
	assert_true(ms != -1);
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
	assert_true(add(1));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 1);
}

/* Checks a server without free memory: each entry is refused by itself, and the
 * connections stay open. */
static void
test_full(void **state)
{
	(void)state;
	pool_prove();
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 1mb");
	for (int i = 0; i < 10; i++)
		assert_true(add(i));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nfailed, 10);
	assert_non_null(strstr(redis_pool_error(pool), "OOM"));
	assert_int_equal(redis_pool_connected(pool), LINKS);
	(void)redis_server_ask(&server, "CONFIG SET maxmemory 0");
	assert_true(add(1));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 1);
	assert_int_equal(length(), LINKS + 1);
}

/* Checks that a server which may evict entries is not used. */
static void
test_evicting(void **state)
{
	(void)state;
	pool_prove();
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy allkeys-lru");
	(void)redis_server_ask(&server, "CLIENT KILL TYPE normal");
	(void)turn_until(is_never, 500);
	assert_int_equal(redis_pool_connected(pool), 0);
	assert_false(redis_pool_is_ready(pool));
	assert_non_null(strstr(redis_pool_error(pool), "noeviction"));
	(void)redis_server_ask(
	    &server, "CONFIG SET maxmemory-policy noeviction");
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
}

/* Checks that connections to a server that became a replica are closed, since
 * the server's name may lead to another server by now. */
static void
test_demoted(void **state)
{
	(void)state;
	pool_prove();
	(void)redis_server_ask(&server, "REPLICAOF 127.0.0.1 1");
	for (int i = 0; i < LINKS; i++)
		assert_true(add(i));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nfailed, LINKS);
	assert_int_equal(redis_pool_connected(pool), 0);
	(void)redis_server_ask(&server, "REPLICAOF NO ONE");
	assert_true(turn_until(is_all_up, WAIT_MS) != -1);
	assert_true(add(1));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 1);
}

/* Checks that the entries that wait for a hung server are also limited by their
 * bytes. */
static void
test_queued(void **state)
{
	enum {
		BIG = 1024 * 1024,
		QUEUED_MAX = 8 * BIG,
		SOCKET_MAX = 2 * BIG /* the most that the kernel buffers */
	};
	char *zeros = calloc(1, BIG);
	struct str big = { zeros, BIG };
	int n = 0;

	(void)state;
	pool_prove();
	redis_server_pause(&server);
	while (add_bytes(big, count, NULL))
		n++;
	(void)turn_until(is_never, 20);
	while (add_bytes(big, count, NULL))
		n++;
	assert_in_range(n, LINKS * QUEUED_MAX / BIG,
	    LINKS * ((QUEUED_MAX + SOCKET_MAX) / BIG + 1));
	redis_server_resume(&server);
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok + nfailed, n);
	free(zeros);
}

/* Checks that the largest body gets the time that it needs, without a longer
 * deadline for later entries. */
static void
test_large(void **state)
{
	size_t n = BODY_MAX_LIMIT;
	char *zeros = calloc(1, n);
	struct str big = { zeros, n };

	(void)state;
	pool_prove();
	assert_true(add_bytes(big, count, NULL));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	assert_int_equal(nok, 1);
	redis_server_pause(&server);
	for (int i = 0; i < LINKS; i++)
		assert_true(add(i));
	assert_in_range(
	    turn_until(is_answered, WAIT_MS), 0, DEADLINE_MS + SLACK_MS);
	assert_int_equal(nfailed, LINKS);
	free(zeros);
}

static void
refused_at_end(void *arg, bool ok)
{
	assert_false(add_bytes(STR("x"), refused_at_end, arg));
	count(arg, ok);
}

/* Checks that freeing the pool fails each entry in flight once, and that the
 * pool accepts no entry after that. */
static void
test_ended(void **state)
{
	(void)state;
	pool_prove();
	redis_server_pause(&server);
	for (int i = 0; i < 30; i++)
		assert_true(add_bytes(STR("x"), refused_at_end, NULL));
	redis_pool_free(pool);
	pool = NULL;
	assert_int_equal(nfailed, 30);
	redis_server_resume(&server);
	(void)turn_until(is_never, 20);
	assert_int_equal(nok + nfailed, 30);
}

static void
serves(const char *url)
{
	redis_pool_free(pool);
	pool_open(url);
	nok = nfailed = 0;
	pool_prove();
}

static void
fails(const char *url, const char *word)
{
	redis_pool_free(pool);
	pool_open(url);
	assert_int_equal(turn_until(is_ready, 400), -1);
	print_message("%s\n", redis_pool_error(pool));
	assert_non_null(strstr(redis_pool_error(pool), word));
	assert_null(strstr(redis_pool_error(pool), "sesame"));
	assert_false(add(1));
}

/* Checks URLs with addresses, names, users and databases. */
static void
test_urls(void **state)
{
	char url[160];

	(void)state;
	serves(server.tcp_url);
	(void)snprintf(url, sizeof(url), "redis://localhost:%d", server.port);
	serves(url);
	(void)snprintf(url, sizeof(url), "%s?db=3", server.url);
	serves(url);
	assert_int_equal(length(), 2 * LINKS);
	(void)redis_server_ask(
	    &server, "ACL SETUSER app on >ses%%ame allkeys +@all");
	(void)snprintf(url, sizeof(url),
	    "redis://app:ses%%25ame@127.0.0.1:%d/1", server.port);
	serves(url);

	(void)snprintf(
	    url, sizeof(url), "redis://app:sesame@127.0.0.1:%d", server.port);
	fails(url, "WRONGPASS");
	(void)snprintf(
	    url, sizeof(url), "redis://:sesame@127.0.0.1:%d", server.port);
	fails(url, "ERR AUTH");
	(void)snprintf(url, sizeof(url), "%s?db=99", server.url);
	fails(url, "ERR DB index");
	fails("redis://127.0.0.1:1", "refused");
	fails("unix:///nowhere/sock", "No such file");
}

/* Checks that a host name which cannot be resolved does not block the loop. */
static void
test_name_unknown(void **state)
{
	int64_t start = clock_mono();

	(void)state;
	redis_pool_free(pool);
	pool_open("redis://nowhere.invalid:1");
	for (int i = 0; i < 100; i++) {
		int64_t before = clock_mono();

		(void)turn_until(is_never, 1);
		assert_in_range(clock_mono() - before, 0, 100000);
	}
	assert_in_range(clock_mono() - start, 0, 3000000);
	assert_false(redis_pool_is_ready(pool));
	assert_true(turn_until(is_never, 2500) == -1);
	print_message("%s\n", redis_pool_error(pool));
	assert_non_null(strstr(redis_pool_error(pool), "nowhere.invalid"));
}

static int
listen_free(int *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

/* Starts a server that sends each client one text, `times` times. */
static pid_t
babble(int *port, const char *text, int times)
{
	int fd = listen_free(port);
	pid_t pid;

	pid = fork();
	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int c = accept(fd, NULL, NULL);
		size_t n = strlen(text);

		for (int i = 0; i < times; i++)
			if (write(c, text, n) != (ssize_t)n)
				break;
	}
}

static void
test_not_redis(void **state)
{
	static const struct {
		const char *text, *word;
		int times;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", "not Redis", 1 },
		{ "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "without end", 5000 },
		{ "-DENIED Redis is running in protected mode\r\n",
		    "refused the greeting (DENIED)", 1 },
		{ "-ERR max number of clients reached\r\n", "max number", 1 },
		{ "+OK\r\n+OK\r\n", "no question", 1 },
		{ "*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n",
		    "not Redis", 1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char url[64];
		int port;
		pid_t pid = babble(&port, cases[i].text, cases[i].times);

		(void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", port);
		redis_pool_free(pool);
		pool_open(url);
		wanted = cases[i].word;
		(void)turn_until(is_told, WAIT_MS);
		print_message("%s\n", redis_pool_error(pool));
		assert_true(is_told());
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

/* Kills and pauses the server during a stream of entries.  Checks that the
 * outcome of each entry is reported once, and that each entry that is reported
 * as added is in Redis. */
static void
test_chaos(void **state)
{
	unsigned taken = 0, refused = 0;

	(void)state;
	for (int round = 0; round < 8; round++) {
		for (int i = 0; i < 300; i++) {
			if (add(i))
				taken++;
			else
				refused++;
			(void)event_base_loop(base, EVLOOP_NONBLOCK);
			if (i % 10 == 0)
				(void)turn_until(is_never, 1);
		}
		if (round % 2 == 0) {
			redis_server_kill(&server);
			(void)turn_until(is_never, 50);
			redis_server_start(&server);
		} else {
			redis_server_pause(&server);
			(void)turn_until(is_never, 100L * round);
			redis_server_resume(&server);
		}
		(void)turn_until(is_ready, WAIT_MS);
	}
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	print_message("%u taken (%u in, %u unknown), %u refused, %lld there\n",
	    taken, nok, nfailed, refused, (long long)length());
	assert_int_equal(nok + nfailed, taken);
	assert_true(nok > 500);
	assert_in_range(length(), nok, taken);
}

enum {
	BIG_ENTRY = 7 * 1024 * 1024, /* has a deadline of 250 + 448 ms */
};

/* Serves a client: answers the greeting, a first entry and a big entry, and
 * nothing more. */
static void
answer_three(int fd)
{
	static const struct {
		const char *text;
		size_t after; /* bytes read */
	} steps[] = {
		{ "+PONG\r\n", 1 },
		{ "$3\r\n1-1\r\n", 40 },
		{ "$3\r\n1-1\r\n", BIG_ENTRY },
	};
	static char bytes[65536];
	int c = accept(fd, NULL, NULL);
	size_t sum = 0, step = 0;
	ssize_t n;

	while ((n = read(c, bytes, sizeof(bytes))) > 0) {
		size_t len;

		sum += (size_t)n;
		if (step == NITEMS(steps) || sum < steps[step].after)
			continue;
		len = strlen(steps[step].text);
		if (write(c, steps[step++].text, len) != (ssize_t)len)
			break;
	}
}

/* Checks that a small entry behind a large one has its own deadline. */
static void
test_behind_large(void **state)
{
	char *zeros = calloc(1, BIG_ENTRY);
	struct str big = { zeros, BIG_ENTRY };
	struct redis_url u;
	char url[64];
	int port, fd = listen_free(&port);
	pid_t pid = fork();
	int64_t ms;

	(void)state;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		answer_three(fd);
		_exit(0);
	}
	(void)close(fd);
	(void)snprintf(url, sizeof(url), "redis://127.0.0.1:%d", port);
	assert_int_equal(redis_url_parse(url, &u, &e), 0);
	redis_pool_free(pool);
	pool = redis_pool_new(base, &u, 1, STREAMS, DEADLINE_MS);
	assert_true(turn_until(is_ready, WAIT_MS) != -1);
	assert_true(add_bytes(STR("small"), count, NULL));
	assert_true(turn_until(is_answered, WAIT_MS) != -1);
	/* Waits until the first entry's timer has run out. */
	(void)turn_until(is_never, DEADLINE_MS + 50);
	assert_true(add_bytes(big, count, NULL));
	assert_true(add_bytes(STR("small"), count, NULL));
	ms = turn_until(is_answered, WAIT_MS);
	assert_in_range(ms, DEADLINE_MS - 2, DEADLINE_MS + SLACK_MS);
	assert_int_equal(nok, 2);
	assert_int_equal(nfailed, 1);
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	free(zeros);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round),
		TEST(test_bounds),
		TEST(test_add_from_the_call),
		TEST(test_hung),
		TEST(test_doubted),
		TEST(test_restart),
		TEST(test_full),
		TEST(test_evicting),
		TEST(test_demoted),
		TEST(test_queued),
		TEST(test_large),
		TEST(test_behind_large),
		TEST(test_ended),
		TEST(test_urls),
		TEST(test_name_unknown),
		TEST(test_not_redis),
		TEST(test_chaos),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	redis_server_init(&server, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_server_fini(&server);
	return failed;
}

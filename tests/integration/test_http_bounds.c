/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/echo.h"
#include "../support/test.h"
#include "base/cc.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/http/crowd.h"
#include "io/http/server.h"

#define H "Host: x\r\n"

enum {
	BODY = 100 * 1000, /* bytes of each body */
	BYTES_MAX = 64 * BODY,
	ATTACKERS = 400,
	HONEST = 8,
	CONNECTIONS_MAX = 8,
};

static struct client many[ATTACKERS];

/* Gives the n-th address of the clients, from "127.0.0.2" on. */
static const char *
address(int n)
{
	static char text[32];

	(void)snprintf(text, sizeof(text), "127.0.0.%d", 2 + n % 250);
	return text;
}

static void
settle(void)
{
	for (int i = 0; i < 5; i++)
		echo_turn();
}

/* ---- memory ----------------------------------------------------------- */

/* Sends a request except its last bytes. */
static void
send_but(struct client *c, size_t missing)
{
	static const char body[BODY];
	char head[128];

	(void)snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", BODY);
	client_say(c, head);
	client_send(c, body, BODY - missing, BODY);
}

/* Sends a request that never ends, as an attacker does. */
static void
attack_body(struct client *c)
{
	send_but(c, 2);
}

static void
attack_chunks(struct client *c)
{
	static char chunk[BODY];

	memset(chunk, 'x', sizeof(chunk));
	client_say(c, "POST / HTTP/1.1\r\n" H
	              "Transfer-Encoding: chunked\r\n\r\n186a0\r\n");
	client_send(c, chunk, sizeof(chunk) - 2, BODY);
}

static void
attack_head(struct client *c)
{
	static char value[15 * 1024];

	memset(value, 'v', sizeof(value));
	client_say(c, "POST / HTTP/1.1\r\n" H "X: ");
	client_send(c, value, sizeof(value), BODY);
}

/* Sends requests and never reads an answer, so that the server has to keep an
 * answer and the next request in memory. */
static void
attack_answers(struct client *c)
{
	for (int i = 0; i < 100 && c->got.len == 0; i++) {
		static const char body[BODY];
		static const char head[] = "POST / HTTP/1.1\r\n" H
		                           "Content-Length: 100000\r\n\r\n";

		(void)!send(c->fd, head, sizeof(head) - 1, MSG_NOSIGNAL);
		(void)!send(c->fd, body, sizeof(body), MSG_NOSIGNAL);
		echo_turn();
	}
}

static const struct flood {
	const char *rule;
	void (*attack)(struct client *);
	bool from_many; /* each attacker has its own address */
	bool from_same; /* honest clients have an attacker's address */
	bool drips;     /* the attackers send more, byte by byte */
	int again;      /* attackers that come between two honest packets */
} floods[] = {
	{ .rule = "from another address", .attack = attack_body },
	{ .rule = "from the same", .attack = attack_body, .from_same = true },
	{ .rule = "from many", .attack = attack_body, .from_many = true },
	{ .rule = "from many, and the same",
	    .attack = attack_body,
	    .from_many = true,
	    .from_same = true },
	{ .rule = "a byte now and then",
	    .attack = attack_body,
	    .from_same = true,
	    .drips = true },
	{ .rule = "a byte now and then, from many",
	    .attack = attack_body,
	    .from_many = true,
	    .drips = true },
	{ .rule = "who come again",
	    .attack = attack_body,
	    .from_same = true,
	    .again = 16 },
	{ .rule = "who come again from many",
	    .attack = attack_body,
	    .from_many = true,
	    .again = 32 },
	{ .rule = "who come again faster than the honest end",
	    .attack = attack_body,
	    .from_same = true,
	    .again = 120 },
	{ .rule = "the same from many",
	    .attack = attack_body,
	    .from_many = true,
	    .again = 120 },
	{ .rule = "chunks", .attack = attack_chunks, .from_same = true },
	{ .rule = "heads", .attack = attack_head, .from_same = true },
	{ .rule = "heads from many", .attack = attack_head, .from_many = true },
	{ .rule = "answers that nobody reads",
	    .attack = attack_answers,
	    .from_same = true },
};

static void
attack_open(const struct flood *f, int i)
{
	client_open_from(&many[i], address(f->from_many ? i : 0));
	f->attack(&many[i]);
}

static void
attack_again(const struct flood *f)
{
	static int next;

	for (int i = 0; i < f->again; i++) {
		next = (next + 1) % ATTACKERS;
		client_close(&many[next]);
		attack_open(f, next);
	}
	for (int i = 0; f->drips && i < ATTACKERS; i++)
		(void)!send(many[i].fd, "x", 1, MSG_NOSIGNAL);
}

static void
flood_check(const struct flood *f)
{
	/* The bound, and the requests that may go beyond it before the server
	 * notices. */
	static const int64_t most = BYTES_MAX + 2 * BODY;
	int64_t cut = metrics.http_cut_memory;

	for (int i = 0; i < ATTACKERS; i++) {
		attack_open(f, i);
		if (metrics.http_bytes > most)
			fail_msg("%s: %d bytes held after %d", f->rule,
			    (int)metrics.http_bytes, i);
	}
	if (metrics.http_cut_memory == cut && f->attack != attack_head)
		fail_msg("%s: nobody was cut off", f->rule);
	for (int i = 0; i < HONEST; i++) {
		struct client honest;

		client_open_from(&honest, address(f->from_same ? 0 : 200));
		send_but(&honest, 60 * 1000);
		attack_again(f);
		settle();
		client_send(
		    &honest, (const char[60 * 1000]){ 0 }, 60 * 1000, BODY);
		client_wait(&honest);
		if (strcmp(client_statuses(&honest), "200 open") != 0)
			fail_msg("%s: honest %d got %s", f->rule, i,
			    client_statuses(&honest));
		client_close(&honest);
	}
	for (int i = 0; i < ATTACKERS; i++)
		client_close(&many[i]);
	settle();
	assert_int_equal(metrics.http_bytes, 0);
	assert_int_equal(metrics.http_connections, 0);
	assert_int_equal(http_server_busy(echo.server), 0);
}

/* Checks that, if memory runs out, the oldest unfinished requests are cut off,
 * and that an honest delivery in two packets is still answered. */
static void
test_floods(void **state)
{
	(void)state;
	http_server_tighten(echo.server, 1000, BYTES_MAX);
	for (size_t i = 0; i < NITEMS(floods); i++)
		flood_check(&floods[i]);
}

/* Checks that the requests from one address get only a part of the memory, even
 * if the rest of the memory is free. */
static void
test_part_of_a_source(void **state)
{
	struct client quiet, few[3];

	(void)state;
	http_server_tighten(echo.server, 1000, BYTES_MAX);
	client_open_from(&quiet, address(1));
	send_but(&quiet, 2);
	for (int i = 0; i < ATTACKERS; i++) {
		client_open_from(&many[i], address(0));
		send_but(&many[i], 2);
	}
	assert_true(
	    metrics.http_bytes <= BYTES_MAX / HTTP_SOURCE_PARTS + 4 * BODY);
	/* The oldest request is of another address, and was not cut off. */
	client_say(&quiet, "ok");
	client_wait(&quiet);
	assert_string_equal(client_statuses(&quiet), "200 open");
	client_read(&many[0]);
	assert_string_equal(client_statuses(&many[0]), "503 -");
	assert_non_null(strstr(many[0].got.data, "Retry-After: 5\r\n"));
	client_read(&many[ATTACKERS - 1]);
	assert_string_equal(client_statuses(&many[ATTACKERS - 1]), "open");
	for (int i = 0; i < ATTACKERS; i++)
		client_close(&many[i]);
	/* Complete requests are not cut off, so the newest client is
	 * refused. */
	http_server_tighten(echo.server, 1000, 3 * BODY);
	for (size_t i = 0; i < NITEMS(few); i++) {
		client_open_from(&few[i], address((int)i));
		client_say(&few[i],
		    "POST /later HTTP/1.1\r\n" H "Content-Length: 100000\r\n"
		    "\r\n");
		client_send(&few[i], (const char[BODY]){ 0 }, BODY, BODY);
		settle();
	}
	assert_int_equal(echo.nlater, 2);
	client_read(&few[2]);
	assert_string_equal(client_statuses(&few[2]), "503 -");
	for (size_t i = 0; i < 2; i++) {
		echo_answer(echo.later[i]);
		client_wait(&few[i]);
		assert_string_equal(client_statuses(&few[i]), "200 open");
	}
	for (size_t i = 0; i < NITEMS(few); i++)
		client_close(&few[i]);
	client_close(&quiet);
}

/* Checks the real bound of memory, with large bodies. */
static void
test_memory_is_bounded(void **state)
{
	enum {
		MANY = 6,
		LARGE = 60 * 1000 * 1000
	};
	struct client c[MANY];
	char head[128], *body = calloc(1, LARGE);

	(void)state;
	assert_non_null(body);
	echo.body_max = LARGE;
	(void)snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", LARGE);
	for (int i = 0; i < MANY; i++) {
		client_open_from(&c[i], address(i));
		client_say(&c[i], head);
		client_send(&c[i], body, LARGE - 1, 1 << 20);
		assert_true(
		    metrics.http_bytes <= HTTP_BUFFERED_MAX + 2 * LARGE);
	}
	for (int i = 0; i < MANY; i++) {
		client_read(&c[i]);
		assert_string_equal(
		    client_statuses(&c[i]), i < 2 ? "503 -" : "open");
		client_close(&c[i]);
	}
	free(body);
}

/* ---- progress --------------------------------------------------------- */

enum {
	TURN_MS = 400,
	TURNS = HTTP_REQUEST_SECONDS / HTTP_PROGRESS_SECONDS,
	TRIES = 5, /* a busy machine makes every client slow */
};

static const struct progress {
	const char *rule, *head;
	size_t first, then; /* bytes at once, and every 5 ms */
	int turns;          /* periods until the client is cut off */
} progresses[] = {
	{ "a drip", "Content-Length: 50000000\r\n\r\n", 0, 1, 1 },
	{ "one in a chunk", "Transfer-Encoding: chunked\r\n\r\n2000000\r\n", 0,
	    1, 1 },
	{ "much, and then a drip", "Content-Length: 50000000\r\n\r\n",
	    2 * HTTP_PROGRESS_BYTES, 1, 2 },
	{ "enough, and no end of it", "Content-Length: 50000000\r\n\r\n", 0,
	    HTTP_PROGRESS_BYTES, TURNS },
	{ "in a chunk", "Transfer-Encoding: chunked\r\n\r\n2000000\r\n", 0,
	    HTTP_PROGRESS_BYTES, TURNS },
};

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Gives the number of turns, of TURN_MS each, until a client is cut off. */
static int
progress_turns(const struct progress *p)
{
	static const char some[2 * HTTP_PROGRESS_BYTES];
	int64_t start = clock_mono(), ms;
	struct client c;

	client_open(&c);
	client_say(&c, "POST / HTTP/1.1\r\n" H);
	client_say(&c, p->head);
	client_send(&c, some, p->first, sizeof(some));
	do {
		client_send(&c, some, p->then, sizeof(some));
		clock_sleep_ms(5);
		settle();
		client_read(&c);
		ms = (clock_mono() - start) / 1000;
	} while (!c.is_closed && ms < 20 * TURN_MS);
	assert_string_equal(client_statuses(&c), "408 -");
	client_close(&c);
	return (int)((ms + TURN_MS / 2) / TURN_MS);
}

/* A client has several spans of TURN_MS to send its request.  Checks that the
 * server cuts a client off after a span in which the client sent too little,
 * and that a client which sends enough in each span may use all of them. */
static void
test_progress(void **state)
{
	(void)state;
	echo.body_max = 50 * 1000 * 1000;
	http_server_hurry(echo.server, TURN_MS);
	for (size_t i = 0; i < NITEMS(progresses); i++) {
		int turns = 0;
		int64_t cut = metrics.http_cut_slow;

		/* A slow machine may cut a client off later than it should:
		 * then try again.  More than TURNS turns are counted as
		 * TURNS. */
		for (int k = 0; k < TRIES && turns != progresses[i].turns; k++)
			turns = least(progress_turns(&progresses[i]), TURNS);
		if (turns != progresses[i].turns)
			fail_msg("%s: %d turns", progresses[i].rule, turns);
		assert_true(metrics.http_cut_slow > cut);
	}
}

/* ---- connections ------------------------------------------------------ */

static const char *
status_of(struct client *c)
{
	settle();
	client_read(c);
	return client_statuses(c);
}

#define GET "GET / HTTP/1.1\r\n" H "\r\n"

/* Checks that the connection that is idle longest is closed to make room for a
 * new one, whether or not the idle one ever sent a byte. */
static void
test_idle_gives_way(void **state)
{
	struct client c[CONNECTIONS_MAX], more[3];
	int64_t cut = metrics.http_cut_connections;

	(void)state;
	http_server_tighten(echo.server, CONNECTIONS_MAX, BYTES_MAX);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		client_open_from(&c[i], address(i));
		client_say(&c[i], i % 2 == 0 ? "" : "\r\n" GET);
		settle();
	}
	/* After this request another connection is idle longest. */
	client_say(&c[0], GET);
	assert_string_equal(status_of(&c[0]), "200 open");
	for (int i = 0; i < 2; i++) {
		client_open_from(&more[i], address(100 + i));
		client_say(&more[i], GET);
		assert_string_equal(status_of(&more[i]), "200 open");
	}
	assert_string_equal(status_of(&c[0]), "200 open");
	assert_string_equal(status_of(&c[1]), "200 -");
	assert_string_equal(status_of(&c[2]), "-");
	assert_string_equal(status_of(&c[3]), "200 open");
	assert_int_equal(metrics.http_cut_connections, cut + 2);
	assert_int_equal(metrics.http_connections, CONNECTIONS_MAX);

	/* A connection with unread bytes is not closed, but the one that is
	 * idle longest after it.  The server sees the new connection before it
	 * sees these bytes. */
	client_open_from(&more[2], address(102));
	assert_int_equal(send(c[3].fd, GET, strlen(GET), 0), strlen(GET));
	assert_string_equal(status_of(&c[3]), "200 200 open");
	assert_string_equal(status_of(&c[4]), "-");
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		client_close(&c[i]);
	for (size_t i = 0; i < NITEMS(more); i++)
		client_close(&more[i]);
	assert_int_equal(metrics.http_connections, 0);
}

/* Checks that, if no connection is idle, the connection with the oldest
 * unfinished request is closed to make room for a new one. */
static void
test_slow_gives_way(void **state)
{
	struct client c[CONNECTIONS_MAX], next, last;

	(void)state;
	http_server_tighten(echo.server, CONNECTIONS_MAX, BYTES_MAX);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		client_open_from(&c[i], address(i));
		client_say(&c[i],
		    i == 0 ? "GET /later HTTP/1.1\r\n" H "\r\n" : "GET / HT");
		settle();
	}
	client_say(&c[1], "TP/1.1\r\n");
	client_open_from(&next, address(100));
	client_say(&next, "GET /later HTTP/1.1\r\n" H "\r\n");
	assert_string_equal(status_of(&next), "open");
	assert_string_equal(status_of(&c[0]), "open");
	assert_string_equal(status_of(&c[1]), "-");
	for (int i = 2; i < CONNECTIONS_MAX; i++) {
		client_say(&c[i], "TP/1.1\r\n" H "\r\n");
		assert_string_equal(status_of(&c[i]), "200 open");
		client_say(&c[i], "GET /later HTTP/1.1\r\n" H "\r\n");
		assert_string_equal(status_of(&c[i]), "200 open");
	}
	/* All connections wait for answers, so the new connection is closed. */
	client_open_from(&last, address(101));
	assert_string_equal(status_of(&last), "-");
	assert_int_equal(echo.nlater, CONNECTIONS_MAX);
	while (echo.nlater > 0)
		echo_answer(echo.later[--echo.nlater]);
	assert_string_equal(status_of(&next), "200 open");
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		client_close(&c[i]);
	client_close(&next);
	client_close(&last);
}

/* Checks that, when an address already has as many connections as it may, a new
 * connection from that address closes the oldest of them. */
static void
test_source_gives_way(void **state)
{
	enum {
		PART = CONNECTIONS_MAX / HTTP_SOURCE_PARTS
	};
	struct client old, c[PART + 2];

	(void)state;
	http_server_tighten(echo.server, CONNECTIONS_MAX, BYTES_MAX);
	client_open_from(&old, address(1));
	settle();
	for (int i = 0; i < PART + 2; i++) {
		client_open_from(&c[i], address(0));
		settle();
	}
	assert_string_equal(status_of(&old), "open");
	assert_string_equal(status_of(&c[0]), "-");
	assert_string_equal(status_of(&c[1]), "-");
	assert_string_equal(status_of(&c[2]), "open");
	assert_string_equal(status_of(&c[PART + 1]), "open");
	assert_int_equal(metrics.http_connections, PART + 1);
	client_close(&old);
	for (int i = 0; i < PART + 2; i++)
		client_close(&c[i]);
}

/* Checks that a new connection is not kept out by connections that are open
 * only so that their clients can read a refusal. */
static void
test_lingering_gives_way(void **state)
{
	struct client c[CONNECTIONS_MAX + 1];

	(void)state;
	http_server_tighten(echo.server, CONNECTIONS_MAX, BYTES_MAX);
	for (int i = 0; i < CONNECTIONS_MAX + 1; i++) {
		client_open_from(&c[i], address(i));
		for (int k = 0; i == CONNECTIONS_MAX && k < i; k++)
			assert_int_equal(send(c[k].fd, "y", 1, 0), 1);
		client_say(&c[i],
		    "POST /early HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nx");
		assert_string_equal(status_of(&c[i]), "200 -");
	}
	for (int i = 0; i < CONNECTIONS_MAX + 1; i++)
		client_close(&c[i]);
}

static struct http_crowd *
crowd_from(struct http_server *s, const char *address)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = 1 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 2 };

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		return crowd_of(s, (struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
	return crowd_of(s, (struct sockaddr *)&in6);
}

/* Checks that an IPv4 address, or an IPv6 network of 64 bits, counts as one
 * source of connections. */
static void
test_sources(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} table[] = {
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.2", false },
		{ "10.0.0.1", "::ffff:10.0.0.1", true },
		{ "::ffff:10.0.0.1", "::ffff:10.0.0.2", false },
		{ "2001:db8::1", "2001:db8::ffff:1:2:3", true },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", false },
		{ "::1", "10.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(table); i++) {
		struct http_server *s = echo.server;
		struct http_crowd *a = crowd_from(s, table[i].a);
		struct http_crowd *b = crowd_from(s, table[i].b);

		if ((a == b) != table[i].same)
			fail_msg("%s %s", table[i].a, table[i].b);
		if (a != b)
			crowd_forget(s, b);
		crowd_forget(s, a);
	}
}

/* Checks a server that has no file descriptor left for a connection. */
static void
test_no_file_left(void **state)
{
	struct rlimit was, few;
	struct client idle, later, busy, waits;
	int64_t cut = metrics.http_cut_connections;
	int fd = dup(0);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	client_open(&busy);
	client_say(&busy, "GET /later HTTP/1.1\r\n" H "\r\n");
	client_open(&idle);
	client_say(&idle, GET);
	client_wait(&idle);
	client_open(&later);
	client_say(&later, GET);
	client_wait(&later);
	client_open(&waits);
	few = was;
	few.rlim_cur = (rlim_t)waits.fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	/* Only the connection that is idle longest is closed. */
	client_say(&waits, "GET /later HTTP/1.1\r\n" H "\r\n");
	settle();
	assert_int_equal(echo.nlater, 2);
	assert_string_equal(status_of(&idle), "200 -");
	assert_string_equal(status_of(&later), "200 open");
	assert_int_equal(metrics.http_cut_connections, cut + 1);
	client_say(&later, "GET /later HTTP/1.1\r\n" H "\r\n");
	/* No connection is idle, so a new one waits for a file descriptor. */
	close(idle.fd);
	buf_fini(&idle.got);
	client_open(&idle);
	client_say(&idle, GET);
	client_wait(&idle);
	assert_string_equal(client_statuses(&idle), "open");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	for (int i = 0; i < 20 && idle.got.len == 0; i++)
		client_wait(&idle);
	assert_string_equal(client_statuses(&idle), "200 open");
	echo_answer(echo.later[0]);
	echo_answer(echo.later[1]);
	assert_string_equal(status_of(&busy), "200 open");
	assert_string_equal(status_of(&waits), "200 open");
	close(fd);
	client_close(&later);
	client_close(&idle);
	client_close(&busy);
	client_close(&waits);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, echo_start, echo_stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_floods),
		TEST(test_part_of_a_source),
		TEST(test_memory_is_bounded),
		TEST(test_progress),
		TEST(test_idle_gives_way),
		TEST(test_slow_gives_way),
		TEST(test_source_gives_way),
		TEST(test_lingering_gives_way),
		TEST(test_sources),
		TEST(test_no_file_left),
	};

	return cmocka_run_group_tests_name("http_bounds", tests, NULL, NULL);
}

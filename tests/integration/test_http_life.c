/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/echo.h"
#include "../support/test.h"
#include "base/cc.h"
#include "io/clock.h"

#define H "Host: x\r\n"

/* ---- answers that take their time ------------------------------------- */

static void
test_answered_later(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_say(&c, "POST /later HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"
	               "POST /later HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nb"
	               "GET /now HTTP/1.1\r\n" H "\r\n");
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "open");
	assert_int_equal(echo.nlater, 1); /* the second request waits */
	assert_int_equal(http_server_busy(echo.server), 1);
	echo_answer(echo.later[0]);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "200 open");
	assert_int_equal(echo.nlater, 2);
	echo_answer(echo.later[1]);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "200 200 200 open");
	assert_non_null(strstr(c.got.data, "POST /later? a"));
	assert_non_null(strstr(c.got.data, "POST /later? b"));
	client_close(&c);
}

static void
test_client_gone_before_the_answer(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct client c;
		struct linger hard = { .l_onoff = 1 };

		client_open(&c);
		client_say(&c, "GET /later HTTP/1.1\r\n" H "\r\n");
		client_wait(&c);
		if (i == 1)
			assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_LINGER,
			                     &hard, sizeof(hard)),
			    0);
		client_close(&c);
		assert_int_equal(echo.nlater, 1);
		assert_int_equal(http_server_busy(echo.server), 1);
		if (i == 2)
			client_say(&c, "");
		echo_answer(echo.later[--echo.nlater]);
		for (int k = 0; k < 5; k++)
			echo_turn();
		assert_int_equal(http_server_busy(echo.server), 0);
	}
}

/* Checks that a client which has closed its sending side, as "printf ... | nc"
 * does, is still answered. */
static void
test_half_closed_client(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_say(
	    &c, "GET /later HTTP/1.1\r\n" H "\r\nGET / HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	client_wait(&c);
	assert_int_equal(echo.nlater, 1);
	echo_answer(echo.later[0]);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "200 200 -");
	client_close(&c);
}

/* Checks that a client can read the refusal of a body that it has begun to
 * send.  If the server closed the connection with bytes unread, the client
 * would get a reset in place of the answer. */
static void
test_refusal_can_be_read(void **state)
{
	static char body[300 * 1000];
	struct client c;

	(void)state;
	client_open(&c);
	client_say(&c, "POST / HTTP/1.1\r\n" H "Content-Length: 9000000\r\n");
	assert_int_equal(send(c.fd, "\r\n", 2, MSG_MORE), 2);
	assert_true(send(c.fd, body, sizeof(body), MSG_NOSIGNAL) > 100 * 1000);
	for (int i = 0; i < 10; i++)
		echo_turn();
	assert_int_equal(echo.refused, 413);
	assert_int_equal(send(c.fd, body, 1000, MSG_NOSIGNAL), 1000);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "413 -");
	assert_false(c.is_reset);
	client_close(&c);
}

/* Checks that a request stays at its place in memory while its handler uses it,
 * whatever the client sends behind the request. */
static void
test_pipelining_behind_a_handler(void **state)
{
	char body[2000], end[8];
	struct client c;
	size_t n = 0;

	(void)state;
	memset(body, 'b', sizeof(body));
	client_open(&c);
	client_say(
	    &c, "POST /later?x HTTP/1.1\r\n" H "Content-Length: 2000\r\n\r\n");
	client_send(&c, body, sizeof(body), sizeof(body));
	client_wait(&c);
	assert_int_equal(echo.nlater, 1);
	for (int stuck = 0; stuck < 20; n++) {
		static const char ask[] = "GET /n HTTP/1.1\r\n" H "\r\n";

		if (send(c.fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) !=
		    sizeof(ask) - 1)
			stuck++;
		echo_turn();
		if (n == 200 * 1000)
			break;
	}
	assert_true(n > 1000);
	assert_ptr_equal(
	    http_body(echo.later[0]).data, echo.later_body[0].data);
	echo_answer(echo.later[0]);
	client_read(&c);
	echo_turn();
	client_read(&c);
	assert_non_null(strstr(c.got.data, "\r\n\r\nPOST /later?x bbbb"));
	memcpy(end, strstr(c.got.data, "bbbb") + 1996, 4);
	assert_memory_equal(end, "bbbb", 4);
	client_close(&c);
}

/* Checks that no further requests are read from a client that never reads its
 * answers. */
static void
test_pipelining_without_reading(void **state)
{
	static const char ask[] = "POST /x HTTP/1.1\r\n" H
	                          "Content-Length: 5000\r\n\r\n";
	char body[5000];
	struct client c;
	size_t sent = 0;
	int stuck = 0;

	(void)state;
	memset(body, 'x', sizeof(body));
	client_open(&c);
	while (stuck < 100) {
		bool ok = send(c.fd, ask, sizeof(ask) - 1,
		              MSG_NOSIGNAL | MSG_MORE) == sizeof(ask) - 1 &&
		          send(c.fd, body, sizeof(body), MSG_NOSIGNAL) ==
		              sizeof(body);

		echo_turn();
		sent += ok;
		stuck = ok ? 0 : stuck + 1;
		assert_true(sent < 10000);
	}
	assert_int_equal(http_server_busy(echo.server), 1);
	assert_true(echo.handled > 0);
	client_close(&c);
	assert_int_equal(http_server_busy(echo.server), 0);
}

static void
test_continue(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_say(&c, "POST /x HTTP/1.1\r\n" H "Expect: 100-Continue\r\n"
	               "Content-Length: 5\r\n\r\n");
	client_wait(&c);
	assert_string_equal(c.got.data, "HTTP/1.1 100 Continue\r\n\r\n");
	client_say(&c, "hel");
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "100 open");
	client_say(&c, "lo");
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "100 200 open");
	client_close(&c);
}

static void
test_stop(void **state)
{
	struct client idle, next, busy, reading, late;
	struct sockaddr_in to = { .sin_family = AF_INET };

	(void)state;
	client_open(&idle);
	client_say(&idle, "GET / HTTP/1.1\r\n" H "\r\n");
	client_open(&next);
	client_say(&next, "GET / HTTP/1.1\r\n" H "\r\n");
	client_open(&busy);
	client_say(&busy, "GET /later HTTP/1.1\r\n" H "\r\n");
	client_open(&reading);
	client_say(&reading, "GET / HT");
	echo_turn();
	assert_int_equal(http_server_busy(echo.server), 2);
	to.sin_port = htons(
	    (uint16_t)atoi(strrchr(http_server_address(echo.server), ':') + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	http_server_stop(echo.server);

	/* A request on an open connection is still answered, and is the last on
	 * this connection. */
	client_say(&next, "GET / HTTP/1.1\r\n" H "\r\n");
	client_wait(&next);
	assert_string_equal(client_statuses(&next), "200 200 -");
	client_wait(&idle);
	assert_string_equal(client_statuses(&idle), "200 open");
	client_say(&reading, "TP/1.1\r\n" H "\r\n");
	client_wait(&reading);
	assert_string_equal(client_statuses(&reading), "200 -");
	client_wait(&busy);
	assert_string_equal(client_statuses(&busy), "open");
	echo_answer(echo.later[0]);
	client_wait(&busy);
	assert_string_equal(client_statuses(&busy), "200 -");
	assert_int_equal(http_server_busy(echo.server), 0);

	late.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(late.fd, (struct sockaddr *)&to, sizeof(to)), -1);
	close(late.fd);
	client_close(&idle);
	client_close(&next);
	client_close(&busy);
	client_close(&reading);
}

/* Checks that a slow client is cut off at any point of a request. */
static void
test_slow_clients(void **state)
{
	static const struct {
		const char *rule, *in, *want;
	} table[] = {
		{ "nothing at all", "", "-" },
		{ "an empty line", "\r\n", "-" },
		{ "half a head", "GET / HTTP/1.1\r\nHo", "408 -" },
		{ "half a body",
		    "POST / HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nx",
		    "408 -" },
		{ "half a chunk",
		    "POST / HTTP/1.1\r\n" H
		    "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
		    "408 -" },
		{ "one request, then nothing", "GET / HTTP/1.1\r\n" H "\r\n",
		    "200 -" },
		{ "the handler may take its time",
		    "GET /later HTTP/1.1\r\n" H "\r\n", "open" },
	};

	(void)state;
	http_server_hurry(echo.server, ECHO_QUIET_MS / 3);
	for (size_t i = 0; i < NITEMS(table); i++) {
		struct client c;

		client_open(&c);
		client_send(&c, table[i].in, strlen(table[i].in), 1 << 20);
		client_wait(&c);
		client_wait(&c);
		if (strcmp(client_statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, client_statuses(&c));
		client_close(&c);
	}
}

/* Checks that the time limit is for the whole request: single bytes, each soon
 * after the other, do not extend it. */
static void
test_slow_drip(void **state)
{
	int64_t start = clock_mono();
	struct client c;

	(void)state;
	http_server_hurry(echo.server, 100);
	client_open(&c);
	client_send(&c, "GET /", 5, 5);
	while (!c.is_closed && clock_mono() - start < 2000000) {
		client_send(&c, "a", 1, 1);
		clock_sleep_ms(10);
	}
	assert_string_equal(client_statuses(&c), "408 -");
	assert_true(clock_mono() - start < 1000000);
	client_close(&c);
}

/* Requests more than the socket buffers hold, and never reads the answer. */
static void
test_answer_not_read(void **state)
{
	struct client c;
	int small = 4096;

	(void)state;
	http_server_hurry(echo.server, 50);
	client_open(&c);
	assert_int_equal(
	    setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (int i = 0; i < 100; i++) {
		(void)!send(c.fd,
		    "POST / HTTP/1.1\r\n" H "Content-Length: 90000\r\n\r\n", 51,
		    MSG_NOSIGNAL);
		for (int k = 0; k < 90; k++) {
			static const char body[1000];

			(void)!send(c.fd, body, sizeof(body), MSG_NOSIGNAL);
			echo_turn();
		}
		if (echo.handled > 0 && http_server_busy(echo.server) == 0)
			break;
		clock_sleep_ms(5);
	}
	assert_true(echo.handled > 0);
	assert_int_equal(http_server_busy(echo.server), 0);
	client_close(&c);
}

static void
test_many_connections(void **state)
{
	static struct client c[300];

	(void)state;
	for (size_t i = 0; i < NITEMS(c); i++) {
		client_open(&c[i]);
		client_say(&c[i], i % 3 == 0 ? "GE" : "");
		echo_turn();
	}
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < NITEMS(c); i++)
			client_say(&c[i], i % 3 == 0 && round == 0
			                      ? "T / HTTP/1.1\r\n" H "\r\n"
			                      : "GET / HTTP/1.1\r\n" H "\r\n");
	for (int i = 0; i < 10; i++)
		echo_turn();
	for (size_t i = 0; i < NITEMS(c); i++) {
		client_read(&c[i]);
		assert_string_equal(client_statuses(&c[i]), "200 200 open");
		close(c[i].fd);
		buf_fini(&c[i].got);
	}
	echo_turn();
	assert_int_equal(http_server_busy(echo.server), 0);
}

static void
test_addresses(void **state)
{
	static const char *const wrong[] = { "", "8080", ":8080", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:123456",
		"127.0.0.1:99999", "127.0.0.1:-1", "::1:80", "[::1]",
		"256.1.1.1:80" };
	struct http_server *s;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < NITEMS(wrong); i++) {
		e.fault = FAULT_NONE;
		s = http_server_new(
		    echo.base, wrong[i], echo_request, NULL, &e);
		if (s != NULL)
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(e.fault, FAULT_CONFIG);
	}
	assert_null(http_server_new(echo.base, http_server_address(echo.server),
	    echo_request, NULL, &e));
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, strerror(EADDRINUSE)));
	s = http_server_new(echo.base, "[::1]:0", echo_request, NULL, &e);
	if (s != NULL)
		assert_true(strncmp(http_server_address(s), "[::1]:", 6) == 0);
	http_server_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, echo_start, echo_stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_answered_later),
		TEST(test_client_gone_before_the_answer),
		TEST(test_half_closed_client),
		TEST(test_pipelining_without_reading),
		TEST(test_refusal_can_be_read),
		TEST(test_pipelining_behind_a_handler),
		TEST(test_continue),
		TEST(test_stop),
		TEST(test_slow_clients),
		TEST(test_slow_drip),
		TEST(test_answer_not_read),
		TEST(test_many_connections),
		TEST(test_addresses),
	};

	return cmocka_run_group_tests_name("http_life", tests, NULL, NULL);
}

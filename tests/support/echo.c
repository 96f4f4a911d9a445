/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/cc.h"
#include "echo.h"
#include "io/clock.h"
#include "test.h"

enum {
	PATIENCE_MS = 3000
};

/* ---- a server in this process ----------------------------------------- */

struct echo echo;

void
echo_answer(struct http_request *r)
{
	struct buf b;

	buf_init(&b, ECHO_GOT_MAX);
	buf_add(&b, http_method(r).data, http_method(r).len);
	buf_puts(&b, " ");
	buf_add(&b, http_path(r).data, http_path(r).len);
	buf_puts(&b, "?");
	buf_add(&b, http_query(r).data, http_query(r).len);
	buf_puts(&b, " ");
	buf_add(&b, http_body(r).data, http_body(r).len);
	http_answer_header(r, "X-Test", "yes");
	http_answer(r, 200, "text/plain", (struct str){ b.data, b.len });
	buf_fini(&b);
}

static void
on_body(struct http_request *r, void *arg)
{
	assert_ptr_equal(arg, &echo.handled);
	echo.handled++;
	if (str_eq(http_path(r), STR("/later"))) {
		assert_true(echo.nlater < NITEMS(echo.later));
		echo.later_body[echo.nlater] = http_body(r);
		echo.later[echo.nlater++] = r;
		return;
	}
	if (str_eq(http_path(r), STR("/none"))) {
		http_answer(r, 204, NULL, STR(""));
		return;
	}
	echo_answer(r);
}

void
echo_request(struct http_request *r, void *arg)
{
	assert_ptr_equal(arg, &echo.handled);
	if (str_eq(http_path(r), STR("/early")))
		echo_answer(r);
	else
		http_read(r, echo.body_max, on_body);
}

static void
on_refusal(int status)
{
	echo.refused = status;
}

int
echo_start(void **state)
{
	struct err e = { 0 };

	(void)state;
	echo.base = event_base_new();
	echo.body_max = ECHO_BODY_MAX;
	echo.server = http_server_new(
	    echo.base, "127.0.0.1:0", echo_request, &echo.handled, &e);
	if (echo.server == NULL)
		fail_msg("%s", e.msg);
	http_server_on_refusal(echo.server, on_refusal);
	echo.handled = echo.refused = 0;
	echo.nlater = 0;
	return 0;
}

int
echo_stop(void **state)
{
	(void)state;
	http_server_free(echo.server);
	event_base_free(echo.base);
	return 0;
}

void
echo_turn(void)
{
	assert_int_not_equal(event_base_loop(echo.base, EVLOOP_NONBLOCK), -1);
}

/* ---- a client --------------------------------------------------------- */

void
client_open_from(struct client *c, const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET }, from = to;
	const char *colon = strrchr(http_server_address(echo.server), ':');
	int one = 1;

	to.sin_port = htons((uint16_t)atoi(colon + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
	*c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
	assert_int_equal(
	    bind(c->fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
	buf_init(&c->got, ECHO_GOT_MAX);
}

void
client_open(struct client *c)
{
	client_open_from(c, "127.0.0.1");
}

void
client_close(struct client *c)
{
	close(c->fd);
	buf_fini(&c->got);
	for (int i = 0; i < 3; i++)
		echo_turn();
}

void
client_read(struct client *c)
{
	char some[16 * 1024];
	ssize_t n;

	while (!c->is_closed && (n = recv(c->fd, some, sizeof(some), 0)) != 0) {
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			c->is_reset = true;
			break;
		}
		buf_add(&c->got, some, (size_t)n);
	}
	c->is_closed = true;
}

void
client_send(struct client *c, const char *p, size_t n, size_t piece)
{
	int64_t until = clock_mono() + PATIENCE_MS * 1000;

	while (n > 0 && !c->is_closed && clock_mono() < until) {
		ssize_t r = send(c->fd, p, n < piece ? n : piece, MSG_NOSIGNAL);

		if (r > 0) {
			p += r;
			n -= (size_t)r;
		} else if (errno != EAGAIN) {
			break;
		}
		echo_turn();
		client_read(c);
	}
}

void
client_wait(struct client *c)
{
	int64_t quiet = clock_mono() + ECHO_QUIET_MS * 1000;
	size_t len = c->got.len;

	while (!c->is_closed && clock_mono() < quiet) {
		echo_turn();
		client_read(c);
		if (c->got.len != len)
			quiet = clock_mono() + ECHO_QUIET_MS * 1000;
		len = c->got.len;
	}
}

const char *
client_statuses(const struct client *c)
{
	static char text[8192];
	const char *p = c->got.data;
	size_t n = 0;

	text[0] = '\0';
	while ((p = strstr(p, "HTTP/1.1 ")) != NULL) {
		p += strlen("HTTP/1.1 ");
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "%s%.3s", n > 0 ? " " : "", p);
		assert_true(n < sizeof(text));
	}
	(void)snprintf(text + n, sizeof(text) - n, "%s%s", n > 0 ? " " : "",
	    c->is_closed ? "-" : "open");
	return text;
}

void
client_say(struct client *c, const char *text)
{
	client_send(c, text, strlen(text), 1 << 20);
}

/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cc.h"
#include "io/clock.h"
#include "io/http_server.h"

enum {
	TEST_BODY_MAX = 100 * 1000,
	GOT_MAX = 4 * 1024 * 1024,
	PATIENCE_MS = 3000,
	QUIET_MS = 30, /* no answer by then is no answer */
};

/* ---- a server in this process ----------------------------------------- */

static struct event_base *base;
static struct http_server *server;
static int handled, refused;
static struct http_request *later[64];
static struct str later_body[64]; /* as the handler saw it */
static size_t nlater;

/* Says back what it was asked: "METHOD path?query body". */
static void
answer(struct http_request *r)
{
	struct buf b;

	buf_init(&b, GOT_MAX);
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
on_request(struct http_request *r, void *arg)
{
	assert_ptr_equal(arg, &handled);
	handled++;
	if (str_eq(http_path(r), STR("/later"))) {
		assert_true(nlater < NITEMS(later));
		later_body[nlater] = http_body(r);
		later[nlater++] = r;
		return;
	}
	if (str_eq(http_path(r), STR("/none"))) {
		http_answer(r, 204, NULL, STR(""));
		return;
	}
	answer(r);
}

static void
on_refusal(int status)
{
	refused = status;
}

static int
setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	base = event_base_new();
	server = http_server_new(
	    base, "127.0.0.1:0", TEST_BODY_MAX, on_request, &handled, &e);
	if (server == NULL)
		fail_msg("%s", e.msg);
	http_server_on_refusal(server, on_refusal);
	handled = refused = 0;
	nlater = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_free(server);
	event_base_free(base);
	return 0;
}

static void
turn(void)
{
	assert_int_not_equal(event_base_loop(base, EVLOOP_NONBLOCK), -1);
}

/* ---- a client --------------------------------------------------------- */

struct client {
	int fd;
	struct buf got;
	bool is_closed, is_reset;
};

static void
client_open(struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *colon = strrchr(http_server_address(server), ':');
	int one = 1;

	to.sin_port = htons((uint16_t)atoi(colon + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
	assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
	buf_init(&c->got, GOT_MAX);
}

static void
client_close(struct client *c)
{
	close(c->fd);
	buf_fini(&c->got);
	for (int i = 0; i < 3; i++)
		turn();
}

static void
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

/* Sends in pieces of at most `piece` bytes, turning the loop in between. */
static void
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
		turn();
		client_read(c);
	}
}

/* Until the server closes or stays quiet. */
static void
client_wait(struct client *c)
{
	int64_t quiet = clock_mono() + QUIET_MS * 1000;
	size_t len = c->got.len;

	while (!c->is_closed && clock_mono() < quiet) {
		turn();
		client_read(c);
		if (c->got.len != len)
			quiet = clock_mono() + QUIET_MS * 1000;
		len = c->got.len;
	}
}

/* The statuses of the answers, as "200 404", with "-" behind them if the
 * connection was closed. */
static const char *
statuses(const struct client *c)
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

/* ---- what comes in and what goes out ---------------------------------- */

#define H "Host: x\r\n"

static const struct rule {
	const char *rule;
	const char *in;
	const char *want;    /* statuses() */
	const char *contain; /* in what came back */
} rules[] = {
	{ .rule = "a GET",
	    .in = "GET /a/b?c=d HTTP/1.1\r\n" H "\r\n",
	    .want = "200 open",
	    .contain = "GET /a/b?c=d " },
	{ .rule = "a POST with a length",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello",
	    .want = "200 open",
	    .contain = "POST /x? hello" },
	{ .rule = "a length of zero",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n",
	    .want = "200 open" },
	{ .rule = "header names in any case, spaces around values",
	    .in = "POST /x HTTP/1.1\r\nhOsT:x\r\n"
	          "CONTENT-length: \t 2 \t\r\n\r\nab",
	    .want = "200 open",
	    .contain = "POST /x? ab" },
	{ .rule = "any method reaches the handler",
	    .in = "DELETE /x HTTP/1.1\r\n" H "\r\nPUT /x HTTP/1.1\r\n" H
	          "Content-Length: 1\r\n\r\naBREW /x HTTP/1.1\r\n" H "\r\n"
	          "OPTIONS * HTTP/1.1\r\n" H "\r\n",
	    .want = "200 200 200 200 open",
	    .contain = "BREW /x? " },
	{ .rule = "HEAD has no body in the answer",
	    .in = "HEAD /x HTTP/1.1\r\n" H "\r\nGET /y HTTP/1.1\r\n" H "\r\n",
	    .want = "200 200 open",
	    .contain = "X-Test: yes\r\n\r\nHTTP/1.1" },
	{ .rule = "the body of a HEAD is a body, not the next request",
	    .in = "HEAD /x HTTP/1.1\r\n" H "Content-Length: 32\r\n\r\n"
	          "GET /evil HTTP/1.1\r\nHost: xx\r\n\r\n",
	    .want = "200 open" },
	{ .rule = "an absolute target is its path",
	    .in = "GET http://x:1/p?q HTTP/1.1\r\n" H "\r\n",
	    .want = "200 open",
	    .contain = "GET /p?q " },
	{ .rule = "an absolute target without a path is /",
	    .in = "GET https://x?q HTTP/1.1\r\n" H "\r\n",
	    .want = "200 open",
	    .contain = "GET /?q " },
	{ .rule = "204 has neither length nor body",
	    .in = "GET /none HTTP/1.1\r\n" H "\r\n",
	    .want = "204 open" },
	{ .rule = "one empty line before a request is tolerated",
	    .in = "\r\nGET / HTTP/1.1\r\n" H "\r\n\r\nGET / HTTP/1.1\r\n" H
	          "\r\n",
	    .want = "200 200 open" },
	{ .rule = "two are not",
	    .in = "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },

	{ .rule = "Connection: close is honoured",
	    .in = "GET / HTTP/1.1\r\n" H "Connection: Close\r\n\r\n",
	    .want = "200 -",
	    .contain = "Connection: close" },
	{ .rule = "also in a list",
	    .in = "GET / HTTP/1.1\r\n" H "Connection: te , close\r\n\r\n",
	    .want = "200 -" },
	{ .rule = "HTTP/1.0 closes",
	    .in = "GET / HTTP/1.0\r\n\r\n",
	    .want = "200 -" },
	{ .rule = "HTTP/1.0 stays if asked to",
	    .in = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    .want = "200 open",
	    .contain = "Connection: keep-alive" },

	{ .rule = "chunks",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	          "5\r\nhello\r\n00A;x=\"y z\"\r\n, world!!!\r\n0\r\n\r\n"
	          "GET /y HTTP/1.1\r\n" H "\r\n",
	    .want = "200 200 open",
	    .contain = "POST /x? hello, world!!!" },
	{ .rule = "no chunk but the last",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
	    .want = "200 open" },
	{ .rule = "a chunk without size",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n;x\r\n",
	    .want = "400 -" },
	{ .rule = "a signed chunk size",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n",
	    .want = "400 -" },
	{ .rule = "a chunk size with 0x",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n",
	    .want = "400 -" },
	{ .rule = "a space behind the chunk size",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n",
	    .want = "400 -" },
	{ .rule = "a bare line feed behind the chunk size",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n",
	    .want = "400 -" },
	{ .rule = "a bare line feed in a chunk extension",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n5;a\nxhello\r\n",
	    .want = "400 -" },
	{ .rule = "a chunk longer than it says",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a trailer",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	          "0\r\nX-Shopify-Topic: a\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a chunk of 2^63",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	          "8000000000000000\r\n",
	    .want = "413 -" },
	{ .rule = "a chunk size that wraps around",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	          "100000000000000005\r\nhello\r\n",
	    .want = "413 -" },

	{ .rule = "both lengths",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "both lengths, the other way around",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	          "Content-Length: 5\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "two lengths",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	          "Content-Length: 6\r\n\r\nhello!",
	    .want = "400 -" },
	{ .rule = "two equal lengths",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	          "Content-Length: 5\r\n\r\nhello",
	    .want = "400 -" },
	{ .rule = "a list of lengths",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\nhello",
	    .want = "400 -" },
	{ .rule = "a signed length",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\nhello",
	    .want = "400 -" },
	{ .rule = "a negative length",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "an empty length",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length:\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a hexadecimal length",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\nhello",
	    .want = "400 -" },
	{ .rule = "a length of 19 digits",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Content-Length: 9999999999999999999\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "two codings",
	    .in = "POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a coding that is not chunked",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a list of codings",
	    .in = "POST /x HTTP/1.1\r\n" H
	          "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "chunks in HTTP/1.0",
	    .in = "POST /x HTTP/1.0\r\n"
	          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a space before the colon",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length : 5\r\n\r\nhello",
	    .want = "400 -" },
	{ .rule = "a folded header",
	    .in = "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a folded first header",
	    .in = "GET / HTTP/1.1\r\n" H " A: b\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a header without a colon",
	    .in = "GET / HTTP/1.1\r\n" H "A\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a header without a name",
	    .in = "GET / HTTP/1.1\r\n" H ": b\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a name that is no token",
	    .in = "GET / HTTP/1.1\r\n" H "A(b): c\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "bytes beyond ASCII in a name",
	    .in = "GET / HTTP/1.1\r\n" H "\xc3\xa4: c\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "bytes beyond ASCII in a value",
	    .in = "GET / HTTP/1.1\r\n" H "A: \xc3\xa4\r\n\r\n",
	    .want = "200 open" },
	{ .rule = "a control character in a value",
	    .in = "GET / HTTP/1.1\r\n" H "A: \x01\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "a bare line feed",
	    .in = "GET / HTTP/1.1\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "a bare carriage return",
	    .in = "GET / HTTP/1.1\r\n" H "A: b\rc\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "no Host in HTTP/1.1",
	    .in = "GET / HTTP/1.1\r\n\r\n",
	    .want = "400 -" },
	{ .rule = "two Hosts",
	    .in = "GET / HTTP/1.1\r\n" H H "\r\n",
	    .want = "400 -" },

	{ .rule = "two spaces in the request line",
	    .in = "GET  / HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "a tab in the request line",
	    .in = "GET\t/ HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "no version", .in = "GET /\r\n\r\n", .want = "400 -" },
	{ .rule = "a version of letters",
	    .in = "GET / HTTP/1.x\r\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "HTTP/2.0",
	    .in = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	    .want = "505 -" },
	{ .rule = "HTTP/1.2",
	    .in = "GET / HTTP/1.2\r\n" H "\r\n",
	    .want = "505 -" },
	{ .rule = "a fragment",
	    .in = "GET /#x HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "a long method",
	    .in = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHI / HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },
	{ .rule = "TLS on the port",
	    .in = "\x16\x03\x01\x02",
	    .want = "400 -" },
	{ .rule = "SSH on the port",
	    .in = "SSH-2.0-OpenSSH_9.2\r\n\r\n",
	    .want = "400 -" },

	{ .rule = "Expect: 100-continue with the body on its way",
	    .in = "POST /x HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
	          "Content-Length: 5\r\n\r\nhello",
	    .contain = "POST /x? hello" },
	{ .rule = "another expectation",
	    .in = "POST /x HTTP/1.1\r\n" H "Expect: tea\r\n"
	          "Content-Length: 5\r\n\r\nhello",
	    .want = "417 -" },
	{ .rule = "a length beyond the bound",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 100001\r\n"
	          "Expect: 100-continue\r\n\r\n",
	    .want = "413 -" },
	{ .rule = "nothing is answered before it is whole",
	    .in = "POST /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhell",
	    .want = "open" },
	{ .rule = "after a refusal nothing is read any more",
	    .in = "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",
	    .want = "400 -" },
};

static void
check_rule(const struct rule *r, size_t piece)
{
	struct client c;

	refused = 0;
	client_open(&c);
	client_send(&c, r->in, strlen(r->in), piece);
	client_wait(&c);
	if (c.is_reset)
		fail_msg("%s (pieces of %zu): reset", r->rule, piece);
	if (r->want != NULL && strcmp(statuses(&c), r->want) != 0)
		fail_msg("%s (pieces of %zu): \"%s\", not \"%s\"", r->rule,
		    piece, statuses(&c), r->want);
	if (r->contain != NULL && strstr(c.got.data, r->contain) == NULL)
		fail_msg("%s (pieces of %zu): got \"%s\"", r->rule, piece,
		    c.got.data);
	if (r->want != NULL && r->want[0] == '4')
		assert_int_equal(refused, atoi(r->want));
	if (strstr(c.got.data, "Server:") != NULL)
		fail_msg("%s: says what it runs", r->rule);
	client_close(&c);
	assert_int_equal(http_server_busy(server), 0);
}

static void
test_rules(void **state)
{
	static const size_t pieces[] = { 1 << 20, 1, 7 };

	(void)state;
	for (size_t p = 0; p < NITEMS(pieces); p++)
		for (size_t i = 0; i < NITEMS(rules); i++)
			check_rule(&rules[i], pieces[p]);
}

static void
test_nul_in_head(void **state)
{
	static const char in[] = "GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n";
	struct client c;

	(void)state;
	client_open(&c);
	client_send(&c, in, sizeof(in) - 1, 4096);
	client_wait(&c);
	assert_string_equal(statuses(&c), "400 -");
	client_close(&c);
}

/* Refused as soon as it is certain, not when it ends or time is up. */
static void
test_garbage_is_refused_at_once(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_send(&c, "\x16", 1, 1);
	client_wait(&c);
	assert_string_equal(statuses(&c), "400 -");
	client_close(&c);
}

static void
test_random_garbage(void **state)
{
	(void)state;
	srand(42);
	for (int i = 0; i < 200; i++) {
		char in[600];
		size_t n = (size_t)(rand() % (int)sizeof(in));
		struct client c;

		for (size_t k = 0; k < n; k++)
			in[k] = (char)rand();
		client_open(&c);
		client_send(&c, in, n, 100);
		client_close(&c);
	}
	assert_int_equal(http_server_busy(server), 0);
	assert_int_equal(handled, 0);
}

/* ---- bounds ----------------------------------------------------------- */

static void
send_repeated(struct client *c, const char *text, size_t n)
{
	struct buf b;

	buf_init(&b, n * strlen(text));
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, text);
	client_send(c, b.data, b.len, 32 * 1024);
	buf_fini(&b);
}

static void
send_text(struct client *c, const char *text)
{
	client_send(c, text, strlen(text), 1 << 20);
}

static void
test_head_bounds(void **state)
{
	static const struct {
		const char *rule, *repeat;
		size_t n;
		const char *want;
	} table[] = {
		{ "63 headers and a Host", "A: b\r\n", 63, "200 open" },
		{ "one more", "A: b\r\n", 64, "431 -" },
		{ "16 KB that never end", "A: b\r\n", 3000, "431 -" },
		{ "a value that never ends", "aaaaaaaaaaaaaaaa", 2000,
		    "431 -" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(table); i++) {
		struct client c;

		client_open(&c);
		send_text(&c, "GET / HTTP/1.1\r\n" H);
		if (table[i].repeat[0] == 'a')
			send_text(&c, "A: ");
		send_repeated(&c, table[i].repeat, table[i].n);
		send_text(&c, "\r\n");
		client_wait(&c);
		if (strcmp(statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, statuses(&c));
		client_close(&c);
	}
}

static void
test_body_bounds(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	send_text(&c, "POST / HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
	send_repeated(&c, "0123456789", 10000);
	client_wait(&c);
	assert_string_equal(statuses(&c), "200 open");
	assert_true(c.got.len > 100000);

	/* The connection goes on, and its memory with it. */
	send_text(
	    &c, "POST / HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n");
	send_repeated(&c, "0123456789", 100000);
	client_wait(&c);
	assert_string_equal(statuses(&c), "200 413 -");
	assert_false(c.is_reset);
	client_close(&c);
}

static void
test_chunk_bombs(void **state)
{
	static const struct {
		const char *rule, *repeat;
		size_t n;
		const char *end, *want;
	} table[] = {
		{ "a body of chunks up to the bound", "A\r\n0123456789\r\n",
		    10000, "0\r\n\r\n", "200 open" },
		{ "of one byte each", "1\r\nx\r\n", 100000, "0\r\n\r\n",
		    "200 open" },
		{ "one byte more", "1\r\nx\r\n", 100001, "0\r\n\r\n", "413 -" },
		{ "a size line that never ends", "0", 100000, "", "413 -" },
		{ "an extension that never ends", "1;", 100000, "", "400 -" },
		{ "extensions without end", "1;aaaaaaaaaaaaa\r\nx\r\n", 100001,
		    "", "413 -" },
		{ "empty lines without end", "\r\n", 1000, "", "400 -" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(table); i++) {
		struct client c;

		client_open(&c);
		send_text(&c, "POST / HTTP/1.1\r\n" H
		              "Transfer-Encoding: chunked\r\n\r\n");
		send_repeated(&c, table[i].repeat, table[i].n);
		send_text(&c, table[i].end);
		client_wait(&c);
		if (strcmp(statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, statuses(&c));
		client_close(&c);
	}
}

/* ---- answers that take their time ------------------------------------- */

static void
test_answered_later(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	send_text(&c, "POST /later HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na"
	              "POST /later HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nb"
	              "GET /now HTTP/1.1\r\n" H "\r\n");
	client_wait(&c);
	assert_string_equal(statuses(&c), "open");
	assert_int_equal(nlater, 1); /* one at a time */
	assert_int_equal(http_server_busy(server), 1);
	answer(later[0]);
	client_wait(&c);
	assert_string_equal(statuses(&c), "200 open");
	assert_int_equal(nlater, 2);
	answer(later[1]);
	client_wait(&c);
	assert_string_equal(statuses(&c), "200 200 200 open");
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
		send_text(&c, "GET /later HTTP/1.1\r\n" H "\r\n");
		client_wait(&c);
		if (i == 1)
			assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_LINGER,
			                     &hard, sizeof(hard)),
			    0);
		client_close(&c);
		assert_int_equal(nlater, 1);
		assert_int_equal(http_server_busy(server), 1);
		if (i == 2)
			send_text(&c, "");
		answer(later[--nlater]);
		for (int k = 0; k < 5; k++)
			turn();
		assert_int_equal(http_server_busy(server), 0);
	}
}

/* "printf ... | nc": the client sends no more, but it listens. */
static void
test_half_closed_client(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	send_text(
	    &c, "GET /later HTTP/1.1\r\n" H "\r\nGET / HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	client_wait(&c);
	assert_int_equal(nlater, 1);
	answer(later[0]);
	client_wait(&c);
	assert_string_equal(statuses(&c), "200 200 -");
	client_close(&c);
}

/* What was sent before it was known to be refused must not take the answer
 * with it, as closing with bytes unread would. */
static void
test_refusal_can_be_read(void **state)
{
	static char body[300 * 1000];
	struct client c;

	(void)state;
	client_open(&c);
	send_text(&c, "POST / HTTP/1.1\r\n" H "Content-Length: 9000000\r\n");
	assert_int_equal(send(c.fd, "\r\n", 2, MSG_MORE), 2);
	assert_true(send(c.fd, body, sizeof(body), MSG_NOSIGNAL) > 100 * 1000);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(refused, 413);
	assert_int_equal(send(c.fd, body, 1000, MSG_NOSIGNAL), 1000);
	client_wait(&c);
	assert_string_equal(statuses(&c), "413 -");
	assert_false(c.is_reset);
	client_close(&c);
}

/* What the handler was given stays where it is, whatever comes behind it. */
static void
test_pipelining_behind_a_handler(void **state)
{
	char body[2000], end[8];
	struct client c;
	size_t n = 0;

	(void)state;
	memset(body, 'b', sizeof(body));
	client_open(&c);
	send_text(
	    &c, "POST /later?x HTTP/1.1\r\n" H "Content-Length: 2000\r\n\r\n");
	client_send(&c, body, sizeof(body), sizeof(body));
	client_wait(&c);
	assert_int_equal(nlater, 1);
	for (int stuck = 0; stuck < 20; n++) {
		static const char ask[] = "GET /n HTTP/1.1\r\n" H "\r\n";

		if (send(c.fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) !=
		    sizeof(ask) - 1)
			stuck++;
		turn();
		if (n == 200 * 1000)
			break;
	}
	assert_true(n > 1000);
	assert_ptr_equal(http_body(later[0]).data, later_body[0].data);
	answer(later[0]);
	client_read(&c);
	turn();
	client_read(&c);
	assert_non_null(strstr(c.got.data, "\r\n\r\nPOST /later?x bbbb"));
	memcpy(end, strstr(c.got.data, "bbbb") + 1996, 4);
	assert_memory_equal(end, "bbbb", 4);
	client_close(&c);
}

/* A client that asks and asks and never reads: its input is not taken. */
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

		turn();
		sent += ok;
		stuck = ok ? 0 : stuck + 1;
		assert_true(sent < 10000);
	}
	assert_int_equal(http_server_busy(server), 1);
	assert_true(handled > 0);
	client_close(&c);
	assert_int_equal(http_server_busy(server), 0);
}

static void
test_continue(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	send_text(&c, "POST /x HTTP/1.1\r\n" H "Expect: 100-Continue\r\n"
	              "Content-Length: 5\r\n\r\n");
	client_wait(&c);
	assert_string_equal(c.got.data, "HTTP/1.1 100 Continue\r\n\r\n");
	send_text(&c, "hel");
	client_wait(&c);
	assert_string_equal(statuses(&c), "100 open");
	send_text(&c, "lo");
	client_wait(&c);
	assert_string_equal(statuses(&c), "100 200 open");
	client_close(&c);
}

static void
test_stop(void **state)
{
	struct client idle, busy, reading, late;
	struct sockaddr_in to = { .sin_family = AF_INET };

	(void)state;
	client_open(&idle);
	send_text(&idle, "GET / HTTP/1.1\r\n" H "\r\n");
	client_open(&busy);
	send_text(&busy, "GET /later HTTP/1.1\r\n" H "\r\n");
	client_open(&reading);
	send_text(&reading, "GET / HT");
	turn();
	assert_int_equal(http_server_busy(server), 2);
	to.sin_port = htons(
	    (uint16_t)atoi(strrchr(http_server_address(server), ':') + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	http_server_stop(server);

	client_wait(&idle);
	assert_string_equal(statuses(&idle), "200 -");
	send_text(&reading, "TP/1.1\r\n" H "\r\n");
	client_wait(&reading);
	assert_string_equal(statuses(&reading), "200 -");
	client_wait(&busy);
	assert_string_equal(statuses(&busy), "open");
	answer(later[0]);
	client_wait(&busy);
	assert_string_equal(statuses(&busy), "200 -");
	assert_int_equal(http_server_busy(server), 0);

	late.fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(late.fd, (struct sockaddr *)&to, sizeof(to)), -1);
	close(late.fd);
	client_close(&idle);
	client_close(&busy);
	client_close(&reading);
}

/* Slow clients: none holds a connection for long, whatever it is at. */
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
	http_server_hurry(server, QUIET_MS / 3);
	for (size_t i = 0; i < NITEMS(table); i++) {
		struct client c;

		client_open(&c);
		client_send(&c, table[i].in, strlen(table[i].in), 1 << 20);
		client_wait(&c);
		client_wait(&c);
		if (strcmp(statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, statuses(&c));
		client_close(&c);
	}
}

/* Drips a byte at a time, each before a timer of its own would end: the
 * time is for the whole request. */
static void
test_slow_drip(void **state)
{
	int64_t start = clock_mono();
	struct client c;

	(void)state;
	http_server_hurry(server, 100);
	client_open(&c);
	client_send(&c, "GET /", 5, 5);
	while (!c.is_closed && clock_mono() - start < 2000000) {
		client_send(&c, "a", 1, 1);
		clock_sleep_ms(10);
	}
	assert_string_equal(statuses(&c), "408 -");
	assert_true(clock_mono() - start < 1000000);
	client_close(&c);
}

/* Asks for more than fits on the way, and never reads it. */
static void
test_answer_not_read(void **state)
{
	struct client c;
	int small = 4096;

	(void)state;
	http_server_hurry(server, 50);
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
			turn();
		}
		if (handled > 0 && http_server_busy(server) == 0)
			break;
		clock_sleep_ms(5);
	}
	assert_true(handled > 0);
	assert_int_equal(http_server_busy(server), 0);
	client_close(&c);
}

static void
test_many_connections(void **state)
{
	static struct client c[300];

	(void)state;
	for (size_t i = 0; i < NITEMS(c); i++) {
		client_open(&c[i]);
		send_text(&c[i], i % 3 == 0 ? "GE" : "");
		turn();
	}
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < NITEMS(c); i++)
			send_text(&c[i], i % 3 == 0 && round == 0
			                     ? "T / HTTP/1.1\r\n" H "\r\n"
			                     : "GET / HTTP/1.1\r\n" H "\r\n");
	for (int i = 0; i < 10; i++)
		turn();
	for (size_t i = 0; i < NITEMS(c); i++) {
		client_read(&c[i]);
		assert_string_equal(statuses(&c[i]), "200 200 open");
		close(c[i].fd);
		buf_fini(&c[i].got);
	}
	turn();
	assert_int_equal(http_server_busy(server), 0);
}

/* Bodies that never end, more of them than there is memory for. */
static void
test_memory_is_bounded(void **state)
{
	enum {
		MANY = 5,
		BODY = 60 * 1000 * 1000
	};
	struct http_server *small = server;
	struct client c[MANY + 1];
	struct err e = { 0 };
	char head[128], *body = calloc(1, BODY);
	unsigned n503 = 0;

	(void)state;
	assert_non_null(body);
	server = http_server_new(
	    base, "127.0.0.1:0", BODY, on_request, &handled, &e);
	assert_non_null(server);
	(void)snprintf(head, sizeof(head),
	    "POST / HTTP/1.1\r\n" H "Content-Length: %d\r\n\r\n", BODY);
	for (size_t i = 0; i < MANY; i++) {
		client_open(&c[i]);
		send_text(&c[i], head);
		client_send(&c[i], body, BODY - 1, 1 << 20);
		client_wait(&c[i]);
		n503 += strcmp(statuses(&c[i]), "503 -") == 0;
	}
	assert_int_equal(n503, 1);
	/* What fits into one read is taken all the same. */
	client_open(&c[MANY]);
	send_text(
	    &c[MANY], "POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nab");
	client_wait(&c[MANY]);
	assert_string_equal(statuses(&c[MANY]), "200 open");
	for (size_t i = 0; i <= MANY; i++)
		client_close(&c[i]);
	http_server_free(server);
	server = small;
	free(body);
}

/* No file is left for a connection: it waits until there is one. */
static void
test_no_file_left(void **state)
{
	struct rlimit was, few;
	struct client waits, other;
	int fd = dup(0);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	client_open(&other);
	send_text(&other, "GET / HTTP/1.1\r\n" H "\r\n");
	client_wait(&other);
	client_open(&waits);
	few = was;
	few.rlim_cur = (rlim_t)waits.fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	send_text(&waits, "GET / HTTP/1.1\r\n" H "\r\n");
	client_wait(&waits);
	assert_string_equal(statuses(&waits), "open");
	send_text(&other, "GET / HTTP/1.1\r\n" H "\r\n");
	client_wait(&other);
	assert_string_equal(statuses(&other), "200 200 open");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	for (int i = 0; i < 20 && waits.got.len == 0; i++)
		client_wait(&waits);
	assert_string_equal(statuses(&waits), "200 open");
	close(fd);
	client_close(&waits);
	client_close(&other);
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
		s = http_server_new(base, wrong[i], 1, on_request, NULL, &e);
		if (s != NULL)
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(e.fault, FAULT_FATAL);
	}
	assert_null(http_server_new(
	    base, http_server_address(server), 1, on_request, NULL, &e));
	assert_int_equal(e.fault, FAULT_RETRY);
	assert_non_null(strstr(e.msg, strerror(EADDRINUSE)));
	s = http_server_new(base, "[::1]:0", 1, on_request, NULL, &e);
	if (s != NULL)
		assert_true(strncmp(http_server_address(s), "[::1]:", 6) == 0);
	http_server_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_rules),
		TEST(test_nul_in_head),
		TEST(test_garbage_is_refused_at_once),
		TEST(test_random_garbage),
		TEST(test_head_bounds),
		TEST(test_body_bounds),
		TEST(test_chunk_bombs),
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
		TEST(test_memory_is_bounded),
		TEST(test_no_file_left),
		TEST(test_addresses),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/echo.h"
#include "../support/test.h"
#include "base/cc.h"

/* ---- what comes in and what goes out ---------------------------------- */

#define H "Host: x\r\n"

static const struct rule {
	const char *rule;
	const char *in;
	const char *want;    /* the text that statuses() must give */
	const char *contain; /* text that the answers must have */
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
	{ .rule = "a body that nobody asked for is not waited for",
	    .in = "POST /early HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\n",
	    .want = "200 -" },
	{ .rule = "nor read, however much of it is there",
	    .in = "POST /early?q HTTP/1.1\r\n" H "Content-Length: 29\r\n\r\n"
	          "GET /evil HTTP/1.1\r\n" H "\r\n",
	    .want = "200 -",
	    .contain = "POST /early?q " },
	{ .rule = "nor are chunks",
	    .in = "POST /early HTTP/1.1\r\n" H
	          "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
	    .want = "200 -" },
	{ .rule = "nor is it too large",
	    .in = "POST /early HTTP/1.1\r\n" H "Content-Length: 100001\r\n\r\n",
	    .want = "200 -" },
	{ .rule = "nor does the client send it if it waits for us",
	    .in = "POST /early HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
	          "Content-Length: 5\r\n\r\n",
	    .want = "200 -" },
	{ .rule = "without a body the connection goes on",
	    .in = "GET /early HTTP/1.1\r\n" H "\r\n"
	          "POST /early HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"
	          "POST /x HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\na",
	    .want = "200 200 200 open",
	    .contain = "POST /x? a" },
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

	echo.refused = 0;
	client_open(&c);
	client_send(&c, r->in, strlen(r->in), piece);
	client_wait(&c);
	if (c.is_reset)
		fail_msg("%s (pieces of %zu): reset", r->rule, piece);
	if (r->want != NULL && strcmp(client_statuses(&c), r->want) != 0)
		fail_msg("%s (pieces of %zu): \"%s\", not \"%s\"", r->rule,
		    piece, client_statuses(&c), r->want);
	if (r->contain != NULL && strstr(c.got.data, r->contain) == NULL)
		fail_msg("%s (pieces of %zu): got \"%s\"", r->rule, piece,
		    c.got.data);
	if (r->want != NULL && r->want[0] == '4')
		assert_int_equal(echo.refused, atoi(r->want));
	if (strstr(c.got.data, "Server:") != NULL)
		fail_msg("%s: says what it runs", r->rule);
	client_close(&c);
	assert_int_equal(http_server_busy(echo.server), 0);
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
	assert_string_equal(client_statuses(&c), "400 -");
	client_close(&c);
}

/* Checks that garbage is refused at its first wrong byte. */
static void
test_garbage_is_refused_at_once(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_send(&c, "\x16", 1, 1);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "400 -");
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
	assert_int_equal(http_server_busy(echo.server), 0);
	assert_int_equal(echo.handled, 0);
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
		client_say(&c, "GET / HTTP/1.1\r\n" H);
		if (table[i].repeat[0] == 'a')
			client_say(&c, "A: ");
		send_repeated(&c, table[i].repeat, table[i].n);
		client_say(&c, "\r\n");
		client_wait(&c);
		if (strcmp(client_statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, client_statuses(&c));
		client_close(&c);
	}
}

static void
test_body_bounds(void **state)
{
	struct client c;

	(void)state;
	client_open(&c);
	client_say(
	    &c, "POST / HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
	send_repeated(&c, "0123456789", 10000);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "200 open");
	assert_true(c.got.len > 100000);

	/* The connection stays open, and a second body is read. */
	client_say(
	    &c, "POST / HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n");
	send_repeated(&c, "0123456789", 100000);
	client_wait(&c);
	assert_string_equal(client_statuses(&c), "200 413 -");
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
		client_say(&c, "POST / HTTP/1.1\r\n" H
		               "Transfer-Encoding: chunked\r\n\r\n");
		send_repeated(&c, table[i].repeat, table[i].n);
		client_say(&c, table[i].end);
		client_wait(&c);
		if (strcmp(client_statuses(&c), table[i].want) != 0)
			fail_msg("%s: %s", table[i].rule, client_statuses(&c));
		client_close(&c);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, echo_start, echo_stop)

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
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Checks the HTTP client against a small server on the same event loop, which
 * sends the answers that a test gives it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netdb.h>

#include "../support/port.h"
#include "../support/test.h"
#include "base/arena.h"
#include "base/buf.h"
#include "io/clock.h"
#include "io/http/client.h"

enum {
	TIMEOUT_MS = 500,
	RESOLVER_MS = 20 * 1000, /* the delay of the test's resolver */
	REQUEST_MAX = 64 * 1024,
	TEXT_MAX = 512,
	PORT_TRIES = 5,
};

struct server {
	struct event_base *base;
	struct evconnlistener *listener;
	int port;
	unsigned connections;
	struct buf got;    /* the last request */
	const char *reply; /* NULL: the server never replies */
	size_t padding;    /* bytes of 'x' behind the reply */
	bool hang_up;      /* close the connection after the reply */
	bool silent;       /* close the connection in place of a reply */
	unsigned requests;
	struct http_client *client;
};

/* The number of answers that the client gave, and the last answer. */
struct heard {
	unsigned times;
	int status;
	char body[TEXT_MAX];
	char retry_after[TEXT_MAX];
	char redirect[TEXT_MAX];
	char error[TEXT_MAX];
	enum http_fault fault;
	size_t body_len;
};

/* ---- the server ------------------------------------------------------- */

static bool
is_whole(const struct buf *b)
{
	const char *end = strstr(b->data, "\r\n\r\n");
	const char *length = strstr(b->data, "Content-Length: ");

	return end != NULL && length != NULL &&
	       b->len >=
	           (size_t)(end + 4 - b->data) + strtoul(length + 16, NULL, 10);
}

static void
on_request(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct server *s = arg;
	size_t n = evbuffer_get_length(in);

	buf_add(&s->got, evbuffer_pullup(in, -1), n);
	evbuffer_drain(in, n);
	if (!is_whole(&s->got) || s->reply == NULL)
		return;
	s->requests++;
	if (s->silent) {
		bufferevent_free(bev);
		return;
	}
	bufferevent_write(bev, s->reply, strlen(s->reply));
	for (size_t i = 0; i < s->padding; i++)
		bufferevent_write(bev, "x", 1);
	buf_reset(&s->got);
	buf_puts(&s->got, "whole");
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct server *s = arg;

	if (s->hang_up)
		bufferevent_free(bev);
}

static void
on_gone(struct bufferevent *bev, short what, void *arg)
{
	(void)what;
	(void)arg;
	bufferevent_free(bev);
}

static void
on_connection(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct server *s = arg;
	struct bufferevent *bev = bufferevent_socket_new(
	    s->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)sa;
	(void)len;
	s->connections++;
	buf_reset(&s->got);
	bufferevent_setcb(bev, on_request, on_written, on_gone, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static int
setup(void **state)
{
	static struct server s;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	memset(&s, 0, sizeof(s));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s.base = event_base_new();
	s.listener = evconnlistener_new_bind(s.base, on_connection, &s,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
	    (struct sockaddr *)&sin, sizeof(sin));
	if (s.listener == NULL || getsockname(evconnlistener_get_fd(s.listener),
	                              (struct sockaddr *)&sin, &len) == -1)
		return -1;
	s.port = ntohs(sin.sin_port);
	buf_init(&s.got, REQUEST_MAX);
	s.client = http_client_new(s.base, TIMEOUT_MS);
	*state = &s;
	return 0;
}

static int
teardown(void **state)
{
	struct server *s = *state;

	http_client_free(s->client);
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	/* Turns the loop once more, so that the server sees that its
	 * connections were closed. */
	event_base_loop(s->base, EVLOOP_NONBLOCK);
	event_base_free(s->base);
	buf_fini(&s->got);
	return 0;
}

/* ---- the client's side ------------------------------------------------ */

static void
on_answer(void *arg, const struct http_answer *a)
{
	struct heard *h = arg;

	h->times++;
	h->status = a->status;
	h->fault = a->fault;
	h->body_len = a->body.len;
	(void)snprintf(h->body, sizeof(h->body), "%.*s", (int)a->body.len,
	    a->body.data ? a->body.data : "");
	(void)snprintf(h->retry_after, sizeof(h->retry_after), "%.*s",
	    (int)a->retry_after.len,
	    a->retry_after.data ? a->retry_after.data : "");
	(void)snprintf(h->redirect, sizeof(h->redirect), "%.*s",
	    (int)a->redirect.len, a->redirect.data ? a->redirect.data : "");
	(void)snprintf(
	    h->error, sizeof(h->error), "%s", a->error ? a->error : "");
}

static void
post(struct server *s, const char *url, struct heard *h)
{
	static const char *const headers[] = { "X-Token: secret",
		"Content-Type: application/json" };
	struct err e;

	memset(h, 0, sizeof(*h));
	assert_int_equal(http_client_call(s->client,
	                     &(struct http_call){ url, headers, 2,
	                         STR("{\"a\":1}"), NULL, false },
	                     on_answer, h, &e),
	    0);
	assert_int_equal(h->times, 0);
}

static void
await(struct server *s)
{
	int64_t end = clock_mono() + 10 * INT64_C(1000000);

	while (http_client_busy(s->client) > 0 && clock_mono() < end)
		event_base_loop(s->base, EVLOOP_ONCE);
	assert_int_equal(http_client_busy(s->client), 0);
}

static void
post_and_await(struct server *s, const char *scheme, struct heard *h)
{
	char url[64];

	(void)snprintf(
	    url, sizeof(url), "%s://127.0.0.1:%d/x/y", scheme, s->port);
	post(s, url, h);
	await(s);
	assert_int_equal(h->times, 1);
}

static void
test_answer(void **state)
{
	struct server *s = *state;
	struct heard h;

	s->reply = "HTTP/1.1 429 Too Many\r\nRETRY-after:  2.5 \r\n"
	           "Content-Length: 5\r\n\r\nhello";
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 429);
	assert_string_equal(h.body, "hello");
	assert_string_equal(h.retry_after, "2.5");
	assert_string_equal(h.error, "");
	/* A second call uses the same connection. */
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 429);
	assert_int_equal(s->connections, 1);
}

/* Checks that a call goes out once if its caller says so, although the server
 * closes a connection that was used before without an answer. */
static void
test_once(void **state)
{
	struct server *s = *state;
	struct http_call call = { .body = STR("{}"), .once = true };
	struct heard h;
	char url[64];
	struct err e;

	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	post_and_await(s, "http", &h);
	s->silent = true;
	s->requests = 0;
	memset(&h, 0, sizeof(h));
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/x/y", s->port);
	call.url = url;
	assert_int_equal(
	    http_client_call(s->client, &call, on_answer, &h, &e), 0);
	await(s);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.fault, HTTP_FAULT_OTHER);
	assert_int_equal(s->requests, 1);
	/* Any other call is repeated by curl. */
	s->requests = 0;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(s->requests, 2);
}

static void
test_request(void **state)
{
	struct server *s = *state;
	struct heard h;

	s->reply = NULL;
	post_and_await(s, "http", &h);
	assert_int_equal(strncmp(s->got.data, "POST /x/y HTTP/1.1\r\n", 20), 0);
	assert_non_null(strstr(s->got.data, "\r\nX-Token: secret\r\n"));
	assert_non_null(strstr(s->got.data, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(s->got.data, "\r\nUser-Agent: loyald/"));
	assert_null(strstr(s->got.data, "Expect"));
	assert_string_equal(
	    strstr(s->got.data, "\r\n\r\n"), "\r\n\r\n{\"a\":1}");
}

static void
test_get(void **state)
{
	static const char *const headers[] = { "X-Token: secret" };
	struct server *s = *state;
	struct heard h = { 0 };
	char url[64];
	struct err e;

	s->reply = NULL;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/x?y=z", s->port);
	assert_int_equal(
	    http_client_call(s->client,
	        &(struct http_call){
	            .url = url, .headers = headers, .nheaders = 1 },
	        on_answer, &h, &e),
	    0);
	await(s);
	assert_int_equal(
	    strncmp(s->got.data, "GET /x?y=z HTTP/1.1\r\n", 21), 0);
	assert_non_null(strstr(s->got.data, "\r\nX-Token: secret\r\n"));
	assert_null(strstr(s->got.data, "Content-"));
}

static void
test_no_answer_in_time(void **state)
{
	struct server *s = *state;
	int64_t begin = clock_mono();
	struct heard h;

	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_string_not_equal(h.error, "");
	assert_int_equal(h.fault, HTTP_FAULT_TIME);
	assert_in_range(
	    clock_mono() - begin, TIMEOUT_MS * 900, TIMEOUT_MS * 3000);
}

static void
test_cut_off(void **state)
{
	struct server *s = *state;
	struct heard h;

	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
	s->hang_up = true;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.fault, HTTP_FAULT_OTHER);
	assert_string_not_equal(h.error, "");
}

static void
test_garbage(void **state)
{
	struct server *s = *state;
	struct heard h;

	s->reply = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
	s->hang_up = true;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_string_not_equal(h.error, "");
}

static void
test_redirect_is_not_followed(void **state)
{
	struct server *s = *state;
	char reply[256];
	struct heard h;

	(void)snprintf(reply, sizeof(reply),
	    "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:%d/z\r\n"
	    "Content-Length: 0\r\n\r\n",
	    s->port);
	s->reply = reply;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 307);
	assert_int_equal(s->connections, 1);
	(void)snprintf(reply, sizeof(reply), "http://127.0.0.1:%d/z", s->port);
	assert_string_equal(h.redirect, reply);
}

static void
test_answer_is_bounded(void **state)
{
	struct server *s = *state;
	struct heard h;

	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n";
	s->padding = HTTP_ANSWER_MAX + 1;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_string_equal(h.error, "the answer is too long");

	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n";
	s->padding = HTTP_ANSWER_MAX;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(h.body_len, HTTP_ANSWER_MAX);
}

static void
test_nobody_there(void **state)
{
	struct server *s = *state;
	struct heard h;

	evconnlistener_free(s->listener);
	s->listener = NULL;
	post_and_await(s, "http", &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.fault, HTTP_FAULT_CONNECT);
	assert_non_null(strstr(h.error, "connect"));
}

/* Replaces the machine's resolver, which curl calls in a thread. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **found)
{
	(void)service;
	(void)hints;
	*found = NULL;
	if (strcmp(node, "silent.invalid") == 0)
		clock_sleep_ms(RESOLVER_MS);
	return EAI_NONAME;
}

/* Checks that a call ends at its timeout, whatever the resolver does. */
static void
test_silent_resolver(void **state)
{
	struct server *s = *state;
	int64_t begin = clock_mono();
	struct heard h;

	post(s, "http://silent.invalid/", &h);
	await(s);
	assert_int_equal(h.fault, HTTP_FAULT_TIME);
	assert_in_range(clock_mono() - begin, 0, RESOLVER_MS * 500);
}

static void
test_name_without_address(void **state)
{
	struct server *s = *state;
	struct heard h;

	post(s, "http://shop.invalid/", &h);
	await(s);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.fault, HTTP_FAULT_NAME);
}

static void
test_only_http(void **state)
{
	struct server *s = *state;
	struct heard h;

	post(s, "file:///etc/hostname", &h);
	await(s);
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 0);
	assert_non_null(strstr(h.error, "rotocol"));
	post(s, "no url at all", &h);
	await(s);
	assert_int_equal(h.status, 0);
}

static void
test_header_of_two_lines(void **state)
{
	static const char *const headers[] = { "X-Token: a\r\nX-Other: b" };
	struct server *s = *state;
	struct heard h = { 0 };
	struct err e;

	assert_int_equal(http_client_call(s->client,
	                     &(struct http_call){ "http://127.0.0.1/", headers,
	                         1, STR(""), NULL, false },
	                     on_answer, &h, &e),
	    -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_int_equal(http_client_busy(s->client), 0);
}

/* Checks that a call that gets no answer does not hold up other calls. */
static void
test_many_at_once(void **state)
{
	struct server *s = *state;
	struct heard slow, quick[20];
	int64_t begin;
	char url[64];

	s->reply = NULL;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/", s->port);
	post(s, url, &slow);
	while (s->connections == 0 || !is_whole(&s->got))
		event_base_loop(s->base, EVLOOP_ONCE);

	begin = clock_mono();
	s->reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	for (size_t i = 0; i < 20; i++)
		post(s, url, &quick[i]);
	while (http_client_busy(s->client) > 1)
		event_base_loop(s->base, EVLOOP_ONCE);
	assert_in_range(clock_mono() - begin, 0, TIMEOUT_MS * 800);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(quick[i].status, 200);
	assert_int_equal(slow.times, 0);
	/* The teardown drops the unanswered call, without calling its
	 * callback. */
}

static char tls_dir[64]; /* the folder of `key` and `crt` */

static void
tls_key_make(void)
{
	char command[256];

	(void)snprintf(tls_dir, sizeof(tls_dir), "/tmp/loyald-tls-XXXXXX");
	assert_non_null(mkdtemp(tls_dir));
	(void)snprintf(command, sizeof(command),
	    "cd %s && openssl req -x509 -newkey rsa:2048 -nodes -subj "
	    "/CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key "
	    "-days 1 -out crt 2>/dev/null",
	    tls_dir);
	assert_int_equal(system(command), 0);
}

static void
tls_key_remove(void)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "rm -r %s", tls_dir);
	assert_int_equal(system(command), 0);
}

/* Starts openssl's own server, with a certificate made for the test. */
static pid_t
tls_server(int port)
{
	char at[32];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (chdir(tls_dir) == -1)
		_exit(127);
	(void)snprintf(at, sizeof(at), "127.0.0.1:%d", port);
	(void)execlp("openssl", "openssl", "s_server", "-accept", at, "-quiet",
	    "-www", "-key", "key", "-cert", "crt", (char *)NULL);
	_exit(127);
}

/* Sends requests until the server answers.  False if the server ended before,
 * as it does when its port is in use. */
static bool
ask_tls_server(struct server *s, struct heard *h)
{
	int port = port_free();
	pid_t pid = tls_server(port);
	bool has_ended = false;
	char url[64];

	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
	for (int i = 0; i < 200 && !has_ended; i++) {
		clock_sleep_ms(50);
		post(s, url, h);
		await(s);
		if (strstr(h->error, "onnect") == NULL)
			break;
		has_ended = waitpid(pid, NULL, WNOHANG) == pid;
	}
	if (has_ended || waitpid(pid, NULL, WNOHANG) == pid)
		return false;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return true;
}

/* Checks that no token is sent to a server whose certificate no authority
 * signed. */
static void
test_certificate_is_checked(void **state)
{
	struct server *s = *state;
	bool was_asked = false;
	struct heard h = { 0 };

	tls_key_make();
	for (int i = 0; i < PORT_TRIES && !was_asked; i++)
		was_asked = ask_tls_server(s, &h);
	tls_key_remove();
	assert_true(was_asked);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.fault, HTTP_FAULT_TLS);
	assert_non_null(strstr(h.error, "certificate"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer),
		TEST(test_once),
		TEST(test_request),
		TEST(test_get),
		TEST(test_no_answer_in_time),
		TEST(test_cut_off),
		TEST(test_garbage),
		TEST(test_redirect_is_not_followed),
		TEST(test_answer_is_bounded),
		TEST(test_nobody_there),
		TEST(test_name_without_address),
		TEST(test_silent_resolver),
		TEST(test_only_http),
		TEST(test_header_of_two_lines),
		TEST(test_many_at_once),
		TEST(test_certificate_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

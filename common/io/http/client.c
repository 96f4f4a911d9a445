/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/log.h"
#include "io/http/client.h"
#include "io/timer.h"

enum {
	CONNECTIONS_MAX = 256, /* connections kept open for later calls */
};

struct call {
	struct call *next, *prev;
	CURL *easy;
	struct curl_slist *headers;
	struct buf answer;
	char retry_after[HTTP_RETRY_AFTER_MAX];
	char error[CURL_ERROR_SIZE];
	http_answered *answered;
	void *arg;
};

struct http_client {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	int64_t timeout_ms;
	struct call *calls; /* the calls under way */
	unsigned busy;
};

/* ---- the end of a call --------------------------------------------------- */

static void
call_unlink(struct http_client *c, struct call *call)
{
	if (call->prev != NULL)
		call->prev->next = call->next;
	else
		c->calls = call->next;
	if (call->next != NULL)
		call->next->prev = call->prev;
	c->busy--;
}

static void
call_free(struct http_client *c, struct call *call)
{
	call_unlink(c, call);
	(void)curl_multi_remove_handle(c->multi, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	buf_fini(&call->answer);
	free(call);
}

/* A code that is not in the table is HTTP_FAULT_OTHER. */
static const struct {
	CURLcode code;
	enum http_fault fault;
} faults[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_FAULT_NAME },
	{ CURLE_COULDNT_CONNECT, HTTP_FAULT_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT, HTTP_FAULT_TIME },
	{ CURLE_SSL_CONNECT_ERROR, HTTP_FAULT_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_FAULT_TLS },
};

static enum http_fault
fault_of(CURLcode code)
{
	for (size_t i = 0; i < NITEMS(faults); i++)
		if (faults[i].code == code)
			return faults[i].fault;
	return HTTP_FAULT_OTHER;
}

static void
call_end(struct http_client *c, CURL *easy, CURLcode result)
{
	struct http_answer answer = { 0 };
	const char *redirect = NULL;
	struct call *call;
	curl_off_t took = 0;
	long status = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
	(void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took);
	answer.took_us = took;
	if (result == CURLE_OK) {
		(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
		answer.status = (int)status;
		answer.redirect = str_of(redirect);
		answer.body = (struct str){ call->answer.data,
			call->answer.len };
		answer.retry_after = str_of(call->retry_after);
		if (status == 0)
			answer.error = "an answer without a status";
	} else if (buf_is_full(&call->answer)) {
		answer.error = "the answer is too long";
	} else {
		answer.error = call->error[0] ? call->error
		                              : curl_easy_strerror(result);
	}
	if (answer.status == 0)
		answer.fault = fault_of(result);
	call->answered(call->arg, &answer);
	call_free(c, call);
}

static void
calls_end(struct http_client *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			call_end(c, msg->easy_handle, msg->data.result);
}

/* ---- curl's sockets and timer on libevent -------------------------------- */

static void
multi_turn(struct http_client *c, curl_socket_t fd, int what)
{
	int running;
	CURLMcode code = curl_multi_socket_action(c->multi, fd, what, &running);

	if (code != CURLM_OK)
		die("curl: %s", curl_multi_strerror(code));
	calls_end(c);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	int did = (what & EV_READ ? CURL_CSELECT_IN : 0) |
	          (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	multi_turn(arg, fd, did);
}

static void
on_timer(evutil_socket_t, short, void *arg)
{
	multi_turn(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* Watches a socket for what curl waits for.  curl keeps the event that this
 * function makes, and passes it as `kept` at the next call. */
static int
watch_socket(CURL *, curl_socket_t fd, int what, void *arg, void *kept)
{
	struct http_client *c = arg;
	struct event *ev = kept;
	short on = EV_PERSIST;

	if (ev != NULL)
		event_free(ev);
	ev = NULL;
	if (what != CURL_POLL_REMOVE) {
		if (what != CURL_POLL_OUT)
			on |= EV_READ;
		if (what != CURL_POLL_IN)
			on |= EV_WRITE;
		ev = event_new(c->base, fd, on, on_socket, c);
		if (ev == NULL || event_add(ev, NULL) == -1)
			die("out of memory for an event");
	}
	(void)curl_multi_assign(c->multi, fd, ev);
	return 0;
}

static int
watch_timer(CURLM *, long ms, void *arg)
{
	struct http_client *c = arg;

	if (ms < 0)
		(void)event_del(c->timer);
	else
		timer_in(c->timer, ms);
	return 0;
}

/* ---- the answer --------------------------------------------------------- */

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct call *call = arg;

	buf_add(&call->answer, data, size * n);
	return buf_is_full(&call->answer) ? 0 : size * n;
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	static const char name[] = "Retry-After:";
	size_t len = size * n, at = sizeof(name) - 1;
	struct call *call = arg;

	if (len < at || strncasecmp(line, name, at) != 0)
		return len;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	for (n = 0; at < len && n + 1 < sizeof(call->retry_after); at++, n++) {
		if (line[at] == '\r' || line[at] == '\n')
			break;
		call->retry_after[n] = line[at];
	}
	while (n > 0 && call->retry_after[n - 1] == ' ')
		n--;
	call->retry_after[n] = '\0';
	return len;
}

/* ---- making a call ------------------------------------------------------- */

static bool
is_this_machine(const char *url)
{
	static const char *const hosts[] = { "://127.", "://localhost",
		"://[::1]" };

	for (size_t i = 0; i < NITEMS(hosts); i++)
		if (strstr(url, hosts[i]) != NULL)
			return true;
	return false;
}

static void
slist_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		die("out of memory for a header");
	*list = longer;
}

#define SET(easy, option, value)                                             \
	do {                                                                 \
		if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK) \
			die("curl does not know the option %s", #option);    \
	} while (0)

/* Sets the options that all calls have in common. */
static void
set_policy(CURL *easy, const struct http_client *c)
{
	int64_t connect_ms = c->timeout_ms < HTTP_CONNECT_MS ? c->timeout_ms
	                                                     : HTTP_CONNECT_MS;

	SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	/* The end of a call does not wait for the thread that still looks up
	 * the host's name. */
	SET(easy, CURLOPT_QUICK_EXIT, 1L);
	SET(easy, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	SET(easy, CURLOPT_USERAGENT, "loyald/" VERSION);
	/* A call sends what its caller gave, and nothing from ~/.netrc. */
	SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

static void
set_call(CURL *easy, struct call *call, const struct http_call *asked)
{
	SET(easy, CURLOPT_PRIVATE, call);
	SET(easy, CURLOPT_ERRORBUFFER, call->error);
	SET(easy, CURLOPT_WRITEFUNCTION, on_body);
	SET(easy, CURLOPT_WRITEDATA, call);
	SET(easy, CURLOPT_HEADERFUNCTION, on_header);
	SET(easy, CURLOPT_HEADERDATA, call);
	SET(easy, CURLOPT_HTTPHEADER, call->headers);
	SET(easy, CURLOPT_URL, asked->url);
	if (is_this_machine(asked->url))
		SET(easy, CURLOPT_PROXY, "");
	if (asked->method != NULL)
		SET(easy, CURLOPT_CUSTOMREQUEST, asked->method);
	if (asked->once)
		SET(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (asked->body.len == 0)
		return;
	SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)asked->body.len);
	SET(easy, CURLOPT_COPYPOSTFIELDS, asked->body.data);
}

int
http_client_call(struct http_client *c, const struct http_call *asked,
    http_answered *answered, void *arg, struct err *e)
{
	struct call *call;
	CURLMcode code;

	for (size_t i = 0; i < asked->nheaders; i++)
		if (strpbrk(asked->headers[i], "\r\n") != NULL)
			return err_set(
			    e, FAULT_REJECT, "a header holds a line end");

	call = calloc(1, sizeof(*call));
	if (call == NULL || (call->easy = curl_easy_init()) == NULL)
		die("out of memory for a call");
	call->answered = answered;
	call->arg = arg;
	buf_init(&call->answer, HTTP_ANSWER_MAX);
	for (size_t i = 0; i < asked->nheaders; i++)
		slist_add(&call->headers, asked->headers[i]);
	set_policy(call->easy, c);
	set_call(call->easy, call, asked);

	call->next = c->calls;
	if (c->calls != NULL)
		c->calls->prev = call;
	c->calls = call;
	c->busy++;
	code = curl_multi_add_handle(c->multi, call->easy);
	if (code != CURLM_OK)
		die("curl: %s", curl_multi_strerror(code));
	return 0;
}

/* ---- birth and death ----------------------------------------------------- */

struct http_client *
http_client_new(struct event_base *base, int64_t timeout_ms)
{
	struct http_client *c = calloc(1, sizeof(*c));

	if (c == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->multi = curl_multi_init()) == NULL)
		die("out of memory for an HTTP client");
	c->base = base;
	c->timer = timer_new(base, on_timer, c);
	c->timeout_ms = timeout_ms;
	(void)curl_multi_setopt(
	    c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	(void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	(void)curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, watch_timer);
	(void)curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	(void)curl_multi_setopt(
	    c->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
	return c;
}

void
http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	while (c->calls != NULL) {
		assert(c->calls->prev == NULL);
		call_free(c, c->calls);
	}
	(void)curl_multi_cleanup(c->multi);
	event_free(c->timer);
	curl_global_cleanup();
	free(c);
}

unsigned
http_client_busy(const struct http_client *c)
{
	return c->busy;
}

/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/http/internal.h"

enum {
	LINGER_READ = 16 * 1024,
	ANSWER_MAX = 4 * 1024 * 1024,
};

static void conn_turn(struct conn *);

/* ---- time ------------------------------------------------------------- */

static void
timer_set(struct conn *c, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	if (c->server->hurry_ms > 0)
		tv = (struct timeval){ .tv_usec = c->server->hurry_ms * 1000L };
	if (evtimer_add(&c->timer, &tv) == -1)
		die("libevent refuses a timer");
}

static void
busy_set(struct conn *c, bool is_busy)
{
	if (c->is_busy == is_busy)
		return;
	c->is_busy = is_busy;
	if (is_busy)
		c->server->busy++;
	else
		c->server->busy--;
}

/* ---- output ----------------------------------------------------------- */

/* Sends as much as the socket takes; false if the client is gone. */
static bool
out_send(struct conn *c)
{
	while (c->out_at < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_at,
		    c->out_len - c->out_at, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN;
		c->out_at += (size_t)n;
		timer_set(c, HTTP_WRITE_SECONDS);
	}
	return true;
}

/* Sends the bytes, keeping what the socket does not take. */
static bool
out_put(struct conn *c, const struct buf *b)
{
	ssize_t n = send(c->fd, b->data, b->len, MSG_NOSIGNAL);

	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			return false;
		n = 0;
	}
	if ((size_t)n == b->len)
		return true;
	c->out_len = b->len - (size_t)n;
	c->out_at = 0;
	c->out = malloc(c->out_len);
	if (c->out == NULL)
		die("out of memory for an answer");
	memcpy(c->out, b->data + n, c->out_len);
	crowd_hold(c, 0, c->out_len);
	crowd_wait(c, HTTP_WAIT_SLOW);
	timer_set(c, HTTP_WRITE_SECONDS);
	return true;
}

static void
out_free(struct conn *c)
{
	crowd_hold(c, c->out_len, 0);
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_at = 0;
}

static void
answer_send(struct conn *c, int status, const char *type, const char *extra,
    struct str body)
{
	struct buf b;

	c->must_close |= c->server->is_stopping;
	buf_init(&b, ANSWER_MAX);
	http_render(c, status, type, extra, body, &b);
	c->state = CONN_WRITE;
	if (!out_put(c, &b))
		c->is_dead = true;
	buf_fini(&b);
}

/* Answers with an error without asking the handler. */
static void
refuse(struct conn *c, int status)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s\n", http_reason(status));

	c->must_close = true;
	if (c->server->on_refusal != NULL)
		c->server->on_refusal(status);
	answer_send(c, status, "text/plain",
	    status == 503 ? "Retry-After: 5\r\n" : "",
	    (struct str){ text, (size_t)n });
}

/* Closes a connection, with a 503 if no answer was begun, since other
 * connections need the memory. */
static void
yield(struct conn *c)
{
	metrics.http_cut_memory++;
	if (c->state == CONN_WRITE)
		c->is_dead = true;
	else
		refuse(c, 503);
}

/* Closes connections by yield() until there is memory enough for `c` to wait
 * for more bytes of its request.  Returns false if `c` itself was closed. */
static bool
may_wait(struct conn *c)
{
	struct conn *longest;

	while ((longest = crowd_yields_bytes(c)) != NULL) {
		yield(longest);
		if (longest == c)
			return false;
		conn_turn(longest);
	}
	return true;
}

/* ---- the life of a request -------------------------------------------- */

static void
request_begin(struct conn *c)
{
	busy_set(c, true);
	c->came = c->in_len;
	c->times = 0;
	crowd_wait(c, HTTP_WAIT_SLOW);
	timer_set(c, HTTP_PROGRESS_SECONDS);
}

/* Whether enough of a request has come since the timer last ran out, so that
 * the client gets more time. */
static bool
has_progress(struct conn *c)
{
	bool enough = c->came >= HTTP_PROGRESS_BYTES;

	c->came = 0;
	c->times++;
	return enough &&
	       c->times < HTTP_REQUEST_SECONDS / HTTP_PROGRESS_SECONDS;
}

/* Asks a handler.  Each step_x() returns whether another step may follow at
 * once. */
static bool
step_ask(struct conn *c, http_handler *handler)
{
	c->state = CONN_HANDLER;
	crowd_wait(c, HTTP_WAIT_NONE);
	c->req->asked_at = clock_mono();
	handler(c->req, c->server->arg);
	if (c->state != CONN_HANDLER)
		return true;
	/* The handler answers later, and there is no time limit. */
	(void)evtimer_del(&c->timer);
	return false;
}

static bool
step_head(struct conn *c)
{
	static const char empty[] = "\r\n";
	int end;

	/* A single empty line before a request is tolerated (RFC 9112). */
	while (c->in_len > 0 && c->empty < 2 && c->in[0] == empty[c->empty]) {
		c->empty++;
		in_shift(c, 1);
	}
	if (c->in_len == 0)
		return false;
	if (!c->is_busy)
		request_begin(c);
	end = http_head_end((struct str){ c->in, c->in_len }, &c->seen);
	if (end == 0)
		return !may_wait(c);
	if (end < 0 || c->empty == 1) {
		refuse(c, end < 0 ? -end : 400);
		return true;
	}
	req_new(c, (size_t)end);
	end = http_head_parse(
	    (struct str){ c->in, c->head_len }, &c->req->head);
	if (end != 0) {
		refuse(c, end);
		return true;
	}
	c->must_close = c->req->head.is_close;
	c->must_continue = c->req->head.is_continue;
	return step_ask(c, c->server->handler);
}

static void
continue_send(struct conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	c->must_continue = false;
	/* The socket has room for the text, since no other bytes are on their
	 * way to the client. */
	if (c->in_len == c->raw && send(c->fd, text, sizeof(text) - 1,
	                               MSG_NOSIGNAL) != sizeof(text) - 1)
		c->is_dead = true;
}

static bool
step_body(struct conn *c)
{
	struct http_request *r = c->req;
	size_t used, have = c->in_len - c->raw;
	bool is_whole;

	if (r->head.length >= 0) {
		is_whole = have >= (size_t)r->head.length;
		used = is_whole ? (size_t)r->head.length : 0;
		c->body_len = used;
	} else {
		int end = http_chunks_read(&c->chunks, c->in + c->raw, have,
		    &used, c->in + c->head_len);

		c->body_len = c->chunks.len;
		if (end < 0) {
			refuse(c, -end);
			return true;
		}
		is_whole = end == 1;
	}
	c->raw += used;
	if (!is_whole) {
		if (!may_wait(c))
			return true;
		if (c->must_continue)
			continue_send(c);
		return false;
	}
	return step_ask(c, c->then);
}

static bool
step_write(struct conn *c)
{
	if (!out_send(c)) {
		c->is_dead = true;
		return false;
	}
	if (c->out_at < c->out_len) {
		if (event_add(&c->write, NULL) == -1)
			die("libevent refuses an event");
		return false;
	}
	out_free(c);
	req_free(c);
	busy_set(c, false);
	crowd_wait(c, HTTP_WAIT_IDLE);
	if (!c->must_close) {
		in_shift(c, c->raw);
		c->empty = 0;
		c->state = CONN_HEAD;
		timer_set(c, HTTP_IDLE_SECONDS);
		return c->in_len > 0;
	}
	/* A connection that is closed with unread bytes is reset, and the
	 * answer could be lost before the client reads the answer. */
	if (c->has_eof || shutdown(c->fd, SHUT_WR) == -1) {
		c->is_dead = true;
		return false;
	}
	in_free(c);
	c->in_len = 0;
	c->state = CONN_LINGER;
	timer_set(c, HTTP_LINGER_SECONDS);
	return false;
}

static bool
step(struct conn *c)
{
	switch (c->state) {
	case CONN_HEAD:
		return step_head(c);
	case CONN_BODY:
		return step_body(c);
	case CONN_WRITE:
		return step_write(c);
	case CONN_HANDLER:
	case CONN_LINGER:
		return false;
	}
	return false;
}

/* Stops reading while there is no room to read into, and starts reading again
 * when there is room. */
static void
reading_adjust(struct conn *c)
{
	bool pause = c->has_eof || (c->state != CONN_LINGER && !in_room(c));

	if (pause == c->is_paused)
		return;
	c->is_paused = pause;
	if ((pause ? event_del(&c->read) : event_add(&c->read, NULL)) == -1)
		die("libevent refuses an event");
}

static void
conn_turn(struct conn *c)
{
	c->is_turning = true;
	while (!c->is_dead && step(c))
		;
	c->is_turning = false;
	/* The client sends no more, and its request is incomplete. */
	if (c->has_eof && (c->state == CONN_HEAD || c->state == CONN_BODY))
		c->is_dead = true;
	if (c->is_dead) {
		conn_free(c);
		return;
	}
	if (c->in_cap > 0 || c->is_paused)
		reading_adjust(c);
}

static void
on_readable(evutil_socket_t fd, short, void *arg)
{
	static char waste[LINGER_READ];
	struct conn *c = arg;
	ssize_t n;

	if (c->state == CONN_LINGER) {
		n = recv(fd, waste, sizeof(waste), 0);
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			conn_free(c);
		return;
	}
	if (!in_room(c)) {
		reading_adjust(c);
		return;
	}
	n = recv(fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		/* A handler may still have the request, so the connection stays
		 * until sending the answer fails. */
		n = 0;
	}
	if (n == 0)
		c->has_eof = true;
	c->in_len += (size_t)n;
	c->came += (size_t)n;
	if (c->in_len == 0)
		in_free(c);
	conn_turn(c);
}

static void
on_writable(evutil_socket_t, short, void *arg)
{
	conn_turn(arg);
}

static void
on_timer(evutil_socket_t, short, void *arg)
{
	struct conn *c = arg;

	if (!c->is_busy || (c->state != CONN_HEAD && c->state != CONN_BODY)) {
		c->is_dead = true;
	} else if (has_progress(c)) {
		timer_set(c, HTTP_PROGRESS_SECONDS);
	} else {
		metrics.http_cut_slow++;
		refuse(c, 408);
	}
	conn_turn(c);
}

/* ---- for the server --------------------------------------------------- */

void
conn_new(struct http_server *s, int fd, struct http_crowd *source)
{
	struct conn *c = mem_new(sizeof(*c), "a connection");

	c->server = s;
	c->fd = fd;
	c->state = CONN_HEAD;
	if (event_assign(&c->read, s->base, fd, EV_READ | EV_PERSIST,
	        on_readable, c) == -1 ||
	    event_assign(&c->write, s->base, fd, EV_WRITE, on_writable, c) ==
	        -1 ||
	    evtimer_assign(&c->timer, s->base, on_timer, c) == -1 ||
	    event_add(&c->read, NULL) == -1)
		die("libevent refuses an event");
	LIST_INSERT_HEAD(&s->conns, c, next);
	crowd_join(c, source);
	timer_set(c, HTTP_IDLE_SECONDS);
}

void
conn_free(struct conn *c)
{
	busy_set(c, false);
	in_free(c);
	out_free(c);
	req_free(c);
	crowd_leave(c);
	(void)event_del(&c->read);
	(void)event_del(&c->write);
	(void)event_del(&c->timer);
	LIST_REMOVE(c, next);
	close(c->fd);
	free(c);
}

bool
conn_close_longest(const struct http_crowd *crowd)
{
	struct conn *c = crowd_longest(crowd);

	if (c == NULL)
		return false;
	metrics.http_cut_connections++;
	conn_free(c);
	return true;
}

void
http_read(struct http_request *r, size_t body_max, http_handler *then)
{
	struct conn *c = r->conn;

	assert(c->state == CONN_HANDLER && c->is_turning && c->then == NULL);
	c->then = then;
	c->body_max = body_max;
	c->chunks = (struct http_chunks){ .max = body_max };
	if (r->head.length > (int64_t)body_max) {
		refuse(c, 413);
	} else {
		c->state = CONN_BODY;
		crowd_wait(c, HTTP_WAIT_SLOW);
	}
}

void
http_answer(
    struct http_request *r, int status, const char *type, struct str body)
{
	struct conn *c = r->conn;

	assert(c->state == CONN_HANDLER);
	/* The connection must close: the next bytes are a body that no handler
	 * asked for. */
	if (c->then == NULL && r->head.length != 0) {
		metrics.http_unread++;
		c->must_close = true;
	}
	answer_send(c, status, type, r->extra, body);
	if (!c->is_turning)
		conn_turn(c);
}

/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/buf.h"
#include "io/http/crowd.h"
#include "io/http/server.h"

/*
 * internal: a connection of the server, shared by the files of http_server.
 * A connection reads bytes, has a single request at a time, and sends bytes.
 */

enum {
	HTTP_ANSWER_HEADERS_MAX =
	    512, /* bytes of all headers of http_answer_header() */
	HTTP_DATE_MAX = 40,
};

LIST_HEAD(conn_list, conn);

struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *retry; /* listens again after descriptors ran out */
	struct conn_list conns;
	struct http_crowd crowd; /* all connections */
	void *sources; /* a tree of tsearch(3): the crowds by address */
	unsigned connections_max;
	size_t bytes_max;
	unsigned busy;
	bool is_stopping;
	int hurry_ms; /* for tests: length of all timeouts; 0: unused */
	http_handler *handler;
	void *arg;
	void (*on_refusal)(int status);
	char address[128];
	char date[HTTP_DATE_MAX];
	int64_t date_at;   /* the second that `date` is for */
	int64_t warned_at; /* when on_accept_error() last warned; 0: never */
};

enum conn_state {
	CONN_HEAD = 1, /* idle, or reading a head */
	CONN_BODY,
	CONN_HANDLER, /* a handler has the request */
	CONN_WRITE,
	CONN_LINGER, /* the answer is sent; bytes that come are thrown away */
};

struct http_request {
	struct conn *conn;
	struct http_head head;
	int64_t asked_at; /* when a handler was last called, by clock_mono() */
	size_t extra_len;
	char extra[HTTP_ANSWER_HEADERS_MAX];
};

struct conn {
	LIST_ENTRY(conn) next;
	struct http_server *server;
	struct http_crowd *crowds[HTTP_CROWDS];
	TAILQ_ENTRY(conn) among[HTTP_CROWDS];
	enum http_wait wait;
	size_t held; /* bytes of `in`, `req` and `out` */
	int fd;
	enum conn_state state;
	struct event read, write, timer;

	/* Input: the head, the decoded part of the body, and raw bytes from
	 * offset `raw` on. */
	char *in;
	size_t in_len, in_cap;
	size_t seen; /* bytes searched for the end of the head */
	size_t came; /* bytes received since the timer last ran out */
	int times;   /* how often the timer ran out during the request */
	size_t head_len, body_len, raw;
	struct http_chunks chunks;
	struct http_request *req;
	http_handler *then; /* gets the whole body; NULL: no body wanted */
	size_t body_max;    /* most bytes that the body may have */

	char *out; /* bytes of the answer that are not sent yet */
	size_t out_len, out_at;
	bool is_busy, is_turning, is_paused;
	int empty;          /* bytes read of an empty line before a request */
	bool must_close;    /* the connection ends after the answer */
	bool must_continue; /* the client waits for "100 Continue" */
	bool has_eof;       /* the client sends no more */
	bool is_dead;       /* conn_turn() is to free the connection */
};

/* Makes a connection, which owns the socket from now on. */
void conn_new(struct http_server *, int fd, struct http_crowd *source);
void conn_free(struct conn *);
/* Closes a connection to make room for another; false if no connection of the
 * crowd can be closed. */
bool conn_close_longest(const struct http_crowd *);

/* Makes room to read into; false if the buffer is full and may not grow. */
bool in_room(struct conn *);
/* Drops the first n bytes of the input.  The next request begins after them. */
void in_shift(struct conn *, size_t n);
void in_free(struct conn *);
/* Begins a request whose head is whole and has head_len bytes. */
void req_new(struct conn *, size_t head_len);
void req_free(struct conn *);

const char *http_reason(int status);
/* Renders an answer.  c->req is the request, or NULL if its head was
 * refused. */
void http_render(struct conn *, int status, const char *type, const char *extra,
    struct str body, struct buf *);

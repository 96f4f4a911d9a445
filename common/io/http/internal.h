/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_INTERNAL_H
#define IO_HTTP_INTERNAL_H

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/buf.h"
#include "io/http/crowd.h"
#include "io/http/server.h"

/*
 * http_conn: one connection of the server: bytes in, one request at a time,
 * bytes out.  Only the files of http_server use it.
 */

enum {
	HTTP_ANSWER_HEADERS_MAX = 512, /* bytes, by http_answer_header() */
	HTTP_DATE_MAX = 40,
};

LIST_HEAD(conn_list, conn);

struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *retry; /* listening again after no file was left */
	struct conn_list conns;
	struct http_crowd crowd; /* all of them */
	void *sources; /* the crowds by address, as tsearch(3) has it */
	unsigned connections_max;
	size_t bytes_max;
	unsigned busy;
	bool is_stopping;
	int hurry_ms; /* for tests; 0: not */
	http_handler *handler;
	void *arg;
	void (*on_refusal)(int status);
	char address[128];
	char date[HTTP_DATE_MAX];
	int64_t date_at;   /* the second it is for */
	int64_t warned_at; /* monotonic: that no connection can be taken */
};

enum conn_state {
	CONN_HEAD = 1, /* idle, or reading a head */
	CONN_BODY,
	CONN_HANDLER, /* a handler has the request */
	CONN_WRITE,
	CONN_LINGER, /* all is said; what still comes is thrown away */
};

struct http_request {
	struct conn *conn;
	struct http_head head;
	int64_t asked_at; /* monotonic: when the handler was, last */
	size_t extra_len;
	char extra[HTTP_ANSWER_HEADERS_MAX];
};

struct conn {
	LIST_ENTRY(conn) next;
	struct http_server *server;
	struct http_crowd *crowds[HTTP_CROWDS];
	TAILQ_ENTRY(conn) among[HTTP_CROWDS];
	enum http_wait wait;
	size_t held; /* bytes, of all there is below */
	int fd;
	enum conn_state state;
	struct event read, write, timer;

	/* Input: the head, the body as far as it is decoded, and raw bytes
	 * from `raw` on. */
	char *in;
	size_t in_len, in_cap;
	size_t seen; /* bytes of the head that were looked at */
	size_t came; /* bytes since time was last up */
	int times;   /* that it was up, with this request */
	size_t head_len, body_len, raw;
	struct http_chunks chunks;
	struct http_request *req;
	http_handler *then; /* who asked for the body; NULL: nobody */
	size_t body_max;    /* of the body that is read */

	char *out; /* what the socket did not take yet */
	size_t out_len, out_at;
	bool is_busy, is_turning, is_paused;
	int empty;          /* bytes of an empty line before the request */
	bool must_close;    /* after the answer */
	bool must_continue; /* the client waits for "100 Continue" */
	bool has_eof;       /* the client sends no more */
	bool is_dead;       /* to be freed when its turn ends */
};

/* Takes the socket over. */
void conn_new(struct http_server *, int fd, struct http_crowd *source);
void conn_free(struct conn *);
/* Makes room for another; false if nobody of the crowd can go. */
bool conn_close_longest(const struct http_crowd *);

/* Room to read into; false if there is none and none may be had. */
bool in_room(struct conn *);
/* Bytes that are done with; what follows them is the next request. */
void in_shift(struct conn *, size_t n);
void in_free(struct conn *);
/* Begins the request whose head is whole, and of that size. */
void req_new(struct conn *, size_t head_len);
void req_free(struct conn *);

const char *http_reason(int status);
/* The bytes of an answer to c->req, if there is one. */
void http_render(struct conn *, int status, const char *type, const char *extra,
    struct str body, struct buf *);

#endif /* IO_HTTP_INTERNAL_H */

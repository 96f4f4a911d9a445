/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "io/http/parse.h"

/*
 * http_server: serves HTTP/1.1 on libevent's loop and listener, with its own
 * parser (parse.h).  libevent's evhttp was considered and put aside.  evhttp
 * cannot tell a folded header or a NUL from a plain header, and takes
 * "Transfer-Encoding: xchunked" for no body.  evhttp reads a chunk's size line
 * and pipelined requests without bound, parses the body of a HEAD as the next
 * request, and costs twice the CPU.
 *
 * The handler is called when the head of a request has come, before the body is
 * read.  The handler answers, or calls http_read() to get the body.  A body
 * that is not wanted takes no memory, and its connection is closed after the
 * answer.  A request is answered exactly once, during the call or later, and
 * the next request of the connection waits for that answer.  If the client went
 * away, the answer is dropped.  A request that is refused without calling the
 * handler closes its connection.
 */

enum {
	/* Beyond HTTP_CONNECTIONS_MAX or HTTP_BUFFERED_MAX, a connection is
	 * closed to make room: see crowd.h. */
	HTTP_CONNECTIONS_MAX = 20000, /* fewer if the limit of files is lower */
	/* Bytes allocated for requests that are read, and for answers that
	 * clients have not taken yet. */
	HTTP_BUFFERED_MAX = 256 * 1024 * 1024,
	HTTP_SOURCE_PARTS = 2,     /* a source may use half of each bound */
	HTTP_FILES_LEFT = 128,     /* descriptors kept free for other files */
	HTTP_IDLE_SECONDS = 60,    /* longest time without a request */
	HTTP_REQUEST_SECONDS = 30, /* from a request's first byte to its last */
	/* In each HTTP_PROGRESS_SECONDS the client must send
	 * HTTP_PROGRESS_BYTES of a request, or the rest of it. */
	HTTP_PROGRESS_SECONDS = 10,
	HTTP_PROGRESS_BYTES = 32 * 1024,
	HTTP_WRITE_SECONDS = 10, /* longest wait for a client to read more */
	HTTP_LINGER_SECONDS = 2, /* for a client to read a refusal */
};

struct event_base;
struct http_server;
struct http_request;

typedef void http_handler(struct http_request *, void *arg);

/* Listens on "host:port" or "[::1]:port"; port 0 takes any free port.  Fails
 * with CONFIG if the address is wrong, with RETRY if another program listens
 * there. */
struct http_server *http_server_new(struct event_base *, const char *listen,
    http_handler *, void *arg, struct err *) MUST_CHECK;
/* Frees the server.  Requests that are not answered yet get no answer, and
 * http_answer() must not be called for such a request afterwards. */
void http_server_free(struct http_server *);
/* Returns the address that the server listens on, with the real port:
 * "127.0.0.1:40123". */
const char *http_server_address(const struct http_server *);
/* Stops taking new connections.  Each open connection is closed after its next
 * answer, so that a request on its way is still answered. */
void http_server_stop(struct http_server *);
/* Returns the number of requests that have begun to arrive and are not
 * completely answered yet. */
unsigned http_server_busy(const struct http_server *);
/* Sets a function that is called with the status of each answer that the server
 * gives without calling the handler (400, 408, 413, 431 ...). */
void http_server_on_refusal(struct http_server *, void (*)(int status));

/* For tests: sets all timeouts above to `ms`, which is below a second. */
void http_server_hurry(struct http_server *, int ms);
/* For tests: sets bounds in place of HTTP_CONNECTIONS_MAX and
 * HTTP_BUFFERED_MAX. */
void http_server_tighten(
    struct http_server *, unsigned connections, size_t bytes);

/* Reads the body.  The handler calls http_read(), before it returns, in place
 * of http_answer().  Later `then` is called with the whole body.  A body of
 * more than body_max bytes is answered with 413. */
void http_read(struct http_request *, size_t body_max, http_handler *then);

/* The texts of a request are valid until the request is answered. */
struct str http_method(const struct http_request *);
struct str http_path(const struct http_request *);  /* without the query,
						       not decoded */
struct str http_query(const struct http_request *); /* behind "?", or empty */
struct str http_body(const struct http_request *);  /* empty if not read */
/* Returns the number of headers, at most HTTP_HEADERS_MAX, and the headers in
 * the order in which they came. */
size_t http_headers(const struct http_request *, const struct str **names,
    const struct str **values);
/* Finds the value of a header.  Empty if there is no header of that name, or
 * more than one. */
struct str http_header(const struct http_request *, const char *name);

/* Returns the microseconds since a handler was last called for the request:
 * with the head or, after http_read(), with the body. */
int64_t http_age(const struct http_request *);

/* Adds a header to the answer.  To be called before http_answer(); there is
 * room for a few headers. */
void http_answer_header(
    struct http_request *, const char *name, const char *value);
/* Answers the request.  `type` may be NULL if there is no body. */
void http_answer(
    struct http_request *, int status, const char *type, struct str body);

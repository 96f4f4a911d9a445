/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_SERVER_H
#define IO_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "io/http/parse.h"

/*
 * http_server: HTTP/1.1 in, on libevent's loop and listener, with a parser
 * of our own (parse.h).  libevent's evhttp was tried on paper and put
 * aside: it cannot tell a folded header or a NUL from a plain one, takes
 * "Transfer-Encoding: xchunked" for no body, reads a chunk's size line and
 * pipelined requests without bound, parses the body of a HEAD as the next
 * request, and costs twice the CPU.
 *
 * The handler is asked when the head of a request is there and nothing was
 * kept of its body.  It answers, or it asks for the body by http_read(): a
 * body that nobody asked for takes no memory, and its connection ends with
 * the answer.  A request is answered once, now or later; its connection's
 * next request waits until then.  If the client went away the answer goes
 * nowhere.  What is refused before the handler is asked closes the
 * connection.
 */

enum {
	/* Beyond these two a connection gives way, see crowd.h. */
	HTTP_CONNECTIONS_MAX = 20000, /* fewer, if there are fewer files */
	/* Allocated for requests that are read and answers not taken yet. */
	HTTP_BUFFERED_MAX = 256 * 1024 * 1024,
	HTTP_SOURCE_PARTS = 2,     /* one source may have one half of each */
	HTTP_FILES_LEFT = 128,     /* for all else the process has to open */
	HTTP_IDLE_SECONDS = 60,    /* keep-alive without a request */
	HTTP_REQUEST_SECONDS = 30, /* from its first byte to its last */
	/* In as many seconds so much of a request comes, or the rest of it. */
	HTTP_PROGRESS_SECONDS = 10,
	HTTP_PROGRESS_BYTES = 32 * 1024,
	HTTP_WRITE_SECONDS = 10, /* until a client takes more of an answer */
	HTTP_LINGER_SECONDS = 2, /* for a client to read a refusal */
};

struct event_base;
struct http_server;
struct http_request;

typedef void http_handler(struct http_request *, void *arg);

/* "host:port", "[::1]:port"; port 0 takes a free one.  CONFIG if the address
 * is wrong, RETRY if somebody has it. */
struct http_server *http_server_new(struct event_base *, const char *listen,
    http_handler *, void *arg, struct err *) MUST_CHECK;
/* Requests that are not answered yet end without an answer; there must be
 * no http_answer() for them afterwards. */
void http_server_free(struct http_server *);
/* Where it really listens: "127.0.0.1:40123". */
const char *http_server_address(const struct http_server *);
/* No new connections; those that are open end with their next answer, so
 * that a request that is on its way now is answered. */
void http_server_stop(struct http_server *);
/* Requests of which a byte has come and whose answer has not left. */
unsigned http_server_busy(const struct http_server *);
/* Counts the answers that are given without asking the handler (400, 408,
 * 413, 431 ...); called with the status. */
void http_server_on_refusal(struct http_server *, void (*)(int status));

/* For tests: the seconds above become this, below a second. */
void http_server_hurry(struct http_server *, int ms);
/* For tests: bounds in place of HTTP_CONNECTIONS_MAX, HTTP_BUFFERED_MAX. */
void http_server_tighten(
    struct http_server *, unsigned connections, size_t bytes);

/* For the handler, before it returns, in place of an answer: `then` is asked
 * when all of the body is there.  A body beyond body_max is answered 413. */
void http_read(struct http_request *, size_t body_max, http_handler *then);

/* Valid until it is answered. */
struct str http_method(const struct http_request *);
struct str http_path(const struct http_request *);  /* without the query,
						       not decoded */
struct str http_query(const struct http_request *); /* behind "?", or empty */
struct str http_body(const struct http_request *);  /* empty if not read */
/* The headers in their order; returns how many there are, at most
 * HTTP_HEADERS_MAX. */
size_t http_headers(const struct http_request *, const struct str **names,
    const struct str **values);
/* The value of the one header of that name; empty if it is absent or there
 * are two. */
struct str http_header(const struct http_request *, const char *name);

/* How long the handler has had it, in microseconds: all of it, if it asked
 * for the body. */
int64_t http_age(const struct http_request *);

/* Before http_answer(); at most a few. */
void http_answer_header(
    struct http_request *, const char *name, const char *value);
/* type may be NULL if there is no body. */
void http_answer(
    struct http_request *, int status, const char *type, struct str body);

#endif /* IO_HTTP_SERVER_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_SERVER_H
#define IO_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * http_server: HTTP/1.1 in, by libevent's evhttp, which appears nowhere
 * else, so that it can be replaced if measurement ever asks for it.
 *
 * What could be read in two ways is refused with 400 and the connection is
 * closed: both Content-Length and Transfer-Encoding, either twice, a folded
 * header, a header name with a character that is no token.
 * A request is answered once, now or later; if its client goes away first
 * it is ended without an answer, and http_answer() on it does nothing.
 */

struct event_base;
struct http_server;
struct http_request;

enum {
	HTTP_HEADERS_MAX = 64,             /* lines; more are refused, 431 */
	HTTP_HEADER_BYTES_MAX = 16 * 1024, /* together; more are refused */
	HTTP_IDLE_SECONDS = 60,            /* keep-alive without a request */
};

typedef void http_handler(struct http_request *, void *arg);

/* "host:port", "[::1]:port"; port 0 takes a free one.  FATAL if the address
 * is wrong or taken.  Bodies beyond body_max are answered 413. */
struct http_server *http_server_new(struct event_base *, const char *listen,
    size_t body_max, http_handler *, void *arg, struct err *) MUST_CHECK;
void http_server_free(struct http_server *);
/* Where it really listens: "127.0.0.1:40123". */
const char *http_server_address(const struct http_server *);
/* No new connections; those that are open end after their request. */
void http_server_stop(struct http_server *);
/* Requests taken and not yet answered. */
unsigned http_server_busy(const struct http_server *);
/* Counts the answers that are given without asking the handler (400, 413,
 * 431 ...); called with the status. */
void http_server_on_refusal(struct http_server *, void (*)(int status));

/* Valid until it is answered. */
struct str http_method(const struct http_request *);
struct str http_path(const struct http_request *);  /* without the query,
						       not decoded */
struct str http_query(const struct http_request *); /* behind "?", or empty */
struct str http_body(struct http_request *);
/* The headers in their order; returns how many there are. */
size_t http_headers(const struct http_request *, struct str names[],
    struct str values[], size_t max);
/* The value of the one header of that name; empty if absent. */
struct str http_header(const struct http_request *, const char *name);

/* For the handler's own state until the answer. */
void http_request_set(struct http_request *, void *);
void *http_request_get(const struct http_request *);

/* Before http_answer(); at most a few. */
void http_answer_header(
    struct http_request *, const char *name, const char *value);
void http_answer(
    struct http_request *, int status, const char *type, struct str body);

#endif /* IO_HTTP_SERVER_H */

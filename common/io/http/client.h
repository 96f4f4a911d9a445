/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_CLIENT_H
#define IO_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/*
 * http_client: calls out, many at once, by libcurl's multi interface on
 * libevent.  TLS certificates are verified, redirects are not followed (a
 * token goes nowhere else), only http and https are spoken, answers are
 * bounded.  A proxy is taken from the environment as libcurl does, but not
 * to this machine itself.
 */

struct event_base;
struct http_client;

enum {
	HTTP_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of its body */
	HTTP_RETRY_AFTER_MAX = 64,         /* bytes; longer ones are cut */
	HTTP_CONNECT_MS = 5000,            /* of the whole time a call has */
};

/* Why there was no answer. */
enum http_fault {
	HTTP_FAULT_NAME = 1, /* the host's name has no address */
	HTTP_FAULT_CONNECT,  /* nobody takes a connection there */
	HTTP_FAULT_TLS,      /* no encryption, or nobody vouches for the host */
	HTTP_FAULT_TIME,     /* too long: the call may still arrive */
	HTTP_FAULT_OTHER,
};

struct http_answer {
	int status; /* 0: there was none, see fault and error */
	struct str body;
	struct str retry_after; /* the header, or empty */
	struct str redirect;    /* the URL it sends on to, or empty */
	enum http_fault fault;
	const char *error; /* curl's sentence, if status is 0 */
	int64_t took_us;
};

/* Everything is valid only during the call. */
typedef void http_answered(void *arg, const struct http_answer *);

struct http_client *http_client_new(struct event_base *, int64_t timeout_ms);
/* Calls under way are dropped, and their functions not called. */
void http_client_free(struct http_client *);
/* Calls under way. */
unsigned http_client_busy(const struct http_client *);

struct http_call {
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t nheaders;
	struct str body; /* to be posted; empty: a GET */
};

/* Copies the whole call.  The function is called once, and only after this
 * returned.  REJECT if a header is not one line. */
int http_client_call(struct http_client *, const struct http_call *,
    http_answered *, void *arg, struct err *) MUST_CHECK;

#endif /* IO_HTTP_CLIENT_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * http_client: makes HTTP calls, many at once, by libcurl's multi interface on
 * libevent.  TLS certificates are verified.  Redirects are not followed, since
 * a token must go nowhere else.  Only http and https are spoken, and answers
 * are bounded.  libcurl takes a proxy from the environment, but none is used
 * for calls to this machine itself.
 */

struct event_base;
struct http_client;

enum {
	HTTP_ANSWER_MAX = 4 * 1024 * 1024, /* bytes of an answer's body */
	HTTP_RETRY_AFTER_MAX = 64,         /* bytes; a longer header is cut */
	HTTP_CONNECT_MS = 5000,            /* the longest time to connect */
};

/* The reason why there was no answer. */
enum http_fault {
	HTTP_FAULT_NAME = 1, /* the host's name has no address */
	HTTP_FAULT_CONNECT,  /* the host takes no connection */
	HTTP_FAULT_TLS,      /* no encryption, or a certificate not trusted */
	HTTP_FAULT_TIME,     /* no answer in time: the call may still arrive */
	HTTP_FAULT_OTHER,
};

struct http_answer {
	int status; /* 0: there was no answer, see fault and error */
	struct str body;
	struct str retry_after; /* the header Retry-After, or empty */
	struct str redirect;    /* the URL to ask instead, or empty */
	enum http_fault fault;
	const char *error; /* curl's sentence, if status is 0 */
	int64_t took_us;
};

/* Takes the answer of a call.  The answer is valid only until this function
 * returns. */
typedef void http_answered(void *arg, const struct http_answer *);

struct http_client *http_client_new(struct event_base *, int64_t timeout_ms);
/* Drops the calls under way, without calling their functions. */
void http_client_free(struct http_client *);
/* Returns how many calls are under way. */
unsigned http_client_busy(const struct http_client *);

struct http_call {
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t nheaders;
	struct str body;
	const char *method; /* NULL: POST if there is a body, else GET */
	/* The call goes out once at most: on a connection of its own, since curl
	 * repeats a call that gets no answer on one that was used before. */
	bool once;
};

/* Makes a call; everything in `http_call` is copied.  `answered` is called
 * once, and only after http_client_call() returned.  REJECT if a header is more
 * than one line. */
int http_client_call(struct http_client *, const struct http_call *,
    http_answered *, void *arg, struct err *) MUST_CHECK;

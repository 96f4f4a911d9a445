/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * http_parse: parses the head of an HTTP/1 request, and a chunked body, from
 * bytes alone (RFC 9112).
 *
 * The parser is stricter than the RFC asks: it refuses whatever a proxy and
 * this server could read differently.  Lines must end in CR LF.  Control
 * characters, folded lines, a space before a colon and trailers are refused.
 * Content-Length, Transfer-Encoding and Host may come once each, and the first
 * two not together.  The only coding is "chunked".
 */

enum {
	HTTP_HEADERS_MAX = 64, /* lines; more are refused with 431 */
	HTTP_HEADER_BYTES_MAX = 16 * 1024, /* more are refused with 431 */
	HTTP_CHUNK_LINE_MAX = 256,         /* longest size line of a chunk */
};

struct http_head {
	struct str method;
	struct str path;  /* without the query; still percent-encoded */
	struct str query; /* behind "?", or empty */
	struct str names[HTTP_HEADERS_MAX], values[HTTP_HEADERS_MAX];
	size_t n;
	int64_t length; /* bytes of the body; -1: the body is chunked */
	bool is_1_0;
	bool is_close;    /* the connection ends with this request */
	bool is_continue; /* the client waits for "100 Continue" */
};

/*
 * Looks for the end of the head.  The first *seen bytes were searched by
 * earlier calls (0 at first).  Returns the size of the head, or 0 if more bytes
 * are needed.  If the request is faulty, returns minus the status to refuse it
 * with, even before the head is complete.
 */
int http_head_end(struct str bytes, size_t *seen);

/* Parses a complete head.  Returns 0, or the status with which the request is
 * to be refused. */
int http_head_parse(struct str, struct http_head *);

/* The state of reading a chunked body.  At the start the caller sets `max`, and
 * all other members to zero. */
struct http_chunks {
	int state;
	size_t line;   /* bytes of the line that is being read */
	uint64_t left; /* bytes left of the chunk that is being read */
	size_t len;    /* bytes of the body so far */
	size_t max;    /* the most bytes of the body */
};

/*
 * Reads up to n raw bytes, and appends the data in them to the body in `out`.
 * `raw` may point into the buffer of `out` if the body so far (`len` bytes)
 * ends at or before `raw`.  *used is the number of raw bytes that were read.
 * Returns 1 at the end of the body; 0 if more bytes are needed; or minus the
 * status with which the request is to be refused.
 */
int http_chunks_read(
    struct http_chunks *, const char *raw, size_t n, size_t *used, char *out);

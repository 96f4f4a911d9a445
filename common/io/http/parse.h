/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_PARSE_H
#define IO_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * http_parse: the head of an HTTP/1 request and a chunked body, from bytes
 * alone (RFC 9112), for server.c.
 *
 * Stricter than the RFC asks: whatever two readers could take for different
 * things is refused.  Lines end in CR LF and nothing else; no control
 * characters, no folded lines, no space before a colon; Content-Length and
 * Transfer-Encoding never both and neither twice; the only coding is
 * "chunked"; one Host; no trailers.
 */

enum {
	HTTP_HEADERS_MAX = 64,             /* lines; more are refused, 431 */
	HTTP_HEADER_BYTES_MAX = 16 * 1024, /* together; more are refused */
	HTTP_CHUNK_LINE_MAX = 256,         /* size and extension of a chunk */
};

struct http_head {
	struct str method;
	struct str path;  /* without the query, not decoded */
	struct str query; /* behind "?", or empty */
	struct str names[HTTP_HEADERS_MAX], values[HTTP_HEADERS_MAX];
	size_t n;
	int64_t length; /* of the body; -1 if it is chunked */
	bool is_1_0;
	bool is_close;    /* the connection ends with this request */
	bool is_continue; /* the client waits for "100 Continue" */
};

/*
 * Looks for the end of the head in bytes of which *seen were looked at
 * before (0 at first).  Its size, or 0 if more is needed; or minus the
 * status it is to be refused with, as soon as that is certain.
 */
int http_head_end(struct str bytes, size_t *seen);

/* A whole head: 0, or the status it is to be refused with. */
int http_head_parse(struct str, struct http_head *);

/* A chunked body, as it comes.  `max` is set at first, the rest is zero. */
struct http_chunks {
	int state;
	size_t line;   /* bytes of the line that is read */
	uint64_t left; /* bytes of the chunk that is read */
	size_t len;    /* bytes put out so far */
	size_t max;    /* of them */
};

/*
 * Reads up to n raw bytes and moves what they carry behind the bytes that
 * are in `out` already; the two may overlap as long as that place is not
 * behind `raw`.  *used of them are consumed.  1 at the end of the body, 0
 * if more is needed, or minus a status.
 */
int http_chunks_read(
    struct http_chunks *, const char *raw, size_t n, size_t *used, char *out);

#endif /* IO_HTTP_PARSE_H */

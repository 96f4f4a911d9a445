/* SPDX-License-Identifier: MIT */
/*
 * http_input: the memory for the requests of a connection.
 *
 * The buffer of a connection holds the head of a request, the decoded part of
 * the body, and raw bytes that were read but not parsed yet.  The buffer
 * doubles while a head or a body is read, up to in_most(), and is freed when it
 * is empty.  Every change of the size is reported to crowd_hold(), since all
 * connections share one bound.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/http/internal.h"

enum {
	/* A head and an order of 8 KB, as most requests have, fit without a
	 * second allocation. */
	IN_MIN = 16 * 1024,
};

static void
in_resize(struct conn *c, size_t cap)
{
	crowd_hold(c, c->in_cap, cap);
	c->in_cap = cap;
	c->in = realloc(c->in, cap);
	if (c->in == NULL)
		die("out of memory for a request of %zu bytes", cap);
}

void
in_free(struct conn *c)
{
	crowd_hold(c, c->in_cap, 0);
	free(c->in);
	c->in = NULL;
	c->in_cap = c->in_len = 0;
}

/* Returns the most bytes that a request may need: for its head, its body and
 * the next read. */
static size_t
in_most(const struct conn *c)
{
	size_t body = c->state == CONN_BODY ? c->body_max : 0;

	return HTTP_HEADER_BYTES_MAX + body + IN_MIN;
}

bool
in_room(struct conn *c)
{
	size_t cap = c->in_cap == 0 ? IN_MIN : c->in_cap * 2, most = in_most(c);

	if (c->in_len < c->in_cap)
		return true;
	/* The handler has pointers into the buffer, which must not move. */
	if (c->state != CONN_HEAD && c->state != CONN_BODY)
		return false;
	/* Close the gap that the frames of decoded chunks left between the
	 * decoded body and the raw bytes. */
	if (c->state == CONN_BODY && c->raw > c->head_len + c->body_len) {
		size_t to = c->head_len + c->body_len;

		memmove(c->in + to, c->in + c->raw, c->in_len - c->raw);
		c->in_len -= c->raw - to;
		c->raw = to;
		return true;
	}
	if (c->in_cap >= most)
		return false;
	in_resize(c, cap < most ? cap : most);
	if (c->req != NULL) {
		/* The parsed head still points into the old buffer: parse it
		 * again. */
		int status = http_head_parse(
		    (struct str){ c->in, c->head_len }, &c->req->head);

		assert(status == 0);
	}
	return true;
}

void
in_shift(struct conn *c, size_t n)
{
	c->in_len -= n;
	if (c->in_len > 0)
		memmove(c->in, c->in + n, c->in_len);
	else
		in_free(c);
	c->seen = 0;
}

void
req_new(struct conn *c, size_t head_len)
{
	c->head_len = c->raw = head_len;
	c->body_len = 0;
	c->then = NULL;
	c->req = malloc(sizeof(*c->req));
	if (c->req == NULL)
		die("out of memory for a request");
	crowd_hold(c, 0, sizeof(*c->req));
	c->req->conn = c;
	c->req->extra_len = 0;
	c->req->extra[0] = '\0';
}

void
req_free(struct conn *c)
{
	if (c->req != NULL)
		crowd_hold(c, sizeof(*c->req), 0);
	free(c->req);
	c->req = NULL;
}

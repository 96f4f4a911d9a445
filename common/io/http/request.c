/* SPDX-License-Identifier: MIT */
/*
 * http_request: the request as its handler sees it, and the bytes of an answer.
 *
 * The texts of a request are slices of its connection's buffer, and valid until
 * the request is answered.  http_header() ignores a header that comes twice,
 * since nobody can tell which of the two is meant.
 */
#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "io/clock.h"
#include "io/http/internal.h"

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} table[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < NITEMS(table); i++)
		if (table[i].status == status)
			return table[i].phrase;
	return "Answer";
}

static const char *
date(struct http_server *s)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != s->date_at) {
		gmtime_r(&now.tv_sec, &tm);
		(void)strftime(
		    s->date, sizeof(s->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		s->date_at = now.tv_sec;
	}
	return s->date;
}

void
http_render(struct conn *c, int status, const char *type, const char *extra,
    struct str body, struct buf *b)
{
	const struct http_head *h = c->req == NULL ? NULL : &c->req->head;
	bool is_head = h != NULL && str_eq(h->method, STR("HEAD"));

	buf_printf(b, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status,
	    http_reason(status), date(c->server));
	if (status != 204)
		buf_printf(b, "Content-Length: %zu\r\n", body.len);
	if (type != NULL)
		buf_printf(b, "Content-Type: %s\r\n", type);
	buf_puts(b, extra);
	if (c->must_close)
		buf_puts(b, "Connection: close\r\n");
	else if (h != NULL && h->is_1_0)
		buf_puts(b, "Connection: keep-alive\r\n");
	buf_puts(b, "\r\n");
	if (!is_head && status != 204)
		buf_add(b, body.data, body.len);
	assert(!buf_is_full(b));
}

/* ---- for the handler -------------------------------------------------- */

struct str
http_method(const struct http_request *r)
{
	return r->head.method;
}

struct str
http_path(const struct http_request *r)
{
	return r->head.path;
}

struct str
http_query(const struct http_request *r)
{
	return r->head.query;
}

struct str
http_body(const struct http_request *r)
{
	return (
	    struct str){ r->conn->in + r->conn->head_len, r->conn->body_len };
}

size_t
http_headers(const struct http_request *r, const struct str **names,
    const struct str **values)
{
	*names = r->head.names;
	*values = r->head.values;
	return r->head.n;
}

struct str
http_header(const struct http_request *r, const char *name)
{
	struct str found = { NULL, 0 };

	for (size_t i = 0; i < r->head.n; i++) {
		if (!str_eq_nocase(r->head.names[i], str_of(name)))
			continue;
		if (found.data != NULL)
			return (struct str){ NULL, 0 };
		found = r->head.values[i];
	}
	return found;
}

int64_t
http_age(const struct http_request *r)
{
	return clock_mono() - r->asked_at;
}

void
http_answer_header(struct http_request *r, const char *name, const char *value)
{
	size_t room = sizeof(r->extra) - r->extra_len;
	int n = snprintf(
	    r->extra + r->extra_len, room, "%s: %s\r\n", name, value);

	assert(n > 0 && (size_t)n < room);
	r->extra_len += (size_t)n;
}

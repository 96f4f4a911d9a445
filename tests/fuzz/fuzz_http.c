/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/parse.h"

/*
 * fuzz_http: reads any bytes as a request's head and as a chunked body.  Checks
 * that cutting the bytes into several reads changes nothing, that every slice
 * lies inside the bytes, and that a request that is accepted can be read in one
 * way only.
 */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	BODY_MAX = 4096
};

#define CHECK(what)                                                   \
	do {                                                          \
		if (!(what)) {                                        \
			fprintf(stderr, "%d: %s\n", __LINE__, #what); \
			abort();                                      \
		}                                                     \
	} while (0)

static void
inside(struct str s, struct str all)
{
	if (s.len == 1 && s.data[0] == '/')
		return; /* the path "/" is put for a missing path */
	CHECK(s.data >= all.data && s.data + s.len <= all.data + all.len);
}

static size_t
count(const struct http_head *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += str_eq_nocase(h->names[i], str_of(name));
	return n;
}

static void
head_check(struct str head)
{
	struct http_head h;
	int status = http_head_parse(head, &h);

	CHECK(status == 0 || (status >= 400 && status < 600));
	if (status != 0)
		return;
	inside(h.method, head);
	inside(h.path, head);
	inside(h.query, head);
	for (size_t i = 0; i < h.n; i++) {
		inside(h.names[i], head);
		inside(h.values[i], head);
		CHECK(memchr(h.values[i].data, '\r', h.values[i].len) == NULL);
		CHECK(memchr(h.values[i].data, '\n', h.values[i].len) == NULL);
		CHECK(memchr(h.values[i].data, '\0', h.values[i].len) == NULL);
	}
	CHECK(
	    count(&h, "content-length") + count(&h, "transfer-encoding") <= 1);
	CHECK(count(&h, "host") <= 1);
	CHECK((h.length == -1) == (count(&h, "transfer-encoding") == 1));
	CHECK(h.length == 0 || count(&h, "content-length") == 1 ||
	      h.length == -1);
}

/* Returns what http_head_end() says when the bytes come `piece` at a time. */
static int
head_end(struct str all, size_t piece)
{
	size_t seen = 0;
	int end = 0;

	for (size_t n = piece; end == 0; n += piece) {
		struct str some = { all.data, n < all.len ? n : all.len };

		end = http_head_end(some, &seen);
		if (n >= all.len)
			break;
	}
	return end;
}

struct chunked {
	int end;
	size_t used, len;
	char out[BODY_MAX];
};

static void
chunks_read(struct str all, size_t piece, struct chunked *c)
{
	struct http_chunks k = { .max = sizeof(c->out) };

	memset(c, 0, sizeof(*c));
	while (c->end == 0 && c->used < all.len) {
		size_t n = all.len - c->used, used = 0;

		n = n < piece ? n : piece;
		c->end = http_chunks_read(
		    &k, all.data + c->used, n, &used, c->out);
		c->len = k.len;
		CHECK(used <= n && c->len <= sizeof(c->out));
		CHECK(used == n || c->end != 0);
		c->used += used;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const size_t pieces[] = { 1, 3, 64 };
	static struct chunked whole, cut;
	struct str all = { (const char *)data, len };
	int end;

	if (len == 0)
		return 0;
	end = head_end(all, len);
	CHECK(end <= (int)len);
	chunks_read(all, len, &whole);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		CHECK(head_end(all, pieces[i]) == end);
		chunks_read(all, pieces[i], &cut);
		CHECK(cut.end == whole.end && cut.used == whole.used);
		CHECK(cut.len == whole.len);
		CHECK(memcmp(cut.out, whole.out, cut.len) == 0);
	}
	if (end > 0)
		head_check((struct str){ all.data, (size_t)end });
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * fuzz_headers: checks that the values read from any headers of a delivery fit
 * into a message, and that a repeated header is refused.  Input: lines
 * "name:value", an empty line, and a body, which is also taken as a secret.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"
#include "wire/shop/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

enum {
	HEADERS = 32
};

/* Takes the first line off the input. */
static struct str
line_next(struct str *in)
{
	const char *end = in->len > 0 ? memchr(in->data, '\n', in->len) : NULL;
	size_t n = end == NULL ? in->len : (size_t)(end - in->data);
	struct str line = { in->data, n };

	in->data += end == NULL ? n : n + 1;
	in->len -= end == NULL ? n : n + 1;
	return line;
}

static struct header
header_of(struct str line)
{
	const char *colon = line.len > 0 ? memchr(line.data, ':', line.len)
	                                 : NULL;
	size_t n = colon == NULL ? line.len : (size_t)(colon - line.data);
	size_t value = colon == NULL ? n : n + 1;

	return (struct header){ { line.data, n },
		{ line.data + value, line.len - value } };
}

/* Counts the headers that have a name. */
static size_t
count(const struct header *h, size_t n, const char *name)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += str_eq_nocase(h[i].name, str_of(name));
	return found;
}

static void
check_headers(const struct shop *s, const struct header *h, size_t n)
{
	bool shopify = s->platform == PLATFORM_SHOPIFY;
	const char *hmac = shopify ? "x-shopify-hmac-sha256"
	                           : "x-wc-webhook-signature";
	struct delivery d;
	struct err e = { .fault = FAULT_NONE };

	if (delivery_read(s, h, n, &d, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return;
	}
	CHECK(count(h, n, hmac) <= 1);
	CHECK(count(h, n, hmac) == 0 || d.has_hmac);
	CHECK(!d.hmac_ok || d.has_hmac);
	CHECK(d.id.len <= DELIVERY_ID_MAX);
	CHECK(topic_find(s, d.topic) == NULL || d.topic.len <= TOPIC_MAX);
	if (shopify)
		CHECK(!s->is_from(&d, STR("a.myshopify.com")) ||
		      d.source.len == 15);
}

static void
check_rest(const struct shop *s, struct str rest)
{
	struct str key;
	struct arena a;

	arena_init(&a);
	key = s->secret(&a, rest);
	CHECK(key.len <= rest.len);
	/* A secret without an ampersand has nothing to decode, and is the
	 * key. */
	if (rest.len == 0 || memchr(rest.data, '&', rest.len) == NULL)
		CHECK(str_eq(key, rest));
	if (s->is_ping(rest))
		CHECK(rest.len > 11 && rest.data[0] == 'w');
	arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum platform platforms[] = { PLATFORM_SHOPIFY,
		PLATFORM_WOOCOMMERCE };
	struct str in = { (const char *)data, size };
	struct header headers[HEADERS];
	size_t n = 0;

	while (in.len > 0 && n < HEADERS) {
		struct str line = line_next(&in);

		if (line.len == 0)
			break;
		headers[n++] = header_of(line);
	}
	for (size_t i = 0; i < NITEMS(platforms); i++) {
		check_headers(shop_find(platforms[i]), headers, n);
		check_rest(shop_find(platforms[i]), in);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * fuzz_token: checks that any token of a storefront and any query of an app
 * proxy is refused without a signature, and that a token signed with our key is
 * accepted only until it expires.  No signed query may be read as the query of
 * two customers.
 *
 * Input: a token or a query, which is tried as given, and once more as the
 * claims of a signed token and as a signed query, so that the fuzzer gets past
 * the signature.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/proxy.h"
#include "wire/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

#define NOW 1795330501

static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

static struct str
base64url(struct arena *a, const void *bytes, size_t n)
{
	char *out = arena_alloc(a, 4 * ((n + 2) / 3) + 1);

	base64url_encode(bytes, n, out);
	return str_of(out);
}

static void
check_token(struct arena *a, struct str jwt, struct hmac_key *key, int64_t now)
{
	struct err e = { .fault = FAULT_NONE };
	struct token t;

	if (token_parse(a, jwt, &t, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return;
	}
	CHECK(jwt.len <= TOKEN_MAX);
	CHECK(t.issuer.len > 0 && t.subject.len > 0 && t.expires > 0);
	if (token_verify(jwt, &t, now, &key, 1, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return;
	}
	CHECK(t.expires > now - TOKEN_LEEWAY);
	CHECK(t.expires <= now + TOKEN_LIFE_MAX + TOKEN_LEEWAY);
	CHECK(t.not_before <= now + TOKEN_LEEWAY);
}

/* Signs the input as the claims of a token, and checks that the token is
 * refused under another key. */
static void
check_claims(struct arena *a, struct str in, struct hmac_key *key)
{
	struct hmac_key *other = hmac_key_new(STR("another"));
	uint8_t mac[HMAC_SIZE];
	struct token t;
	struct str jwt;
	struct err e;

	jwt = str_of(arena_printf(
	    a, "%s.%s", header, base64url(a, in.data, in.len).data));
	hmac_sign(key, jwt, mac);
	jwt = str_of(arena_printf(
	    a, "%s.%s", jwt.data, base64url(a, mac, sizeof(mac)).data));
	check_token(a, jwt, key, NOW);
	if (token_parse(a, jwt, &t, &e) == 0)
		CHECK(token_verify(jwt, &t, NOW, &other, 1, &e) == -1);
	hmac_key_free(other);
}

static size_t
count(struct str in, const char *what)
{
	size_t n = strlen(what), found = 0;

	for (size_t i = 0; i + n <= in.len; i++)
		found += memcmp(in.data + i, what, n) == 0;
	return found;
}

static void
check_query(struct arena *a, struct str query, struct hmac_key *key)
{
	struct err e = { .fault = FAULT_NONE };
	struct proxy_query q;

	if (proxy_parse(a, query, &q, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
	} else {
		CHECK(query.len <= PROXY_QUERY_MAX);
		CHECK(q.shop.len > 0 && q.timestamp >= 0);
		for (size_t i = 0; i < q.customer_id.len; i++)
			CHECK(q.customer_id.data[i] >= '0' &&
			      q.customer_id.data[i] <= '9');
	}
	e.fault = FAULT_NONE;
	if (proxy_verify(a, query, &key, 1, &e) == -1)
		CHECK(e.fault == FAULT_REJECT);
}

/* Signs the input without its bars (|), and then checks the input as a query
 * with an "&" in place of each bar.  A query whose signed text names two
 * customers must not be accepted. */
static void
check_cut(struct arena *a, struct str in, struct hmac_key *key)
{
	char *text = arena_alloc(a, in.len + 1), *query, *p = text;
	uint8_t mac[HMAC_SIZE];
	char hex[2 * HMAC_SIZE + 1];
	struct str s;
	struct err e;

	query = arena_memdup(a, in.data, in.len);
	for (size_t i = 0; i < in.len; i++)
		if (query[i] == '|')
			query[i] = '&';
		else
			*p++ = query[i];
	s = (struct str){ text, (size_t)(p - text) };
	hmac_sign(key, s, mac);
	hex_encode(mac, sizeof(mac), hex);
	query = arena_printf(a, "%s&signature=%s", query, hex);
	if (proxy_verify(a, str_of(query), &key, 1, &e) == 0)
		CHECK(count(s, "logged_in_customer_id=") <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hmac_key *key = hmac_key_new(STR("hush"));
	struct str in;
	struct arena a;

	arena_init(&a);
	in = (struct str){ (const char *)data, size };
	check_token(&a, in, key, NOW);
	check_query(&a, in, key);
	if (size <= TOKEN_MAX) {
		check_claims(&a, in, key);
		check_cut(&a, in, key);
	}
	arena_fini(&a);
	hmac_key_free(key);
	return 0;
}

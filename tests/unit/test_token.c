/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "wire/token.h"

#define NOW    1795330501
#define HS256  "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS "{\"iss\":\"shop.example\",\"sub\":\"42\",\"exp\":1795330600}"

static struct arena arena;
static struct hmac_key *key, *other;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	key = hmac_key_new(STR("plain-secret-0123456789"));
	other = hmac_key_new(STR("another"));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	hmac_key_free(key);
	hmac_key_free(other);
	arena_fini(&arena);
	return 0;
}

static const char *
part(const char *text)
{
	char *out = arena_alloc(&arena, 2 * strlen(text) + 8);

	base64url_encode((const uint8_t *)text, strlen(text), out);
	return out;
}

static struct str
token_of(const char *header, const char *claims)
{
	char *text = arena_printf(&arena, "%s.%s", part(header), part(claims));
	uint8_t mac[HMAC_SIZE];
	char signature[48];

	hmac_sign(key, str_of(text), mac);
	base64url_encode(mac, sizeof(mac), signature);
	return str_of(arena_printf(&arena, "%s.%s", text, signature));
}

/* Parses and verifies a token, as loyald serve does. */
static int
check(struct str jwt, int64_t now)
{
	struct hmac_key *keys[] = { other, key };
	struct err e = { .fault = FAULT_NONE };
	struct token t;
	int rc = token_parse(&arena, jwt, &t, &e);

	if (rc == 0)
		rc = token_verify(jwt, &t, now, keys, 2, &e);
	assert_int_equal(e.fault, rc == 0 ? FAULT_NONE : FAULT_REJECT);
	return rc;
}

/* Checks the example of RFC 7515, A.1. */
static void
test_rfc7515(void **state)
{
	static const char jwt[] =
	    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
	    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leG"
	    "FtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	static const char jwk[] =
	    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0"
	    "iPS4hcgUuTwjAzZr1Z9CAow";
	const struct token t = { .expires = 1300819380 };
	struct hmac_key *k;
	uint8_t bytes[64];
	struct err e;

	(void)state;
	assert_int_equal(base64url_decode(STR(jwk), bytes, 64), 64);
	k = hmac_key_new((struct str){ (char *)bytes, 64 });
	assert_int_equal(token_verify(STR(jwt), &t, 1300819380, &k, 1, &e), 0);
	assert_int_equal(
	    token_verify(STR(jwt), &t, 1300819380, &key, 1, &e), -1);
	hmac_key_free(k);
}

static void
test_parse(void **state)
{
	struct token t;
	struct err e;

	(void)state;
	assert_int_equal(
	    token_parse(&arena,
	        token_of(HS256, "{\"sub\":\"42\",\"iss\":\"https://s.example\","
	                        "\"exp\":20,\"nbf\":10,\"iat\":1.5,"
	                        "\"x\":{\"y\":[]}}"),
	        &t, &e),
	    0);
	assert_true(str_eq(t.issuer, STR("https://s.example")));
	assert_true(str_eq(t.subject, STR("42")));
	assert_int_equal(t.expires, 20);
	assert_int_equal(t.not_before, 10);
}

/* Checks that clocks may differ by ten seconds, as in Shopify's library:
 * nine seconds are accepted, eleven are not. */
static void
test_times(void **state)
{
	static const struct {
		const char *rule, *claims;
		int64_t now;
		int rc;
	} cases[] = {
		{ "valid", "\"exp\":1000", .now = 900 },
		{ "expired 9 s ago", "\"exp\":1000", .now = 1009 },
		{ "expired 10 s ago", "\"exp\":1000", .now = 1010, .rc = -1 },
		{ "expired 11 s ago", "\"exp\":1000", .now = 1011, .rc = -1 },
		{ "from the future, 10 s", "\"exp\":1000,\"nbf\":910",
		    .now = 900 },
		{ "from the future, 11 s", "\"exp\":1000,\"nbf\":911",
		    .now = 900, .rc = -1 },
		{ "as long as may be", "\"exp\":1510", .now = 900 },
		{ "longer", "\"exp\":1511", .now = 900, .rc = -1 },
		{ "for ever", "\"exp\":9223372036854775807", .now = 900,
		    .rc = -1 },
		{ "nbf for ever", "\"exp\":1000,\"nbf\":9223372036854775807",
		    .now = 900, .rc = -1 },
		{ "milliseconds", "\"exp\":1795330600000", .now = NOW,
		    .rc = -1 },
		{ "no exp", "\"nbf\":1", .now = 900, .rc = -1 },
		{ "exp as a text", "\"exp\":\"1000\"", .now = 900, .rc = -1 },
		{ "exp as a fraction", "\"exp\":1000.5", .now = 900, .rc = -1 },
		{ "exp of zero", "\"exp\":0", .now = 5, .rc = -1 },
		{ "negative exp", "\"exp\":-5", .now = 0, .rc = -1 },
		{ "exp beyond numbers", "\"exp\":9223372036854775808",
		    .now = 900, .rc = -1 },
		{ "exp twice", "\"exp\":1000,\"exp\":1000", .now = 900,
		    .rc = -1 },
		{ "nbf as a text", "\"exp\":1000,\"nbf\":\"1\"", .now = 900,
		    .rc = -1 },
		{ "nbf is null", "\"exp\":1000,\"nbf\":null", .now = 900,
		    .rc = -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const char *claims = arena_printf(&arena,
		    "{\"iss\":\"a\",\"sub\":\"b\",%s}", cases[i].claims);

		if (check(token_of(HS256, claims), cases[i].now) != cases[i].rc)
			fail_msg("%s", cases[i].rule);
	}
}

static void
test_headers(void **state)
{
	static const struct {
		const char *rule, *header;
		int rc;
	} cases[] = {
		{ "HS256", "{\"alg\":\"HS256\"}", 0 },
		{ "typ in small letters", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
		    0 },
		{ "a key id is skipped", "{\"alg\":\"HS256\",\"kid\":\"1\"}",
		    0 },
		{ "alg none", "{\"alg\":\"none\"}", -1 },
		{ "alg None", "{\"alg\":\"None\"}", -1 },
		{ "alg empty", "{\"alg\":\"\"}", -1 },
		{ "no alg", "{\"typ\":\"JWT\"}", -1 },
		{ "alg in small letters", "{\"alg\":\"hs256\"}", -1 },
		{ "alg RS256", "{\"alg\":\"RS256\"}", -1 },
		{ "alg HS512", "{\"alg\":\"HS512\"}", -1 },
		{ "alg as a list", "{\"alg\":[\"HS256\"]}", -1 },
		{ "alg twice", "{\"alg\":\"HS256\",\"alg\":\"none\"}", -1 },
		{ "another type", "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", -1 },
		{ "crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}",
		    -1 },
		{ "a list", "[\"HS256\"]", -1 },
		{ "no JSON", "HS256", -1 },
		{ "nothing", "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (check(token_of(cases[i].header, CLAIMS), NOW) !=
		    cases[i].rc)
			fail_msg("%s", cases[i].rule);
}

static void
test_claims(void **state)
{
	static const struct {
		const char *rule, *claims;
		int rc;
	} cases[] = {
		{ "all", "\"iss\":\"a\",\"sub\":\"b\"", 0 },
		{ "for us", "\"iss\":\"a\",\"sub\":\"b\",\"aud\":\"loyald\"",
		    0 },
		{ "for us too",
		    "\"iss\":\"a\",\"sub\":\"b\",\"aud\":[\"x\",\"loyald\"]",
		    0 },
		{ "for another", "\"iss\":\"a\",\"sub\":\"b\",\"aud\":\"x\"",
		    -1 },
		{ "for others", "\"iss\":\"a\",\"sub\":\"b\",\"aud\":[\"x\"]",
		    -1 },
		{ "for nobody", "\"iss\":\"a\",\"sub\":\"b\",\"aud\":[]", -1 },
		{ "for null", "\"iss\":\"a\",\"sub\":\"b\",\"aud\":null", -1 },
		{ "no issuer", "\"sub\":\"b\"", -1 },
		{ "no subject", "\"iss\":\"a\"", -1 },
		{ "an empty subject", "\"iss\":\"a\",\"sub\":\"\"", -1 },
		{ "a number for a subject", "\"iss\":\"a\",\"sub\":42", -1 },
		{ "two subjects", "\"iss\":\"a\",\"sub\":\"b\",\"sub\":\"c\"",
		    -1 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const char *claims = arena_printf(
		    &arena, "{%s,\"exp\":1795330600}", cases[i].claims);

		if (check(token_of(HS256, claims), NOW) != cases[i].rc)
			fail_msg("%s", cases[i].rule);
	}
}

/* Checks that a token is refused if any byte is changed or left out. */
static void
test_tampered(void **state)
{
	struct str jwt = token_of(HS256, CLAIMS);

	(void)state;
	assert_int_equal(check(jwt, NOW), 0);
	for (size_t i = 0; i < jwt.len; i++) {
		char *copy = arena_memdup(&arena, jwt.data, jwt.len);

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		if (check((struct str){ copy, jwt.len }, NOW) != -1)
			fail_msg("byte %zu", i);
		if (check((struct str){ jwt.data, i }, NOW) != -1)
			fail_msg("cut at %zu", i);
	}
}

static void
test_shapes(void **state)
{
	const char *good = token_of(HS256, CLAIMS).data;
	const char *unsigned_ = arena_printf(
	    &arena, "%s.%s.", part(HS256), part(CLAIMS));
	const struct {
		const char *rule, *jwt;
	} cases[] = {
		{ "nothing", "" },
		{ "dots", ".." },
		{ "two parts", "a.b" },
		{ "no signature", unsigned_ },
		{ "four parts", arena_printf(&arena, "%s.x", good) },
		{ "a dot behind", arena_printf(&arena, "%s.", good) },
		{ "padding", arena_printf(&arena, "%s=", good) },
		{ "a blank behind", arena_printf(&arena, "%s ", good) },
		{ "a scheme before", arena_printf(&arena, "Bearer %s", good) },
		{ "too long",
		    arena_printf(&arena, "%s%0*d", good, TOKEN_MAX, 0) },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (check(str_of(cases[i].jwt), NOW) != -1)
			fail_msg("%s was taken", cases[i].rule);
}

static void
test_keys(void **state)
{
	struct str jwt = token_of(HS256, CLAIMS);
	struct token t;
	struct err e;

	(void)state;
	assert_int_equal(token_parse(&arena, jwt, &t, &e), 0);
	assert_int_equal(token_verify(jwt, &t, NOW, &key, 1, &e), 0);
	assert_int_equal(token_verify(jwt, &t, NOW, &other, 1, &e), -1);
	assert_int_equal(token_verify(jwt, &t, NOW, NULL, 0, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7515),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

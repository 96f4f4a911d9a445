/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/buf.h"
#include "wire/proxy.h"

static struct arena arena;
static struct hmac_key *hush, *other;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	hush = hmac_key_new(STR("hush"));
	other = hmac_key_new(STR("another"));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	hmac_key_free(hush);
	hmac_key_free(other);
	arena_fini(&arena);
	return 0;
}

static int
verify(const char *query)
{
	struct hmac_key *keys[] = { other, hush };
	struct err e = { .fault = FAULT_NONE };
	int rc = proxy_verify(&arena, str_of(query), keys, 2, &e);

	assert_int_equal(e.fault, rc == 0 ? FAULT_NONE : FAULT_REJECT);
	return rc;
}

/* Returns a query with a signature that was made for another text. */
static const char *
signed_as(const char *query, const char *text)
{
	uint8_t mac[HMAC_SIZE];
	char hex[2 * HMAC_SIZE + 1];

	hmac_sign(hush, str_of(text), mac);
	hex_encode(mac, sizeof(mac), hex);
	return arena_printf(&arena, "%s&signature=%s", query, hex);
}

#define QUERY                                          \
	"extra=1&extra=2&shop=shop-name.myshopify.com" \
	"&logged_in_customer_id=1"                     \
	"&path_prefix=%2Fapps%2Fawesome_reviews"       \
	"&timestamp=1317327555"
#define SIGNATURE                          \
	"&signature="                      \
	"4c68c8624d737112c91818c11017d24d" \
	"334b524cb5c2b8ba08daa056f7395ddb"

/* Checks the examples in Shopify's documentation. */
static void
test_official(void **state)
{
	(void)state;
	assert_int_equal(verify(QUERY SIGNATURE), 0);
	assert_int_equal(verify("extra=1&extra=2&shop=shop-name.myshopify.com"
	                        "&logged_in_customer_id="
	                        "&path_prefix=%2Fapps%2Fawesome_reviews"
	                        "&timestamp=1317327555&signature="
	                        "e072b6d7e6622d85912a5214b860d310"
	                        "0dc1e73d9bc29f43796ac8c9ff8093cb"),
	    0);
}

static void
test_keys(void **state)
{
	struct hmac_key *keys[] = { other };
	struct err e;

	(void)state;
	assert_int_equal(
	    proxy_verify(&arena, STR(QUERY SIGNATURE), keys, 1, &e), -1);
	assert_int_equal(
	    proxy_verify(&arena, STR(QUERY SIGNATURE), NULL, 0, &e), -1);
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *rule, *query;
	} cases[] = {
		{ "no query", "" },
		{ "no signature", QUERY },
		{ "an empty signature", QUERY "&signature=" },
		{ "two signatures", QUERY SIGNATURE SIGNATURE },
		{ "a short signature", QUERY "&signature=4c68c8624d737112" },
		{ "a signature in capitals",
		    QUERY "&signature=4C68C8624D737112C91818C11017D24D"
		          "334B524CB5C2B8BA08DAA056F7395DDB" },
		{ "one bit of the signature",
		    QUERY "&signature=5c68c8624d737112c91818c11017d24d"
		          "334b524cb5c2b8ba08daa056f7395ddb" },
		{ "a parameter more", QUERY "&a=1" SIGNATURE },
		{ "a repeat more", QUERY "&extra=3" SIGNATURE },
		{ "a repeat in another order",
		    "extra=2&extra=1&shop=shop-name.myshopify.com"
		    "&logged_in_customer_id=1"
		    "&path_prefix=%2Fapps%2Fawesome_reviews"
		    "&timestamp=1317327555" SIGNATURE },
		{ "another customer",
		    "extra=1&extra=2&shop=shop-name.myshopify.com"
		    "&logged_in_customer_id=2"
		    "&path_prefix=%2Fapps%2Fawesome_reviews"
		    "&timestamp=1317327555" SIGNATURE },
		{ "a broken escape", QUERY "&a=%4" SIGNATURE },
		{ "an escape that is none", QUERY "&a=%zz" SIGNATURE },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (verify(cases[i].query) != -1)
			fail_msg("%s was taken", cases[i].rule);
}

/* Checks how parameters become the text that is signed. */
static void
test_text(void **state)
{
	static const struct {
		const char *rule, *query, *text;
	} cases[] = {
		{ "sorted", "b=2&a=1&c=3", "a=1b=2c=3" },
		{ "sorted as pairs", "a0=x&a=x", "a0=xa=x" },
		{ "the shorter first", "a%3d=2&a=", "a=a==2" },
		{ "decoded before sorting", "%62=1&a%3d=2", "a==2b=1" },
		{ "a plus is a blank", "a=x+y%2Bz", "a=x y+z" },
		{ "UTF-8", "a=%C3%A9", "a=\xc3\xa9" },
		{ "no value", "a&b=", "a=b=" },
		{ "repeats in their order", "x=2&a=&x=1&x=", "a=x=2,1," },
		{ "the first equals sign parts", "a=b=c", "a=b=c" },
		{ "nothing between ampersands", "&&a=1&&", "a=1" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		if (verify(signed_as(cases[i].query, cases[i].text)) != 0)
			fail_msg("%s", cases[i].rule);
}

/* Checks an attack: customer 5 asks the shop for ?k=logged_in_customer_id%3D7m.
 * The shop appends the number 5 and signs the text. The attacker splits the
 * text at another place, so that it names customer 7 and an unknown
 * parameter. */
static void
test_cut_anew(void **state)
{
	static const char
	    text[] = "k=logged_in_customer_id=7mlogged_in_customer_id=5"
	             "shop=s.myshopify.comtimestamp=9";

	(void)state;
	assert_int_equal(verify(signed_as("k=&logged_in_customer_id=7"
	                                  "&mlogged_in_customer_id=5"
	                                  "&shop=s.myshopify.com&timestamp=9",
	                     text)),
	    -1);
	assert_int_equal(verify(signed_as("k=logged_in_customer_id%3D7m"
	                                  "&logged_in_customer_id=5"
	                                  "&shop=s.myshopify.com&timestamp=9",
	                     text)),
	    -1);
	/* The same attack on the name of the shop. */
	assert_int_equal(
	    verify(signed_as("shop=a.myshopify.com&tshop=b.myshopify.com",
	        "shop=a.myshopify.comtshop=b.myshopify.com")),
	    -1);
	/* A parameter whose name only begins with "shop" is not refused. */
	assert_int_equal(verify(signed_as("shop=a.myshopify.com&shopping=1",
	                     "shop=a.myshopify.comshopping=1")),
	    0);
}

/* Checks that an escape is not read beyond the end of the query. */
static void
test_escape_at_end(void **state)
{
	static const char query[] = "shop=a&timestamp=1&b=%41";
	struct proxy_query q;
	struct err e;

	(void)state;
	assert_int_equal(proxy_parse(&arena, STR(query), &q, &e), 0);
	for (size_t cut = 1; cut <= 2; cut++)
		assert_int_equal(
		    proxy_parse(&arena,
		        (struct str){ query, strlen(query) - cut }, &q, &e),
		    -1);
}

static void
test_bounds(void **state)
{
	struct buf query, text;
	struct proxy_query q;
	struct err e;
	char *large;

	(void)state;
	buf_init(&query, PROXY_QUERY_MAX);
	buf_init(&text, PROXY_QUERY_MAX);
	/* A query may have at most 63 parameters and the signature. */
	for (int i = 10; i < 10 + PROXY_PARAMS_MAX - 1; i++) {
		buf_printf(&query, "%sp%d=", i > 10 ? "&" : "", i);
		buf_printf(&text, "p%d=", i);
	}
	assert_int_equal(verify(signed_as(query.data, text.data)), 0);
	buf_puts(&query, "&q=");
	buf_puts(&text, "q=");
	assert_int_equal(verify(signed_as(query.data, text.data)), -1);
	buf_fini(&query);
	buf_fini(&text);

	large = arena_alloc(&arena, PROXY_QUERY_MAX + 1);
	memset(large, 'a', PROXY_QUERY_MAX + 1);
	assert_int_equal(
	    proxy_parse(
	        &arena, (struct str){ large, PROXY_QUERY_MAX + 1 }, &q, &e),
	    -1);
}

static void
test_parse(void **state)
{
	struct proxy_query q;
	struct err e;

	(void)state;
	assert_int_equal(proxy_parse(&arena, STR(QUERY), &q, &e), 0);
	assert_true(str_eq(q.shop, STR("shop-name.myshopify.com")));
	assert_true(str_eq(q.customer_id, STR("1")));
	assert_int_equal(q.timestamp, 1317327555);
	assert_int_equal(proxy_parse(&arena,
	                     STR("timestamp=0&shop=%73hop"
	                         "&logged_in_customer_id="),
	                     &q, &e),
	    0);
	assert_true(str_eq(q.shop, STR("shop")));
	assert_int_equal(q.customer_id.len, 0);
}

static void
test_parse_refuses(void **state)
{
	static const struct {
		const char *rule, *query;
	} cases[] = {
		{ "nothing", "" },
		{ "no shop", "timestamp=1" },
		{ "an empty shop", "shop=&timestamp=1" },
		{ "two shops", "shop=a&shop=b&timestamp=1" },
		{ "no timestamp", "shop=a" },
		{ "two timestamps", "shop=a&timestamp=1&timestamp=1" },
		{ "a timestamp with a sign", "shop=a&timestamp=-1" },
		{ "a timestamp too large",
		    "shop=a&timestamp=9223372036854775808" },
		{ "a timestamp that is none", "shop=a&timestamp=now" },
		{ "two customers", "shop=a&timestamp=1&logged_in_customer_id=1"
		                   "&logged_in_customer_id=2" },
		{ "a customer that is none",
		    "shop=a&timestamp=1&logged_in_customer_id=1,2" },
		{ "a broken escape", "shop=a%&timestamp=1" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct proxy_query q = { .timestamp = 4711 };
		struct err e;

		if (proxy_parse(&arena, str_of(cases[i].query), &q, &e) != -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(q.timestamp, 4711);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_official),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_cut_anew),
		cmocka_unit_test(test_escape_at_end),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

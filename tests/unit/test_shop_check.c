/* SPDX-License-Identifier: MIT */
/* Checks what the check of a shop's API finds, for each answer of the shop. */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/instant.h"
#include "wire/shop/check.h"
#include "wire/shop/shop.h"

#define WOO_URL "https://shop.example"
#define INDEX                                                          \
	"{\"name\":\"My shop\",\"home\":\"https:\\/\\/shop.example\"," \
	"\"timezone_string\":\"Europe\\/Berlin\",\"gmt_offset\":1}"
#define SETTINGS    "{\"settings\":{\"currency\":\"EUR\"}}"
#define ERROR(code) "{\"code\":\"" code "\",\"message\":\"Nein.\"}"
#define AUTH        ERROR("woocommerce_rest_authentication_error")
#define UNKNOWN     ERROR("woocommerce_rest_cannot_batch")
#define PAGE        "<html>Willkommen</html>"

struct answered {
	int status;
	const char *body, *redirect;
};

/* The shop's answers, and texts that the findings must contain. */
struct check_case {
	const char *rule;
	const char *api_url, *domain;
	struct answered answers[CHECK_CALLS_MAX];
	bool ok;
	const char *says[4];
	const char *says_not;
};

/* Returns the findings as text, a line each. */
static const char *
findings(const struct shop_check *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->n; i++)
		text = arena_printf(&arena, "%s%s: %s\n", text,
		    finding_kind_name(c->findings[i].kind),
		    c->findings[i].text);
	return text;
}

static void
try(const struct shop *shop, const struct check_case *t)
{
	struct shop_check c = {
		.arena = &arena,
		.store = { 7, t->domain ? t->domain : "shop.example", "EUR",
		    "Europe/Berlin", t->api_url ? t->api_url : WOO_URL },
	};
	const char *text;

	for (size_t i = 0; i < CHECK_CALLS_MAX; i++)
		c.answers[i] = (struct check_answer){
			t->answers[i].status,
			str_of(t->answers[i].body),
			str_of(t->answers[i].redirect),
		};
	shop->check_read(&c);
	text = findings(&c);
	if (shop_check_is_ok(&c) != t->ok)
		fail_msg("%s: %s", t->rule, text);
	for (size_t i = 0; i < NITEMS(t->says) && t->says[i] != NULL; i++)
		if (strstr(text, t->says[i]) == NULL)
			fail_msg(
			    "%s: no \"%s\" in:\n%s", t->rule, t->says[i], text);
	if (t->says_not != NULL && strstr(text, t->says_not) != NULL)
		fail_msg("%s: \"%s\" in:\n%s", t->rule, t->says_not, text);
}

static void
test_woocommerce(void **state)
{
	static const struct check_case cases[] = {
		{ "all is well",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "ok: the shop is \"My shop\" at shop.example, "
		              "its currency EUR, its time zone "
		              "Europe/Berlin\n",
		        "ok: the key may write" },
		    .says_not = "warning" },
		{ "an object is JSON as well as a list",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "{}" } },
		    .ok = true },
		{ "the domain's case does not matter", .domain = "SHOP.example",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true, .says_not = "warning" },
		{ "another currency",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200,
		            .body = "{\"settings\":{\"currency\":\"USD\"}}" },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "warning: the shop's currency is USD and the "
		              "store's is EUR",
		        "store disable --store 7" } },
		{ "hours, as a text",
		    .answers = { { .status = 200,
		                     .body =
		                         "{\"name\":\"x\",\"timezone_string\":"
		                         "\"\",\"gmt_offset\":\"-3.5\"}" },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "warning: the shop's time zone is UTC-3.5 and" } },
		{ "hours, as a number with a fraction",
		    .answers = { { .status = 200,
		                     .body = "{\"timezone_string\":\"\","
		                             "\"gmt_offset\":5.5}" },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "the shop's time zone is UTC+5.5 and",
		        "the shop is \"without a name\"" } },
		{ "a name that would forge a line",
		    .answers = { { .status = 200,
		                     .body = "{\"name\":\"a\\nwrong: b\"}" },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true, .says = { "\"a wrong: b\"" } },

		/* API keys that are wrong. */
		{ "the secret is another's",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401, .body = AUTH },
		        { .status = 401, .body = AUTH } },
		    .says = { "wrong: the consumer secret is not" } },
		{ "the key may only read",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 401, .body = AUTH } },
		    .says = { "wrong: the key may read and not write",
		        "Read/Write" } },
		{ "the secret is another's, and there are no settings to read",
		    .answers = { { .status = 404,
		                     .body = ERROR("rest_no_route") },
		        { .status = 404, .body = ERROR("rest_no_route") },
		        { .status = 401, .body = AUTH } },
		    .says = { "wrong: the consumer secret is not" } },
		{ "the key may only write",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401, .body = AUTH },
		        { .status = 200, .body = "[]" } },
		    .ok = true, .says = { "warning: the key may not read" } },
		{ "nobody knows the key",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401,
		            .body = ERROR("woocommerce_rest_cannot_view") },
		        { .status = 401, .body = UNKNOWN } },
		    .says = { "wrong: the shop does not know the consumer key",
		        "Authorization" } },
		{ "nobody knows it, and WordPress says so by its own name",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401, .body = ERROR("invalid_username") },
		        { .status = 401, .body = ERROR("invalid_username") } },
		    .says = { "does not know the consumer key" } },
		{ "a signature is refused: it may be key, secret or clock",
		    .api_url = "http://shop.example",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401, .body = AUTH },
		        { .status = 401, .body = AUTH } },
		    .says = { "wrong: the shop does not take the signature",
		        "clocks", "is http://shop.example the Site Address" },
		    .says_not = "consumer secret" },
		{ "a signature is not seen", .api_url = "http://shop.example",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 401,
		            .body = ERROR("woocommerce_rest_cannot_view") },
		        { .status = 401, .body = UNKNOWN } },
		    .says = { "wrong: the shop does not take the signature" } },
		{ "a signature is right, and the key may only read",
		    .api_url = "http://shop.example",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 401, .body = AUTH } },
		    .says = { "wrong: the key may read and not write" },
		    .says_not = "signature" },
		{ "the key's user may read settings only",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 200, .body = SETTINGS },
		        { .status = 403, .body = UNKNOWN } },
		    .says = { "wrong: the key's user may not change" } },
		{ "the key's user is no manager, but may change customers",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 403,
		            .body = ERROR("woocommerce_rest_cannot_view") },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "warning: the key may not read the shop's "
		              "settings (403)" } },
		{ "WordPress keeps its index to itself, WooCommerce answers",
		    .answers = { { .status = 401,
		                     .body = ERROR("rest_not_logged_in") },
		        { .status = 200, .body = SETTINGS },
		        { .status = 200, .body = "[]" } },
		    .ok = true,
		    .says = { "its currency EUR, its time zone not told" } },

		/* API addresses that are wrong. */
		{ "WordPress without WooCommerce",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 404, .body = ERROR("rest_no_route") },
		        { .status = 404, .body = ERROR("rest_no_route") } },
		    .says = { "wrong: there is a WordPress at "
		              "https://shop.example, and no WooCommerce" } },
		{ "plain permalinks, a web server's page",
		    .answers = { { .status = 404, .body = PAGE },
		        { .status = 404, .body = PAGE },
		        { .status = 404, .body = PAGE } },
		    .says = { "answers 404", "Permalinks" } },
		{ "plain permalinks, the shop's front page",
		    .answers = { { .status = 200, .body = PAGE },
		        { .status = 200, .body = PAGE },
		        { .status = 200, .body = PAGE } },
		    .says = { "answers 200", "Permalinks" } },
		{ "to www",
		    .answers = { { .status = 301,
		        .body = "",
		        "https://www.shop.example/wp-json/?_fields=name" } },
		    .says = { "sends on to https://www.shop.example (301)",
		        "store set --store 7 --api-url" } },
		{ "into a folder",
		    .answers = { { .status = 302,
		        .body = "",
		        "https://shop.example/shop/wp-json/?x" } },
		    .says = { "sends on to https://shop.example/shop (302)" } },
		{ "to a page that wants a password",
		    .answers = { { .status = 302,
		        .body = "",
		        "https://login.example/?to=shop" } },
		    .says = { "sends on to https://login.example (302)" } },
		{ "a firewall lets the index through only",
		    .answers = { { .status = 200, .body = INDEX },
		        { .status = 403, .body = PAGE },
		        { .status = 403, .body = PAGE } },
		    .says = { "answers 403: something before the shop" } },
		{ "it is being maintained",
		    .answers = { { .status = 503, .body = PAGE },
		        { .status = 503, .body = PAGE },
		        { .status = 503, .body = PAGE } },
		    .says = { "answers 503: the shop is being maintained" } },
		{ "a status that nobody has heard of",
		    .answers = { { .status = 299, .body = "" },
		        { .status = 299, .body = "" },
		        { .status = 299, .body = "" } },
		    .says = { "answers 299" } },
		{ "nobody answered: that is said elsewhere", .ok = true,
		    .says_not = ":" },
		{ "nobody answered the second call",
		    .answers = { { .status = 200, .body = INDEX } }, .ok = true,
		    .says = { "ok: the shop is" } },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		try(&shop_woocommerce, &cases[i]);
}

#define SHOP(domain, scope)                                                       \
	"{\"data\":{\"shop\":{\"name\":\"My shop\",\"myshopifyDomain\":\"" domain \
	"\",\"currencyCode\":\"EUR\",\"ianaTimezone\":"                           \
	"\"Europe/Berlin\"},\"currentAppInstallation\":{\"accessScopes\":"        \
	"[{\"handle\":\"read_orders\"},{\"handle\":\"" scope "\"}]}}}"
#define MINE .api_url = "https://x.myshopify.com", .domain = "x.myshopify.com"

static void
test_shopify(void **state)
{
	static const struct check_case cases[] = {
		{ "all is well", MINE,
		    .answers = { { .status = 200,
		        .body = SHOP("x.myshopify.com", "write_customers") } },
		    .ok = true,
		    .says = { "ok: the shop is \"My shop\" at "
		              "x.myshopify.com, its currency EUR",
		        "ok: the token may write" } },
		{ "another shop", MINE,
		    .answers = { { .status = 200,
		        .body = SHOP("y.myshopify.com", "write_customers") } },
		    .says = { "wrong: the API is that of y.myshopify.com and "
		              "the store's domain is x.myshopify.com" } },
		{ "the scope to read is not that to write", MINE,
		    .answers = { { .status = 200,
		        .body = SHOP("x.myshopify.com", "read_customers") } },
		    .says = { "wrong: the token lacks the scope "
		              "write_customers" } },
		{ "a scope of which it is the beginning", MINE,
		    .answers = { { .status = 200,
		        .body = SHOP(
		            "x.myshopify.com", "write_customers_x") } },
		    .says = { "lacks the scope" } },
		{ "a wrong token", MINE,
		    .answers = { { .status = 401,
		        .body = "{\"errors\":\"[API] Invalid API key "
		                "or access token\"}" } },
		    .says = { "wrong: the shop does not take the token (401)",
		        "24 hours", "store set --store 7 --api-token-file" } },
		{ "no such shop", MINE,
		    .answers = { { .status = 404,
		        .body = "{\"errors\":\"Not Found\"}" } },
		    .says = { "https://NAME.myshopify.com" } },
		{ "a frozen one", MINE,
		    .answers = { { .status = 402,
		        .body = "{\"errors\":\"Unavailable\"}" } },
		    .says = { "answers 402: the shop is frozen" } },
		{ "a storefront's own domain",
		    .answers = { { .status = 301,
		        .body = "",
		        "https://x.myshopify.com/admin/api/2026-10/"
		        "graphql.json" } },
		    .says = { "sends on to https://x.myshopify.com (301)" } },
		{ "refused with a code", MINE,
		    .answers = { { .status = 200,
		        .body = "{\"errors\":[{\"message\":\"x\","
		                "\"extensions\":{\"code\":"
		                "\"SHOP_INACTIVE\"}}]}" } },
		    .says = { "wrong: the shop refuses to say who it is: "
		              "SHOP_INACTIVE" } },
		{ "refused with a sentence", MINE,
		    .answers = { { .status = 200,
		        .body = "{\"errors\":\"no\"}" } },
		    .says = { "an error without a name" } },
		{ "the scopes are not told", MINE,
		    .answers = { { .status = 200,
		        .body = "{\"data\":{\"shop\":{"
		                "\"myshopifyDomain\":"
		                "\"x.myshopify.com\"},"
		                "\"currentAppInstallation\":null},"
		                "\"errors\":[{\"message\":\"x\"}]}" } },
		    .ok = true,
		    .says = { "warning: the shop does not say which scopes" } },
		{ "nothing is told", MINE,
		    .answers = { { .status = 200,
		        .body = "{\"data\":null,\"errors\":[{"
		                "\"extensions\":{\"code\":"
		                "\"ACCESS_DENIED\"}}]}" } },
		    .says = { "who it is: ACCESS_DENIED" } },
		{ "a page", MINE,
		    .answers = { { .status = 200, .body = PAGE } },
		    .says = { "something else than the API's JSON" } },
		{ "nobody answered: that is said elsewhere", MINE, .ok = true,
		    .says_not = ":" },
		{ "throttled", MINE,
		    .answers = { { .status = 429, .body = "{}" } },
		    .says = { "answers 429", "later" } },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		try(&shop_shopify, &cases[i]);
}

/* Checks that the calls change nothing in the shop. The first call to
 * WooCommerce, which only looks for WordPress, does not carry the token. */
static void
test_calls(void **state)
{
	struct shop_access woo = { .url = "https://shop.example",
		.token = STR("ck_a:cs_b") };
	struct shop_access shopify = { .url = "https://x.myshopify.com",
		.token = STR("shpat_a") };
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	for (size_t i = 0; i < shop_woocommerce.nchecks; i++) {
		assert_int_equal(
		    shop_woocommerce.check_call(i, &woo, &q, &e), 0);
		assert_int_equal(q.headers[0][0] == '\0', i == 0);
		assert_int_equal(q.body.len > 0, i == 2);
	}
	assert_string_equal(q.path, "/wp-json/wc/v3/customers/batch");
	assert_string_equal(q.body.data, "{\"update\":[]}");
	assert_int_equal(shop_shopify.check_call(0, &shopify, &q, &e), 0);
	assert_string_equal(q.headers[1], "X-Shopify-Access-Token: shpat_a");
	assert_non_null(strstr(q.body.data, "accessScopes"));
	assert_null(strstr(q.body.data, "mutation"));
	assert_int_equal(shop_woocommerce.check_call(0, &shopify, &q, &e), -1);
	buf_fini(&q.body);
}

/* Over http, each call but the first is signed by the key, and none has the
 * secret.  The signature was computed with node:crypto. */
static void
test_calls_signed(void **state)
{
	struct shop_access a = {
		.url = "http://shop.example:8080",
		.token = STR("ck_1:cs_2"),
		.now = 1700000000 * INSTANT_SECOND,
		.nonce = "00112233445566778899aabbccddeeff",
	};
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(shop_woocommerce.check_call(0, &a, &q, &e), 0);
	assert_string_equal(
	    q.path, "/wp-json/?_fields=name,home,timezone_string,gmt_offset");
	assert_string_equal(q.headers[0], "");
	assert_int_equal(shop_woocommerce.check_call(1, &a, &q, &e), 0);
	assert_true(q.once);
	assert_string_equal(q.path,
	    "/wp-json/wc/v3/system_status?_fields=settings"
	    "&oauth_consumer_key=ck_1"
	    "&oauth_nonce=00112233445566778899aabbccddeeff"
	    "&oauth_signature_method=HMAC-SHA256"
	    "&oauth_timestamp=1700000000&oauth_signature="
	    "%2Fga7ewMNzD9GSVD6mTyFDq2drDVaRk0uJ%2FQ%2BT9bROPU%3D");
	assert_string_equal(q.headers[1], "Connection: close");
	assert_int_equal(shop_woocommerce.check_call(2, &a, &q, &e), 0);
	assert_non_null(strstr(q.path,
	    "&oauth_signature=aD3pXpZfowS9KPiLsnV5x8aXlCSjg%2B3K%2B"
	    "lzu7aJ%2FdK0%3D"));
	assert_true(q.once);
	assert_string_equal(q.headers[1], "Connection: close");
	buf_fini(&q.body);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_woocommerce),
		TEST(test_shopify),
		TEST(test_calls),
		TEST(test_calls_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

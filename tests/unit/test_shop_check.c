/* SPDX-License-Identifier: MIT */
/* What the answers to a check of a shop's API mean, answer by answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "wire/shop.h"
#include "wire/shop_check.h"

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

/* One case: what came back, and pieces of what must be said of it. */
struct check_case {
	const char *rule;
	const char *api_url, *domain;
	struct answered answers[CHECK_CALLS_MAX];
	bool ok;
	const char *says[4];
	const char *says_not;
};

static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* All findings, a line each. */
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
		    .answers = { { 200, INDEX }, { 200, SETTINGS },
		        { 200, "[]" } },
		    .ok = true,
		    .says = { "ok: the shop is \"My shop\" at shop.example, "
		              "its currency EUR, its time zone "
		              "Europe/Berlin\n",
		        "ok: the key may write" },
		    .says_not = "warning" },
		{ "an object is JSON as well as a list",
		    .answers = { { 200, INDEX }, { 200, SETTINGS },
		        { 200, "{}" } },
		    .ok = true },
		{ "the domain's case does not matter", .domain = "SHOP.example",
		    .answers = { { 200, INDEX }, { 200, SETTINGS },
		        { 200, "[]" } },
		    .ok = true, .says_not = "warning" },
		{ "another currency",
		    .answers = { { 200, INDEX },
		        { 200, "{\"settings\":{\"currency\":\"USD\"}}" },
		        { 200, "[]" } },
		    .ok = true,
		    .says = { "warning: the shop's currency is USD and the "
		              "store's is EUR",
		        "store disable --store 7" } },
		{ "hours, as a text",
		    .answers = { { 200, "{\"name\":\"x\",\"timezone_string\":"
		                        "\"\",\"gmt_offset\":\"-3.5\"}" },
		        { 200, SETTINGS }, { 200, "[]" } },
		    .ok = true,
		    .says = { "warning: the shop's time zone is UTC-3.5 and" } },
		{ "hours, as a number with a fraction",
		    .answers = { { 200, "{\"timezone_string\":\"\","
		                        "\"gmt_offset\":5.5}" },
		        { 200, SETTINGS }, { 200, "[]" } },
		    .ok = true,
		    .says = { "the shop's time zone is UTC+5.5 and",
		        "the shop is \"without a name\"" } },
		{ "a name that would forge a line",
		    .answers = { { 200, "{\"name\":\"a\\nwrong: b\"}" },
		        { 200, SETTINGS }, { 200, "[]" } },
		    .ok = true, .says = { "\"a wrong: b\"" } },

		/* keys */
		{ "the secret is another's",
		    .answers = { { 200, INDEX }, { 401, AUTH }, { 401, AUTH } },
		    .says = { "wrong: the consumer secret is not" } },
		{ "the key may only read",
		    .answers = { { 200, INDEX }, { 200, SETTINGS },
		        { 401, AUTH } },
		    .says = { "wrong: the key may read and not write",
		        "Read/Write" } },
		{ "the secret is another's, and there are no settings to read",
		    .answers = { { 404, ERROR("rest_no_route") },
		        { 404, ERROR("rest_no_route") }, { 401, AUTH } },
		    .says = { "wrong: the consumer secret is not" } },
		{ "the key may only write",
		    .answers = { { 200, INDEX }, { 401, AUTH }, { 200, "[]" } },
		    .ok = true, .says = { "warning: the key may not read" } },
		{ "nobody knows the key",
		    .answers = { { 200, INDEX },
		        { 401, ERROR("woocommerce_rest_cannot_view") },
		        { 401, UNKNOWN } },
		    .says = { "wrong: the shop does not know the consumer key",
		        "Authorization" } },
		{ "nobody knows it, and WordPress says so by its own name",
		    .answers = { { 200, INDEX },
		        { 401, ERROR("invalid_username") },
		        { 401, ERROR("invalid_username") } },
		    .says = { "does not know the consumer key" } },
		{ "no key is taken without https",
		    .api_url = "http://shop.example",
		    .answers = { { 200, INDEX },
		        { 401, ERROR("woocommerce_rest_cannot_view") },
		        { 401, UNKNOWN } },
		    .says = { "over https only" } },
		{ "the key's user may read settings only",
		    .answers = { { 200, INDEX }, { 200, SETTINGS },
		        { 403, UNKNOWN } },
		    .says = { "wrong: the key's user may not change" } },
		{ "the key's user is no manager, but may change customers",
		    .answers = { { 200, INDEX },
		        { 403, ERROR("woocommerce_rest_cannot_view") },
		        { 200, "[]" } },
		    .ok = true,
		    .says = { "warning: the key may not read the shop's "
		              "settings (403)" } },
		{ "WordPress keeps its index to itself, WooCommerce answers",
		    .answers = { { 401, ERROR("rest_not_logged_in") },
		        { 200, SETTINGS }, { 200, "[]" } },
		    .ok = true,
		    .says = { "its currency EUR, its time zone not told" } },

		/* addresses */
		{ "WordPress without WooCommerce",
		    .answers = { { 200, INDEX },
		        { 404, ERROR("rest_no_route") },
		        { 404, ERROR("rest_no_route") } },
		    .says = { "wrong: there is a WordPress at "
		              "https://shop.example, and no WooCommerce" } },
		{ "plain permalinks, a web server's page",
		    .answers = { { 404, PAGE }, { 404, PAGE }, { 404, PAGE } },
		    .says = { "answers 404", "Permalinks" } },
		{ "plain permalinks, the shop's front page",
		    .answers = { { 200, PAGE }, { 200, PAGE }, { 200, PAGE } },
		    .says = { "answers 200", "Permalinks" } },
		{ "to www",
		    .answers = { { 301, "",
		        "https://www.shop.example/wp-json/?_fields=name" } },
		    .says = { "sends on to https://www.shop.example (301)",
		        "store set --store 7 --api-url" } },
		{ "into a folder",
		    .answers = { { 302, "",
		        "https://shop.example/shop/wp-json/?x" } },
		    .says = { "sends on to https://shop.example/shop (302)" } },
		{ "to a page that wants a password",
		    .answers = { { 302, "",
		        "https://login.example/?to=shop" } },
		    .says = { "sends on to https://login.example (302)" } },
		{ "a firewall lets the index through only",
		    .answers = { { 200, INDEX }, { 403, PAGE }, { 403, PAGE } },
		    .says = { "answers 403: something before the shop" } },
		{ "it is being maintained",
		    .answers = { { 503, PAGE }, { 503, PAGE }, { 503, PAGE } },
		    .says = { "answers 503: the shop is being maintained" } },
		{ "a status that nobody has heard of",
		    .answers = { { 299, "" }, { 299, "" }, { 299, "" } },
		    .says = { "answers 299" } },
		{ "nobody answered: that is said elsewhere", .ok = true,
		    .says_not = ":" },
		{ "nobody answered the second call",
		    .answers = { { 200, INDEX } }, .ok = true,
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
		    .answers = { { 200,
		        SHOP("x.myshopify.com", "write_customers") } },
		    .ok = true,
		    .says = { "ok: the shop is \"My shop\" at "
		              "x.myshopify.com, its currency EUR",
		        "ok: the token may write" } },
		{ "another shop", MINE,
		    .answers = { { 200,
		        SHOP("y.myshopify.com", "write_customers") } },
		    .says = { "wrong: the API is that of y.myshopify.com and "
		              "the store's domain is x.myshopify.com" } },
		{ "the scope to read is not that to write", MINE,
		    .answers = { { 200,
		        SHOP("x.myshopify.com", "read_customers") } },
		    .says = { "wrong: the token lacks the scope "
		              "write_customers" } },
		{ "a scope of which it is the beginning", MINE,
		    .answers = { { 200,
		        SHOP("x.myshopify.com", "write_customers_x") } },
		    .says = { "lacks the scope" } },
		{ "a wrong token", MINE,
		    .answers = { { 401, "{\"errors\":\"[API] Invalid API key "
		                        "or access token\"}" } },
		    .says = { "wrong: the shop does not take the token (401)",
		        "24 hours", "store set --store 7 --api-token-file" } },
		{ "no such shop", MINE,
		    .answers = { { 404, "{\"errors\":\"Not Found\"}" } },
		    .says = { "https://NAME.myshopify.com" } },
		{ "a frozen one", MINE,
		    .answers = { { 402, "{\"errors\":\"Unavailable\"}" } },
		    .says = { "answers 402: the shop is frozen" } },
		{ "a storefront's own domain",
		    .answers = { { 301, "",
		        "https://x.myshopify.com/admin/api/2026-10/"
		        "graphql.json" } },
		    .says = { "sends on to https://x.myshopify.com (301)" } },
		{ "refused with a code", MINE,
		    .answers = { { 200, "{\"errors\":[{\"message\":\"x\","
		                        "\"extensions\":{\"code\":"
		                        "\"SHOP_INACTIVE\"}}]}" } },
		    .says = { "wrong: the shop refuses to say who it is: "
		              "SHOP_INACTIVE" } },
		{ "refused with a sentence", MINE,
		    .answers = { { 200, "{\"errors\":\"no\"}" } },
		    .says = { "an error without a name" } },
		{ "the scopes are not told", MINE,
		    .answers = { { 200, "{\"data\":{\"shop\":{"
		                        "\"myshopifyDomain\":"
		                        "\"x.myshopify.com\"},"
		                        "\"currentAppInstallation\":null},"
		                        "\"errors\":[{\"message\":\"x\"}]}" } },
		    .ok = true,
		    .says = { "warning: the shop does not say which scopes" } },
		{ "nothing is told", MINE,
		    .answers = { { 200, "{\"data\":null,\"errors\":[{"
		                        "\"extensions\":{\"code\":"
		                        "\"ACCESS_DENIED\"}}]}" } },
		    .says = { "who it is: ACCESS_DENIED" } },
		{ "a page", MINE, .answers = { { 200, PAGE } },
		    .says = { "something else than the API's JSON" } },
		{ "nobody answered: that is said elsewhere", MINE, .ok = true,
		    .says_not = ":" },
		{ "throttled", MINE, .answers = { { 429, "{}" } },
		    .says = { "answers 429", "later" } },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		try(&shop_shopify, &cases[i]);
}

/* The token goes where it belongs, and nowhere before somebody who is
 * WordPress has answered. */
static void
test_calls(void **state)
{
	struct str woo = STR("ck_a:cs_b"), shopify = STR("shpat_a");
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	for (size_t i = 0; i < shop_woocommerce.nchecks; i++) {
		assert_int_equal(
		    shop_woocommerce.check_call(i, woo, &q, &e), 0);
		assert_int_equal(q.headers[0][0] == '\0', i == 0);
		assert_int_equal(q.body.len > 0, i == 2);
	}
	assert_string_equal(q.path, "/wp-json/wc/v3/customers/batch");
	assert_string_equal(q.body.data, "{\"update\":[]}");
	assert_int_equal(shop_shopify.check_call(0, shopify, &q, &e), 0);
	assert_string_equal(q.headers[1], "X-Shopify-Access-Token: shpat_a");
	assert_non_null(strstr(q.body.data, "accessScopes"));
	assert_null(strstr(q.body.data, "mutation"));
	assert_int_equal(shop_woocommerce.check_call(0, shopify, &q, &e), -1);
	buf_fini(&q.body);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_woocommerce),
		TEST(test_shopify),
		TEST(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

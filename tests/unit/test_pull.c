/* SPDX-License-Identifier: MIT */
/*
 * Checks the calls by which a shop is asked for changed orders, and what their
 * answers come to: a list, its end, places in lists that change meanwhile, and all
 * that is no answer.
 */
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/arena.h"
#include "base/cc.h"
#include "base/instant.h"
#include "wire/shop/pull.h"

#define SINCE INT64_C(1795168800000000) /* 2026-11-20T10:00:00Z */

static struct arena arena;
static const struct shop *const woo = &shop_woocommerce;

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

static struct shop_access
access_of(const char *url)
{
	return (struct shop_access){
		.url = url,
		.token = STR("ck_1:cs_1"),
		.now = SINCE,
		.nonce = "0123456789abcdef",
	};
}

static void
list_call(const struct pull_place *at, struct push_request *q)
{
	const struct shop_access a = access_of("https://shop.example");
	struct err e;

	buf_init(&q->body, PUSH_BODY_MAX);
	assert_int_equal(woo->changed_call(at, &a, q, &e), 0);
	assert_int_equal(q->body.len, 0);
	buf_fini(&q->body);
}

/* Checks that a time is in GMT, without "Z", and of the second before. */
static void
test_list_call(void **state)
{
	struct push_request q;

	(void)state;
	list_call(&(struct pull_place){ .since = SINCE }, &q);
	assert_string_equal(q.path,
	    "/wp-json/wc/v3/orders?_fields=id,date_modified_gmt,status,refunds"
	    "&dates_are_gmt=true&modified_after=2026-11-20T09:59:59"
	    "&order=asc&orderby=modified&page=1&per_page=100");
	list_call(&(struct pull_place){ .since = SINCE, .cursor = "3" }, &q);
	assert_non_null(strstr(q.path, "&page=3&"));
}

static struct pull_answer
list_read(int status, const char *body, const struct pull_place *of)
{
	const struct reward_reply reply = { status, STR(""), str_of(body) };
	struct pull_answer r;

	woo->changed_read(&reply, of, &arena, &r);
	return r;
}

/* A list of n orders, of which each changed `step` seconds after the one before. */
static const char *
list_of(int n, int step)
{
	char *text = arena_alloc(&arena, (size_t)n * 120 + 3);
	char at[INSTANT_TEXT_MAX];
	size_t len = 0;

	text[len++] = '[';
	for (int i = 0; i < n; i++) {
		instant_format(SINCE + (int64_t)i * step * INSTANT_SECOND, at);
		at[19] = '\0';
		len += (size_t)sprintf(text + len,
		    "%s{\"id\":%d,\"date_modified_gmt\":\"%s\","
		    "\"status\":\"completed\",\"refunds\":[]}",
		    i > 0 ? "," : "", i + 1, at);
	}
	memcpy(text + len, "]", 2);
	return text;
}

static void
test_list(void **state)
{
	const struct pull_place at = { .since = SINCE };
	struct pull_answer r = list_read(200, list_of(3, 60), &at);

	(void)state;
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.orders[2].order_id, 3);
	assert_int_equal(r.orders[2].modified_at, SINCE + 120 * INSTANT_SECOND);
	assert_string_equal(r.orders[2].status, "completed");
	assert_int_equal(r.orders[2].nrefunds, 0);
	assert_false(r.more);
	r = list_read(200, "[]", &at);
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.n, 0);
	assert_false(r.more);
}

/* Checks where the orders behind a whole list begin: at the last second of the list,
 * or, if it is the first one, at the next page. */
static void
test_places(void **state)
{
	const struct pull_place at = { .since = SINCE };
	struct pull_answer r = list_read(200, list_of(100, 2), &at);

	(void)state;
	assert_true(r.more);
	assert_int_equal(r.next.since, SINCE + 198 * INSTANT_SECOND);
	assert_string_equal(r.next.cursor, "");
	r = list_read(200, list_of(100, 0), &at);
	assert_true(r.more);
	assert_int_equal(r.next.since, SINCE);
	assert_string_equal(r.next.cursor, "2");
	r = list_read(200, list_of(100, 0), &r.next);
	assert_string_equal(r.next.cursor, "3");
}

static void
test_no_list(void **state)
{
	static const struct {
		int status;
		const char *body;
	} cases[] = {
		{ 200, "<html>" },
		{ 200, "" },
		{ 200, "{}" },
		{ 200, "[7]" },
		{ 200, "[{\"id\":1}]" },
		{ 200, "[{\"date_modified_gmt\":\"2026-11-20T10:00:00\"}]" },
		{ 200, "[{\"id\":1,\"date_modified_gmt\":null}]" },
		{ 401, "{\"code\":\"woocommerce_rest_cannot_view\"}" },
		{ 404, "{\"code\":\"rest_no_route\"}" },
		{ 429, "" },
		{ 503, "<html>" },
	};
	const struct pull_place at = { .since = SINCE };

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct pull_answer r = list_read(
		    cases[i].status, cases[i].body, &at);

		print_message("%d %s\n", cases[i].status, cases[i].body);
		assert_int_equal(r.outcome, PUSH_RETRY);
		assert_true(r.why[0] != '\0' && r.wait_ms > 0);
	}
}

static void
test_order(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum push_outcome outcome;
		bool there;
	} cases[] = {
		{ 200, "{\"id\":7,\"status\":\"completed\"}", PUSH_DONE, true },
		{ 200, "{\"id\":8,\"status\":\"completed\"}", PUSH_RETRY,
		    false },
		{ 200, "{}", PUSH_RETRY, false },
		{ 200, "<html>", PUSH_RETRY, false },
		{ 404, "{\"code\":\"woocommerce_rest_shop_order_invalid_id\"}",
		    PUSH_DONE, false },
		/* Another 404 says nothing of the order. */
		{ 404, "{\"code\":\"rest_no_route\"}", PUSH_RETRY, false },
		{ 404, "<html>", PUSH_RETRY, false },
		{ 503, "", PUSH_RETRY, false },
	};
	const struct shop_access a = access_of("https://shop.example");
	struct pull_order o = { .order_id = 7, .arena = &arena };
	struct push_request q;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(woo->order_call(&o, &a, &q, &e), 0);
	assert_string_equal(q.path, "/wp-json/wc/v3/orders/7");
	buf_fini(&q.body);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct reward_reply reply = { cases[i].status, STR(""),
			str_of(cases[i].body) };
		struct pull_answer r;

		print_message("%d %s\n", cases[i].status, cases[i].body);
		o = (struct pull_order){ .order_id = 7, .arena = &arena };
		woo->order_read(&reply, &o, &r);
		assert_int_equal(r.outcome, cases[i].outcome);
		assert_int_equal(o.done, cases[i].outcome == PUSH_DONE);
		assert_int_equal(o.there, cases[i].there);
		if (o.there)
			assert_string_equal(arena_printf(&arena, "%.*s",
			                        (int)o.body.len, o.body.data),
			    cases[i].body);
	}
}

static void
test_hooks(void **state)
{
	static const char body[] =
	    "[{\"id\":3,\"status\":\"active\",\"topic\":\"order.created\","
	    "\"delivery_url\":\"https://a/x\"},"
	    "{\"id\":4,\"status\":\"disabled\",\"topic\":\"order.updated\","
	    "\"delivery_url\":\"https://a/y\"},"
	    "{\"id\":5,\"status\":\"paused\",\"topic\":\"order.deleted\","
	    "\"delivery_url\":\"https://a/z\"}]";
	const struct reward_reply list = { 200, STR(""), STR(body) };
	const struct reward_reply on = { 200, STR(""),
		STR("{\"id\":4,\"status\":\"active\"}") };
	const struct reward_reply off = { 200, STR(""),
		STR("{\"id\":4,\"status\":\"disabled\"}") };
	const struct shop_access a = access_of("https://shop.example");
	const struct pull_hook there = { .id = 4, .is_off = true };
	const struct pull_hook gone = {
		.topic = "order.updated",
		.url = "https://a/y",
		.secret = STR("hush"),
	};
	struct push_request q;
	struct pull_answer r;
	struct err e;

	(void)state;
	woo->hooks_read(woo, &list, &arena, &r);
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.nhooks, 3);
	assert_false(r.hooks[0].is_off);
	assert_true(r.hooks[1].is_off);
	assert_int_equal(r.hooks[1].id, 4);
	assert_string_equal(r.hooks[1].url, "https://a/y");
	assert_false(r.hooks[2].is_off);
	woo->hooks_read(woo, &on, &arena, &r);
	assert_int_equal(r.outcome, PUSH_RETRY);

	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(woo->hook_put_call(&there, &a, &q, &e), 0);
	assert_string_equal(q.method, "PUT");
	assert_string_equal(q.path, "/wp-json/wc/v3/webhooks/4");
	assert_string_equal(q.body.data, "{\"status\":\"active\"}");
	buf_reset(&q.body);
	assert_int_equal(woo->hook_put_call(&gone, &a, &q, &e), 0);
	assert_string_equal(q.method, "");
	assert_string_equal(q.path, "/wp-json/wc/v3/webhooks");
	assert_string_equal(q.body.data,
	    "{\"name\":\"order.updated\",\"topic\":\"order.updated\","
	    "\"delivery_url\":\"https://a/y\",\"secret\":\"hush\","
	    "\"status\":\"active\"}");
	buf_fini(&q.body);
	woo->hook_put_read(&on, &arena, &r);
	assert_int_equal(r.outcome, PUSH_DONE);
	woo->hook_put_read(&off, &arena, &r);
	assert_int_equal(r.outcome, PUSH_RETRY);
}

/* ---- Shopify ------------------------------------------------------------- */

#define M(amount)                                    \
	"{\"shopMoney\":{\"amount\":\"" amount "\"," \
	"\"currencyCode\":\"EUR\"}}"
#define LINE(id, quantity, price, less, tax)                               \
	"{\"id\":\"gid://shopify/LineItem/" id "\",\"quantity\":" quantity \
	",\"currentQuantity\":" quantity ",\"isGiftCard\":false,"          \
	"\"requiresShipping\":true,\"product\":{\"id\":"                   \
	"\"gid://shopify/Product/9007199254740993\"},\"sku\":\"A\","       \
	"\"vendor\":\"V\",\"originalUnitPriceSet\":" M(                    \
	    price) ","                                                     \
	           "\"lineItemGroup\":null,\"discountAllocations\":[{"     \
	           "\"allocatedAmountSet\":" M(less) "}],\"taxLines\":[{"  \
	                                             "\"priceSet\":" M(    \
	                                                 tax) "}]}"
#define TIP(price)                                                  \
	"{\"id\":\"gid://shopify/LineItem/8\",\"quantity\":1,"      \
	"\"currentQuantity\":1,\"isGiftCard\":false,"               \
	"\"requiresShipping\":false,\"product\":null,\"sku\":null," \
	"\"vendor\":null,\"originalUnitPriceSet\":" M(              \
	    price) ","                                              \
	           "\"lineItemGroup\":null,\"discountAllocations\":[],\"taxLines\":[]}"
#define PAGE(more, cursor) \
	"\"pageInfo\":{\"hasNextPage\":" more ",\"endCursor\":\"" cursor "\"}"
#define ORDER(lines, page)                                                                                              \
	"{\"data\":{\"order\":{\"id\":\"gid://shopify/Order/7\","                                                       \
	"\"name\":\"#1001\",\"createdAt\":\"2026-11-20T10:00:00Z\","                                                    \
	"\"processedAt\":\"2026-11-20T10:00:00Z\","                                                                     \
	"\"updatedAt\":\"2026-11-20T11:00:00Z\",\"cancelledAt\":null,"                                                  \
	"\"currencyCode\":\"EUR\",\"test\":false,\"taxesIncluded\":false,"                                              \
	"\"displayFinancialStatus\":\"PARTIALLY_REFUNDED\","                                                            \
	"\"displayFulfillmentStatus\":\"FULFILLED\",\"email\":\"a@b.test\","                                            \
	"\"sourceName\":\"pos\",\"paymentGatewayNames\":[\"cash\"],"                                                    \
	"\"discountCodes\":[\"SPRING\"],\"statusPageUrl\":"                                                             \
	"\"https://s.example/58012345678/orders/x\",\"totalPriceSet\":" M("45.00") ",\"totalTipReceivedSet\":" M(       \
	    "2.0") ",\"customer\":{"                                                                                    \
	           "\"id\":\"gid://shopify/Customer/12\","                                                              \
	           "\"updatedAt\":\"2026-11-20T10:00:00Z\",\"verifiedEmail\":true,"                                     \
	           "\"defaultEmailAddress\":{\"emailAddress\":\"a@b.test\"}},"                                          \
	           "\"fulfillments\":[{\"status\":\"SUCCESS\","                                                         \
	           "\"createdAt\":\"2026-11-20T10:30:00Z\"}],"                                                          \
	           "\"shippingLines\":{\"nodes\":[{\"title\":\"Standard\","                                             \
	           "\"isRemoved\":false,\"originalPriceSet\":" M(                                                       \
	               "5.00") ","                                                                                      \
	                       "\"discountedPriceSet\":" M(                                                             \
	                           "4.00") ","                                                                          \
	                                   "\"discountAllocations\":[{\"allocatedAmountSet\":" M(                       \
	                                       "1.00") "}],"                                                            \
	                                               "\"taxLines\":[]}]},\"refunds\":[{\"id\":"                       \
	                                               "\"gid://shopify/Refund/30\"}],\"lineItems\":{\"nodes\":[" lines \
	                                               "]," page "}}}}"
#define REFUND(lines, page)                                                                               \
	"{\"data\":{\"refund\":{\"id\":\"gid://shopify/Refund/30\","                                      \
	"\"createdAt\":\"2026-11-20T11:00:00Z\","                                                         \
	"\"processedAt\":\"2026-11-20T11:00:00Z\",\"orderAdjustments\":{"                                 \
	"\"nodes\":[{\"reason\":\"REFUND_DISCREPANCY\",\"amountSet\":" M("-1.50") ",\"taxAmountSet\":" M( \
	    "0.0") "}]},"                                                                                 \
	           "\"refundShippingLines\":{\"nodes\":[]},\"transactions\":{"                            \
	           "\"nodes\":[{\"kind\":\"REFUND\",\"status\":\"SUCCESS\","                              \
	           "\"amountSet\":" M(                                                                    \
	               "21.50") "}]},\"refundLineItems\":{\"nodes\":[" lines                              \
	                        "]," page "}}}}"
#define BACK(line)                                                            \
	"{\"lineItem\":{\"id\":\"gid://shopify/LineItem/" line                \
	"\"},\"quantity\":1,\"subtotalSet\":" M("9.00") ","                   \
	                                                "\"totalTaxSet\":" M( \
	                                                    "1.00") "}"

static void
order_take(struct pull_order *o, const char *asked_for, const char *body)
{
	const struct shop_access a = {
		.url = "https://s.example",
		.token = STR("shpat_1"),
		.now = SINCE,
	};
	const struct reward_reply reply = { 200, STR(""), str_of(body) };
	struct push_request q;
	struct pull_answer r;
	struct err e;

	assert_false(o->done);
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(shop_shopify.order_call(o, &a, &q, &e), 0);
	assert_non_null(strstr(q.body.data, asked_for));
	buf_fini(&q.body);
	shop_shopify.order_read(&reply, o, &r);
	assert_int_equal(r.outcome, PUSH_DONE);
}

/* Checks that an order which comes by four calls is what a webhook would have
 * told. */
static void
test_shopify_order(void **state)
{
	static const struct master_key key = { .bytes = { 1 } };
	struct pull_order o = { .order_id = 7, .arena = &arena };
	struct message m = {
		.platform = PLATFORM_SHOPIFY,
		.store_id = 1,
		.received_at = SINCE,
		.topic = STR("orders/updated"),
	};
	struct event ev;
	struct err e;

	(void)state;
	order_take(&o, "\"id\":\"gid://shopify/Order/7\",\"after\":null",
	    ORDER(LINE("1", "2", "10.00", "2.00", "2.00"), PAGE("true", "c1")));
	order_take(&o, "\"id\":\"gid://shopify/Order/7\",\"after\":\"c1\"",
	    ORDER(LINE("2", "1", "20.00", "0.00", "3.00") "," TIP("2.0"),
	        PAGE("false", "c2")));
	order_take(&o, "\"id\":\"gid://shopify/Refund/30\",\"after\":null",
	    REFUND(BACK("1"), PAGE("true", "r1")));
	order_take(&o, "\"id\":\"gid://shopify/Refund/30\",\"after\":\"r1\"",
	    REFUND(BACK("2"), PAGE("false", "r2")));
	assert_true(o.done && o.there);
	m.body = o.body;
	if (shop_parse(&arena, &m, &key, "EUR", &ev, &e) == -1)
		fail_msg("%s\n%.*s", e.msg, (int)o.body.len, o.body.data);
	assert_int_equal(ev.kind, EVENT_ORDER);
	assert_int_equal(ev.shop_id, INT64_C(58012345678));
	assert_int_equal(ev.customer.id, 12);
	assert_true(ev.customer.email_verified);
	assert_int_equal(ev.order.id, 7);
	assert_string_equal(ev.order.status, "partially_refunded");
	assert_string_equal(ev.order.channel, "pos");
	assert_int_equal(ev.order.modified_at, SINCE + 3600 * INSTANT_SECOND);
	assert_int_equal(ev.order.fulfilled_at, SINCE + 1800 * INSTANT_SECOND);
	assert_int_equal(ev.order.total, 4500);
	assert_int_equal(ev.order.shipping, 400);
	/* The tip is no line of goods. */
	assert_int_equal(ev.order.nlines, 2);
	assert_int_equal(ev.order.lines[0].net, 1800);
	assert_int_equal(ev.order.lines[0].tax, 200);
	assert_int_equal(
	    ev.order.lines[0].product_id, INT64_C(9007199254740993));
	assert_int_equal(ev.order.lines[1].net, 2000);
	assert_int_equal(ev.order.nrefunds, 1);
	assert_int_equal(ev.order.refunds[0].id, 30);
	assert_int_equal(ev.order.refunds[0].nlines, 2);
	assert_int_equal(ev.order.refunds[0].lines[1].line_id, 2);
	assert_int_equal(ev.order.refunds[0].lines[1].net, 900);
	assert_int_equal(ev.order.refunds[0].share, 150);
	assert_int_equal(ev.order.codes.n, 1);
}

static void
test_shopify_no_order(void **state)
{
	static const struct {
		const char *body;
		enum push_outcome outcome;
		bool done;
	} cases[] = {
		{ "{\"data\":{\"order\":null}}", PUSH_DONE, true },
		{ "{\"data\":{}}", PUSH_RETRY, false },
		{ "{\"data\":{\"order\":7}}", PUSH_RETRY, false },
		{ "{\"data\":{\"order\":null},\"errors\":[{\"message\":\"m\","
		  "\"extensions\":{\"code\":\"ACCESS_DENIED\"}}]}",
		    PUSH_RETRY, false },
		{ "<html>", PUSH_RETRY, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct pull_order o = { .order_id = 7, .arena = &arena };
		const struct reward_reply reply = { 200, STR(""),
			str_of(cases[i].body) };
		struct pull_answer r;

		print_message("%s\n", cases[i].body);
		shop_shopify.order_read(&reply, &o, &r);
		assert_int_equal(r.outcome, cases[i].outcome);
		assert_int_equal(o.done, cases[i].done);
		assert_false(o.there);
	}
}

static void
test_shopify_list(void **state)
{
	static const char body[] =
	    "{\"data\":{\"orders\":{\"nodes\":["
	    "{\"id\":\"gid://shopify/Order/9007199254740993\",\"updatedAt\":"
	    "\"2026-11-20T10:00:00Z\",\"cancelledAt\":null,"
	    "\"displayFinancialStatus\":\"PAID\"},"
	    "{\"id\":\"gid://shopify/Order/8\",\"updatedAt\":"
	    "\"2026-11-20T10:00:00Z\",\"cancelledAt\":"
	    "\"2026-11-20T10:00:00Z\",\"displayFinancialStatus\":null}],"
	    "\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"c\"}}}}";
	const struct pull_place at = { .since = SINCE };
	const struct reward_reply reply = { 200, STR(""), STR(body) };
	struct pull_answer r;

	(void)state;
	shop_shopify.changed_read(&reply, &at, &arena, &r);
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.orders[0].order_id, INT64_C(9007199254740993));
	assert_string_equal(r.orders[0].status, "paid");
	assert_string_equal(r.orders[1].status, "cancelled");
	assert_int_equal(r.orders[1].nrefunds, -1);
	/* All of them changed in the first second: the cursor goes on. */
	assert_true(r.more);
	assert_int_equal(r.next.since, SINCE);
	assert_string_equal(r.next.cursor, "c");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_call),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_shopify_order),
		cmocka_unit_test(test_shopify_no_order),
		cmocka_unit_test(test_shopify_list),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

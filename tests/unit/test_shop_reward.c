/* SPDX-License-Identifier: MIT */
/* Checks what answers of shops to calls about rewards mean: which errors pass,
 * which are for good, and what is not as it should be. */
#include <string.h>

#include "../support/test.h"
#include "base/buf.h"
#include "base/cc.h"
#include "base/utf8.h"
#include "wire/shop/reward.h"

#define GID "gid://shopify/DiscountCodeNode/9"

static const struct reward_make five = {
	.kind = REWARD_DISCOUNT_AMOUNT,
	.customer_id = 12,
	.redemption = "r-1",
	.title = "Five off",
	.code = "7KQM-2BXN-PW4D-ZH8T",
	.email = "a@b.test",
	.currency = "EUR",
	.exponent = 2,
	.amount = 500,
	.minimum = 2000,
	.starts_at = INT64_C(1764579600000000),
	.ends_at = INT64_C(1767225600000000),
};

struct answer_case {
	const char *name;
	enum reward_ask ask;
	int status;
	const char *body;
	enum push_outcome outcome;
	bool there, right, used;
	const char *why; /* a part of it; NULL: "" */
};

static void
check(const struct shop *shop, const struct reward_make *m,
    const struct answer_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct answer_case *c = &cases[i];
		const struct reward_reply reply = { c->status, STR(""),
			str_of(c->body) };
		struct reward_answer r;
		struct arena a;

		arena_init(&a);
		print_message("%s\n", c->name);
		shop->reward_read(c->ask, &reply, m, &a, &r);
		assert_int_equal(r.outcome, c->outcome);
		assert_int_equal(r.there, c->there);
		assert_int_equal(r.right, c->right);
		assert_int_equal(r.used, c->used);
		if (c->why == NULL)
			assert_string_equal(r.why, "");
		else
			assert_non_null(strstr(r.why, c->why));
		assert_null(strstr(r.why, five.email));
		arena_fini(&a);
	}
}

/* ---- Shopify ------------------------------------------------------------- */

#define MAKE(node, errors)                         \
	"{\"data\":{\"discountCodeBasicCreate\":{" \
	"\"codeDiscountNode\":" node ",\"userErrors\":[" errors "]}}}"
#define ERROR(code) \
	"{\"field\":[\"x\"],\"message\":\"m\",\"code\":\"" code "\"}"
#define FOUND_AS(limit, customer, amount, ends, minimum, used)               \
	"{\"data\":{\"codeDiscountNodeByCode\":{\"id\":\"" GID "\","         \
	"\"codeDiscount\":{\"__typename\":\"DiscountCodeBasic\","            \
	"\"usageLimit\":" limit ",\"appliesOncePerCustomer\":true,"          \
	"\"endsAt\":\"" ends "\",\"asyncUsageCount\":" used ","              \
	"\"context\":{\"__typename\":\"DiscountCustomers\",\"customers\":["  \
	"{\"id\":\"gid://shopify/Customer/" customer "\"}]},"                \
	"\"minimumRequirement\":{\"__typename\":"                            \
	"\"DiscountMinimumSubtotal\",\"greaterThanOrEqualToSubtotal\":{"     \
	"\"amount\":\"" minimum "\"}},\"customerGets\":{\"value\":{"         \
	"\"__typename\":\"DiscountAmount\",\"amount\":{\"amount\":\"" amount \
	"\"},\"appliesOnEachItem\":false}}}}}}"
#define ENDS "2026-01-01T00:00:00Z"

static void
test_shopify(void **state)
{
	static const struct answer_case cases[] = {
		{ "made", REWARD_MAKE, 200, MAKE("{\"id\":\"" GID "\"}", ""),
		    PUSH_DONE, .there = true },
		{ "the code is taken", REWARD_MAKE, 200,
		    MAKE("null", ERROR("TAKEN")), PUSH_DONE, .there = true },
		{ "refused for good", REWARD_MAKE, 200,
		    MAKE("null", ERROR("INVALID")), PUSH_REJECT,
		    .why = "the shop refused: INVALID" },
		{ "an error inside the shop", REWARD_MAKE, 200,
		    MAKE("null", ERROR("INTERNAL_ERROR")), PUSH_RETRY,
		    .why = "INTERNAL_ERROR" },
		{ "an answer to something else", REWARD_MAKE, 200,
		    "{\"data\":{}}", PUSH_RETRY,
		    .why = "not one to this call" },
		{ "made, and not named", REWARD_MAKE, 200, MAKE("null", ""),
		    PUSH_RETRY, .there = true, .why = "does not name" },
		{ "a page", REWARD_MAKE, 200, "<html>", PUSH_RETRY,
		    .why = "something else than JSON" },
		{ "throttled", REWARD_MAKE, 200,
		    "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{"
		    "\"code\":\"THROTTLED\"}}]}",
		    PUSH_RETRY, .why = "throttles" },
		{ "no scope", REWARD_MAKE, 200,
		    "{\"data\":null,\"errors\":[{\"message\":\"m\","
		    "\"extensions\":{\"code\":\"ACCESS_DENIED\"}}]}",
		    PUSH_RETRY, .why = "scope" },
		{ "down", REWARD_MAKE, 502, "", PUSH_RETRY, .why = "502" },
		{ "as it should be", REWARD_FIND, 200,
		    FOUND_AS("1", "12", "5.0", ENDS, "20.00", "0"), PUSH_DONE,
		    .there = true, .right = true },
		{ "used", REWARD_FIND, 200,
		    FOUND_AS("1", "12", "5.0", ENDS, "20.00", "1"), PUSH_DONE,
		    .there = true, .right = true, .used = true },
		{ "of another customer", REWARD_FIND, 200,
		    FOUND_AS("1", "13", "5.0", ENDS, "20.00", "0"), PUSH_DONE,
		    .there = true, .why = "customer's alone" },
		{ "for more than one use", REWARD_FIND, 200,
		    FOUND_AS("2", "12", "5.0", ENDS, "20.00", "0"), PUSH_DONE,
		    .there = true, .why = "more than once" },
		{ "another amount", REWARD_FIND, 200,
		    FOUND_AS("1", "12", "50.0", ENDS, "20.00", "0"), PUSH_DONE,
		    .there = true, .why = "the amount" },
		{ "another end", REWARD_FIND, 200,
		    FOUND_AS(
		        "1", "12", "5.0", "2026-01-01T00:00:01Z", "20.00", "0"),
		    PUSH_DONE, .there = true, .why = "its end" },
		{ "another minimum", REWARD_FIND, 200,
		    FOUND_AS("1", "12", "5.0", ENDS, "2.00", "0"), PUSH_DONE,
		    .there = true, .why = "smallest order" },
		{ "not there", REWARD_FIND, 200,
		    "{\"data\":{\"codeDiscountNodeByCode\":null}}", PUSH_DONE,
		    .there = false },
		{ "there, and not named", REWARD_FIND, 200,
		    "{\"data\":{\"codeDiscountNodeByCode\":{\"id\":null}}}",
		    PUSH_RETRY, .why = "does not name" },
		{ "an id that ends in its middle", REWARD_FIND, 200,
		    "{\"data\":{\"codeDiscountNodeByCode\":{\"id\":"
		    "\"\\u0000" GID "\"}}}",
		    PUSH_RETRY, .why = "does not name" },
		{ "removed", REWARD_REMOVE, 200,
		    "{\"data\":{\"discountCodeDelete\":{\"userErrors\":[]}}}",
		    PUSH_DONE, .there = false },
		{ "gone already", REWARD_REMOVE, 200,
		    "{\"data\":{\"discountCodeDelete\":{\"userErrors\":[" ERROR(
		        "INVALID") "]}}}",
		    PUSH_DONE, .there = false },
		{ "not removed, for a reason nobody knows", REWARD_REMOVE, 200,
		    "{\"data\":{\"discountCodeDelete\":{\"userErrors\":["
		    "{\"field\":[\"id\"],\"message\":\"m\",\"code\":null}]}}}",
		    PUSH_RETRY, .why = "an error without a name" },
		{ "not removed, although it is there", REWARD_REMOVE, 200,
		    "{\"data\":{\"discountCodeDelete\":{\"userErrors\":[" ERROR(
		        "TAKEN") "]}}}",
		    PUSH_RETRY, .why = "TAKEN" },
		{ "not removed", REWARD_REMOVE, 200,
		    "{\"data\":{\"discountCodeDelete\":{\"userErrors\":[" ERROR(
		        "INTERNAL_ERROR") "]}}}",
		    PUSH_RETRY, .why = "INTERNAL_ERROR" },
	};

	(void)state;
	check(&shop_shopify, &five, cases, NITEMS(cases));
}

#define CARD(enabled, customer)                                    \
	"{\"data\":{\"giftCards\":{\"nodes\":[{\"id\":"            \
	"\"gid://shopify/GiftCard/3\",\"enabled\":" enabled        \
	",\"note\":\"r-1\",\"initialValue\":{\"amount\":\"5.0\"}," \
	"\"customer\":{\"id\":\"gid://shopify/Customer/" customer "\"}}]}}}"

/* A card that was deactivated is not there, and therefore not right. */
static void
test_shopify_cards(void **state)
{
	static const struct answer_case cases[] = {
		{ "as it should be", REWARD_FIND, 200, CARD("true", "12"),
		    PUSH_DONE, .there = true, .right = true },
		{ "of another customer", REWARD_FIND, 200, CARD("true", "13"),
		    PUSH_DONE, .there = true, .why = "the customer" },
		{ "deactivated", REWARD_FIND, 200, CARD("false", "12"),
		    PUSH_DONE, .there = false },
		{ "deactivated, of another customer", REWARD_FIND, 200,
		    CARD("false", "13"), PUSH_DONE, .there = false },
	};
	struct reward_make card = five;

	(void)state;
	card.kind = REWARD_GIFT_CARD;
	check(&shop_shopify, &card, cases, NITEMS(cases));
}

/* PostgreSQL takes a reason that names goods in any language, however long their
 * item number is. */
static void
test_shopify_goods(void **state)
{
#define EURO5 "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
	static const char *const long_sku[] = { EURO5 EURO5 EURO5 EURO5 EURO5 };
	const struct reward_reply reply = { 200, STR(""),
		STR("{\"data\":{\"productVariants\":{\"nodes\":[]}}}") };
	struct reward_make m = five;
	struct reward_answer r;
	struct arena a;
	struct str why;
	size_t n;

	(void)state;
	m.kind = REWARD_DISCOUNT_PERCENT;
	m.goods.skus = (struct words){ long_sku, 1 };
	arena_init(&a);
	shop_shopify.reward_read(REWARD_GOODS, &reply, &m, &a, &r);
	assert_int_equal(r.outcome, PUSH_REJECT);
	for (why = str_of(r.why); why.len > 0; why.data += n, why.len -= n) {
		n = utf8_len(why);
		assert_int_not_equal(n, 0);
	}
	arena_fini(&a);
}

/* ---- WooCommerce --------------------------------------------------------- */

#define COUPON(amount, type, limit, email, more)                             \
	"[{\"id\":33,\"code\":\"7kqm-2bxn-pw4d-zh8t\",\"amount\":\"" amount  \
	"\",\"status\":\"publish\",\"discount_type\":\"" type                \
	"\",\"date_expires_gmt\":\"2026-01-01T00:00:00\",\"usage_count\":0," \
	"\"individual_use\":true,\"product_ids\":[],"                        \
	"\"excluded_product_ids\":[],\"usage_limit\":" limit                 \
	",\"free_shipping\":false,\"product_categories\":[],"                \
	"\"excluded_product_categories\":[],\"minimum_amount\":\"20.00\","   \
	"\"email_restrictions\":[" email "]" more "}]"
#define REFUSED(code) "{\"code\":\"" code "\",\"message\":\"m\",\"data\":{}}"

static void
test_woocommerce(void **state)
{
	static const struct answer_case cases[] = {
		{ "made", REWARD_MAKE, 201, "{\"id\":33}", PUSH_DONE,
		    .there = true },
		{ "the code is taken", REWARD_MAKE, 400,
		    REFUSED("woocommerce_rest_coupon_code_already_exists"),
		    PUSH_DONE, .there = true },
		{ "refused for good", REWARD_MAKE, 400,
		    REFUSED("rest_invalid_param"), PUSH_REJECT,
		    .why = "rest_invalid_param" },
		{ "a firewall", REWARD_MAKE, 400, "<html>", PUSH_RETRY,
		    .why = "malformed" },
		{ "maintenance", REWARD_MAKE, 200, "<html>", PUSH_RETRY,
		    .why = "something else" },
		{ "too fast", REWARD_MAKE, 429, "", PUSH_RETRY, .why = "429" },
		{ "as it should be", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_cart", "1", "\"a@b.test\"", ""),
		    PUSH_DONE, .there = true, .right = true },
		{ "the address in capitals", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_cart", "1", "\"A@B.test\"", ""),
		    PUSH_DONE, .there = true, .right = true },
		{ "everybody's", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_cart", "1", "", ""), PUSH_DONE,
		    .there = true, .why = "customer's alone" },
		{ "another's", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_cart", "1", "\"c@b.test\"", ""),
		    PUSH_DONE, .there = true, .why = "customer's alone" },
		{ "without a limit", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_cart", "null", "\"a@b.test\"", ""),
		    PUSH_DONE, .there = true, .why = "more than once" },
		{ "nothing off", REWARD_FIND, 200,
		    COUPON("0.00", "fixed_cart", "1", "\"a@b.test\"", ""),
		    PUSH_DONE, .there = true, .why = "the amount" },
		{ "another type", REWARD_FIND, 200,
		    COUPON("5.00", "fixed_product", "1", "\"a@b.test\"", ""),
		    PUSH_DONE, .there = true, .why = "its type" },
		{ "not there", REWARD_FIND, 200, "[]", PUSH_DONE,
		    .there = false },
		{ "no list", REWARD_FIND, 200, "{\"id\":33}", PUSH_RETRY,
		    .why = "something else" },
		{ "there, and not named", REWARD_FIND, 200,
		    "[{\"id\":\"33\",\"code\":\"7kqm-2bxn-pw4d-zh8t\"}]",
		    PUSH_RETRY, .why = "something else" },
		{ "a list that goes on", REWARD_FIND, 200, "[],\"a\":1",
		    PUSH_RETRY, .why = "something else" },
		{ "an id that is none", REWARD_MAKE, 201, "{\"id\":-33}",
		    PUSH_RETRY, .why = "something else" },
		{ "removed", REWARD_REMOVE, 200, "{\"id\":33}", PUSH_DONE,
		    .there = false },
		{ "gone already", REWARD_REMOVE, 404,
		    REFUSED("woocommerce_rest_shop_coupon_invalid_id"),
		    PUSH_DONE, .there = false },
		{ "no such route", REWARD_REMOVE, 404, REFUSED("rest_no_route"),
		    PUSH_RETRY, .why = "404" },
		{ "the customer is gone", REWARD_ADDRESS, 404,
		    REFUSED("woocommerce_rest_invalid_id"), PUSH_REJECT,
		    .why = "woocommerce_rest_invalid_id" },
	};

	(void)state;
	check(&shop_woocommerce, &five, cases, NITEMS(cases));
}

/* Checks that a call has the customer's address and code, and the method. */
static void
test_woocommerce_calls(void **state)
{
	const struct shop_access access = { .url = "https://shop.test",
		.token = STR("ck_a:cs_b") };
	struct reward_make m = five;
	struct push_request q;
	struct err e;

	(void)state;
	memset(&q, 0, sizeof(q));
	buf_init(&q.body, PUSH_BODY_MAX);
	must(
	    shop_woocommerce.reward_call(REWARD_MAKE, &m, &access, &q, &e), &e);
	assert_string_equal(q.path, "/wp-json/wc/v3/coupons");
	assert_string_equal(q.method, "");
	assert_string_equal(q.body.data,
	    "{\"code\":\"7kqm-2bxn-pw4d-zh8t\","
	    "\"discount_type\":\"fixed_cart\",\"amount\":\"5.00\","
	    "\"individual_use\":true,\"usage_limit\":1,"
	    "\"usage_limit_per_user\":1,"
	    "\"email_restrictions\":[\"a@b.test\"],"
	    "\"minimum_amount\":\"20.00\","
	    "\"date_expires_gmt\":\"2026-01-01T00:00:00\","
	    "\"description\":\"Five off\"}");
	m.made_as = "33";
	must(shop_woocommerce.reward_call(REWARD_REMOVE, &m, &access, &q, &e),
	    &e);
	assert_string_equal(q.path, "/wp-json/wc/v3/coupons/33?force=true");
	assert_string_equal(q.method, "DELETE");
	assert_int_equal(q.body.len, 0);
	must(
	    shop_woocommerce.reward_call(REWARD_FIND, &m, &access, &q, &e), &e);
	assert_string_equal(
	    q.path, "/wp-json/wc/v3/coupons?code=7kqm-2bxn-pw4d-zh8t");
	assert_string_equal(q.method, "");
	m.goods.skus = (struct words){ (const char *[]){ "A B" }, 1 };
	assert_int_equal(
	    shop_woocommerce.reward_call(REWARD_GOODS, &m, &access, &q, &e),
	    -1);
	buf_fini(&q.body);
}

/* Checks that no signed call may be repeated by curl, and of the others only the
 * call that makes the reward. */
static void
test_woocommerce_once(void **state)
{
	static const char *const urls[] = { "https://shop.test",
		"http://shop.test" };
	struct reward_make m = five;
	struct push_request q;
	struct err e;

	(void)state;
	m.made_as = "33";
	buf_init(&q.body, PUSH_BODY_MAX);
	for (size_t i = 0; i < NITEMS(urls); i++) {
		const struct shop_access access = { .url = urls[i],
			.token = STR("ck_a:cs_b"),
			.nonce = "0123" };

		for (int ask = REWARD_ADDRESS; ask <= REWARD_REMOVE; ask++) {
			if (ask == REWARD_GOODS) /* none are unknown */
				continue;
			must(shop_woocommerce.reward_call(
			         (enum reward_ask)ask, &m, &access, &q, &e),
			    &e);
			assert_int_equal(q.once, i == 1 || ask == REWARD_MAKE);
		}
	}
	buf_fini(&q.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shopify),
		cmocka_unit_test(test_shopify_cards),
		cmocka_unit_test(test_shopify_goods),
		cmocka_unit_test(test_woocommerce),
		cmocka_unit_test(test_woocommerce_calls),
		cmocka_unit_test(test_woocommerce_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

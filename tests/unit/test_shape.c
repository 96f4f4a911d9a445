/* SPDX-License-Identifier: MIT */
/*
 * Checks every body under every topic of its platform. A body with the shape of
 * the topic is read as an event. Any other body is a dead letter of the class
 * "misdirected".
 */
#include <string.h>

#include "../support/test.h"
#include "bodies.h"

/* ---- which fits where ------------------------------------------------ */

enum {
	ORDER = 1 << 0,
	REFUND = 1 << 1,
	PAYMENT = 1 << 2,
	EDIT = 1 << 3,
	CUSTOMER = 1 << 4,
	MERGE = 1 << 5,
	TAGS = 1 << 6,
	COMPANY = 1 << 7,
	CONSENT = 1 << 8,
	PRODUCT = 1 << 9,
	ORDER_GONE = 1 << 10,
	CUSTOMER_GONE = 1 << 11,
	PRODUCT_GONE = 1 << 12,
	ANY_GONE = ORDER_GONE | CUSTOMER_GONE | PRODUCT_GONE,
};

/* Returns the bit for a kind of topics, from a table of this test. */
static int
takes(enum topic_kind kind)
{
	switch (kind) {
	case TOPIC_ORDER:
	case TOPIC_ORDER_BACK:
		return ORDER;
	case TOPIC_ORDER_GONE:
		return ORDER_GONE;
	case TOPIC_ORDER_HINT:
		return EDIT;
	case TOPIC_REFUND:
		return REFUND;
	case TOPIC_PAYMENT:
		return PAYMENT;
	case TOPIC_CUSTOMER:
		return CUSTOMER;
	case TOPIC_CUSTOMER_GONE:
		return CUSTOMER_GONE;
	case TOPIC_CUSTOMER_MERGE:
		return MERGE;
	case TOPIC_TAGS_ADDED:
	case TOPIC_TAGS_REMOVED:
		return TAGS;
	case TOPIC_COMPANY:
	case TOPIC_COMPANY_LEFT:
		return COMPANY;
	case TOPIC_CONSENT:
		return CONSENT;
	case TOPIC_PRODUCT:
	case TOPIC_PRODUCT_BACK:
		return PRODUCT;
	case TOPIC_PRODUCT_GONE:
		return PRODUCT_GONE;
	case TOPIC_EVENT:
		break;
	}
	return 0;
}

static const struct body {
	const struct shop *shop;
	int is;
	const char *dir, *name;
} bodies[] = {
	{ &shop_shopify, ORDER, "shopify", "order-paid.json" },
	{ &shop_shopify, ORDER, "shopify", "order-refunded.json" },
	{ &shop_shopify, ORDER, "shopify", "order-cancelled-guest.json" },
	{ &shop_shopify, ORDER, "found/s102-redacted", "05.body" },
	{ &shop_shopify, ORDER_GONE, "shapes", "shopify-order-deleted.json" },
	{ &shop_shopify, EDIT, "shopify", "order-edited.json" },
	{ &shop_shopify, REFUND, "shopify", "refund-lines.json" },
	{ &shop_shopify, REFUND, "shopify", "refund-transaction-jpy.json" },
	{ &shop_shopify, REFUND, "found/s10-three-decimals", "02.body" },
	{ &shop_shopify, PAYMENT, "found/s5-split-payment-with-a-gift-card",
	    "03-order_transactions-create.body" },
	{ &shop_shopify, CUSTOMER, "shopify", "customer-update.json" },
	{ &shop_shopify, CUSTOMER, "shopify", "customer-no-email.json" },
	{ &shop_shopify, CUSTOMER_GONE, "shopify", "customer-delete.json" },
	{ &shop_shopify, MERGE, "shopify", "customer-merge.json" },
	{ &shop_shopify, MERGE, "shopify", "customer-merge-failed.json" },
	{ &shop_shopify, TAGS, "shapes", "shopify-tags.json" },
	{ &shop_shopify, COMPANY, "shapes", "shopify-contact.json" },
	{ &shop_shopify, CONSENT, "shapes", "shopify-consent.json" },
	{ &shop_shopify, PRODUCT, "shapes", "shopify-product.json" },
	/* A body that has only an id fits every topic about a deletion. */
	{ &shop_shopify, ANY_GONE, "shopify", "order-delete.json" },
	{ &shop_shopify, ANY_GONE, "shapes", "shopify-product-deleted.json" },
	/* Bodies of topics that loyald has no use for, signed with the same
	 * key. */
	{ &shop_shopify, 0, "shapes", "shopify-purchasing-summary.json" },
	{ &shop_shopify, 0, "shapes", "shopify-segment.json" },
	{ &shop_shopify, 0, "shapes", "shopify-consent-by-phone.json" },
	{ &shop_shopify, 0, "shapes", "shopify-draft-order.json" },
	{ &shop_shopify, 0, "shapes", "shopify-checkout.json" },
	{ &shop_shopify, 0, "shapes", "shopify-fulfillment.json" },
	{ &shop_shopify, 0, "shapes", "shopify-tender.json" },
	{ &shop_shopify, 0, "shapes", "shopify-collection-deleted.json" },
	{ &shop_shopify, 0, "shapes", "shopify-inventory-item-deleted.json" },
	/* Bodies that the merchant's own programs send to POST /events. */
	{ &shop_shopify, 0, "found/e20-losses-told-to-events",
	    "02-event.body" },
	{ &shop_shopify, 0, "found/e20-losses-told-to-events",
	    "01-event.body" },

	{ &shop_woocommerce, ORDER, "woocommerce",
	    "04-order-updated-completed-01-order.updated.body" },
	{ &shop_woocommerce, ORDER, "woocommerce",
	    "10-order-restored-01-order.restored.body" },
	{ &shop_woocommerce, ORDER, "woocommerce",
	    "16-abandoned-draft-01-order.updated.body" },
	{ &shop_woocommerce, ORDER, "found/w13-a-share-of-the-right-whole",
	    "01-order.created.body" },
	{ &shop_woocommerce, CUSTOMER, "woocommerce",
	    "01-customer-created-01-customer.created.body" },
	{ &shop_woocommerce, CUSTOMER, "woocommerce",
	    "04-order-updated-completed-02-customer.updated.body" },
	{ &shop_woocommerce, PRODUCT, "shapes", "woocommerce-product.json" },
	{ &shop_woocommerce, ANY_GONE, "woocommerce",
	    "09-order-trashed-01-order.deleted.body" },
	{ &shop_woocommerce, ANY_GONE, "woocommerce",
	    "33-customer-deleted-01-customer.deleted.body" },
	{ &shop_woocommerce, 0, "woocommerce",
	    "19-coupon-created-01-coupon.created.body" },
	{ &shop_woocommerce, 0, "shapes", "woocommerce-subscription.json" },
	{ &shop_woocommerce, 0, "found/e20-losses-told-to-events",
	    "02-event.body" },
	{ &shop_woocommerce, 0, "found/e20-losses-told-to-events",
	    "01-event.body" },
};

#define MISDIRECTED "misdirected: the body is "

static bool
is_misdirected(const char *text)
{
	return strncmp(text, MISDIRECTED, strlen(MISDIRECTED)) == 0;
}

/* ---- the whole matrix ------------------------------------------------ */

static void
check_pair(const struct body *b, const struct topic *t)
{
	struct str body = fixture_read(&arena, b->dir, b->name);
	const char *text = parse_text(&arena, b->shop, t->name, body, "");
	bool refused = is_misdirected(text);

	if (refused == ((b->is & takes(t->kind)) != 0))
		fail_msg("%s under %s:\n%s", b->name, t->name, text);
	if (!refused && strncmp(text, "unparsable", 10) == 0)
		fail_msg("%s under %s:\n%s", b->name, t->name, text);
}

static void
test_every_body_under_every_topic(void **state)
{
	size_t pairs = 0;

	(void)state;
	for (size_t i = 0; i < NITEMS(bodies); i++)
		for (size_t t = 0; t < bodies[i].shop->ntopics; t++, pairs++)
			check_pair(&bodies[i], &bodies[i].shop->topics[t]);
	/* Shopify: 32 bodies, 26 topics. WooCommerce: 13 bodies, 11 topics. */
	assert_int_equal(pairs, 32 * 26 + 13 * 11);
}

static void
test_every_topic_has_a_shape(void **state)
{
	static const struct shop *const shops[] = { &shop_shopify,
		&shop_woocommerce };

	(void)state;
	for (size_t i = 0; i < NITEMS(shops); i++)
		for (size_t t = 0; t < shops[i]->ntopics; t++) {
			const char *text = parse_text(&arena, shops[i],
			    shops[i]->topics[t].name, STR("{\"x\":1}"), "");

			assert_true(is_misdirected(text));
			/* The message fits into struct err, so nothing was cut
			 * off. */
			assert_true(strlen(text) <
			            sizeof(((struct err *)NULL)->msg) - 1);
		}
}

/* Checks that POST /events accepts no body of a webhook. */
static void
test_webhooks_as_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(bodies); i++) {
		struct str body = fixture_read(
		    &arena, bodies[i].dir, bodies[i].name);
		const char *text = parse_text(
		    &arena, &shop_events, "event", body, "");
		bool event = strncmp(bodies[i].dir, "found/e", 7) == 0;

		assert_int_equal(strncmp(text, "unparsable: ", 12) != 0, event);
	}
}

/* ---- at the borders -------------------------------------------------- */

#define GID "\"admin_graphql_api_id\":\"gid://shopify/"

static void
test_borders(void **state)
{
	static const struct {
		const char *rule;
		const struct shop *shop;
		const char *topic, *body;
		bool refused;
	} cases[] = {
		{ "1. nothing beside the id", &shop_woocommerce,
		    "order.deleted", "{\"id\":13,\"a\":null}", true },
		{ "1. also of customers", &shop_woocommerce, "customer.deleted",
		    "{\"id\":13,\"email\":\"\"}", true },
		{ "1. also of products", &shop_woocommerce, "product.deleted",
		    "{\"id\":13,\"type\":\"simple\"}", true },
		{ "1. digits in a text are an id", &shop_woocommerce,
		    "order.deleted", "{\"id\":\"13\"}", false },
		{ "1. the samples' keys, in any number", &shop_shopify,
		    "customers/delete", "{\"id\":7,\"phone\":null}", false },
		{ "1. those of customers are not of orders", &shop_shopify,
		    "orders/delete", "{\"id\":7,\"phone\":null}", true },
		{ "1. nor more than those", &shop_shopify, "customers/delete",
		    "{\"id\":7,\"phone\":null,\"email\":null}", true },
		{ "1. nor a state", &shop_shopify, "orders/delete",
		    "{\"id\":7,\"financial_status\":\"paid\"}", true },
		{ "2. one key of its own is enough", &shop_woocommerce,
		    "customer.updated", "{\"id\":3,\"role\":null}", false },
		{ "2. also of a refund of money alone", &shop_shopify,
		    "refunds/create",
		    "{\"id\":3,\"order_id\":1,\"transactions\":[]}", false },
		{ "2. an id is no customer", &shop_woocommerce,
		    "customer.updated", "{\"id\":3}", true },
		{ "2. nor a product", &shop_woocommerce, "product.updated",
		    "{\"id\":3}", true },
		{ "2. nor a customer of Shopify's", &shop_shopify,
		    "customers/update", "{\"id\":3}", true },
		{ "2. nor a product of Shopify's", &shop_shopify,
		    "products/update", "{\"id\":3}", true },
		{ "3. keys of plugins do no harm", &shop_woocommerce,
		    "order.updated",
		    "{\"id\":3,\"total\":\"1\",\"line_items\":[],"
		    "\"email\":\"\",\"role\":1,\"type\":\"shop_order\","
		    "\"stock_status\":\"\",\"sku\":\"\"}",
		    false },
		{ "3. and make no customer of an order", &shop_woocommerce,
		    "customer.updated",
		    "{\"id\":3,\"line_items\":[],\"email\":\"\"}", true },
		{ "3. nor a product of it", &shop_woocommerce,
		    "product.updated",
		    "{\"id\":3,\"line_items\":[],\"stock_status\":\"\"}",
		    true },
		{ "3. also at Shopify", &shop_shopify, "customers/update",
		    "{\"id\":3,\"line_items\":[],\"state\":\"\"}", true },
		{ "4. of the topic's type", &shop_shopify, "orders/delete",
		    "{\"id\":7," GID "Order/7\"}", false },
		{ "4. of another one's", &shop_shopify, "orders/delete",
		    "{\"id\":7," GID "Product/7\"}", true },
		{ "4. a type that begins alike", &shop_shopify, "orders/delete",
		    "{\"id\":7," GID "OrderEdit/7\"}", true },
		{ "4. no gid at all", &shop_shopify, "products/delete",
		    "{\"id\":7,\"admin_graphql_api_id\":\"\"}", true },
		{ "4. none is told", &shop_shopify, "products/delete",
		    "{\"id\":7,\"admin_graphql_api_id\":null}", false },
		{ "4. no text", &shop_shopify, "orders/delete",
		    "{\"id\":7,\"admin_graphql_api_id\":7}", true },
		{ "4. told twice", &shop_shopify, "customers/delete",
		    "{\"id\":7," GID "Order/7\"," GID "Customer/7\"}", true },
		{ "4. states, too", &shop_shopify, "customers/update",
		    "{\"id\":7,\"verified_email\":true," GID "Customer/7\"}",
		    false },
		{ "4. states of others", &shop_shopify, "customers/update",
		    "{\"id\":7,\"verified_email\":true," GID "Company/7\"}",
		    true },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const char *text = parse_text(&arena, cases[i].shop,
		    cases[i].topic, str_of(cases[i].body), "");

		if (is_misdirected(text) != cases[i].refused)
			fail_msg(
			    "%s: %s\n%s", cases[i].rule, cases[i].body, text);
	}
}

/* Checks that the message says which topic the body looks like and which
 * shape is expected, and repeats no value of the body. */
static void
test_sentences(void **state)
{
	static const struct {
		const struct shop *shop;
		const char *dir, *name, *topic, *text;
	} cases[] = {
		{ &shop_woocommerce, "woocommerce",
		    "04-order-updated-completed-01-order.updated.body",
		    "order.deleted",
		    MISDIRECTED "an order, and the topic wants the id of a "
		                "deleted order, which has nothing but id" },
		{ &shop_woocommerce, "woocommerce",
		    "09-order-trashed-01-order.deleted.body", "order.updated",
		    MISDIRECTED "an id alone, and the topic wants an order, "
		                "which has line_items or order_key, without "
		                "billing_period" },
		{ &shop_shopify, "shopify", "customer-delete.json",
		    "orders/delete",
		    MISDIRECTED "the id of a deleted customer, and the topic "
		                "wants the id of a deleted order, and not "
		                "what admin_graphql_api_id names" },
		{ &shop_shopify, "shopify", "order-delete.json",
		    "customers/create",
		    MISDIRECTED "an id alone, and the topic wants a customer, "
		                "which has verified_email or state or "
		                "first_name, without line_items" },
		{ &shop_woocommerce, "found/e20-losses-told-to-events",
		    "02-event.body", "customer.deleted",
		    MISDIRECTED "an event of POST /events, and the topic "
		                "wants the id of a deleted customer, which "
		                "has nothing but id" },
		{ &shop_shopify, "shapes", "shopify-checkout.json",
		    "orders/create",
		    MISDIRECTED "nothing that loyald knows, and the topic "
		                "wants an order, which has financial_status or "
		                "order_number or order_status_url" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_string_equal(
		    parse_text(&arena, cases[i].shop, cases[i].topic,
		        fixture_read(&arena, cases[i].dir, cases[i].name), ""),
		    cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_body_under_every_topic),
		cmocka_unit_test(test_every_topic_has_a_shape),
		cmocka_unit_test(test_webhooks_as_events),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

/* SPDX-License-Identifier: MIT */
/*
 * The shapes.  A key stands here only if every delivery of its kind has had
 * it, in every version, and no other topic of the platform's has it, whether
 * loyald knows that topic or not.
 *
 *  1. A deletion's body has no keys but those of the published sample:
 *     WooCommerce's is {"id":N}, and any state of anything has more.
 *  2. A state has at least one of its own keys.  One is enough: filters of
 *     plugins take keys out, and the readers say what they miss.
 *  3. What plugins add is nobody's business, unless it is a key by which
 *     another kind is known: that is `never` there.
 *  4. Where Shopify names the thing by its type, that is the topic's.
 *  5. What may have several topics (an order created and restored, tags that
 *     came and that went, a contact of a company and one that left) has one
 *     shape, and a bare id fits every deletion: the address tells them apart.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "wire/shop/shape.h"

enum {
	KINDS_MAX = 2,
	KEYS_MAX = 8,
	WANTS_MAX = 256, /* no longer than the sentence around it */
};

struct shape {
	enum platform platform;
	enum topic_kind kinds[KINDS_MAX];
	const char *what;
	const char *only[KEYS_MAX];  /* 1.; none: any keys */
	const char *own[KEYS_MAX];   /* 2.; none: no key is needed */
	const char *never[KEYS_MAX]; /* 3. */
	const char *gid;             /* 4.; NULL: has no such key */
};

static const struct shape shapes[] = {
	{ PLATFORM_SHOPIFY, { TOPIC_ORDER }, "an order",
	    .own = { "financial_status", "order_number", "order_status_url" },
	    .gid = "gid://shopify/Order/" },
	{ PLATFORM_SHOPIFY, { TOPIC_ORDER_GONE }, "the id of a deleted order",
	    .only = { "id", "admin_graphql_api_id" },
	    .gid = "gid://shopify/Order/" },
	{ PLATFORM_SHOPIFY, { TOPIC_ORDER_HINT }, "an edit of an order",
	    .own = { "order_edit" } },
	{ PLATFORM_SHOPIFY, { TOPIC_REFUND }, "a refund",
	    .own = { "refund_line_items", "refund_shipping_lines",
	        "order_adjustments", "transactions" },
	    .gid = "gid://shopify/Refund/" },
	{ PLATFORM_SHOPIFY, { TOPIC_PAYMENT }, "a transaction",
	    .own = { "kind" }, .gid = "gid://shopify/OrderTransaction/" },
	{ PLATFORM_SHOPIFY, { TOPIC_CUSTOMER }, "a customer",
	    .own = { "verified_email", "state", "first_name" },
	    .never = { "line_items" }, .gid = "gid://shopify/Customer/" },
	{ PLATFORM_SHOPIFY, { TOPIC_CUSTOMER_GONE },
	    "the id of a deleted customer",
	    .only = { "id", "phone", "addresses", "tax_exemptions",
	        "email_marketing_consent", "sms_marketing_consent",
	        "admin_graphql_api_id" },
	    .gid = "gid://shopify/Customer/" },
	{ PLATFORM_SHOPIFY, { TOPIC_CUSTOMER_MERGE }, "a merge of customers",
	    .own = { "admin_graphql_api_customer_kept_id",
	        "admin_graphql_api_customer_deleted_id" } },
	/* Orders, customers and products have tags, too, and an id. */
	{ PLATFORM_SHOPIFY, { TOPIC_TAGS_ADDED, TOPIC_TAGS_REMOVED },
	    "tags of a customer", .own = { "tags" }, .never = { "id" } },
	{ PLATFORM_SHOPIFY, { TOPIC_COMPANY, TOPIC_COMPANY_LEFT },
	    "a contact of a company",
	    .own = { "customer_admin_graphql_api_id" },
	    .gid = "gid://shopify/CompanyContact/" },
	/* Customers had it inside them until 2025-01. */
	{ PLATFORM_SHOPIFY, { TOPIC_CONSENT }, "a consent to marketing",
	    .own = { "email_marketing_consent" }, .never = { "id" } },
	{ PLATFORM_SHOPIFY, { TOPIC_PRODUCT }, "a product",
	    .own = { "variants", "product_type", "vendor", "images" },
	    .gid = "gid://shopify/Product/" },
	{ PLATFORM_SHOPIFY, { TOPIC_PRODUCT_GONE },
	    "the id of a deleted product",
	    .only = { "id", "admin_graphql_api_id" },
	    .gid = "gid://shopify/Product/" },

	/* Subscriptions, of a plugin, are like orders. */
	{ PLATFORM_WOOCOMMERCE, { TOPIC_ORDER, TOPIC_ORDER_BACK }, "an order",
	    .own = { "line_items", "order_key" },
	    .never = { "billing_period" } },
	{ PLATFORM_WOOCOMMERCE, { TOPIC_ORDER_GONE },
	    "the id of a deleted order", .only = { "id" } },
	{ PLATFORM_WOOCOMMERCE, { TOPIC_CUSTOMER }, "a customer",
	    .own = { "email", "username", "role", "is_paying_customer" },
	    .never = { "line_items", "order_key", "stock_status" } },
	{ PLATFORM_WOOCOMMERCE, { TOPIC_CUSTOMER_GONE },
	    "the id of a deleted customer", .only = { "id" } },
	{ PLATFORM_WOOCOMMERCE, { TOPIC_PRODUCT, TOPIC_PRODUCT_BACK },
	    "a product",
	    .own = { "stock_status", "catalog_visibility", "on_sale",
	        "categories" },
	    .never = { "line_items", "order_key", "is_paying_customer" } },
	{ PLATFORM_WOOCOMMERCE, { TOPIC_PRODUCT_GONE },
	    "the id of a deleted product", .only = { "id" } },
};

static bool
has_any(const json_t *body, const char *const keys[KEYS_MAX])
{
	for (size_t i = 0; i < KEYS_MAX && keys[i] != NULL; i++)
		if (json_object_get(body, keys[i]) != NULL)
			return true;
	return false;
}

/* 1. */
static bool
has_only(const json_t *body, const char *const keys[KEYS_MAX])
{
	size_t known = 0;

	for (size_t i = 0; i < KEYS_MAX && keys[i] != NULL; i++)
		known += json_object_get(body, keys[i]) != NULL;
	return known == json_object_size(body);
}

/* 4. */
static bool
is_of_type(const json_t *body, const char *gid)
{
	const json_t *v = json_object_get(body, "admin_graphql_api_id");
	const char *told = json_string_value(v);

	return gid == NULL || v == NULL || json_is_null(v) ||
	       (told != NULL && strncmp(told, gid, strlen(gid)) == 0);
}

static bool
fits(const struct shape *s, const json_t *body)
{
	return (s->only[0] == NULL || has_only(body, s->only)) &&
	       (s->own[0] == NULL || has_any(body, s->own)) &&
	       !has_any(body, s->never) && is_of_type(body, s->gid);
}

static const struct shape *
shape_find(enum platform p, enum topic_kind kind)
{
	for (size_t i = 0; i < NITEMS(shapes); i++)
		for (size_t j = 0; j < KINDS_MAX; j++)
			if (shapes[i].platform == p &&
			    shapes[i].kinds[j] == kind)
				return &shapes[i];
	return NULL;
}

/* Names the body as somebody who reads the dead letter would. */
static const char *
looks_like(enum platform p, const json_t *body)
{
	for (size_t i = 0; i < NITEMS(shapes); i++) {
		const struct shape *s = &shapes[i];

		if (s->platform != p || !fits(s, body))
			continue;
		if (s->only[0] == NULL)
			return s->what;
		if (json_object_get(body, "id") != NULL)
			return json_object_size(body) == 1 ? "an id alone"
			                                   : s->what;
	}
	return json_object_get(body, "idempotency_key") != NULL
	           ? "an event of POST /events"
	           : "nothing that loyald knows";
}

static void
list(struct buf *b, const char *before, const char *const keys[KEYS_MAX],
    const char *between)
{
	for (size_t i = 0; i < KEYS_MAX && keys[i] != NULL; i++)
		buf_printf(b, "%s%s", i == 0 ? before : between, keys[i]);
}

int
shape_check(
    enum platform p, enum topic_kind kind, const json_t *body, struct err *e)
{
	const struct shape *s = shape_find(p, kind);
	struct buf wants;
	int ret;

	assert(s != NULL);
	if (fits(s, body))
		return 0;
	buf_init(&wants, WANTS_MAX);
	buf_puts(&wants, s->what);
	if (is_of_type(body, s->gid)) {
		list(&wants, ", which has nothing but ", s->only, ", ");
		list(&wants, ", which has ", s->own, " or ");
		list(&wants, ", without ", s->never, " and ");
	} else {
		buf_puts(&wants, ", and not what admin_graphql_api_id names");
	}
	ret = err_set(e, FAULT_REJECT,
	    "misdirected: the body is %s, and the topic wants %s",
	    looks_like(p, body), wants.data);
	buf_fini(&wants);
	return ret;
}

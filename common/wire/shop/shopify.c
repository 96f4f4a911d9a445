/* SPDX-License-Identifier: MIT */
/*
 * Shopify: its headers and topics, the shapes of its bodies, and its struct
 * shop.
 */
#include "wire/shop/internal.h"

/* ---- headers --------------------------------------------------------- */

/* Header names without "X-" are those of Shopify's new "Events", which are a
 * developer preview. */
static const struct header_name header_names[] = {
	{ "X-Shopify-Hmac-Sha256", HEADER_HMAC },
	{ "X-Shopify-Topic", HEADER_TOPIC },
	{ "X-Shopify-Shop-Domain", HEADER_SOURCE },
	{ "X-Shopify-Webhook-Id", HEADER_ID },
	{ "Shopify-Hmac-Sha256", HEADER_HMAC },
	{ "Shopify-Topic", HEADER_TOPIC },
	{ "Shopify-Shop-Domain", HEADER_SOURCE },
	{ "Shopify-Webhook-Id", HEADER_ID },
};

static const struct topic topics[] = {
	{ "orders/create", TOPIC_ORDER },
	{ "orders/paid", TOPIC_ORDER },
	{ "orders/updated", TOPIC_ORDER },
	{ "orders/edited", TOPIC_ORDER_HINT },
	{ "orders/cancelled", TOPIC_ORDER },
	{ "orders/fulfilled", TOPIC_ORDER },
	{ "orders/partially_fulfilled", TOPIC_ORDER },
	{ "orders/delete", TOPIC_ORDER_GONE },
	{ "refunds/create", TOPIC_REFUND },
	{ "order_transactions/create", TOPIC_PAYMENT },
	{ "customers/create", TOPIC_CUSTOMER },
	{ "customers/update", TOPIC_CUSTOMER },
	{ "customers/enable", TOPIC_CUSTOMER },
	{ "customers/disable", TOPIC_CUSTOMER },
	{ "customers/delete", TOPIC_CUSTOMER_GONE },
	{ "customers/merge", TOPIC_CUSTOMER_MERGE },
	{ "customer.tags_added", TOPIC_TAGS_ADDED },
	{ "customer.tags_removed", TOPIC_TAGS_REMOVED },
	{ "company_contacts/create", TOPIC_COMPANY },
	{ "company_contacts/update", TOPIC_COMPANY },
	{ "company_contacts/delete", TOPIC_COMPANY_LEFT },
	/* The topic has two names: webhooks have the first, and the
	 * documentation also has the second. */
	{ "customers_email_marketing_consent/update", TOPIC_CONSENT },
	{ "customers/email_marketing_consent_update", TOPIC_CONSENT },
	{ "products/create", TOPIC_PRODUCT },
	{ "products/update", TOPIC_PRODUCT },
	{ "products/delete", TOPIC_PRODUCT_GONE },
};

/* Whether a header names this shop.  Shops of one app share a key, so a
 * delivery is signed correctly even if it came from another shop of the app. */
static bool
shopify_is_from(const struct delivery *d, struct str domain)
{
	return d->source.len > 0 && str_eq_nocase(d->source, domain);
}

/* ---- bodies ---------------------------------------------------------- */

static void
read_edit(struct reading *, struct value, struct event *ev)
{
	ev->kind = EVENT_NOTHING;
	ev->note = "orders/updated carries the order as edited";
}

static const struct body bodies[] = {
	{ { TOPIC_ORDER }, "an order",
	    .own = { "financial_status", "order_number", "order_status_url" },
	    .gid = "gid://shopify/Order/", .read = shopify_read_order },
	{ { TOPIC_ORDER_GONE }, "the id of a deleted order",
	    .only = { "id", "admin_graphql_api_id" },
	    .gid = "gid://shopify/Order/", .read = read_order_gone },
	{ { TOPIC_ORDER_HINT }, "an edit of an order", .own = { "order_edit" },
	    .read = read_edit },
	{ { TOPIC_REFUND }, "a refund",
	    .own = { "refund_line_items", "refund_shipping_lines",
	        "order_adjustments", "transactions" },
	    .gid = "gid://shopify/Refund/", .read = shopify_read_refund_alone },
	{ { TOPIC_PAYMENT }, "a transaction", .own = { "kind" },
	    .gid = "gid://shopify/OrderTransaction/",
	    .read = shopify_read_payment },
	{ { TOPIC_CUSTOMER }, "a customer",
	    .own = { "verified_email", "state", "first_name" },
	    .never = { "line_items" }, .gid = "gid://shopify/Customer/",
	    .read = shopify_read_account },
	{ { TOPIC_CUSTOMER_GONE }, "the id of a deleted customer",
	    .only = { "id", "phone", "addresses", "tax_exemptions",
	        "email_marketing_consent", "sms_marketing_consent",
	        "admin_graphql_api_id" },
	    .gid = "gid://shopify/Customer/", .read = read_customer_gone },
	{ { TOPIC_CUSTOMER_MERGE }, "a merge of customers",
	    .own = { "admin_graphql_api_customer_kept_id",
	        "admin_graphql_api_customer_deleted_id" },
	    .read = shopify_read_merge },
	/* Bodies of orders, customers and products have tags, too, but also an
	 * id. */
	{ { TOPIC_TAGS_ADDED, TOPIC_TAGS_REMOVED }, "tags of a customer",
	    .own = { "tags" }, .never = { "id" }, .read = shopify_read_tags },
	{ { TOPIC_COMPANY, TOPIC_COMPANY_LEFT }, "a contact of a company",
	    .own = { "customer_admin_graphql_api_id" },
	    .gid = "gid://shopify/CompanyContact/",
	    .read = shopify_read_company },
	/* Until 2025-01 the bodies of customers had this key, too, but also an
	 * id. */
	{ { TOPIC_CONSENT }, "a consent to marketing",
	    .own = { "email_marketing_consent" }, .never = { "id" },
	    .read = shopify_read_consent },
	{ { TOPIC_PRODUCT }, "a product",
	    .own = { "variants", "product_type", "vendor", "images" },
	    .gid = "gid://shopify/Product/", .read = shopify_read_product },
	{ { TOPIC_PRODUCT_GONE }, "the id of a deleted product",
	    .only = { "id", "admin_graphql_api_id" },
	    .gid = "gid://shopify/Product/", .read = read_product_gone },
};

/* ---- what an operator may mix up ----------------------------------------- */

static const struct mixup no_tokens[] = {
	{ "shpss_", "this is a Shopify API secret key (shpss_...), which signs "
	            "webhooks, and no API token: that begins with shpat_" },
	{ "ck_",
	    "this is WooCommerce's consumer key, and the store is of Shopify: "
	    "an API token begins with shpat_ there" },
	{ NULL, NULL },
};

static const struct mixup no_secrets[] = {
	{ "shpat_",
	    "this is a Shopify Admin API access token (shpat_...) and no "
	    "webhook secret: webhooks are signed with the app's API secret "
	    "key" },
	{ NULL, NULL },
};

const struct shop shop_shopify = {
	.platform = PLATFORM_SHOPIFY,
	.topics = topics,
	.ntopics = NITEMS(topics),
	.bodies = bodies,
	.nbodies = NITEMS(bodies),
	.header_names = header_names,
	.nheader_names = NITEMS(header_names),
	/* A paid order still counts as paid after money was refunded. */
	.award = { "paid", "partially_refunded", "refunded" },
	.award_word = "paid",
	.storefront = STOREFRONT_PROXY,
	.batch_max = SHOPIFY_BATCH_MAX,
	.has_tags = true,
	.defines = true,
	.is_ping = no_ping,
	.is_from = shopify_is_from,
	.secret = secret_as_entered,
	.no_tokens = no_tokens,
	.no_secrets = no_secrets,
	.token_form = shopify_token_form,
	.is_app = shopify_is_app,
	.app_is_same = shopify_app_is_same,
	.app_call = shopify_app_call,
	.app_read = shopify_app_read,
	.render = shopify_render,
	.judge = shopify_judge,
	.reward_needs_price = true,
	.reward_call = shopify_reward_call,
	.reward_read = shopify_reward_read,
	.pull_topic = "orders/updated",
	.changed_call = shopify_changed_call,
	.changed_read = shopify_changed_read,
	.order_call = shopify_order_call,
	.order_read = shopify_order_read,
	.hooks_call = shopify_hooks_call,
	.hooks_read = shopify_hooks_read,
	.hook_put_call = shopify_hook_put_call,
	.hook_put_read = shopify_hook_put_read,
	.benefit_call = shopify_benefit_call,
	.benefit_read = shopify_benefit_read,
	.ask = shopify_ask,
	.number = shopify_number,
	.nchecks = SHOPIFY_CHECKS,
	.check_call = shopify_check_call,
	.check_read = shopify_check_read,
};

/* SPDX-License-Identifier: MIT */
/*
 * WooCommerce: its headers, topics and secrets, the shapes of its bodies, and
 * its struct shop.
 */
#include <string.h>

#include "wire/shop/internal.h"

/* ---- headers --------------------------------------------------------- */

static const struct header_name header_names[] = {
	{ "X-WC-Webhook-Signature", HEADER_HMAC },
	{ "X-WC-Webhook-Topic", HEADER_TOPIC },
	{ "X-WC-Webhook-Delivery-ID", HEADER_ID },
	{ "X-WC-Webhook-Source", HEADER_SOURCE },
};

static const struct topic topics[] = {
	{ "order.created", TOPIC_ORDER },
	{ "order.updated", TOPIC_ORDER },
	{ "order.restored", TOPIC_ORDER_BACK },
	{ "order.deleted", TOPIC_ORDER_GONE },
	{ "customer.created", TOPIC_CUSTOMER },
	{ "customer.updated", TOPIC_CUSTOMER },
	{ "customer.deleted", TOPIC_CUSTOMER_GONE },
	{ "product.created", TOPIC_PRODUCT },
	{ "product.updated", TOPIC_PRODUCT },
	{ "product.restored", TOPIC_PRODUCT_BACK },
	{ "product.deleted", TOPIC_PRODUCT_GONE },
};

static bool
woocommerce_is_ping(struct str body)
{
	struct str name = STR("webhook_id=");

	if (body.len <= name.len || memcmp(body.data, name.data, name.len) != 0)
		return false;
	for (size_t i = name.len; i < body.len; i++)
		if (body.data[i] < '0' || body.data[i] > '9')
			return false;
	return true;
}

/* ---- the secret ------------------------------------------------------ */

/* The HTML entities that WordPress decodes in a secret, by
 * wp_specialchars_decode(ENT_QUOTES).  Names are case-sensitive.  Numbers may
 * have leading zeros, and have an x or X if they are hexadecimal.  WordPress
 * does not decode < and > that are written in hexadecimal. */
static const struct {
	const char *name; /* NULL: the entity is a number */
	unsigned base;
	unsigned code;
	char is;
} entities[] = {
	{ "&amp;", 0, 0, '&' },
	{ "&lt;", 0, 0, '<' },
	{ "&gt;", 0, 0, '>' },
	{ "&quot;", 0, 0, '"' },
	{ NULL, 10, 38, '&' },
	{ NULL, 10, 60, '<' },
	{ NULL, 10, 62, '>' },
	{ NULL, 10, 34, '"' },
	{ NULL, 10, 39, '\'' },
	{ NULL, 16, 0x26, '&' },
	{ NULL, 16, 0x22, '"' },
	{ NULL, 16, 0x27, '\'' },
};

/* Returns the length of the numeric entity ("&#39;", "&#x27;") at the start of
 * the text, and gives its base and code; 0 if there is none. */
static size_t
numeric_entity(struct str s, unsigned *base, unsigned *code)
{
	size_t i = 2, digits = 0;

	if (s.len < 2 || s.data[0] != '&' || s.data[1] != '#')
		return 0;
	*base = 10;
	*code = 0;
	if (s.len > 2 && (s.data[2] == 'x' || s.data[2] == 'X')) {
		*base = 16;
		i++;
	}
	/* The digits A to F are not read, since no code in the table has
	 * them. */
	for (; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++) {
		digits++;
		*code = *code * *base + (unsigned)(s.data[i] - '0');
		if (*code > 0xff)
			return 0;
	}
	return digits > 0 && i < s.len && s.data[i] == ';' ? i + 1 : 0;
}

/* Returns the length of the entity at the start of the text, and gives the
 * character for which the entity stands; 0 if there is none. */
static size_t
entity(struct str s, char *is)
{
	unsigned base = 0, code = 0;
	size_t number = numeric_entity(s, &base, &code);

	for (size_t i = 0; i < NITEMS(entities); i++) {
		struct str name = str_of(entities[i].name);
		size_t len = name.len;

		if (len == 0 && entities[i].base == base &&
		    entities[i].code == code)
			len = number;
		else if (s.len < len || memcmp(s.data, name.data, len) != 0)
			len = 0;
		if (len == 0)
			continue;
		*is = entities[i].is;
		return len;
	}
	return 0;
}

static struct str
woocommerce_secret(struct arena *a, struct str entered)
{
	char *out = arena_memdup(a, entered.data, entered.len);
	size_t n = 0;

	for (size_t i = 0; i < entered.len;) {
		struct str rest = { entered.data + i, entered.len - i };
		char c = entered.data[i];
		size_t len = entity(rest, &c);

		out[n++] = c;
		i += len > 0 ? len : 1;
	}
	return (struct str){ out, n };
}

/* ---- bodies ---------------------------------------------------------- */

static const struct body bodies[] = {

	/* A plugin's subscription has the keys of an order, and also
	 * billing_period. */
	{ { TOPIC_ORDER, TOPIC_ORDER_BACK }, "an order",
	    .own = { "line_items", "order_key" }, .never = { "billing_period" },
	    .read = woocommerce_read_order },
	{ { TOPIC_ORDER_GONE }, "the id of a deleted order", .only = { "id" },
	    .read = read_order_gone },
	{ { TOPIC_CUSTOMER }, "a customer",
	    .own = { "email", "username", "role", "is_paying_customer" },
	    .never = { "line_items", "order_key", "stock_status" },
	    .read = woocommerce_read_account },
	{ { TOPIC_CUSTOMER_GONE }, "the id of a deleted customer",
	    .only = { "id" }, .read = read_customer_gone },
	{ { TOPIC_PRODUCT, TOPIC_PRODUCT_BACK }, "a product",
	    .own = { "stock_status", "catalog_visibility", "on_sale",
	        "categories" },
	    .never = { "line_items", "order_key", "is_paying_customer" },
	    .read = woocommerce_read_product },
	{ { TOPIC_PRODUCT_GONE }, "the id of a deleted product",
	    .only = { "id" }, .read = read_product_gone },
};

/* ---- the API's token ----------------------------------------------------- */

static const struct mixup no_tokens[] = {
	{ "shpat_",
	    "this is a Shopify API token, and the store is of WooCommerce: an "
	    "API token is consumer_key:consumer_secret there, like "
	    "ck_...:cs_..." },
	{ "cs_", "the consumer secret stands first: the API token is "
	         "consumer_key:consumer_secret, like ck_...:cs_..." },
	{ NULL, NULL },
};

static int
token_form(struct str token, struct err *e)
{
	const char *colon = memchr(token.data, ':', token.len);

	if (colon != NULL && colon > token.data &&
	    colon < token.data + token.len - 1)
		return 0;
	return err_set(e, FAULT_REJECT,
	    "a WooCommerce API token is consumer_key:consumer_secret, "
	    "like ck_...:cs_...");
}

const struct shop shop_woocommerce = {
	.platform = PLATFORM_WOOCOMMERCE,
	.topics = topics,
	.ntopics = NITEMS(topics),
	.bodies = bodies,
	.nbodies = NITEMS(bodies),
	.header_names = header_names,
	.nheader_names = NITEMS(header_names),
	.award = { "processing", "completed" },
	.storefront = STOREFRONT_TOKEN,
	.batch_max = WOOCOMMERCE_BATCH_MAX,
	.is_ping = woocommerce_is_ping,
	/* Each shop has secrets of its own, so the address and the signature
	 * show which shop sent a delivery.  Headers are not signed, and prove
	 * nothing. */
	.is_from = from_anywhere,
	.secret = woocommerce_secret,
	.no_tokens = no_tokens,
	.token_form = token_form,
	.refuse = woocommerce_refuse,
	.render = woocommerce_render,
	.judge = woocommerce_judge,
	.reward_binds_address = true,
	.reward_call = woocommerce_reward_call,
	.reward_read = woocommerce_reward_read,
	.pull_topic = "order.updated",
	.changed_call = woocommerce_changed_call,
	.changed_read = woocommerce_changed_read,
	.order_call = woocommerce_order_call,
	.order_read = woocommerce_order_read,
	.hooks_call = woocommerce_hooks_call,
	.hooks_read = woocommerce_hooks_read,
	.hook_put_call = woocommerce_hook_put_call,
	.hook_put_read = woocommerce_hook_put_read,
	.nchecks = WOOCOMMERCE_CHECKS,
	.check_call = woocommerce_check_call,
	.check_read = woocommerce_check_read,
};

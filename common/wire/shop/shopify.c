/* SPDX-License-Identifier: MIT */
#include "wire/shop/internal.h"
#include "wire/shop/shape.h"

/* ---- headers --------------------------------------------------------- */

/* Without X-: the "Events" in developer preview. */
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

static int
shopify_headers(
    const struct header *headers, size_t n, struct delivery *d, struct err *e)
{
	return headers_read(
	    header_names, NITEMS(header_names), headers, n, d, e);
}

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
	/* In webhooks the first; the documentation names the other too. */
	{ "customers_email_marketing_consent/update", TOPIC_CONSENT },
	{ "customers/email_marketing_consent_update", TOPIC_CONSENT },
	{ "products/create", TOPIC_PRODUCT },
	{ "products/update", TOPIC_PRODUCT },
	{ "products/delete", TOPIC_PRODUCT_GONE },
};

static bool
shopify_is_ping(struct str body)
{
	(void)body;
	return false;
}

/* One app signs for all shops with one key, so a body of one shop has a good
 * signature under the name of another. */
static bool
shopify_is_from(const struct delivery *d, struct str domain)
{
	return d->source.len > 0 && str_eq_nocase(d->source, domain);
}

static struct str
shopify_secret(struct arena *a, struct str entered)
{
	return (struct str){ arena_memdup(a, entered.data, entered.len),
		entered.len };
}

/* ---- bodies ---------------------------------------------------------- */

static int
shopify_parse(struct arena *a, const struct message *m,
    const struct master_key *key, const char *currency, struct event *out,
    struct err *e)
{
	const struct topic *topic = topic_find(&shop_shopify, m->topic);
	int finer = 0, most = FINER_MAX;
	struct event ev;
	struct err wrong;
	struct reading in = {
		.arena = a, .message = m, .key = key, .currency = currency
	};
	json_t *body;

	if (topic == NULL)
		return err_set(e, FAULT_REJECT,
		    "unparsable: loyald has no use for this topic");
	body = body_load(m->body, e);
	if (body == NULL)
		return -1;
	if (shape_check(PLATFORM_SHOPIFY, topic->kind, body, e) == -1) {
		json_decref(body);
		return -1;
	}
	do {
		ev = (struct event){ .order.platform = PLATFORM_SHOPIFY,
			.order.finer = finer };
		reader_init(&in.r, &wrong);
		in.r.finer = finer;
		shopify_read(&in, topic->kind, body, &ev);
	} while (reader_again(&in.r, &finer, &most));
	json_decref(body);
	if (reader_end(&in.r) == -1) {
		*e = wrong;
		return -1;
	}
	*out = ev;
	return 0;
}

const struct shop shop_shopify = {
	.platform = PLATFORM_SHOPIFY,
	.topics = topics,
	.ntopics = NITEMS(topics),
	.batch_max = SHOPIFY_BATCH_MAX,
	.headers = shopify_headers,
	.is_ping = shopify_is_ping,
	.is_from = shopify_is_from,
	.secret = shopify_secret,
	.parse = shopify_parse,
	.render = shopify_render,
	.judge = shopify_judge,
	.ask = shopify_ask,
	.told = shopify_told,
	.nchecks = SHOPIFY_CHECKS,
	.check_call = shopify_check_call,
	.check_read = shopify_check_read,
};

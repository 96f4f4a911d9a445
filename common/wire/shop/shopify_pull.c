/* SPDX-License-Identifier: MIT */
/*
 * Asks Shopify's API for changed orders.
 *
 *  1. The list has ids, times and statuses alone: an order with its lines costs some hundred
 *     points of the shop's rate limit, and most orders are known.
 *  2. An order comes by several calls: its data with a page of its lines, further
 *     pages of lines, and each refund.  No call may ask for more than 1,000 points.
 *  3. The answers are put together as the body of a webhook
 *     (shopify_pull_body.c).
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "wire/shop/internal.h"
#include "wire/shop/pull.h"

enum {
	QUERY_MAX = 64,
	GID_MAX = 64,
};

/* ---- documents ----------------------------------------------------------- */

#define MONEY "{ shopMoney { amount currencyCode } }"
#define TAXES "taxLines { priceSet " MONEY " }"
#define LESS  "discountAllocations { allocatedAmountSet " MONEY " }"
#define PAGE  "pageInfo { hasNextPage endCursor }"

static const char list_document[] =
    "query changed($q: String!, $after: String) { orders(first: 100, "
    "after: $after, sortKey: UPDATED_AT, query: $q) { nodes { id updatedAt "
    "cancelledAt displayFinancialStatus } " PAGE " } }";

#define OF_LINE                                                    \
	"id quantity currentQuantity isGiftCard requiresShipping " \
	"product { id } sku vendor originalUnitPriceSet " MONEY    \
	" lineItemGroup { id } " LESS " " TAXES

#define OF_SHIPPING                                                            \
	"title isRemoved originalPriceSet " MONEY " discountedPriceSet " MONEY \
	" " LESS " " TAXES

#define OF_CUSTOMER \
	"id updatedAt verifiedEmail defaultEmailAddress { emailAddress }"

static const char order_document
    [] = "query changed($id: ID!, $after: String) { order(id: $id) { id name "
         "createdAt processedAt updatedAt cancelledAt currencyCode test "
         "taxesIncluded displayFinancialStatus displayFulfillmentStatus email "
         "sourceName paymentGatewayNames discountCodes statusPageUrl "
         "totalPriceSet " MONEY " totalTipReceivedSet " MONEY
         " customer { " OF_CUSTOMER " } "
         "fulfillments(first: 10) { status createdAt } "
         "shippingLines(first: 2) { nodes { " OF_SHIPPING " } } "
         "refunds(first: 100) { id } "
         "lineItems(first: 10, after: $after) { nodes { " OF_LINE " } " PAGE
         " } } }";

#define OF_REFUND_LINE \
	"lineItem { id } quantity subtotalSet " MONEY " totalTaxSet " MONEY

static const char refund_document
    [] = "query changed($id: ID!, $after: String) { refund(id: $id) { id "
         "createdAt processedAt "
         "orderAdjustments(first: 10) { nodes { reason amountSet " MONEY
         " taxAmountSet " MONEY " } } "
         "refundShippingLines(first: 10) { nodes { subtotalAmountSet " MONEY
         " taxAmountSet " MONEY " } } "
         "transactions(first: 20) { nodes { kind status amountSet " MONEY
         " } } "
         "refundLineItems(first: 80, after: $after) { nodes { " OF_REFUND_LINE
         " } " PAGE " } } }";

/* ---- calls --------------------------------------------------------------- */

static int
call(const char *document, const char *key, const char *value,
    const char *cursor, struct push_request *q)
{
	struct jsonw w;

	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "query", document);
	jsonw_object(&w, "variables");
	jsonw_text(&w, key, value);
	jsonw_text(&w, "after", cursor[0] != '\0' ? cursor : NULL);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	return jsonw_is_done(&w) ? 0 : -1;
}

int
shopify_changed_call(const struct pull_place *at, const struct shop_access *a,
    struct push_request *q, struct err *e)
{
	char query[QUERY_MAX], since[INSTANT_TEXT_MAX];

	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	instant_format(at->since, since);
	(void)snprintf(query, sizeof(query), "updated_at:>='%s'", since);
	if (call(list_document, "q", query, at->cursor, q) == 0)
		return 0;
	return err_set(e, FAULT_REJECT, "the list does not fit a request");
}

int
shopify_order_call(const struct pull_order *o, const struct shop_access *a,
    struct push_request *q, struct err *e)
{
	const struct pull_parts *p = &o->parts;
	bool is_refund = p->head != NULL && p->lines_end;
	char id[GID_MAX];

	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	(void)snprintf(
	    id, sizeof(id), "gid://shopify/Order/%" PRId64, o->order_id);
	if (call(is_refund ? refund_document : order_document, "id",
	        is_refund ? p->refund_ids[p->nrefunds] : id, p->cursor, q) == 0)
		return 0;
	return err_set(e, FAULT_REJECT, "the order does not fit a request");
}

/* ---- answers ------------------------------------------------------------- */

/* Returns what an answer has of the field that was asked for; no value if the shop
 * did not carry the call out. */
static struct value
answer_open(const struct reward_reply *reply, struct arena *a,
    const char *field, struct pull_answer *r)
{
	int64_t wait_ms = retry_after_ms(reply->retry_after);
	struct push_answer answer;
	struct value root = shopify_answer_open(
	    a, reply->status, reply->body, 1, &wait_ms, &answer);
	struct value v = value_get(value_get(root, "data"), field);

	*r = (struct pull_answer){ .outcome = PUSH_DONE };
	if (!value_exists(root)) {
		r->outcome = PUSH_RETRY;
		r->wait_ms = int64_max(wait_ms, answer.wait_ms);
		r->throttled = answer.throttled;
		memcpy(r->why, answer.why[0], sizeof(r->why));
	} else if (!value_exists(v)) {
		pull_fail(r, "the shop's answer is not one to this call");
	}
	return v;
}

/* Reads the status as a webhook would have it (shopify_order.c, 5). */
static void
read_status(struct value o, char status[ORDER_STATUS_MAX])
{
	struct str s = value_text(value_get(o, "displayFinancialStatus"));

	if (value_is(value_get(o, "cancelledAt"), VALUE_TEXT))
		s = STR("cancelled");
	if (s.len == 0)
		s = STR("pending");
	(void)snprintf(status, ORDER_STATUS_MAX, "%.*s", (int)s.len, s.data);
	for (size_t i = 0; status[i] != '\0'; i++)
		status[i] = str_lower(status[i]);
}

static bool
read_changed(struct value o, struct pull_changed *c)
{
	struct reader r;
	struct err ignored; /* the caller says what is wrong */

	reader_init(&r, &ignored);
	c->order_id = read_gid(&r, o, "id", "gid://shopify/Order/");
	c->modified_at = read_instant(&r, o, "updatedAt", NEEDED);
	read_status(o, c->status);
	c->nrefunds = -1;
	return !r.failed && c->modified_at > 0;
}

void
shopify_changed_read(const struct reward_reply *reply,
    const struct pull_place *of, struct arena *a, struct pull_answer *r)
{
	struct value orders = answer_open(reply, a, "orders", r), o = { 0 };
	struct value nodes = value_get(orders, "nodes");
	struct value page = value_get(orders, "pageInfo");

	if (r->outcome != PUSH_DONE)
		return;
	if (!value_is(nodes, VALUE_LIST) || value_size(nodes) > PULL_LIST_MAX) {
		pull_fail(r, "the shop's answer is no list of orders");
		return;
	}
	r->orders = arena_array(a, value_size(nodes) + 1, sizeof(*r->orders));
	while (value_next(nodes, &o)) {
		if (!read_changed(o, &r->orders[r->n])) {
			pull_fail(r,
			    "an order of the shop's list has no id or no "
			    "updatedAt");
			return;
		}
		r->n++;
	}
	r->more = r->n > 0 &&
	          value_is(value_get(page, "hasNextPage"), VALUE_TRUE);
	if (r->more)
		pull_advance(r, of, value_text(value_get(page, "endCursor")));
}

/* Goes on to the next page of lines, if there is one; false: that was the last. */
static bool
page_next(struct value lines, struct pull_parts *p)
{
	struct value page = value_get(lines, "pageInfo");
	struct str cursor = value_text(value_get(page, "endCursor"));

	p->cursor[0] = '\0';
	if (!value_is(value_get(page, "hasNextPage"), VALUE_TRUE) ||
	    cursor.len == 0 || cursor.len >= sizeof(p->cursor))
		return false;
	memcpy(p->cursor, cursor.data, cursor.len);
	p->cursor[cursor.len] = '\0';
	return true;
}

/* Notes the ids of the refunds. */
static void
read_refund_ids(struct value refunds, struct arena *a, struct pull_parts *p)
{
	struct value f = { 0 };
	const char **ids = arena_array(
	    a, value_size(refunds) + 1, sizeof(*ids));

	p->nids = 0;
	while (value_next(refunds, &f)) {
		struct str id = value_text(value_get(f, "id"));

		ids[p->nids++] = arena_printf(a, "%.*s", (int)id.len, id.data);
	}
	p->refund_ids = ids;
}

static void
read_order(struct value order, struct pull_order *o)
{
	struct pull_parts *p = &o->parts;
	struct value lines = value_get(order, "lineItems");

	if (p->head == NULL) {
		p->head = shopify_pull_head(o->arena, order);
		read_refund_ids(value_get(order, "refunds"), o->arena, p);
	}
	p->lines = shopify_pull_lines(o->arena, p->lines, order);
	p->lines_end = !page_next(lines, p);
}

static void
read_refund(struct value refund, struct pull_order *o)
{
	struct pull_parts *p = &o->parts;
	struct value lines = value_get(refund, "refundLineItems");

	p->refund_lines = shopify_pull_refund_lines(
	    o->arena, p->refund_lines, lines);
	if (page_next(lines, p))
		return;
	p->refunds = shopify_pull_refund(
	    o->arena, p->refunds, refund, p->refund_lines);
	p->refund_lines = NULL;
	p->nrefunds++;
}

void
shopify_order_read(const struct reward_reply *reply, struct pull_order *o,
    struct pull_answer *r)
{
	struct pull_parts *p = &o->parts;
	bool is_refund = p->head != NULL && p->lines_end;
	struct value v = answer_open(
	    reply, o->arena, is_refund ? "refund" : "order", r);

	if (r->outcome != PUSH_DONE)
		return;
	if (!is_refund && value_is(v, VALUE_NULL)) {
		o->done = true;
		return;
	}
	if (!value_is(v, VALUE_OBJECT)) {
		pull_fail(r, "the shop's answer is not what was asked for");
		return;
	}
	if (is_refund)
		read_refund(v, o);
	else
		read_order(v, o);
	o->done = o->there = p->lines_end && p->nrefunds == p->nids;
	if (!o->done)
		return;
	o->body = str_of(
	    arena_printf(o->arena, "%s,\"line_items\":[%s],\"refunds\":[%s]}",
	        p->head, p->lines != NULL ? p->lines : "",
	        p->refunds != NULL ? p->refunds : ""));
}

/* ---- webhooks ------------------------------------------------------------ */

/* The word of the API for a topic is its name in capitals, with "_" for all other
 * signs. */
static void
topic_word(const char *name, char out[WORD_MAX])
{
	size_t n = 0;

	for (; name[n] != '\0' && n < WORD_MAX - 1; n++)
		out[n] = isalpha((unsigned char)name[n])
		             ? (char)toupper((unsigned char)name[n])
		             : '_';
	out[n] = '\0';
}

static const char *
topic_of_word(const struct shop *shop, struct str word)
{
	char own[WORD_MAX];

	for (size_t i = 0; i < shop->ntopics; i++) {
		topic_word(shop->topics[i].name, own);
		if (str_eq(word, str_of(own)))
			return shop->topics[i].name;
	}
	return NULL;
}

int
shopify_hooks_call(
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	static const char document
	    [] = "{\"query\":\"{ webhookSubscriptions(first: 100) { nodes { "
	         "topic uri } } }\"}";

	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	buf_puts(&q->body, document);
	return 0;
}

void
shopify_hooks_read(const struct shop *shop, const struct reward_reply *reply,
    struct arena *a, struct pull_answer *r)
{
	struct value list = answer_open(reply, a, "webhookSubscriptions", r);
	struct value nodes = value_get(list, "nodes"), h = { 0 };

	if (r->outcome != PUSH_DONE)
		return;
	if (!value_is(nodes, VALUE_LIST)) {
		pull_fail(r, "the shop's answer is no list of webhooks");
		return;
	}
	r->hooks = arena_array(a, value_size(nodes) + 1, sizeof(*r->hooks));
	while (value_next(nodes, &h)) {
		struct str uri = value_text(value_get(h, "uri"));
		const char *topic = topic_of_word(
		    shop, value_text(value_get(h, "topic")));

		if (topic != NULL)
			r->hooks[r->nhooks++] = (struct pull_hook){
				.id = 1,
				.topic = topic,
				.url = arena_printf(
				    a, "%.*s", (int)uri.len, uri.data),
			};
	}
}

int
shopify_hook_put_call(const struct pull_hook *h, const struct shop_access *a,
    struct push_request *q, struct err *e)
{
	static const char document[] =
	    "mutation hook($t: WebhookSubscriptionTopic!, "
	    "$w: WebhookSubscriptionInput!) { webhookSubscriptionCreate("
	    "topic: $t, webhookSubscription: $w) { webhookSubscription { id } "
	    "userErrors { field message } } }";
	char word[WORD_MAX];
	struct jsonw w;

	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	topic_word(h->topic, word);
	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "query", document);
	jsonw_object(&w, "variables");
	jsonw_text(&w, "t", word);
	jsonw_object(&w, "w");
	jsonw_text(&w, "uri", h->url);
	jsonw_text(&w, "format", "JSON");
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		return err_set(
		    e, FAULT_REJECT, "the webhook does not fit a request");
	return 0;
}

void
shopify_hook_put_read(
    const struct reward_reply *reply, struct arena *a, struct pull_answer *r)
{
	struct value v = answer_open(reply, a, "webhookSubscriptionCreate", r);

	if (r->outcome == PUSH_DONE &&
	    !value_is(value_get(v, "webhookSubscription"), VALUE_OBJECT))
		pull_fail(r,
		    "the shop does not make the webhook: it may lack a "
		    "scope of the topic");
}

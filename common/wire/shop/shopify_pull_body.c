/* SPDX-License-Identifier: MIT */
/*
 * Writes what Shopify's API says of an order as the body of a webhook, as far as
 * the reader of orders (shopify_order.c) looks at it.
 *
 *  1. Global ids become numbers, statuses small letters, and amounts sets with the
 *     shop's money alone.
 *  2. A tip is a line of an order at the API, too, but nothing marks it: it is a
 *     line without product, SKU and shipping whose price is all that was tipped.
 *  3. Of an adjustment the API tells the reason, which is the webhook's `kind`.
 */
#include <ctype.h>
#include <string.h>

#include "wire/shop/internal.h"

enum {
	PART_MAX = 4 * 1024 * 1024, /* bytes of a part of a body */
};

/* ---- values -------------------------------------------------------------- */

static void
put_text(struct jsonw *w, const char *key, struct value v)
{
	if (value_is(v, VALUE_TEXT))
		jsonw_str(w, key, value_text(v));
	else
		jsonw_text(w, key, NULL);
}

static void
put_bool(struct jsonw *w, const char *key, struct value v)
{
	jsonw_bool(w, key, value_is(v, VALUE_TRUE));
}

static void
put_number(struct jsonw *w, const char *key, struct value v)
{
	if (value_is(v, VALUE_INT))
		jsonw_int(w, key, value_int(v));
	else
		jsonw_text(w, key, NULL);
}

/* 1. Writes the number at the end of a global id. */
static void
put_id(struct jsonw *w, const char *key, struct value gid)
{
	struct str s = value_text(gid);
	size_t at = s.len;

	while (at > 0 && s.data[at - 1] != '/')
		at--;
	jsonw_str(w, key, (struct str){ s.data + at, s.len - at });
}

/* 1. Writes a word of an enum in small letters. */
static void
put_word(struct jsonw *w, const char *key, struct value v)
{
	struct str s = value_text(v);
	char word[WORD_MAX];
	size_t n = s.len < sizeof(word) ? s.len : sizeof(word) - 1;

	for (size_t i = 0; i < n; i++)
		word[i] = (char)tolower((unsigned char)s.data[i]);
	if (value_is(v, VALUE_TEXT))
		jsonw_str(w, key, (struct str){ word, n });
	else
		jsonw_text(w, key, NULL);
}

static void
put_money(struct jsonw *w, const char *key, struct value bag)
{
	struct value money = value_get(bag, "shopMoney");

	jsonw_object(w, key);
	jsonw_object(w, "shop_money");
	put_text(w, "amount", value_get(money, "amount"));
	put_text(w, "currency_code", value_get(money, "currencyCode"));
	jsonw_object_end(w);
	jsonw_object_end(w);
}

/* Writes a list of objects with an amount each. */
static void
put_amounts(struct jsonw *w, const char *key, struct value list,
    const char *from, const char *to)
{
	struct value o = { 0 };

	jsonw_array(w, key);
	while (value_next(list, &o)) {
		jsonw_object(w, NULL);
		put_money(w, to, value_get(o, from));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* ---- parts --------------------------------------------------------------- */

static void
part_begin(struct jsonw *w, struct buf *b)
{
	buf_init(b, PART_MAX);
	jsonw_init(w, b);
}

/* Returns what was written, behind what was written before, with a comma between
 * them. */
static const char *
part_end(struct arena *a, struct buf *b, const char *before)
{
	const char *text = arena_printf(a, "%s%s%.*s",
	    before != NULL ? before : "",
	    before != NULL && before[0] != '\0' && b->len > 0 ? "," : "",
	    (int)b->len, b->data);

	buf_fini(b);
	return text;
}

/* ---- orders -------------------------------------------------------------- */

static void
put_customer(struct jsonw *w, struct value c)
{
	if (!value_is(c, VALUE_OBJECT))
		return;
	jsonw_object(w, "customer");
	put_id(w, "id", value_get(c, "id"));
	put_text(w, "updated_at", value_get(c, "updatedAt"));
	put_bool(w, "verified_email", value_get(c, "verifiedEmail"));
	put_text(w, "email",
	    value_get(value_get(c, "defaultEmailAddress"), "emailAddress"));
	jsonw_object_end(w);
}

static void
put_shipping(struct jsonw *w, struct value lines)
{
	struct value l = { 0 };

	jsonw_array(w, "shipping_lines");
	while (value_next(lines, &l)) {
		jsonw_object(w, NULL);
		put_text(w, "title", value_get(l, "title"));
		put_bool(w, "is_removed", value_get(l, "isRemoved"));
		put_money(w, "price_set", value_get(l, "originalPriceSet"));
		put_money(w, "discounted_price_set",
		    value_get(l, "discountedPriceSet"));
		put_amounts(w, "discount_allocations",
		    value_get(l, "discountAllocations"), "allocatedAmountSet",
		    "amount_set");
		put_amounts(w, "tax_lines", value_get(l, "taxLines"),
		    "priceSet", "price_set");
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
put_fulfillments(struct jsonw *w, struct value order)
{
	struct value list = value_get(order, "fulfillments"), f = { 0 };
	struct str whole = value_text(
	    value_get(order, "displayFulfillmentStatus"));

	jsonw_text(w, "fulfillment_status",
	    str_eq(whole, STR("FULFILLED")) ? "fulfilled" : NULL);
	jsonw_array(w, "fulfillments");
	while (value_next(list, &f)) {
		jsonw_object(w, NULL);
		put_word(w, "status", value_get(f, "status"));
		put_text(w, "created_at", value_get(f, "createdAt"));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
put_names(struct jsonw *w, struct value order)
{
	struct value names = value_get(order, "paymentGatewayNames");
	struct value codes = value_get(order, "discountCodes"), v = { 0 };

	jsonw_array(w, "payment_gateway_names");
	while (value_next(names, &v))
		put_text(w, NULL, v);
	jsonw_array_end(w);
	jsonw_array(w, "discount_codes");
	v = (struct value){ 0 };
	while (value_next(codes, &v)) {
		jsonw_object(w, NULL);
		put_text(w, "code", v);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

const char *
shopify_pull_head(struct arena *a, struct value o)
{
	struct jsonw w;
	struct buf b;

	part_begin(&w, &b);
	jsonw_object(&w, NULL);
	put_id(&w, "id", value_get(o, "id"));
	put_text(&w, "name", value_get(o, "name"));
	put_text(&w, "created_at", value_get(o, "createdAt"));
	put_text(&w, "processed_at", value_get(o, "processedAt"));
	put_text(&w, "updated_at", value_get(o, "updatedAt"));
	put_text(&w, "cancelled_at", value_get(o, "cancelledAt"));
	put_text(&w, "currency", value_get(o, "currencyCode"));
	put_bool(&w, "test", value_get(o, "test"));
	put_bool(&w, "taxes_included", value_get(o, "taxesIncluded"));
	put_word(
	    &w, "financial_status", value_get(o, "displayFinancialStatus"));
	put_text(&w, "email", value_get(o, "email"));
	put_text(&w, "source_name", value_get(o, "sourceName"));
	put_text(&w, "order_status_url", value_get(o, "statusPageUrl"));
	put_money(&w, "total_price_set", value_get(o, "totalPriceSet"));
	put_money(
	    &w, "total_tip_received_set", value_get(o, "totalTipReceivedSet"));
	put_names(&w, o);
	put_customer(&w, value_get(o, "customer"));
	put_fulfillments(&w, o);
	put_shipping(&w, value_get(value_get(o, "shippingLines"), "nodes"));
	/* The object stays open for the lines and refunds. */
	return part_end(a, &b, NULL);
}

/* 2. */
static bool
is_tip(struct value line, struct value order)
{
	struct str tipped = value_text(value_get(
	    value_get(value_get(order, "totalTipReceivedSet"), "shopMoney"),
	    "amount"));
	struct str price = value_text(value_get(
	    value_get(value_get(line, "originalUnitPriceSet"), "shopMoney"),
	    "amount"));

	return !value_is(value_get(line, "product"), VALUE_OBJECT) &&
	       value_text(value_get(line, "sku")).len == 0 &&
	       !value_is(value_get(line, "requiresShipping"), VALUE_TRUE) &&
	       strspn(tipped.data != NULL ? tipped.data : "0", "0.") <
	           tipped.len &&
	       str_eq(tipped, price);
}

static void
put_line(struct jsonw *w, struct value l, struct value order)
{
	struct value product = value_get(l, "product");
	struct value group = value_get(l, "lineItemGroup");

	jsonw_object(w, NULL);
	put_id(w, "id", value_get(l, "id"));
	put_number(w, "quantity", value_get(l, "quantity"));
	put_number(w, "current_quantity", value_get(l, "currentQuantity"));
	put_bool(w, "gift_card", value_get(l, "isGiftCard"));
	if (value_is(product, VALUE_OBJECT))
		put_id(w, "product_id", value_get(product, "id"));
	put_text(w, "sku", value_get(l, "sku"));
	put_text(w, "vendor", value_get(l, "vendor"));
	if (value_is(group, VALUE_OBJECT))
		put_id(w, "sales_line_item_group_id", value_get(group, "id"));
	if (is_tip(l, order))
		jsonw_text(w, "tip_payment_method", NULL);
	put_money(w, "price_set", value_get(l, "originalUnitPriceSet"));
	put_amounts(w, "discount_allocations",
	    value_get(l, "discountAllocations"), "allocatedAmountSet",
	    "amount_set");
	put_amounts(
	    w, "tax_lines", value_get(l, "taxLines"), "priceSet", "price_set");
	jsonw_object_end(w);
}

/* The objects of a list, one behind the other. */
static void
next_object(struct jsonw *w, struct buf *b, bool is_first)
{
	if (!is_first)
		buf_puts(b, ",");
	jsonw_init(w, b);
}

const char *
shopify_pull_lines(struct arena *a, const char *before, struct value order)
{
	struct value nodes = value_get(value_get(order, "lineItems"), "nodes");
	struct value l = { 0 };
	struct jsonw w;
	struct buf b;

	buf_init(&b, PART_MAX);
	for (size_t i = 0; value_next(nodes, &l); i++) {
		next_object(&w, &b, i == 0);
		put_line(&w, l, order);
	}
	return part_end(a, &b, before);
}

/* ---- refunds ------------------------------------------------------------- */

const char *
shopify_pull_refund_lines(
    struct arena *a, const char *before, struct value lines)
{
	struct value nodes = value_get(lines, "nodes"), l = { 0 };
	struct jsonw w;
	struct buf b;

	buf_init(&b, PART_MAX);
	for (size_t i = 0; value_next(nodes, &l); i++) {
		next_object(&w, &b, i == 0);
		jsonw_object(&w, NULL);
		put_id(&w, "line_item_id",
		    value_get(value_get(l, "lineItem"), "id"));
		put_number(&w, "quantity", value_get(l, "quantity"));
		put_money(&w, "subtotal_set", value_get(l, "subtotalSet"));
		put_money(&w, "total_tax_set", value_get(l, "totalTaxSet"));
		jsonw_object_end(&w);
	}
	return part_end(a, &b, before);
}

static void
put_adjustments(struct jsonw *w, struct value list)
{
	struct value o = { 0 };

	jsonw_array(w, "order_adjustments");
	while (value_next(list, &o)) {
		jsonw_object(w, NULL);
		put_word(w, "kind", value_get(o, "reason")); /* 3. */
		put_money(w, "amount_set", value_get(o, "amountSet"));
		put_money(w, "tax_amount_set", value_get(o, "taxAmountSet"));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
put_refund_shipping(struct jsonw *w, struct value list)
{
	struct value o = { 0 };

	jsonw_array(w, "refund_shipping_lines");
	while (value_next(list, &o)) {
		jsonw_object(w, NULL);
		put_money(w, "subtotal_amount_set",
		    value_get(o, "subtotalAmountSet"));
		put_money(w, "tax_amount_set", value_get(o, "taxAmountSet"));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
put_transactions(struct jsonw *w, struct value list)
{
	struct value o = { 0 };

	jsonw_array(w, "transactions");
	while (value_next(list, &o)) {
		struct value money = value_get(
		    value_get(o, "amountSet"), "shopMoney");

		jsonw_object(w, NULL);
		put_word(w, "kind", value_get(o, "kind"));
		put_word(w, "status", value_get(o, "status"));
		put_text(w, "amount", value_get(money, "amount"));
		put_text(w, "currency", value_get(money, "currencyCode"));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static struct value
nodes_of(struct value o, const char *key)
{
	return value_get(value_get(o, key), "nodes");
}

const char *
shopify_pull_refund(
    struct arena *a, const char *before, struct value f, const char *lines)
{
	struct jsonw w;
	struct buf b;

	part_begin(&w, &b);
	jsonw_object(&w, NULL);
	put_id(&w, "id", value_get(f, "id"));
	put_text(&w, "created_at", value_get(f, "createdAt"));
	put_text(&w, "processed_at", value_get(f, "processedAt"));
	put_adjustments(&w, nodes_of(f, "orderAdjustments"));
	put_refund_shipping(&w, nodes_of(f, "refundShippingLines"));
	put_transactions(&w, nodes_of(f, "transactions"));
	jsonw_array(&w, "refund_line_items");
	buf_puts(&b, lines != NULL ? lines : "");
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return part_end(a, &b, before);
}

/* SPDX-License-Identifier: MIT */
/*
 * Writes the calls to Shopify's API that make, find and remove rewards.
 *
 *  1. A discount is a code that one customer can use once.  A code that is
 *     taken already is found, and compared with what it should be.
 *  2. A product is made free by its price, once, since a percentage would make
 *     every piece of it free.
 *  3. Store credit has no key of its own.  The second in which it expires is
 *     one: no other redemption of a customer has it (worker/push_reward.c).
 *  4. A gift card is known by its note, which has the redemption's key; its
 *     code is never shown again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/money.h"
#include "core/ratio.h"
#include "wire/shop/internal.h"
#include "wire/shop/reward.h"

enum {
	GID_MAX = 64,
	QUERY_MAX = 512,
	CODE_TAIL = 4, /* symbols of a gift card's code that the shop shows */
};

/* ---- documents ----------------------------------------------------------- */

#define USER_ERRORS "userErrors { field message code }"

static const struct shopify_document make_basic = {
	"mutation reward($d: DiscountCodeBasicInput!) { "
	"discountCodeBasicCreate(basicCodeDiscount: $d) { "
	"codeDiscountNode { id } " USER_ERRORS " } }",
	"discountCodeBasicCreate", "codeDiscountNode"
};
static const struct shopify_document make_shipping = {
	"mutation reward($d: DiscountCodeFreeShippingInput!) { "
	"discountCodeFreeShippingCreate(freeShippingCodeDiscount: $d) { "
	"codeDiscountNode { id } " USER_ERRORS " } }",
	"discountCodeFreeShippingCreate", "codeDiscountNode"
};
static const struct shopify_document make_credit = {
	"mutation reward($id: ID!, $d: StoreCreditAccountCreditInput!) { "
	"storeCreditAccountCredit(id: $id, creditInput: $d) { "
	"storeCreditAccountTransaction { id } " USER_ERRORS " } }",
	"storeCreditAccountCredit", "storeCreditAccountTransaction"
};
static const struct shopify_document make_card = {
	"mutation reward($d: GiftCardCreateInput!) { "
	"giftCardCreate(input: $d) { giftCard { id } " USER_ERRORS " } }",
	"giftCardCreate", "giftCard"
};
static const struct shopify_document remove_code = {
	"mutation reward($id: ID!) { discountCodeDelete(id: $id) { "
	"deletedCodeDiscountId " USER_ERRORS " } }",
	"discountCodeDelete", NULL
};
static const struct shopify_document remove_card = {
	"mutation reward($id: ID!) { giftCardDeactivate(id: $id) { "
	"giftCard { id } " USER_ERRORS " } }",
	"giftCardDeactivate", NULL
};

#define OF_CODE                                                        \
	"usageLimit appliesOncePerCustomer endsAt asyncUsageCount "    \
	"context { __typename ... on DiscountCustomers { customers { " \
	"id } } } minimumRequirement { __typename "                    \
	"... on DiscountMinimumSubtotal { "                            \
	"greaterThanOrEqualToSubtotal { amount } } }"

static const struct shopify_document find_code = {
	"query reward($c: String!) { codeDiscountNodeByCode(code: $c) { id "
	"codeDiscount { __typename ... on DiscountCodeBasic { " OF_CODE
	" customerGets { value { __typename ... on DiscountAmount { "
	"amount { amount } appliesOnEachItem } "
	"... on DiscountPercentage { percentage } } } } "
	"... on DiscountCodeFreeShipping { " OF_CODE " } } } }",
	"codeDiscountNodeByCode", NULL
};
static const struct shopify_document find_credit = {
	"query reward($id: ID!) { customer(id: $id) { "
	"storeCreditAccounts(first: 5) { nodes { transactions(first: 20, "
	"reverse: true) { nodes { __typename "
	"... on StoreCreditAccountCreditTransaction { id expiresAt "
	"amount { amount currencyCode } } } } } } } }",
	"customer", NULL
};
static const struct shopify_document find_card = {
	"query reward($q: String!) { giftCards(first: 50, query: $q, "
	"reverse: true) { nodes { id enabled note expiresOn lastCharacters "
	"initialValue { amount currencyCode } customer { id } } } }",
	"giftCards", NULL
};
static const struct shopify_document goods_variants = {
	"query reward($q: String!) { productVariants(first: 50, query: $q) { "
	"nodes { id sku price } } }",
	"productVariants", NULL
};
static const struct shopify_document goods_collections = {
	"query reward($q: String!) { collections(first: 50, query: $q) { "
	"nodes { id handle } } }",
	"collections", NULL
};

bool
shopify_is_discount(const struct reward_make *m)
{
	return m->kind != REWARD_STORE_CREDIT && m->kind != REWARD_GIFT_CARD;
}

bool
shopify_wants_variants(const struct reward_make *m)
{
	return m->goods.sku_ids.n < m->goods.skus.n ||
	       (m->kind == REWARD_PRODUCT && m->goods.sku_ids.n == 0);
}

const struct shopify_document *
shopify_document(enum reward_ask ask, const struct reward_make *m)
{
	switch (ask) {
	case REWARD_GOODS:
		return shopify_wants_variants(m) ? &goods_variants
		                                 : &goods_collections;
	case REWARD_FIND:
		return shopify_is_discount(m)           ? &find_code
		       : m->kind == REWARD_STORE_CREDIT ? &find_credit
		                                        : &find_card;
	case REWARD_MAKE:
		return m->kind == REWARD_SHIPPING       ? &make_shipping
		       : m->kind == REWARD_STORE_CREDIT ? &make_credit
		       : m->kind == REWARD_GIFT_CARD    ? &make_card
		                                        : &make_basic;
	case REWARD_REMOVE:
		return shopify_is_discount(m)        ? &remove_code
		       : m->kind == REWARD_GIFT_CARD ? &remove_card
		                                     : NULL;
	case REWARD_ADDRESS:
		break;
	}
	return NULL;
}

/* ---- requests ------------------------------------------------------------ */

static void
put_money(struct jsonw *w, const char *key, int64_t minor, int exponent)
{
	char text[MONEY_TEXT_MAX];

	money_format(minor, exponent, text);
	jsonw_text(w, key, text);
}

static void
put_gid(struct jsonw *w, const char *key, const char *kind, int64_t id)
{
	char text[GID_MAX];

	(void)snprintf(
	    text, sizeof(text), "gid://shopify/%s/%" PRId64, kind, id);
	jsonw_text(w, key, text);
}

static void
put_words(struct jsonw *w, const char *key, const struct words *list,
    const char *before)
{
	char text[GID_MAX];

	if (list->n == 0)
		return;
	jsonw_array(w, key);
	for (size_t i = 0; i < list->n; i++) {
		(void)snprintf(
		    text, sizeof(text), "%s%s", before, list->list[i]);
		jsonw_text(w, NULL, text);
	}
	jsonw_array_end(w);
}

static void
put_items(struct jsonw *w, const struct reward_make *m)
{
	const struct reward_goods *g = &m->goods;

	jsonw_object(w, "items");
	if (g->category_ids.n > 0) {
		jsonw_object(w, "collections");
		put_words(w, "add", &g->category_ids, "");
		jsonw_object_end(w);
	} else if (g->products.n + g->sku_ids.n > 0) {
		jsonw_object(w, "products");
		if (m->kind != REWARD_PRODUCT)
			put_words(w, "productsToAdd", &g->products,
			    "gid://shopify/Product/");
		put_words(w, "productVariantsToAdd", &g->sku_ids, "");
		jsonw_object_end(w);
	} else {
		jsonw_bool(w, "all", true);
	}
	jsonw_object_end(w);
}

void
shopify_put_gets(struct jsonw *w, const struct reward_make *m)
{
	char share[48];

	jsonw_object(w, "customerGets");
	put_items(w, m);
	jsonw_object(w, "value");
	if (m->kind == REWARD_DISCOUNT_PERCENT) {
		(void)snprintf(share, sizeof(share), "%" PRId64 ".%04" PRId64,
		    m->percent / PERCENT_ALL, m->percent % PERCENT_ALL);
		jsonw_number(w, "percentage", share);
	} else {
		jsonw_object(w, "discountAmount");
		put_money(w, "amount",
		    m->kind == REWARD_PRODUCT ? m->goods.price : m->amount,
		    m->exponent);
		jsonw_bool(w, "appliesOnEachItem", false);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
	jsonw_object_end(w);
}

void
shopify_put_minimum(struct jsonw *w, const struct reward_make *m)
{
	if (m->minimum == 0)
		return;
	jsonw_object(w, "minimumRequirement");
	jsonw_object(w, "subtotal");
	put_money(w, "greaterThanOrEqualToSubtotal", m->minimum, m->exponent);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

/* 1. */
static void
put_discount(struct jsonw *w, const struct reward_make *m)
{
	jsonw_object(w, "d");
	jsonw_text(w, "title", m->title);
	jsonw_text(w, "code", m->code);
	jsonw_instant(
	    w, "startsAt", m->starts_at / INSTANT_SECOND * INSTANT_SECOND);
	if (m->ends_at != 0)
		jsonw_instant(
		    w, "endsAt", m->ends_at / INSTANT_SECOND * INSTANT_SECOND);
	jsonw_int(w, "usageLimit", 1);
	jsonw_bool(w, "appliesOncePerCustomer", true);
	jsonw_object(w, "context");
	jsonw_object(w, "customers");
	jsonw_array(w, "add");
	put_gid(w, NULL, "Customer", m->customer_id);
	jsonw_array_end(w);
	jsonw_object_end(w);
	jsonw_object_end(w);
	shopify_put_minimum(w, m);
	jsonw_object(w, "combinesWith");
	jsonw_bool(w, "orderDiscounts", m->combines);
	jsonw_bool(w, "productDiscounts", m->combines);
	if (m->kind != REWARD_SHIPPING)
		jsonw_bool(w, "shippingDiscounts", m->combines);
	jsonw_object_end(w);
	if (m->kind == REWARD_SHIPPING) {
		jsonw_object(w, "destination");
		jsonw_bool(w, "all", true);
		jsonw_object_end(w);
	} else {
		shopify_put_gets(w, m);
	}
	jsonw_object_end(w);
}

/* 3. */
static void
put_credit(struct jsonw *w, const struct reward_make *m)
{
	put_gid(w, "id", "Customer", m->customer_id);
	jsonw_object(w, "d");
	jsonw_object(w, "creditAmount");
	put_money(w, "amount", m->amount, m->exponent);
	jsonw_text(w, "currencyCode", m->currency);
	jsonw_object_end(w);
	jsonw_instant(w, "expiresAt", m->ends_at);
	jsonw_bool(w, "notify", false);
	jsonw_object_end(w);
}

/* Writes a code as Shopify takes it for gift cards: small, without dashes. */
static void
plain_code(const char *code, char out[REWARD_CODE_MAX])
{
	size_t n = 0;

	for (; *code != '\0' && n < REWARD_CODE_MAX - 1; code++)
		if (*code != '-')
			out[n++] = str_lower(*code);
	out[n] = '\0';
}

static void
day_of(int64_t at, char out[INSTANT_TEXT_MAX])
{
	instant_format(at, out);
	out[strlen("2026-01-01")] = '\0';
}

/* 4. */
static void
put_card(struct jsonw *w, const struct reward_make *m)
{
	char code[REWARD_CODE_MAX], day[INSTANT_TEXT_MAX];

	plain_code(m->code, code);
	jsonw_object(w, "d");
	jsonw_object(w, "initialAmount");
	put_money(w, "amount", m->amount, m->exponent);
	jsonw_text(w, "currencyCode", m->currency);
	jsonw_object_end(w);
	jsonw_text(w, "code", code);
	put_gid(w, "customerId", "Customer", m->customer_id);
	if (m->ends_at != 0) {
		day_of(m->ends_at, day);
		jsonw_text(w, "expiresOn", day);
	}
	jsonw_text(w, "note", m->redemption);
	jsonw_object_end(w);
}

/* Asks for variants by SKU, or by the number of their product, and for
 * collections by handle. */
static void
put_query(struct jsonw *w, const struct reward_make *m)
{
	const struct reward_goods *g = &m->goods;
	bool by_number = shopify_wants_variants(m) && g->skus.n == 0;
	const struct words *list = !shopify_wants_variants(m) ? &g->categories
	                           : by_number                ? &g->products
	                                                      : &g->skus;
	const char *key = !shopify_wants_variants(m) ? "handle"
	                  : by_number                ? "product_id"
	                                             : "sku";
	char text[QUERY_MAX] = "";
	size_t n = 0;

	for (size_t i = 0; i < list->n && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:\"%s\"",
		    i > 0 ? " OR " : "", key, list->list[i]);
	jsonw_text(w, "q", text);
}

static void
put_variables(struct jsonw *w, enum reward_ask ask, const struct reward_make *m)
{
	char code[REWARD_CODE_MAX];

	if (ask == REWARD_GOODS) {
		put_query(w, m);
	} else if (ask == REWARD_REMOVE) {
		jsonw_text(w, "id", m->made_as);
	} else if (ask == REWARD_MAKE && shopify_is_discount(m)) {
		put_discount(w, m);
	} else if (ask == REWARD_MAKE) {
		if (m->kind == REWARD_STORE_CREDIT)
			put_credit(w, m);
		else
			put_card(w, m);
	} else if (shopify_is_discount(m)) {
		jsonw_text(w, "c", m->code);
	} else if (m->kind == REWARD_STORE_CREDIT) {
		put_gid(w, "id", "Customer", m->customer_id);
	} else {
		plain_code(m->code, code);
		jsonw_text(w, "q", code + strlen(code) - CODE_TAIL);
	}
}

int
shopify_reward_call(enum reward_ask ask, const struct reward_make *m,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	const struct shopify_document *d = shopify_document(ask, m);
	struct jsonw w;

	if (d == NULL)
		return err_set(e, FAULT_REJECT,
		    "Shopify cannot take back what became of this reward");
	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	/* 3. Store credit that is given twice is found only too late. */
	q->once = ask == REWARD_MAKE;
	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "query", d->text);
	jsonw_object(&w, "variables");
	put_variables(&w, ask, m);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		return err_set(
		    e, FAULT_REJECT, "the reward does not fit a request");
	return 0;
}

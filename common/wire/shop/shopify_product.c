/* SPDX-License-Identifier: MIT */
/*
 * Shopify's products (docs: Webhooks, "Payloads").
 *
 *  1. Tags are one text with commas, or a list.  The body has no collections.
 *  2. A product is on sale if a variant's price is below its compare_at_price.
 *     A price that cannot be read is no reason to refuse the body, since the
 *     vendor, type and tags matter more.
 */
#include "base/money.h"
#include "wire/shop/internal.h"

static bool
read_price(struct value variant, const char *key, int exponent, int64_t *price)
{
	struct value v = value_get(variant, key);
	struct str s = value_text(v);

	return s.len > 0 && money_parse(s, exponent, price) == 0;
}

/* 2. Whether a variant's price is below its compare_at_price. */
static bool
is_on_sale(struct list variants, int exponent)
{
	struct value v = { 0 };

	while (list_next(variants, &v)) {
		int64_t price, before;

		if (read_price(v, "price", exponent, &price) &&
		    read_price(v, "compare_at_price", exponent, &before) &&
		    price < before)
			return true;
	}
	return false;
}

void
shopify_read_product(struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	struct product *p = &ev->product;
	int exponent = currency_exponent(in->currency);
	struct list list = read_entries(r, body, "tags", PARTS_MAX);
	struct value tag = { 0 };
	struct labels tags;

	ev->kind = EVENT_PRODUCT;
	p->id = read_id(r, body, "id", NEEDED);
	reader_who(r, "product", p->id);
	p->modified_at = first_known(
	    read_instant(r, body, "updated_at", OPTIONAL),
	    read_instant(r, body, "created_at", OPTIONAL),
	    in->message->received_at, 0);
	p->vendor = read_label(r, in->arena, body, "vendor");
	p->type = read_label(r, in->arena, body, "product_type");
	labels_init(&tags, in->arena, LINE_WORDS_MAX);
	/* 1. A text with commas has all tags; a list has one tag in each
	 * entry. */
	labels_add_parts(&tags, read_text(r, body, "tags", OPTIONAL));
	while (list_next(list, &tag))
		labels_add(&tags, str_of(label_of_value(in->arena, tag)));
	p->tags = labels_words(&tags);
	p->on_sale = is_on_sale(read_entries(r, body, "variants", PARTS_MAX),
	    exponent < 0 ? 0 : exponent);
}

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
read_price(const json_t *variant, const char *key, int exponent, int64_t *price)
{
	const json_t *v = json_object_get(variant, key);
	struct str s = json_text(v);

	return s.len > 0 && money_parse(s, exponent, price) == 0;
}

/* 2. Whether a variant's price is below its compare_at_price. */
static bool
is_on_sale(const json_t *variants, int exponent)
{
	for (size_t i = 0; i < json_array_size(variants); i++) {
		const json_t *v = json_array_get(variants, i);
		int64_t price, before;

		if (read_price(v, "price", exponent, &price) &&
		    read_price(v, "compare_at_price", exponent, &before) &&
		    price < before)
			return true;
	}
	return false;
}

void
shopify_read_product(struct reading *in, const json_t *body, struct event *ev)
{
	struct reader *r = &in->r;
	struct product *p = &ev->product;
	int exponent = currency_exponent(in->currency);
	const json_t *list = read_entries(r, body, "tags", PARTS_MAX);
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
	/* 1. One text with commas has all tags; a list has one tag in each
	 * entry. */
	labels_add_parts(&tags, read_text(r, body, "tags", OPTIONAL));
	for (size_t i = 0; i < json_array_size(list); i++)
		labels_add(&tags,
		    str_of(label_of_json(in->arena, json_array_get(list, i))));
	p->tags = labels_words(&tags);
	p->on_sale = is_on_sale(read_entries(r, body, "variants", PARTS_MAX),
	    exponent < 0 ? 0 : exponent);
}

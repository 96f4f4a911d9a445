/* SPDX-License-Identifier: MIT */
/*
 * WooCommerce's products: bodies of its REST API, version 3.
 *
 *  1. Categories and tags are known by their slugs.  Unlike names, slugs are
 *     the same in every language of the shop.
 *  2. The vendor is the product's first brand, if the shop has brands.
 *  3. Gift cards are those of plugins, known by the product's type.
 */
#include <string.h>

#include "wire/shop/internal.h"

/* 3. The types that plugins for gift cards give their products. */
static const char *const gift_card_types[] = { "gift-card", "gift_card",
	"pw-gift-card" };

/* 1. Reads the slugs of a list of categories or tags. */
static struct words
read_slugs(struct reading *in, struct value o, const char *key)
{
	struct reader *r = &in->r;
	struct list list = read_entries(r, o, key, PARTS_MAX);
	struct value entry = { 0 };
	struct labels slugs;

	labels_init(&slugs, in->arena, list.n);
	while (list_next(list, &entry))
		labels_add(
		    &slugs, str_of(read_label(r, in->arena, entry, "slug")));
	return labels_words(&slugs);
}

void
woocommerce_read_product(
    struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	struct product *p = &ev->product;
	struct words brands;

	ev->kind = EVENT_PRODUCT;
	p->id = read_id(r, body, "id", NEEDED);
	reader_who(r, "product", p->id);
	/* A draft may have no times. */
	p->modified_at = first_known(
	    read_instant(r, body, "date_modified_gmt", OPTIONAL),
	    read_instant(r, body, "date_created_gmt", OPTIONAL),
	    in->message->received_at, 0);
	p->type = read_label(r, in->arena, body, "type");
	p->categories = read_slugs(in, body, "categories");
	p->tags = read_slugs(in, body, "tags");
	p->on_sale = read_bool(r, body, "on_sale");
	brands = read_slugs(in, body, "brands");
	if (brands.n > 0)
		p->vendor = brands.list[0];
	for (size_t i = 0; p->type != NULL && i < NITEMS(gift_card_types); i++)
		if (strcmp(p->type, gift_card_types[i]) == 0)
			p->gift_card = true;
}

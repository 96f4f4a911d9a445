/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/jsonw.h"
#include "wire/shop/shop.h"

/* profile: what shops are told of a member (core/profile.h), as values of
 * calls. */

enum {
	PROFILE_BALANCE =
	    4 /* fields that tell of the balance, the first ones */
};

struct told;

/* A value: its key in Shopify's metafield, its key at WooCommerce without
 * "loyalty_" before it, and what it means. */
struct profile_field {
	const char *key, *meta, *what;
	void (*put)(struct jsonw *, const char *key, const struct told *);
};
/* Ended by a field without a key. */
extern const struct profile_field profile_fields[];

/* Writes all fields as an object, and that as a text of JSON: the value of
 * Shopify's metafield. */
void profile_object(struct arena *, const struct push_item *, struct buf *);
/* Writes all fields as a list of keys and values, without the brackets: the
 * meta data of a customer of WooCommerce. */
void profile_meta(struct arena *, const struct push_item *, struct buf *);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"
#include "ledger/stores.h"
#include "wire/shop/shop.h"

/*
 * products: the categories, tags, vendor and type of products.  Rules may ask
 * for these properties, but an order does not contain them.
 *
 * A product has versions, and each version takes effect at some instant.  An
 * order's lines get the properties that the products had at the time of the
 * order, however late a message about the order or the product arrives.  If all
 * versions of a product are later than the order, the first version is used.
 */

struct product_news {
	const struct store *store;
	struct product product;
};

/* Saves news of products, in the caller's transaction.  News that changes
 * nothing is not saved. */
int products_save(struct pg *, struct arena *, const struct product_news *,
    size_t n, struct err *) MUST_CHECK;

/* An order whose lines are filled in: a line that names a product gets the
 * product's categories, tags, vendor and type. */
struct product_ask {
	int64_t tenant_id, store_id;
	struct order *order;
	/* The member whose timeline products_wake() makes due, once a product
	 * that is not known yet becomes known; 0: none. */
	int64_t waiting;
};
int products_fill(struct pg *, struct arena *, const struct product_ask *,
    size_t n, struct err *) MUST_CHECK;

/* Makes the timelines due that waited for these products.  The caller has
 * committed products_save(), and calls this function outside of a
 * transaction. */
int products_wake(struct pg *, struct arena *, const struct product_news *,
    size_t n, int64_t now, struct err *) MUST_CHECK;

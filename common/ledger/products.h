/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_PRODUCTS_H
#define LEDGER_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg/pg.h"
#include "ledger/stores.h"
#include "wire/shop/shop.h"

/*
 * products: what rules may ask of an order's lines, and an order does not say:
 * categories, tags, vendor, type.
 *
 * A product has versions, each in effect from a time on.  An order's lines are
 * those of the versions that were in effect when the order was placed, however
 * late the order or the product is told.  If all versions of a product are
 * later than the order, the first one is used.
 */

struct product_news {
	const struct store *store;
	struct product product;
};

/* Keeps news of products, in the caller's transaction.  News that says nothing
 * new is not kept. */
int products_save(struct pg *, struct arena *, const struct product_news *,
    size_t n, struct err *) MUST_CHECK;

/* An order whose lines are to be filled in where they have a product. */
struct product_ask {
	int64_t tenant_id, store_id;
	struct order *order;
	int64_t waiting; /* the member whose timeline products_wake() wakes
			    when a product that is not known yet is told; 0:
			    none */
};
int products_fill(struct pg *, struct arena *, const struct product_ask *,
    size_t n, struct err *) MUST_CHECK;

/* Makes the timelines due that waited for these products.  The caller has
 * committed products_save(), and calls this outside of a transaction. */
int products_wake(struct pg *, struct arena *, const struct product_news *,
    size_t n, int64_t now, struct err *) MUST_CHECK;

#endif /* LEDGER_PRODUCTS_H */

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
 * products: what rules may ask of an order's lines and the order does not
 * say: categories, tags, vendor, type.
 *
 * Products are kept as they were from a time on, so that an order is looked
 * at with the ones in effect when it was placed, however late either of the
 * two is told; of a product that is only known from later, with the first.
 */

struct product_news {
	const struct store *store;
	struct product product;
};

/* Within the caller's transaction; what says nothing new is not kept. */
int products_save(struct pg *, struct arena *, const struct product_news *,
    size_t n, struct err *) MUST_CHECK;

/* An order, of whose lines those with a product are filled in. */
struct product_ask {
	int64_t tenant_id, store_id;
	struct order *order;
	int64_t waiting; /* this member is told of a product that is not known
			    yet, by products_wake(); 0: nobody is */
};
int products_fill(struct pg *, struct arena *, const struct product_ask *,
    size_t n, struct err *) MUST_CHECK;

/* After products_save() was committed: those who waited are looked at again
 * by schedule.  One statement, in no transaction of the caller's. */
int products_wake(struct pg *, struct arena *, const struct product_news *,
    size_t n, int64_t now, struct err *) MUST_CHECK;

#endif /* LEDGER_PRODUCTS_H */

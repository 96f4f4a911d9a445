/* SPDX-License-Identifier: MIT */
/*
 * Finds out whether the body of a webhook belongs to the store at whose path it
 * arrived.  An app signs all its webhooks with one secret, so a body that was
 * signed for one shop could be sent to the path of another shop.
 *
 * 1. The body of an order names its shop by number.  The number of the store's
 *    own shop comes from the operator or from the API, never from a body:
 *    otherwise the first sender could choose the number.
 * 2. A store whose number is not known accepts every body, unless the body
 *    names the number of another store of the app.
 * 3. The body of a refund, payment or deletion names an order but no shop.  The
 *    shop is then the one that the body of the order named, at whatever store
 *    that body arrived.  The refund, payment or deletion is accepted if the
 *    order is not known yet, or if this store has the order.  Alone it earns
 *    nothing, and refusing it could lose a body of the store's own.
 * 4. Likewise, the shop of a body about a customer is the one that the bodies
 *    of the customer's orders named.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/batch/internal.h"
#include "ledger/stmts.h"

/* Whether two stores have a secret in common, as all stores of one app do. */
static bool
is_same_app(const struct store *a, const struct store *b)
{
	if (a->platform != b->platform)
		return false;
	for (size_t i = 0; i < SECRETS_PER_STORE; i++)
		for (size_t j = 0; j < SECRETS_PER_STORE; j++)
			if (a->secrets[i].len > 0 &&
			    str_eq(a->secrets[i], b->secrets[j]))
				return true;
	return false;
}

/* Whether another store is disabled and has the domain of this store, as if
 * this store had taken its place. */
static bool
is_former(const struct store *other, const struct store *store)
{
	return other->disabled &&
	       str_eq_nocase(str_of(other->domain), str_of(store->domain));
}

/* Applies rules 1 and 2 of this file.  REJECT if the number `shop_id` in a body
 * is not, or cannot be, that of this store's shop. */
static int
check_number(const struct world *w, const struct store *store, int64_t shop_id,
    struct err *e)
{
	if (store->shop_id != 0 && store->shop_id != shop_id)
		return err_set(e, FAULT_REJECT,
		    "foreign: signed for shop %" PRId64 ", and store %" PRId64
		    " is shop %" PRId64,
		    shop_id, store->store_id, store->shop_id);
	for (size_t i = 0; i < w->nstores && store->shop_id == 0; i++) {
		const struct store *other = &w->stores[i];

		if (other->shop_id == shop_id && is_same_app(other, store) &&
		    !is_former(other, store))
			return err_set(e, FAULT_REJECT,
			    "foreign: signed for shop %" PRId64
			    ", which is store %" PRId64,
			    shop_id, other->store_id);
	}
	return 0;
}

/* Lists the store first, and then the other stores of its app. */
static size_t
stores_of_app(
    const struct world *w, const struct store *store, const struct store **out)
{
	size_t n = 0;

	out[n++] = store;
	for (size_t i = 0; i < w->nstores && n < APP_STORES_MAX; i++)
		if (&w->stores[i] != store && is_same_app(&w->stores[i], store))
			out[n++] = &w->stores[i];
	return n;
}

/* The order or the customer that a body is about, if the body names no shop. */
struct nameless {
	/* Exactly one of these two numbers is 0. */
	int64_t order_id, customer_id;
};

/* Looks in this batch for a body of the same order, or of an order of the same
 * customer, that names a shop.  Returns the shop's number; 0: there is no such
 * body. */
static int64_t
shop_in_batch(const struct batch_reading *r, const struct store *store,
    const struct nameless *about)
{
	for (size_t i = 0; i < r->batch.norders; i++) {
		const struct order_news *s = &r->batch.orders[i];

		if (s->store == store && s->shop_id != 0 &&
		    (about->order_id != 0
		            ? s->order.id == about->order_id
		            : s->order.customer_id == about->customer_id))
			return s->shop_id;
	}
	return 0;
}

/* Applies rules 3 and 4 of this file.  Looks for bodies of the same order, or
 * of orders of the same customer, that came to another store of the app.  *out
 * becomes the shop's number in these bodies; 0: no such body names a shop, or a
 * body that names a shop came to this store. */
static int
shop_elsewhere(struct batch_reading *r, const struct store *store,
    const struct nameless *about, int64_t *out, struct err *e)
{
	const struct store *app[APP_STORES_MAX];
	size_t n = stores_of_app(r->world, store, app);
	int64_t named[APP_STORES_MAX];
	struct columns c = { .arena = r->world->arena };
	struct pg_rows rows;

	*out = 0;
	if (n == 1)
		return 0;
	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, app[i]->tenant_id);
		columns_bigint(&c, app[i]->store_id);
		columns_bigint(&c, about->order_id != 0 ? about->order_id
		                                        : about->customer_id);
		columns_end_row(&c);
		named[i] = shop_in_batch(r, app[i], about);
	}
	if (columns_ask(r->world->pg,
	        about->order_id != 0 ? SQL_ORDER_SHOPS : SQL_CUSTOMER_SHOPS, &c,
	        &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		named[pg_get_bigint(&rows, row, 0) - 1] = pg_get_bigint(
		    &rows, row, 1);
	pg_done(&rows);
	for (size_t i = 1; i < n && named[0] == 0 && *out == 0; i++)
		*out = named[i];
	return 0;
}

static int
check_nameless(struct batch_reading *r, const struct store *store,
    struct nameless about, struct err *e)
{
	int64_t shop_id;

	if (shop_elsewhere(r, store, &about, &shop_id, e) == -1)
		return -1;
	return shop_id == 0 ? 0 : check_number(r->world, store, shop_id, e);
}

static int
check_customer(struct batch_reading *r, const struct store *store, int64_t id,
    struct err *e)
{
	return check_nameless(
	    r, store, (struct nameless){ .customer_id = id }, e);
}

int
check_shop(struct batch_reading *r, const struct store *store,
    const struct event *ev, struct err *e)
{
	if (!shop_shares_secrets(shop_find(ev->order.platform)))
		return 0;
	switch (ev->kind) {
	case EVENT_ORDER:
		return ev->shop_id != 0
		           ? check_number(r->world, store, ev->shop_id, e)
		           : check_nameless(r, store,
		                 (struct nameless){ .order_id = ev->order.id },
		                 e);
	case EVENT_MERGE:
		if (check_customer(r, store, ev->kept_id, e) == -1)
			return -1;
		return check_customer(r, store, ev->customer.id, e);
	case EVENT_CUSTOMER:
	case EVENT_CUSTOMER_GONE:
		return check_customer(r, store, ev->customer.id, e);
	case EVENT_FACTS:
		return check_customer(
		    r, store, strtoll(ev->facts[0].customer, NULL, 10), e);
	case EVENT_PRODUCT:
	case EVENT_NOTHING:
		break;
	}
	return 0;
}

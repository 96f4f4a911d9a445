/* SPDX-License-Identifier: MIT */
/*
 * Whose a body is.  An app's webhooks are all signed with the app's one
 * secret, so a body signed for one shop could be sent to another's path.
 *
 *  1. The body of an order names its shop by number.  The store's own number
 *     comes from its operator or from the API, never from a body: whoever
 *     showed another shop's order first would have decided.
 *  2. A store without a number takes what names no other store's.
 *  3. What tells of an order and names no shop (a refund, a payment, a
 *     deletion) is of the shop that the order's own body named, wherever that
 *     was told.  As long as nobody told it, or where the store has the order
 *     itself, it is taken: alone it earns nothing, and refusing it could lose
 *     what is the store's own.
 *  4. So is what tells of a customer, by the bodies of his orders.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/batch/internal.h"
#include "ledger/stmts.h"

/* Whether one signature is good at both, as all of one app are. */
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

/* A store that was given up for this one: of one shop. */
static bool
is_former(const struct store *other, const struct store *store)
{
	return other->disabled &&
	       str_eq_nocase(str_of(other->domain), str_of(store->domain));
}

/* 1. and 2.: whether the shop of that number may be this store. */
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

/* The store first, then others of the same app. */
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

/* A body that names no shop: part of an order, or of a customer. */
struct nameless {
	int64_t order_id, customer_id; /* one of them; the other is 0 */
};

/* Finds the number that the batch's own bodies of the order, or of the
 * customer's orders, name. */
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

/* 3. and 4.: the number by which another store knows it; 0 if none does, or
 * the store itself knows it by one. */
static int
shop_elsewhere(struct batch_reading *r, const struct store *store,
    const struct nameless *about, int64_t *out, struct err *e)
{
	const struct store *app[APP_STORES_MAX];
	size_t n = stores_of_app(r->world, store, app);
	int64_t named[APP_STORES_MAX];
	struct columns c;
	struct pg_rows rows;

	*out = 0;
	if (n == 1)
		return 0;
	columns_init(&c, r->world->arena);
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

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
 */
#include <inttypes.h>

#include "ledger/batch_read.h"
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
check_number(const struct batch_context *c, const struct store *store,
    int64_t shop_id, struct err *e)
{
	if (store->shop_id != 0 && store->shop_id != shop_id)
		return err_set(e, FAULT_REJECT,
		    "foreign: signed for shop %" PRId64 ", and store %" PRId64
		    " is shop %" PRId64,
		    shop_id, store->store_id, store->shop_id);
	for (size_t i = 0; i < c->nstores && store->shop_id == 0; i++) {
		const struct store *other = &c->stores[i];

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
stores_of_app(const struct batch_context *c, const struct store *store,
    const struct store **out)
{
	size_t n = 0;

	out[n++] = store;
	for (size_t i = 0; i < c->nstores && n < APP_STORES_MAX; i++)
		if (&c->stores[i] != store && is_same_app(&c->stores[i], store))
			out[n++] = &c->stores[i];
	return n;
}

/* What the batch's bodies of an order name. */
static int64_t
shop_in_batch(
    const struct reading *r, const struct store *store, int64_t order_id)
{
	for (size_t i = 0; i < r->ledger.nsubjects; i++) {
		const struct subject *s = &r->ledger.subjects[i];

		if (s->store == store && s->order.id == order_id)
			return s->shop_id;
	}
	return 0;
}

/* 3.: the number by which another store knows an order; 0 if none does, or
 * the store has the order itself. */
static int
shop_of_order(struct reading *r, const struct store *store, int64_t order_id,
    int64_t *out, struct err *e)
{
	const struct store *app[APP_STORES_MAX];
	size_t n = stores_of_app(r->c, store, app);
	int64_t tenants[APP_STORES_MAX], ids[APP_STORES_MAX];
	int64_t orders[APP_STORES_MAX], named[APP_STORES_MAX];
	struct pg_params p;
	struct pg_rows rows;

	*out = 0;
	if (n == 1)
		return 0;
	for (size_t i = 0; i < n; i++) {
		tenants[i] = app[i]->tenant_id;
		ids[i] = app[i]->store_id;
		orders[i] = order_id;
		named[i] = shop_in_batch(r, app[i], order_id);
	}
	pg_params(&p, r->c->arena);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bigints(&p, orders, n);
	if (pg_ask(r->c->pg, SQL_ORDER_SHOPS, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		named[pg_get_bigint(&rows, row, 0) - 1] = pg_get_bigint(
		    &rows, row, 1);
	pg_done(&rows);
	for (size_t i = 1; i < n && named[0] == 0 && *out == 0; i++)
		*out = named[i];
	return 0;
}

int
check_shop(struct reading *r, const struct store *store, const struct event *ev,
    struct err *e)
{
	int64_t shop_id = ev->shop_id;

	if (ev->order.platform != PLATFORM_SHOPIFY)
		return 0;
	if (shop_id == 0 &&
	    shop_of_order(r, store, ev->order.id, &shop_id, e) == -1)
		return -1;
	return shop_id == 0 ? 0 : check_number(r->c, store, shop_id, e);
}

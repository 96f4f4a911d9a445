/* SPDX-License-Identifier: MIT */
/*
 * Whose a body is.  An app's webhooks are all signed with the app's one
 * secret, so a body signed for one shop could be sent to another's path.
 */
#include <inttypes.h>

#include "core/order_finer.h"
#include "ledger/batch_read.h"
#include "ledger/stmts.h"
#include "wire/order_json.h"

/* Whether another store of the same app has this shop's number. */
static bool
is_of_another(
    const struct batch_context *c, const struct store *store, int64_t shop_id)
{
	for (size_t i = 0; i < c->nstores; i++) {
		const struct store *other = &c->stores[i];

		if (other != store && other->shop_id == shop_id &&
		    other->platform == store->platform &&
		    str_eq(other->secrets[0], store->secrets[0]))
			return true;
	}
	return false;
}

/*
 * An app's webhooks are all signed with the app's one secret, so a body
 * signed for one shop could be sent to another's path.  The signed body
 * names its shop by number: it has to be this store's.
 */
int
check_shop(struct batch_context *c, struct store *store, int64_t shop_id,
    struct batch_result *result, struct err *e)
{
	struct pg_params p;

	if (shop_id == 0 || shop_id == store->shop_id)
		return 0;
	if (store->shop_id != 0 || is_of_another(c, store, shop_id))
		return err_set(e, FAULT_REJECT,
		    "foreign: signed for shop %" PRId64
		    ", which is not store %" PRId64,
		    shop_id, store->store_id);
	pg_params(&p, c->arena);
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_bigint(&p, shop_id);
	if (pg_tell(c->pg, SQL_STORE_LEARN, &p, e) == -1)
		return -1;
	store->shop_id = shop_id;
	result->learned = true;
	return 0;
}

/* Whether a part is what is known of an order: its newest snapshot, or a
 * refund or payment of it. */
static bool
is_part_of(struct arena *a, const struct order *known, const struct order *part)
{
	struct order was = *known, told = *part, both;

	order_align(a, &was, &told);
	order_merge(a, &was, &told, &both);
	return (part->modified_at == 0 ||
	           part->modified_at == known->modified_at) &&
	       str_eq(order_render(a, &both), order_render(a, &was));
}

/* The other stores of the same app. */
static size_t
stores_of_app(const struct batch_context *c, const struct store *store,
    const struct store **out)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nstores && n < APP_STORES_MAX; i++) {
		const struct store *other = &c->stores[i];

		if (other != store && other->platform == store->platform &&
		    str_eq(other->secrets[0], store->secrets[0]))
			out[n++] = other;
	}
	return n;
}

static int
refuse_known(const struct store *store, const struct order *part, struct err *e)
{
	return err_set(e, FAULT_REJECT,
	    "foreign: store %" PRId64 " has all of this, and order %" PRId64
	    " is not of two shops",
	    store->store_id, part->id);
}

/*
 * A body that does not name its shop could be another shop's as well.  An
 * order's number is of one shop alone: what another store of the app has
 * just so is that store's delivery, sent here.
 */
int
check_elsewhere(struct reading *r, const struct store *store,
    const struct order *part, struct err *e)
{
	struct batch_context *c = r->c;
	const struct store *others[APP_STORES_MAX];
	size_t n = stores_of_app(c, store, others);
	int64_t tenants[APP_STORES_MAX], ids[APP_STORES_MAX];
	int64_t orders[APP_STORES_MAX];
	struct pg_params p;
	struct pg_rows rows;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		tenants[i] = others[i]->tenant_id;
		ids[i] = others[i]->store_id;
		orders[i] = part->id;
	}
	for (size_t i = 0; i < r->ledger.nsubjects; i++) {
		const struct subject *s = &r->ledger.subjects[i];

		for (size_t j = 0; j < n; j++)
			if (s->store == others[j] && s->order.id == part->id &&
			    is_part_of(c->arena, &s->order, part))
				return refuse_known(others[j], part, e);
	}
	if (n == 0)
		return 0;
	pg_params(&p, c->arena);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bigints(&p, orders, n);
	if (pg_ask(c->pg, SQL_ORDER_LOAD, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;
		struct order known = { 0 };

		ret = order_parse(
		    c->arena, pg_get_str(&rows, row, 1), &known, e);
		if (ret == 0 && is_part_of(c->arena, &known, part))
			ret = refuse_known(others[i], part, e);
	}
	pg_done(&rows);
	return ret;
}

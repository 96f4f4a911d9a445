/* SPDX-License-Identifier: MIT */
/* Moves orders and facts from a guest to a customer of the store when the
 * platform has verified that the customer has the guest's address. */
#include <assert.h>

#include "ledger/batch/internal.h"
#include "ledger/stmts.h"

int
customers_with_guest(const struct world *w,
    const struct customer_news *customers, size_t n, struct customer_news **out,
    size_t *nout, struct err *e)
{
	const struct customer_news **asked = arena_array(
	    w->arena, n + 1, sizeof(void *));
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	*nout = 0;
	for (size_t i = 0; i < n; i++) {
		if (!customer_is_verified(&customers[i]) ||
		    (customers[i].owner.guest_id == 0 &&
		        !customer_is_newly_verified(&customers[i])))
			continue;
		asked[c.n] = &customers[i];
		customer_cells(&c, &customers[i], OWNER_GUEST);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_GUESTS_KNOWN, &c, &rows, e) == -1)
		return -1;
	*out = arena_array(w->arena, (size_t)rows.n + 1, sizeof(**out));
	for (int row = 0; row < rows.n; row++)
		(*out)[row] = *asked[pg_get_bigint(&rows, row, 0) - 1];
	*nout = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
orders_claimed(const struct world *w, const struct customer_news *customers,
    size_t n, struct order_news **orders, size_t *norders, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		customer_cells(&c, &customers[i], OWNER_GUEST);
		columns_end_row(&c);
	}
	columns_bind(&c, &p);
	pg_bigint(&p, CLAIMS_MAX);
	if (pg_ask(w->pg, SQL_ORDER_CLAIMS, &p, &rows, e) == -1)
		return -1;
	*orders = arena_array(w->arena, (size_t)rows.n + 1, sizeof(**orders));
	for (int row = 0; row < rows.n; row++) {
		struct order_news *s = &(*orders)[row];

		s->store = stores_find(
		    w->stores, w->nstores, pg_get_bigint(&rows, row, 0));
		s->order.id = pg_get_bigint(&rows, row, 1);
		s->order.platform = s->store->platform;
	}
	*norders = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

/* A move of facts within a store, from the guest `from` to the customer `to`,
 * both given by their member numbers. */
struct facts_claimed {
	const struct store *store;
	int64_t from, to;
};

static int
claims_load(const struct world *w, const struct customer_news *customers,
    size_t n, struct facts_claimed **out, size_t *nclaims, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		customer_cells(&c, &customers[i], OWNER_GUEST);
		columns_int(&c, OWNER_CUSTOMER);
		columns_end_row(&c);
	}
	if (columns_ask(w->pg, SQL_FACT_CLAIMS, &c, &rows, e) == -1)
		return -1;
	*nclaims = (size_t)rows.n;
	*out = arena_array(w->arena, *nclaims + 1, sizeof(**out));
	for (int row = 0; row < rows.n; row++)
		(*out)[row] = (struct facts_claimed){
			.store = stores_find(w->stores, w->nstores,
			    pg_get_bigint(&rows, row, 1)),
			.from = pg_get_bigint(&rows, row, 2),
			.to = pg_get_bigint(&rows, row, 3),
		};
	pg_done(&rows);
	return 0;
}

static int
claim_all(const struct world *w, const struct facts_claimed *claims, size_t n,
    struct timeline_result *r, struct err *e)
{
	struct member_key *keys = arena_array(
	    w->arena, 2 * n + 1, sizeof(*keys));

	for (size_t i = 0; i < n; i++) {
		const struct facts_claimed *c = &claims[i];

		keys[2 * i] = (struct member_key){ c->store->tenant_id,
			c->from };
		keys[2 * i + 1] = (struct member_key){ c->store->tenant_id,
			c->to };
	}
	if (timeline_lock(w, keys, 2 * n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (facts_move(w, claims[i].store, claims[i].from, claims[i].to,
		        e) == -1)
			return -1;
	return timeline_post(w, keys, 2 * n, r, e);
}

int
facts_claim(const struct world *w, const struct customer_news *customers,
    size_t n, size_t *entries, struct err *e)
{
	struct timeline_result r = { 0 };
	struct facts_claimed *claims;
	size_t nclaims;

	if (claims_load(w, customers, n, &claims, &nclaims, e) == -1)
		return -1;
	if (nclaims == 0)
		return 0;
	if (pg_begin(w->pg, e) == -1)
		return -1;
	if (claim_all(w, claims, nclaims, &r, e) == -1) {
		pg_rollback(w->pg);
		return -1;
	}
	*entries += r.entries;
	return pg_commit(w->pg, e);
}

/* SPDX-License-Identifier: MIT */
#include "ledger/shop_number.h"
#include "ledger/stmts.h"
#include "wire/shop/shop.h"

static bool
is_wanted(const struct store *s)
{
	return shop_shares_secrets(shop_find(s->platform)) &&
	       s->api_shop_id == 0 && s->api_url != NULL && s->has_token &&
	       !s->disabled;
}

struct shop_number_wanted
shop_number_wanted(struct arena *a, const struct store *stores, size_t n)
{
	struct shop_number_wanted w = {
		.tenant_ids = arena_array(a, n + 1, sizeof(*w.tenant_ids)),
		.store_ids = arena_array(a, n + 1, sizeof(*w.store_ids)),
	};

	for (size_t i = 0; i < n; i++) {
		if (!is_wanted(&stores[i]))
			continue;
		w.tenant_ids[w.n] = stores[i].tenant_id;
		w.store_ids[w.n++] = stores[i].store_id;
	}
	return w;
}

int
shop_number_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    const struct shop_number_wanted *w, struct shop_number_claim *c,
    struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*c = (struct shop_number_claim){ 0 };
	if (w->n == 0)
		return 0;
	pg_bigint(&p, lease_ms);
	pg_bigints(&p, w->tenant_ids, w->n);
	pg_bigints(&p, w->store_ids, w->n);
	if (pg_ask(pg, SQL_NUMBER_LEASE, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*c = (struct shop_number_claim){
			.tenant_id = pg_get_bigint(&rows, 0, 0),
			.store_id = pg_get_bigint(&rows, 0, 1),
			.tries = (int32_t)pg_get_bigint(&rows, 0, 2),
			.leased_until = pg_get_instant(&rows, 0, 3),
		};
	pg_done(&rows);
	return 0;
}

static int
lease_release(struct pg *pg, struct arena *a, const struct shop_number_claim *c,
    const struct shop_number_result *r, bool *held, struct err *e)
{
	struct pg_params p = { .arena = a };
	size_t n;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	pg_bigint(&p, r->wait_ms);
	pg_bigint(&p, r->again_ms);
	if (pg_ask_count(pg, SQL_NUMBER_RELEASE, &p, &n, e) == -1)
		return -1;
	*held = n == 1;
	return 0;
}

static int
number_put(struct pg *pg, struct arena *a, const struct shop_number_claim *c,
    const struct shop_number_result *r, int64_t *operators, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_bigint(&p, r->number);
	pg_text(&p, r->api_url);
	pg_text(&p, r->domain);
	if (pg_ask_bigint(pg, SQL_NUMBER_PUT, &p, operators, e) == -1)
		return -1;
	return pg_tell(pg, SQL_STORES_NOTIFY, NULL, e);
}

int
shop_number_finish(struct pg *pg, struct arena *a,
    const struct shop_number_claim *c, const struct shop_number_result *r,
    int64_t *operators, struct err *e)
{
	bool held;

	*operators = 0;
	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg,
	    lease_release(pg, a, c, r, &held, e) == 0 &&
	        (!held || r->number == 0 ||
	            number_put(pg, a, c, r, operators, e) == 0),
	    e);
}

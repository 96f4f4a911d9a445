/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/batch/internal.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

/* ---- balances -------------------------------------------------------------- */

static int
compare_accounts(const void *a, const void *b)
{
	const struct account_state *x = a, *y = b;

	if (x->tenant_id != y->tenant_id)
		return x->tenant_id < y->tenant_id ? -1 : 1;
	return (x->member_id > y->member_id) - (x->member_id < y->member_id);
}

static size_t
collect_accounts(struct account_state *all, const struct batch *b)
{
	size_t n = 0, ndistinct = 0;

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];
		int64_t members[] = { s->member_id, s->held_by };

		for (size_t j = 0; j < NITEMS(members); j++)
			if (!s->unchanged && members[j] != 0)
				all[n++] = (struct account_state){
					.tenant_id = s->store->tenant_id,
					.member_id = members[j],
				};
	}
	for (size_t i = 0; i < b->nfacts; i++)
		if (!b->facts[i].unchanged)
			all[n++] = (struct account_state){
				.tenant_id = b->facts[i].store->tenant_id,
				.member_id = b->facts[i].member_id,
			};
	qsort(all, n, sizeof(*all), compare_accounts);
	for (size_t i = 0; i < n; i++)
		if (ndistinct == 0 ||
		    compare_accounts(&all[i], &all[ndistinct - 1]) != 0)
			all[ndistinct++] = all[i];
	return ndistinct;
}

/* Asked behind the locks: whoever had them may have begun a timeline. */
static int
load_folded(const struct world *w, struct batch *b, const int64_t *tenants,
    const int64_t *members, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, w->arena);
	pg_bigints(&p, tenants, b->naccounts);
	pg_bigints(&p, members, b->naccounts);
	if (pg_ask(w->pg, SQL_STATE_FOLDED, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct account_state key = {
			.tenant_id = pg_get_bigint(&rows, row, 0),
			.member_id = pg_get_bigint(&rows, row, 1),
		};
		struct account_state *s = bsearch(&key, b->accounts,
		    b->naccounts, sizeof(key), compare_accounts);

		assert(s != NULL);
		s->folded = true;
	}
	pg_done(&rows);
	return 0;
}

int
accounts_load(const struct world *w, struct batch *b, struct err *e)
{
	int64_t *tenants, *members;
	int32_t *wallets;
	struct pg_params p;
	struct pg_rows rows;
	int n;

	b->accounts = arena_array(
	    w->arena, 2 * b->norders + b->nfacts + 1, sizeof(*b->accounts));
	b->naccounts = collect_accounts(b->accounts, b);
	if (b->naccounts == 0)
		return 0;
	tenants = arena_array(w->arena, b->naccounts, sizeof(*tenants));
	members = arena_array(w->arena, b->naccounts, sizeof(*members));
	wallets = arena_array(w->arena, b->naccounts, sizeof(*wallets));
	for (size_t i = 0; i < b->naccounts; i++) {
		tenants[i] = b->accounts[i].tenant_id;
		members[i] = b->accounts[i].member_id;
		wallets[i] = WALLET_POINTS;
	}
	pg_params(&p, w->arena);
	pg_bigints(&p, tenants, b->naccounts);
	pg_bigints(&p, members, b->naccounts);
	pg_ints(&p, wallets, b->naccounts);
	if (pg_ask(w->pg, SQL_BALANCE_LOCK, &p, &rows, e) == -1)
		return -1;
	n = rows.n;
	for (int row = 0; row < rows.n && row < (int)b->naccounts; row++) {
		struct account_state *s = &b->accounts[row];

		s->tenant_id = pg_get_bigint(&rows, row, 0);
		s->member_id = pg_get_bigint(&rows, row, 1);
		s->before = rows_balance(&rows, row, 2);
		s->now = s->before;
	}
	pg_done(&rows);
	if (n != (int)b->naccounts)
		return err_set(e, FAULT_FATAL,
		    "%zu members, but %d balances: run loyald verify",
		    b->naccounts, n);
	return load_folded(w, b, tenants, members, e);
}

/* ---- what stands --------------------------------------------------------------- */

static struct holding *
holding_at(
    struct arena *a, struct order_news *s, int64_t member, struct str rule)
{
	struct holding *h;

	for (size_t i = 0; i < s->nholdings; i++)
		if (s->holdings[i].member_id == member &&
		    str_eq(str_of(s->holdings[i].rule), rule))
			return &s->holdings[i];
	s->holdings = arena_grow(a, s->holdings, s->nholdings,
	    &s->holdings_room, sizeof(*s->holdings));
	h = &s->holdings[s->nholdings++];
	*h = (struct holding){
		.member_id = member,
		.rule = arena_memdup(a, rule.data, rule.len),
		.lot.fresh = true,
	};
	return h;
}

/* One of the two statements over orders that have posted something. */
static int
ask_posted(const struct world *w, int stmt, struct order_news *const *posted,
    size_t n, struct pg_rows *rows, struct err *e)
{
	struct columns c;

	columns_init(&c, w->arena);
	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, posted[i]->store->tenant_id);
		columns_bigint(&c, posted[i]->store->store_id);
		columns_int(&c, SOURCE_ORDER);
		columns_text(&c,
		    arena_printf(w->arena, "%" PRId64, posted[i]->order.id));
		columns_end_row(&c);
	}
	return columns_ask(w->pg, stmt, &c, rows, e);
}

int
holdings_load(const struct world *w, struct batch *b, struct err *e)
{
	struct order_news **posted = arena_array(
	    w->arena, b->norders + 1, sizeof(void *));
	struct pg_rows rows;
	size_t n = 0;

	for (size_t i = 0; i < b->norders; i++)
		if (!b->orders[i].unchanged && b->orders[i].revision > 0)
			posted[n++] = &b->orders[i];
	if (n == 0)
		return 0;

	if (ask_posted(w, SQL_HOLDING_LOAD, posted, n, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		holding_at(w->arena, posted[pg_get_bigint(&rows, row, 0) - 1],
		    pg_get_bigint(&rows, row, 1), pg_get_str(&rows, row, 2))
		    ->points = pg_get_bigint(&rows, row, 3);
	pg_done(&rows);

	if (ask_posted(w, SQL_LOT_LOAD, posted, n, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		holding_at(w->arena, posted[pg_get_bigint(&rows, row, 0) - 1],
		    pg_get_bigint(&rows, row, 1), pg_get_str(&rows, row, 2))
		    ->lot = (struct lot){
			.lot_id = pg_get_bigint(&rows, row, 3),
			.remaining = pg_get_bigint(&rows, row, 4),
			.vests_at = pg_get_instant(&rows, row, 5),
			.vested = pg_get_bool(&rows, row, 6),
		};
	pg_done(&rows);
	return 0;
}

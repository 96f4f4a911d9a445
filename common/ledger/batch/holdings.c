/* SPDX-License-Identifier: MIT */
/* Locks and loads the balances of a batch's members, and the points of its
 * orders. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "ledger/batch/internal.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

/* ---- balances ------------------------------------------------------------ */

static int
compare_balances(const void *a, const void *b)
{
	const struct member_key *x = &((const struct member_balance *)a)->key;
	const struct member_key *y = &((const struct member_balance *)b)->key;

	if (x->tenant_id != y->tenant_id)
		return x->tenant_id < y->tenant_id ? -1 : 1;
	return (x->member_id > y->member_id) - (x->member_id < y->member_id);
}

struct member_balance *
balance_of(const struct batch *b, int64_t tenant_id, int64_t member_id)
{
	struct member_balance key = { .key = { tenant_id, member_id } };
	struct member_balance *found = bsearch(
	    &key, b->balances, b->nbalances, sizeof(key), compare_balances);

	if (found == NULL)
		die("member %" PRId64 " was not locked", member_id);
	return found;
}

/* Where a program of the tenant looks beyond one order, all members have a
 * timeline. */
static void
add_member(const struct world *w, const struct store *store, int64_t member_id,
    struct member_balance *out)
{
	out->key = (struct member_key){ store->tenant_id, member_id };
	out->folded = programs_look_back(
	    w->programs, w->nprograms, store->store_id);
}

static size_t
collect_members(
    const struct world *w, struct member_balance *all, const struct batch *b)
{
	size_t n = 0, ndistinct = 0;

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];
		int64_t members[] = { s->member_id, s->held_by };

		for (size_t j = 0; j < NITEMS(members); j++)
			if (!s->unchanged && members[j] != 0)
				add_member(w, s->store, members[j], &all[n++]);
	}
	for (size_t i = 0; i < b->nfacts; i++)
		if (!b->facts[i].unchanged)
			add_member(w, b->facts[i].store, b->facts[i].member_id,
			    &all[n++]);
	for (size_t i = 0; i < b->made.n; i++)
		all[n++] = (struct member_balance){
			.key = b->made.list[i].key,
			.fresh = true,
			.store_id = b->made.list[i].store_id,
			.customer_id = b->made.list[i].customer_id,
		};
	qsort(all, n, sizeof(*all), compare_balances);
	for (size_t i = 0; i < n; i++)
		if (ndistinct == 0 ||
		    compare_balances(&all[i], &all[ndistinct - 1]) != 0)
			all[ndistinct++] = all[i];
		else if (all[i].fresh)
			all[ndistinct - 1] = all[i];
	return ndistinct;
}

static void
member_cells(struct columns *c, const struct member_balance *m)
{
	columns_bigint(c, m->key.tenant_id);
	columns_bigint(c, m->key.member_id);
}

/* Finds which of the other members have a timeline.  The caller has taken the locks of
 * the members before: a transaction that held a lock until then may have given
 * the member a timeline. */
static int
load_folded(const struct world *w, struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	for (size_t i = 0; i < b->nbalances; i++) {
		if (b->balances[i].fresh || b->balances[i].folded)
			continue;
		member_cells(&c, &b->balances[i]);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_STATE_FOLDED, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		balance_of(b, pg_get_bigint(&rows, row, 0),
		    pg_get_bigint(&rows, row, 1))
		    ->folded = true;
	pg_done(&rows);
	return 0;
}

int
balances_load(const struct world *w, struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;
	size_t n;

	b->balances = arena_array(w->arena,
	    2 * b->norders + b->nfacts + b->made.n + 1, sizeof(*b->balances));
	b->nbalances = collect_members(w, b->balances, b);
	for (size_t i = 0; i < b->nbalances; i++) {
		if (b->balances[i].fresh)
			continue;
		member_cells(&c, &b->balances[i]);
		columns_int(&c, WALLET_POINTS);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_BALANCE_LOCK, &c, &rows, e) == -1)
		return -1;
	n = (size_t)rows.n;
	for (int row = 0; row < rows.n; row++) {
		struct member_balance m = balances_read(&rows, row);
		struct member_balance *of = balance_of(
		    b, m.key.tenant_id, m.key.member_id);

		m.folded = of->folded;
		*of = m;
	}
	pg_done(&rows);
	if (n != c.n)
		return err_set(e, FAULT_FATAL,
		    "%zu members, but %zu balances: run loyald verify", c.n, n);
	return load_folded(w, b, e);
}

/* ---- points in the ledger ------------------------------------------------ */

/* Adds one row of SQL_HOLDING_LOAD to its order. */
static void
holding_add(
    struct arena *a, struct order_news *s, const struct pg_rows *rows, int row)
{
	struct holding *h;

	s->holdings = arena_grow(a, s->holdings, s->nholdings,
	    &s->holdings_room, sizeof(*s->holdings));
	h = &s->holdings[s->nholdings++];
	*h = (struct holding){
		.member_id = pg_get_bigint(rows, row, 1),
		.rule = rows_text(a, rows, row, 2),
		.points = pg_get_bigint(rows, row, 3),
		.lot.fresh = pg_is_null(rows, row, 4),
	};
	if (!h->lot.fresh)
		h->lot = (struct plain_lot){
			.lot_id = pg_get_bigint(rows, row, 4),
			.remaining = pg_get_bigint(rows, row, 5),
			.vests_at = pg_get_instant(rows, row, 6),
			.vested = pg_get_bool(rows, row, 7),
		};
}

int
holdings_load(const struct world *w, struct batch *b, struct err *e)
{
	struct order_news **posted = arena_array(
	    w->arena, 2 * b->norders + 1, sizeof(void *));
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];
		int64_t members[] = { s->held_by, s->member_id };

		if (s->unchanged || s->revision == 0)
			continue;
		for (size_t j = 0; j < NITEMS(members); j++) {
			if (members[j] == 0 ||
			    (j > 0 && members[j] == members[0]))
				continue;
			posted[c.n] = s;
			columns_bigint(&c, s->store->tenant_id);
			columns_bigint(&c, members[j]);
			columns_bigint(&c, s->store->store_id);
			columns_int(&c, SOURCE_ORDER);
			columns_text(&c,
			    arena_printf(w->arena, "%" PRId64, s->order.id));
			columns_end_row(&c);
		}
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_HOLDING_LOAD, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		holding_add(w->arena, posted[pg_get_bigint(&rows, row, 0) - 1],
		    &rows, row);
	pg_done(&rows);
	return 0;
}

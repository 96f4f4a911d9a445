/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/settle.h"
#include "ledger/columns.h"
#include "ledger/outbox.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/vest.h"

struct holder {
	int64_t tenant_id, member_id;
	struct balance before, now;
};

struct due_lot {
	struct holder *holder;
	struct lot lot;
	int64_t store_id;
	int32_t version_id;
	const char *rule;
	struct posting posting;
};

struct vesting {
	struct pg *pg;
	struct arena *arena;
	int64_t now;
	struct holder *holders; /* by (tenant, member) */
	size_t nholders;
	struct due_lot *lots; /* by (tenant, member, date) */
	size_t nlots;
};

/* ---- loading --------------------------------------------------------------------- */

static int
holders_lock(struct vesting *v, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, v->arena);
	pg_instant(&p, v->now);
	pg_bigint(&p, VEST_LOTS_MAX);
	if (pg_ask(v->pg, SQL_VEST_LOCK, &p, &rows, e) == -1)
		return -1;
	v->nholders = (size_t)rows.n;
	v->holders = arena_array(v->arena, v->nholders, sizeof(*v->holders));
	for (int i = 0; i < rows.n; i++) {
		struct holder *h = &v->holders[i];

		h->tenant_id = pg_get_bigint(&rows, i, 0);
		h->member_id = pg_get_bigint(&rows, i, 1);
		h->before = rows_balance(&rows, i, 2);
		h->now = h->before;
	}
	pg_done(&rows);
	return 0;
}

/* The members as the statements' first two columns. */
static void
put_holders(const struct vesting *v, struct pg_params *p)
{
	size_t n = v->nholders;
	int64_t *tenants = arena_array(v->arena, n, sizeof(*tenants));
	int64_t *members = arena_array(v->arena, n, sizeof(*members));

	for (size_t i = 0; i < n; i++) {
		tenants[i] = v->holders[i].tenant_id;
		members[i] = v->holders[i].member_id;
	}
	pg_bigints(p, tenants, n);
	pg_bigints(p, members, n);
}

static int
lots_load(struct vesting *v, struct err *e)
{
	struct holder *h = v->holders;
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, v->arena);
	put_holders(v, &p);
	pg_instant(&p, v->now);
	pg_bigint(&p, VEST_LOTS_MAX);
	if (pg_ask(v->pg, SQL_VEST_LOTS, &p, &rows, e) == -1)
		return -1;
	v->nlots = (size_t)rows.n;
	v->lots = arena_array(v->arena, v->nlots, sizeof(*v->lots));
	for (int i = 0; i < rows.n; i++) {
		struct due_lot *l = &v->lots[i];
		int64_t tenant_id = pg_get_bigint(&rows, i, 0);
		int64_t member_id = pg_get_bigint(&rows, i, 1);

		/* Both lists are in the order of the member. */
		while (h->tenant_id != tenant_id || h->member_id != member_id)
			assert(++h < v->holders + v->nholders);
		l->holder = h;
		l->lot.lot_id = pg_get_bigint(&rows, i, 2);
		l->store_id = pg_get_bigint(&rows, i, 3);
		l->version_id = (int32_t)pg_get_bigint(&rows, i, 4);
		l->lot.remaining = pg_get_bigint(&rows, i, 5);
		l->lot.vests_at = pg_get_instant(&rows, i, 6);
		l->rule = rows_text(v->arena, &rows, i, 7);
	}
	pg_done(&rows);
	return 0;
}

/* ---- saving ---------------------------------------------------------------------- */

static void
lots_settle(struct vesting *v)
{
	for (size_t i = 0; i < v->nlots; i++) {
		struct due_lot *l = &v->lots[i];

		l->posting = settle_vest(&l->lot, &l->holder->now);
	}
}

static int
entries_post(const struct vesting *v, struct err *e)
{
	struct columns c;

	columns_init(&c, v->arena);
	for (size_t i = 0; i < v->nlots; i++) {
		const struct due_lot *l = &v->lots[i];

		columns_bigint(&c, l->holder->tenant_id);
		columns_bigint(&c, l->holder->member_id);
		columns_bigint(&c, l->store_id);
		columns_int(&c, SOURCE_LOT);
		columns_int(&c, (int32_t)l->posting.debit);
		columns_int(&c, (int32_t)l->posting.credit);
		columns_int(&c, 1); /* part */
		columns_int(&c, 1); /* revision: a lot vests once */
		columns_int(&c, l->version_id);
		columns_bigint(&c, l->posting.points);
		columns_bigint(&c, l->lot.lot_id);
		columns_instant(&c, l->lot.vests_at);
		columns_text(&c,
		    arena_printf(v->arena, "%lld", (long long)l->lot.lot_id));
		columns_text(&c, l->rule);
		columns_text(&c, NULL); /* no why */
		columns_end_row(&c);
	}
	return columns_tell(v->pg, SQL_ENTRY_POST, &c, e);
}

static int
lots_save(const struct vesting *v, struct err *e)
{
	struct columns c;

	columns_init(&c, v->arena);
	for (size_t i = 0; i < v->nlots; i++) {
		const struct due_lot *l = &v->lots[i];

		columns_bigint(&c, l->holder->tenant_id);
		columns_bigint(&c, l->lot.lot_id);
		columns_bool(&c, l->lot.vested);
		columns_bigint(&c, l->lot.remaining);
		columns_instant(&c, l->lot.vests_at);
		columns_end_row(&c);
	}
	return columns_tell(v->pg, SQL_LOT_CHANGE, &c, e);
}

/* Balances, then what the platforms are to be told of them. */
static int
balances_save(const struct vesting *v, struct err *e)
{
	struct columns c, told;

	columns_init(&c, v->arena);
	columns_init(&told, v->arena);
	for (size_t i = 0; i < v->nholders; i++) {
		const struct holder *h = &v->holders[i];
		const struct balance *x = &h->before, *y = &h->now;

		/* Locked, but its lots did not fit into this batch. */
		if (y->pending == x->pending)
			continue;
		outbox_row(&told, h->tenant_id, h->member_id);
		columns_bigint(&c, h->tenant_id);
		columns_bigint(&c, h->member_id);
		columns_int(&c, WALLET_POINTS);
		columns_bigint(&c, y->available - x->available);
		columns_bigint(&c, y->pending - x->pending);
		columns_bigint(&c, y->reserved - x->reserved);
		columns_bigint(&c, y->debt - x->debt);
		columns_bigint(&c, y->lifetime_earned - x->lifetime_earned);
		columns_end_row(&c);
	}
	if (columns_tell(v->pg, SQL_BALANCE_ADD, &c, e) == -1)
		return -1;
	return outbox_put(v->pg, &told, e);
}

static int
vest_locked(struct vesting *v, struct err *e)
{
	if (holders_lock(v, e) == -1)
		return -1;
	if (v->nholders == 0)
		return 0;
	if (lots_load(v, e) == -1)
		return -1;
	if (v->nlots == 0) /* somebody was quicker */
		return 0;
	lots_settle(v);
	if (entries_post(v, e) == -1 || lots_save(v, e) == -1)
		return -1;
	return balances_save(v, e);
}

int
vest_batch(
    struct pg *pg, struct arena *a, int64_t now, size_t *nlots, struct err *e)
{
	struct vesting v = { .pg = pg, .arena = a, .now = now };

	if (pg_begin(pg, e) == -1)
		return -1;
	if (vest_locked(&v, e) == -1) {
		pg_rollback(pg);
		return -1;
	}
	if (pg_commit(pg, e) == -1)
		return -1;
	*nlots = v.nlots;
	return 0;
}

int
vest_due(
    struct pg *pg, struct arena *a, int64_t now, int64_t *nlots, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	pg_instant(&p, now);
	if (pg_ask(pg, SQL_VEST_DUE, &p, &rows, e) == -1)
		return -1;
	*nlots = pg_get_bigint(&rows, 0, 0);
	pg_done(&rows);
	return 0;
}

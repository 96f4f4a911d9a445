/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/settle.h"
#include "ledger/balances.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/vest.h"

struct due_lot {
	struct member_balance *holder;
	struct plain_lot lot;
	int64_t store_id;
	int32_t version_id;
	const char *rule;
	struct posting posting;
};

struct vesting {
	const struct world *world;
	struct member_balance *holders; /* sorted by (tenant, member) */
	size_t nholders;
	struct due_lot *lots; /* sorted by (tenant, member, date) */
	size_t nlots;
};

/* ---- loading ------------------------------------------------------------- */

static int
holders_lock(struct vesting *v, struct err *e)
{
	struct pg_params p = { .arena = v->world->arena };
	struct pg_rows rows;

	pg_instant(&p, v->world->now);
	pg_bigint(&p, VEST_LOTS_MAX);
	if (pg_ask(v->world->pg, SQL_VEST_LOCK, &p, &rows, e) == -1)
		return -1;
	v->nholders = (size_t)rows.n;
	v->holders = arena_array(
	    v->world->arena, v->nholders, sizeof(*v->holders));
	for (int i = 0; i < rows.n; i++)
		v->holders[i] = balances_read(&rows, i);
	pg_done(&rows);
	return 0;
}

static int
lots_load(struct vesting *v, struct err *e)
{
	struct member_balance *h = v->holders;
	struct columns c = { .arena = v->world->arena };
	struct pg_params p = { .arena = v->world->arena };
	struct pg_rows rows;

	for (size_t i = 0; i < v->nholders; i++) {
		columns_bigint(&c, h[i].key.tenant_id);
		columns_bigint(&c, h[i].key.member_id);
		columns_end_row(&c);
	}
	columns_bind(&c, &p);
	pg_instant(&p, v->world->now);
	pg_bigint(&p, VEST_LOTS_MAX);
	if (pg_ask(v->world->pg, SQL_VEST_LOTS, &p, &rows, e) == -1)
		return -1;
	v->nlots = (size_t)rows.n;
	v->lots = arena_array(v->world->arena, v->nlots, sizeof(*v->lots));
	for (int i = 0; i < rows.n; i++) {
		struct due_lot *l = &v->lots[i];
		int64_t tenant_id = pg_get_bigint(&rows, i, 0);
		int64_t member_id = pg_get_bigint(&rows, i, 1);

		/* The lots and the balances are sorted by member. */
		while (h->key.tenant_id != tenant_id ||
		       h->key.member_id != member_id)
			assert(++h < v->holders + v->nholders);
		l->holder = h;
		l->lot.lot_id = pg_get_bigint(&rows, i, 2);
		l->store_id = pg_get_bigint(&rows, i, 3);
		l->version_id = (int32_t)pg_get_bigint(&rows, i, 4);
		l->lot.remaining = pg_get_bigint(&rows, i, 5);
		l->lot.vests_at = pg_get_instant(&rows, i, 6);
		l->rule = rows_text(v->world->arena, &rows, i, 7);
	}
	pg_done(&rows);
	return 0;
}

/* ---- saving -------------------------------------------------------------- */

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
	struct columns c = { .arena = v->world->arena };

	for (size_t i = 0; i < v->nlots; i++) {
		const struct due_lot *l = &v->lots[i];

		columns_bigint(&c, l->holder->key.tenant_id);
		columns_bigint(&c, l->holder->key.member_id);
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
		columns_text(&c, arena_printf(v->world->arena, "%lld",
		                     (long long)l->lot.lot_id));
		columns_text(&c, l->rule);
		columns_text(&c, NULL); /* vesting has no explanation */
		columns_end_row(&c);
	}
	return columns_tell(v->world->pg, SQL_ENTRY_POST, &c, e);
}

static int
lots_save(const struct vesting *v, struct err *e)
{
	struct columns c = { .arena = v->world->arena };

	for (size_t i = 0; i < v->nlots; i++) {
		const struct due_lot *l = &v->lots[i];

		columns_bigint(&c, l->holder->key.tenant_id);
		columns_bigint(&c, l->holder->key.member_id);
		columns_bigint(&c, l->lot.lot_id);
		columns_bool(&c, l->lot.vested);
		columns_bigint(&c, l->lot.remaining);
		columns_instant(&c, l->lot.vests_at);
		columns_end_row(&c);
	}
	return columns_tell(v->world->pg, SQL_LOT_CHANGE, &c, e);
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
	if (v->nlots == 0) /* another process has handled the lots */
		return 0;
	lots_settle(v);
	if (entries_post(v, e) == -1 || lots_save(v, e) == -1)
		return -1;
	return balances_save(v->world, v->holders, v->nholders, e);
}

int
vest_batch(const struct world *w, size_t *nlots, struct err *e)
{
	struct vesting v = { .world = w };

	if (pg_begin(w->pg, e) == -1)
		return -1;
	if (pg_end(w->pg, vest_locked(&v, e) == 0, e) == -1)
		return -1;
	*nlots = v.nlots;
	return 0;
}

int
vest_due(const struct world *w, int64_t *nlots, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_instant(&p, w->now);
	return pg_ask_bigint(w->pg, SQL_VEST_DUE, &p, nlots, e);
}

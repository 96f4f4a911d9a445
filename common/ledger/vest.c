/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/settle.h"
#include "ledger/outbox.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/vest.h"

enum {
	SOURCE_LOT = 2,    /* entry.source */
	VEST_POSTINGS = 2, /* of one lot: debt repaid, the rest available */
};

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
	struct posting posted[VEST_POSTINGS];
	size_t nposted;
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
		h->before = (struct balance){
			.available = pg_get_bigint(&rows, i, 2),
			.pending = pg_get_bigint(&rows, i, 3),
			.reserved = pg_get_bigint(&rows, i, 4),
			.debt = pg_get_bigint(&rows, i, 5),
			.lifetime_earned = pg_get_bigint(&rows, i, 6),
		};
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
	struct postings *p = arena_alloc(v->arena, sizeof(*p));

	for (size_t i = 0; i < v->nlots; i++) {
		struct due_lot *l = &v->lots[i];

		p->n = 0;
		settle_vest(&l->lot, &l->holder->now, p);
		assert(p->n > 0 && p->n <= VEST_POSTINGS);
		l->nposted = p->n;
		for (size_t j = 0; j < p->n; j++)
			l->posted[j] = p->list[j];
	}
}

/* What every entry of a lot says alike, and the columns of them all. */
struct columns {
	int64_t *tenants, *members, *stores, *points, *lots, *event_at;
	int32_t *sources, *debits, *credits, *parts, *revisions, *versions;
	struct str *source_ids, *rules, *whys;
	size_t n;
};

static void
columns_init(struct columns *c, struct arena *a, size_t most)
{
	int64_t **longs[] = { &c->tenants, &c->members, &c->stores, &c->points,
		&c->lots, &c->event_at };
	int32_t **ints[] = { &c->sources, &c->debits, &c->credits, &c->parts,
		&c->revisions, &c->versions };

	for (size_t i = 0; i < NITEMS(longs); i++)
		*longs[i] = arena_array(a, most, sizeof(int64_t));
	for (size_t i = 0; i < NITEMS(ints); i++)
		*ints[i] = arena_array(a, most, sizeof(int32_t));
	c->source_ids = arena_array(a, most, sizeof(struct str));
	c->rules = arena_array(a, most, sizeof(struct str));
	c->whys = arena_array(a, most, sizeof(struct str)); /* none */
	c->n = 0;
}

static void
columns_add(
    struct columns *c, struct arena *a, const struct due_lot *l, size_t part)
{
	size_t i = c->n++;

	c->tenants[i] = l->holder->tenant_id;
	c->members[i] = l->holder->member_id;
	c->stores[i] = l->store_id;
	c->sources[i] = SOURCE_LOT;
	c->debits[i] = (int32_t)l->posted[part].debit;
	c->credits[i] = (int32_t)l->posted[part].credit;
	c->parts[i] = (int32_t)part + 1;
	c->revisions[i] = 1; /* a lot vests once */
	c->versions[i] = l->version_id;
	c->points[i] = l->posted[part].points;
	c->lots[i] = l->lot.lot_id;
	c->event_at[i] = l->lot.vests_at;
	c->source_ids[i] = str_of(
	    arena_printf(a, "%lld", (long long)l->lot.lot_id));
	c->rules[i] = str_of(l->rule);
}

static int
entries_post(const struct vesting *v, struct err *e)
{
	struct columns c;
	struct pg_params p;

	columns_init(&c, v->arena, v->nlots * VEST_POSTINGS);
	for (size_t i = 0; i < v->nlots; i++)
		for (size_t j = 0; j < v->lots[i].nposted; j++)
			columns_add(&c, v->arena, &v->lots[i], j);
	pg_params(&p, v->arena);
	pg_bigints(&p, c.tenants, c.n);
	pg_bigints(&p, c.members, c.n);
	pg_bigints(&p, c.stores, c.n);
	pg_ints(&p, c.sources, c.n);
	pg_ints(&p, c.debits, c.n);
	pg_ints(&p, c.credits, c.n);
	pg_ints(&p, c.parts, c.n);
	pg_ints(&p, c.revisions, c.n);
	pg_ints(&p, c.versions, c.n);
	pg_bigints(&p, c.points, c.n);
	pg_bigints(&p, c.lots, c.n);
	pg_instants(&p, c.event_at, c.n);
	pg_strs(&p, c.source_ids, c.n);
	pg_strs(&p, c.rules, c.n);
	pg_strs(&p, c.whys, c.n);
	return pg_tell(v->pg, SQL_ENTRY_POST, &p, e);
}

static int
lots_save(const struct vesting *v, struct err *e)
{
	size_t n = v->nlots;
	int64_t *tenants = arena_array(v->arena, n, sizeof(*tenants));
	int64_t *ids = arena_array(v->arena, n, sizeof(*ids));
	bool *vested = arena_array(v->arena, n, sizeof(*vested));
	int64_t *remaining = arena_array(v->arena, n, sizeof(*remaining));
	int64_t *vests_at = arena_array(v->arena, n, sizeof(*vests_at));
	struct pg_params p;

	for (size_t i = 0; i < n; i++) {
		tenants[i] = v->lots[i].holder->tenant_id;
		ids[i] = v->lots[i].lot.lot_id;
		vested[i] = v->lots[i].lot.vested;
		remaining[i] = v->lots[i].lot.remaining;
		vests_at[i] = v->lots[i].lot.vests_at;
	}
	pg_params(&p, v->arena);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bools(&p, vested, n);
	pg_bigints(&p, remaining, n);
	pg_instants(&p, vests_at, n);
	return pg_tell(v->pg, SQL_LOT_CHANGE, &p, e);
}

/* Balances, then what the platforms are to be told of them. */
static int
balances_save(const struct vesting *v, struct err *e)
{
	int64_t *key[2], *change[5]; /* as the statement has them */
	int32_t *wallets = arena_array(v->arena, v->nholders, sizeof(*wallets));
	struct pg_params p;
	size_t n = 0;

	for (size_t i = 0; i < NITEMS(key); i++)
		key[i] = arena_array(v->arena, v->nholders, sizeof(int64_t));
	for (size_t i = 0; i < NITEMS(change); i++)
		change[i] = arena_array(v->arena, v->nholders, sizeof(int64_t));
	for (size_t i = 0; i < v->nholders; i++) {
		const struct holder *h = &v->holders[i];

		/* Locked, but its lots did not fit into this batch. */
		if (h->now.pending == h->before.pending)
			continue;
		key[0][n] = h->tenant_id;
		key[1][n] = h->member_id;
		wallets[n] = 1;
		change[0][n] = h->now.available - h->before.available;
		change[1][n] = h->now.pending - h->before.pending;
		change[2][n] = h->now.reserved - h->before.reserved;
		change[3][n] = h->now.debt - h->before.debt;
		change[4][n] = h->now.lifetime_earned -
		               h->before.lifetime_earned;
		n++;
	}
	pg_params(&p, v->arena);
	for (size_t i = 0; i < NITEMS(key); i++)
		pg_bigints(&p, key[i], n);
	pg_ints(&p, wallets, n);
	for (size_t i = 0; i < NITEMS(change); i++)
		pg_bigints(&p, change[i], n);
	if (pg_tell(v->pg, SQL_BALANCE_ADD, &p, e) == -1)
		return -1;
	return outbox_put(v->pg, v->arena, key[0], key[1], n, e);
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

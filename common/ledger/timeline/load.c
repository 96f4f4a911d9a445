/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"
#include "wire/event_json.h"
#include "wire/order_json.h"

/* ---- the members ---------------------------------------------------------------- */

static int
compare_keys(const void *a, const void *b)
{
	const struct member_key *x = a, *y = b;

	if (x->tenant_id != y->tenant_id)
		return x->tenant_id < y->tenant_id ? -1 : 1;
	return (x->member_id > y->member_id) - (x->member_id < y->member_id);
}

void
timeline_batch_init(struct timeline_batch *b, const struct timeline_world *w,
    const struct member_key *keys, size_t n)
{
	struct member_key *all = arena_array(w->arena, n + 1, sizeof(*all));

	*b = (struct timeline_batch){ .world = w };
	if (n > 0)
		memcpy(all, keys, n * sizeof(*all));
	qsort(all, n, sizeof(*all), compare_keys);
	b->members = arena_array(w->arena, n + 1, sizeof(*b->members));
	for (size_t i = 0; i < n; i++)
		if (b->n == 0 ||
		    compare_keys(&all[i], &b->members[b->n - 1].key) != 0)
			b->members[b->n++].key = all[i];
}

int64_t
timeline_steps_most(const struct timeline_world *w)
{
	return w->steps_most > 0 ? w->steps_most : TIMELINE_STEPS_MAX;
}

int64_t
timeline_alone_most(const struct timeline_world *w)
{
	return w->alone_most > 0 ? w->alone_most : TIMELINE_ALONE_STEPS_MAX;
}

const char *
timeline_too_long(
    const struct timeline_world *w, const struct timeline_member *m)
{
	return arena_printf(w->arena,
	    "what %zu orders and events come to takes more than %" PRId64
	    " steps to work out",
	    m->nfacts, timeline_steps_most(w));
}

void
timeline_set_aside(struct timeline_batch *b)
{
	const int64_t most = timeline_steps_most(b->world);
	size_t n = 0;

	if (b->aside == NULL)
		b->aside = arena_array(
		    b->world->arena, b->n + 1, sizeof(*b->aside));
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (m->steps_before > most || m->steps > most)
			b->aside[b->naside++] = *m;
		else
			b->members[n++] = *m;
	}
	b->n = n;
}

/* The first two parameters of every statement here. */
static void
member_params(const struct timeline_batch *b, struct pg_params *p)
{
	struct arena *a = b->world->arena;
	int64_t *tenants = arena_array(a, b->n + 1, sizeof(*tenants));
	int64_t *members = arena_array(a, b->n + 1, sizeof(*members));

	for (size_t i = 0; i < b->n; i++) {
		tenants[i] = b->members[i].key.tenant_id;
		members[i] = b->members[i].key.member_id;
	}
	pg_params(p, a);
	pg_bigints(p, tenants, b->n);
	pg_bigints(p, members, b->n);
}

/* One of the statements whose first column is the member's place. */
static int
ask(const struct timeline_batch *b, enum sql stmt, struct pg_rows *rows,
    struct err *e)
{
	struct pg_params p;

	member_params(b, &p);
	return pg_ask(b->world->pg, (int)stmt, &p, rows, e);
}

static struct timeline_member *
member_of(const struct timeline_batch *b, const struct pg_rows *rows, int row)
{
	size_t i = (size_t)pg_get_bigint(rows, row, 0) - 1;

	assert(i < b->n);
	return &b->members[i];
}

/* ---- locks ------------------------------------------------------------------------ */

static int
lock_balances(const struct timeline_batch *b, struct err *e)
{
	const struct timeline_world *w = b->world;
	int32_t *wallets = arena_array(w->arena, b->n + 1, sizeof(*wallets));
	struct pg_params p;
	struct pg_rows rows;
	int n;

	for (size_t i = 0; i < b->n; i++)
		wallets[i] = WALLET_POINTS;
	member_params(b, &p);
	pg_ints(&p, wallets, b->n);
	if (pg_ask(w->pg, SQL_BALANCE_LOCK, &p, &rows, e) == -1)
		return -1;
	n = rows.n;
	pg_done(&rows);
	if (n != (int)b->n)
		return err_set(e, FAULT_FATAL,
		    "%zu members, but %d balances: run loyald verify", b->n, n);
	return 0;
}

int
timeline_lock(const struct timeline_world *w, const struct member_key *keys,
    size_t n, struct err *e)
{
	struct timeline_batch b;

	timeline_batch_init(&b, w, keys, n);
	return lock_balances(&b, e);
}

static int
lock_members(const struct timeline_batch *b, struct err *e)
{
	struct pg_params p;

	if (lock_balances(b, e) == -1)
		return -1;
	member_params(b, &p);
	return pg_tell(b->world->pg, SQL_STATE_MAKE, &p, e);
}

static int
load_states(const struct timeline_batch *b, struct err *e)
{
	struct pg_rows rows;

	if (ask(b, SQL_STATE_LOCK, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct timeline_member *m = member_of(b, &rows, row);

		m->due_at = pg_get_instant(&rows, row, 1);
		m->steps_before = pg_get_bigint(&rows, row, 2);
		m->changed = pg_get_bigint(&rows, row, 3);
	}
	pg_done(&rows);
	return 0;
}

/* Sets aside members that took too many steps the last time, unloaded; REJECT
 * if the others took too many together. */
static int
leave_long(struct timeline_batch *b, struct err *e)
{
	int64_t sum = 0;

	timeline_set_aside(b);
	for (size_t i = 0; i < b->n; i++)
		sum += b->members[i].steps_before;
	if (b->n > 1 && sum > TIMELINE_BATCH_STEPS_MAX)
		return err_set(e, FAULT_REJECT, TOO_MANY, b->n);
	return 0;
}

static int
load_homes(const struct timeline_batch *b, struct err *e)
{
	struct pg_rows rows;

	if (ask(b, SQL_TIMELINE_HOME, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct timeline_member *m = member_of(b, &rows, row);

		m->store_id = pg_get_bigint(&rows, row, 1);
		m->revision = (int32_t)pg_get_bigint(&rows, row, 2);
	}
	pg_done(&rows);
	return 0;
}

/* ---- facts --------------------------------------------------------------------------- */

static struct kept_fact *
add_fact(const struct timeline_batch *b, struct timeline_member *m)
{
	m->facts = arena_grow(b->world->arena, m->facts, m->nfacts,
	    &m->facts_room, sizeof(*m->facts));
	m->facts[m->nfacts] = (struct kept_fact){ .refused = NULL };
	return &m->facts[m->nfacts++];
}

static int
compare_refunds(const void *a, const void *b)
{
	const struct order_refund *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* By time; those that say none happened when the order last changed. */
void
timeline_refunds(struct order *o)
{
	for (size_t i = 0; i < o->nrefunds; i++)
		if (o->refunds[i].at == 0)
			o->refunds[i].at = o->modified_at != 0 ? o->modified_at
			                                       : o->created_at;
	if (o->nrefunds > 1)
		qsort(o->refunds, o->nrefunds, sizeof(*o->refunds),
		    compare_refunds);
}

/* Reading takes steps as well: so many for a byte, by estimate. */
static void
loaded(struct timeline_member *m, struct str facts)
{
	enum {
		STEPS_OF_BYTE = 4,
	};

	m->steps += STEPS_OF_BYTE * (int64_t)facts.len;
}

/* The columns of timeline_orders.sql. */
enum {
	ORDER_STORE = 1,
	ORDER_ID,
	ORDER_FACTS,
	ORDER_VERSION,
	ORDER_POINTS,
	ORDER_REASON,
	ORDER_HELD,
};

static int
read_order(const struct timeline_batch *b, const struct pg_rows *rows, int row,
    struct err *e)
{
	struct arena *a = b->world->arena;
	struct timeline_member *m = member_of(b, rows, row);
	struct str facts = rows_str(a, rows, row, ORDER_FACTS);
	struct kept_fact *k = add_fact(b, m);
	struct order *o = arena_alloc(a, sizeof(*o));

	k->order_id = pg_get_bigint(rows, row, ORDER_ID);
	loaded(m, facts);
	if (order_parse(a, facts, o, e) == -1)
		return err_wrap(
		    e, "the facts kept of order %" PRId64, k->order_id);
	*o = order_counted(a, o);
	timeline_refunds(o);
	k->version_id = (int32_t)pg_get_bigint(rows, row, ORDER_VERSION);
	k->points = pg_get_bigint(rows, row, ORDER_POINTS);
	k->reason = rows_text(a, rows, row, ORDER_REASON);
	k->order = o;
	k->fact = (struct fact){
		.kind = FACT_ORDER,
		.at = o->created_at,
		.store_id = pg_get_bigint(rows, row, ORDER_STORE),
		.id = arena_printf(a, "%" PRId64, k->order_id),
		.order = o,
		.held = pg_get_bool(rows, row, ORDER_HELD),
	};
	return 0;
}

static int
load_orders(const struct timeline_batch *b, struct err *e)
{
	struct pg_rows rows;
	int ret = 0;

	if (ask(b, SQL_TIMELINE_ORDERS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++)
		ret = read_order(b, &rows, row, e);
	pg_done(&rows);
	return ret;
}

/* The columns of timeline_facts.sql. */
enum {
	FACT_STORE = 1,
	FACT_KIND,
	FACT_ID,
	FACT_FACTS,
	FACT_VERSION,
	FACT_HELD,
};

static int
read_fact(const struct timeline_batch *b, const struct pg_rows *rows, int row,
    struct err *e)
{
	struct arena *a = b->world->arena;
	struct timeline_member *m = member_of(b, rows, row);
	struct str facts = rows_str(a, rows, row, FACT_FACTS);
	struct kept_fact *k = add_fact(b, m);
	const char *id = rows_text(a, rows, row, FACT_ID);

	loaded(m, facts);
	if (fact_parse(a, facts, &k->fact, e) == -1)
		return err_wrap(e, "the fact kept as %s", id);
	k->fact.kind = (enum fact_kind)pg_get_bigint(rows, row, FACT_KIND);
	k->fact.store_id = pg_get_bigint(rows, row, FACT_STORE);
	k->fact.id = id;
	k->fact.held = pg_get_bool(rows, row, FACT_HELD);
	k->version_id = (int32_t)pg_get_bigint(rows, row, FACT_VERSION);
	return 0;
}

static int
load_facts(const struct timeline_batch *b, struct err *e)
{
	struct pg_rows rows;
	int ret = 0;

	if (ask(b, SQL_TIMELINE_FACTS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++)
		ret = read_fact(b, &rows, row, e);
	pg_done(&rows);
	for (size_t i = 0; i < b->n && ret == 0; i++)
		if (b->members[i].nfacts > FACTS_MAX)
			ret = err_set(e, FAULT_REJECT,
			    "member %" PRId64 " has more than %d facts",
			    b->members[i].key.member_id, FACTS_MAX);
	return ret;
}

/* ---- what stands ------------------------------------------------------------------------- */

/* The columns of timeline_lots.sql. */
enum {
	LOT_ID = 1,
	LOT_STORE,
	LOT_SOURCE,
	LOT_SOURCE_ID,
	LOT_RULE,
	LOT_WALLET,
	LOT_VERSION,
	LOT_VESTED,
	LOT_REMAINING,
	LOT_EARNED,
	LOT_VESTS,
	LOT_EXPIRES,
};

static void
read_lot(const struct timeline_batch *b, const struct pg_rows *rows, int row)
{
	struct timeline_member *m = member_of(b, rows, row);
	struct arena *a = b->world->arena;
	int64_t expires_at = pg_get_instant(rows, row, LOT_EXPIRES);

	m->lots = arena_grow(
	    a, m->lots, m->nlots, &m->lots_room, sizeof(*m->lots));
	m->lots[m->nlots++] = (struct kept_lot){
		.wallet = (int16_t)pg_get_bigint(rows, row, LOT_WALLET),
		.parcel = {
			.source = (enum source_kind)pg_get_bigint(
			    rows, row, LOT_SOURCE),
			.store_id = pg_get_bigint(rows, row, LOT_STORE),
			.source_id = rows_text(a, rows, row, LOT_SOURCE_ID),
			.rule = rows_text(a, rows, row, LOT_RULE),
			.version_id = (int32_t)pg_get_bigint(
			    rows, row, LOT_VERSION),
			.remaining = pg_get_bigint(rows, row, LOT_REMAINING),
			.earned_at = pg_get_instant(rows, row, LOT_EARNED),
			.vests_at = pg_get_instant(rows, row, LOT_VESTS),
			.expires_at = expires_at ? expires_at : INSTANT_NEVER,
			.vested = pg_get_bool(rows, row, LOT_VESTED),
			.lot_id = pg_get_bigint(rows, row, LOT_ID),
		},
	};
}

/* The columns of timeline_stands.sql. */
enum {
	STANDS_SOURCE = 1,
	STANDS_STORE,
	STANDS_SOURCE_ID,
	STANDS_RULE,
	STANDS_WALLET,
	STANDS_PARTY,
	STANDS_DEBIT,
	STANDS_CREDIT,
	STANDS_LOT,
	STANDS_UNITS,
	STANDS_AT,
	STANDS_VERSION,
};

static void
read_standing(
    const struct timeline_batch *b, const struct pg_rows *rows, int row)
{
	struct timeline_member *m = member_of(b, rows, row);
	struct arena *a = b->world->arena;

	m->has = arena_grow(a, m->has, m->nhas, &m->has_room, sizeof(*m->has));
	m->has[m->nhas++] = (struct standing){
		.source = (enum source_kind)pg_get_bigint(
		    rows, row, STANDS_SOURCE),
		.store_id = pg_get_bigint(rows, row, STANDS_STORE),
		.source_id = rows_text(a, rows, row, STANDS_SOURCE_ID),
		.rule = rows_text(a, rows, row, STANDS_RULE),
		.wallet = (int16_t)pg_get_bigint(rows, row, STANDS_WALLET),
		.party = rows_text(a, rows, row, STANDS_PARTY),
		.debit = (enum account)pg_get_bigint(rows, row, STANDS_DEBIT),
		.credit = (enum account)pg_get_bigint(rows, row, STANDS_CREDIT),
		.lot_id = pg_get_bigint(rows, row, STANDS_LOT),
		.units = pg_get_bigint(rows, row, STANDS_UNITS),
		.at = pg_get_instant(rows, row, STANDS_AT),
		.version_id = (int32_t)pg_get_bigint(rows, row, STANDS_VERSION),
	};
}

static int
load_ledger(const struct timeline_batch *b, struct err *e)
{
	struct pg_rows rows;

	if (ask(b, SQL_TIMELINE_LOTS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		read_lot(b, &rows, row);
	pg_done(&rows);
	if (ask(b, SQL_TIMELINE_STANDS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		read_standing(b, &rows, row);
	pg_done(&rows);
	if (ask(b, SQL_TIMELINE_TIERS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++)
		member_of(b, &rows, row)->tiers_kept = pg_get_bigint(
		    &rows, row, 1);
	pg_done(&rows);
	return 0;
}

static int
load_balances(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	struct pg_rows rows;

	if (ask(b, SQL_TIMELINE_BALANCES, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct timeline_member *m = member_of(b, &rows, row);

		m->balances = arena_grow(a, m->balances, m->nbalances,
		    &m->balances_room, sizeof(*m->balances));
		m->balances[m->nbalances++] = (struct wallet_balance){
			.wallet = (int16_t)pg_get_bigint(&rows, row, 1),
			.balance = {
				.available = pg_get_bigint(&rows, row, 2),
				.pending = pg_get_bigint(&rows, row, 3),
				.reserved = pg_get_bigint(&rows, row, 4),
				.debt = pg_get_bigint(&rows, row, 5),
				.lifetime_earned = pg_get_bigint(
				    &rows, row, 6),
			},
		};
	}
	pg_done(&rows);
	return 0;
}

static int
load_wallets(struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	int64_t *tenants = arena_array(a, b->n + 1, sizeof(*tenants));
	struct pg_params p;
	struct pg_rows rows;
	size_t n = 0;

	/* Members are by tenant. */
	for (size_t i = 0; i < b->n; i++)
		if (n == 0 || tenants[n - 1] != b->members[i].key.tenant_id)
			tenants[n++] = b->members[i].key.tenant_id;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	if (pg_ask(b->world->pg, SQL_WALLETS_LOAD, &p, &rows, e) == -1)
		return -1;
	b->nwallets = (size_t)rows.n;
	b->wallets = arena_array(a, b->nwallets + 1, sizeof(*b->wallets));
	for (int row = 0; row < rows.n; row++)
		b->wallets[row] = (struct wallet_number){
			.tenant_id = pg_get_bigint(&rows, row, 0),
			.number = (int16_t)pg_get_bigint(&rows, row, 1),
			.id = rows_text(a, &rows, row, 2),
		};
	pg_done(&rows);
	return 0;
}

/* Only where there are charities. */
static int
load_payouts(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	struct pg_rows rows;

	if (!programs_give_away(b->world->programs, b->world->nprograms))
		return 0;
	if (ask(b, SQL_TIMELINE_PAYOUTS, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		struct timeline_member *m = member_of(b, &rows, row);

		m->payouts = arena_grow(a, m->payouts, m->npayouts,
		    &m->payouts_room, sizeof(*m->payouts));
		m->payouts[m->npayouts++] = (struct payout){
			.charity = rows_text(a, &rows, row, 1),
			.at = pg_get_instant(&rows, row, 2),
			.is_posted = pg_get_bool(&rows, row, 3),
			.units = pg_get_bigint(&rows, row, 4),
			.moved = pg_get_bool(&rows, row, 5),
		};
	}
	pg_done(&rows);
	return 0;
}

int16_t
timeline_wallet(
    const struct timeline_batch *b, int64_t tenant_id, const char *id)
{
	for (size_t i = 0; i < b->nwallets; i++)
		if (b->wallets[i].tenant_id == tenant_id &&
		    strcmp(b->wallets[i].id, id) == 0)
			return b->wallets[i].number;
	return 0;
}

int
timeline_load(struct timeline_batch *b, bool lock, struct err *e)
{
	if (lock && (lock_members(b, e) == -1 || load_states(b, e) == -1 ||
	                leave_long(b, e) == -1))
		return -1;
	if (load_wallets(b, e) == -1 || load_homes(b, e) == -1 ||
	    timeline_budgets_load(b, lock, e) == -1 ||
	    load_payouts(b, e) == -1 || load_orders(b, e) == -1 ||
	    load_facts(b, e) == -1 || timeline_referrals(b, e) == -1)
		return -1;
	if ((lock || b->nbudgets > 0) && load_ledger(b, e) == -1)
		return -1;
	if (lock && load_balances(b, e) == -1)
		return -1;
	return timeline_products(b, lock, e);
}

int
timeline_load_standing(struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];

		m->nlots = m->nhas = m->nbalances = 0;
		m->revision = 0;
	}
	if (lock_members(b, e) == -1 || load_states(b, e) == -1 ||
	    load_homes(b, e) == -1 || timeline_budgets_load(b, true, e) == -1 ||
	    load_ledger(b, e) == -1)
		return -1;
	return load_balances(b, e);
}

/* SPDX-License-Identifier: MIT */
/*
 * Loads what the ledger has for a batch's members: lots, sums of entries, the
 * number of tier changes, balances.
 */
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

/* Columns in the result of timeline_lots.sql. */
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

int
timeline_read_lot(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	struct lot *p = arena_alloc(a, sizeof(*p));
	int64_t expires_at = pg_get_instant(rows, row, LOT_EXPIRES);

	(void)e;
	m->lots = arena_grow(
	    a, m->lots, m->nlots, &m->lots_room, sizeof(*m->lots));
	m->lots[m->nlots++] = (struct kept_lot){
		.wallet = (int16_t)pg_get_bigint(rows, row, LOT_WALLET),
		.lot = p,
	};
	*p = (struct lot){
		.source = (enum source_kind)pg_get_bigint(
		    rows, row, LOT_SOURCE),
		.store_id = pg_get_bigint(rows, row, LOT_STORE),
		.source_id = rows_text(a, rows, row, LOT_SOURCE_ID),
		.rule = rows_text(a, rows, row, LOT_RULE),
		.version_id = (int32_t)pg_get_bigint(rows, row, LOT_VERSION),
		.remaining = pg_get_bigint(rows, row, LOT_REMAINING),
		.earned_at = pg_get_instant(rows, row, LOT_EARNED),
		.vests_at = pg_get_instant(rows, row, LOT_VESTS),
		.expires_at = expires_at ? expires_at : INSTANT_NEVER,
		.vested = pg_get_bool(rows, row, LOT_VESTED),
		.lot_id = pg_get_bigint(rows, row, LOT_ID),
	};
	return 0;
}

/* Columns in the result of timeline_stands.sql. */
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

int
timeline_read_posted(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	(void)e;
	m->posted = arena_grow(
	    a, m->posted, m->nposted, &m->posted_room, sizeof(*m->posted));
	m->posted[m->nposted++] = (struct folded_entry){
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
	return 0;
}

int
timeline_read_tiers(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	(void)a;
	(void)e;
	m->tiers_kept = pg_get_bigint(rows, row, 1);
	return 0;
}

int
timeline_read_balance(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	(void)e;
	m->balances = arena_grow(a, m->balances, m->nbalances,
	    &m->balances_room, sizeof(*m->balances));
	m->balances[m->nbalances++] = (struct wallet_balance){
		.wallet = (int16_t)pg_get_bigint(rows, row, 1),
		.balance = rows_balance(rows, row, 2),
	};
	return 0;
}

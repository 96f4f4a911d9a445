/* SPDX-License-Identifier: MIT */
/*
 * Loads what the ledger has for a batch's members: lots, sums of entries,
 * balances.
 */
#include <stdlib.h>

#include "ledger/rows.h"
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
    const struct pg_rows *rows, int row, struct err *)
{
	struct lot *p = arena_alloc(a, sizeof(*p));
	int64_t expires_at = pg_get_instant(rows, row, LOT_EXPIRES);

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
	STANDS_REVISION,
};

int
timeline_read_posted(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	int32_t revision = (int32_t)pg_get_bigint(rows, row, STANDS_REVISION);
	int64_t source = pg_get_bigint(rows, row, STANDS_SOURCE);

	if (revision > m->revision)
		m->revision = revision;
	/* Other sources are not the timeline's. */
	if (source > SOURCE_ADJUSTMENT)
		return 0;
	m->posted = arena_grow(
	    a, m->posted, m->nposted, &m->posted_room, sizeof(*m->posted));
	m->posted[m->nposted++] = (struct folded_entry){
		.source = (enum source_kind)source,
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

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
sum_posted(struct timeline_member *m)
{
	struct folded_entry *all = m->posted;
	size_t k = 0, n = m->nposted;

	if (n > 1)
		qsort(all, n, sizeof(*all), timeline_compare_entries);
	for (size_t i = 0, j; i < n; i = j) {
		struct folded_entry sum = all[i];

		for (j = i + 1;
		     j < n && timeline_compare_entries(&all[i], &all[j]) == 0;
		     j++) {
			const struct folded_entry *x = &all[j];

			sum.units += x->units;
			sum.lot_id = larger(sum.lot_id, x->lot_id);
			sum.at = larger(sum.at, x->at);
			sum.version_id = (int32_t)larger(
			    sum.version_id, x->version_id);
		}
		if (sum.units != 0)
			all[k++] = sum;
	}
	m->nposted = k;
}

/* The lot of points that an order gave and that were available at once; NULL:
 * the entry is of no such lot. */
static struct lot *
lot_of_entry(struct arena *a, const struct folded_entry *x)
{
	struct lot *p;

	if (x->source != SOURCE_ORDER || x->wallet != WALLET_POINTS ||
	    x->debit != ACCOUNT_ISSUED || x->credit != ACCOUNT_AVAILABLE ||
	    x->lot_id == 0)
		return NULL;
	p = arena_alloc(a, sizeof(*p));
	*p = (struct lot){
		.source = x->source,
		.store_id = x->store_id,
		.source_id = x->source_id,
		.rule = x->rule,
		.version_id = x->version_id,
		.remaining = x->units,
		.earned_at = x->at,
		.vests_at = x->at,
		.expires_at = INSTANT_NEVER,
		.vested = true,
		.lot_id = x->lot_id,
	};
	return p;
}

/* Adds the lots that have no row, because the member had no timeline. */
static void
add_unkept_lots(struct arena *a, struct timeline_member *m)
{
	size_t known = m->nlots;

	if (m->seam.at != 0)
		return;
	if (known > 1)
		qsort(m->lots, known, sizeof(*m->lots), timeline_compare_lots);
	for (size_t i = 0; i < m->nposted; i++) {
		struct kept_lot l = {
			.lot = lot_of_entry(a, &m->posted[i]),
			.wallet = WALLET_POINTS,
			.fresh = true,
		};

		if (l.lot == NULL ||
		    (known > 0 && bsearch(&l, m->lots, known, sizeof(l),
		                      timeline_compare_lots) != NULL))
			continue;
		m->lots = arena_grow(
		    a, m->lots, m->nlots, &m->lots_room, sizeof(*m->lots));
		m->lots[m->nlots++] = l;
	}
}

void
timeline_sum_posted(struct timeline_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		sum_posted(&b->members[i]);
		add_unkept_lots(b->world->arena, &b->members[i]);
	}
}

int
timeline_read_balance(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	m->balances = arena_grow(a, m->balances, m->nbalances,
	    &m->balances_room, sizeof(*m->balances));
	m->balances[m->nbalances++] = (struct wallet_balance){
		.wallet = (int16_t)pg_get_bigint(rows, row, 1),
		.balance = rows_balance(rows, row, 2),
	};
	return 0;
}

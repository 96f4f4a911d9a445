/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ledger/balances.h"
#include "ledger/outbox.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

struct member_balance
balances_read(const struct pg_rows *rows, int row)
{
	struct balance b = rows_balance(rows, row, 2);

	return (struct member_balance){
		.key = { pg_get_bigint(rows, row, 0),
		    pg_get_bigint(rows, row, 1) },
		.before = b,
		.now = b,
	};
}

void
balances_cells(struct columns *c, const struct member_key *key, int16_t wallet,
    const struct balance *b)
{
	columns_bigint(c, key->tenant_id);
	columns_bigint(c, key->member_id);
	columns_int(c, wallet);
	columns_bigint(c, b->available);
	columns_bigint(c, b->pending);
	columns_bigint(c, b->reserved);
	columns_bigint(c, b->debt);
	columns_bigint(c, b->lifetime_earned);
}

void
balances_row(struct columns *c, const struct member_key *key, int16_t wallet,
    const struct balance *b, int64_t version)
{
	balances_cells(c, key, wallet, b);
	columns_bigint(c, version);
	columns_end_row(c);
}

static struct balance
difference(const struct balance *from, const struct balance *to)
{
	return (struct balance){
		.available = to->available - from->available,
		.pending = to->pending - from->pending,
		.reserved = to->reserved - from->reserved,
		.debt = to->debt - from->debt,
		.lifetime_earned = to->lifetime_earned - from->lifetime_earned,
	};
}

int
balances_save(const struct world *w, const struct member_balance *list,
    size_t n, struct err *e)
{
	struct columns made, added, told, first;

	columns_init(&made, w->arena);
	columns_init(&added, w->arena);
	columns_init(&told, w->arena);
	columns_init(&first, w->arena);
	for (size_t i = 0; i < n; i++) {
		const struct member_key *key = &list[i].key;
		const struct balance *x = &list[i].before, *y = &list[i].now;
		const struct balance more = difference(x, y);
		bool changed = memcmp(x, y, sizeof(*x)) != 0;

		if (list[i].fresh && !list[i].waits)
			balances_row(&made, key, WALLET_POINTS, y, changed);
		if (!changed)
			continue;
		if (list[i].fresh && list[i].made.customer_id != 0)
			outbox_first(&first, &list[i].made, y);
		else
			outbox_row(&told, key->tenant_id, key->member_id);
		if (list[i].fresh)
			continue;
		balances_cells(&added, key, WALLET_POINTS, &more);
		columns_end_row(&added);
	}
	if (columns_tell(w->pg, SQL_BALANCE_MAKE, &made, e) == -1 ||
	    columns_tell(w->pg, SQL_BALANCE_ADD, &added, e) == -1 ||
	    columns_tell(w->pg, SQL_OUTBOX_ADD, &first, e) == -1)
		return -1;
	return outbox_put(w->pg, &told, e);
}

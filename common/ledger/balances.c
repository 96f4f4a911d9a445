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

int
balances_save(const struct world *w, const struct member_balance *list,
    size_t n, struct err *e)
{
	struct columns c, told;

	columns_init(&c, w->arena);
	columns_init(&told, w->arena);
	for (size_t i = 0; i < n; i++) {
		const struct member_key *key = &list[i].key;
		const struct balance *x = &list[i].before, *y = &list[i].now;

		if (memcmp(x, y, sizeof(*x)) == 0)
			continue;
		outbox_row(&told, key->tenant_id, key->member_id);
		columns_bigint(&c, key->tenant_id);
		columns_bigint(&c, key->member_id);
		columns_int(&c, WALLET_POINTS);
		columns_bigint(&c, y->available - x->available);
		columns_bigint(&c, y->pending - x->pending);
		columns_bigint(&c, y->reserved - x->reserved);
		columns_bigint(&c, y->debt - x->debt);
		columns_bigint(&c, y->lifetime_earned - x->lifetime_earned);
		columns_end_row(&c);
	}
	if (columns_tell(w->pg, SQL_BALANCE_ADD, &c, e) == -1)
		return -1;
	return outbox_put(w->pg, &told, e);
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ledger/balances.h"
#include "ledger/owner.h"
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

static void
cells(struct columns *c, const struct member_key *key, int16_t wallet,
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
balances_put_row(struct columns *c, const struct member_key *key,
    int16_t wallet, const struct balance *b)
{
	cells(c, key, wallet, b);
	columns_int(c, wallet == WALLET_POINTS ? OWNER_CUSTOMER : OWNER_NOBODY);
	columns_end_row(c);
}

void
balances_make_row(struct columns *c, const struct member_made *of,
    int16_t wallet, const struct balance *b, int64_t version)
{
	cells(c, &of->key, wallet, b);
	columns_bigint(c, version);
	columns_bigint(c, of->store_id);
	columns_bigint(c, wallet == WALLET_POINTS ? of->customer_id : 0);
	columns_end_row(c);
}

int
balances_save(const struct world *w, const struct member_balance *list,
    size_t n, struct err *e)
{
	struct columns made = { .arena = w->arena }, put = made;

	for (size_t i = 0; i < n; i++) {
		const struct member_balance *m = &list[i];
		bool changed = memcmp(&m->before, &m->now, sizeof(m->now)) != 0;

		if (m->fresh && !m->waits)
			balances_make_row(&made,
			    &(struct member_made){
			        m->key, m->store_id, m->customer_id },
			    WALLET_POINTS, &m->now, changed);
		else if (!m->fresh && changed)
			balances_put_row(&put, &m->key, WALLET_POINTS, &m->now);
	}
	if (columns_tell(w->pg, SQL_BALANCE_MAKE, &made, e) == -1)
		return -1;
	return columns_tell(w->pg, SQL_BALANCE_PUT, &put, e);
}

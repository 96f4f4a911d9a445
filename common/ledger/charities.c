/* SPDX-License-Identifier: MIT */
#include "ledger/charities.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

int
charities_list(struct pg *pg, struct arena *a, int64_t store_id,
    struct charity_row **out, size_t *n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct charity_row *list;

	pg_params(&p, a);
	pg_bigint(&p, store_id);
	if (pg_ask(pg, SQL_CHARITY_LIST, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n + 1, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct charity_row){
			.charity = rows_text(a, &rows, i, 0),
			.wallet = {
				.unit = (enum wallet_unit)pg_get_bigint(
				    &rows, i, 1),
				.exponent = (int)pg_get_bigint(&rows, i, 2),
			},
			.owed = pg_get_bigint(&rows, i, 3),
			.paid = pg_get_bigint(&rows, i, 4),
			.open = pg_get_bigint(&rows, i, 5),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
charity_pay(struct pg *pg, struct arena *a, int64_t store_id,
    const char *charity, int64_t at, const char *by, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	bool done;

	pg_params(&p, a);
	pg_bigint(&p, store_id);
	pg_text(&p, charity);
	pg_instant(&p, at);
	pg_text(&p, by);
	if (pg_ask(pg, SQL_PAYOUT_ADD, &p, &rows, e) == -1)
		return -1;
	done = rows.n > 0;
	pg_done(&rows);
	return done ? 0
	            : err_set(e, FAULT_REJECT,
	                  "charity %s is owed nothing by store %lld, or its "
	                  "last payout is still to be posted",
	                  charity, (long long)store_id);
}

int
payouts_post(struct pg *pg, struct arena *a, size_t *n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	if (pg_begin(pg, e) == -1)
		return -1;
	pg_params(&p, a);
	pg_bigint(&p, PAYOUTS_MAX);
	if (pg_ask(pg, SQL_PAYOUT_POST, &p, &rows, e) == -1) {
		pg_rollback(pg);
		return -1;
	}
	*n = (size_t)rows.n;
	pg_done(&rows);
	return pg_commit(pg, e);
}

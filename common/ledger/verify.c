/* SPDX-License-Identifier: MIT */
#include "ledger/verify.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

/* Each check is a statement that returns a row for each thing that is wrong:
 * the tenant, the thing, and what is wrong with it. */
static const struct {
	const char *name;
	enum sql stmt;
} checks[] = {
	{ "balances", SQL_VERIFY_BALANCES },
	{ "members", SQL_VERIFY_MEMBERS },
	{ "lots", SQL_VERIFY_LOTS },
	{ "lot_sums", SQL_VERIFY_LOT_SUMS },
	{ "orders", SQL_VERIFY_ORDERS },
	{ "rules", SQL_VERIFY_RULES },
	{ "transactions", SQL_VERIFY_TRANSACTIONS },
	{ "versions", SQL_VERIFY_VERSIONS },
	{ "wallets", SQL_VERIFY_WALLETS },
	{ "charities", SQL_VERIFY_CHARITIES },
	{ "facts", SQL_VERIFY_FACTS },
	{ "forever", SQL_VERIFY_FOREVER },
};

static int
count(struct pg *pg, struct verification *v, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, SQL_VERIFY_COUNTS, NULL, &rows, e) == -1)
		return -1;
	v->members = pg_get_bigint(&rows, 0, 0);
	v->transactions = pg_get_bigint(&rows, 0, 1);
	v->entries = pg_get_bigint(&rows, 0, 2);
	pg_done(&rows);
	return 0;
}

static int
check(struct pg *pg, struct arena *a, size_t i, struct verification *v,
    struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	pg_bigint(&p, PROBLEMS_MAX);
	if (pg_ask(pg, (int)checks[i].stmt, &p, &rows, e) == -1)
		return err_wrap(e, "check %s", checks[i].name);
	for (int row = 0; row < rows.n; row++)
		v->problems[v->nproblems++] = (struct problem){
			.tenant_id = pg_get_bigint(&rows, row, 0),
			.check = checks[i].name,
			.what = rows_text(a, &rows, row, 1),
			.detail = rows_text(a, &rows, row, 2),
		};
	pg_done(&rows);
	return 0;
}

static int
check_all(struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	struct pg_params none;

	pg_params(&none, a);
	if (pg_tell(pg, SQL_VERIFY_SNAPSHOT, &none, e) == -1 ||
	    pg_tell(pg, SQL_VERIFY_PATIENCE, &none, e) == -1 ||
	    count(pg, v, e) == -1)
		return -1;
	for (size_t i = 0; i < NITEMS(checks); i++)
		if (check(pg, a, i, v, e) == -1)
			return -1;
	return 0;
}

int
ledger_verify(
    struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	*v = (struct verification){
		.problems = arena_array(
		    a, NITEMS(checks) * PROBLEMS_MAX, sizeof(*v->problems)),
	};
	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg, check_all(pg, a, v, e) == 0, e);
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/timeline.h"
#include "ledger/verify.h"
#include "wire/order_json.h"

enum {
	PAGE = 500, /* orders that are read at a time */
};

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
	{ "rewards", SQL_VERIFY_REWARDS },
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
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

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

/* ---- what is kept of orders ------------------------------------------- */

/* The key of an order.  The orders that are read next have keys above this
 * key. */
struct place {
	int64_t tenant_id, store_id, order_id;
};

static int
page_load(struct pg *pg, struct arena *a, const struct place *behind,
    struct pg_rows *rows, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, behind->tenant_id);
	pg_bigint(&p, behind->store_id);
	pg_bigint(&p, behind->order_id);
	pg_bigint(&p, PAGE);
	return pg_ask(pg, SQL_VERIFY_KEPT, &p, rows, e);
}

/* Reads what is kept of an order, as work does.  `scratch` is for the order,
 * and `a` for the problem. */
static void
kept_check(struct arena *a, struct arena *scratch, const struct place *at,
    struct str kept, struct verification *v)
{
	struct order o = { 0 };
	struct err why;

	if (order_unpack(scratch, kept, &o, &why) == 0) {
		if (o.id == at->order_id)
			return;
		err_set(&why, FAULT_REJECT, "it is of order %" PRId64, o.id);
	}
	v->problems[v->nproblems++] = (struct problem){
		.tenant_id = at->tenant_id,
		.check = "kept",
		.what = arena_printf(a, "order %" PRId64 " of store %" PRId64,
		    at->order_id, at->store_id),
		.detail = arena_printf(a,
		    "what is kept of it cannot be read (%s): its deliveries "
		    "become dead letters until its row of order_state is taken "
		    "from a backup, and loyald dlq replay posts them then",
		    why.msg),
	};
}

static int
check_kept(
    struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	size_t most = v->nproblems + PROBLEMS_MAX;
	struct place at = { .tenant_id = INT64_MIN };
	struct arena page;
	struct pg_rows rows;
	int n = PAGE;

	arena_init(&page);
	while (n == PAGE && v->nproblems < most) {
		arena_reset(&page);
		if (page_load(pg, &page, &at, &rows, e) == -1) {
			arena_fini(&page);
			return err_wrap(e, "check kept");
		}
		n = rows.n;
		for (int i = 0; i < n && v->nproblems < most; i++) {
			at = (struct place){ pg_get_bigint(&rows, i, 0),
				pg_get_bigint(&rows, i, 1),
				pg_get_bigint(&rows, i, 2) };
			kept_check(a, &page, &at, rows_order(&rows, i, 3), v);
		}
		pg_done(&rows);
	}
	arena_fini(&page);
	return 0;
}

/* ------------------------------------------------------------------------ */

/* Folds some long timelines as a whole, and reports seams that differ. */
static int
check_seams(
    struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	struct world w = { .pg = pg, .arena = a };
	struct timeline_lie lies[SEAMS_MAX];
	struct store *stores;
	size_t n;

	if (stores_load(pg, a, NULL, &stores, &w.nstores, e) == -1)
		return -1;
	w.stores = stores;
	if (programs_load(&w, a, e) == -1 ||
	    timeline_seams_verify(&w, lies, &n, e) == -1)
		return err_wrap(e, "check seams");
	for (size_t i = 0; i < n; i++)
		v->problems[v->nproblems++] = (struct problem){
			.tenant_id = lies[i].key.tenant_id,
			.check = "seams",
			.what = lies[i].what,
			.detail = "what is kept of the timeline's past is not "
			          "what the past comes to: delete "
			          "member_state.seam",
		};
	return 0;
}

static int
check_all(struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	if (pg_tell(pg, SQL_VERIFY_SNAPSHOT, NULL, e) == -1 ||
	    pg_tell(pg, SQL_VERIFY_PATIENCE, NULL, e) == -1 ||
	    count(pg, v, e) == -1)
		return -1;
	for (size_t i = 0; i < NITEMS(checks); i++)
		if (check(pg, a, i, v, e) == -1)
			return -1;
	return check_kept(pg, a, v, e) == -1 ? -1 : check_seams(pg, a, v, e);
}

int
ledger_verify(
    struct pg *pg, struct arena *a, struct verification *v, struct err *e)
{
	*v = (struct verification){
		.problems = arena_array(a,
		    (NITEMS(checks) + 1) * PROBLEMS_MAX + SEAMS_MAX,
		    sizeof(*v->problems)),
	};
	if (pg_begin(pg, e) == -1)
		return -1;
	return pg_end(pg, check_all(pg, a, v, e) == 0, e);
}

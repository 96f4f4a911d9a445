/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "ledger/columns.h"
#include "ledger/reconcile.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/order_json.h"

int
reconcile_want(struct pg *pg, struct arena *a, const int64_t *tenant_ids,
    const int64_t *store_ids, size_t n, struct err *e)
{
	struct pg_params p = { .arena = a };

	if (n == 0)
		return 0;
	pg_bigints(&p, tenant_ids, n);
	pg_bigints(&p, store_ids, n);
	return pg_tell(pg, SQL_RECONCILE_WANT, &p, e);
}

int
reconcile_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reconcile_claim *c, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*c = (struct reconcile_claim){ 0 };
	pg_bigint(&p, lease_ms);
	if (pg_ask(pg, SQL_RECONCILE_LEASE, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*c = (struct reconcile_claim){
			.tenant_id = pg_get_bigint(&rows, 0, 0),
			.store_id = pg_get_bigint(&rows, 0, 1),
			.watermark = pg_get_instant(&rows, 0, 2),
			.tries = (int32_t)pg_get_bigint(&rows, 0, 3),
			.leased_until = pg_get_instant(&rows, 0, 4),
			.now = pg_get_instant(&rows, 0, 5),
		};
	pg_done(&rows);
	return 0;
}

static struct pg_params
claim_params(struct arena *a, const struct reconcile_claim *c)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	return p;
}

int
reconcile_hold(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reconcile_claim *c, bool *lost, struct err *e)
{
	struct pg_params p = claim_params(a, c);
	struct pg_rows rows;

	pg_instant(&p, c->leased_until);
	pg_bigint(&p, lease_ms);
	pg_instant(&p, c->watermark);
	if (pg_ask(pg, SQL_RECONCILE_HOLD, &p, &rows, e) == -1)
		return -1;
	*lost = rows.n == 0;
	if (!*lost) {
		c->leased_until = pg_get_instant(&rows, 0, 0);
		c->now = pg_get_instant(&rows, 0, 1);
	}
	pg_done(&rows);
	return 0;
}

int
reconcile_free(struct pg *pg, struct arena *a, const struct reconcile_claim *c,
    int64_t wait_ms, const char *why, struct err *e)
{
	struct pg_params p = claim_params(a, c);

	pg_instant(&p, c->leased_until);
	pg_instant(&p, c->watermark);
	pg_bigint(&p, wait_ms);
	pg_text(&p, why);
	pg_instant(&p, why == NULL ? c->now : 0);
	return pg_tell(pg, SQL_RECONCILE_FREE, &p, e);
}

/* ---- gaps ---------------------------------------------------------------- */

void
reconcile_id(int64_t order_id, int64_t modified_at, char out[RECONCILE_ID_MAX])
{
	(void)snprintf(out, RECONCILE_ID_MAX, "reconcile %" PRId64 " %" PRId64,
	    order_id, modified_at / INSTANT_SECOND);
}

/* Adds the orders as three arrays. */
static void
orders_bind(struct pg_params *p, const struct reconcile_list *l)
{
	struct columns asked;

	columns_init(&asked, p->arena);
	for (size_t i = 0; i < l->n; i++) {
		char *id = arena_alloc(p->arena, RECONCILE_ID_MAX);

		reconcile_id(
		    l->orders[i].order_id, l->orders[i].modified_at, id);
		columns_bigint(&asked, l->orders[i].order_id);
		columns_instant(&asked, l->orders[i].modified_at);
		columns_text(&asked, id);
		columns_end_row(&asked);
	}
	columns_bind(&asked, p);
}

/* Columns in the result of reconcile_compare.sql. */
enum {
	COMPARE_I,
	COMPARE_IS_NEW,
	COMPARE_POINTS,
	COMPARE_RECORD,
};

/* Whether the ledger, which has the order as of the same second, has it as the list
 * says. */
static bool
is_as_told(struct arena *a, struct str facts, const struct pull_changed *o)
{
	struct order known;
	struct err ignored; /* an order that cannot be read is asked for */

	return order_unpack(a, facts, &known, &ignored) == 0 &&
	       (o->status[0] == '\0' || strcmp(known.status, o->status) == 0) &&
	       (o->nrefunds == -1 || (int64_t)known.nrefunds == o->nrefunds);
}

static void
read_gap(struct arena *a, const struct pg_rows *rows, int row,
    struct reconcile_list *l)
{
	const struct pull_changed
	    *o = &l->orders[pg_get_bigint(rows, row, COMPARE_I) - 1];
	struct str facts = rows_order(rows, row, COMPARE_RECORD);

	if (facts.len > 0 && is_as_told(a, facts, o))
		return;
	l->gaps[l->ngaps++] = (struct gap){
		.order_id = o->order_id,
		.what = pg_get_bool(rows, row, COMPARE_IS_NEW) ? GAP_ORDER
		                                               : GAP_CHANGE,
		.changed_at = o->modified_at,
		.points_before = pg_get_bigint(rows, row, COMPARE_POINTS),
	};
}

int
reconcile_compare(struct pg *pg, struct arena *a,
    const struct reconcile_claim *c, struct reconcile_list *l, struct err *e)
{
	struct pg_params p = claim_params(a, c);
	struct pg_rows rows;

	l->ngaps = 0;
	if (l->n == 0)
		return 0;
	orders_bind(&p, l);
	if (pg_ask(pg, SQL_RECONCILE_COMPARE, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < (int)rows.n; row++)
		read_gap(a, &rows, row, l);
	pg_done(&rows);
	return 0;
}

int
reconcile_waiting(struct pg *pg, const struct reconcile_claim *c, int64_t since,
    const struct reconcile_list *l, int64_t *waiting, struct err *e)
{
	struct pg_params p;
	struct arena a;
	int ret;

	*waiting = 0;
	if (l->n == 0)
		return 0;
	arena_init(&a);
	p = claim_params(&a, c);
	pg_instant(&p, since);
	orders_bind(&p, l);
	ret = pg_ask_bigint(pg, SQL_RECONCILE_WAITING, &p, waiting, e);
	arena_fini(&a);
	return ret;
}

int
gap_add(struct pg *pg, struct arena *a, const struct reconcile_claim *c,
    const struct gap *g, struct err *e)
{
	struct pg_params p = claim_params(a, c);

	pg_bigint(&p, g->order_id);
	pg_bigint(&p, g->what);
	pg_instant(&p, g->changed_at);
	pg_bigint(&p, g->points_before);
	return pg_tell(pg, SQL_GAP_ADD, &p, e);
}

int
gaps_close(struct pg *pg, struct arena *a, const struct reconcile_claim *c,
    struct err *e)
{
	struct pg_params p = claim_params(a, c);

	return pg_tell(pg, SQL_GAPS_CLOSE, &p, e) == -1
	           ? -1
	           : pg_tell(pg, SQL_GAPS_DROP, &p, e);
}

/* ---- webhooks ------------------------------------------------------------ */

static int
hooks_missing(struct pg *pg, const struct reconcile_claim *c,
    struct columns *here, struct pull_answer *l, struct err *e)
{
	struct pg_params p = claim_params(here->arena, c);
	struct pg_rows rows;
	struct pull_hook *all;

	columns_bind(here, &p);
	if (pg_ask(pg, SQL_HOOKS_MISSING, &p, &rows, e) == -1)
		return -1;
	all = arena_array(
	    here->arena, l->nhooks + (size_t)rows.n + 1, sizeof(*all));
	for (size_t i = 0; i < l->nhooks; i++)
		all[i] = l->hooks[i];
	for (int row = 0; row < (int)rows.n; row++)
		all[l->nhooks++] = (struct pull_hook){
			.topic = rows_text(here->arena, &rows, row, 0),
			.url = rows_text(here->arena, &rows, row, 1),
		};
	l->hooks = all;
	pg_done(&rows);
	return 0;
}

int
hooks_compare(struct pg *pg, const struct reconcile_claim *c,
    struct pull_answer *l, struct arena *a, struct err *e)
{
	struct pg_params p = claim_params(a, c);
	struct columns seen, topics;

	if (l->nhooks == 0)
		return 0;
	columns_init(&seen, a);
	columns_init(&topics, a);
	for (size_t i = 0; i < l->nhooks; i++) {
		columns_text(&seen, l->hooks[i].topic);
		columns_text(&seen, l->hooks[i].url);
		columns_end_row(&seen);
		columns_text(&topics, l->hooks[i].topic);
		columns_end_row(&topics);
	}
	columns_bind(&seen, &p);
	if (pg_tell(pg, SQL_HOOKS_SEEN, &p, e) == -1)
		return -1;
	return hooks_missing(pg, c, &topics, l, e);
}

/* ---- the operator's tools ------------------------------------------------ */

int
reconcile_state(struct pg *pg, struct arena *a, int64_t store_id,
    struct reconcile_state *s, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	*s = (struct reconcile_state){ 0 };
	pg_bigint(&p, store_id);
	if (pg_ask(pg, SQL_RECONCILE_STATE, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		*s = (struct reconcile_state){
			.is_known = true,
			.watermark = pg_get_instant(&rows, 0, 0),
			.done_at = pg_get_instant(&rows, 0, 1),
			.due_at = pg_get_instant(&rows, 0, 2),
			.tries = (int32_t)pg_get_bigint(&rows, 0, 3),
			.last_error = rows_text(a, &rows, 0, 4),
			.gaps = pg_get_bigint(&rows, 0, 5),
		};
	pg_done(&rows);
	return 0;
}

int
gaps_list(struct pg *pg, struct arena *a, struct gap_list *l, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, l->store_id);
	pg_bigint(&p, l->max);
	if (pg_ask(pg, SQL_GAP_LIST, &p, &rows, e) == -1)
		return -1;
	l->n = (size_t)rows.n;
	l->gaps = arena_array(a, l->n + 1, sizeof(*l->gaps));
	for (size_t i = 0; i < l->n; i++) {
		int row = (int)i;

		l->gaps[i] = (struct gap){
			.order_id = pg_get_bigint(&rows, row, 0),
			.what = (enum gap_what)pg_get_bigint(&rows, row, 1),
			.changed_at = pg_get_instant(&rows, row, 2),
			.found_at = pg_get_instant(&rows, row, 3),
			.is_closed = !pg_is_null(&rows, row, 4),
			.points = pg_get_bigint(&rows, row, 4),
		};
	}
	pg_done(&rows);
	return 0;
}

const char *
gap_word(enum gap_what what)
{
	static const char *const words[] = {
		[GAP_ORDER] = "order",
		[GAP_CHANGE] = "change",
	};

	return words[what];
}

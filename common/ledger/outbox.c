/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "ledger/columns.h"
#include "ledger/outbox.h"
#include "ledger/profiles.h"
#include "ledger/stmts.h"

/* ---- claiming ------------------------------------------------------------ */

static int
store_claim(const struct world *w, int64_t lease_ms, struct outbox_claim *c,
    const struct shop **shop, size_t *max, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	pg_bigint(&p, lease_ms);
	if (pg_ask(w->pg, SQL_OUTBOX_LEASE, &p, &rows, e) == -1)
		return -1;
	*max = 0;
	*shop = NULL;
	if (rows.n > 0) {
		*shop = shop_find((enum platform)pg_get_bigint(&rows, 0, 2));
		c->tenant_id = pg_get_bigint(&rows, 0, 0);
		c->store_id = pg_get_bigint(&rows, 0, 1);
		c->tries = (int32_t)pg_get_bigint(&rows, 0, 3);
		c->after_member = pg_get_bigint(&rows, 0, 4);
		c->leased_until = pg_get_instant(&rows, 0, 5);
		c->define = (*shop)->defines && !pg_get_bool(&rows, 0, 6);
		*max = (*shop)->batch_max;
		assert(*max <= PUSH_BATCH_MAX);
		/* Each failed call halves the number of rows that are sent,
		 * until a row that makes whole calls fail is sent alone.  After
		 * an outage the first call is small, too, which does no harm.
		 */
		*max >>= c->tries < PUSH_TRIES_MAX ? c->tries : PUSH_TRIES_MAX;
		if (*max == 0)
			*max = 1;
	}
	pg_done(&rows);
	return 0;
}

static int
rows_claim(struct pg *pg, struct arena *a, size_t max, struct outbox_claim *c,
    struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_bigint(&p, c->after_member);
	pg_bigint(&p, (int64_t)max);
	if (pg_ask(pg, SQL_OUTBOX_ROWS, &p, &rows, e) == -1)
		return -1;
	c->n = (size_t)rows.n;
	assert(c->n <= max);
	for (int i = 0; i < rows.n; i++) {
		c->member_ids[i] = pg_get_bigint(&rows, i, 0);
		c->items[i] = (struct push_item){
			.customer_id = pg_get_bigint(&rows, i, 1),
			.available = pg_get_bigint(&rows, i, 2),
			.pending = pg_get_bigint(&rows, i, 3),
			.debt = pg_get_bigint(&rows, i, 4),
			.version = pg_get_bigint(&rows, i, 5),
		};
		c->row_tries[i] = (int32_t)pg_get_bigint(&rows, i, 6);
		c->doubtful[i] = pg_get_bool(&rows, i, 7);
	}
	pg_done(&rows);
	return 0;
}

/* Reads what is told beside the balances. */
static int
extras_claim(const struct world *w, const struct shop *shop,
    struct outbox_claim *c, struct err *e)
{
	if (profiles_load(w, c, e) == -1)
		return -1;
	return shop->has_tags ? profiles_tags_begin(w, c, e) : 0;
}

int
outbox_claim(const struct world *w, int64_t lease_ms, struct outbox_claim *c,
    bool *found, struct err *e)
{
	const struct shop *shop;
	struct pg *pg = w->pg;
	size_t max;
	bool done;

	if (pg_begin(pg, e) == -1)
		return -1;
	c->n = 0;
	done = store_claim(w, lease_ms, c, &shop, &max, e) == 0 &&
	       (max == 0 || rows_claim(pg, w->arena, max, c, e) == 0) &&
	       (c->n == 0 || extras_claim(w, shop, c, e) == 0);
	/* No store has rows due, or another process took the rows between the
	 * two statements: the lease, if any, is given up, too. */
	if (done && c->n == 0) {
		pg_rollback(pg);
		*found = false;
		return 0;
	}
	if (pg_end(pg, done, e) == -1)
		return -1;
	*found = true;
	return 0;
}

/* ---- settling ------------------------------------------------------------ */

/* Lists the items in the order of their rows' keys.  A transaction that writes
 * balances locks the rows in the same order, so no two transactions wait for
 * each other. */
static size_t *
claim_order(struct arena *a, const struct outbox_claim *c)
{
	size_t *order = arena_array(a, c->n, sizeof(*order));

	for (size_t i = 0; i < c->n; i++) {
		size_t at = i;

		for (;
		     at > 0 && c->member_ids[order[at - 1]] > c->member_ids[i];
		     at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return order;
}

static void
key_cells(struct columns *to, const struct outbox_claim *c, size_t item)
{
	columns_bigint(to, c->tenant_id);
	columns_bigint(to, c->store_id);
	columns_bigint(to, c->member_ids[item]);
}

/* Handles rows whose balances the platform has taken: rows that are not
 * doubtful are deleted, doubtful rows are sent once more. */
static int
done_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, bool doubtful, struct err *e)
{
	const size_t *order = claim_order(a, c);
	struct columns done = { .arena = a };

	for (size_t i = 0; i < c->n; i++) {
		size_t item = order[i];

		if (r->answer->items[item] != PUSH_DONE ||
		    c->doubtful[item] != doubtful)
			continue;
		key_cells(&done, c, item);
		columns_bigint(&done, c->items[item].version);
		columns_end_row(&done);
	}
	return columns_tell(
	    pg, doubtful ? SQL_OUTBOX_AGAIN : SQL_OUTBOX_DONE, &done, e);
}

static int
doubt_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	const size_t *order = claim_order(a, c);
	struct columns keys = { .arena = a };
	struct pg_params p = { .arena = a };

	if (r->doubt_ms == 0)
		return 0;
	for (size_t i = 0; i < c->n; i++) {
		key_cells(&keys, c, order[i]);
		columns_end_row(&keys);
	}
	columns_bind(&keys, &p);
	pg_bigint(&p, r->doubt_ms);
	return pg_tell(pg, SQL_OUTBOX_DOUBT, &p, e);
}

static int
failed_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	const size_t *order = claim_order(a, c);
	struct columns failed = { .arena = a };

	for (size_t i = 0; i < c->n; i++) {
		size_t item = order[i];
		enum push_outcome outcome = r->answer->items[item];

		if (outcome == PUSH_DONE)
			continue;
		key_cells(&failed, c, item);
		columns_bigint(&failed, c->items[item].version);
		columns_bool(&failed, outcome == PUSH_REJECT);
		columns_bigint(&failed, r->row_wait_ms[item]);
		columns_text(
		    &failed, arena_utf8(a, str_of(r->answer->why[item])));
		columns_end_row(&failed);
	}
	return columns_tell(pg, SQL_OUTBOX_FAILED, &failed, e);
}

static bool
is_any_taken(const struct outbox_claim *c, const struct outbox_result *r)
{
	for (size_t i = 0; i < c->n; i++)
		if (r->answer->items[i] == PUSH_DONE)
			return true;
	return false;
}

static int
lease_release(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, bool *held, struct err *e)
{
	struct pg_params p = { .arena = a };
	size_t n;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	pg_bigint(&p, r->store_wait_ms);
	pg_text(&p, r->why ? arena_utf8(a, str_of(r->why)) : NULL);
	pg_bigint(&p, c->member_ids[c->n - 1]);
	pg_bool(&p, is_any_taken(c, r));
	pg_bool(&p, r->answer->defined);
	if (pg_ask_count(pg, SQL_OUTBOX_RELEASE, &p, &n, e) == -1)
		return -1;
	*held = n == 1;
	return 0;
}

/* Writes the outcome of each row.  If a call with several rows failed as a
 * whole, nothing is known about the single rows. */
static int
rows_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	if (doubt_settle(pg, a, c, r, e) == -1 ||
	    profiles_tags_done(pg, a, c, r->answer, e) == -1)
		return -1;
	if (r->answer->all != PUSH_DONE && c->n > 1)
		return 0;
	if (done_settle(pg, a, c, r, false, e) == -1 ||
	    done_settle(pg, a, c, r, true, e) == -1)
		return -1;
	return failed_settle(pg, a, c, r, e);
}

int
outbox_finish(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, bool *lost, struct err *e)
{
	bool held, done;

	if (pg_begin(pg, e) == -1)
		return -1;
	/* Releasing the lease comes first: it locks the lease's row, so that no
	 * other process can take the store before COMMIT. */
	done = lease_release(pg, a, c, r, &held, e) == 0;
	if (done && !held) {
		pg_rollback(pg);
		*lost = true;
		return 0;
	}
	if (pg_end(pg, done && rows_settle(pg, a, c, r, e) == 0, e) == -1)
		return -1;
	*lost = false;
	return 0;
}

/* ---- trying again -------------------------------------------------------- */

/* The app's row comes before the store's row of push_lease, and that first of the
 * rest, as in app_renewed() and outbox_finish(). */
int
outbox_wake(struct pg *pg, struct arena *a, const struct outbox_wake *w,
    size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, w->tenant_id);
	pg_bigint(&p, w->store_id);
	if (pg_tell(pg, SQL_APP_WAKE, &p, e) == -1 ||
	    pg_tell(pg, SQL_PUSH_LEASE_RESET, &p, e) == -1 ||
	    pg_tell(pg, SQL_REWARD_RETRY, &p, e) == -1 ||
	    pg_tell(pg, SQL_BENEFIT_RETRY, &p, e) == -1)
		return -1;
	pg_bool(&p, w->rejected);
	return pg_ask_count(pg, SQL_OUTBOX_WAKE, &p, n, e);
}

/* ---- figures ------------------------------------------------------------- */

int
outbox_due(struct pg *pg, int64_t *waiting, int64_t *wait_ms, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, SQL_OUTBOX_DUE, NULL, &rows, e) == -1)
		return -1;
	*waiting = pg_get_bigint(&rows, 0, 0);
	*wait_ms = pg_get_bigint(&rows, 0, 1);
	pg_done(&rows);
	return 0;
}

int
outbox_size(struct pg *pg, struct arena *a, int64_t *waiting, int64_t *oldest_s,
    struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, OUTBOX_SIZE_MAX);
	if (pg_ask(pg, SQL_OUTBOX_SIZE, &p, &rows, e) == -1)
		return -1;
	*waiting = pg_get_bigint(&rows, 0, 0);
	*oldest_s = pg_get_bigint(&rows, 0, 1);
	pg_done(&rows);
	return 0;
}

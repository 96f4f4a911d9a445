/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "core/account.h"
#include "ledger/outbox.h"
#include "ledger/owner.h"
#include "ledger/stmts.h"

void
outbox_row(struct columns *to, int64_t tenant_id, int64_t member_id)
{
	columns_bigint(to, tenant_id);
	columns_bigint(to, member_id);
	columns_int(to, WALLET_POINTS);
	columns_int(to, OWNER_CUSTOMER);
	columns_end_row(to);
}

int
outbox_put(struct pg *pg, const struct columns *rows, struct err *e)
{
	return columns_tell(pg, SQL_OUTBOX_PUT, rows, e);
}

/* ---- claiming ------------------------------------------------------------ */

static int
store_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct outbox_claim *c, size_t *max, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	pg_bigint(&p, lease_ms);
	if (pg_ask(pg, SQL_OUTBOX_LEASE, &p, &rows, e) == -1)
		return -1;
	*max = 0;
	if (rows.n > 0) {
		enum platform platform = (enum platform)pg_get_bigint(
		    &rows, 0, 2);

		c->tenant_id = pg_get_bigint(&rows, 0, 0);
		c->store_id = pg_get_bigint(&rows, 0, 1);
		c->tries = (int32_t)pg_get_bigint(&rows, 0, 3);
		c->after_member = pg_get_bigint(&rows, 0, 4);
		c->leased_until = pg_get_instant(&rows, 0, 5);
		*max = shop_find(platform)->batch_max;
		assert(*max <= PUSH_BATCH_MAX);
		/* A balance that spoils the whole call is found by halving;
		 * after an outage this costs one small call. */
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
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
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

int
outbox_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct outbox_claim *c, bool *found, struct err *e)
{
	size_t max;
	bool done;

	if (pg_begin(pg, e) == -1)
		return -1;
	c->n = 0;
	done = store_claim(pg, a, lease_ms, c, &max, e) == 0 &&
	       (max == 0 || rows_claim(pg, a, max, c, e) == 0);
	/* What was due went to somebody else between the two statements:
	 * nothing is kept, not even the lease. */
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

/* Rows are locked in the order of their key, as those who put them do. */
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

/* The keys of the items picked. */
static void
put_keys(struct pg_params *p, const struct outbox_claim *c,
    const size_t *picked, size_t n)
{
	struct arena *a = p->arena;
	int64_t *tenants = arena_array(a, n, sizeof(*tenants));
	int64_t *stores = arena_array(a, n, sizeof(*stores));
	int64_t *members = arena_array(a, n, sizeof(*members));

	for (size_t i = 0; i < n; i++) {
		tenants[i] = c->tenant_id;
		stores[i] = c->store_id;
		members[i] = c->member_ids[picked[i]];
	}
	pg_bigints(p, tenants, n);
	pg_bigints(p, stores, n);
	pg_bigints(p, members, n);
}

static void
put_versions(struct pg_params *p, const struct outbox_claim *c,
    const size_t *picked, size_t n)
{
	int64_t *versions = arena_array(p->arena, n, sizeof(*versions));

	for (size_t i = 0; i < n; i++)
		versions[i] = c->items[picked[i]].version;
	pg_bigints(p, versions, n);
}

/* Those taken: the doubtful ones by one statement, the others by another. */
static int
done_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, bool doubtful, struct err *e)
{
	size_t *picked = claim_order(a, c), n = 0;
	struct pg_params p;

	for (size_t i = 0; i < c->n; i++) {
		size_t item = picked[i];

		if (r->answer->items[item] == PUSH_DONE &&
		    c->doubtful[item] == doubtful)
			picked[n++] = item;
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	put_keys(&p, c, picked, n);
	put_versions(&p, c, picked, n);
	return pg_tell(
	    pg, doubtful ? SQL_OUTBOX_AGAIN : SQL_OUTBOX_DONE, &p, e);
}

static int
doubt_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	struct pg_params p;

	if (r->doubt_ms == 0)
		return 0;
	pg_params(&p, a);
	put_keys(&p, c, claim_order(a, c), c->n);
	pg_bigint(&p, r->doubt_ms);
	return pg_tell(pg, SQL_OUTBOX_DOUBT, &p, e);
}

static int
failed_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	size_t *picked = claim_order(a, c), n = 0;
	int64_t *waits = arena_array(a, c->n, sizeof(*waits));
	bool *rejected = arena_array(a, c->n, sizeof(*rejected));
	struct str *why = arena_array(a, c->n, sizeof(*why));
	struct pg_params p;

	for (size_t i = 0; i < c->n; i++) {
		size_t item = picked[i];

		if (r->answer->items[item] == PUSH_DONE)
			continue;
		waits[n] = r->row_wait_ms[item];
		rejected[n] = r->answer->items[item] == PUSH_REJECT;
		why[n] = str_of(arena_utf8(a, str_of(r->answer->why[item])));
		picked[n++] = item;
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	put_keys(&p, c, picked, n);
	put_versions(&p, c, picked, n);
	pg_bools(&p, rejected, n);
	pg_bigints(&p, waits, n);
	pg_strs(&p, why, n);
	return pg_tell(pg, SQL_OUTBOX_FAILED, &p, e);
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
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	pg_bigint(&p, r->store_wait_ms);
	pg_text(&p, r->why ? arena_utf8(a, str_of(r->why)) : NULL);
	pg_bigint(&p, c->member_ids[c->n - 1]);
	pg_bool(&p, is_any_taken(c, r));
	if (pg_ask(pg, SQL_OUTBOX_RELEASE, &p, &rows, e) == -1)
		return -1;
	*held = rows.n == 1;
	pg_done(&rows);
	return 0;
}

/* A call that failed as a whole says nothing of its balances, unless there
 * was only the one. */
static int
rows_settle(struct pg *pg, struct arena *a, const struct outbox_claim *c,
    const struct outbox_result *r, struct err *e)
{
	if (doubt_settle(pg, a, c, r, e) == -1)
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
	/* The lease first: its row's lock keeps others out until COMMIT. */
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

int
outbox_due(struct pg *pg, struct arena *a, int64_t *waiting, int64_t *wait_ms,
    struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	if (pg_ask(pg, SQL_OUTBOX_DUE, &p, &rows, e) == -1)
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
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, a);
	pg_bigint(&p, OUTBOX_SIZE_MAX);
	if (pg_ask(pg, SQL_OUTBOX_SIZE, &p, &rows, e) == -1)
		return -1;
	*waiting = pg_get_bigint(&rows, 0, 0);
	*oldest_s = pg_get_bigint(&rows, 0, 1);
	pg_done(&rows);
	return 0;
}

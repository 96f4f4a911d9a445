/* SPDX-License-Identifier: MIT */
/*
 * Folds one member whose timeline takes long, alone (rule 7 of timeline.h):
 *
 *  1. The timeline is read in one snapshot, folded without any lock or
 *     transaction, and posted under the same locks as any other timeline.
 *  2. The posted entries are right for the facts in the snapshot.  Facts that
 *     come later are missing, but a process that adds a fact also writes the
 *     member's row in member_state.  If that row has changed, the member stays
 *     due.
 *     A fold beside a flood of the member's orders is such a fold.
 *  3. If other members have used part of a shared budget after the snapshot,
 *     nothing is posted (RETRY).
 */
#include <inttypes.h>

#include "base/instant.h"
#include "base/log.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

int
timeline_alone_hinder(struct pg *pg, bool *hindered, struct err *e)
{
	return rows_ask_bool(pg, SQL_ALONE_HINDER, NULL, hindered, e);
}

bool
timeline_alone_let(struct pg *pg)
{
	struct err e;

	/* The locks end with the connection. */
	if (!pg_is_connected(pg) ||
	    pg_tell(pg, SQL_ALONE_UNLOCK, NULL, &e) == 0 ||
	    !pg_is_connected(pg))
		return true;
	log_warn("a lock of folds alone is kept for now: %s", e.msg);
	return false;
}

/* Of the members that were set aside, finds the one that has been due
 * longest. */
static int
pick(const struct world *w, struct member_key *key, bool *found, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	pg_instant(&p, w->now);
	pg_instant(&p, w->now + TIMELINE_AHEAD);
	pg_bigint(&p, timeline_steps_most(w));
	pg_bigint(&p, timeline_alone_most(w));
	pg_instant(&p, w->now - INSTANT_DAY);
	if (pg_ask(w->pg, SQL_STATE_ALONE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		*key = (struct member_key){
			.tenant_id = pg_get_bigint(&rows, 0, 0),
			.member_id = pg_get_bigint(&rows, 0, 1),
		};
	pg_done(&rows);
	return 0;
}

static int
load_changed(const struct world *w, struct member_key key, int64_t *changed,
    struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	return pg_ask_bigint(w->pg, SQL_STATE_CHANGED, &p, changed, e);
}

/* Reads the timeline in one snapshot (rule 1). */
static int
read_snapshot(struct timeline_batch *b, struct err *e)
{
	const struct world *w = b->world;
	struct timeline_member *m = &b->members[0];

	if (pg_begin(w->pg, e) == -1)
		return -1;
	/* timeline_load() has filled in products already.  The second time,
	 * products that are not known are noted down: the member becomes due
	 * when they are known. */
	return pg_end(w->pg,
	    pg_tell(w->pg, SQL_SNAPSHOT, NULL, e) == 0 &&
	        load_changed(w, m->key, &m->changed, e) == 0 &&
	        timeline_load(b, false, e) == 0 &&
	        timeline_products(b, true, e) == 0,
	    e);
}

/* RETRY if other members have used part of a shared budget since the snapshot
 * (rule 3). */
static int
check_budgets(struct timeline_batch *b, struct err *e)
{
	struct timeline_member *m = &b->members[0];
	const struct budget *before = m->budgets;
	size_t n = m->nbudgets;

	timeline_budgets_share(b, m);
	for (size_t i = 0; i < n; i++)
		if (m->budgets[i].left != before[i].left)
			return err_set(e, FAULT_RETRY,
			    "member %" PRId64 ": other members had of rule %s "
			    "meanwhile",
			    m->key.member_id, before[i].rule);
	timeline_budgets_use(b, m);
	return 0;
}

/* Posts the entries that are missing according to the fold.  The member is
 * locked, and stays due if a fact came after the snapshot (rules 1 and 2). */
static int
post(struct timeline_batch *b, struct err *e)
{
	struct timeline_member *m = &b->members[0];
	int64_t read = m->changed;

	if (pg_tell(b->world->pg, SQL_ALONE_POST, NULL, e) == -1 ||
	    timeline_load_again(b, e) == -1 || check_budgets(b, e) == -1)
		return -1;
	if (m->changed != read && m->fold.due_at > b->world->now)
		m->fold.due_at = b->world->now;
	m->is_stale = m->changed != read;
	/* A stale fold leaves no seam.  With the steps of before, the member
	 * stays set aside, so that nobody else folds the whole timeline. */
	if (m->is_stale)
		m->steps = int64_max(m->steps,
		    int64_min(m->steps_before, timeline_steps_most(b->world)));
	if (timeline_compare(b, e) == -1 || timeline_save(b, e) == -1)
		return -1;
	return timeline_budgets_save(b, e);
}

/* Lists the member as stuck, and makes the member due only after a day. */
static int
stuck(const struct timeline_batch *b, const char *reason, int64_t steps,
    struct timeline_result *r, struct err *e)
{
	const struct world *w = b->world;
	struct member_key key = b->members[0].key;

	r->stuck = arena_alloc(w->arena, sizeof(*r->stuck));
	r->stuck[r->nstuck++] = (struct timeline_stuck){
		.member_id = key.member_id,
		.reason = arena_strdup(w->arena, reason),
	};
	return timeline_later(w, key, steps, e);
}

static int
fold_and_post(
    struct timeline_batch *b, struct timeline_result *r, struct err *e)
{
	const struct world *w = b->world;
	struct timeline_member *m = &b->members[0];
	int ret;

	r->members = 1;
	ret = read_snapshot(b, e);
	if (ret == 0)
		ret = timeline_fold(b, m, e);
	if (ret == 0 && m->steps > timeline_steps_most(w))
		return stuck(b, timeline_too_long(w, m), m->steps, r, e);
	if (ret == 0) {
		if (pg_begin(w->pg, e) == -1)
			return -1;
		if (post(b, e) == 0) {
			timeline_collect(b, r);
			return pg_commit(w->pg, e);
		}
		pg_rollback(w->pg);
	}
	return e->fault != FAULT_REJECT ? -1 : stuck(b, e->msg, 0, r, e);
}

int
timeline_alone(const struct world *w, struct timeline_result *r, struct err *e)
{
	struct world alone = *w;
	struct timeline_batch b;
	struct member_key key;
	bool is_ours, found;
	int ret = 0;

	*r = (struct timeline_result){ 0 };
	if (pick(w, &key, &found, e) == -1)
		return -1;
	if (!found)
		return 0;
	if (rows_ask_bool(w->pg, SQL_ALONE_LOCK, NULL, &is_ours, e) == -1)
		return -1;
	if (!is_ours)
		return 0;
	/* Another process may have folded the member in the meantime. */
	ret = pick(w, &key, &found, e);
	if (ret == 0 && found) {
		alone.steps_most = timeline_alone_most(w);
		timeline_batch_init(&b, &alone, &key, 1);
		ret = fold_and_post(&b, r, e);
	}
	(void)timeline_alone_let(w->pg);
	return ret;
}

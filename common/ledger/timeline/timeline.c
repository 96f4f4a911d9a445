/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/instant.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

void
timeline_collect(const struct timeline_batch *b, struct timeline_result *r)
{
	struct arena *a = b->world->arena;
	size_t most = 0;

	*r = (struct timeline_result){
		.members = b->n,
		.aside = arena_array(a, b->naside + 1, sizeof(*r->aside)),
	};
	for (size_t i = 0; i < b->naside; i++)
		if (b->aside[i].steps > 0)
			r->aside[r->naside++] = (struct timeline_stuck){
				.member_id = b->aside[i].key.member_id,
				.reason = timeline_too_long(
				    b->world, &b->aside[i]),
			};
	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].nfacts;
	r->refused = arena_array(a, most + 1, sizeof(*r->refused));
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		r->entries += m->nmissing;
		for (size_t j = 0; j < m->nfacts; j++)
			if (m->facts[j].refused != NULL)
				r->refused
				    [r->nrefused++] = (struct timeline_refused){
					.store_id = m->facts[j].fact.store_id,
					.member_id = m->key.member_id,
					.fact_id = m->facts[j].fact.id,
					.reason = m->facts[j].refused,
				};
	}
}

/* Folds the members one by one.  REJECT if the members together take too many
 * steps for one transaction; a single member is never refused for this. */
static int
fold_all(struct timeline_batch *b, struct err *e)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (i > 0 && sum > TIMELINE_BATCH_STEPS_MAX)
			return err_set(e, FAULT_REJECT, TOO_MANY, b->n);
		if (timeline_fold(b, &b->members[i], e) == -1)
			return -1;
		if (b->members[i].fold.is_short) {
			b->members[i].no_seam = true;
			return timeline_load_without(b, e) == -1
			           ? -1
			           : fold_all(b, e);
		}
		sum += b->members[i].steps;
	}
	timeline_set_aside(b);
	return 0;
}

/* Compares the members with the ledger, and folds the whole timelines before
 * the ledger is called wrong. */
static int
compare_all(struct timeline_batch *b, struct err *e)
{
	if (timeline_compare(b, e) == 0)
		return 0;
	if (e->fault != FAULT_REJECT || !timeline_seams_drop(b))
		return -1;
	return timeline_load_without(b, e) == -1 || fold_all(b, e) == -1
	           ? -1
	           : timeline_compare(b, e);
}

int
timeline_post(const struct world *w, const struct member_key *keys, size_t n,
    struct timeline_result *r, struct err *e)
{
	const struct timeline_news news = {
		.keys = keys,
		.nkeys = n,
		.written = keys,
		.nwritten = n,
	};

	return timeline_post_with(w, &news, r, e);
}

int
timeline_post_with(const struct world *w, const struct timeline_news *news,
    struct timeline_result *r, struct err *e)
{
	struct timeline_batch b;

	*r = (struct timeline_result){ 0 };
	if (news->nkeys == 0)
		return 0;
	timeline_batch_init(&b, w, news->keys, news->nkeys);
	timeline_batch_tell(&b, news);
	if (timeline_load(&b, true, e) == -1 || fold_all(&b, e) == -1 ||
	    compare_all(&b, e) == -1 || timeline_save(&b, e) == -1 ||
	    timeline_budgets_save(&b, e) == -1 ||
	    timeline_aside_save(&b, e) == -1)
		return -1;
	timeline_collect(&b, r);
	return 0;
}

static bool
is_same_fact(const struct fact *x, const struct fact *y)
{
	return x->kind == y->kind && x->store_id == y->store_id &&
	       strcmp(x->id, y->id) == 0;
}

/* Returns a world in which a fold may take as many steps as in
 * timeline_alone().  A process that only reads may use so many, because it
 * holds no locks. */
static struct world
patient(const struct world *w)
{
	struct world then = *w;

	then.steps_most = timeline_alone_most(w);
	return then;
}

/* Finds why the fold refuses the fact; NULL: the fold does not refuse it. */
static const char *
refusal_of(const struct timeline_member *m, const struct fact *f)
{
	for (size_t i = 0; i < m->fold.nrefusals; i++)
		if (is_same_fact(m->fold.refusals[i].fact, f))
			return m->fold.refusals[i].reason;
	for (size_t i = 0; i < m->nfacts; i++)
		if (is_same_fact(&m->facts[i].fact, f))
			return m->facts[i].refused;
	return NULL;
}

int
timeline_look(const struct world *w, struct member_key key,
    const struct fact *extra, struct timeline_view *out, struct err *e)
{
	struct world then = patient(w);
	struct timeline_batch b;
	struct timeline_member *m;

	timeline_batch_init(&b, &then, &key, 1);
	m = &b.members[0];
	if (timeline_load(&b, false, e) == -1)
		return -1;
	/* The fold must reach to the last fact, because facts later than
	 * `extra` may have used up the units that `extra` needs. */
	for (size_t i = 0; extra != NULL && i < m->nfacts; i++)
		if (m->facts[i].fact.at > then.now)
			then.now = m->facts[i].fact.at;
	if (extra != NULL)
		timeline_add_fact(w->arena, m)->fact = *extra;
	if (timeline_fold(&b, m, e) == -1)
		return -1;
	if (m->steps > timeline_steps_most(&then))
		return err_set(e, FAULT_REJECT, "member %" PRId64 ": %s",
		    key.member_id, timeline_too_long(&then, m));
	*out = (struct timeline_view){
		.found = m->folded,
		.timeline = m->timeline,
		.fold = m->fold,
		.refused = extra != NULL ? refusal_of(m, extra) : NULL,
	};
	return 0;
}

/* ---- members that are due ------------------------------------------------ */

/* Begins the parameters of a statement that finds due members: members due by
 * now, and members that a process whose clock was ahead has folded.  A clock
 * that is ahead by less than TIMELINE_AHEAD is ignored, since the clocks of
 * machines differ. */
static void
due_params(struct pg_params *p, const struct world *w)
{
	*p = (struct pg_params){ .arena = w->arena };
	pg_instant(p, w->now);
	pg_instant(p, w->now + TIMELINE_AHEAD);
}

static int
due_members(const struct world *w, struct member_key **keys, size_t *n,
    size_t *nahead, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	due_params(&p, w);
	if (pg_tell(w->pg, SQL_STATE_MAKE_AHEAD, &p, e) == -1)
		return -1;
	due_params(&p, w);
	pg_bigint(&p, FOLD_MEMBERS_MAX);
	pg_bigint(&p, WALLET_POINTS);
	pg_bigint(&p, timeline_steps_most(w));
	if (pg_ask(w->pg, SQL_STATE_DUE, &p, &rows, e) == -1)
		return -1;
	*n = (size_t)rows.n;
	*nahead = 0;
	*keys = arena_array(w->arena, *n + 1, sizeof(**keys));
	for (int row = 0; row < rows.n; row++) {
		(*keys)[row] = (struct member_key){
			.tenant_id = pg_get_bigint(&rows, row, 0),
			.member_id = pg_get_bigint(&rows, row, 1),
		};
		*nahead += pg_get_bool(&rows, row, 2);
	}
	pg_done(&rows);
	return 0;
}

int
timeline_later(
    const struct world *w, struct member_key key, int64_t steps, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, key.tenant_id);
	pg_bigint(&p, key.member_id);
	pg_instant(&p, w->now + INSTANT_DAY);
	pg_instant(&p, w->now);
	pg_bigint(&p, steps);
	return pg_tell(w->pg, SQL_STATE_LATER, &p, e);
}

/* Adds the result for one member to the results for all. */
static void
add_result(struct arena *a, struct timeline_result *all,
    const struct timeline_result *r)
{
	struct timeline_refused *both = arena_array(
	    a, all->nrefused + r->nrefused + 1, sizeof(*both));

	if (all->nrefused > 0)
		memcpy(both, all->refused, all->nrefused * sizeof(*both));
	if (r->nrefused > 0)
		memcpy(both + all->nrefused, r->refused,
		    r->nrefused * sizeof(*both));
	all->refused = both;
	all->nrefused += r->nrefused;
	all->entries += r->entries;
	for (size_t i = 0; i < r->naside; i++)
		all->aside[all->naside++] = r->aside[i];
}

static int
post_due(const struct world *w, const struct member_key *keys, size_t n,
    struct timeline_result *r, struct err *e)
{
	const struct timeline_news news = { .keys = keys, .nkeys = n };

	return timeline_post_with(w, &news, r, e);
}

/* Folds one member in a transaction of its own. */
static int
due_one(const struct world *w, struct member_key key,
    struct timeline_result *all, struct err *e)
{
	struct timeline_result r;

	if (pg_begin(w->pg, e) == -1)
		return -1;
	if (post_due(w, &key, 1, &r, e) == 0) {
		add_result(w->arena, all, &r);
		return pg_commit(w->pg, e);
	}
	pg_rollback(w->pg);
	if (e->fault != FAULT_REJECT)
		return -1;
	all->stuck[all->nstuck++] = (struct timeline_stuck){
		.member_id = key.member_id,
		.reason = arena_strdup(w->arena, e->msg),
	};
	return timeline_later(w, key, 0, e);
}

static int
due_one_by_one(const struct world *w, const struct member_key *keys, size_t n,
    struct timeline_result *r, struct err *e)
{
	*r = (struct timeline_result){
		.members = n,
		.stuck = arena_array(w->arena, n, sizeof(*r->stuck)),
		.aside = arena_array(w->arena, n, sizeof(*r->aside)),
	};
	for (size_t i = 0; i < n; i++)
		if (due_one(w, keys[i], r, e) == -1)
			return -1;
	return 0;
}

int
timeline_due(const struct world *w, struct timeline_result *r, struct err *e)
{
	struct member_key *keys;
	size_t n = 0, nahead = 0;
	int ret;

	if (pg_begin(w->pg, e) == -1)
		return -1;
	if (due_members(w, &keys, &n, &nahead, e) == 0 &&
	    post_due(w, keys, n, r, e) == 0) {
		r->ahead = nahead;
		return pg_commit(w->pg, e);
	}
	pg_rollback(w->pg);
	if (e->fault != FAULT_REJECT || n == 0)
		return -1;
	ret = due_one_by_one(w, keys, n, r, e);
	r->ahead = nahead;
	return ret;
}

/* Begins the parameters as due_params() does, for a statement that also leaves
 * out members who took too many steps even alone, for a day after that. */
static void
due_params_hopeful(struct pg_params *p, const struct world *w)
{
	due_params(p, w);
	pg_bigint(p, timeline_alone_most(w));
	pg_instant(p, w->now - INSTANT_DAY);
}

int
timeline_due_count(const struct world *w, int64_t *n, struct err *e)
{
	struct pg_params p;

	due_params_hopeful(&p, w);
	return pg_ask_bigint(w->pg, SQL_STATE_DUE_COUNT, &p, n, e);
}

int
timeline_due_oldest(const struct world *w, int64_t *at, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	due_params_hopeful(&p, w);
	if (pg_ask(w->pg, SQL_DUE_OLDEST, &p, &rows, e) == -1)
		return -1;
	*at = pg_get_instant(&rows, 0, 0);
	pg_done(&rows);
	return 0;
}

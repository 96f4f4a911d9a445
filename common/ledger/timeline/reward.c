/* SPDX-License-Identifier: MIT */
/*
 * Gives the timeline what shops and orders have made of a member's rewards, and
 * writes down where the points of the rewards stand.
 *
 * None of these facts is kept as one.  What shops made is told by the table
 * reward, and which orders used it by reward_use, so that an order that changes
 * changes its fact.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/reward_life.h"
#include "core/reward_terms.h"
#include "ledger/rows.h"
#include "ledger/timeline/internal.h"

/* Columns in the result of timeline_rewards.sql. */
enum {
	REWARD_STORE = 1,
	REWARD_REDEMPTION,
	REWARD_VERSION,
	REWARD_CAPTURED_AT,
	REWARD_GONE_AT,
	REWARD_ORDER,
	REWARD_USED_AT,
	REWARD_UNDONE_AT,
	REWARD_UNDONE_HOW,
	REWARD_FORM,
	REWARD_GONE_BEFORE,
};

/* A fact about the redemption of a row. */
static struct fact *
add(struct arena *a, struct timeline_member *m, const struct pg_rows *rows,
    int row, enum fact_kind kind, int64_t at)
{
	struct kept_fact *k = timeline_add_fact(a, m);

	k->version_id = (int32_t)pg_get_bigint(rows, row, REWARD_VERSION);
	k->fact = (struct fact){
		.kind = kind,
		.at = at,
		.store_id = pg_get_bigint(rows, row, REWARD_STORE),
		.of = rows_text(a, rows, row, REWARD_REDEMPTION),
	};
	k->fact.id = arena_printf(a, "reward:%s", k->fact.of);
	k->hash = timeline_hash((uint64_t)kind, str_of(k->fact.of));
	k->hash = timeline_hash(
	    k->hash, (struct str){ (const char *)&k->fact.at, sizeof(at) });
	return &k->fact;
}

static bool
is_first(const struct pg_rows *rows, int row)
{
	return row == 0 ||
	       pg_get_bigint(rows, row - 1, REWARD_STORE) !=
	           pg_get_bigint(rows, row, REWARD_STORE) ||
	       !str_eq(pg_get_str(rows, row - 1, REWARD_REDEMPTION),
	           pg_get_str(rows, row, REWARD_REDEMPTION));
}

static void
add_use(struct arena *a, struct timeline_member *m, const struct pg_rows *rows,
    int row)
{
	int64_t order_id = pg_get_bigint(rows, row, REWARD_ORDER);
	int64_t undone_at = pg_get_instant(rows, row, REWARD_UNDONE_AT);
	const char *id = arena_printf(a, "%" PRId64, order_id);
	struct fact *f;

	if (order_id == 0)
		return;
	add(a, m, rows, row, FACT_USE,
	    pg_get_instant(rows, row, REWARD_USED_AT))
	    ->id = id;
	if (undone_at == 0)
		return;
	f = add(a, m, rows, row, FACT_UNUSE, undone_at);
	f->id = id;
	f->how = (enum unuse)pg_get_bigint(rows, row, REWARD_UNDONE_HOW);
}

int
timeline_read_reward(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	int64_t captured_at = pg_get_instant(rows, row, REWARD_CAPTURED_AT);
	int64_t gone_at = pg_get_instant(rows, row, REWARD_GONE_AT);
	int64_t gone_before = pg_get_instant(rows, row, REWARD_GONE_BEFORE);

	if (is_first(rows, row) && captured_at != 0)
		add(a, m, rows, row, FACT_CAPTURE, captured_at)
		    ->type = reward_form_is_lasting(
		                 (enum reward_form)pg_get_bigint(
		                     rows, row, REWARD_FORM))
		                 ? CAPTURE_GIVEN
		                 : NULL;
	if (is_first(rows, row) && gone_at != 0)
		add(a, m, rows, row, FACT_RELEASE, gone_at)
		    ->type = RELEASE_GONE;
	if (gone_before != 0)
		add(a, m, rows, row, FACT_RELEASE, gone_before)
		    ->type = RELEASE_GONE;
	add_use(a, m, rows, row);
	return 0;
}

/* ---- where points stand -------------------------------------------------- */

static enum reward_stands
stands(const struct redeemed *d)
{
	return d->where == ACCOUNT_RESERVED ? STANDS_RESERVED
	       : d->where != 0              ? STANDS_REDEEMED
	                                    : STANDS_RELEASED;
}

/* When the newest order that used the reward was undone; 0: none was. */
static int64_t
undone_at(const struct timeline_member *m, const struct redeemed *d)
{
	int64_t at = 0;

	for (size_t i = 0; i < m->nfacts; i++) {
		const struct fact *f = &m->facts[i].fact;

		if (f->kind == FACT_UNUSE && f->at > at &&
		    f->store_id == d->fact->store_id &&
		    strcmp(f->of, d->fact->id) == 0)
			at = f->at;
	}
	return at;
}

/* The form in which the store's platform has the reward of a redemption. */
static enum reward_form
form_of(const struct world *w, const struct redeemed *d)
{
	const struct store *s = stores_find(
	    w->stores, w->nstores, d->fact->store_id);
	const struct program *p = d->fact->program;
	size_t i = s != NULL && p != NULL && d->fact->reward != NULL
	               ? program_reward(p, d->fact->reward)
	               : NONE;

	return i == NONE ? FORM_NOTHING
	                 : reward_form(&p->rewards[i], s->platform);
}

static void
add_row(struct columns *c, const struct timeline_member *m,
    const struct redeemed *d, enum reward_form form)
{
	const struct fact *f = d->fact;
	const struct reward
	    *r = &f->program->rewards[program_reward(f->program, f->reward)];
	int64_t undone = stands(d) == STANDS_RESERVED ? undone_at(m, d) : 0;
	bool calls = reward_form_has_calls(form);

	columns_bigint(c, m->key.tenant_id);
	columns_bigint(c, f->store_id);
	columns_text(c, f->id);
	columns_bigint(c, m->key.member_id);
	columns_text(c, f->reward);
	columns_int(c, f->version_id);
	columns_int(c, (int32_t)form);
	columns_bigint(c, d->units);
	columns_instant(c, f->at);
	columns_instant(c, reward_ends_at(r, f));
	columns_int(c, (int32_t)stands(d));
	columns_bigint(
	    c, d->used_by != NULL ? strtoll(d->used_by, NULL, 10) : 0);
	columns_instant(c, d->used_at);
	columns_int(c, undone == 0    ? BACK_NOT
	               : d->returning ? BACK_RETURN
	                              : BACK_REOPEN);
	columns_instant(c, undone);
	columns_int(c, calls ? REWARD_RESERVED : REWARD_ISSUED);
	columns_bool(c, calls);
	columns_end_row(c);
}

void
timeline_add_rewards(
    struct columns *c, const struct world *w, const struct timeline_member *m)
{
	for (size_t i = 0; m->folded && i < m->fold.nredemptions; i++) {
		const struct redeemed *d = &m->fold.redemptions[i];
		enum reward_form form = form_of(w, d);

		if (reward_form_is_made(form))
			add_row(c, m, d, form);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Saves what the folds of a batch have changed, with one statement for each
 * table.  First come the functions that fill the parameters of each statement,
 * then the functions that run them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "core/quote.h"
#include "ledger/balances.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"
#include "wire/why_json.h"

enum {
	MEMBERSHIPS_JSON_MAX = 16 * 1024
};

/* ---- rows ------------------------------------------------------------------
 *
 * Each add_x() adds the rows of one member to the parameters of a statement.
 */

static void
add_lots(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nlots; i++) {
		const struct kept_lot *l = &m->lots[i];
		const struct lot *p = l->lot;

		/* A new lot that was given no number is not saved, since
		 * nothing filled it. */
		if (!l->fresh || !l->changed || p->lot_id <= 0)
			continue;
		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, p->lot_id);
		columns_bigint(c, m->key.member_id);
		columns_bigint(c, p->store_id);
		columns_int(c, (int32_t)p->source);
		columns_int(c, l->wallet);
		columns_int(c, p->version_id);
		columns_bool(c, p->vested);
		columns_bigint(c, p->remaining);
		columns_instant(c, p->earned_at);
		columns_instant(c, p->vests_at);
		columns_until(c, p->expires_at);
		columns_text(c, p->source_id);
		columns_text(c, p->rule);
		columns_end_row(c);
	}
}

static void
add_changed_lots(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nlots; i++) {
		const struct lot *p = m->lots[i].lot;

		if (m->lots[i].fresh || !m->lots[i].changed)
			continue;
		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, m->key.member_id);
		columns_bigint(c, p->lot_id);
		columns_int(c, p->version_id);
		columns_bool(c, p->vested);
		columns_bigint(c, p->remaining);
		columns_instant(c, p->earned_at);
		columns_instant(c, p->vests_at);
		columns_until(c, p->expires_at);
		columns_end_row(c);
	}
}

static void
add_entries(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nmissing; i++) {
		const struct folded_entry *x = &m->missing[i];

		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, m->key.member_id);
		columns_bigint(c, x->store_id);
		columns_int(c, (int32_t)x->source);
		columns_int(c, x->wallet);
		columns_int(c, (int32_t)x->debit);
		columns_int(c, (int32_t)x->credit);
		columns_int(c, x->part);
		columns_int(c, m->revision + 1);
		columns_int(c, x->version_id);
		columns_bigint(c, x->units);
		columns_bigint(c, x->lot_id);
		columns_instant(c, x->at);
		columns_text(c, x->source_id);
		columns_text(c, x->rule);
		columns_text(c, x->party);
		columns_bool(c, x->corrects);
		columns_str(c, why_pack(c->arena, x->why));
		columns_end_row(c);
	}
}

/* The balance of points of a fresh member is written whether it changes or
 * not. */
static void
add_balances(struct columns *c, const struct timeline_member *m)
{
	const struct member_made of = { m->key, m->store_id, m->customer_id };

	for (size_t i = 0; i < m->nbalances; i++) {
		const struct wallet_balance *b = &m->balances[i];

		if (b->fresh && (b->changed || m->fresh))
			balances_make_row(
			    c, &of, b->wallet, &b->balance, b->changed);
	}
}

static void
add_changed_balances(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nbalances; i++) {
		const struct wallet_balance *b = &m->balances[i];
		bool anew = b->wallet == WALLET_POINTS && m->is_told_anew;

		if (b->fresh || (!b->changed && !anew))
			continue;
		balances_put_row(c, &m->key, b->wallet, &b->balance);
	}
}

/* The version of the program that the ledger keeps for a fact (rule 3 of
 * timeline.h). */
static int32_t
version_now(const struct timeline_member *m, const struct kept_fact *k)
{
	return k->version_id != 0 || k->fact.at > m->folded_at ||
	               fact_is_before(&k->fact)
	           ? k->version_id
	           : k->fact.version_id;
}

static bool
is_order_changed(const struct timeline_member *m, const struct kept_fact *k)
{
	return k->fact.kind == FACT_ORDER &&
	       (k->version_id != version_now(m, k) ||
	           k->points != k->points_now ||
	           strcmp(k->reason, k->reason_now) != 0);
}

/* Adds what the orders have come to.  An order that the caller writes later
 * gets it in memory; add_revisions() does the same. */
static void
add_orders(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; m->folded && i < m->nfacts; i++) {
		const struct kept_fact *k = &m->facts[i];

		if (k->unwritten != NULL) {
			k->unwritten->version_id = version_now(m, k);
			k->unwritten->points = k->points_now;
			k->unwritten->reason = k->reason_now;
			continue;
		}
		if (!is_order_changed(m, k))
			continue;
		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, k->fact.store_id);
		columns_bigint(c, k->order_id);
		columns_int(c, version_now(m, k));
		columns_bigint(c, k->points_now);
		columns_text(c, k->reason_now);
		columns_bigint(c, m->key.member_id);
		columns_end_row(c);
	}
}

/* Adds the revision under which the entries of each order were posted. */
static void
add_revisions(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nmissing; i++) {
		const struct folded_entry *x = &m->missing[i];
		struct unwritten_order *u;
		int64_t order_id;

		/* All entries of a source have the same revision, so the first
		 * part is enough. */
		if (x->source != SOURCE_ORDER || x->part != 1)
			continue;
		order_id = strtoll(x->source_id, NULL, 10);
		u = timeline_unwritten(m, x->store_id, order_id);
		if (u != NULL) {
			u->revision = m->revision + 1;
			continue;
		}
		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, x->store_id);
		columns_bigint(c, order_id);
		columns_int(c, m->revision + 1);
		columns_end_row(c);
	}
}

static void
add_facts(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; m->folded && i < m->nfacts; i++) {
		const struct kept_fact *k = &m->facts[i];

		if (k->fact.kind == FACT_ORDER ||
		    (k->refused == NULL && k->version_id == version_now(m, k)))
			continue;
		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, k->fact.store_id);
		columns_int(c, (int32_t)k->fact.kind);
		columns_text(c, k->fact.id);
		columns_int(c, version_now(m, k));
		columns_text(c, k->refused);
		columns_bigint(c, m->key.member_id);
		columns_end_row(c);
	}
}

static void
add_tiers(struct columns *c, const struct timeline_member *m)
{
	for (size_t i = 0; m->folded && i < m->fold.ntiers; i++) {
		const struct tier_change *t = &m->fold.tiers[i];

		columns_bigint(c, m->key.tenant_id);
		columns_bigint(c, m->key.member_id);
		columns_int(c, (int32_t)(m->fold.ntiers_before + i) + 1);
		columns_text(c, t->level);
		columns_instant(c, t->at);
		columns_until(c, t->until);
		columns_bigint(c, t->metric);
		columns_bigint(c, t->threshold);
		/* A window may begin before 1970, but an instant in the ledger
		 * may not. */
		columns_instant(c, t->window.from > 0 ? t->window.from : 0);
		columns_until(c, t->window.until);
		columns_text(c, t->cause ? t->cause : "");
		columns_end_row(c);
	}
}

/* Removes tier changes that the ledger has and the fold does not have, because
 * they have not happened after all. */
static void
add_no_tiers(struct columns *c, const struct timeline_member *m)
{
	size_t n = m->fold.ntiers_before + m->fold.ntiers;

	if (!m->folded || m->tiers_kept <= (int64_t)n)
		return;
	columns_bigint(c, m->key.tenant_id);
	columns_bigint(c, m->key.member_id);
	columns_int(c, (int32_t)n);
	columns_end_row(c);
}

static struct str
memberships_text(struct arena *a, const struct fold *f)
{
	struct str s = { 0 };
	struct jsonw w;
	struct buf b;

	buf_init(&b, MEMBERSHIPS_JSON_MAX);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < f->nmemberships; i++) {
		const struct membership_state *m = &f->memberships[i];

		if (m->from == 0)
			continue;
		jsonw_object(&w, m->membership);
		jsonw_instant(&w, "from", m->from);
		jsonw_instant(&w, "until", m->until);
		jsonw_bool(&w, "active", m->active);
		jsonw_bool(&w, "trial", m->trial);
		jsonw_bool(&w, "cancelled", m->cancelled);
		jsonw_object_end(&w);
	}
	jsonw_object_end(&w);
	if (b.len > 2 && jsonw_is_done(&w))
		s = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

/* Lists the ids of the benefits that hold now, with a blank between them. */
static const char *
benefits_text(const struct timeline_batch *b, const struct timeline_member *m)
{
	const struct benefit *held[BENEFITS_MAX];
	const struct occasion now = { .at = b->world->now };
	const char *text = NULL;
	size_t n = 0;

	if (m->folded)
		n = benefits_held(
		    m->timeline.eras[m->timeline.neras - 1].program,
		    m->fold.view, &now, held);
	for (size_t i = 0; i < n; i++)
		text = text == NULL ? held[i]->id
		                    : arena_printf(b->world->arena, "%s %s",
		                          text, held[i]->id);
	return text;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Whether shops are told of lots of points that have changed, even if the
 * balance has not: when they become available, and when they expire. */
static bool
has_changed_lots(const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nlots; i++)
		if (m->lots[i].changed && m->lots[i].wallet == WALLET_POINTS)
			return true;
	return false;
}

/* Whether another version of the program is in effect than when the member was
 * last folded: names, thresholds and all else may be others. */
static bool
has_new_program(const struct timeline_member *m)
{
	return m->folded && m->told_at != 0 &&
	       m->timeline.eras[m->timeline.neras - 1].from > m->told_at;
}

/* Works out whether push has something to tell beside the balance: it is told
 * by a change of the balance, and one that is only written anew counts as
 * one. */
static void
tell(const struct timeline_batch *b, struct timeline_member *m)
{
	static const struct fold none;
	const struct fold *f = m->folded ? &m->fold : &none;
	const struct tier_change *t = f->ntiers > 0 ? &f->tiers[f->ntiers - 1]
	                                            : NULL;
	int64_t until = t == NULL || t->until == INSTANT_NEVER ? 0 : t->until;

	m->memberships = memberships_text(b->world->arena, f);
	m->benefits = benefits_text(b, m);
	m->is_told_anew = !is_same(m->told_tier, t ? t->level : NULL) ||
	                  !is_same(m->told_memberships, m->memberships.data) ||
	                  !is_same(m->told_benefits, m->benefits) ||
	                  m->told_until != until ||
	                  m->told_metric != f->metric || has_changed_lots(m) ||
	                  has_new_program(m);
}

static void
state_row(struct columns *c, const struct timeline_member *m)
{
	static const struct fold none;
	const struct fold *f = m->folded ? &m->fold : &none;
	const struct tier_change *t = f->ntiers > 0 ? &f->tiers[f->ntiers - 1]
	                                            : NULL;

	columns_bigint(c, m->key.tenant_id);
	columns_bigint(c, m->key.member_id);
	columns_until(c, f->due_at);
	columns_bool(c, m->is_stale);
	columns_instant(c, m->folded_at);
	columns_text(c, t ? t->level : NULL);
	columns_instant(c, f->tier_since);
	columns_until(c, t ? t->until : 0);
	columns_str(c, m->memberships);
	columns_text(c, f->chosen_day);
	columns_instant(c, f->enrolled_at);
	columns_bigint(c, m->steps);
	columns_bigint(c, f->metric);
	columns_text(c, m->benefits);
	if (!m->fresh) {
		columns_bytes(c, m->next_seam);
		columns_bytes(c, m->next_since);
		columns_bigint(c, (int64_t)m->seam_kept.len);
	}
	columns_end_row(c);
}

/* A fresh member has no row in member_state. */
static void
add_fresh_state(struct columns *c, const struct timeline_member *m)
{
	if (m->fresh)
		state_row(c, m);
}

static void
add_state(struct columns *c, const struct timeline_member *m)
{
	if (!m->fresh)
		state_row(c, m);
}

/* ---- statements ---------------------------------------------------------- */

static int
save_rewards(const struct timeline_batch *b, struct err *e)
{
	const struct world *w = b->world;
	struct columns c;

	columns_init(&c, w->arena);
	for (size_t i = 0; i < b->n; i++)
		timeline_add_rewards(&c, w, &b->members[i]);
	return columns_tell(w->pg, SQL_REWARD_FOLDED, &c, e);
}

int
timeline_save(const struct timeline_batch *b, struct err *e)
{
	static const struct {
		enum sql stmt;
		void (*add)(struct columns *, const struct timeline_member *);
	} all[] = {
		{ SQL_LOT_START, add_lots },
		{ SQL_LOT_PUT, add_changed_lots },
		{ SQL_ENTRY_FOLD, add_entries },
		{ SQL_BALANCE_MAKE, add_balances },
		{ SQL_BALANCE_PUT, add_changed_balances },
		{ SQL_ORDER_FOLDED, add_orders },
		{ SQL_ORDER_REVISED, add_revisions },
		{ SQL_FACT_FOLDED, add_facts },
		{ SQL_TIER_PUT, add_tiers },
		{ SQL_TIER_DROP, add_no_tiers },
		{ SQL_STATE_ADD, add_fresh_state },
		{ SQL_STATE_PUT, add_state },
	};
	const struct world *w = b->world;

	for (size_t i = 0; i < b->n; i++) {
		timeline_seam_write(b, &b->members[i]);
		tell(b, &b->members[i]);
	}
	for (size_t i = 0; i < NITEMS(all); i++) {
		struct columns c;

		columns_init(&c, w->arena);
		for (size_t j = 0; j < b->n; j++)
			all[i].add(&c, &b->members[j]);
		if (columns_tell(w->pg, (int)all[i].stmt, &c, e) == -1)
			return -1;
	}
	return save_rewards(b, e);
}

/* Gives fresh members that were set aside a balance and a timeline. */
static int
aside_make(const struct timeline_batch *b, struct err *e)
{
	struct columns balances, states;

	columns_init(&balances, b->world->arena);
	columns_init(&states, b->world->arena);
	for (size_t i = 0; i < b->naside; i++) {
		const struct timeline_member *m = &b->aside[i];

		if (!m->fresh)
			continue;
		balances_make_row(&balances,
		    &(struct member_made){ .key = m->key }, WALLET_POINTS,
		    &(struct balance){ 0 }, 0);
		columns_bigint(&states, m->key.tenant_id);
		columns_bigint(&states, m->key.member_id);
		columns_end_row(&states);
	}
	return columns_tell(b->world->pg, SQL_BALANCE_MAKE, &balances, e) ==
	                   -1 ||
	               columns_tell(b->world->pg, SQL_STATE_MAKE, &states, e) ==
	                   -1
	           ? -1
	           : 0;
}

int
timeline_aside_save(const struct timeline_batch *b, struct err *e)
{
	struct columns c;
	struct pg_params p;

	if (aside_make(b, e) == -1)
		return -1;
	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->naside; i++) {
		const struct timeline_member *m = &b->aside[i];

		columns_bigint(&c, m->key.tenant_id);
		columns_bigint(&c, m->key.member_id);
		columns_bigint(&c,
		    m->steps > m->steps_before ? m->steps : m->steps_before);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	pg_params(&p, b->world->arena);
	columns_bind(&c, &p);
	pg_instant(&p, b->world->now);
	return pg_tell(b->world->pg, SQL_STATE_ASIDE, &p, e);
}

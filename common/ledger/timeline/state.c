/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

enum {
	MEMBERSHIPS_JSON_MAX = 16 * 1024
};

/* ---- orders and facts ------------------------------------------------------------------- */

/* Rule 3. of timeline.h. */
static int32_t
version_now(const struct world *w, const struct kept_fact *k)
{
	return k->version_id != 0 || k->fact.at > w->now ||
	               fact_is_before(&k->fact)
	           ? k->version_id
	           : k->fact.version_id;
}

static bool
is_order_changed(const struct world *w, const struct kept_fact *k)
{
	return k->fact.kind == FACT_ORDER &&
	       (k->version_id != version_now(w, k) ||
	           k->points != k->points_now ||
	           strcmp(k->reason, k->reason_now) != 0);
}

static int
save_orders(const struct timeline_batch *b, struct err *e)
{
	const struct world *w = b->world;
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->nfacts; j++) {
			const struct kept_fact *k = &m->facts[j];

			if (!is_order_changed(w, k))
				continue;
			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, k->fact.store_id);
			columns_bigint(&c, k->order_id);
			columns_int(&c, version_now(w, k));
			columns_bigint(&c, k->points_now);
			columns_text(&c, k->reason_now);
			columns_bigint(&c, m->key.member_id);
			columns_end_row(&c);
		}
	}
	return columns_tell(w->pg, SQL_ORDER_FOLDED, &c, e);
}

/* The numbers of the transactions that were posted for orders. */
static int
save_revisions(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nmissing; j++) {
			const struct folded_entry *x = &m->missing[j];

			/* each transaction once: by its first part */
			if (x->source != SOURCE_ORDER || x->part != 1)
				continue;
			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, x->store_id);
			columns_bigint(&c, strtoll(x->source_id, NULL, 10));
			columns_int(&c, m->revision + 1);
			columns_end_row(&c);
		}
	}
	return columns_tell(b->world->pg, SQL_ORDER_REVISED, &c, e);
}

static int
save_facts(const struct timeline_batch *b, struct err *e)
{
	const struct world *w = b->world;
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->nfacts; j++) {
			const struct kept_fact *k = &m->facts[j];

			if (k->fact.kind == FACT_ORDER ||
			    (k->refused == NULL &&
			        k->version_id == version_now(w, k)))
				continue;
			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, k->fact.store_id);
			columns_int(&c, (int32_t)k->fact.kind);
			columns_text(&c, k->fact.id);
			columns_int(&c, version_now(w, k));
			columns_text(&c, k->refused);
			columns_bigint(&c, m->key.member_id);
			columns_end_row(&c);
		}
	}
	return columns_tell(w->pg, SQL_FACT_FOLDED, &c, e);
}

/* ---- tiers and the rest of the state ---------------------------------------------------- */

static int
save_tiers(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->fold.ntiers; j++) {
			const struct tier_change *t = &m->fold.tiers[j];

			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, m->key.member_id);
			columns_int(&c, (int32_t)j + 1);
			columns_text(&c, t->level);
			columns_instant(&c, t->at);
			columns_until(&c, t->until);
			columns_bigint(&c, t->metric);
			columns_bigint(&c, t->threshold);
			/* a window may begin before there were instants */
			columns_instant(
			    &c, t->window.from > 0 ? t->window.from : 0);
			columns_until(&c, t->window.until);
			columns_text(&c, t->cause ? t->cause : "");
			columns_end_row(&c);
		}
	}
	return columns_tell(b->world->pg, SQL_TIER_PUT, &c, e);
}

/* Changes that did not happen after all. */
static int
drop_tiers(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (!m->folded || m->tiers_kept <= (int64_t)m->fold.ntiers)
			continue;
		columns_bigint(&c, m->key.tenant_id);
		columns_bigint(&c, m->key.member_id);
		columns_int(&c, (int32_t)m->fold.ntiers);
		columns_end_row(&c);
	}
	return columns_tell(b->world->pg, SQL_TIER_DROP, &c, e);
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

static int
save_states(const struct timeline_batch *b, struct err *e)
{
	static const struct fold none;
	const struct world *w = b->world;
	struct columns c;

	columns_init(&c, w->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];
		const struct fold *f = m->folded ? &m->fold : &none;
		const struct tier_change *t = f->ntiers > 0
		                                  ? &f->tiers[f->ntiers - 1]
		                                  : NULL;

		columns_bigint(&c, m->key.tenant_id);
		columns_bigint(&c, m->key.member_id);
		columns_until(&c, f->due_at);
		columns_bool(&c, m->is_stale);
		columns_instant(&c, w->now);
		columns_text(&c, t ? t->level : NULL);
		columns_instant(&c, f->tier_since);
		columns_until(&c, t ? t->until : 0);
		columns_str(&c, memberships_text(w->arena, f));
		columns_text(&c, f->chosen_day);
		columns_instant(&c, f->enrolled_at);
		columns_bigint(&c, m->steps);
		columns_end_row(&c);
	}
	return columns_tell(w->pg, SQL_STATE_PUT, &c, e);
}

int
timeline_aside_save(const struct timeline_batch *b, struct err *e)
{
	struct columns c;
	struct pg_params p;

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

int
timeline_state_save(const struct timeline_batch *b, struct err *e)
{
	if (save_orders(b, e) == -1 || save_revisions(b, e) == -1 ||
	    save_facts(b, e) == -1 || save_tiers(b, e) == -1 ||
	    drop_tiers(b, e) == -1)
		return -1;
	return save_states(b, e);
}

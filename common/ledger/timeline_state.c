/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "ledger/stmts.h"
#include "ledger/timeline_member.h"

enum {
	MEMBERSHIPS_JSON_MAX = 16 * 1024
};

/* A column of a batch statement, filled row by row. */
#define COLUMN(a, type, name, n) \
	type *name = arena_array(a, (n) + 1, sizeof(type))

static struct str
text_or_null(const char *s)
{
	return s ? str_of(s) : (struct str){ 0 };
}

/* Never is NULL there. */
static int64_t
instant_or_null(int64_t at)
{
	return at == INSTANT_NEVER ? 0 : at;
}

/* ---- orders and facts ------------------------------------------------------------------- */

/* Rule 3. of timeline.h. */
static int32_t
version_now(const struct timeline_world *w, const struct kept_fact *k)
{
	return k->version_id != 0 || k->fact.at > w->now ? k->version_id
	                                                 : k->fact.version_id;
}

static bool
is_order_changed(const struct timeline_world *w, const struct kept_fact *k)
{
	return k->fact.kind == FACT_ORDER &&
	       (k->version_id != version_now(w, k) ||
	           k->points != k->points_now ||
	           strcmp(k->reason, k->reason_now) != 0);
}

static int
save_orders(const struct timeline_batch *b, struct err *e)
{
	const struct timeline_world *w = b->world;
	struct arena *a = w->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].folded ? b->members[i].nfacts : 0;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int64_t, orders, most);
	COLUMN(a, int32_t, versions, most);
	COLUMN(a, int64_t, points, most);
	COLUMN(a, struct str, reasons, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->nfacts; j++) {
			const struct kept_fact *k = &m->facts[j];

			if (!is_order_changed(w, k))
				continue;
			tenants[n] = m->key.tenant_id;
			stores[n] = k->fact.store_id;
			orders[n] = k->order_id;
			versions[n] = version_now(w, k);
			points[n] = k->points_now;
			reasons[n++] = str_of(k->reason_now);
		}
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_bigints(&p, orders, n);
	pg_ints(&p, versions, n);
	pg_bigints(&p, points, n);
	pg_strs(&p, reasons, n);
	return pg_tell(w->pg, SQL_ORDER_FOLDED, &p, e);
}

/* The numbers of the transactions that were posted for orders. */
static int
save_revisions(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].nentries;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int64_t, orders, most);
	COLUMN(a, int32_t, revisions, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nentries; j++) {
			const struct folded_entry *x = &m->entries[j];

			/* each transaction once: by its first part */
			if (x->s.source != SOURCE_ORDER || x->part != 1)
				continue;
			tenants[n] = m->key.tenant_id;
			stores[n] = x->s.store_id;
			orders[n] = strtoll(x->s.source_id, NULL, 10);
			revisions[n++] = m->revision + 1;
		}
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_bigints(&p, orders, n);
	pg_ints(&p, revisions, n);
	return pg_tell(b->world->pg, SQL_ORDER_REVISED, &p, e);
}

static int
save_facts(const struct timeline_batch *b, struct err *e)
{
	const struct timeline_world *w = b->world;
	struct arena *a = w->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].folded ? b->members[i].nfacts : 0;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int32_t, kinds, most);
	COLUMN(a, struct str, ids, most);
	COLUMN(a, int32_t, versions, most);
	COLUMN(a, struct str, refused, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->nfacts; j++) {
			const struct kept_fact *k = &m->facts[j];

			if (k->fact.kind == FACT_ORDER ||
			    (k->refused == NULL &&
			        k->version_id == version_now(w, k)))
				continue;
			tenants[n] = m->key.tenant_id;
			stores[n] = k->fact.store_id;
			kinds[n] = (int32_t)k->fact.kind;
			ids[n] = str_of(k->fact.id);
			versions[n] = version_now(w, k);
			refused[n++] = text_or_null(k->refused);
		}
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_ints(&p, kinds, n);
	pg_strs(&p, ids, n);
	pg_ints(&p, versions, n);
	pg_strs(&p, refused, n);
	return pg_tell(w->pg, SQL_FACT_FOLDED, &p, e);
}

/* ---- tiers and the rest of the state ---------------------------------------------------- */

static int
save_tiers(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].folded ? b->members[i].fold.ntiers : 0;
	if (most == 0)
		return 0;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int32_t, numbers, most);
	COLUMN(a, struct str, levels, most);
	COLUMN(a, int64_t, at, most);
	COLUMN(a, int64_t, until, most);
	COLUMN(a, int64_t, metrics, most);
	COLUMN(a, int64_t, thresholds, most);
	COLUMN(a, int64_t, from, most);
	COLUMN(a, int64_t, to, most);
	COLUMN(a, struct str, causes, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; m->folded && j < m->fold.ntiers; j++, n++) {
			const struct tier_change *t = &m->fold.tiers[j];

			tenants[n] = m->key.tenant_id;
			members[n] = m->key.member_id;
			numbers[n] = (int32_t)j + 1;
			levels[n] = text_or_null(t->level);
			at[n] = t->at;
			until[n] = instant_or_null(t->until);
			metrics[n] = t->metric;
			thresholds[n] = t->threshold;
			/* a window may begin before there were instants */
			from[n] = t->window.from > 0 ? t->window.from : 0;
			to[n] = instant_or_null(t->window.until);
			causes[n] = str_of(t->cause ? t->cause : "");
		}
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, members, n);
	pg_ints(&p, numbers, n);
	pg_strs(&p, levels, n);
	pg_instants(&p, at, n);
	pg_instants(&p, until, n);
	pg_bigints(&p, metrics, n);
	pg_bigints(&p, thresholds, n);
	pg_instants(&p, from, n);
	pg_instants(&p, to, n);
	pg_strs(&p, causes, n);
	return pg_tell(b->world->pg, SQL_TIER_PUT, &p, e);
}

/* Changes that did not happen after all. */
static int
drop_tiers(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	COLUMN(a, int64_t, tenants, b->n);
	COLUMN(a, int64_t, members, b->n);
	COLUMN(a, int32_t, lasts, b->n);
	struct pg_params p;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (!m->folded || m->tiers_kept <= (int64_t)m->fold.ntiers)
			continue;
		tenants[n] = m->key.tenant_id;
		members[n] = m->key.member_id;
		lasts[n++] = (int32_t)m->fold.ntiers;
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, members, n);
	pg_ints(&p, lasts, n);
	return pg_tell(b->world->pg, SQL_TIER_DROP, &p, e);
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
	const struct timeline_world *w = b->world;
	struct arena *a = w->arena;
	size_t n = b->n;
	COLUMN(a, int64_t, tenants, n);
	COLUMN(a, int64_t, members, n);
	COLUMN(a, int64_t, due, n);
	COLUMN(a, int64_t, folded, n);
	COLUMN(a, struct str, tiers, n);
	COLUMN(a, int64_t, since, n);
	COLUMN(a, int64_t, until, n);
	COLUMN(a, struct str, memberships, n);
	COLUMN(a, struct str, days, n);
	COLUMN(a, int64_t, enrolled, n);
	struct pg_params p;

	for (size_t i = 0; i < n; i++) {
		const struct timeline_member *m = &b->members[i];
		const struct tier_change *t = NULL;

		tenants[i] = m->key.tenant_id;
		members[i] = m->key.member_id;
		folded[i] = w->now;
		if (!m->folded)
			continue;
		if (m->fold.ntiers > 0)
			t = &m->fold.tiers[m->fold.ntiers - 1];
		due[i] = instant_or_null(m->fold.due_at);
		tiers[i] = text_or_null(t ? t->level : NULL);
		since[i] = m->fold.tier_since;
		until[i] = t ? instant_or_null(t->until) : 0;
		memberships[i] = memberships_text(a, &m->fold);
		days[i] = text_or_null(m->fold.chosen_day);
		enrolled[i] = m->fold.enrolled_at;
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, members, n);
	pg_instants(&p, due, n);
	pg_instants(&p, folded, n);
	pg_strs(&p, tiers, n);
	pg_instants(&p, since, n);
	pg_instants(&p, until, n);
	pg_strs(&p, memberships, n);
	pg_strs(&p, days, n);
	pg_instants(&p, enrolled, n);
	return pg_tell(w->pg, SQL_STATE_PUT, &p, e);
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

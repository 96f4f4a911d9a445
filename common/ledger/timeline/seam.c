/* SPDX-License-Identifier: MIT */
/*
 * Keeps the seams of long timelines (core/fold/seam.c) in member_state.
 *
 *  1. The column `seam` has what fold() made at the seam.  The column `since`
 *     has what the ledger has of the time after the seam: the orders, the lots
 *     that are not as they were at the seam, and the sums of entries.  A fold
 *     from a seam loads no entries, no lots, and no orders from before the
 *     seam.
 *  2. A seam is a cache, and may be deleted at any time.  A seam is of use as
 *     long as nobody else has written the member's row (seam_xact), the bytes
 *     are as they were written, and the facts before the seam that are no
 *     orders, the stores, the versions of programs until the seam and the
 *     offsets of zones are the same.  Each fold compares all of these.  If
 *     anything differs, the whole timeline is folded.  Of orders before the
 *     seam, the caller tells: one who has written orders of a member, or has
 *     moved orders, names the member (timeline_news.written).
 *  3. A new seam is kept only if a fold from the seam gives the same balances.
 *  4. The lots that are used last are at the end of `seam`, and are read only
 *     for a fold that wants them.  The upper half of seam_xact is the length of
 *     the part before these lots.
 *
 * A member gets a newer seam when twice as many things have happened after the
 * seam as a seam keeps.  A seam keeps few things, since each thing is read again
 * for each order, and more things in a long timeline, since a refund of
 * something before the seam folds the whole timeline, and a new seam costs as
 * much as there are open lots.
 */
#include <assert.h>
#include <string.h>

#include "base/coder.h"
#include "ledger/columns.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

enum {
	SINCE_VERSION = 3,
	KEEPS_LEAST = 24,
	KEEPS_OF = 1024,    /* a seam keeps one thing more for so many */
	LOTS_FOR_THING = 4, /* of a wallet, for each thing of KEEPS_LEAST */
};

static size_t
keeps_least(const struct world *w)
{
	return w->seam_keeps > 0 ? w->seam_keeps : KEEPS_LEAST;
}

size_t
timeline_seam_lots(const struct world *w)
{
	return LOTS_FOR_THING * keeps_least(w);
}

/* ---- of what a seam was made --------------------------------------------- */

static uint64_t
hash_number(uint64_t h, int64_t n)
{
	return timeline_hash(h, (struct str){ (const char *)&n, sizeof(n) });
}

static uint64_t
hash_fact(const struct kept_fact *k)
{
	const struct fact *f = &k->fact;
	uint64_t h = hash_number(k->hash, f->store_id);

	h = hash_number(h, f->undone_at * 2 + f->held);
	h = timeline_hash(h, str_of(f->nothing != NULL ? f->nothing : ""));
	return timeline_hash(h, str_of(f->id));
}

/* Hashes the offsets of a zone, which another version of the zone database may
 * change. */
static uint64_t
hash_zone(uint64_t h, const struct zone *z)
{
	for (size_t i = 0; i < z->nchanges; i++)
		h = hash_number(h, z->changes[i].at ^ z->changes[i].offset_s);
	return h;
}

/* Hashes stores and versions of programs that may have a part in what happened
 * before the seam. */
static uint64_t
hash_programs(const struct world *w, int64_t tenant_id, int64_t seam)
{
	uint64_t h = hash_number(0, tenant_id);

	for (size_t i = 0; i < w->nstores; i++)
		if (w->stores[i].tenant_id == tenant_id)
			h = hash_number(h, w->stores[i].row_version);
	for (size_t i = 0; i < w->nprograms; i++)
		if (w->programs[i].tenant_id == tenant_id &&
		    w->programs[i].effective_from < seam)
			h = hash_zone(
			    hash_number(h, w->programs[i].row_version),
			    w->programs[i].program->zone);
	return h;
}

/* Finds what a seam at an instant is made of, by the facts that are loaded. */
static struct seam_of
made_of(const struct world *w, const struct timeline_member *m, int64_t seam)
{
	struct seam_of of = {
		.orders = m->seam_of.orders,
		.lots = (int64_t)timeline_seam_lots(w),
		.store_id = m->store_id,
		.program = hash_programs(w, m->key.tenant_id, seam),
	};

	for (size_t i = 0; i < m->nfacts; i++) {
		const struct kept_fact *k = &m->facts[i];

		if (k->refused != NULL ||
		    fact_happens_at(&k->fact, w->now) >= seam)
			continue;
		if (k->fact.kind != FACT_ORDER)
			of.facts += hash_fact(k);
		else
			of.orders += timeline_has_happened(k);
	}
	return of;
}

/* ---- bytes --------------------------------------------------------------- */

static void
code_lots(struct coder *c, struct timeline_member *m)
{
	m->lots = coder_list(
	    c, m->lots, &m->nlots, &m->lots_room, sizeof(*m->lots));
	for (size_t i = 0; i < m->nlots; i++) {
		struct kept_lot *l = &m->lots[i];

		if (c->reads)
			l->lot = arena_alloc(c->arena, sizeof(*l->lot));
		CODE(c, l->wallet);
		CODE(c, l->lot->lot_id);
		lot_code(c, l->lot);
		l->is_since = true;
	}
}

static void
code_entries(struct coder *c, struct timeline_member *m)
{
	m->posted = coder_list(
	    c, m->posted, &m->nposted, &m->posted_room, sizeof(*m->posted));
	for (size_t i = 0; i < m->nposted; i++) {
		struct folded_entry *x = &m->posted[i];

		CODE(c, x->source);
		CODE(c, x->store_id);
		coder_text(c, &x->source_id);
		coder_text(c, &x->rule);
		coder_text(c, &x->party);
		CODE(c, x->wallet);
		CODE(c, x->debit);
		CODE(c, x->credit);
		CODE(c, x->lot_id);
		CODE(c, x->units);
		coder_instant(c, &x->at);
		CODE(c, x->version_id);
	}
}

static void
code_orders(struct coder *c, struct timeline_member *m)
{
	size_t room;

	m->seam_orders = coder_list(c, m->seam_orders, &m->nseam_orders, &room,
	    sizeof(*m->seam_orders));
	for (size_t i = 0; i < m->nseam_orders; i++) {
		CODE(c, m->seam_orders[i].store_id);
		CODE(c, m->seam_orders[i].order_id);
	}
}

/* Codes the numbers of the lots in one part of a seam. */
static void
code_ids(struct coder *c, struct seam_lots *l)
{
	int64_t before = 0;
	size_t room;

	l->ids = coder_list(c, l->ids, &l->n, &room, sizeof(*l->ids));
	for (size_t i = 0; i < l->n; i++) {
		int64_t apart = l->ids[i] - before;

		CODE(c, apart);
		before = l->ids[i] = before + apart;
	}
}

static void
code_since(struct coder *c, struct timeline_member *m)
{
	int64_t version = SINCE_VERSION;

	CODE(c, version);
	CODE(c, m->seam.at);
	CODE(c, m->seam_of.orders);
	CODE(c, m->seam_of.lots);
	CODE(c, m->seam_of.store_id);
	CODE(c, m->seam_of.facts);
	CODE(c, m->seam_of.program);
	CODE(c, m->revision);
	CODE(c, m->rest_hash);
	code_orders(c, m);
	code_lots(c, m);
	code_entries(c, m);
}

/* ---- reading ------------------------------------------------------------- */

/* The hash that `since` begins with: of the part of the seam that is read each
 * time, and of what comes after the hash. */
static uint64_t
hash_kept(struct str seam, struct str since)
{
	since.data += sizeof(uint64_t);
	since.len -= sizeof(uint64_t);
	return timeline_hash(timeline_hash(SINCE_VERSION, seam), since);
}

void
timeline_seam_read(const struct timeline_batch *b, struct timeline_member *m)
{
	struct arena *a = b->world->arena;
	struct timeline_member read = *m;
	struct coder lots = coder_read(a, m->seam_kept);
	struct coder since = coder_read(a, m->since_kept);
	struct seam_lots ids = { .n = 0 };
	uint64_t hash;

	for (size_t i = 0; i < b->nbudgets; i++)
		if (b->budgets[i].store_id == m->store_id)
			return;
	if (m->no_seam || m->since_kept.len < sizeof(hash))
		return;
	memcpy(&hash, m->since_kept.data, sizeof(hash));
	if (hash != hash_kept(m->seam_kept, m->since_kept))
		return;
	since.at = sizeof(hash);
	code_since(&since, &read);
	code_ids(&lots, &ids);
	if (!coder_is_done(&since) || read.seam.at > b->world->now ||
	    read.seam_of.program !=
	        hash_programs(b->world, m->key.tenant_id, read.seam.at))
		return;
	read.seam.bytes = (struct str){ m->seam_kept.data + lots.at,
		m->seam_kept.len - lots.at };
	read.seam.ids = ids.ids;
	*m = read;
}

int
timeline_seam_rest(
    const struct timeline_batch *b, struct timeline_member *m, struct err *e)
{
	struct arena *a = b->world->arena;
	struct seam_lots of = { .n = 0 };
	struct coder lots;
	struct pg_params p;
	struct pg_rows rows;
	struct str rest = { 0 };

	pg_params(&p, a);
	pg_bigint(&p, m->key.tenant_id);
	pg_bigint(&p, m->key.member_id);
	pg_bigint(&p, (int64_t)m->seam_kept.len + 1);
	if (pg_ask(b->world->pg, SQL_STATE_REST, &p, &rows, e) == -1)
		return -1;
	if (rows.n > 0)
		rest = rows_str(a, &rows, 0, 0);
	pg_done(&rows);
	if (timeline_hash(0, rest) != m->rest_hash)
		return 0;
	lots = coder_read(a, rest);
	code_ids(&lots, &of);
	m->seam.rest = (struct str){ rest.data + lots.at, rest.len - lots.at };
	m->seam.rest_ids = of.ids;
	return 0;
}

static void
add_order(struct columns *c, const struct timeline_batch *b, size_t i,
    const struct order_key *o)
{
	columns_bigint(c, (int64_t)i);
	columns_bigint(c, b->members[i].key.tenant_id);
	columns_bigint(c, b->members[i].key.member_id);
	columns_bigint(c, o->store_id);
	columns_bigint(c, o->order_id);
	columns_end_row(c);
}

/* Whether an order is one of those after a member's seam. */
static bool
has_order(const struct timeline_member *m, const struct unwritten_order *u)
{
	for (size_t i = 0; i < m->nseam_orders; i++)
		if (m->seam_orders[i].store_id == u->store_id &&
		    m->seam_orders[i].order_id == u->order_id)
			return true;
	return false;
}

int
timeline_seam_orders(struct timeline_batch *b, struct err *e)
{
	struct columns named;
	struct pg_rows rows;
	int ret = 0;

	columns_init(&named, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (m->seam.at == 0)
			continue;
		for (size_t j = 0; j < m->nseam_orders; j++)
			add_order(&named, b, i, &m->seam_orders[j]);
		for (size_t j = 0; j < m->nunwritten; j++) {
			const struct unwritten_order *u = m->unwritten[j];

			if (!has_order(m, u))
				add_order(&named, b, i,
				    &(struct order_key){
				        u->store_id, u->order_id });
		}
	}
	if (named.n == 0)
		return 0;
	if (columns_ask(b->world->pg, SQL_TIMELINE_ORDERS_NAMED, &named, &rows,
	        e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++)
		ret = timeline_read_order(b->world->arena,
		    &b->members[pg_get_bigint(&rows, row, 0)], &rows, row, e);
	pg_done(&rows);
	return ret;
}

bool
timeline_seams_drop(const struct timeline_batch *b)
{
	bool any = false;

	for (size_t i = 0; i < b->n; i++) {
		any |= b->members[i].seam.at != 0;
		b->members[i].no_seam = true;
	}
	return any;
}

/* Whether the caller writes an order that was before the seam until now. */
static bool
tells_older(const struct timeline_member *m)
{
	for (size_t i = 0; i < m->nunwritten; i++)
		if (m->unwritten[i]->is_known && !has_order(m, m->unwritten[i]))
			return true;
	return false;
}

bool
timeline_seams_hold(const struct timeline_batch *b)
{
	bool all = true;

	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];
		struct seam_of of;

		if (m->seam.at == 0)
			continue;
		for (size_t j = 0; j < m->nfacts; j++)
			timeline_attach(b->world, &m->facts[j]);
		of = made_of(b->world, m, m->seam.at);
		m->no_seam = tells_older(m) || of.orders != m->seam_of.orders ||
		             of.store_id != m->seam_of.store_id ||
		             of.facts != m->seam_of.facts || m->npayouts > 0;
		all &= !m->no_seam;
	}
	return all;
}

/* ---- writing ------------------------------------------------------------- */

size_t
timeline_seam_keeps(
    const struct timeline_batch *b, const struct timeline_member *m)
{
	size_t least = keeps_least(b->world), n = 0, keeps;

	for (size_t i = 0; i < m->nfacts; i++)
		n += fact_happens_at(&m->facts[i].fact, b->world->now) >=
		     m->seam.at;
	keeps = least + (n + (size_t)m->seam_of.orders) / KEEPS_OF;
	return n >= 2 * keeps && !m->fresh && m->nbudgets == 0 ? keeps : 0;
}

static bool
same_balances(const struct fold *x, const struct fold *y)
{
	if (x->npurses != y->npurses || x->due_at != y->due_at)
		return false;
	for (size_t i = 0; i < x->npurses; i++)
		if (memcmp(&x->purses[i].balance, &y->purses[i].balance,
		        sizeof(x->purses[i].balance)) != 0)
			return false;
	return true;
}

/* Numbers the lots of one part of a new seam.  Returns false if one of them has
 * no number. */
static bool
list_ids(struct arena *a, const struct fold *f, int part, struct seam_lots *out)
{
	out->n = f->nlots_then[part];
	out->ids = arena_array(a, out->n + 1, sizeof(*out->ids));
	for (size_t i = 0; i < out->n; i++) {
		out->ids[i] = f->lots_then[part][i]->lot_id;
		if (out->ids[i] <= 0)
			return false;
	}
	return true;
}

/* Folds the facts after a seam. */
static void
fold_after(struct arena *a, const struct timeline_member *m,
    const struct seam *seam, struct fold *out)
{
	struct timeline t = m->timeline;
	struct fact *facts = arena_array(a, t.nfacts + 1, sizeof(*facts));

	t.facts = facts;
	t.seam = *seam;
	t.seam_keeps = 0;
	t.steps_most = 0;
	for (size_t i = t.nfacts = 0; i < m->timeline.nfacts; i++)
		if (fact_happens_at(&m->timeline.facts[i], t.now) >= seam->at)
			facts[t.nfacts++] = m->timeline.facts[i];
	fold(a, &t, out);
}

/* 3. Folds from the new seam, as the member `to`.  Returns false if the fold
 * gives other balances, or if a lot of the seam has no number. */
static bool
fold_on(const struct timeline_batch *b, const struct timeline_member *m,
    struct timeline_member *to, struct seam_lots ids[2], struct err *e)
{
	struct arena *a = b->world->arena;

	*to = *m;
	if (!list_ids(a, &m->fold, 0, &ids[0]) ||
	    !list_ids(a, &m->fold, 1, &ids[1]))
		return false;
	to->seam_of = made_of(b->world, m, m->fold.seam.at);
	to->seam = m->fold.seam;
	to->seam.ids = ids[0].ids;
	to->seam.rest_ids = ids[1].ids;
	to->seam.rest.len = 0;
	fold_after(a, m, &to->seam, &to->fold);
	if (to->fold.wants_lots) {
		to->seam.rest = m->fold.seam.rest;
		fold_after(a, m, &to->seam, &to->fold);
	}
	if (to->fold.is_short)
		return false;
	to->steps = to->fold.steps;
	to->fold.due_at = int64_min(to->fold.due_at, m->fold.due_at);
	to->nwanted = to->nlots = 0;
	to->lots_room = m->nlots + 1;
	to->lots = arena_array(a, to->lots_room, sizeof(*to->lots));
	for (size_t i = 0; i < m->nlots; i++) {
		struct kept_lot l = m->lots[i];

		/* No lot that the ledger alone has is in the seam. */
		l.is_since = true;
		if (l.lot->wallet == NULL || l.lot->earned_at >= to->seam.at)
			to->lots[to->nlots++] = l;
	}
	return same_balances(&m->fold, &to->fold) &&
	       timeline_match_lots(b, to, e) == 0 &&
	       timeline_find_wanted(b, to, e) == 0;
}

/* Writes what the ledger has of the time after a seam, once the entries that
 * are missing are posted. */
static struct str
since_of(const struct timeline_batch *b, const struct timeline_member *m)
{
	struct arena *a = b->world->arena;
	struct timeline_member w = *m;
	struct coder c = { .arena = a };
	uint64_t hash = 0;

	w.revision += m->nmissing > 0;
	w.posted = m->wanted;
	w.nposted = m->nwanted;
	w.nlots = w.nseam_orders = 0;
	w.lots = arena_array(a, m->nlots + 1, sizeof(*w.lots));
	for (size_t i = 0; i < m->nlots; i++)
		if (m->lots[i].lot->lot_id > 0 && m->lots[i].is_since)
			w.lots[w.nlots++] = m->lots[i];
	w.seam_orders = arena_array(a, m->nfacts + 1, sizeof(*w.seam_orders));
	for (size_t i = 0; i < m->nfacts; i++) {
		const struct kept_fact *k = &m->facts[i];

		if (k->fact.kind == FACT_ORDER &&
		    (!timeline_has_happened(k) ||
		        fact_happens_at(&k->fact, b->world->now) >= m->seam.at))
			w.seam_orders[w.nseam_orders++] = (struct order_key){
				k->fact.store_id, k->order_id
			};
	}
	coder_put(&c, &hash, sizeof(hash));
	code_since(&c, &w);
	hash = hash_kept(m->seam_kept, coder_bytes(&c));
	memcpy(c.bytes, &hash, sizeof(hash));
	return coder_bytes(&c);
}

void
timeline_seam_write(const struct timeline_batch *b, struct timeline_member *m)
{
	const struct seam *seam = &m->fold.seam;
	struct coder c = { .arena = b->world->arena };
	struct timeline_member to;
	struct seam_lots ids[2];
	struct err e;
	size_t head;

	m->next_seam = m->next_since = (struct str){ 0 };
	if (!m->folded || m->is_stale)
		return;
	if (seam->at != 0 && fold_on(b, m, &to, ids, &e)) {
		code_ids(&c, &ids[0]);
		coder_put(&c, seam->bytes.data, seam->bytes.len);
		head = c.n;
		code_ids(&c, &ids[1]);
		coder_put(&c, seam->rest.data, seam->rest.len);
		m->next_seam = coder_bytes(&c);
		m->seam_kept = to.seam_kept = (struct str){ m->next_seam.data,
			head };
		to.rest_hash = timeline_hash(
		    0, (struct str){ m->next_seam.data + head, c.n - head });
		m->next_since = since_of(b, &to);
		m->steps = to.steps;
	} else if (m->seam.at != 0) {
		m->next_since = since_of(b, m);
	}
}

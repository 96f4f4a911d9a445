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
 *     long as nobody else has written the member's row (seam_xact), no order or
 *     fact has come or gone before the seam, and the stores, the versions of
 *     programs until the seam and the offsets of zones are the same.  Each fold
 *     compares all of these.  If anything differs, the whole timeline is folded.
 *     The caller names members of whom the caller has written orders, since one
 *     of these orders may be older than the seam.
 *  3. A new seam is kept only if a fold from the seam gives the same balances.
 *
 * A member gets a newer seam when three times as many things have happened
 * after the seam as a seam keeps.  A seam keeps few things, since each thing is
 * read again for each order, and more things in a long timeline, since a refund
 * of something before the seam folds the whole timeline.
 */
#include <assert.h>
#include <string.h>

#include "base/coder.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"

enum {
	SINCE_VERSION = 2,
	KEEPS_LEAST = 24,
	KEEPS_OF = 256, /* a seam keeps one thing more for so many */
};

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

/* Codes the length of a list of things of this size.  Returns the list, which
 * has room for what is read. */
static void *
code_list(struct coder *c, void *list, size_t *n, size_t size)
{
	*n = coder_count(c, *n);
	if (c->reads)
		list = arena_array(c->arena, *n + 1, size);
	assert(*n == 0 || list != NULL);
	return list;
}

static void
code_lots(struct coder *c, struct timeline_member *m)
{
	const bool reads = c->reads;
	const char *rule = NULL;

	m->nlots = coder_count(c, m->nlots);
	if (reads) {
		m->lots_room = m->nlots + 1;
		m->lots = arena_array(c->arena, m->lots_room, sizeof(*m->lots));
	}
	assert(m->nlots == 0 || m->lots != NULL);
	for (size_t i = 0; i < m->nlots; i++) {
		struct kept_lot *l = &m->lots[i];
		struct lot *x = reads
		                    ? l->lot = arena_alloc(c->arena, sizeof(*x))
		                    : l->lot;

		CODE(c, l->wallet);
		CODE(c, x->lot_id);
		CODE(c, x->source);
		CODE(c, x->store_id);
		coder_text_like(c, &x->source_id, NULL);
		coder_text_like(c, &x->rule, rule);
		CODE(c, x->version_id);
		CODE(c, x->remaining);
		CODE(c, x->earned_at);
		CODE(c, x->vests_at);
		CODE(c, x->expires_at);
		CODE(c, x->vested);
		l->is_since = true;
		rule = x->rule;
	}
}

static void
code_entries(struct coder *c, struct folded_entry **list, size_t *n)
{
	const char *id = NULL, *rule = NULL;

	*list = code_list(c, *list, n, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		struct folded_entry *x = &(*list)[i];

		CODE(c, x->source);
		CODE(c, x->store_id);
		coder_text_like(c, &x->source_id, id);
		coder_text_like(c, &x->rule, rule);
		coder_text_like(c, &x->party, "");
		CODE(c, x->wallet);
		CODE(c, x->debit);
		CODE(c, x->credit);
		CODE(c, x->lot_id);
		CODE(c, x->units);
		CODE(c, x->at);
		CODE(c, x->version_id);
		id = x->source_id;
		rule = x->rule;
	}
}

static void
code_orders(struct coder *c, struct timeline_member *m)
{
	m->seam_orders = code_list(
	    c, m->seam_orders, &m->nseam_orders, sizeof(*m->seam_orders));
	for (size_t i = 0; i < m->nseam_orders; i++) {
		CODE(c, m->seam_orders[i].store_id);
		CODE(c, m->seam_orders[i].order_id);
	}
}

static void
code_seam_lots(struct coder *c, struct timeline_member *m)
{
	m->seam_lots = code_list(
	    c, m->seam_lots, &m->nseam_lots, sizeof(*m->seam_lots));
	for (size_t i = 0; i < m->nseam_lots; i++)
		CODE(c, m->seam_lots[i]);
}

static void
code_since(struct coder *c, struct timeline_member *m, uint64_t hash)
{
	int64_t version = SINCE_VERSION;
	uint64_t of = hash;

	CODE(c, version);
	CODE(c, of);
	CODE(c, m->seam.at);
	c->is_bad |= version != SINCE_VERSION || of != hash;
	CODE(c, m->seam_of.orders);
	CODE(c, m->seam_of.store_id);
	CODE(c, m->seam_of.facts);
	CODE(c, m->seam_of.program);
	CODE(c, m->revision);
	code_orders(c, m);
	code_lots(c, m);
	code_entries(c, &m->posted, &m->nposted);
}

/* ---- reading ------------------------------------------------------------- */

void
timeline_seam_read(const struct timeline_batch *b, struct timeline_member *m)
{
	struct arena *a = b->world->arena;
	struct timeline_member read = *m;
	struct coder lots = coder_read(a, m->seam_kept);
	struct coder since = coder_read(a, m->since_kept);

	if (m->no_seam || m->seam_kept.len == 0 || m->since_kept.len == 0)
		return;
	code_seam_lots(&lots, &read);
	code_since(&since, &read, timeline_hash(0, m->seam_kept));
	if (lots.is_bad || !coder_is_done(&since) ||
	    read.seam.at > b->world->now ||
	    read.seam_of.program !=
	        hash_programs(b->world, m->key.tenant_id, read.seam.at))
		return;
	read.seam.bytes = (struct str){ m->seam_kept.data + lots.at,
		m->seam_kept.len - lots.at };
	read.posted_room = read.nposted + 1;
	*m = read;
}

/* Reads a row of a statement whose rows name the member by its index. */
typedef int row_reader(struct arena *, struct timeline_member *,
    const struct pg_rows *, int row, struct err *);

static int
ask(const struct timeline_batch *b, enum sql stmt, const struct columns *c,
    row_reader *read, struct err *e)
{
	struct pg_rows rows;
	int ret = 0;

	if (columns_ask(b->world->pg, (int)stmt, c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++)
		ret = read(b->world->arena,
		    &b->members[pg_get_bigint(&rows, row, 0)], &rows, row, e);
	pg_done(&rows);
	return ret;
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

static int
read_count(struct arena *, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *)
{
	m->orders_known = pg_get_bigint(rows, row, 1);
	return 0;
}

int
timeline_seam_orders(struct timeline_batch *b, struct err *e)
{
	struct columns named, counted;

	columns_init(&named, b->world->arena);
	columns_init(&counted, b->world->arena);
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
		columns_bigint(&counted, (int64_t)i);
		columns_bigint(&counted, m->key.tenant_id);
		columns_bigint(&counted, m->key.member_id);
		columns_end_row(&counted);
	}
	if (counted.n == 0)
		return 0;
	if (named.n > 0 && ask(b, SQL_TIMELINE_ORDERS_NAMED, &named,
	                       timeline_read_order, e) == -1)
		return -1;
	return ask(b, SQL_TIMELINE_ORDERS_COUNT, &counted, read_count, e);
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

bool
timeline_seams_hold(const struct timeline_batch *b)
{
	bool all = true;

	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];
		int64_t known = 0;
		struct seam_of of;

		if (m->seam.at == 0)
			continue;
		for (size_t j = 0; j < m->nfacts; j++) {
			timeline_attach(b->world, &m->facts[j]);
			known += m->facts[j].fact.kind == FACT_ORDER &&
			         (m->facts[j].unwritten == NULL ||
			             m->facts[j].unwritten->is_known);
		}
		of = made_of(b->world, m, m->seam.at);
		m->no_seam = of.orders != m->seam_of.orders ||
		             of.store_id != m->seam_of.store_id ||
		             of.facts != m->seam_of.facts ||
		             m->orders_known != of.orders + known;
		all &= !m->no_seam;
	}
	return all;
}

/* ---- writing ------------------------------------------------------------- */

static bool
may_have_seam(const struct timeline_batch *b, const struct timeline_member *m)
{
	const struct world *w = b->world;

	return b->nbudgets == 0 && !m->fresh && !m->is_stale &&
	       !programs_give_away(w->programs, w->nprograms);
}

size_t
timeline_seam_keeps(
    const struct timeline_batch *b, const struct timeline_member *m)
{
	size_t n = m->nfacts + (size_t)m->seam_of.orders;
	size_t least = b->world->seam_keeps;
	size_t keeps = (least > 0 ? least : KEEPS_LEAST) + n / KEEPS_OF;

	return may_have_seam(b, m) && m->nfacts >= 3 * keeps ? keeps : 0;
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

/* 3. Folds from the new seam, as the member `to`.  Returns false if the fold
 * gives other balances, or if a lot of the seam has no number. */
static bool
fold_on(const struct timeline_batch *b, const struct timeline_member *m,
    struct timeline_member *to, struct err *e)
{
	struct arena *a = b->world->arena;
	struct timeline t = m->timeline;
	struct fact *facts = arena_array(a, t.nfacts + 1, sizeof(*facts));

	*to = *m;
	to->seam_of = made_of(b->world, m, m->fold.seam.at);
	to->seam = t.seam = m->fold.seam;
	to->nseam_lots = m->fold.nlots_then;
	to->seam_lots = arena_array(
	    a, to->nseam_lots + 1, sizeof(*to->seam_lots));
	for (size_t i = 0; i < to->nseam_lots; i++) {
		to->seam_lots[i] = m->fold.lots_then[i]->lot_id;
		if (to->seam_lots[i] <= 0)
			return false;
	}
	t.facts = facts;
	t.seam_keeps = 0;
	t.steps_most = 0;
	for (size_t i = t.nfacts = 0; i < m->timeline.nfacts; i++)
		if (fact_happens_at(&m->timeline.facts[i], t.now) >= t.seam.at)
			facts[t.nfacts++] = m->timeline.facts[i];
	fold(a, &t, &to->fold);
	if (to->fold.is_short)
		return false;
	to->steps = to->fold.steps;
	to->fold.due_at = int64_min(to->fold.due_at, m->fold.due_at);
	to->nwanted = 0;
	to->lots_room = m->nlots + 1;
	to->lots = arena_array(a, to->lots_room, sizeof(*to->lots));
	for (size_t i = 0; i < m->nlots; i++) {
		to->lots[i] = m->lots[i];
		/* No lot that the ledger alone has is in the seam. */
		to->lots[i].is_since = m->lots[i].lot->wallet == NULL ||
		                       m->lots[i].lot->earned_at >= t.seam.at;
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
	code_since(&c, &w, m->seam_hash);
	return c.is_bad ? (struct str){ 0 } : coder_bytes(&c);
}

static struct str
seam_bytes(struct arena *a, struct timeline_member *m)
{
	struct coder c = { .arena = a };
	char *all;

	code_seam_lots(&c, m);
	all = arena_alloc(a, c.n + m->seam.bytes.len);
	memcpy(all, c.bytes, c.n);
	memcpy(all + c.n, m->seam.bytes.data, m->seam.bytes.len);
	return (struct str){ all, c.n + m->seam.bytes.len };
}

void
timeline_seam_write(const struct timeline_batch *b, struct timeline_member *m)
{
	struct timeline_member to;
	struct err e;

	m->next_seam = m->next_since = (struct str){ 0 };
	if (!m->folded || !may_have_seam(b, m))
		return;
	if (m->fold.seam.at != 0 && fold_on(b, m, &to, &e)) {
		m->next_seam = seam_bytes(b->world->arena, &to);
		to.seam_hash = timeline_hash(0, m->next_seam);
		m->next_since = since_of(b, &to);
		m->steps = to.steps;
	} else if (m->seam.at != 0) {
		m->seam_hash = timeline_hash(0, m->seam_kept);
		m->next_since = since_of(b, m);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Facts of a batch's members: reads the facts, finds the program of each fact,
 * and fills in the categories, tags, vendor and type of the products of orders.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/products.h"
#include "ledger/rows.h"
#include "ledger/timeline/internal.h"
#include "wire/fact_json.h"
#include "wire/order_json.h"

uint64_t
timeline_hash(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.data[i]) * UINT64_C(0x100000001b3);
	return h;
}

bool
timeline_has_happened(const struct kept_fact *k)
{
	return k->refused == NULL && k->fact.program != NULL &&
	       (k->fact.kind != FACT_ORDER || k->fact.order->modified_at != 0);
}

struct kept_fact *
timeline_add_fact(struct arena *a, struct timeline_member *m)
{
	m->facts = arena_grow(
	    a, m->facts, m->nfacts, &m->facts_room, sizeof(*m->facts));
	m->facts[m->nfacts] = (struct kept_fact){ .refused = NULL };
	return &m->facts[m->nfacts++];
}

static int
compare_refunds(const void *a, const void *b)
{
	const struct order_refund *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Sorts the refunds by time.  A refund that names no time happened when the
 * order last changed. */
static void
sort_refunds(struct order *o)
{
	for (size_t i = 0; i < o->nrefunds; i++)
		if (o->refunds[i].at == 0)
			o->refunds[i].at = o->modified_at != 0 ? o->modified_at
			                                       : o->created_at;
	if (o->nrefunds > 1)
		qsort(o->refunds, o->nrefunds, sizeof(*o->refunds),
		    compare_refunds);
}

int
timeline_order(
    struct arena *a, struct str facts, struct order **out, struct err *e)
{
	struct order *o = arena_alloc(a, sizeof(*o));

	if (order_unpack(a, facts, o, e) == -1)
		return -1;
	*o = order_counted(a, o);
	sort_refunds(o);
	*out = o;
	return 0;
}

/* Adds the steps that it takes to read the bytes of a fact. */
static void
count_reading(struct timeline_member *m, size_t size)
{
	enum {
		STEPS_OF_BYTE = 4, /* an estimate */
	};

	m->steps += STEPS_OF_BYTE * (int64_t)size;
}

/* Columns in the result of timeline_orders.sql. */
enum {
	ORDER_STORE = 1,
	ORDER_ID,
	ORDER_RECORD,
	ORDER_FACTS,
	ORDER_VERSION,
	ORDER_POINTS,
	ORDER_REASON,
	ORDER_HELD,
};

/* Fills in a fact from its order.  The caller sets what the ledger keeps beside
 * the order. */
static void
set_order(struct arena *a, struct kept_fact *k)
{
	k->fact.kind = FACT_ORDER;
	k->fact.at = k->order->created_at;
	k->fact.id = arena_printf(a, "%" PRId64, k->order_id);
	k->fact.order = k->order;
}

static void
set_unwritten(struct arena *a, struct timeline_member *m, struct kept_fact *k)
{
	count_reading(m, k->unwritten->size);
	k->fact.held = k->unwritten->held;
	k->order = k->unwritten->order;
	sort_refunds(k->order);
	set_order(a, k);
}

int
timeline_read_order(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	struct kept_fact *k = timeline_add_fact(a, m);
	struct str facts;

	k->order_id = pg_get_bigint(rows, row, ORDER_ID);
	k->version_id = (int32_t)pg_get_bigint(rows, row, ORDER_VERSION);
	k->points = pg_get_bigint(rows, row, ORDER_POINTS);
	k->reason = rows_text(a, rows, row, ORDER_REASON);
	k->fact.store_id = pg_get_bigint(rows, row, ORDER_STORE);
	k->fact.held = pg_get_bool(rows, row, ORDER_HELD);
	k->unwritten = timeline_unwritten(m, k->fact.store_id, k->order_id);
	if (k->unwritten != NULL) {
		k->unwritten->is_known = true;
		set_unwritten(a, m, k);
		return 0;
	}
	facts = rows_order(rows, row, ORDER_RECORD);
	count_reading(m, facts.len);
	if (timeline_order(a, facts, &k->order, e) == -1)
		return err_wrap(
		    e, "the facts kept of order %" PRId64, k->order_id);
	set_order(a, k);
	return 0;
}

/* Of an order that has a row, timeline_read_order() has taken the newer
 * facts. */
static void
add_unwritten(struct arena *a, struct timeline_member *m)
{
	for (size_t i = 0; i < m->nunwritten; i++) {
		struct unwritten_order *u = m->unwritten[i];
		struct kept_fact *k;

		if (u->is_known)
			continue;
		k = timeline_add_fact(a, m);
		k->unwritten = u;
		k->order_id = u->order_id;
		k->version_id = u->version_id;
		k->points = u->points;
		k->reason = u->reason;
		k->fact.store_id = u->store_id;
		set_unwritten(a, m, k);
	}
}

int
timeline_add_unwritten(struct timeline_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		add_unwritten(b->world->arena, &b->members[i]);
		if (b->members[i].nfacts > FACTS_MAX)
			return err_set(e, FAULT_REJECT,
			    "member %" PRId64 " has more than %d facts",
			    b->members[i].key.member_id, FACTS_MAX);
	}
	return 0;
}

/* Columns in the result of timeline_facts.sql. */
enum {
	FACT_STORE = 1,
	FACT_KIND,
	FACT_ID,
	FACT_FACTS,
	FACT_VERSION,
	FACT_HELD,
};

int
timeline_read_fact(struct arena *a, struct timeline_member *m,
    const struct pg_rows *rows, int row, struct err *e)
{
	struct str facts = pg_get_str(rows, row, FACT_FACTS);
	struct kept_fact *k = timeline_add_fact(a, m);
	const char *id = rows_text(a, rows, row, FACT_ID);

	count_reading(m, facts.len);
	if (fact_parse(a, facts, &k->fact, e) == -1)
		return err_wrap(e, "the fact kept as %s", id);
	k->hash = timeline_hash((uint64_t)k->fact.kind, facts);
	k->fact.kind = (enum fact_kind)pg_get_bigint(rows, row, FACT_KIND);
	k->fact.store_id = pg_get_bigint(rows, row, FACT_STORE);
	k->fact.id = id;
	k->fact.held = pg_get_bool(rows, row, FACT_HELD);
	k->version_id = (int32_t)pg_get_bigint(rows, row, FACT_VERSION);
	return 0;
}

void
timeline_attach(const struct world *w, struct kept_fact *k)
{
	const struct store *s = stores_find(
	    w->stores, w->nstores, k->fact.store_id);
	const struct program_version *v = programs_find(w->programs,
	    w->nprograms, k->fact.store_id, k->version_id, k->fact.at);

	/* If an event names a brand, that brand is used instead of the store's
	 * brand. */
	if (k->fact.brand == NULL)
		k->fact.brand = s ? s->brand : NULL;
	k->fact.taken = k->version_id != 0;
	/* A fact that was first folded before the store's start (earn_from) was
	 * set keeps what it earned. */
	k->fact.since = s && k->version_id == 0 ? s->earn_from : 0;
	k->fact.program = v ? v->program : NULL;
	k->fact.version_id = v ? v->version_id : 0;
}

int
timeline_products(struct timeline_batch *b, bool want, struct err *e)
{
	const struct world *w = b->world;
	struct product_ask *asks;
	size_t most = 0, n = 0;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].nfacts;
	asks = arena_array(w->arena, most + 1, sizeof(*asks));
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nfacts; j++) {
			const struct timeline_member *m = &b->members[i];
			const struct fact *f = &m->facts[j].fact;

			if (f->kind == FACT_ORDER &&
			    programs_ask_products(
			        w->programs, w->nprograms, f->store_id))
				asks[n++] = (struct product_ask){
					.tenant_id = m->key.tenant_id,
					.store_id = f->store_id,
					.waiting = want ? m->key.member_id : 0,
					.order = m->facts[j].order,
				};
		}
	return products_fill(w->pg, w->arena, asks, n, e);
}

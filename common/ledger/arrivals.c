/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/instant.h"
#include "base/mem.h"
#include "ledger/arrivals.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "wire/address.h"

/* A slot of the table.  The slot's index is a hash of store, platform and
 * address.  If two arrivals get the same slot, the newer one replaces the older
 * one. */
struct slot {
	int64_t store_id;
	/* received_at of the message for which the arrival was last written; 0:
	 * none. */
	int64_t noted_at;
	enum platform platform;
	enum address address;
};

struct arrivals {
	struct slot slots[ARRIVALS_SLOTS];
};

struct arrivals *
arrivals_new(void)
{
	struct arrivals *a = mem_new(sizeof(*a), "the addresses of deliveries");

	return a;
}

void
arrivals_free(struct arrivals *a)
{
	free(a);
}

static struct slot *
slot_of(struct arrivals *a, const struct message *m)
{
	uint64_t x = (uint64_t)m->store_id << 8 ^ (uint64_t)m->platform << 4 ^
	             (uint64_t)m->address;

	return &a->slots[(x * 0x9e3779b97f4a7c15 >> 32) % ARRIVALS_SLOTS];
}

/* Whether an arrival has to be written.  A message has no address if an
 * operator replays it, or if an earlier version of loyald, which had no
 * addresses, put it into the stream. */
static bool
is_news(const struct slot *s, const struct message *m)
{
	if (m->platform == (enum platform)0 || m->address == (enum address)0 ||
	    m->address == ADDRESS_REPLAYED)
		return false;
	return s->noted_at == 0 || s->store_id != m->store_id ||
	       s->platform != m->platform || s->address != m->address ||
	       m->received_at - s->noted_at >=
	           ARRIVALS_EVERY_S * INSTANT_SECOND;
}

int
arrivals_note(struct arrivals *a, const struct world *w,
    const struct message *m, size_t n, struct err *e)
{
	struct slot **taken = arena_array(w->arena, n, sizeof(*taken));
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < n; i++) {
		struct slot *s = slot_of(a, &m[i]);
		const struct store *store;

		if (!is_news(s, &m[i]))
			continue;
		store = stores_find(w->stores, w->nstores, m[i].store_id);
		if (store == NULL)
			continue;
		taken[c.n] = s;
		*s = (struct slot){
			.store_id = m[i].store_id,
			.noted_at = m[i].received_at,
			.platform = m[i].platform,
			.address = m[i].address,
		};
		columns_bigint(&c, store->tenant_id);
		columns_bigint(&c, store->store_id);
		columns_int(&c, (int32_t)m[i].platform);
		columns_int(&c, (int32_t)m[i].address);
		columns_instant(&c, m[i].received_at);
		columns_end_row(&c);
	}
	if (columns_tell(w->pg, SQL_ARRIVAL_NOTE, &c, e) == 0)
		return 0;
	for (size_t i = 0; i < c.n; i++)
		taken[i]->noted_at = 0;
	return -1;
}

int
arrivals_load(
    struct pg *pg, struct arena *arena, struct arrival_list *out, struct err *e)
{
	struct pg_rows rows;
	struct arrival *list;

	if (pg_ask(pg, SQL_ARRIVALS_LOAD, NULL, &rows, e) == -1)
		return -1;
	list = arena_array(arena, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct arrival){
			.store_id = pg_get_bigint(&rows, i, 0),
			.platform = (enum platform)pg_get_bigint(&rows, i, 1),
			.address = (enum address)pg_get_bigint(&rows, i, 2),
			.last_at = pg_get_instant(&rows, i, 3),
		};
	*out = (struct arrival_list){ list, (size_t)rows.n };
	pg_done(&rows);
	return 0;
}

/* Finds the index of the store's first arrival, or the index where it would be
 * inserted. */
static size_t
first_of(const struct arrival_list *l, int64_t store_id)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->list[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int64_t
arrivals_at(const struct arrival_list *l, int64_t store_id, enum platform p,
    enum address a)
{
	for (size_t i = first_of(l, store_id);
	     i < l->n && l->list[i].store_id == store_id; i++)
		if (l->list[i].platform == p && l->list[i].address == a)
			return l->list[i].last_at;
	return 0;
}

int64_t
arrivals_last(const struct arrival_list *l, int64_t store_id)
{
	int64_t last = 0;

	for (size_t i = first_of(l, store_id);
	     i < l->n && l->list[i].store_id == store_id; i++)
		if (l->list[i].last_at > last)
			last = l->list[i].last_at;
	return last;
}

bool
arrivals_use_old(const struct arrival_list *l, int64_t store_id,
    enum platform p, int64_t now)
{
	int64_t old_at = 0, own_at = 0;

	for (size_t i = first_of(l, store_id);
	     i < l->n && l->list[i].store_id == store_id; i++) {
		const struct arrival *x = &l->list[i];

		if (x->platform != p)
			continue;
		if (x->address == ADDRESS_SINGLE)
			old_at = x->last_at;
		else if (x->last_at > own_at)
			own_at = x->last_at;
	}
	return address_is_old_used(old_at, own_at, now);
}

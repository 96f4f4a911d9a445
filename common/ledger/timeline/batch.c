/* SPDX-License-Identifier: MIT */
/*
 * The members of one transaction: how many steps they may take, and statements
 * that return rows about these members.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/timeline/internal.h"

static int
compare_keys(const void *a, const void *b)
{
	const struct member_key *x = a, *y = b;

	if (x->tenant_id != y->tenant_id)
		return x->tenant_id < y->tenant_id ? -1 : 1;
	return (x->member_id > y->member_id) - (x->member_id < y->member_id);
}

void
timeline_batch_init(struct timeline_batch *b, const struct world *w,
    const struct member_key *keys, size_t n)
{
	struct member_key *all = arena_array(w->arena, n + 1, sizeof(*all));

	*b = (struct timeline_batch){ .world = w };
	if (n > 0)
		memcpy(all, keys, n * sizeof(*all));
	qsort(all, n, sizeof(*all), compare_keys);
	b->members = arena_array(w->arena, n + 1, sizeof(*b->members));
	for (size_t i = 0; i < n; i++)
		if (b->n == 0 ||
		    compare_keys(&all[i], &b->members[b->n - 1].key) != 0)
			b->members[b->n++].key = all[i];
}

static int
compare_unwritten(const void *a, const void *b)
{
	const struct unwritten_order *x = *(struct unwritten_order *const *)a;
	const struct unwritten_order *y = *(struct unwritten_order *const *)b;
	int order = compare_keys(&x->key, &y->key);

	if (order != 0)
		return order;
	if (x->store_id != y->store_id)
		return x->store_id < y->store_id ? -1 : 1;
	return (x->order_id > y->order_id) - (x->order_id < y->order_id);
}

/* Tells the members of the batch that the batch has made them.  The members and
 * `made` are sorted by key. */
static void
tell_fresh(struct timeline_batch *b, const struct member_made *made, size_t n)
{
	for (size_t i = 0, j = 0; i < b->n && j < n; i++) {
		struct timeline_member *m = &b->members[i];

		if (compare_keys(&m->key, &made[j].key) != 0)
			continue;
		m->fresh = true;
		m->store_id = made[j].store_id;
		m->customer_id = made[j++].customer_id;
		/* The balance of points is written whether it changes or not. */
		m->balances = arena_array(
		    b->world->arena, 1, sizeof(*m->balances));
		m->balances[0].wallet = WALLET_POINTS;
		m->balances[0].fresh = true;
		m->nbalances = m->balances_room = 1;
	}
}

/* Takes the store of an order as the member's, if the tenant has no other. */
static void
tell_home(const struct world *w, struct timeline_member *m)
{
	int64_t id = m->unwritten[0]->store_id;
	const struct store *s = stores_find(w->stores, w->nstores, id);

	if (s != NULL && !s->shares)
		m->store_id = id;
}

void
timeline_batch_tell(struct timeline_batch *b, const struct timeline_news *news)
{
	struct unwritten_order **all = news->unwritten;
	size_t from = 0, n = news->nunwritten;

	b->locked = news->locked;
	tell_fresh(b, news->made, news->nmade);
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < news->nwritten; j++)
			b->members[i].no_seam |= compare_keys(
			                             &b->members[i].key,
			                             &news->written[j]) == 0;
	if (n == 0)
		return;
	qsort(all, n, sizeof(*all), compare_unwritten);
	for (size_t i = 0; i < b->n; i++) {
		struct timeline_member *m = &b->members[i];
		size_t to = from;

		while (to < n && compare_keys(&all[to]->key, &m->key) == 0)
			to++;
		m->unwritten = all + from;
		m->nunwritten = to - from;
		if (to > from)
			tell_home(b->world, m);
		from = to;
	}
	assert(from == n);
}

struct unwritten_order *
timeline_unwritten(
    const struct timeline_member *m, int64_t store_id, int64_t order_id)
{
	const struct unwritten_order key = {
		.key = m->key,
		.store_id = store_id,
		.order_id = order_id,
	};
	const struct unwritten_order *want = &key;
	struct unwritten_order **found = NULL;

	if (m->nunwritten > 0)
		found = bsearch(&want, m->unwritten, m->nunwritten,
		    sizeof(*m->unwritten), compare_unwritten);
	return found != NULL ? *found : NULL;
}

int64_t
timeline_steps_most(const struct world *w)
{
	return w->steps_most > 0 ? w->steps_most : TIMELINE_STEPS_MAX;
}

int64_t
timeline_alone_most(const struct world *w)
{
	return w->alone_most > 0 ? w->alone_most : TIMELINE_ALONE_STEPS_MAX;
}

const char *
timeline_too_long(const struct world *w, const struct timeline_member *m)
{
	return arena_printf(w->arena,
	    "what %zu orders and events come to takes more than %" PRId64
	    " steps to work out",
	    m->nfacts, timeline_steps_most(w));
}

void
timeline_set_aside(struct timeline_batch *b)
{
	const int64_t most = timeline_steps_most(b->world);
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (m->steps_before <= most && m->steps <= most) {
			b->members[n++] = *m;
			continue;
		}
		b->aside = arena_grow(b->world->arena, b->aside, b->naside,
		    &b->aside_room, sizeof(*b->aside));
		b->aside[b->naside++] = *m;
	}
	b->n = n;
}

int16_t
timeline_wallet(
    const struct timeline_batch *b, int64_t tenant_id, const char *id)
{
	for (size_t i = 0; i < b->nwallets; i++)
		if (b->wallets[i].tenant_id == tenant_id &&
		    strcmp(b->wallets[i].id, id) == 0)
			return b->wallets[i].number;
	return 0;
}

/* Begins the parameters with some of the members.
 * index[k] becomes the index of the k-th of them.  Returns how many they
 * are. */
static size_t
params_of(const struct timeline_batch *b, enum timeline_whom of, size_t *index,
    struct pg_params *p)
{
	struct arena *a = b->world->arena;
	int64_t *tenants = arena_array(a, b->n + 1, sizeof(*tenants));
	int64_t *members = arena_array(a, b->n + 1, sizeof(*members));
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if ((b->members[i].fresh && of != OF_ALL) ||
		    (b->members[i].seam.at != 0 && of == OF_WHOLE))
			continue;
		tenants[n] = b->members[i].key.tenant_id;
		members[n] = b->members[i].key.member_id;
		index[n++] = i;
	}
	*p = (struct pg_params){ .arena = a };
	pg_bigints(p, tenants, n);
	pg_bigints(p, members, n);
	return n;
}

size_t
timeline_params(const struct timeline_batch *b, struct pg_params *p)
{
	return params_of(b, OF_KNOWN,
	    arena_array(b->world->arena, b->n + 1, sizeof(size_t)), p);
}

static int
read_all(const struct timeline_batch *b, const struct timeline_question *q,
    const size_t *index, const struct pg_rows *rows, struct err *e)
{
	for (int row = 0; row < rows->n; row++) {
		size_t i = (size_t)pg_get_bigint(rows, row, 0) - 1;

		assert(i < b->n);
		if (q->read(b->world->arena, &b->members[index[i]], rows, row,
		        e) == -1)
			return -1;
	}
	return 0;
}

int
timeline_ask(const struct timeline_batch *b, const struct timeline_question *q,
    size_t n, struct err *e)
{
	struct arena *a = b->world->arena;
	struct pg_question asked[PG_QUESTIONS_MAX];
	const struct timeline_question *of[PG_QUESTIONS_MAX];
	struct pg_rows rows[PG_QUESTIONS_MAX];
	struct pg_params p[OF_ALL + 1];
	size_t *index[OF_ALL + 1], known[OF_ALL + 1], nasked = 0;
	int ret = 0;

	assert(n <= PG_QUESTIONS_MAX);
	for (int k = 0; k <= OF_ALL; k++) {
		index[k] = arena_array(a, b->n + 1, sizeof(size_t));
		known[k] = params_of(b, (enum timeline_whom)k, index[k], &p[k]);
	}
	for (size_t i = 0; i < n; i++) {
		if (known[q[i].of] == 0)
			continue;
		of[nasked] = &q[i];
		asked[nasked] = (struct pg_question){ (int)q[i].stmt,
			&p[q[i].of], &rows[nasked] };
		nasked++;
	}
	if (pg_ask_all(b->world->pg, asked, nasked, e) == -1)
		return -1;
	for (size_t i = 0; i < nasked; i++) {
		if (ret == 0)
			ret = read_all(b, of[i], index[of[i]->of], &rows[i], e);
		pg_done(&rows[i]);
	}
	return ret;
}

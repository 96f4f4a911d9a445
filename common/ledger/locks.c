/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ledger/locks.h"
#include "ledger/stmts.h"

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
locks_share_stores(const struct world *w, int64_t *ids, size_t n, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	size_t ndistinct = 0;

	qsort(ids, n, sizeof(*ids), compare);
	for (size_t i = 0; i < n; i++)
		if (ndistinct == 0 || ids[i] != ids[ndistinct - 1])
			ids[ndistinct++] = ids[i];
	pg_bigints(&p, ids, ndistinct);
	return pg_tell(w->pg, SQL_LOCK_STORES, &p, e);
}

int
locks_take_store(
    const struct world *w, const struct store *store, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, store->store_id);
	return pg_tell(w->pg, SQL_LOCK_STORE, &p, e);
}

int
locks_take_tenant(const struct world *w, int64_t tenant_id, struct err *e)
{
	for (size_t i = 0; i < w->nstores; i++)
		if (w->stores[i].tenant_id == tenant_id &&
		    locks_take_store(w, &w->stores[i], e) == -1)
			return -1;
	return 0;
}

int64_t
lock_key_mix(int64_t key, int64_t v)
{
	uint64_t x = (uint64_t)key * 0x9e3779b97f4a7c15 + (uint64_t)v;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (int64_t)(x ^ x >> 31);
}

int64_t
lock_key(enum lock_kind kind, const struct store *store)
{
	return lock_key_mix(kind, store->store_id);
}

int
locks_take(const struct world *w, int64_t *keys, size_t n, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	if (n == 0)
		return 0;
	qsort(keys, n, sizeof(*keys), compare);
	pg_bigints(&p, keys, n);
	return pg_tell(w->pg, SQL_LOCK_KEYS, &p, e);
}

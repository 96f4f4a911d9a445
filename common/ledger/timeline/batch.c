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

	if (b->aside == NULL)
		b->aside = arena_array(
		    b->world->arena, b->n + 1, sizeof(*b->aside));
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		if (m->steps_before > most || m->steps > most)
			b->aside[b->naside++] = *m;
		else
			b->members[n++] = *m;
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

void
timeline_params(const struct timeline_batch *b, struct pg_params *p)
{
	struct arena *a = b->world->arena;
	int64_t *tenants = arena_array(a, b->n + 1, sizeof(*tenants));
	int64_t *members = arena_array(a, b->n + 1, sizeof(*members));

	for (size_t i = 0; i < b->n; i++) {
		tenants[i] = b->members[i].key.tenant_id;
		members[i] = b->members[i].key.member_id;
	}
	pg_params(p, a);
	pg_bigints(p, tenants, b->n);
	pg_bigints(p, members, b->n);
}

int
timeline_ask(const struct timeline_batch *b, enum sql stmt,
    timeline_reader *read, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	int ret = 0;

	timeline_params(b, &p);
	if (pg_ask(b->world->pg, (int)stmt, &p, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;

		assert(i < b->n);
		ret = read(b->world->arena, &b->members[i], &rows, row, e);
	}
	pg_done(&rows);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "base/money.h"
#include "ledger/stmts.h"
#include "ledger/stores.h"
#include "wire/program_json.h"

static int
program_read(const struct pg_rows *rows, int i, const struct store *s,
    struct program_version *v, struct err *e)
{
	v->tenant_id = pg_get_bigint(rows, i, 0);
	v->store_id = pg_get_bigint(rows, i, 1);
	v->version_id = (int32_t)pg_get_bigint(rows, i, 2);
	v->effective_from = pg_get_instant(rows, i, 3);
	if (program_parse(pg_get_str(rows, i, 4),
	        currency_exponent(s->currency), &v->program, e) == -1) {
		/* It was checked when it was published, so it is we who have
		 * changed. */
		err_wrap(e, "program version %d of store %lld", v->version_id,
		    (long long)v->store_id);
		e->fault = FAULT_FATAL;
		return -1;
	}
	return 0;
}

int
programs_load(struct pg *pg, struct arena *a, const struct store *stores,
    size_t nstores, struct program_version **out, size_t *n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct program_version *list;
	size_t found = 0;

	pg_params(&p, a);
	if (pg_ask(pg, SQL_PROGRAMS_LOAD, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++) {
		const struct store *s = stores_find(
		    stores, nstores, pg_get_bigint(&rows, i, 1));

		/* A store that was added since the stores were loaded is
		 * known with the next loading. */
		if (s == NULL)
			continue;
		if (program_read(&rows, i, s, &list[found], e) == -1) {
			pg_done(&rows);
			return -1;
		}
		found++;
	}
	pg_done(&rows);
	*out = list;
	*n = found;
	return 0;
}

const struct program_version *
programs_find(const struct program_version *list, size_t n, int64_t store_id,
    int32_t version_id, int64_t at)
{
	const struct program_version *best = NULL;
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && list[lo].store_id == store_id; lo++) {
		if (version_id != 0 && list[lo].version_id == version_id)
			return &list[lo];
		/* They are in the order they came into effect. */
		if (version_id == 0 && list[lo].effective_from <= at)
			best = &list[lo];
	}
	return best;
}

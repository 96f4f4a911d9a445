/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/stores.h"
#include "ledger/stores_seal.h"

static int
store_unseal(struct arena *a, const struct master_key *key, const char *kind,
    struct store *s, struct str *place, struct err *e)
{
	const char *what = store_seal_name(a, s->store_id, kind);

	if (place->data == NULL)
		return 0;
	if (unseal(a, key, what, *place, place, e) == -1) {
		/* If one secret cannot be opened, the key is wrong for all
		 * stores. */
		e->fault = FAULT_CONFIG;
		return -1;
	}
	return 0;
}

static int
store_read(struct arena *a, const struct master_key *key,
    const struct pg_rows *rows, int i, struct store *s, struct err *e)
{
	*s = (struct store){
		.tenant_id = pg_get_bigint(rows, i, 0),
		.store_id = pg_get_bigint(rows, i, 1),
		.platform = (enum platform)pg_get_bigint(rows, i, 2),
		.domain = rows_text(a, rows, i, 3),
		.currency = rows_text(a, rows, i, 4),
		.timezone = rows_text(a, rows, i, 5),
		.webhook_token = rows_text(a, rows, i, 6),
		.api_url = rows_text(a, rows, i, 7),
		.shop_id = pg_get_bigint(rows, i, 8),
		.disabled = pg_get_bool(rows, i, 9),
		.has_previous = !pg_is_null(rows, i, 11),
		.has_token = !pg_is_null(rows, i, 12),
		.brand = rows_text(a, rows, i, 13),
		.shares = pg_get_bool(rows, i, 14),
		.earn_from = pg_get_instant(rows, i, 15),
		.api_shop_id = pg_get_bigint(rows, i, 16),
	};
	if (key == NULL)
		return 0;
	s->secrets[0] = pg_get_bytes(a, rows, i, 10);
	s->secrets[1] = pg_get_bytes(a, rows, i, 11);
	s->api_token = pg_get_bytes(a, rows, i, 12);
	if (store_unseal(a, key, SEAL_SECRET, s, &s->secrets[0], e) == -1 ||
	    store_unseal(a, key, SEAL_PREVIOUS, s, &s->secrets[1], e) == -1 ||
	    store_unseal(a, key, SEAL_TOKEN, s, &s->api_token, e) == -1)
		return -1;
	return 0;
}

int
installation_load(struct pg *pg, int64_t *out, struct err *e)
{
	struct pg_rows rows;
	int n;

	if (pg_ask(pg, SQL_INSTALLATION_GET, NULL, &rows, e) == -1)
		return -1;
	n = rows.n;
	*out = n == 1 ? pg_get_bigint(&rows, 0, 0) : 0;
	pg_done(&rows);
	if (n != 1)
		return err_set(e, FAULT_FATAL,
		    "the table installation has %d rows: it must have the one "
		    "that loyald migrate made",
		    n);
	return 0;
}

int
stores_load(struct pg *pg, struct arena *a, const struct master_key *key,
    struct store **out, size_t *n, struct err *e)
{
	struct pg_rows rows;
	struct store *list;
	size_t nrows;

	if (pg_ask(pg, SQL_STORES_LOAD, NULL, &rows, e) == -1)
		return -1;
	nrows = (size_t)rows.n;
	if (nrows > STORES_MAX) {
		pg_done(&rows);
		return err_set(e, FAULT_FATAL,
		    "the database has %zu stores, and %d are the most one "
		    "process takes",
		    nrows, STORES_MAX);
	}
	list = arena_array(a, nrows, sizeof(*list));
	for (size_t i = 0; i < nrows; i++) {
		if (store_read(a, key, &rows, (int)i, &list[i], e) == -1) {
			pg_done(&rows);
			return -1;
		}
	}
	pg_done(&rows);
	*out = list;
	*n = nrows;
	return 0;
}

const struct store *
stores_find(const struct store *list, size_t n, int64_t store_id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && list[lo].store_id == store_id ? &list[lo] : NULL;
}

const struct store *
stores_need(const struct store *list, size_t n, int64_t store_id, struct err *e)
{
	const struct store *s = stores_find(list, n, store_id);

	if (s == NULL)
		(void)err_set(e, FAULT_REJECT,
		    "there is no store %" PRId64 ": see loyald store list",
		    store_id);
	return s;
}

int
push_status_load(struct pg *pg, struct arena *a, struct push_status **out,
    size_t *n, struct err *e)
{
	struct pg_rows rows;
	struct push_status *list;

	if (pg_ask(pg, SQL_PUSH_STATUS, NULL, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct push_status){
			.store_id = pg_get_bigint(&rows, i, 0),
			.waiting = pg_get_bigint(&rows, i, 1),
			.rejected = pg_get_bigint(&rows, i, 2),
			.last_error = rows_text(a, &rows, i, 3),
			.rejection = rows_text(a, &rows, i, 4),
			.pushed_at = pg_get_instant(&rows, i, 5),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
stores_heard(struct pg *pg, struct arena *a, size_t max,
    struct store_heard **out, size_t *n, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	struct store_heard *list;

	pg_params(&p, a);
	pg_bigint(&p, (int64_t)max);
	if (pg_ask(pg, SQL_STORES_HEARD, &p, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++)
		list[i] = (struct store_heard){
			.store_id = pg_get_bigint(&rows, i, 0),
			.delivered_at = pg_get_instant(&rows, i, 1),
			.pushed_at = pg_get_instant(&rows, i, 2),
		};
	*out = list;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

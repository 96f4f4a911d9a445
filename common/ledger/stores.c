/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "ledger/stores_seal.h"
#include "ledger/world.h"

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
		.row_version = pg_get_bigint(rows, i, 17),
	};
	if (key == NULL)
		return 0;
	s->secrets[0] = rows_str(a, rows, i, 10);
	s->secrets[1] = rows_str(a, rows, i, 11);
	s->api_token = rows_str(a, rows, i, 12);
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

/* The stores that stay as they are, and the numbers of those to load. */
struct renewal {
	struct store *list;
	size_t n;
	int64_t *ids;
	size_t nids;
};

/* Compares the rows in the database with the stores that are known. */
static int
stores_compare(const struct world *w, struct renewal *r, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(w->pg, SQL_STORES_VERSIONS, NULL, &rows, e) == -1)
		return -1;
	if (rows.n > STORES_MAX) {
		(void)err_set(e, FAULT_FATAL,
		    "the database has %d stores, and %d are the most one "
		    "process takes",
		    rows.n, STORES_MAX);
		pg_done(&rows);
		return -1;
	}
	r->list = arena_array(w->arena, (size_t)rows.n, sizeof(*r->list));
	r->ids = arena_array(w->arena, (size_t)rows.n, sizeof(*r->ids));
	for (int i = 0; i < rows.n; i++) {
		int64_t id = pg_get_bigint(&rows, i, 0);
		const struct store *was = stores_find(
		    w->stores, w->nstores, id);

		if (was != NULL &&
		    was->row_version == pg_get_bigint(&rows, i, 1) &&
		    was->shares == pg_get_bool(&rows, i, 2))
			r->list[r->n++] = *was;
		else
			r->ids[r->nids++] = id;
	}
	pg_done(&rows);
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = ((const struct store *)a)->store_id;
	int64_t y = ((const struct store *)b)->store_id;

	return (x > y) - (x < y);
}

/* Loads the stores that have changed, and adds them to the others. */
static int
stores_join(
    const struct world *w, struct arena *kept, struct renewal *r, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;
	struct store *list;
	int ret = 0;

	pg_bigints(&p, r->ids, r->nids);
	if (pg_ask(w->pg, SQL_STORES_LOAD, &p, &rows, e) == -1)
		return -1;
	list = arena_array(w->arena, r->n + (size_t)rows.n, sizeof(*list));
	if (r->n > 0)
		memcpy(list, r->list, r->n * sizeof(*list));
	for (int i = 0; i < rows.n && ret == 0; i++)
		ret = store_read(kept, w->key, &rows, i, &list[r->n++], e);
	pg_done(&rows);
	qsort(list, r->n, sizeof(*list), by_id);
	r->list = list;
	return ret;
}

int
stores_renew(struct world *w, struct arena *kept, bool *changed, struct err *e)
{
	struct renewal r = { 0 };

	if (stores_compare(w, &r, e) == -1)
		return -1;
	*changed = r.nids > 0 || r.n != w->nstores;
	if (!*changed)
		return 0;
	if (stores_join(w, kept, &r, e) == -1)
		return -1;
	w->stores = r.list;
	w->nstores = r.n;
	return 0;
}

int
stores_load(struct pg *pg, struct arena *a, const struct master_key *key,
    struct store **out, size_t *n, struct err *e)
{
	const struct world w = { .pg = pg, .arena = a, .key = key };
	struct renewal r = { 0 };

	if (stores_compare(&w, &r, e) == -1 || stores_join(&w, a, &r, e) == -1)
		return -1;
	*out = r.list;
	*n = r.n;
	return 0;
}

const struct store *
stores_find(const struct store *list, size_t n, int64_t store_id)
{
	const struct store wanted = { .store_id = store_id };

	return n == 0 ? NULL : bsearch(&wanted, list, n, sizeof(*list), by_id);
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
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct store_heard *list;

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

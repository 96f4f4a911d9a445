/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "io/zone.h"
#include "ledger/stmts.h"
#include "ledger/world.h"
#include "wire/program/program.h"

/* ---- loading ------------------------------------------------------------- */

/* The versions that stay as they are, and those to load. */
struct renewal {
	struct arena *kept;
	struct zone_table *zones;
	struct program_version *list;
	size_t n;
	int64_t *tenant_ids, *store_ids;
	int32_t *version_ids;
	size_t nids;
};

/* Finds the store of a row, and its zone.  *store becomes NULL for a store that
 * was added after the stores were loaded.  -1 if there is no such zone. */
static int
row_store(const struct world *w, struct zone_table *zones, int64_t store_id,
    const struct store **store, const struct zone **zone, struct err *e)
{
	*store = stores_find(w->stores, w->nstores, store_id);
	*zone = *store == NULL ? NULL
	                       : zone_table_find(zones, (*store)->timezone, e);
	return *store == NULL || *zone != NULL ? 0 : -1;
}

static bool
is_of(const struct program *p, const struct store *s, const struct zone *z)
{
	return p->zone == z && strcmp(p->currency, s->currency) == 0;
}

static int
row_compare(const struct world *w, const struct pg_rows *rows, int i,
    struct renewal *r, struct err *e)
{
	int64_t store_id = pg_get_bigint(rows, i, 1);
	int32_t version_id = (int32_t)pg_get_bigint(rows, i, 2);
	const struct program_version *was;
	const struct store *store;
	const struct zone *zone;

	if (row_store(w, r->zones, store_id, &store, &zone, e) == -1)
		return -1;
	if (store == NULL)
		return 0;
	was = programs_find(w->programs, w->nprograms, store_id, version_id, 0);
	if (was != NULL && was->version_id == version_id &&
	    was->row_version == pg_get_bigint(rows, i, 3) &&
	    is_of(was->program, store, zone)) {
		r->list[r->n++] = *was;
		return 0;
	}
	r->tenant_ids[r->nids] = pg_get_bigint(rows, i, 0);
	r->store_ids[r->nids] = store_id;
	r->version_ids[r->nids++] = version_id;
	return 0;
}

/* Compares the rows in the database with the versions that are known. */
static int
versions_compare(const struct world *w, struct renewal *r, struct err *e)
{
	struct pg_rows rows;
	size_t n;
	int ret = 0;

	if (pg_ask(w->pg, SQL_PROGRAMS_VERSIONS, NULL, &rows, e) == -1)
		return -1;
	n = (size_t)rows.n;
	r->list = arena_array(w->arena, n, sizeof(*r->list));
	r->tenant_ids = arena_array(w->arena, n, sizeof(*r->tenant_ids));
	r->store_ids = arena_array(w->arena, n, sizeof(*r->store_ids));
	r->version_ids = arena_array(w->arena, n, sizeof(*r->version_ids));
	for (int i = 0; i < rows.n && ret == 0; i++)
		ret = row_compare(w, &rows, i, r, e);
	pg_done(&rows);
	return ret;
}

static int
program_read(struct renewal *r, struct str file, const struct store *store,
    const struct zone *zone, struct program_version *v, struct err *e)
{
	const struct program_setting set = { .currency = store->currency,
		.exponent = currency_exponent(store->currency),
		.zone = zone,
		.kept = true };
	struct program *p = arena_alloc(r->kept, sizeof(*p));

	if (program_parse(r->kept, file, &set, p, e) == 0) {
		v->program = p;
		return 0;
	}
	/* The file was valid when it was published, so the code that reads it
	 * must have changed since then. */
	err_wrap(e, "program version %d of store %lld", v->version_id,
	    (long long)v->store_id);
	e->fault = FAULT_FATAL;
	return -1;
}

/* Reads row i, and adds it to the list. */
static int
row_read(const struct world *w, const struct pg_rows *rows, int i,
    struct renewal *r, struct err *e)
{
	struct program_version *v = &r->list[r->n];
	struct str file = pg_get_str(rows, i, 4);
	const struct store *store;
	const struct zone *zone;

	*v = (struct program_version){
		.tenant_id = pg_get_bigint(rows, i, 0),
		.store_id = pg_get_bigint(rows, i, 1),
		.version_id = (int32_t)pg_get_bigint(rows, i, 2),
		.effective_from = pg_get_instant(rows, i, 3),
		.row_version = pg_get_bigint(rows, i, 5),
	};
	if (row_store(w, r->zones, v->store_id, &store, &zone, e) == -1)
		return -1;
	if (i > 0 && str_eq(file, pg_get_str(rows, i - 1, 4)) &&
	    is_of(v[-1].program, store, zone))
		v->program = v[-1].program;
	else if (program_read(r, file, store, zone, v, e) == -1)
		return -1;
	r->n++;
	return 0;
}

static int
versions_read(const struct world *w, struct renewal *r, struct err *e)
{
	struct program_version *list;
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;
	int ret = 0;

	pg_bigints(&p, r->tenant_ids, r->nids);
	pg_bigints(&p, r->store_ids, r->nids);
	pg_ints(&p, r->version_ids, r->nids);
	if (pg_ask(w->pg, SQL_PROGRAMS_LOAD, &p, &rows, e) == -1)
		return -1;
	list = arena_array(w->arena, r->n + (size_t)rows.n, sizeof(*list));
	if (r->n > 0)
		memcpy(list, r->list, r->n * sizeof(*list));
	r->list = list;
	for (int i = 0; i < rows.n && ret == 0; i++)
		ret = row_read(w, &rows, i, r, e);
	pg_done(&rows);
	return ret;
}

/* ---- questions about all versions ---------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sets for each version whether all members of its tenant have timelines. */
static void
mark_timelines(struct arena *a, struct program_version *list, size_t n)
{
	int64_t *tenants = arena_array(a, n + 1, sizeof(*tenants));
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (!list[i].program->plain)
			tenants[k++] = list[i].tenant_id;
	if (k == 0)
		return;
	qsort(tenants, k, sizeof(*tenants), compare_ids);
	for (size_t i = 0; i < n; i++)
		list[i].timeline = bsearch(&list[i].tenant_id, tenants, k,
		                       sizeof(*tenants), compare_ids) != NULL;
}

static bool
asks_products(const struct filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		switch (f->tests[i].key) {
		case LINE_CATEGORY:
		case LINE_TAG:
		case LINE_VENDOR:
		case LINE_TYPE:
		case LINE_ON_SALE:
		case LINE_GIFT_CARD:
			return true;
		case LINE_SKU:
		case LINE_PRODUCT:
		case LINE_FREE:
		case LINE_PART:
		case LINE_BUNDLE:
			break;
		}
	return false;
}

static bool
program_asks_products(const struct program *p)
{
	bool yes = false;

	for (size_t i = 0; i < p->nbases; i++)
		yes |= asks_products(&p->bases[i].lines);
	for (size_t i = 0; i < p->nmultipliers; i++)
		yes |= asks_products(&p->multipliers[i].lines);
	for (size_t i = 0; i < p->nmemberships; i++)
		yes |= asks_products(&p->memberships[i].fee);
	return yes;
}

static bool
program_asks_referrals(const struct program *p)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].on == ON_EVENT &&
		    (strcmp(p->rules[i].event, "referral") == 0 ||
		        strcmp(p->rules[i].event, "referred") == 0))
			return true;
	return false;
}

/* Sets for each version whether its store's programs ask for products.  The
 * list is sorted by store. */
static void
mark_products(struct program_version *list, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		bool yes = false;

		for (end = i; end < n && list[end].store_id == list[i].store_id;
		     end++)
			yes |= program_asks_products(list[end].program);
		for (size_t j = i; j < end; j++)
			list[j].products = yes;
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct program_version *x = a, *y = b;

	if (x->store_id != y->store_id)
		return x->store_id < y->store_id ? -1 : 1;
	if (x->effective_from != y->effective_from)
		return x->effective_from < y->effective_from ? -1 : 1;
	return (x->version_id > y->version_id) -
	       (x->version_id < y->version_id);
}

int
programs_renew(struct world *w, struct arena *kept, struct zone_table *zones,
    bool *changed, struct err *e)
{
	struct renewal r = { .kept = kept, .zones = zones };

	if (versions_compare(w, &r, e) == -1)
		return -1;
	*changed = r.nids > 0 || r.n != w->nprograms;
	if (!*changed)
		return 0;
	if (versions_read(w, &r, e) == -1)
		return -1;
	qsort(r.list, r.n, sizeof(*r.list), by_time);
	mark_timelines(w->arena, r.list, r.n);
	mark_products(r.list, r.n);
	for (size_t i = 0; i < r.n; i++)
		r.list[i].referrals = program_asks_referrals(r.list[i].program);
	w->programs = r.list;
	w->nprograms = r.n;
	return 0;
}

int
programs_load(struct world *w, struct arena *a, struct err *e)
{
	struct world all = *w;
	struct zone_table zones;
	bool changed;

	all.arena = a;
	all.nprograms = 0;
	zone_table_init(&zones, a);
	if (programs_renew(&all, a, &zones, &changed, e) == -1)
		return -1;
	w->programs = all.programs;
	w->nprograms = all.nprograms;
	return 0;
}

const struct program_version *
programs_of(
    const struct program_version *list, size_t n, int64_t store_id, size_t *of)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*of = 0; lo + *of < n && list[lo + *of].store_id == store_id;)
		++*of;
	return n == 0 ? list : list + lo;
}

const struct program_version *
programs_find(const struct program_version *list, size_t n, int64_t store_id,
    int32_t version_id, int64_t at)
{
	const struct program_version *best = NULL;

	list = programs_of(list, n, store_id, &n);
	for (size_t i = 0; i < n; i++) {
		if (version_id != 0 && list[i].version_id == version_id)
			return &list[i];
		/* A store's versions are sorted by the time at which they came
		 * into effect. */
		if (version_id == 0 && list[i].effective_from <= at)
			best = &list[i];
	}
	return best;
}

bool
programs_look_back(
    const struct program_version *list, size_t n, int64_t store_id)
{
	list = programs_of(list, n, store_id, &n);
	return n > 0 && list->timeline;
}

bool
programs_have_rewards(const struct program_version *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].program->nrewards > 0)
			return true;
	return false;
}

bool
programs_give_away(const struct program_version *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].program->charities.n > 0)
			return true;
	return false;
}

bool
programs_ask_referrals(const struct program_version *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].referrals)
			return true;
	return false;
}

bool
programs_ask_products(
    const struct program_version *list, size_t n, int64_t store_id)
{
	list = programs_of(list, n, store_id, &n);
	return n > 0 && list->products;
}

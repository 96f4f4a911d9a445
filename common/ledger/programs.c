/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <stdlib.h>

#include "base/money.h"
#include "io/zone.h"
#include "ledger/stmts.h"
#include "ledger/world.h"
#include "wire/program/program.h"

/* A list of the time zones loaded so far.  The list is short, because many
 * stores share a time zone. */
struct known_zone {
	const struct known_zone *next;
	struct zone zone;
};

static const struct zone *
zone_known(struct arena *a, const struct known_zone **all, const char *name,
    struct err *e)
{
	struct known_zone *z;

	for (const struct known_zone *k = *all; k != NULL; k = k->next)
		if (strcmp(k->zone.name, name) == 0)
			return &k->zone;
	z = arena_alloc(a, sizeof(*z));
	if (zone_load(a, name, &z->zone, e) == -1)
		return NULL;
	z->next = *all;
	*all = z;
	return &z->zone;
}

/* Row i of a result, which is a version of the store's program. */
struct version_row {
	const struct pg_rows *rows;
	int i;
	const struct store *store;
	const struct zone *zone;
};

static int
program_read(struct arena *a, const struct version_row *r,
    struct program_version *v, struct err *e)
{
	const struct pg_rows *rows = r->rows;
	struct program_setting set = { .currency = r->store->currency,
		.exponent = currency_exponent(r->store->currency),
		.zone = r->zone,
		.kept = true };
	int i = r->i;

	v->tenant_id = pg_get_bigint(rows, i, 0);
	v->store_id = pg_get_bigint(rows, i, 1);
	v->version_id = (int32_t)pg_get_bigint(rows, i, 2);
	v->effective_from = pg_get_instant(rows, i, 3);
	if (program_parse(a, pg_get_str(rows, i, 4), &set, &v->program, e) ==
	    -1) {
		/* The file was valid when it was published, so the code that
		 * reads it must have changed since then. */
		err_wrap(e, "program version %d of store %lld", v->version_id,
		    (long long)v->store_id);
		e->fault = FAULT_FATAL;
		return -1;
	}
	return 0;
}

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
		if (!list[i].program.plain)
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
			yes |= program_asks_products(&list[end].program);
		for (size_t j = i; j < end; j++)
			list[j].products = yes;
	}
}

int
programs_load(struct world *w, struct arena *a, struct err *e)
{
	struct pg_rows rows;
	struct program_version *list;
	const struct known_zone *zones = NULL;
	size_t found = 0;

	if (pg_ask(w->pg, SQL_PROGRAMS_LOAD, NULL, &rows, e) == -1)
		return -1;
	list = arena_array(a, (size_t)rows.n, sizeof(*list));
	for (int i = 0; i < rows.n; i++) {
		struct version_row r = { .rows = &rows, .i = i };

		/* A store that was added after the stores were loaded is not
		 * known yet. */
		r.store = stores_find(
		    w->stores, w->nstores, pg_get_bigint(&rows, i, 1));
		if (r.store == NULL)
			continue;
		r.zone = zone_known(a, &zones, r.store->timezone, e);
		if (r.zone == NULL ||
		    program_read(a, &r, &list[found], e) == -1) {
			pg_done(&rows);
			return -1;
		}
		found++;
	}
	pg_done(&rows);
	mark_timelines(a, list, found);
	mark_products(list, found);
	for (size_t i = 0; i < found; i++)
		list[i].referrals = program_asks_referrals(&list[i].program);
	w->programs = list;
	w->nprograms = found;
	return 0;
}

/* Finds the index of the first version of a store. */
static size_t
first_of(const struct program_version *list, size_t n, int64_t store_id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid].store_id < store_id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct program_version *
programs_find(const struct program_version *list, size_t n, int64_t store_id,
    int32_t version_id, int64_t at)
{
	const struct program_version *best = NULL;
	size_t lo = first_of(list, n, store_id);

	for (; lo < n && list[lo].store_id == store_id; lo++) {
		if (version_id != 0 && list[lo].version_id == version_id)
			return &list[lo];
		/* A store's versions are sorted by the time at which they came
		 * into effect. */
		if (version_id == 0 && list[lo].effective_from <= at)
			best = &list[lo];
	}
	return best;
}

bool
programs_look_back(
    const struct program_version *list, size_t n, int64_t store_id)
{
	size_t i = first_of(list, n, store_id);

	return i < n && list[i].store_id == store_id && list[i].timeline;
}

bool
programs_give_away(const struct program_version *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].program.charities.n > 0)
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
	size_t i = first_of(list, n, store_id);

	return i < n && list[i].store_id == store_id && list[i].products;
}

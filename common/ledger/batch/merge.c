/* SPDX-License-Identifier: MIT */
/* Merges two customers into one member: customers of one store that the
 * platform has merged, or customers of several stores with the same verified
 * address. */
#include <inttypes.h>

#include "ledger/batch/internal.h"
#include "ledger/locks.h"
#include "ledger/member_edit.h"
#include "ledger/stmts.h"

static int
merge_names(const struct world *w, const struct merge *m, int64_t members[2],
    struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	pg_bigint(&p, m->store->tenant_id);
	pg_bigint(&p, m->store->store_id);
	pg_text(&p, arena_printf(w->arena, "%" PRId64, m->gone_id));
	pg_text(&p, arena_printf(w->arena, "%" PRId64, m->kept_id));
	if (pg_ask(w->pg, SQL_IDENTITY_MERGE, &p, &rows, e) == -1)
		return -1;
	if (rows.n == 1) {
		members[0] = pg_get_bigint(&rows, 0, 0);
		members[1] = pg_get_bigint(&rows, 0, 1);
	}
	pg_done(&rows);
	return 0;
}

/* Finds the member's next order after the given order; 0: there is none. */
static int
next_order(const struct world *w, const struct store *store, int64_t member_id,
    int64_t after, int64_t *order_id, struct err *e)
{
	struct pg_params p = { .arena = w->arena };

	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_bigint(&p, member_id);
	pg_bigint(&p, after);
	return pg_ask_bigint(w->pg, SQL_ORDER_OF_MEMBER, &p, order_id, e);
}

/* Decides an order again, now as an order of the member `to`.  *folded becomes
 * true if the order must be decided by timelines. */
static int
move_order(const struct world *w, const struct store *store, int64_t order_id,
    int64_t to, bool *folded, struct err *e)
{
	struct order_news s = {
		.store = store,
		.moved_to = to,
		.order = { .id = order_id, .platform = store->platform },
	};
	struct batch one = { .orders = &s, .norders = 1 };

	if (batch_load(w, &one, e) == -1 || batch_decide(w, &one, e) == -1 ||
	    batch_save(w, &one, e) == -1)
		return err_wrap(e, "order %" PRId64, order_id);
	*folded |= s.folded;
	return 0;
}

/* Sets *yes to true if one of the two members has a timeline, or if all members
 * of the tenant have timelines. */
static int
have_timelines(const struct world *w, const struct store *store,
    const int64_t members[2], bool *yes, struct err *e)
{
	const int64_t tenants[2] = { store->tenant_id, store->tenant_id };
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;

	pg_bigints(&p, tenants, 2);
	pg_bigints(&p, members, 2);
	if (pg_ask(w->pg, SQL_STATE_FOLDED, &p, &rows, e) == -1)
		return -1;
	*yes |= rows.n > 0 ||
	        programs_look_back(w->programs, w->nprograms, store->store_id);
	pg_done(&rows);
	return 0;
}

int
customers_merge(const struct world *w, const struct merge *m, struct err *e)
{
	const struct store *store = m->store;
	struct customer_news both[2] = {
		{ .store = store, .customer.id = m->gone_id, .gone_at = m->at },
		{ .store = store, .customer.id = m->kept_id },
	};
	struct batch known = { .customers = both, .ncustomers = 2 };
	struct batch gone;
	int64_t members[2] = { 0 }, order_id = 0;
	struct member_key keys[2];
	struct timeline_result r;
	bool folded = false;

	/* Perhaps neither customer is known yet, because the message about a
	 * merge can arrive before their orders. */
	if (locks_take_store(w, store, e) == -1 ||
	    batch_load(w, &known, e) == -1)
		return -1;
	gone = known;
	gone.ncustomers = 1;
	if (batch_save(w, &gone, e) == -1 ||
	    merge_names(w, m, members, e) == -1)
		return -1;
	if (members[0] == members[1])
		return 0;
	do {
		if (next_order(w, store, members[0], order_id, &order_id, e) ==
		        -1 ||
		    (order_id != 0 && move_order(w, store, order_id, members[1],
		                          &folded, e) == -1))
			return -1;
	} while (order_id != 0);
	for (int i = 0; i < 2; i++)
		keys[i] = (struct member_key){ store->tenant_id, members[i] };
	if (timeline_lock(w, keys, 2, e) == -1 ||
	    facts_move(w, store, members[0], members[1], e) == -1 ||
	    have_timelines(w, store, members, &folded, e) == -1)
		return -1;
	return folded ? timeline_post(w, keys, 2, &r, e) : 0;
}

/* ---- one customer of several stores -------------------------------------- */

static int
twins_find(const struct world *w, const struct customer_news *customers,
    size_t n, struct member_key twins[2], bool *found, struct err *e)
{
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	*found = false;
	for (size_t i = 0; i < n; i++) {
		if (!customers[i].store->shares ||
		    !customer_is_verified(&customers[i]))
			continue;
		customer_cells(&c, &customers[i], OWNER_CUSTOMER);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_IDENTITY_TWINS, &c, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		for (int i = 0; i < 2; i++)
			twins[i] = (struct member_key){
				pg_get_bigint(&rows, 0, 0),
				pg_get_bigint(&rows, 0, 1 + i),
			};
	pg_done(&rows);
	return 0;
}

static int
join_locked(const struct world *w, const struct member_key twins[2],
    struct timeline_result *r, struct err *e)
{
	struct member_merged moved;

	if (locks_take_tenant(w, twins[0].tenant_id, e) == -1 ||
	    timeline_lock(w, twins, 2, e) == -1 ||
	    member_move(w, twins[0], twins[1], &moved, e) == -1)
		return -1;
	return timeline_post(w, twins, 2, r, e);
}

int
customers_join(const struct world *w, const struct customer_news *customers,
    size_t n, size_t *entries, struct err *e)
{
	struct timeline_result r = { 0 };
	struct member_key twins[2];
	bool found;

	for (size_t i = 0; i <= n * w->nstores; i++) {
		if (twins_find(w, customers, n, twins, &found, e) == -1)
			return -1;
		if (!found)
			return 0;
		if (pg_begin(w->pg, e) == -1 ||
		    pg_end(w->pg, join_locked(w, twins, &r, e) == 0, e) == -1)
			return -1;
		*entries += r.entries;
	}
	return err_set(e, FAULT_FATAL,
	    "customers of several stores cannot be made one: run loyald "
	    "verify");
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "ledger/columns.h"
#include "ledger/ledger.h"
#include "ledger/locks.h"
#include "ledger/member_edit.h"
#include "ledger/stmts.h"

static const struct store *
store_of(const struct customer_news *customers, size_t n, int64_t store_id)
{
	for (size_t i = 0; i < n; i++)
		if (customers[i].store->store_id == store_id)
			return customers[i].store;
	return NULL;
}

bool
is_verified(const struct customer_news *c)
{
	return c->customer.email_verified && c->gone_at == 0;
}

void
verified_cells(
    struct columns *to, const struct customer_news *c, enum owner_kind kind)
{
	columns_bigint(to, c->store->tenant_id);
	columns_bigint(to, c->store->store_id);
	columns_int(to, (int32_t)kind);
	columns_str(to, owner_email(to->arena, c->customer.email_hash));
}

int
ledger_claims(const struct world *w, const struct customer_news *customers,
    size_t n, struct order_news **orders, size_t *norders, struct err *e)
{
	struct columns c;
	struct pg_params p;
	struct pg_rows rows;

	*norders = 0;
	columns_init(&c, w->arena);
	for (size_t i = 0; i < n; i++) {
		if (!is_verified(&customers[i]))
			continue;
		verified_cells(&c, &customers[i], OWNER_GUEST);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	pg_params(&p, w->arena);
	columns_bind(&c, &p);
	pg_bigint(&p, LEDGER_MOVE_MAX);
	if (pg_ask(w->pg, SQL_ORDER_CLAIMS, &p, &rows, e) == -1)
		return -1;
	*orders = arena_array(w->arena, (size_t)rows.n + 1, sizeof(**orders));
	for (int row = 0; row < rows.n; row++) {
		struct order_news *s = &(*orders)[row];

		s->store = store_of(customers, n, pg_get_bigint(&rows, row, 0));
		s->order.id = pg_get_bigint(&rows, row, 1);
		s->order.platform = s->store->platform;
	}
	*norders = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

static int
merge_names(const struct world *w, const struct store *store, int64_t gone_id,
    int64_t kept_id, int64_t members[2], struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, w->arena);
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_text(&p, arena_printf(w->arena, "%" PRId64, gone_id));
	pg_text(&p, arena_printf(w->arena, "%" PRId64, kept_id));
	if (pg_ask(w->pg, SQL_IDENTITY_MERGE, &p, &rows, e) == -1)
		return -1;
	if (rows.n == 1) {
		members[0] = pg_get_bigint(&rows, 0, 0);
		members[1] = pg_get_bigint(&rows, 0, 1);
	}
	pg_done(&rows);
	return 0;
}

/* The next of a member's orders after the one given; 0: there is none. */
static int
next_order(const struct world *w, const struct store *store, int64_t member_id,
    int64_t after, int64_t *order_id, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, w->arena);
	pg_bigint(&p, store->tenant_id);
	pg_bigint(&p, store->store_id);
	pg_bigint(&p, member_id);
	pg_bigint(&p, after);
	if (pg_ask(w->pg, SQL_ORDER_OF_MEMBER, &p, &rows, e) == -1)
		return -1;
	*order_id = rows.n > 0 ? pg_get_bigint(&rows, 0, 0) : 0;
	pg_done(&rows);
	return 0;
}

/* Decides an order again, now as the order of the member `to`.  *folded becomes
 * true if only timelines can. */
static int
move_order(const struct world *w, const struct store *store, int64_t order_id,
    int64_t to, bool *folded, struct err *e)
{
	struct order_news s = {
		.store = store,
		.moved_to = to,
		.order = { .id = order_id, .platform = store->platform },
	};
	struct ledger_batch one = { .orders = &s, .norders = 1 };

	if (ledger_load(w, &one, e) == -1 || ledger_decide(w, &one, e) == -1 ||
	    ledger_save(w, &one, e) == -1)
		return err_wrap(e, "order %" PRId64, order_id);
	*folded |= s.folded;
	return 0;
}

/* *yes becomes true if one of the members has a timeline. */
static int
have_timelines(const struct world *w, const struct store *store,
    const int64_t members[2], bool *yes, struct err *e)
{
	const int64_t tenants[2] = { store->tenant_id, store->tenant_id };
	struct pg_params p;
	struct pg_rows rows;

	pg_params(&p, w->arena);
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
ledger_merge(const struct world *w, const struct store *store, int64_t gone_id,
    int64_t kept_id, int64_t at, struct err *e)
{
	struct customer_news both[2] = {
		{ .store = store, .customer.id = gone_id, .gone_at = at },
		{ .store = store, .customer.id = kept_id },
	};
	struct ledger_batch known = { .customers = both, .ncustomers = 2 };
	struct ledger_batch gone = { .customers = both, .ncustomers = 1 };
	int64_t members[2] = { 0 }, order_id = 0;
	struct timeline_result r;
	bool folded = false;

	/* Both may be new to us: a merge can come before their orders. */
	if (locks_take_store(w, store, e) == -1 ||
	    ledger_load(w, &known, e) == -1 || ledger_save(w, &gone, e) == -1 ||
	    merge_names(w, store, gone_id, kept_id, members, e) == -1)
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
	if (ledger_move_facts(w, store, members[0], members[1], e) == -1 ||
	    have_timelines(w, store, members, &folded, e) == -1)
		return -1;
	return folded ? timeline_post(w,
	                    (struct member_key[]){
	                        { store->tenant_id, members[0] },
	                        { store->tenant_id, members[1] } },
	                    2, &r, e)
	              : 0;
}

/* ---- one customer of several stores ------------------------------------------- */

struct twins {
	int64_t tenant_id, from, to;
};

static int
twins_find(const struct world *w, const struct customer_news *customers,
    size_t n, struct twins *out, bool *found, struct err *e)
{
	struct columns c;
	struct pg_rows rows;

	*found = false;
	columns_init(&c, w->arena);
	for (size_t i = 0; i < n; i++) {
		if (!customers[i].store->shares || !is_verified(&customers[i]))
			continue;
		verified_cells(&c, &customers[i], OWNER_CUSTOMER);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_IDENTITY_TWINS, &c, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		*out = (struct twins){
			.tenant_id = pg_get_bigint(&rows, 0, 0),
			.from = pg_get_bigint(&rows, 0, 1),
			.to = pg_get_bigint(&rows, 0, 2),
		};
	pg_done(&rows);
	return 0;
}

static int
join_locked(const struct world *w, const struct twins *t,
    struct timeline_result *r, struct err *e)
{
	const struct member_key keys[] = { { t->tenant_id, t->from },
		{ t->tenant_id, t->to } };
	struct member_merged moved;

	if (locks_take_tenant(w, t->tenant_id, e) == -1 ||
	    timeline_lock(w, keys, NITEMS(keys), e) == -1 ||
	    member_move(w, keys[0], keys[1], &moved, e) == -1)
		return -1;
	return timeline_post(w, keys, NITEMS(keys), r, e);
}

int
ledger_join(const struct world *w, const struct customer_news *customers,
    size_t n, size_t *entries, struct err *e)
{
	struct timeline_result r;
	struct twins t;
	bool found;

	for (size_t i = 0; i <= n * w->nstores; i++) {
		if (twins_find(w, customers, n, &t, &found, e) == -1)
			return -1;
		if (!found)
			return 0;
		if (pg_begin(w->pg, e) == -1)
			return -1;
		if (join_locked(w, &t, &r, e) == -1) {
			pg_rollback(w->pg);
			return -1;
		}
		if (pg_commit(w->pg, e) == -1)
			return -1;
		*entries += r.entries;
	}
	return err_set(e, FAULT_FATAL,
	    "customers of several stores cannot be made one: run loyald "
	    "verify");
}

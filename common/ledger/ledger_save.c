/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/outbox.h"
#include "ledger/stmts.h"
#include "wire/why_json.h"

/* A column of a batch statement, filled row by row. */
#define COLUMN(a, type, name, n) \
	type *name = arena_array(a, (n) + 1, sizeof(type))

/* ---- orders ----------------------------------------------------------------- */

static int
save_orders(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	size_t most = b->nsubjects, n = 0;
	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int64_t, orders, most);
	COLUMN(a, struct str, facts, most);
	COLUMN(a, int32_t, kinds, most);
	COLUMN(a, struct str, values, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int32_t, versions, most);
	COLUMN(a, int32_t, revisions, most);
	COLUMN(a, int64_t, points, most);
	COLUMN(a, struct str, reasons, most);
	COLUMN(a, int64_t, modified, most);
	struct pg_params p;

	for (size_t i = 0; i < b->nsubjects; i++) {
		const struct subject *s = &b->subjects[i];

		if (s->idle)
			continue;
		tenants[n] = s->store->tenant_id;
		stores[n] = s->store->store_id;
		orders[n] = s->order.id;
		facts[n] = s->facts;
		kinds[n] = (int32_t)s->owner.kind;
		if (s->owner.kind != OWNER_NOBODY)
			values[n] = str_of(s->owner.value);
		members[n] = s->member_id;
		versions[n] = s->version_id;
		revisions[n] = s->revision;
		points[n] = s->folded ? s->points : s->decision.points;
		reasons[n] = str_of(
		    s->folded ? s->reason : reason_text(s->decision.reason));
		modified[n] = s->order.modified_at;
		n++;
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_bigints(&p, orders, n);
	pg_strs(&p, facts, n);
	pg_ints(&p, kinds, n);
	pg_strs(&p, values, n);
	pg_bigints(&p, members, n);
	pg_ints(&p, versions, n);
	pg_ints(&p, revisions, n);
	pg_bigints(&p, points, n);
	pg_strs(&p, reasons, n);
	pg_instants(&p, modified, n);
	return pg_tell(pg, SQL_ORDER_PUT, &p, e);
}

/* ---- lots --------------------------------------------------------------------- */

static int
number_lots(struct pg *pg, struct arena *a, const struct ledger_batch *b,
    size_t *nfresh, struct err *e)
{
	struct pg_params p;
	struct pg_rows rows;
	int next = 0;

	*nfresh = 0;
	for (size_t i = 0; i < b->nsubjects; i++)
		for (size_t j = 0; j < b->subjects[i].nholdings; j++) {
			const struct lot *l = &b->subjects[i].holdings[j].lot;

			*nfresh += l->fresh && l->changed;
		}
	if (*nfresh == 0)
		return 0;
	pg_params(&p, a);
	pg_bigint(&p, (int64_t)*nfresh);
	if (pg_ask(pg, SQL_LOT_IDS, &p, &rows, e) == -1)
		return -1;
	for (size_t i = 0; i < b->nsubjects; i++)
		for (size_t j = 0; j < b->subjects[i].nholdings; j++) {
			struct lot *l = &b->subjects[i].holdings[j].lot;

			if (l->fresh && l->changed)
				l->lot_id = pg_get_bigint(&rows, next++, 0);
		}
	pg_done(&rows);
	return 0;
}

static int
add_lots(struct pg *pg, struct arena *a, const struct ledger_batch *b,
    size_t most, struct err *e)
{
	size_t n = 0;
	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, ids, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int32_t, versions, most);
	COLUMN(a, bool, vested, most);
	COLUMN(a, int64_t, remaining, most);
	COLUMN(a, int64_t, earned, most);
	COLUMN(a, int64_t, vests, most);
	COLUMN(a, struct str, sources, most);
	COLUMN(a, struct str, rules, most);
	struct pg_params p;

	for (size_t i = 0; i < b->nsubjects; i++) {
		const struct subject *s = &b->subjects[i];

		for (size_t j = 0; j < s->nholdings; j++) {
			const struct holding *h = &s->holdings[j];

			if (!h->lot.fresh || !h->lot.changed)
				continue;
			tenants[n] = s->store->tenant_id;
			ids[n] = h->lot.lot_id;
			members[n] = h->member_id;
			stores[n] = s->store->store_id;
			versions[n] = s->version_id;
			vested[n] = h->lot.vested;
			remaining[n] = h->lot.remaining;
			earned[n] = s->order.created_at;
			vests[n] = h->lot.vests_at;
			sources[n] = str_of(
			    arena_printf(a, "%" PRId64, s->order.id));
			rules[n] = str_of(h->rule);
			n++;
		}
	}
	assert(n == most);
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bigints(&p, members, n);
	pg_bigints(&p, stores, n);
	pg_ints(&p, versions, n);
	pg_bools(&p, vested, n);
	pg_bigints(&p, remaining, n);
	pg_instants(&p, earned, n);
	pg_instants(&p, vests, n);
	pg_strs(&p, sources, n);
	pg_strs(&p, rules, n);
	return pg_tell(pg, SQL_LOT_ADD, &p, e);
}

struct lot_changes {
	int64_t *tenants, *ids, *remaining, *vests;
	bool *vested;
	size_t n;
};

static void
lot_changed(struct lot_changes *c, int64_t tenant_id, const struct lot *l)
{
	if (l->fresh || !l->changed)
		return;
	c->tenants[c->n] = tenant_id;
	c->ids[c->n] = l->lot_id;
	c->vested[c->n] = l->vested;
	c->remaining[c->n] = l->remaining;
	c->vests[c->n] = l->vests_at;
	c->n++;
}

static int
change_lots(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	size_t most = b->nothers;
	struct lot_changes c = { 0 };
	struct pg_params p;

	for (size_t i = 0; i < b->nsubjects; i++)
		most += b->subjects[i].nholdings;
	c.tenants = arena_array(a, most + 1, sizeof(*c.tenants));
	c.ids = arena_array(a, most + 1, sizeof(*c.ids));
	c.vested = arena_array(a, most + 1, sizeof(*c.vested));
	c.remaining = arena_array(a, most + 1, sizeof(*c.remaining));
	c.vests = arena_array(a, most + 1, sizeof(*c.vests));

	for (size_t i = 0; i < b->nsubjects; i++) {
		const struct subject *s = &b->subjects[i];

		for (size_t j = 0; j < s->nholdings; j++)
			lot_changed(
			    &c, s->store->tenant_id, &s->holdings[j].lot);
	}
	/* There are others only if there is one subject alone. */
	for (size_t i = 0; i < b->nothers; i++)
		lot_changed(&c, b->subjects[0].store->tenant_id, &b->others[i]);
	if (c.n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, c.tenants, c.n);
	pg_bigints(&p, c.ids, c.n);
	pg_bools(&p, c.vested, c.n);
	pg_bigints(&p, c.remaining, c.n);
	pg_instants(&p, c.vests, c.n);
	return pg_tell(pg, SQL_LOT_CHANGE, &p, e);
}

/* ---- entries and balances --------------------------------------------------- */

static int
post_entries(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	size_t n = b->nentries;
	COLUMN(a, int64_t, tenants, n);
	COLUMN(a, int64_t, members, n);
	COLUMN(a, int64_t, stores, n);
	COLUMN(a, int32_t, sources, n);
	COLUMN(a, int32_t, debits, n);
	COLUMN(a, int32_t, credits, n);
	COLUMN(a, int32_t, parts, n);
	COLUMN(a, int32_t, revisions, n);
	COLUMN(a, int32_t, versions, n);
	COLUMN(a, int64_t, points, n);
	COLUMN(a, int64_t, lots, n);
	COLUMN(a, int64_t, event_at, n);
	COLUMN(a, struct str, source_ids, n);
	COLUMN(a, struct str, rules, n);
	COLUMN(a, struct str, whys, n);
	struct pg_params p;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct entry *x = &b->entries[i];
		const struct subject *s = x->subject;

		tenants[i] = s->store->tenant_id;
		members[i] = x->member_id;
		stores[i] = s->store->store_id;
		sources[i] = SOURCE_ORDER;
		debits[i] = (int32_t)x->posting.debit;
		credits[i] = (int32_t)x->posting.credit;
		parts[i] = x->part;
		revisions[i] = s->revision;
		versions[i] = s->version_id;
		points[i] = x->posting.points;
		lots[i] = x->posting.lot ? x->posting.lot->lot_id : 0;
		/* A take-back happened when the order last changed. */
		event_at[i] = x->posting.credit == ACCOUNT_REVERSED &&
		                      s->order.modified_at != 0
		                  ? s->order.modified_at
		                  : s->order.created_at;
		source_ids[i] = str_of(
		    arena_printf(a, "%" PRId64, s->order.id));
		rules[i] = str_of(x->rule);
		whys[i] = why_kept(a, x->why);
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, members, n);
	pg_bigints(&p, stores, n);
	pg_ints(&p, sources, n);
	pg_ints(&p, debits, n);
	pg_ints(&p, credits, n);
	pg_ints(&p, parts, n);
	pg_ints(&p, revisions, n);
	pg_ints(&p, versions, n);
	pg_bigints(&p, points, n);
	pg_bigints(&p, lots, n);
	pg_instants(&p, event_at, n);
	pg_strs(&p, source_ids, n);
	pg_strs(&p, rules, n);
	pg_strs(&p, whys, n);
	return pg_tell(pg, SQL_ENTRY_POST, &p, e);
}

static int
add_balances(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	size_t most = b->naccounts, n = 0;
	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int32_t, wallets, most);
	COLUMN(a, int64_t, available, most);
	COLUMN(a, int64_t, pending, most);
	COLUMN(a, int64_t, reserved, most);
	COLUMN(a, int64_t, debt, most);
	COLUMN(a, int64_t, lifetime, most);
	struct pg_params p;

	for (size_t i = 0; i < b->naccounts; i++) {
		const struct account_state *s = &b->accounts[i];
		const struct balance *x = &s->before, *y = &s->now;

		if (memcmp(x, y, sizeof(*x)) == 0)
			continue;
		tenants[n] = s->tenant_id;
		members[n] = s->member_id;
		wallets[n] = WALLET_POINTS;
		available[n] = y->available - x->available;
		pending[n] = y->pending - x->pending;
		reserved[n] = y->reserved - x->reserved;
		debt[n] = y->debt - x->debt;
		lifetime[n] = y->lifetime_earned - x->lifetime_earned;
		n++;
	}
	if (n == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, members, n);
	pg_ints(&p, wallets, n);
	pg_bigints(&p, available, n);
	pg_bigints(&p, pending, n);
	pg_bigints(&p, reserved, n);
	pg_bigints(&p, debt, n);
	pg_bigints(&p, lifetime, n);
	if (pg_tell(pg, SQL_BALANCE_ADD, &p, e) == -1)
		return -1;
	return outbox_put(pg, a, tenants, members, n, e);
}

/* ---- customers ------------------------------------------------------------------ */

static int
save_customers(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	size_t n = b->ncustomers, ngone = 0;
	COLUMN(a, int64_t, tenants, n);
	COLUMN(a, int64_t, stores, n);
	COLUMN(a, int32_t, kinds, n);
	COLUMN(a, struct str, values, n);
	COLUMN(a, struct str, emails, n);
	COLUMN(a, bool, verified, n);
	COLUMN(a, int64_t, modified, n);
	COLUMN(a, int64_t, gone_at, n);
	COLUMN(a, int64_t, gone_tenants, n);
	COLUMN(a, int64_t, gone_stores, n);
	COLUMN(a, int64_t, gone, n);
	struct pg_params p;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct customer_news *c = &b->customers[i];

		tenants[i] = c->store->tenant_id;
		stores[i] = c->store->store_id;
		kinds[i] = OWNER_CUSTOMER;
		values[i] = str_of(c->owner.value);
		emails[i] = ledger_email(a, c->customer.email_hash);
		verified[i] = c->customer.email_verified;
		modified[i] = c->customer.modified_at;
		gone_at[i] = c->gone_at;
		if (c->gone_at == 0)
			continue;
		gone_tenants[ngone] = tenants[i];
		gone_stores[ngone] = stores[i];
		gone[ngone++] = c->customer.id;
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, stores, n);
	pg_ints(&p, kinds, n);
	pg_strs(&p, values, n);
	pg_strs(&p, emails, n);
	pg_bools(&p, verified, n);
	pg_instants(&p, modified, n);
	pg_instants(&p, gone_at, n);
	if (pg_tell(pg, SQL_CUSTOMER_PUT, &p, e) == -1)
		return -1;
	if (ngone == 0)
		return 0;
	pg_params(&p, a);
	pg_bigints(&p, gone_tenants, ngone);
	pg_bigints(&p, gone_stores, ngone);
	pg_bigints(&p, gone, ngone);
	return pg_tell(pg, SQL_OUTBOX_DROP, &p, e);
}

int
ledger_save(
    struct pg *pg, struct arena *a, struct ledger_batch *b, struct err *e)
{
	size_t nfresh;

	/* Customers first: the outbox asks who is still there. */
	if (save_customers(pg, a, b, e) == -1 ||
	    number_lots(pg, a, b, &nfresh, e) == -1 ||
	    add_lots(pg, a, b, nfresh, e) == -1 ||
	    change_lots(pg, a, b, e) == -1 || post_entries(pg, a, b, e) == -1 ||
	    save_orders(pg, a, b, e) == -1 || facts_save(pg, a, b, e) == -1)
		return -1;
	return add_balances(pg, a, b, e);
}

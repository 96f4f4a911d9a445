/* SPDX-License-Identifier: MIT */
#include "ledger/outbox.h"
#include "ledger/stmts.h"
#include "ledger/timeline_member.h"
#include "wire/why_json.h"

/* A column of a batch statement, filled row by row. */
#define COLUMN(a, type, name, n) \
	type *name = arena_array(a, (n) + 1, sizeof(type))

/* Never is NULL there. */
static int64_t
instant_or_null(int64_t at)
{
	return at == INSTANT_NEVER ? 0 : at;
}

/* ---- entries -------------------------------------------------------------------- */

/* The columns of the statement. */
struct entry_columns {
	int64_t *tenants, *members, *stores, *units, *lots, *at;
	int32_t *sources, *wallets, *debits, *credits, *parts, *revisions,
	    *versions;
	struct str *source_ids, *rules, *parties, *whys;
	bool *corrects;
	size_t n;
};

static void
columns_init(struct entry_columns *c, struct arena *a, size_t most)
{
	int64_t **longs[] = { &c->tenants, &c->members, &c->stores, &c->units,
		&c->lots, &c->at };
	int32_t **ints[] = { &c->sources, &c->wallets, &c->debits, &c->credits,
		&c->parts, &c->revisions, &c->versions };
	struct str **texts[] = { &c->source_ids, &c->rules, &c->parties,
		&c->whys };

	for (size_t i = 0; i < NITEMS(longs); i++)
		*longs[i] = arena_array(a, most, sizeof(int64_t));
	for (size_t i = 0; i < NITEMS(ints); i++)
		*ints[i] = arena_array(a, most, sizeof(int32_t));
	for (size_t i = 0; i < NITEMS(texts); i++)
		*texts[i] = arena_array(a, most, sizeof(struct str));
	c->corrects = arena_array(a, most, sizeof(bool));
	c->n = 0;
}

static void
columns_add(struct entry_columns *c, struct arena *a,
    const struct timeline_member *m, const struct folded_entry *x)
{
	size_t i = c->n++;

	c->tenants[i] = m->key.tenant_id;
	c->members[i] = m->key.member_id;
	c->stores[i] = x->s.store_id;
	c->sources[i] = (int32_t)x->s.source;
	c->wallets[i] = x->s.wallet;
	c->debits[i] = (int32_t)x->s.debit;
	c->credits[i] = (int32_t)x->s.credit;
	c->parts[i] = x->part;
	c->revisions[i] = m->revision + 1;
	c->versions[i] = x->s.version_id;
	c->units[i] = x->s.units;
	c->lots[i] = x->s.lot_id;
	c->at[i] = x->s.at;
	c->source_ids[i] = str_of(x->s.source_id);
	c->rules[i] = str_of(x->s.rule);
	c->parties[i] = str_of(x->s.party);
	c->corrects[i] = x->corrects;
	c->whys[i] = why_kept(a, x->s.why);
}

static int
save_entries(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	struct entry_columns c;
	struct pg_params p;
	size_t most = 0;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].nentries;
	if (most == 0)
		return 0;
	columns_init(&c, a, most);
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nentries; j++)
			columns_add(
			    &c, a, &b->members[i], &b->members[i].entries[j]);
	pg_params(&p, a);
	pg_bigints(&p, c.tenants, c.n);
	pg_bigints(&p, c.members, c.n);
	pg_bigints(&p, c.stores, c.n);
	pg_ints(&p, c.sources, c.n);
	pg_ints(&p, c.wallets, c.n);
	pg_ints(&p, c.debits, c.n);
	pg_ints(&p, c.credits, c.n);
	pg_ints(&p, c.parts, c.n);
	pg_ints(&p, c.revisions, c.n);
	pg_ints(&p, c.versions, c.n);
	pg_bigints(&p, c.units, c.n);
	pg_bigints(&p, c.lots, c.n);
	pg_instants(&p, c.at, c.n);
	pg_strs(&p, c.source_ids, c.n);
	pg_strs(&p, c.rules, c.n);
	pg_strs(&p, c.parties, c.n);
	pg_bools(&p, c.corrects, c.n);
	pg_strs(&p, c.whys, c.n);
	return pg_tell(b->world->pg, SQL_ENTRY_FOLD, &p, e);
}

/* ---- lots --------------------------------------------------------------------------- */

/* New ones without a number were never filled. */
static bool
is_to_save(const struct kept_lot *l)
{
	return l->changed && l->parcel.lot_id > 0;
}

static int
save_lots(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nlots; j++)
			most += is_to_save(&b->members[i].lots[j]);
	if (most == 0)
		return 0;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, ids, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int64_t, stores, most);
	COLUMN(a, int32_t, sources, most);
	COLUMN(a, int32_t, wallets, most);
	COLUMN(a, int32_t, versions, most);
	COLUMN(a, bool, vested, most);
	COLUMN(a, int64_t, remaining, most);
	COLUMN(a, int64_t, earned, most);
	COLUMN(a, int64_t, vests, most);
	COLUMN(a, int64_t, expires, most);
	COLUMN(a, struct str, source_ids, most);
	COLUMN(a, struct str, rules, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nlots; j++) {
			const struct kept_lot *l = &m->lots[j];

			if (!is_to_save(l))
				continue;
			tenants[n] = m->key.tenant_id;
			ids[n] = l->parcel.lot_id;
			members[n] = m->key.member_id;
			stores[n] = l->parcel.store_id;
			sources[n] = (int32_t)l->parcel.source;
			wallets[n] = l->wallet;
			versions[n] = l->parcel.version_id;
			vested[n] = l->parcel.vested;
			remaining[n] = l->parcel.remaining;
			earned[n] = l->parcel.earned_at;
			vests[n] = l->parcel.vests_at;
			expires[n] = instant_or_null(l->parcel.expires_at);
			source_ids[n] = str_of(l->parcel.source_id);
			rules[n] = str_of(l->parcel.rule);
			n++;
		}
	}
	pg_params(&p, a);
	pg_bigints(&p, tenants, n);
	pg_bigints(&p, ids, n);
	pg_bigints(&p, members, n);
	pg_bigints(&p, stores, n);
	pg_ints(&p, sources, n);
	pg_ints(&p, wallets, n);
	pg_ints(&p, versions, n);
	pg_bools(&p, vested, n);
	pg_bigints(&p, remaining, n);
	pg_instants(&p, earned, n);
	pg_instants(&p, vests, n);
	pg_instants(&p, expires, n);
	pg_strs(&p, source_ids, n);
	pg_strs(&p, rules, n);
	return pg_tell(b->world->pg, SQL_LOT_PUT, &p, e);
}

/* ---- balances ------------------------------------------------------------------------- */

static int
save_balances(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	size_t most = 0, n = 0;
	struct pg_params p;

	for (size_t i = 0; i < b->n; i++)
		most += b->members[i].nbalances;

	COLUMN(a, int64_t, tenants, most);
	COLUMN(a, int64_t, members, most);
	COLUMN(a, int32_t, wallets, most);
	COLUMN(a, int64_t, available, most);
	COLUMN(a, int64_t, pending, most);
	COLUMN(a, int64_t, reserved, most);
	COLUMN(a, int64_t, debt, most);
	COLUMN(a, int64_t, lifetime, most);

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nbalances; j++) {
			const struct wallet_balance *w = &m->balances[j];

			if (!w->changed)
				continue;
			tenants[n] = m->key.tenant_id;
			members[n] = m->key.member_id;
			wallets[n] = w->wallet;
			available[n] = w->balance.available;
			pending[n] = w->balance.pending;
			reserved[n] = w->balance.reserved;
			debt[n] = w->balance.debt;
			lifetime[n++] = w->balance.lifetime_earned;
		}
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
	return pg_tell(b->world->pg, SQL_BALANCE_PUT, &p, e);
}

/* The platforms are told of the points. */
static int
save_outbox(const struct timeline_batch *b, struct err *e)
{
	struct arena *a = b->world->arena;
	COLUMN(a, int64_t, tenants, b->n);
	COLUMN(a, int64_t, members, b->n);
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nbalances; j++)
			if (m->balances[j].changed &&
			    m->balances[j].wallet == TIMELINE_WALLET_LOCK) {
				tenants[n] = m->key.tenant_id;
				members[n++] = m->key.member_id;
			}
	}
	return outbox_put(b->world->pg, a, tenants, members, n, e);
}

int
timeline_save(struct timeline_batch *b, struct err *e)
{
	if (save_lots(b, e) == -1 || save_entries(b, e) == -1 ||
	    save_balances(b, e) == -1 || save_outbox(b, e) == -1)
		return -1;
	return timeline_state_save(b, e);
}

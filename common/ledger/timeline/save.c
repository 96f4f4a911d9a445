/* SPDX-License-Identifier: MIT */
#include "ledger/columns.h"
#include "ledger/outbox.h"
#include "ledger/stmts.h"
#include "ledger/timeline/internal.h"
#include "wire/why_json.h"

/* ---- entries -------------------------------------------------------------------- */

static void
entry_row(struct columns *c, const struct timeline_member *m,
    const struct folded_entry *x)
{
	columns_bigint(c, m->key.tenant_id);
	columns_bigint(c, m->key.member_id);
	columns_bigint(c, x->store_id);
	columns_int(c, (int32_t)x->source);
	columns_int(c, x->wallet);
	columns_int(c, (int32_t)x->debit);
	columns_int(c, (int32_t)x->credit);
	columns_int(c, x->part);
	columns_int(c, m->revision + 1);
	columns_int(c, x->version_id);
	columns_bigint(c, x->units);
	columns_bigint(c, x->lot_id);
	columns_instant(c, x->at);
	columns_text(c, x->source_id);
	columns_text(c, x->rule);
	columns_text(c, x->party);
	columns_bool(c, x->corrects);
	columns_str(c, why_kept(c->arena, x->why));
	columns_end_row(c);
}

static int
save_entries(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->members[i].nmissing; j++)
			entry_row(
			    &c, &b->members[i], &b->members[i].missing[j]);
	return columns_tell(b->world->pg, SQL_ENTRY_FOLD, &c, e);
}

/* ---- lots --------------------------------------------------------------------------- */

/* New ones without a number were never filled. */
static bool
is_to_save(const struct kept_lot *l)
{
	return l->changed && l->parcel->lot_id > 0;
}

static int
save_lots(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nlots; j++) {
			const struct kept_lot *l = &m->lots[j];

			if (!is_to_save(l))
				continue;
			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, l->parcel->lot_id);
			columns_bigint(&c, m->key.member_id);
			columns_bigint(&c, l->parcel->store_id);
			columns_int(&c, (int32_t)l->parcel->source);
			columns_int(&c, l->wallet);
			columns_int(&c, l->parcel->version_id);
			columns_bool(&c, l->parcel->vested);
			columns_bigint(&c, l->parcel->remaining);
			columns_instant(&c, l->parcel->earned_at);
			columns_instant(&c, l->parcel->vests_at);
			columns_until(&c, l->parcel->expires_at);
			columns_text(&c, l->parcel->source_id);
			columns_text(&c, l->parcel->rule);
			columns_end_row(&c);
		}
	}
	return columns_tell(b->world->pg, SQL_LOT_PUT, &c, e);
}

/* ---- balances ------------------------------------------------------------------------- */

static int
save_balances(const struct timeline_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nbalances; j++) {
			const struct wallet_balance *w = &m->balances[j];

			if (!w->changed)
				continue;
			columns_bigint(&c, m->key.tenant_id);
			columns_bigint(&c, m->key.member_id);
			columns_int(&c, w->wallet);
			columns_bigint(&c, w->balance.available);
			columns_bigint(&c, w->balance.pending);
			columns_bigint(&c, w->balance.reserved);
			columns_bigint(&c, w->balance.debt);
			columns_bigint(&c, w->balance.lifetime_earned);
			columns_end_row(&c);
		}
	}
	return columns_tell(b->world->pg, SQL_BALANCE_PUT, &c, e);
}

/* The platforms are told of the points. */
static int
save_outbox(const struct timeline_batch *b, struct err *e)
{
	struct columns told;

	columns_init(&told, b->world->arena);
	for (size_t i = 0; i < b->n; i++) {
		const struct timeline_member *m = &b->members[i];

		for (size_t j = 0; j < m->nbalances; j++)
			if (m->balances[j].changed &&
			    m->balances[j].wallet == WALLET_POINTS)
				outbox_row(
				    &told, m->key.tenant_id, m->key.member_id);
	}
	return outbox_put(b->world->pg, &told, e);
}

int
timeline_save(struct timeline_batch *b, struct err *e)
{
	if (save_lots(b, e) == -1 || save_entries(b, e) == -1 ||
	    save_balances(b, e) == -1 || save_outbox(b, e) == -1)
		return -1;
	return timeline_state_save(b, e);
}

/* SPDX-License-Identifier: MIT */
/* Writes the orders, lots, entries and balances that a batch has changed. */
#include <inttypes.h>

#include "ledger/batch/internal.h"
#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "wire/why_json.h"

/* ---- orders -------------------------------------------------------------- */

/* Writes the cells of what an order has come to: by the fold for which its row
 * waited, by an older fold, or by decide(). */
static void
outcome_cells(struct columns *c, const struct order_news *s)
{
	const struct unwritten_order *u = &s->unwritten;

	columns_int(c, s->waits ? u->version_id : s->version_id);
	columns_int(c, s->waits ? u->revision : s->revision);
	columns_bigint(c, s->waits    ? u->points
	                  : s->folded ? s->points
	                              : s->decision.points);
	columns_text(c, s->waits    ? u->reason
	                : s->folded ? s->reason
	                            : reason_text(s->decision.reason));
}

static void
order_row(struct columns *c, const struct order_news *s)
{
	columns_bigint(c, s->store->tenant_id);
	columns_bigint(c, s->store->store_id);
	columns_bigint(c, s->order.id);
	columns_bytes(c, s->facts);
	columns_int(c, (int32_t)s->owner.kind);
	columns_text(c, s->owner.kind != OWNER_NOBODY ? s->owner.value : NULL);
	columns_bigint(c, s->member_id);
	outcome_cells(c, s);
	columns_instant(c, s->order.modified_at);
	columns_bigint(c, s->shop_id);
	columns_end_row(c);
}

int
orders_save(
    const struct world *w, const struct batch *b, bool waiting, struct err *e)
{
	struct columns known = { .arena = w->arena }, added = known;

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (!s->unchanged && s->waits == waiting)
			order_row(s->known ? &known : &added, s);
	}
	if (columns_tell(w->pg, SQL_ORDER_ADD, &added, e) == -1)
		return -1;
	return columns_tell(w->pg, SQL_ORDER_PUT, &known, e);
}

/* Saves the former member of each order that moves to another member. */
static int
save_moves(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (s->unchanged || s->held_by == 0 ||
		    s->held_by == s->member_id)
			continue;
		columns_bigint(&c, s->store->tenant_id);
		columns_bigint(&c, s->store->store_id);
		columns_bigint(&c, s->order.id);
		columns_bigint(&c, s->held_by);
		columns_bigint(&c, s->member_id);
		columns_end_row(&c);
	}
	return columns_tell(w->pg, SQL_ORDER_MOVED, &c, e);
}

/* ---- lots ---------------------------------------------------------------- */

static int
number_lots(const struct world *w, const struct batch *b, struct err *e)
{
	struct pg_params p = { .arena = w->arena };
	struct pg_rows rows;
	int64_t nfresh = 0;
	int next = 0;

	for (size_t i = 0; i < b->norders; i++)
		for (size_t j = 0; j < b->orders[i].nholdings; j++) {
			const struct plain_lot
			    *l = &b->orders[i].holdings[j].lot;

			nfresh += l->fresh && l->changed;
		}
	if (nfresh == 0)
		return 0;
	pg_bigint(&p, nfresh);
	if (pg_ask(w->pg, SQL_LOT_IDS, &p, &rows, e) == -1)
		return -1;
	for (size_t i = 0; i < b->norders; i++)
		for (size_t j = 0; j < b->orders[i].nholdings; j++) {
			struct plain_lot *l = &b->orders[i].holdings[j].lot;

			if (l->fresh && l->changed)
				l->lot_id = pg_get_bigint(&rows, next++, 0);
		}
	pg_done(&rows);
	return 0;
}

/* Adds the rows of pending lots (lot_add.sql). */
static int
add_lots(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		for (size_t j = 0; j < s->nholdings; j++) {
			const struct holding *h = &s->holdings[j];

			if (!h->lot.fresh || !h->lot.changed || h->lot.vested)
				continue;
			columns_bigint(&c, s->store->tenant_id);
			columns_bigint(&c, h->lot.lot_id);
			columns_bigint(&c, h->member_id);
			columns_bigint(&c, s->store->store_id);
			columns_int(&c, s->version_id);
			columns_bigint(&c, h->lot.remaining);
			columns_instant(&c, s->order.created_at);
			columns_instant(&c, h->lot.vests_at);
			columns_text(&c,
			    arena_printf(w->arena, "%" PRId64, s->order.id));
			columns_text(&c, h->rule);
			columns_end_row(&c);
		}
	}
	return columns_tell(w->pg, SQL_LOT_ADD, &c, e);
}

static void
lot_changed(struct columns *c, int64_t tenant_id, const struct holding *h)
{
	const struct plain_lot *l = &h->lot;

	if (l->fresh || !l->changed)
		return;
	columns_bigint(c, tenant_id);
	columns_bigint(c, h->member_id);
	columns_bigint(c, l->lot_id);
	columns_bool(c, l->vested);
	columns_bigint(c, l->remaining);
	columns_instant(c, l->vests_at);
	columns_end_row(c);
}

static int
change_lots(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		for (size_t j = 0; j < s->nholdings; j++)
			lot_changed(&c, s->store->tenant_id, &s->holdings[j]);
	}
	return columns_tell(w->pg, SQL_LOT_CHANGE, &c, e);
}

/* ---- entries and balances ------------------------------------------------ */

/* The time at which an entry happened.  Points are taken back at the time when
 * the order last changed. */
static int64_t
happened_at(const struct entry *x)
{
	const struct order *o = &x->news->order;

	return x->posting.credit == ACCOUNT_REVERSED && o->modified_at != 0
	           ? o->modified_at
	           : o->created_at;
}

static int
post_entries(const struct world *w, const struct batch *b, struct err *e)
{
	struct columns c = { .arena = w->arena };

	for (size_t i = 0; i < b->nentries; i++) {
		const struct entry *x = &b->entries[i];
		const struct order_news *s = x->news;

		columns_bigint(&c, s->store->tenant_id);
		columns_bigint(&c, x->holding->member_id);
		columns_bigint(&c, s->store->store_id);
		columns_int(&c, SOURCE_ORDER);
		columns_int(&c, (int32_t)x->posting.debit);
		columns_int(&c, (int32_t)x->posting.credit);
		columns_int(&c, x->part);
		columns_int(&c, s->revision);
		columns_int(&c, s->version_id);
		columns_bigint(&c, x->posting.points);
		columns_bigint(&c, x->holding->lot.lot_id);
		columns_instant(&c, happened_at(x));
		columns_text(
		    &c, arena_printf(w->arena, "%" PRId64, s->order.id));
		columns_text(&c, x->holding->rule);
		columns_str(&c, why_pack(w->arena, x->why));
		columns_end_row(&c);
	}
	return columns_tell(w->pg, SQL_ENTRY_POST, &c, e);
}

int
batch_save(const struct world *w, struct batch *b, struct err *e)
{
	/* Customers are saved first, because the statements that write
	 * balances look up which customers are still to be told. */
	if (customers_save(w, b, e) == -1 || number_lots(w, b, e) == -1 ||
	    add_lots(w, b, e) == -1 || change_lots(w, b, e) == -1 ||
	    post_entries(w, b, e) == -1 || orders_save(w, b, false, e) == -1 ||
	    save_moves(w, b, e) == -1 || facts_save(w, b, e) == -1 ||
	    uses_save(w, b, e) == -1)
		return -1;
	return balances_save(w, b->balances, b->nbalances, e);
}

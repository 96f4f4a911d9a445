/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "ledger/referrals.h"
#include "ledger/stmts.h"
#include "wire/shop/events.h"

size_t
referral_orders(const struct fact *f, int64_t ids[TIED_ORDERS_MAX])
{
	struct str text = str_of(f->tied_to != NULL ? f->tied_to : "");
	size_t n = 0;

	if (text.len == 0)
		return 0;
	if (str_int64(text, &ids[n]) == 0 && ids[n] > 0)
		n++;
	ids[n++] = event_order_id(text);
	return n;
}

/* ---- the timelines that become due --------------------------------------- */

static void
add_text(struct columns *c, const struct store *s, const char *text)
{
	columns_bigint(c, s->tenant_id);
	columns_bigint(c, s->store_id);
	columns_text(c, text);
	columns_end_row(c);
}

static void
add_member(struct columns *c, struct member_key key)
{
	columns_bigint(c, key.tenant_id);
	columns_bigint(c, key.member_id);
	columns_end_row(c);
}

void
referral_wake_init(struct referral_wake *w, struct arena *a)
{
	static const struct store nobodys;

	w->facts = w->orders = w->names = w->members = (struct columns){
		.arena = a
	};
	add_text(&w->facts, &nobodys, "");
	referral_wake_order(w, &nobodys, 0);
	add_text(&w->names, &nobodys, "");
	add_member(&w->members, (struct member_key){ 0 });
}

void
referral_wake_order(
    struct referral_wake *w, const struct store *store, int64_t order_id)
{
	columns_bigint(&w->orders, store->tenant_id);
	columns_bigint(&w->orders, store->store_id);
	columns_bigint(&w->orders, order_id);
	columns_end_row(&w->orders);
}

void
referral_wake_fact(
    struct referral_wake *w, const struct store *store, const struct fact *f)
{
	if (f->kind == FACT_EVENT && strcmp(f->type, "referred") == 0)
		add_text(&w->facts, store, f->id);
}

void
referral_wake_customer(
    struct referral_wake *w, const struct store *store, int64_t customer_id)
{
	add_text(&w->names, store,
	    arena_printf(w->names.arena, "%" PRId64, customer_id));
}

int
referral_wake(
    struct pg *pg, const struct referral_wake *w, int64_t now, struct err *e)
{
	struct pg_params p = { .arena = w->facts.arena };

	columns_bind(&w->facts, &p);
	columns_bind(&w->orders, &p);
	columns_bind(&w->names, &p);
	columns_bind(&w->members, &p);
	pg_bigint(&p, FACT_EVENT);
	pg_instant(&p, now);
	return pg_tell(pg, SQL_REFERRAL_WAKE, &p, e);
}

int
referral_wake_member(
    const struct world *w, struct member_key key, struct err *e)
{
	struct referral_wake wake;

	referral_wake_init(&wake, w->arena);
	add_member(&wake.members, key);
	return referral_wake(w->pg, &wake, w->now, e);
}

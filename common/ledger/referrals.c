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

int
referrals_save(
    struct pg *pg, struct arena *a, const struct ledger_batch *b, struct err *e)
{
	struct columns c;

	columns_init(&c, a);
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		int64_t ids[TIED_ORDERS_MAX];
		size_t n = f->unchanged ? 0
		                        : referral_orders(&f->told->fact, ids);

		for (size_t j = 0; j < n; j++) {
			columns_bigint(&c, f->store->tenant_id);
			columns_bigint(&c, f->store->store_id);
			columns_bigint(&c, ids[j]);
			columns_text(&c, f->told->fact.id);
			columns_end_row(&c);
		}
	}
	return columns_tell(pg, SQL_FACT_ORDER_ADD, &c, e);
}

/* ---- who is looked at again ------------------------------------------------ */

static void
add_text(struct columns *c, const struct store *s, const char *text)
{
	columns_bigint(c, s->tenant_id);
	columns_bigint(c, s->store_id);
	columns_text(c, text);
	columns_end_row(c);
}

static void
add_order(struct columns *c, const struct store *s, int64_t order_id)
{
	columns_bigint(c, s->tenant_id);
	columns_bigint(c, s->store_id);
	columns_bigint(c, order_id);
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

	columns_init(&w->facts, a);
	columns_init(&w->orders, a);
	columns_init(&w->names, a);
	columns_init(&w->members, a);
	add_text(&w->facts, &nobodys, "");
	add_order(&w->orders, &nobodys, 0);
	add_text(&w->names, &nobodys, "");
	add_member(&w->members, (struct member_key){ 0 });
}

void
referral_wake_customer(
    struct referral_wake *w, const struct store *store, int64_t customer_id)
{
	add_text(&w->names, store,
	    arena_printf(w->names.arena, "%" PRId64, customer_id));
}

void
referral_wake_batch(struct referral_wake *w, const struct ledger_batch *b)
{
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact *f = &b->facts[i].told->fact;

		if (f->kind == FACT_EVENT && strcmp(f->type, "referred") == 0)
			add_text(&w->facts, b->facts[i].store, f->id);
	}
	for (size_t i = 0; i < b->norders; i++)
		add_order(
		    &w->orders, b->orders[i].store, b->orders[i].order.id);
	for (size_t i = 0; i < b->ncustomers; i++)
		if (is_verified(&b->customers[i]))
			referral_wake_customer(w, b->customers[i].store,
			    b->customers[i].customer.id);
}

int
referral_wake(
    struct pg *pg, const struct referral_wake *w, int64_t now, struct err *e)
{
	struct pg_params p;

	pg_params(&p, w->facts.arena);
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

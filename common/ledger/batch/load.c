/* SPDX-License-Identifier: MIT */
/* Locks and loads what is known of a batch's orders, and of the people whom its
 * messages name. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/order_finer.h"
#include "ledger/batch/internal.h"
#include "ledger/locks.h"
#include "ledger/owner.h"
#include "ledger/referrals.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "wire/order_json.h"

/* ---- locks --------------------------------------------------------------- */

/* Takes shared locks on the stores that the batch is about. */
static int
lock_stores(const struct world *w, const struct batch *b, struct err *e)
{
	size_t n = 0;
	int64_t *ids = arena_array(
	    w->arena, b->norders + b->ncustomers + b->nfacts + 1, sizeof(*ids));

	for (size_t i = 0; i < b->norders; i++)
		ids[n++] = b->orders[i].store->store_id;
	for (size_t i = 0; i < b->ncustomers; i++)
		ids[n++] = b->customers[i].store->store_id;
	for (size_t i = 0; i < b->nfacts; i++)
		ids[n++] = b->facts[i].store->store_id;
	return locks_share_stores(w, ids, n, e);
}

static int64_t
order_key(const struct store *store, int64_t order_id)
{
	return lock_key_mix(lock_key(LOCK_ORDER, store), order_id);
}

/* Locks orders and facts, and the orders that a fact is tied to.  If one
 * process works on a fact and another on the fact's order, the process that
 * comes second must see what the first has written. */
static int
lock_orders(const struct world *w, const struct batch *b, struct err *e)
{
	int64_t *keys = arena_array(w->arena,
	    b->norders + b->nfacts * (1 + TIED_ORDERS_MAX) + 1, sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < b->norders; i++)
		keys[n++] = order_key(
		    b->orders[i].store, b->orders[i].order.id);
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];
		int64_t ids[TIED_ORDERS_MAX];
		size_t tied = referral_orders(&f->told->fact, ids);

		keys[n++] = fact_key(f);
		for (size_t j = 0; j < tied; j++)
			keys[n++] = order_key(f->store, ids[j]);
	}
	return locks_take(w, keys, n, e);
}

/* ---- orders -------------------------------------------------------------- */

/* Columns in the result of order_load.sql. */
enum {
	ORDER_I,
	ORDER_RECORD,
	ORDER_FACTS,
	ORDER_VERSION,
	ORDER_REVISION,
	ORDER_POINTS,
	ORDER_REASON,
	ORDER_MEMBER,
	ORDER_OWNER_KIND,
	ORDER_OWNER_VALUE,
};

/* Checks the bounds for an order that was joined from several deliveries.  The
 * same bounds hold for each single delivery. */
static int
check_bounds(const struct order *o, struct err *e)
{
	size_t lines = 0, sub_lines = 0, refunds = o->nrefunds;

	for (size_t i = 0; i < o->nrefunds; i++)
		lines += o->refunds[i].nlines;
	for (size_t i = 0; i < o->nsubs; i++) {
		sub_lines += o->subs[i].nlines;
		refunds += o->subs[i].nrefunds;
	}
	if (refunds > REFUNDS_MAX || lines > REFUND_LINES_MAX)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64
		    " has more than %d refunds, or %d lines of them",
		    o->id, REFUNDS_MAX, REFUND_LINES_MAX);
	if (o->npayments > PAYMENTS_MAX)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64 " has more than %d payments", o->id,
		    PAYMENTS_MAX);
	if (o->nparts > PARTS_KEPT_MAX)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64
		    " has lost more than %d lines since it was paid",
		    o->id, PARTS_KEPT_MAX);
	if (o->nsubs > SUB_ORDERS_MAX || sub_lines > LINES_MAX)
		return err_set(e, FAULT_REJECT,
		    "order %" PRId64
		    " has more than %d sub-orders, or %d lines of them",
		    o->id, SUB_ORDERS_MAX, LINES_MAX);
	return 0;
}

/* Packs the order, to be saved, and compares it with what is known of it.  Then
 * replaces the order by the form from which the points are decided
 * (order_counted()). */
static int
order_keep(
    struct arena *a, struct order_news *s, struct str known, struct err *e)
{
	if (check_bounds(&s->order, e) == -1)
		return -1;
	s->facts = known.len == 0 && s->packed.len > 0
	               ? order_pack_part(a, s->packed)
	               : order_pack(a, &s->order);
	s->unchanged = str_eq(known, known.len == 0 || order_is_packed(known)
	                                 ? s->facts
	                                 : order_render(a, &s->order));
	s->order = order_counted(a, &s->order);
	return 0;
}

/* Joins the order of this batch with the same order in the database. */
static int
order_join(struct arena *a, struct order_news *s, const struct pg_rows *rows,
    int row, struct err *e)
{
	struct str facts = rows_order(rows, row, ORDER_RECORD);
	struct order known = { 0 };

	s->known = true;
	s->version_id = (int32_t)pg_get_bigint(rows, row, ORDER_VERSION);
	s->revision = (int32_t)pg_get_bigint(rows, row, ORDER_REVISION);
	s->held_by = pg_get_bigint(rows, row, ORDER_MEMBER);
	s->points = pg_get_bigint(rows, row, ORDER_POINTS);
	s->reason = rows_text(a, rows, row, ORDER_REASON);
	s->was.kind = (enum owner_kind)pg_get_bigint(
	    rows, row, ORDER_OWNER_KIND);
	owner_value(s->was.value, pg_get_str(rows, row, ORDER_OWNER_VALUE));
	if (order_unpack(a, facts, &known, e) == -1)
		return err_wrap(
		    e, "the facts kept of order %" PRId64, s->order.id);
	s->codes_before = known.codes;
	if (!s->news) {
		s->facts = order_pack(a, &known);
		s->order = order_counted(a, &known);
		return 0;
	}
	order_align(a, &known, &s->order);
	order_merge(a, &known, &s->order, &s->order);
	return order_keep(a, s, facts, e);
}

static int
load_orders(const struct world *w, struct batch *b, struct err *e)
{
	size_t n = b->norders;
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;
	int ret = 0;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		columns_bigint(&c, b->orders[i].store->tenant_id);
		columns_bigint(&c, b->orders[i].store->store_id);
		columns_bigint(&c, b->orders[i].order.id);
		columns_end_row(&c);
	}
	if (columns_ask(w->pg, SQL_ORDER_LOAD, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n && ret == 0; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, ORDER_I) - 1;

		assert(i < n);
		ret = order_join(w->arena, &b->orders[i], &rows, row, e);
	}
	pg_done(&rows);
	for (size_t i = 0; i < n && ret == 0; i++) {
		struct order_news *s = &b->orders[i];

		if (!s->known)
			ret = order_keep(w->arena, s, (struct str){ 0 }, e);
	}
	return ret;
}

/* ---- owners -------------------------------------------------------------- */

static void
owner_of_customer(struct customer_news *c)
{
	owner_set(&c->owner, c->store, OWNER_CUSTOMER);
	c->owner.told = &c->customer;
	c->owner.gone = c->gone_at != 0;
	(void)snprintf(
	    c->owner.value, sizeof(c->owner.value), "%" PRId64, c->customer.id);
}

static int64_t
email_key(const struct store *store, const uint8_t hash[32])
{
	int64_t v;

	memcpy(&v, hash, sizeof(v));
	return lock_key_mix(lock_key(LOCK_EMAIL, store), v);
}

/*
 * Locks the addresses of the guests in the batch, and of customers whose
 * address becomes verified.  If one process works on a guest's order and
 * another on the verification of the guest's address, the process that comes
 * second must see what the first has written.
 */
static int
lock_emails(const struct world *w, const struct batch *b, struct err *e)
{
	int64_t *keys = arena_array(w->arena,
	    b->norders + b->ncustomers + b->nfacts + 1, sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (!s->unchanged && s->owner.kind == OWNER_GUEST)
			keys[n++] = email_key(s->store, s->order.email_hash);
	}
	for (size_t i = 0; i < b->ncustomers; i++) {
		const struct customer_news *c = &b->customers[i];

		if (customer_is_newly_verified(c))
			keys[n++] = email_key(c->store, c->customer.email_hash);
	}
	for (size_t i = 0; i < b->nfacts; i++) {
		const struct fact_news *f = &b->facts[i];

		if (!f->unchanged && f->owner.kind == OWNER_GUEST)
			keys[n++] = email_key(f->store, f->told->email_hash);
	}
	return locks_take(w, keys, n, e);
}

static bool
is_same_name(const struct owner *a, const struct owner *b)
{
	return a->kind == b->kind && strcmp(a->value, b->value) == 0;
}

/* True if the order has another name than `n` now, and had another name than
 * `n` before the batch, too. */
static bool
is_overtaken(const struct name_news *n)
{
	return !is_same_name(&n->owner, &n->of->owner) &&
	       !is_same_name(&n->owner, &n->of->was);
}

static int
load_owners(const struct world *w, struct batch *b, struct err *e)
{
	size_t most = b->norders + b->ncustomers + b->nfacts + b->nnames;
	size_t ncustomers = 0, nguests = 0;
	struct owner **customers = arena_array(
	    w->arena, most + 1, sizeof(void *));
	struct owner **guests = arena_array(w->arena, most + 1, sizeof(void *));

	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];

		owner_of_order(&s->owner, s->store, &s->order);
		if (s->unchanged)
			continue;
		if (s->owner.kind == OWNER_CUSTOMER)
			customers[ncustomers++] = &s->owner;
		else if (s->owner.kind == OWNER_GUEST)
			guests[nguests++] = &s->owner;
	}
	for (size_t i = 0; i < b->ncustomers; i++) {
		owner_of_customer(&b->customers[i]);
		customers[ncustomers++] = &b->customers[i].owner;
	}
	for (size_t i = 0; i < b->nfacts; i++) {
		struct fact_news *f = &b->facts[i];

		if (f->unchanged)
			continue;
		if (f->owner.kind == OWNER_CUSTOMER)
			customers[ncustomers++] = &f->owner;
		else if (f->owner.kind == OWNER_GUEST)
			guests[nguests++] = &f->owner;
	}
	for (size_t i = 0; i < b->nnames; i++) {
		struct name_news *n = &b->names[i];

		if (!is_overtaken(n))
			continue;
		if (n->owner.kind == OWNER_CUSTOMER)
			customers[ncustomers++] = &n->owner;
		else if (n->owner.kind == OWNER_GUEST)
			guests[nguests++] = &n->owner;
	}
	if (owners_load(w, customers, ncustomers, &b->made, e) == -1 ||
	    lock_emails(w, b, e) == -1)
		return -1;
	return owners_load(w, guests, nguests, &b->made, e);
}

/* Sets the member that an order belongs to. */
static void
order_assign(struct order_news *s)
{
	const struct owner *o = &s->owner;

	switch (o->kind) {
	case OWNER_NOBODY:
		s->member_id = 0;
		break;
	case OWNER_CUSTOMER:
		s->member_id = o->member_id;
		break;
	case OWNER_GUEST:
		/* A guest's order that was given to a customer stays with the
		 * customer. */
		if (s->moved_to != 0)
			s->member_id = s->moved_to;
		else if (s->was.kind == OWNER_GUEST && s->held_by != 0 &&
		         strcmp(s->was.value, o->value) == 0 &&
		         s->held_by != o->member_id)
			s->member_id = s->held_by;
		else if (o->verified_member_id != 0)
			s->member_id = o->verified_member_id;
		else
			s->member_id = o->member_id;
		s->held = s->member_id == o->member_id;
		break;
	}
}

int
batch_load(const struct world *w, struct batch *b, struct err *e)
{
	if (b->norders + b->ncustomers + b->nfacts == 0)
		return 0;
	if (lock_stores(w, b, e) == -1 || lock_orders(w, b, e) == -1 ||
	    load_orders(w, b, e) == -1 || facts_load(w, b, e) == -1 ||
	    load_owners(w, b, e) == -1)
		return -1;
	for (size_t i = 0; i < b->nfacts; i++) {
		struct owner *o = &b->facts[i].owner;

		if (o->kind == OWNER_NOBODY)
			o->member_id = b->facts[i].told->member_id;
		b->facts[i].member_id = o->verified_member_id != 0
		                            ? o->verified_member_id
		                            : o->member_id;
	}
	for (size_t i = 0; i < b->norders; i++)
		if (!b->orders[i].unchanged)
			order_assign(&b->orders[i]);
	if (balances_load(w, b, e) == -1)
		return -1;
	return holdings_load(w, b, e);
}

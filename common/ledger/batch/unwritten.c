/* SPDX-License-Identifier: MIT */
/*
 * Chooses the rows of orders, and of balances, that are written after the fold
 * of their members' timelines, and not before it and again after it.
 */
#include <assert.h>

#include "ledger/batch/internal.h"
#include "ledger/referrals.h"
#include "ledger/stmts.h"

/* Whether a new fact of the batch may be tied to orders.  The fold reads such
 * orders from the ledger, so their rows are written before. */
static bool
has_ties(const struct batch *b)
{
	int64_t ids[TIED_ORDERS_MAX];

	for (size_t i = 0; i < b->nfacts; i++)
		if (!b->facts[i].unchanged &&
		    referral_orders(&b->facts[i].told->fact, ids) > 0)
			return true;
	return false;
}

/* Whether the fold of the order's member is all that changes its row: an order
 * that changes hands is in the timelines of two members. */
static bool
may_wait(const struct order_news *s)
{
	return !s->unchanged && s->folded && s->member_id != 0 &&
	       (s->held_by == 0 || s->held_by == s->member_id);
}

/* Leaves no order waiting to which a referral is tied: the timelines of both
 * sides of the referral read the order from the ledger. */
static int
unwait_tied(const struct world *w, struct batch *b, struct err *e)
{
	struct order_news **asked = arena_array(
	    w->arena, b->norders + 1, sizeof(void *));
	struct columns c = { .arena = w->arena };
	struct pg_rows rows;

	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];

		if (!s->waits)
			continue;
		asked[c.n] = s;
		columns_bigint(&c, s->store->tenant_id);
		columns_bigint(&c, s->store->store_id);
		columns_bigint(&c, s->order.id);
		columns_end_row(&c);
	}
	if (c.n == 0)
		return 0;
	if (columns_ask(w->pg, SQL_ORDER_TIED, &c, &rows, e) == -1)
		return -1;
	for (int row = 0; row < rows.n; row++) {
		size_t i = (size_t)pg_get_bigint(&rows, row, 0) - 1;

		assert(i < c.n);
		asked[i]->waits = false;
	}
	pg_done(&rows);
	return 0;
}

/* Finds the members that the batch has made and folds, and of whom nothing is
 * in the ledger before the fold: their balances are written after it, too. */
static void
find_made(const struct world *w, struct batch *b, struct timeline_news *news)
{
	struct member_made *made = arena_array(
	    w->arena, b->nbalances + 1, sizeof(*made));

	for (size_t i = 0; i < b->nbalances; i++)
		b->balances[i].waits = b->balances[i].fresh &&
		                       b->balances[i].folded;
	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (!s->unchanged && !s->waits && s->member_id != 0)
			balance_of(b, s->store->tenant_id, s->member_id)
			    ->waits = false;
	}
	for (size_t i = 0; i < b->nbalances; i++) {
		const struct member_balance *m = &b->balances[i];

		if (m->waits)
			made[news->nmade++] = (struct member_made){ m->key,
				m->store_id, m->customer_id };
	}
	news->made = made;
}

/* Lists the members of orders that do not wait. */
static void
find_written(struct arena *a, const struct batch *b, struct timeline_news *news)
{
	struct member_key *keys = arena_array(
	    a, 2 * b->norders + 1, sizeof(*keys));

	news->written = keys;
	for (size_t i = 0; i < b->norders; i++) {
		const struct order_news *s = &b->orders[i];

		if (s->unchanged || s->waits)
			continue;
		keys[news->nwritten++] = (struct member_key){
			s->store->tenant_id, s->member_id
		};
		keys[news->nwritten++] = (struct member_key){
			s->store->tenant_id, s->held_by
		};
	}
}

/* Lists the orders that wait, with what is known of them. */
static void
find_unwritten(struct batch *b, struct timeline_news *news)
{
	for (size_t i = 0; i < b->norders; i++) {
		struct order_news *s = &b->orders[i];

		if (!s->waits)
			continue;
		s->unwritten = (struct unwritten_order){
			.key = { s->store->tenant_id, s->member_id },
			.store_id = s->store->store_id,
			.order_id = s->order.id,
			.order = &s->order,
			.size = s->facts.len,
			.held = s->held,
			.version_id = s->version_id,
			.revision = s->revision,
			.points = s->points,
			.reason = s->reason,
		};
		news->unwritten[news->nunwritten++] = &s->unwritten;
	}
}

int
batch_wait(const struct world *w, struct batch *b, struct timeline_news *news,
    struct err *e)
{
	bool refers = programs_ask_referrals(w->programs, w->nprograms);
	bool tied = refers && has_ties(b);

	*news = (struct timeline_news){
		.locked = true,
		.unwritten = arena_array(
		    w->arena, b->norders + 1, sizeof(void *)),
	};
	news->keys = batch_folded(w->arena, b, &news->nkeys);
	if (news->nkeys == 0)
		return 0;
	for (size_t i = 0; i < b->norders && !tied; i++)
		b->orders[i].waits = may_wait(&b->orders[i]);
	if (refers && unwait_tied(w, b, e) == -1)
		return -1;
	find_made(w, b, news);
	find_written(w->arena, b, news);
	find_unwritten(b, news);
	return 0;
}

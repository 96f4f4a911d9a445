/* SPDX-License-Identifier: MIT */
/* order_counted: what of an order counts.  The rules are numbered in
 * core/order.h, at order_counted(). */
#include <string.h>

#include "core/order_parts.h"

/* The amounts of an order that cannot be read, as bits.  An order that takes
 * over another's amounts takes over these bits, too. */
static int
unreadable_amounts(const struct order *o)
{
	return o->unreadable & UNREADABLE_AMOUNTS;
}

/* 1. An order edited upward counts as it was when it was paid. */
static void
count_as_paid(const struct order *paid, struct order *c)
{
	c->was_paid = true;
	c->total = paid->total;
	c->shipping = paid->shipping;
	c->shipping_tax = paid->shipping_tax;
	c->fees = paid->fees;
	c->fees_tax = paid->fees_tax;
	c->credit = paid->credit;
	c->lines = paid->lines;
	c->nlines = paid->nlines;
	c->tenders = paid->tenders;
	c->ntenders = paid->ntenders;
	c->unreadable &= ~UNREADABLE_AMOUNTS;
	c->unreadable |= unreadable_amounts(paid);
	if (strcmp(c->status, "partially_paid") == 0)
		memcpy(c->status, paid->status, sizeof(c->status));
}

/* 2. Whether each line of a sub-order is a line of the order, too. */
static bool
repeats(const struct order *sub, const struct order *o)
{
	for (size_t i = 0; i < sub->nlines; i++) {
		const struct order_line *x = &sub->lines[i];
		bool found = false;

		for (size_t j = 0; j < o->nlines && !found; j++) {
			const struct order_line *y = &o->lines[j];

			found = x->product_id == y->product_id &&
			        x->quantity == y->quantity && x->net == y->net;
		}
		if (!found)
			return false;
	}
	return true;
}

static void
add_refund(struct order *c, struct order_refund f)
{
	if (c->nrefunds > 0 && c->refunds[c->nrefunds - 1].id >= f.id)
		f.id = c->refunds[c->nrefunds - 1].id + 1;
	c->refunds[c->nrefunds++] = f;
}

/* 2. and 3. Adds the amounts and lines of a sub-order to its order. */
static void
add_sub(struct order *c, const struct order *sub)
{
	c->total += sub->total;
	c->shipping += sub->shipping;
	c->shipping_tax += sub->shipping_tax;
	c->fees += sub->fees;
	c->fees_tax += sub->fees_tax;
	c->credit += sub->credit;
	c->unreadable |= unreadable_amounts(sub);
	if (sub->nlines > 0)
		memcpy(&c->lines[c->nlines], sub->lines,
		    sub->nlines * sizeof(*c->lines));
	c->nlines += sub->nlines;
	for (size_t i = 0; i < sub->nrefunds; i++) {
		struct order_refund f = sub->refunds[i];

		if (f.at == 0)
			f.at = sub->modified_at;
		add_refund(c, f);
	}
}

/* 3. The sub-order that stands for an order that never arrived itself.  A
 * sub-order that is not undone is better than an undone one, then a paid one is
 * better than an unpaid one, then a newer one than an older one. */
static const struct order *
first_of_subs(const struct order *o)
{
	const struct order *best = &o->subs[0];

	for (size_t i = 1; i < o->nsubs; i++) {
		const struct order *x = &o->subs[i];
		int worse = order_is_undone(x) - order_is_undone(best);

		if (worse == 0)
			worse = best->was_paid - x->was_paid;
		if (worse < 0 ||
		    (worse == 0 && x->modified_at > best->modified_at))
			best = x;
	}
	return best;
}

/* 3. Makes an order that never arrived itself, still without the lines and
 * amounts of its sub-orders. */
static void
count_unseen(const struct order *o, struct order *c)
{
	*c = *first_of_subs(o);
	c->id = o->id;
	c->name = NULL;
	c->total = c->shipping = c->shipping_tax = 0;
	c->fees = c->fees_tax = c->credit = 0;
	c->unreadable &= ~UNREADABLE_AMOUNTS;
	c->nlines = c->nrefunds = c->nparts = 0;
	c->deleted_at = o->deleted_at;
	c->restored_at = o->restored_at;
}

static int64_t
paid_back(const struct order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->nrefunds; i++)
		sum += o->refunds[i].share;
	return sum;
}

/* 2. and 3. Adds to the order what its sub-orders have and the order lacks; if
 * the order never arrived itself, that is everything. */
static void
count_subs(struct arena *arena, const struct order *o, struct order *c)
{
	struct order told;
	size_t lines = o->nlines, refunds = o->nrefunds + 1;
	int64_t back = 0, at = 0, own;

	if (o->modified_at == 0)
		count_unseen(o, c);
	for (size_t i = 0; i < o->nsubs; i++) {
		lines += o->subs[i].nlines;
		refunds += o->subs[i].nrefunds;
	}
	told = *c;
	own = paid_back(c);
	c->lines = arena_array(arena, lines + 1, sizeof(*c->lines));
	c->refunds = arena_array(arena, refunds, sizeof(*c->refunds));
	c->nlines = c->nrefunds = 0;
	c->subs = NULL;
	c->nsubs = 0;
	if (told.nlines > 0)
		memcpy(c->lines, told.lines, told.nlines * sizeof(*c->lines));
	c->nlines = told.nlines;
	for (size_t i = 0; i < told.nrefunds; i++)
		add_refund(c, told.refunds[i]);
	for (size_t i = 0; i < o->nsubs; i++) {
		const struct order *sub = &o->subs[i];

		if (o->modified_at != 0 && repeats(sub, &told)) {
			int64_t gone = order_is_undone(sub) ? order_worth(sub)
			                                    : paid_back(sub);

			back += gone;
			if (gone > 0 && sub->modified_at > at)
				at = sub->modified_at;
		} else if (!order_is_undone(sub) &&
		           (sub->was_paid || !told.was_paid)) {
			add_sub(c, sub);
		}
	}
	if (back > own)
		add_refund(c, (struct order_refund){
		                  .id = 1, .share = back - own, .at = at });
}

struct order
order_counted(struct arena *arena, const struct order *o)
{
	struct order c = *o;

	if (o->npaid > 0 && !o->was_paid)
		count_as_paid(o->paid, &c);
	if (o->nsubs > 0)
		count_subs(arena, o, &c);
	order_count_dropped(arena, &c);
	return c;
}

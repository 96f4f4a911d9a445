/* SPDX-License-Identifier: MIT */
/*
 * order: orders and their refunds.
 *
 *  1. An order happens when it was placed, with the contents of its newest
 *     snapshot, but without its refunds.  Each refund happens at its own time.
 *     A refund takes units back by the rules, the tier and the multipliers
 *     under which the order was placed.
 *  2. An order that was placed before its store's start happens at that start,
 *     and earns nothing.  If the program says so, the order still counts for
 *     tiers.
 *  3. core/fact.h says which orders happened, and which were undone later.
 */
#include "core/fold/internal.h"

void
order_placed(struct run *r, const struct fact *f)
{
	struct occurrence *o = occurrence_new(r, f, SOURCE_ORDER);

	if (f->order->channel != NULL)
		o->occasion.channel = f->order->channel;
	o->occasion.shipping_method = f->order->shipping_method;
	o->occasion.codes = f->order->codes;
	o->occasion.unreadable = f->order->unreadable;
	for (size_t i = 0; i < f->order->nlines; i++)
		o->occasion.unreadable |= f->order->lines[i].unreadable;
	if (f->order->nrefunds > 0)
		o->tallies = tallies_new(r->arena, f->order);
	o->counting = membership_counting(r, f->program, f->order);
	o->occasion.nth = r->view.orders + 1;
	o->counts = !o->before && occurrence_is_left(o);
	r->view.orders += o->counts;
	purses_active_by_order(r, f->program);
	cross_begin(r, o);
	earn_begin(r, o, ON_ORDER);
	metric_update(r, o);
	if (!o->before)
		membership_fee(r, o);
	r->before = o->before;
	tier_update(r, false);
	r->before = false;
}

void
order_excluded(struct run *r, const struct fact *f, const char *reason)
{
	earn_none(r, occurrence_new(r, f, SOURCE_ORDER), ON_ORDER, reason);
}

/* 1. Applies a refund, or undoes the whole order. */
void
order_reduced(struct run *r, const struct happening *h)
{
	struct occurrence *o = run_placed(r, h->fact)->occurrence;

	if (o == NULL)
		return;
	if (h->undo)
		o->undone = true;
	else
		o->nrefunds = h->refund;
	if (o->counts && !occurrence_is_left(o)) {
		o->counts = false;
		r->view.orders--;
	}
	cross_again(o);
	earn_again(r, o);
	metric_update(r, o);
	membership_fee_refunded(r, o);
	tier_update(r, true);
}

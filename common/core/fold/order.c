/* SPDX-License-Identifier: MIT */
/*
 * Orders:
 *
 *  1. An order happens when it is placed, as it was told last, without its
 *     refunds; each refund happens at its own time, and takes back by the
 *     rules, the tier and the multipliers its order was placed under.
 *  2. An order of before its store's start happens at that start, gives
 *     nothing and counts for nothing but, if the program says so, for tiers.
 *  3. An order that was paid and then cancelled, refunded as a whole or
 *     deleted happened, and is undone when that was said.  One that was never
 *     paid did not happen.
 */

#include "core/decide.h"
#include "core/fold/internal.h"

/* 3. */
enum happened
order_happened(const struct fact *f, const char **reason)
{
	enum reason why = order_may_earn(
	    f->program, f->program->currency, f->since, f->order);

	*reason = reason_text(why);
	if (why == REASON_EARNED || why == REASON_BEFORE)
		return HAPPENED;
	if ((why == REASON_UNDONE || why == REASON_DELETED) &&
	    f->order->was_paid && !f->order->test)
		return UNDONE_LATER;
	return NEVER_HAPPENED;
}

int64_t
order_undone_at(const struct order *o)
{
	/* An order that was cancelled and then deleted was undone by the
	 * cancellation. */
	if (o->cancelled_at != 0)
		return o->cancelled_at;
	return order_is_deleted(o) ? o->deleted_at : o->modified_at;
}

struct occurrence *
occurrence_new(struct run *r, const struct fact *f, enum source_kind source)
{
	struct occurrence *o = arena_alloc(r->arena, sizeof(*o));

	*o = (struct occurrence){
		.steps = r->steps,
		.exchange = f->order == NULL
		                ? NULL
		                : program_exchange(f->program,
		                      f->order->currency, f->order->created_at),
		.origin = { source, f->store_id, f->id, f->version_id },
		.program = f->program,
		.fact = f,
		.order = f->order,
		.at = f->at,
		.before = fact_is_before(f),
		.held = f->held,
		.tier_year_from = tier_year_begin(r, f->at),
		.occasion = {
			.at = f->at,
			.channel = f->channel,
			.brand = f->brand,
			.amount = f->amount / power_of_ten(f->finer),
			.fields = f->fields,
			.nfields = f->nfields,
		},
	};
	return o;
}

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
	o->counting = member_counting(r, f->program, f->order);
	o->occasion.nth = r->view.orders + 1;
	o->counts = !o->before && order_is_left(o);
	r->view.orders += o->counts;
	purses_active_by_order(r, f->program);
	cross(r, o);
	earn_begin(r, o, ON_ORDER);
	metric_tell(r, o);
	if (!o->before)
		member_fee(r, o);
	r->before = o->before;
	tier_update(r, false);
	r->before = false;
}

void
order_never(struct run *r, const struct fact *f, const char *reason)
{
	earn_none(r, occurrence_new(r, f, SOURCE_ORDER), ON_ORDER, reason);
}

struct occurrence *
occurrence_find(struct run *r, const struct fact *f)
{
	steps_take(r->steps, r->noccurrences);
	for (size_t i = r->noccurrences; i-- > 0;)
		if (r->occurrences[i]->fact == f)
			return r->occurrences[i];
	return NULL;
}

/* 1.: a refund, or the end of the order. */
void
order_less(struct run *r, const struct happening *h)
{
	struct occurrence *o = occurrence_find(r, h->fact);

	if (o == NULL)
		return;
	if (h->undo)
		o->undone = true;
	else
		o->nrefunds = h->refund;
	if (o->counts && !order_is_left(o)) {
		o->counts = false;
		r->view.orders--;
	}
	cross_again(o);
	earn_again(r, o);
	metric_tell(r, o);
	member_fee_refunded(r, o);
	tier_update(r, true);
}

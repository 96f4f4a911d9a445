/* SPDX-License-Identifier: MIT */
/*
 * decide: what an order has earned by a plain program, which looks at one order
 * alone.  The steps are in the order in which they are taken.
 *
 *  1. Nothing is decided about an order of which only a refund or a deletion is
 *     known.
 *  2. A deleted order has earned nothing, nor has a test order or a checkout
 *     that was not finished.  An order in another currency than the store's
 *     earns only if the program has an exchange rate for that currency.  The
 *     amount that counts is then converted, as one fraction, by the rate of the
 *     day on which the order was placed.
 *  3. Nothing is left of an order that is cancelled, failed, refunded, voided
 *     or trashed.
 *  4. An order earns while it has one of the statuses that the program names
 *     for the platform, unless it was placed before the store's start.  A paid
 *     order that was edited upward counts as it was when it was paid
 *     (order_counted()), until it is paid again.
 *  5. The base is the amount that counts before refunds: the sum of the lines,
 *     with what the program adds (before_discounts, tax, shipping, fees,
 *     gift_cards), never below zero.  Pieces that were edited out of the order
 *     without a refund do not count: their share of the line is taken off,
 *     rounded down.
 *  6. The loss of an order is the greater of two sums over all refunds and
 *     edits together.  One sum is the worth of the pieces that are gone
 *     (returned, or edited away), the other is the money paid back for goods.
 *     Several refunds therefore come to the same as a single refund of them
 *     all, and a loss counts only once if the shop reports both pieces and
 *     money.  A refund of a line takes its amount off the base, but at most the
 *     worth of the returned pieces.  Money paid back beyond the worth of all
 *     pieces that are gone takes off a part of the base: that money divided by
 *     the worth of the order.  The worth is all lines, shipping and fees with
 *     tax, even if the total is less.  The worth is not lowered by means of
 *     payment: gift cards, and wallets that a shop reports as an untaxed fee
 *     below zero (unless the base counts fees).  No part of an order has more
 *     left than the whole order.
 *  7. Each rule gives `units` points for each `per` of the amount that is left,
 *     as one fraction, rounded once per rule and order.
 *  8. The points are pending for the program's number of days after the payment
 *     of the order.  A guest's points are held, pending without end, until
 *     somebody has proved to be the guest.
 *
 * core/fold handles all other programs, and uses the same functions for 1. to
 * 6.  tests/unit/test_decide.c, deploy/programs/README.md and the
 * README use the same numbers for these rules.
 */
#include <assert.h>
#include <string.h>

#include "base/instant.h"
#include "core/decide.h"
#include "core/worth.h"

/* 1. to 4. Finds the reason why the order earns nothing; REASON_EARNED if it
 * earns. */
enum reason
order_may_earn(const struct program *p, const char *currency, int64_t since,
    const struct order *o)
{
	if (o->modified_at == 0)
		return REASON_NO_ORDER_YET;
	if (o->test)
		return REASON_TEST;
	if (status_is_draft(o->status))
		return REASON_DRAFT;
	if (strcmp(o->currency, currency) != 0 &&
	    program_exchange(p, o->currency, o->created_at) == NULL)
		return REASON_CURRENCY;
	if (order_is_deleted(o))
		return REASON_DELETED;
	if (order_is_undone(o))
		return REASON_UNDONE;
	if (!statuses_have(&p->award[o->platform], o->status))
		return REASON_STATUS;
	return order_is_before(o, since) ? REASON_BEFORE : REASON_EARNED;
}

/* 8. Finds when the points become available; INSTANT_NEVER while the points are
 * held for a guest. */
static int64_t
vesting(const struct program *p, const struct order *o, bool held)
{
	if (held)
		return INSTANT_NEVER;
	return o->paid_at + p->pending_days * INSTANT_DAY;
}

/* Finds the reason why the amount that some rule counts is not known;
 * REASON_NONE if the amounts of all rules are known. */
static enum reason
reason_unknown(const struct program *p, const struct order *o)
{
	bool unknown = false;
	int unreadable = 0;

	for (size_t i = 0; i < p->nrules; i++) {
		const struct base *b = &p->bases[p->rules[i].base];

		unknown |= split_is_unknown(b, o);
		unreadable |= amounts_unreadable(b, o);
	}
	if (unreadable != 0)
		return reason_unreadable(unreadable);
	return unknown ? REASON_SPLIT_UNKNOWN : REASON_NONE;
}

void
decide(const struct program *p, const struct decide_ask *given,
    const struct order *o, struct decision *d)
{
	const struct exchange *exchange = program_exchange(
	    p, o->currency, o->created_at);
	bool anything = false, anything_left = false;

	d->reason = order_may_earn(p, given->currency, given->since, o);
	d->nawards = p->nrules;
	d->points = 0;
	d->vests_at = vesting(p, o, given->held);
	assert(d->awards != NULL || p->nrules == 0);

	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];
		struct worth_ask ask = { .base = &p->bases[r->base],
			.nrefunds = o->nrefunds,
			.exchange = exchange,
			.tallies = given->tallies };
		struct worth w;

		d->awards[i] = (struct award){ .by = r, .rule = r->id };
		if (d->reason != REASON_EARNED)
			continue;
		worth_of(o, &ask, &w);
		anything |= w.whole.n > 0;
		anything_left |= !w.none_left;
		d->awards[i].base = ratio_floor(w.whole.n, w.whole.d);
		d->awards[i].base_left = ratio_floor(w.left.n, w.left.d);
		d->awards[i].left_milli = fraction_milli(w.left);
		d->awards[i].foreign = ratio_floor(w.foreign.n, w.foreign.d);
		if (exchange != NULL)
			d->awards[i].rate = exchange->rate;
		/* 7. Each rule is rounded once. */
		d->awards[i].points = fraction_times(
		    w.left, r->units, r->per, r->rounding);
		/* The caller has rejected orders so large that this sum
		 * overflows (core/beyond.h). */
		if (__builtin_add_overflow(
		        d->points, d->awards[i].points, &d->points))
			d->points = INT64_MAX;
	}
	if (d->reason != REASON_EARNED || d->points != 0)
		return;
	d->reason = reason_unknown(p, o);
	if (d->reason == REASON_NONE)
		d->reason = !anything        ? REASON_ZERO_BASE
		            : !anything_left ? REASON_RETURNED
		                             : REASON_TOO_SMALL;
}

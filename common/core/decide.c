/* SPDX-License-Identifier: MIT */
/*
 * What an order has earned, in the order the rules apply:
 *
 *  1. Of an order only known by a refund or a deletion nothing is decided.
 *  2. A deleted order has earned nothing; nor has a test order, a checkout
 *     that was not finished, or an order in another currency than the
 *     store's, unless the program says at what rate it counts: then all
 *     that counts of it is converted, as one fraction, by the rate of the
 *     day it was placed on.
 *  3. Cancelled, failed, refunded, voided or trashed: nothing is left.
 *  4. An order earns in the statuses the program names for its platform,
 *     if it was not placed before the store's start; one that was paid and
 *     is edited upward is what it was then (order_counted()) until it is
 *     paid again.
 *  5. The base is what the lines came to, with what the program adds to it
 *     (before_discounts, tax, shipping, fees, gift_cards), never below
 *     zero.  What was edited out of an order without a refund is not part
 *     of it: that share of the line, rounded down.
 *  6. What is gone of an order is the greater of what the pieces gone were
 *     worth (returned, or edited away) and of the money paid back for goods,
 *     over all refunds and edits together.  So any number of refunds comes
 *     to the same as one, and a loss counts once, told as it may be.  Of the
 *     base, lines that came back take their amounts, but of no line more
 *     than its returned pieces were worth; money beyond all that is gone
 *     takes its share of what the order was worth: lines, shipping and fees,
 *     tax included, before what merely pays (gift cards, wallets told as an
 *     untaxed fee below zero, unless the base counts fees), also if the
 *     total is less.  No part of an order has more left than all of it.
 *  7. Each rule gives `units` for each `per` of what is left, as one
 *     fraction, rounded once per rule and order.
 *  8. The points are pending for the program's days from when the order was
 *     paid; a guest's are held until it is known whose they are.
 *
 * That is all of a plain program; the others are core/fold/fold.c's, which has
 * 1. to 6. from the same core/worth.c.
 *
 * tests/unit/test_decide.c, deploy/programs/README.md and the README have
 * the same numbers.
 */
#include <assert.h>
#include <string.h>

#include "base/instant.h"
#include "core/decide.h"
#include "core/worth.h"

/* 1. to 4.: the reason to give nothing, or EARNED. */
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

/* 8. */
static int64_t
vesting(const struct program *p, const struct order *o, bool held)
{
	if (held)
		return INSTANT_NEVER;
	return o->paid_at + p->pending_days * INSTANT_DAY;
}

/* The reason, if what counts by some rule is not known; else REASON_NONE. */
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
	assert(p->nrules <= RULES_MAX);

	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];
		struct worth_ask ask = { .base = &p->bases[r->base],
			.nrefunds = o->nrefunds,
			.exchange = exchange };
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
		/* 7. */
		d->awards[i].points = fraction_times(
		    w.left, r->units, r->per, r->rounding);
		/* rule_beyond() lets nothing come so far. */
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

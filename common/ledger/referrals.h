/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/columns.h"
#include "ledger/timeline/timeline.h"

/*
 * referrals: makes timelines due when the worth of a referral may have changed.
 *
 * The worth of a referral (core/referral.h) depends on an order and on other
 * members (who the friend is, who else referred the friend).  A timeline loads
 * this order and these members for its own referrals
 * (ledger/timeline/referral.c).  When the order or a member changes, the
 * timelines of all members whom the change may concern are made due, in a
 * separate transaction.  If a later message reports the same change again, the
 * timelines are made due again.
 */

enum {
	TIED_ORDERS_MAX = 2 /* orders that fact.tied_to may mean */
};

/* Lists the numbers of the orders that fact.tied_to may mean: the shop's own
 * order with that number, and the order that was sent to POST /events with that
 * id. */
size_t referral_orders(const struct fact *, int64_t ids[TIED_ORDERS_MAX]);

/* The keys by which the members are found whose timelines become due: facts of
 * friends, orders, names of customers, and members' numbers.  Each list begins
 * with a row that matches nobody, since no list may be empty. */
struct referral_wake {
	struct columns facts, orders, names, members;
};

void referral_wake_init(struct referral_wake *, struct arena *);
void referral_wake_customer(
    struct referral_wake *, const struct store *, int64_t customer_id);
void referral_wake_order(
    struct referral_wake *, const struct store *, int64_t order_id);
/* Adds a fact, but only if it is the friend's side of a referral. */
void referral_wake_fact(
    struct referral_wake *, const struct store *, const struct fact *);
int referral_wake(struct pg *, const struct referral_wake *, int64_t now,
    struct err *) MUST_CHECK;
/* Makes due the timelines of a member and of all members on the other side of
 * this member's referrals. */
int referral_wake_member(
    const struct world *, struct member_key, struct err *) MUST_CHECK;

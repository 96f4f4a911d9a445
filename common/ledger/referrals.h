/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_REFERRALS_H
#define LEDGER_REFERRALS_H

#include "ledger/columns.h"
#include "ledger/timeline/timeline.h"

/*
 * referrals: what the ledger does so that core/referral.h has its way.
 *
 * The worth of a referral hangs on other members (who the friend is, who else
 * brought him) and on an order.  Each timeline loads that of its own
 * referrals (ledger/timeline/referral.c); whoever changes it has schedule look at
 * all members it may concern again, in a transaction of its own after the
 * change, and again if the change is told again.
 */

enum {
	TIED_ORDERS_MAX = 2 /* orders that one text may mean */
};

/* The ledger's numbers of the orders that a fact may be tied to: of the
 * shop's own, and of one that was sent to POST /events under that id. */
size_t referral_orders(const struct fact *, int64_t ids[TIED_ORDERS_MAX]);

/* The members to look at again: by friends' facts, by orders, by customers'
 * names, by number.  Each begins with a row that means nobody. */
struct referral_wake {
	struct columns facts, orders, names, members;
};

void referral_wake_init(struct referral_wake *, struct arena *);
void referral_wake_customer(
    struct referral_wake *, const struct store *, int64_t customer_id);
void referral_wake_order(
    struct referral_wake *, const struct store *, int64_t order_id);
/* Does nothing for a fact that says of nobody that they were referred. */
void referral_wake_fact(
    struct referral_wake *, const struct store *, const struct fact *);
int referral_wake(struct pg *, const struct referral_wake *, int64_t now,
    struct err *) MUST_CHECK;
/* Wakes one member and the other sides of their referrals. */
int referral_wake_member(
    const struct world *, struct member_key, struct err *) MUST_CHECK;

#endif /* LEDGER_REFERRALS_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#include "dice.h"

/*
 * model: a random program, a random history, and the properties that must
 * hold for both:
 *
 *  (a) any order and duplication of deliveries gives the same movements,
 *      balances and tiers, also when the differences are posted after each
 *      delivery.  Every order belongs to the customer that is named in the
 *      newest of the order's snapshots that name a customer;
 *  (b) a history in which every order is undone in the end leaves the member
 *      with the balances and the tier of the beginning, apart from the units
 *      that were redeemed;
 *  (c) rules give the units that the slow evaluator computes;
 *  (d) no balance goes below the limit of the wallet's policy;
 *  (e) balances are the sums of the movements and of the lots;
 *  (f) folding at several times one after the other gives the same as folding
 *      once at the end.  Later folds never make a sum smaller by time alone,
 *      and change nothing before the time at which fold() says that something
 *      is due;
 *  (g) a fold that may take just the steps it needs is the same as a fold
 *      without a bound, and a fold that may take fewer steps is cut;
 *  (h) a fold from a seam (core/fold/seam.c), and one from a seam that was made
 *      so, is the same as a fold of all.
 */
enum property {
	PROPERTY_NONE,     /* no property fails */
	PROPERTY_FILE,     /* the program's file has no fault */
	PROPERTY_ORDER,    /* property (a) of the list above */
	PROPERTY_UNDONE,   /* property (b) above */
	PROPERTY_SLOW,     /* property (c) above */
	PROPERTY_STRAIGHT, /* properties (d) and (e) above */
	PROPERTY_STEPS,    /* property (f) above */
	PROPERTY_BOUND,    /* property (g) above */
	PROPERTY_SEAMS,    /* property (h) above */
	PROPERTY_LIVES,    /* no assertion fails, and every fold ends */
};

/* Makes a case and tries all properties.  If one fails, returns false and
 * reports the property, the program's file, the shortest history found that
 * still fails, and the differences.  With `catches`, handlers of SIGABRT and
 * SIGPROF also report an assertion that fails and a fold without end.  A fuzzer
 * passes false, because a fuzzer has its own handlers. */
bool model_case(struct dice *, bool catches, struct buf *report);

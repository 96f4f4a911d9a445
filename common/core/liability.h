/* SPDX-License-Identifier: MIT */
#ifndef CORE_LIABILITY_H
#define CORE_LIABILITY_H

#include <stdint.h>

/*
 * liability: the money that unredeemed points stand for in the books.
 *
 * Points that customers get only by buying are part of the sale, and are paid
 * for with it.  The points' share of the price becomes income only when the
 * points are redeemed or expire (IFRS 15.B39-B42, ASC 606-10-55-41..45).
 * Figures for an accountant, not advice.
 *
 * Money is in minor units; shares are in ten-thousandths (SHARE_ONE is all).
 * Results are rounded to the nearest minor unit, halves up.
 */

enum {
	SHARE_ONE = 10000
};

/* The part of a sale's price that pays for its points, by the prices that
 * goods and points would have alone.  The price of points alone is units x
 * worth x the share of them that is expected to be redeemed. */
int64_t liability_allocate(
    int64_t sale, int64_t units, int64_t worth, int64_t expected);

/* The part of the allocated money that is income so far, when `redeemed` of the
 * `expected` units were redeemed; never more than all the money.  A changed
 * expectation changes only when the money becomes income, not how much. */
int64_t liability_recognise(
    int64_t allocated, int64_t redeemed, int64_t expected);

/* The money that is still owed for units, less the share that will never be
 * redeemed.  `worth` of one unit is in thousandths of a minor unit (MILLI). */
int64_t liability_of(int64_t units, int64_t worth, int64_t breakage);

#endif /* CORE_LIABILITY_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"

/*
 * order_finer: amounts with more decimals than the currency has.
 *
 * A shop may keep and add up 49.995 EUR.  All amounts of such an order are in
 * a unit that is `finer` decimals below the currency's minor unit.  worth.c
 * divides by 10^finer once, when it rounds.
 */

int64_t power_of_ten(int);

/* Converts both parts of one order to the finer unit of the two, so that they
 * can be merged.  If an amount would then be beyond MONEY_MAX, both are
 * converted to the finest unit in which every amount fits, rounded half away
 * from zero.  New lists are in the arena. */
void order_align(struct arena *, struct order *, struct order *);

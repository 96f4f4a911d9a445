/* SPDX-License-Identifier: MIT */
#ifndef CORE_ORDER_FINER_H
#define CORE_ORDER_FINER_H

#include "base/arena.h"
#include "core/order.h"

/*
 * order_finer: amounts with more decimals than the currency has.
 *
 * A shop may keep and add up 49.995 EUR.  Its amounts are then in a unit so
 * many decimals finer than the currency's minor unit, all of one order in
 * the same, and worth.c divides by it when it rounds, once.
 */

int64_t power_of_ten(int);

/*
 * Brings both parts of one order to the finer unit of the two, so that they
 * can be merged; where an amount would be beyond MONEY_MAX then, to the finest
 * unit in which none is, rounded half away from zero.  New lists are the
 * arena's.
 */
void order_align(struct arena *, struct order *, struct order *);

#endif /* CORE_ORDER_FINER_H */

/* SPDX-License-Identifier: MIT */
#ifndef CORE_BEYOND_H
#define CORE_BEYOND_H

#include "core/fact.h"
#include "core/program.h"

/*
 * beyond: orders and events that are worth more than any sum may be.
 *
 * A rule gives at most UNITS_MAX units of a wallet for one order or event, and
 * nobody has more in a wallet.  So sums of thousands of them fit into int64_t,
 * and no sum is cut to the largest number.
 */

#define UNITS_MAX INT64_C(1000000000000000)

/* The rule that could give more than UNITS_MAX for the order or event, whatever
 * its conditions: for the whole amount, with the largest factor.  NULL if there
 * is none. */
const struct rule *rule_beyond(const struct program *, const struct fact *);

#endif /* CORE_BEYOND_H */

/* SPDX-License-Identifier: MIT */
#ifndef CORE_BEYOND_H
#define CORE_BEYOND_H

#include "core/fact.h"
#include "core/program.h"

/*
 * beyond: what is more than any sum may be.
 *
 * No more than UNITS_MAX of a wallet, as it keeps them, come of one order or
 * event by one rule, and nobody has more of it: so sums of thousands of them
 * fit, and nothing is ever the largest there is for want of room.
 */

#define UNITS_MAX INT64_C(1000000000000000)

/* The rule that could give more for the order or event (by all it came to
 * and the largest factor, whatever its conditions); NULL: none. */
const struct rule *rule_beyond(const struct program *, const struct fact *);

#endif /* CORE_BEYOND_H */

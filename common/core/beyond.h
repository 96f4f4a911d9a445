/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fact.h"
#include "core/program.h"

/*
 * beyond: finds orders and events that could earn more units than is allowed.
 *
 * A rule gives at most UNITS_MAX units of a wallet for one order or event, and
 * no member may have more in a wallet.  The sum of thousands of such numbers
 * therefore fits into int64_t, and never has to be cut off at INT64_MAX.
 */

#define UNITS_MAX INT64_C(1000000000000000)

/* Finds a rule that could give more than UNITS_MAX units for an order or event,
 * if its conditions held, the whole amount counted and the largest factor
 * applied.  NULL: no rule could. */
const struct rule *rule_beyond(const struct program *, const struct fact *);

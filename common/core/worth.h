/* SPDX-License-Identifier: MIT */
#ifndef CORE_WORTH_H
#define CORE_WORTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/order.h"
#include "core/program.h"
#include "core/ratio.h"

/*
 * worth: what of an order counts, and what is left of it after refunds.
 *
 * The rules 5. and 6. of core/decide.c.
 */

/* n / d of a minor unit; d > 0. */
struct fraction {
	wide n, d;
};

/* How an order is looked at. */
struct worth_ask {
	const struct base *base;
	/* One per line, or NULL.  FACTOR_ONE is 1; 0 leaves the line out. */
	const int64_t *factors;
	size_t nrefunds; /* only the first so many count */
};

struct worth {
	struct fraction whole;   /* before refunds, factors not counted */
	struct fraction left;    /* after them, factors not counted */
	struct fraction boosted; /* after them, times each line's factor */
	int64_t pieces;          /* of the lines that count, after refunds and
				    edits */
	int64_t pieces_whole;    /* before refunds */
};

void worth_of(const struct order *, const struct worth_ask *, struct worth *);

/* Rounded down to thousandths of a minor unit: what can be summed over
 * orders. */
int64_t fraction_milli(struct fraction);

/* units / per of a fraction, rounded; `per` > 0. */
int64_t fraction_times(
    struct fraction, int64_t units, int64_t per, enum rounding);

/* Whether an order earns, by its status, and why not; 1. to 4. of
 * core/decide.c.  `was_paid` tells of an undone order that it had earned
 * before (rule 3. takes it back when it was undone). */
enum reason order_may_earn(
    const struct program *, const char *currency, const struct order *);

#endif /* CORE_WORTH_H */

/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SLOW_H
#define MODEL_SLOW_H

#include <stddef.h>
#include <stdint.h>

#include "core/fact.h"

#include "spec.h"

/*
 * slow: what each rule should have given for each order and event in the
 * end, worked out anew for every question from the words of
 * deploy/programs/README.md, as plainly as can be.  It shares no arithmetic
 * with core/.
 *
 * It knows rules on orders and events; every base, window and limit; all
 * conditions but memberships and chosen days; tiers by spend, "while" the
 * metric has them, in every window, under one by condition.  It does not know what time alone does,
 * what is taken, lots, pending and expiring units.
 */

struct slow_line {
	const struct fact *fact;
	size_t rule;
	int64_t units; /* with the multipliers' */
	int64_t own;   /* without */
};

enum {
	SLOW_LINES_MAX = 1024,
	SLOW_NO_TIER = -1,
};

struct slow {
	struct slow_line lines[SLOW_LINES_MAX];
	size_t nlines;
	int tier; /* the level's index, or SLOW_NO_TIER */
};

/* Facts as for fold(). */
void slow_evaluate(const struct spec *, const struct zone *,
    const struct fact *, size_t n, int64_t now, struct slow *);

#endif /* MODEL_SLOW_H */

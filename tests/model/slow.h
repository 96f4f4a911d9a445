/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/fact.h"

#include "spec.h"

/*
 * slow: the units that each rule should have given for each order and event in
 * the end.  Every number is computed anew, as plainly as possible, by the words
 * of deploy/programs/README.md, without any arithmetic of core/.
 *
 * The slow evaluator knows rules on orders and events, with every base, window
 * and limit.  It knows all conditions except memberships and chosen days.  It
 * knows tiers by spend with the term "while", in every window, even if the
 * highest level has a condition.  It does not know rules on time, rules that
 * take units, lots, and pending or expiring units.
 */

struct slow_line {
	const struct fact *fact;
	size_t rule;
	int64_t units; /* given by the rule and its multipliers */
	int64_t own;   /* the rule's part of `units` */
};

enum {
	SLOW_LINES_MAX = 1024,
	SLOW_NO_TIER = -1,
};

struct slow {
	struct slow_line lines[SLOW_LINES_MAX];
	size_t nlines;
	int tier; /* the index of the member's level, or SLOW_NO_TIER */
};

/* Evaluates a member's facts, sorted as fold() needs them. */
void slow_evaluate(const struct spec *, const struct zone *,
    const struct fact *, size_t n, int64_t now, struct slow *);

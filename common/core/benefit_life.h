/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/*
 * benefit_life: the next call that makes a shop have a benefit as its program
 * says, or not have it.
 *
 * A benefit is a discount for a segment of customers.  The shop is asked first
 * what it has, so that any call may be repeated: nothing is made that is there, and
 * what is not right is changed.
 */

enum benefit_act {
	BENEFIT_NOTHING = 1, /* all is as it should be */
	BENEFIT_SEGMENT_LOOK,
	BENEFIT_SEGMENT_MAKE,
	BENEFIT_SEGMENT_CHANGE,
	BENEFIT_SEGMENT_REMOVE,
	BENEFIT_LOOK, /* looks for the discount, as the next three are of it */
	BENEFIT_MAKE,
	BENEFIT_CHANGE,
	BENEFIT_REMOVE,
	BENEFIT_ACTS = BENEFIT_REMOVE,
};

/* The state of a part as this process has seen it. */
enum benefit_seen {
	SEEN_NOT, /* nobody has looked */
	SEEN_ABSENT,
	SEEN_OTHER,   /* there, and cannot become what it should be */
	SEEN_CHANGED, /* there, and to be changed */
	SEEN_RIGHT,
};

struct benefit_life {
	bool wanted;
	enum benefit_seen segment, discount;
};

enum benefit_act benefit_next(const struct benefit_life *);
/* Whether an act makes or changes something: it is written down before. */
bool benefit_writes(enum benefit_act);
/* Notes that the shop has done an act. */
void benefit_done(struct benefit_life *, enum benefit_act);

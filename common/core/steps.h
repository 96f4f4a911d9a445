/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * steps: how much work a fold may still do.
 *
 * A function that goes through a list which grows with the history takes as
 * many steps as the list is long, but does not ask whether steps are left.
 * fold() asks that after each thing that happened.  A fold without steps left
 * therefore still finishes the thing at hand, at the cost of at most one pass
 * over each list.
 */

struct steps {
	int64_t left; /* below 0: the fold took more steps than it had */
};

/* The steps of work that costs more than a look at one element of a list. */
enum {
	/* Following a pointer to an element elsewhere in memory. */
	STEPS_LINK = 4,
	/* Comparing a text with a pattern, letter by letter. */
	STEPS_TEXT = 16,
	STEPS_RULE = 16,   /* a look at one rule for one order or event */
	STEPS_RATIO = 32,  /* a division in 128 bits */
	STEPS_SEARCH = 16, /* a place found in a long sorted list */
	STEPS_DATE = 64,   /* a date worked out in a time zone */
	STEPS_LINE = 128,  /* a line measured by itself */
	STEPS_POST = 128,  /* a movement found by its key */
	/* Working out what a rule gives, and its explanation. */
	STEPS_SHARE = 256,
};

static inline void
steps_take(struct steps *s, size_t n)
{
	s->left -= (int64_t)n;
}

static inline bool
steps_are_spent(const struct steps *s)
{
	return s->left < 0;
}

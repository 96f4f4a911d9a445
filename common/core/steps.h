/* SPDX-License-Identifier: MIT */
#ifndef CORE_STEPS_H
#define CORE_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * steps: how much a fold may still do.
 *
 * Whoever goes through a list that grows with the history takes as many steps
 * as the list has things.  Nothing is asked there: fold() itself looks after
 * each thing that happened whether any are left, so it ends at most one
 * happening too late, which is a look at each list of the history and not at
 * each of them for each.
 */

struct steps {
	int64_t left; /* below 0: too many were taken */
};

/* The steps of work that costs more than a look at one thing. */
enum {
	STEPS_LINK = 4,    /* the next of a chain, from somewhere in memory */
	STEPS_TEXT = 16,   /* a text held to a pattern, letter by letter */
	STEPS_RULE = 16,   /* a rule asked for one occurrence */
	STEPS_RATIO = 32,  /* a division in 128 bits */
	STEPS_DATE = 64,   /* a date worked out in a time zone */
	STEPS_POST = 128,  /* a movement found by its key */
	STEPS_SHARE = 256, /* what a rule gives worked out, and told */
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

#endif /* CORE_STEPS_H */

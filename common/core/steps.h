/* SPDX-License-Identifier: MIT */
#ifndef CORE_STEPS_H
#define CORE_STEPS_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * steps: how much a fold may still do.
 *
 * Whoever goes through a list that grows with the history takes as many steps
 * as the list has things, before that; with none left fold() ends at once,
 * wherever it is.  A jump does that without a case of its own in every loop,
 * and leaves nothing behind, since all memory is the arena's.
 */

struct steps {
	int64_t left;
	jmp_buf none_left;
};

/* What costs more than a look at one thing. */
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
	if (s->left < 0)
		longjmp(s->none_left, 1);
}

#endif /* CORE_STEPS_H */

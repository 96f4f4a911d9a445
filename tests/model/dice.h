/* SPDX-License-Identifier: MIT */
#ifndef MODEL_DICE_H
#define MODEL_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * dice: chance that comes again.  The same seed throws the same numbers on
 * every machine; with bytes (a fuzzer's), those are used up first.
 */
struct dice {
	uint64_t state;
	const uint8_t *bytes;
	size_t left;
};

void dice_init(struct dice *, uint64_t seed);

uint64_t dice_throw(struct dice *);

/* low ... high, both included. */
int64_t dice_between(struct dice *, int64_t low, int64_t high);

/* One time in n. */
bool dice_one_in(struct dice *, int64_t n);

/* A set of at least one of n things, as bits. */
unsigned dice_some_of(struct dice *, unsigned n);

#endif /* MODEL_DICE_H */

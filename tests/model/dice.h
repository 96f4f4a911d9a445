/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * dice: random numbers that can be repeated.  The same seed throws the same
 * numbers on every machine.  The bytes of a fuzzer, if there are any, are the
 * first numbers; numbers of the seed follow when the bytes are used up.
 */
struct dice {
	uint64_t state;
	const uint8_t *bytes;
	size_t left;
};

void dice_init(struct dice *, uint64_t seed);

uint64_t dice_throw(struct dice *);

/* Throws a number from low to high, both included. */
int64_t dice_between(struct dice *, int64_t low, int64_t high);

/* Throws true one time in n. */
bool dice_one_in(struct dice *, int64_t n);

/* Throws a set of at least one of n things, as bits. */
unsigned dice_some_of(struct dice *, unsigned n);

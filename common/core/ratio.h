/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/*
 * ratio: exact fractions of whole numbers.
 *
 * Points and money are never floating point.  Products are formed in 128 bits
 * and divided once.  A result that does not fit is INT64_MAX, which the ledger
 * refuses.  A fraction that is below zero, or whose divisor is 0, counts as
 * zero.
 */

__extension__ typedef __int128 wide;

static inline int64_t
int64_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t
int64_max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* n / d, rounded down. */
int64_t ratio_floor(wide n, wide d);

/* n / d, rounded to the nearest whole number; a half is rounded up. */
int64_t ratio_round(wide n, wide d);

/* n / d, rounded up. */
int64_t ratio_ceil(wide n, wide d);

/* a * b, or the largest number there is if the product does not fit. */
wide ratio_mul(wide a, wide b);

/* How large the remainder of a division is. */
enum rest {
	REST_NONE,
	REST_LESS, /* less than half */
	REST_HALF, /* half or more */
};

/* (n * a) / (d * b), rounded down, exact also where the products are beyond
 * 128 bits. */
int64_t ratio_times(wide n, wide d, int64_t a, int64_t b, enum rest *);

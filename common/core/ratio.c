/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "core/ratio.h"

__extension__ typedef unsigned __int128 wide_unsigned;

#define WIDE_MAX ((wide)(((wide_unsigned)1 << 127) - 1))

static int64_t
clamp(wide q)
{
	return q > INT64_MAX ? INT64_MAX : (int64_t)q;
}

int64_t
ratio_floor(wide n, wide d)
{
	return n <= 0 || d <= 0 ? 0 : clamp(n / d);
}

int64_t
ratio_round(wide n, wide d)
{
	wide q, rest;

	if (n <= 0 || d <= 0)
		return 0;
	q = n / d;
	rest = n % d;
	return clamp(q + (rest >= d - rest));
}

int64_t
ratio_ceil(wide n, wide d)
{
	return n <= 0 || d <= 0 ? 0 : clamp(n / d + (n % d != 0));
}

wide
ratio_mul(wide a, wide b)
{
	wide product;

	if (__builtin_mul_overflow(a, b, &product))
		return (a < 0) == (b < 0) ? WIDE_MAX : -WIDE_MAX;
	return product;
}

/* ---- 256 bits ------------------------------------------------------------ */

enum {
	LIMBS = 4,
	LIMB_BITS = 64,
};

/* A whole number, the lowest bits first. */
struct large {
	uint64_t limb[LIMBS];
};

static struct large
large_of(wide n)
{
	return (struct large){ { (uint64_t)n,
	    (uint64_t)((wide_unsigned)n >> LIMB_BITS) } };
}

/* a * b.  The largest product needed here has factors of 127, 63 and 64 bits,
 * which fits. */
static struct large
large_mul(struct large a, uint64_t b)
{
	wide_unsigned carry = 0;

	for (size_t i = 0; i < LIMBS; i++) {
		carry += (wide_unsigned)a.limb[i] * b;
		a.limb[i] = (uint64_t)carry;
		carry >>= LIMB_BITS;
	}
	return a;
}

static int
large_compare(struct large a, struct large b)
{
	for (size_t i = LIMBS; i > 0; i--)
		if (a.limb[i - 1] != b.limb[i - 1])
			return a.limb[i - 1] < b.limb[i - 1] ? -1 : 1;
	return 0;
}

/* n / d, worked out bit by bit: slow, but rarely needed. */
static int64_t
large_div(struct large n, struct large d, enum rest *rest)
{
	uint64_t q = 0;

	for (uint64_t bit = UINT64_C(1) << 62; bit > 0; bit >>= 1)
		if (large_compare(large_mul(d, q | bit), n) <= 0)
			q |= bit;
	if (large_compare(large_mul(d, q), n) == 0)
		*rest = REST_NONE;
	else if (large_compare(large_mul(d, 2 * q + 1), large_mul(n, 2)) <= 0)
		*rest = REST_HALF;
	else
		*rest = REST_LESS;
	return (int64_t)q;
}

int64_t
ratio_times(wide n, wide d, int64_t a, int64_t b, enum rest *rest)
{
	wide num, den, left, q;

	*rest = REST_NONE;
	if (n <= 0 || d <= 0 || a <= 0 || b <= 0)
		return 0;
	if (__builtin_mul_overflow(n, a, &num) ||
	    __builtin_mul_overflow(d, b, &den))
		return large_div(large_mul(large_of(n), (uint64_t)a),
		    large_mul(large_of(d), (uint64_t)b), rest);
	q = num / den;
	left = num - q * den;
	if (left != 0)
		*rest = left >= den - left ? REST_HALF : REST_LESS;
	return clamp(q);
}

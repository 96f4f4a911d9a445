/* SPDX-License-Identifier: MIT */
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

/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "core/liability.h"
#include "core/program.h"
#include "core/ratio.h"

int64_t
liability_allocate(int64_t sale, int64_t units, int64_t worth, int64_t expected)
{
	/* In ten-thousandths of a minor unit, so that the result is rounded
	 * only once. */
	wide points = ratio_mul(ratio_mul(units, worth), expected);
	wide alone = ratio_mul(sale, SHARE_ONE);

	assert(expected >= 0 && expected <= SHARE_ONE);
	return ratio_round(ratio_mul(sale, points), alone + points);
}

int64_t
liability_recognise(int64_t allocated, int64_t redeemed, int64_t expected)
{
	if (redeemed >= expected)
		return allocated;
	return ratio_round(ratio_mul(allocated, redeemed), expected);
}

int64_t
liability_of(int64_t units, int64_t worth, int64_t breakage)
{
	assert(breakage >= 0 && breakage <= SHARE_ONE);
	return ratio_round(
	    ratio_mul(ratio_mul(units, worth), SHARE_ONE - breakage),
	    (wide)SHARE_ONE * MILLI);
}

/* SPDX-License-Identifier: MIT */
#include "dice.h"

void
dice_init(struct dice *d, uint64_t seed)
{
	*d = (struct dice){ .state = seed };
}

/* Uses splitmix64, for which every seed is as good as every other, 0 too. */
uint64_t
dice_throw(struct dice *d)
{
	uint64_t z;

	if (d->left >= 2) {
		z = (uint64_t)d->bytes[0] << 8 | d->bytes[1];
		d->bytes += 2;
		d->left -= 2;
		return z;
	}
	z = d->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t
dice_between(struct dice *d, int64_t low, int64_t high)
{
	uint64_t range = (uint64_t)(high - low) + 1;

	return low + (int64_t)(dice_throw(d) % range);
}

bool
dice_one_in(struct dice *d, int64_t n)
{
	return dice_between(d, 1, n) == 1;
}

unsigned
dice_some_of(struct dice *d, unsigned n)
{
	return (unsigned)dice_between(d, 1, (1 << n) - 1);
}

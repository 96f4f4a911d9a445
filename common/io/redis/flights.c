/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "io/redis/flights.h"

void
flights_push(struct flights *f, struct flight one)
{
	assert(f->count < NITEMS(f->ring));
	f->ring[(f->head + f->count++) % NITEMS(f->ring)] = one;
}

const struct flight *
flights_first(const struct flights *f)
{
	assert(f->count > 0);
	return &f->ring[f->head];
}

struct flight
flights_pop(struct flights *f)
{
	struct flight one = *flights_first(f);

	f->head = (unsigned)((f->head + 1) % NITEMS(f->ring));
	f->count--;
	return one;
}

/* Empties the ring first, since the callbacks may add new flights. */
void
flights_fail(struct flights *f)
{
	struct flights lost = *f;

	f->count = 0;
	while (lost.count > 0) {
		struct flight one = flights_pop(&lost);

		if (one.added != NULL)
			one.added(one.arg, false);
		if (one.told != NULL)
			one.told(one.arg, TOLD_NOTHING, STR(""));
	}
}

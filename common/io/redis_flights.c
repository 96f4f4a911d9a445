/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "io/redis_flights.h"

void
flights_push(struct flights *f, struct flight one)
{
	assert(f->count < FLIGHTS_MAX);
	f->ring[(f->head + f->count++) % FLIGHTS_MAX] = one;
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

	f->head = (f->head + 1) % FLIGHTS_MAX;
	f->count--;
	return one;
}

/* They are taken off first: those who hear of it may add again. */
void
flights_fail(struct flights *f)
{
	struct flights lost = *f;

	f->count = 0;
	while (lost.count > 0) {
		struct flight one = flights_pop(&lost);

		if (one.added != NULL)
			one.added(one.arg, false);
	}
}

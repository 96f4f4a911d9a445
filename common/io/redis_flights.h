/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_FLIGHTS_H
#define IO_REDIS_FLIGHTS_H

#include "io/redis_pool.h"

/*
 * redis_flights: what was sent on one connection and not yet answered, the
 * oldest first, as Redis answers in that order.
 */

enum {
	FLIGHTS_MAX = 64,
};

struct flight {
	redis_added *added; /* NULL: a PING of ours */
	void *arg;
	int64_t until; /* clock_mono() */
};

struct flights {
	struct flight ring[FLIGHTS_MAX];
	unsigned head, count;
};

/* There must be room. */
void flights_push(struct flights *, struct flight);
/* There must be one. */
const struct flight *flights_first(const struct flights *);
struct flight flights_pop(struct flights *);
/* Tells all that they were not answered. */
void flights_fail(struct flights *);

#endif /* IO_REDIS_FLIGHTS_H */

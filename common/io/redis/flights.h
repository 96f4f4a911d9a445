/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_FLIGHTS_H
#define IO_REDIS_FLIGHTS_H

#include "io/redis/pool.h"

/*
 * flights: the commands that were sent on one connection and not yet answered,
 * the oldest first, since Redis answers in that order.
 */

enum {
	FLIGHTS_MAX = 64,      /* entries in flight */
	FLIGHTS_ASKS_MAX = 16, /* questions in flight, beside entries */
};

/* The answer to a question, or the text of an error. */
enum redis_told_kind {
	TOLD_NOTHING = 1, /* the connection was lost */
	TOLD_ERROR,
	TOLD_NIL,
	TOLD_TEXT,
};
typedef void redis_told(void *arg, enum redis_told_kind, struct str);

struct flight {
	redis_added *added; /* callback of an entry */
	redis_told *told;   /* callback of a question; a PING has no callback */
	void *arg;
	int64_t until; /* deadline, by clock_mono() */
	/* redis_pool_add_last() gave the entry, since no spool takes it: the
	 * server's answer counts even while nothing else is sent to it. */
	bool is_last;
};

struct flights {
	struct flight ring[FLIGHTS_MAX + FLIGHTS_ASKS_MAX];
	unsigned head, count;
};

/* Adds a flight; there must be room. */
void flights_push(struct flights *, struct flight);
/* Finds the oldest flight; there must be one. */
const struct flight *flights_first(const struct flights *);
struct flight flights_pop(struct flights *);
/* Calls the functions of all flights: not answered. */
void flights_fail(struct flights *);

#endif /* IO_REDIS_FLIGHTS_H */

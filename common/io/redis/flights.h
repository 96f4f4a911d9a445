/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/pool.h"

/*
 * flights: the commands that were sent on one connection and are not answered
 * yet, the oldest first, since Redis answers in that order.  A flight is an
 * entry (an XADD) or a question (any other command: GET, SET, INFO, PING).
 */

enum {
	FLIGHTS_MAX = 64,      /* XADDs in flight */
	FLIGHTS_ASKS_MAX = 16, /* other commands in flight */
};

/* The kinds of answer to a question (a command other than XADD). */
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
	/* redis_pool_add_last() sent the entry, since no spool takes it: an
	 * acknowledgement counts even if the server gets no other
	 * deliveries. */
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
/* Takes all flights off, and tells their callbacks that no answer came. */
void flights_fail(struct flights *);

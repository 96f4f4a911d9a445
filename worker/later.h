/* SPDX-License-Identifier: MIT */
#ifndef WORKER_LATER_H
#define WORKER_LATER_H

#include "base/arena.h"
#include "base/message.h"
#include "loop.h"

/*
 * later: messages of work's that wait for somebody else's lock.
 *
 * These messages are still the worker's, tried again one by one while others
 * are posted.  Copies, in an arena of their own.
 */

enum {
	LATER_MAX = 500, /* no less than a batch may have */
};

struct later {
	struct arena arena;
	struct message list[LATER_MAX]; /* the first is tried next */
	size_t n;
	int64_t at; /* clock_mono(); the next try is not before */
	struct backoff backoff;
};

void later_init(struct later *);
void later_fini(struct later *);
/* For so many more there is room: no more messages are taken than that. */
size_t later_room(const struct later *);
/* Whether it is time to try the first. */
bool later_is_due(const struct later *);
/* Adds a message; one that is there already stays as it is. */
void later_add(struct later *, const struct message *);
/* The first is done; or it still waits, and the next comes before it. */
void later_done(struct later *);
void later_again(struct later *);

#endif /* WORKER_LATER_H */

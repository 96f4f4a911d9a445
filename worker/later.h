/* SPDX-License-Identifier: MIT */
#ifndef WORKER_LATER_H
#define WORKER_LATER_H

#include "base/arena.h"
#include "base/message.h"
#include "loop.h"

/*
 * later: messages that work keeps because another process holds a lock on what
 * they are about.
 *
 * The messages stay pending for this worker in their streams, and are tried
 * again one by one while others are posted.  They are copies, in an arena of
 * their own.
 */

enum {
	LATER_MAX = 500, /* no less than the messages of one batch */
};

struct later {
	struct arena arena;
	struct message list[LATER_MAX]; /* the first is tried next */
	size_t n;
	int64_t at; /* the next try is not before; clock_mono() */
	struct backoff backoff;
};

void later_init(struct later *);
void later_fini(struct later *);
/* How many messages still fit: work takes no more than that. */
size_t later_room(const struct later *);
/* Whether it is time to try the first message. */
bool later_is_due(const struct later *);
/* Adds a copy of a message, unless it is there already. */
void later_add(struct later *, const struct message *);
/* Removes the first message, or has it tried again after the others. */
void later_done(struct later *);
void later_again(struct later *);

#endif /* WORKER_LATER_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "loop.h"

/*
 * later: messages that work sets aside because another process holds a lock
 * that is needed to post them.
 *
 * The messages stay pending for this worker in their streams, and are tried
 * again one by one while other messages are posted.  struct later holds copies
 * of the messages, in an arena of its own.
 */

enum {
	LATER_MAX = 512, /* not less than the messages of the largest batch */
};

struct later {
	struct arena arena;
	struct message list[LATER_MAX]; /* the first message is tried next */
	size_t n;
	int64_t at; /* the earliest time of the next try, by clock_mono() */
	struct backoff backoff;
};

void later_init(struct later *);
void later_fini(struct later *);
/* Returns how many more messages the list has room for.  work takes no more
 * messages than that from the streams. */
size_t later_room(const struct later *);
/* Whether it is time to try the first message again. */
bool later_is_due(const struct later *);
/* Adds a copy of a message, unless the list has the message already. */
void later_add(struct later *, const struct message *);
/* Whether the list has a message of the same entry of a stream, from its item
 * `first` on. */
bool later_has(const struct later *, size_t first, const struct message *);
/* later_done() removes the first message; later_again() moves the first message
 * to the end of the list. */
void later_done(struct later *);
void later_again(struct later *);

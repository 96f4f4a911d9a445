/* SPDX-License-Identifier: MIT */
#ifndef IO_HOLD_H
#define IO_HOLD_H

#include "io/stream/stream.h"

/*
 * hold: a child process that says for its parent, whatever that waits for or
 * works out, that messages are still in good hands (stream_heartbeat()).
 *
 * The child ends when its parent ends, however that ends; then the messages are
 * another worker's LOYALD_CLAIM_IDLE_MS later.  A parent that has not said
 * anything for hold_ms is taken for one that hangs.
 */

enum {
	HOLD_MAX = 1000, /* messages at once */
};

struct hold;

/* For the messages of a consumer.  Forks with the first hold_set(). */
struct hold *hold_new(const struct redis_url *, unsigned nstreams,
    const char *consumer, int64_t claim_idle_ms, int64_t hold_ms);
/* Ends the child, if it runs. */
void hold_free(struct hold *);

/* The parent is on with what is held. */
void hold_moved(struct hold *);
/* From now on these are held, and no others; 0: none.  -1 if there is no
 * child and none can be started: RETRY; they are held when that works. */
int hold_set(struct hold *, int64_t installation, const struct message *,
    size_t n, struct err *) MUST_CHECK;

#endif /* IO_HOLD_H */

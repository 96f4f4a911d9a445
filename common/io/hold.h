/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/stream/stream.h"

/*
 * hold: runs a child process that tells Redis, while the parent waits or
 * computes, that the parent still works on its messages (stream_heartbeat()).
 *
 * The child ends when its parent ends, for whatever reason; the messages go to
 * another worker LOYALD_CLAIM_IDLE_MS later.  A parent that has called neither
 * hold_set() nor hold_moved() for hold_ms counts as hanging, and its messages
 * are held no longer.
 */

enum {
	HOLD_MAX = 1024, /* most messages held at once */
};

struct hold;

/* Makes a hold for the messages of a consumer, with those that it has parked.
 * The first hold_set() forks. */
struct hold *hold_new(const struct redis_url *, unsigned nstreams,
    const char *consumer, int64_t claim_idle_ms, int64_t hold_ms,
    const struct stream *parked);
/* Ends the child, if it runs. */
void hold_free(struct hold *);

/* Tells the child that the parent still works on the held messages. */
void hold_moved(struct hold *);
/* Holds these n messages from now on, and no others.  RETRY if there is no
 * child and none can be started; the messages are held as soon as a child
 * starts. */
int hold_set(struct hold *, int64_t installation, const struct message *,
    size_t n, struct err *) MUST_CHECK;

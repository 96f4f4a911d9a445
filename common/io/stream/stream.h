/* SPDX-License-Identifier: MIT */
#ifndef IO_STREAM_STREAM_H
#define IO_STREAM_STREAM_H

#include "io/redis/redis.h"

/*
 * stream: the worker's side of the Redis streams: a consumer of the group, by
 * synchronous hiredis.
 *
 * The rules, each of which avoids a bug that another program had:
 *  1. A group that is gone is made again from id 0.
 *  2. After a (re)connect the consumer's own pending messages come first.
 *  3. Messages of a silent consumer are taken over by XAUTOCLAIM, whose cursor
 *     is followed to its end; stream_heartbeat() keeps a consumer from counting
 *     as silent.
 *  4. Blocking reads have a connection of their own.
 *  5. Acknowledging is XDEL and XACK in one pipeline, after COMMIT; a stream is
 *     never trimmed by length.
 *  6. A server with an eviction policy other than noeviction is refused at the
 *     start, and before a message is added.  A worker looks at the server every
 *     STREAM_LOOK_MS: a server that may evict is logged, and emptied all the
 *     same; a replica is left, since the address may lead elsewhere.
 * Any error or timeout closes the connections; the next call connects again.
 * A server that hangs is given up after 3 s (beyond wait_ms).  The process
 * ignores SIGPIPE.
 */

enum {
	STREAM_LOOK_MS = 2000,
};

struct stream;

/* Makes a consumer of the streams with the names from before there were
 * installations; stream_installation() adds the installation's own streams. */
struct stream *stream_new(const struct redis_url *, unsigned nstreams,
    const char *consumer, int64_t claim_idle_ms);
/* Sets the installation, once, before anything is read.  stream_add() adds to
 * its streams. */
void stream_installation(struct stream *, int64_t);
void stream_free(struct stream *);

/* Reaches the server and checks rule 6, and that the user has the rights of a
 * worker (CONFIG, with what to do).  Settings that README.md's promise needs
 * and that are lacking are logged, now and whenever they change.  RETRY if the
 * server is away or a replica. */
int stream_check(struct stream *, struct err *) MUST_CHECK;

/* Checks like stream_check(), for the rights of these uses, and changes
 * nothing. */
enum stream_use {
	STREAM_WORKS = 1, /* a worker */
	STREAM_ADDS = 2,  /* a receiver */
};
int stream_probe(struct stream *, unsigned uses, struct err *) MUST_CHECK;

/* Messages that were read. */
struct stream_batch {
	struct arena *arena;  /* for the texts of the messages */
	struct message *msgs; /* the caller's, with room for max */
	size_t max, n;
};

/*
 * Reads up to max messages from all streams: the consumer's own pending
 * messages first, then messages that are taken over, then new messages, for
 * whose first it waits up to wait_ms.  Sets n, 0 if there were none.  A message
 * whose entry cannot be decoded is returned with platform 0 and the raw bytes
 * as body.
 */
int stream_next(struct stream *, int wait_ms, struct stream_batch *,
    struct err *) MUST_CHECK;

/* Makes the next stream_next() read the consumer's own pending messages again,
 * since a batch was not finished.  The count of deliveries stays: it goes up
 * only when a process ended, or went silent, over a message. */
void stream_again(struct stream *);

/* Acknowledges all the messages, by XDEL and XACK in one pipeline. */
int stream_ack(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Tells Redis that the messages are still worked on (XCLAIM JUSTID to the
 * consumer itself).  A failure is no reason to stop the batch: at worst another
 * worker works on the messages, too. */
int stream_heartbeat(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Adds a message to its stream, to replay a dead letter. */
int stream_add(
    struct stream *, const struct message *, struct err *) MUST_CHECK;

/* Counts the entries that wait or are pending in all streams. */
int stream_backlog(struct stream *, int64_t *, struct err *) MUST_CHECK;
/* Counts the entries in streams of this installation beyond nstreams, which
 * only a worker with a larger number of streams reads. */
int stream_beyond(struct stream *, int64_t *, struct err *) MUST_CHECK;

/* Finds when the oldest entry was added, in ms since 1970 by the server's
 * clock: 0 if there is none, -1 if the user may not look (NOPERM, which is
 * logged once). */
int stream_oldest(struct stream *, int64_t *ms, struct err *) MUST_CHECK;

/* Counts the messages that were taken over from other consumers. */
int64_t stream_reclaimed(const struct stream *);

#endif /* IO_STREAM_STREAM_H */

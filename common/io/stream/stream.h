/* SPDX-License-Identifier: MIT */
#ifndef IO_STREAM_STREAM_H
#define IO_STREAM_STREAM_H

#include "io/redis/redis.h"

/*
 * stream: the worker's side of the Redis streams, one consumer of the
 * group, by synchronous hiredis.
 *
 * The rules it keeps, each a bug somebody shipped:
 *  1. A group that is gone is made again from id 0, and life goes on.
 *  2. After a (re)connect the consumer's own pending messages come first.
 *  3. Messages of a silent consumer are taken over by XAUTOCLAIM, the cursor
 *     followed to its end; stream_heartbeat() keeps one's own from that.
 *  4. Blocking reads have their own connection.
 *  5. Acknowledging is XDEL and XACK in one pipeline, after COMMIT; a
 *     stream is never trimmed by length.
 *  6. An eviction policy other than noeviction is refused at the start, and
 *     where something would be added.  While it runs the server is asked
 *     every STREAM_LOOK_MS: one that may evict is told of, and emptied all
 *     the same; a replica is left, for the address may lead elsewhere.
 * Any error or timeout closes the connections; the next call reconnects.
 * A server that hangs is given up after 3 s (beyond wait_ms); SIGPIPE is
 * ignored by the process.
 */

enum {
	STREAM_LOOK_MS = 2000,
};

struct stream;

/* Of the streams with the names of before there were installations, until
 * stream_installation() tells whose others are read as well. */
struct stream *stream_new(const struct redis_url *, unsigned nstreams,
    const char *consumer, int64_t claim_idle_ms);
/* Once, before anything is read.  Messages are added to these streams. */
void stream_installation(struct stream *, int64_t);
void stream_free(struct stream *);

/* Reaches the server and asserts rule 6, and that its user may do what a worker
 * does (CONFIG with what mends it).  What README.md's promise needs beside it is warned of in the log, now
 * and whenever it changes.  RETRY if away, or a replica. */
int stream_check(struct stream *, struct err *) MUST_CHECK;

/* stream_check() for who reads nothing, and of which the user may do what these
 * do; nothing is changed. */
enum stream_use {
	STREAM_WORKS = 1, /* a worker */
	STREAM_ADDS = 2,  /* a receiver */
};
int stream_probe(struct stream *, unsigned uses, struct err *) MUST_CHECK;

/* Messages that were read. */
struct stream_batch {
	struct arena *arena;  /* their texts */
	struct message *msgs; /* room for max of them, the caller's */
	size_t max, n;
};

/*
 * Reads up to max messages from all streams: own pending ones first, then those
 * taken over, then new ones, waiting up to wait_ms for the first.  Sets n, 0 if
 * there were none.  A message whose entry cannot be decoded is returned with
 * platform 0 and the raw bytes as body.
 */
int stream_next(struct stream *, int wait_ms, struct stream_batch *,
    struct err *) MUST_CHECK;

/* From the next stream_next() on, read own pending messages again: the
 * batch was not finished.  That does not count as a delivery: deliveries
 * goes up only when a process ended, or went silent, over a message. */
void stream_again(struct stream *);

/* XDEL and XACK of them all, pipelined. */
int stream_ack(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Says that these are still being worked on (XCLAIM JUSTID to oneself).
 * A failure is no reason to leave the batch: the worst that comes of it is
 * that another works on it too. */
int stream_heartbeat(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Puts a message (back) into its stream: replay of a dead letter. */
int stream_add(
    struct stream *, const struct message *, struct err *) MUST_CHECK;

/* How many entries wait or are pending in all streams together. */
int stream_backlog(struct stream *, int64_t *, struct err *) MUST_CHECK;
/* How many there are in streams of this installation that a stream_new() with
 * more of them reads, and this one does not. */
int stream_beyond(struct stream *, int64_t *, struct err *) MUST_CHECK;

/* When the oldest of them was added, in ms since 1970 by the server's clock: 0
 * if there is none, -1 if the server does not let us look (NOPERM, which is
 * told once). */
int stream_oldest(struct stream *, int64_t *ms, struct err *) MUST_CHECK;

/* How many messages were taken over from others so far. */
int64_t stream_reclaimed(const struct stream *);

#endif /* IO_STREAM_STREAM_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/redis.h"

/*
 * stream: the worker's side of the Redis streams: a consumer of their consumer
 * group, by synchronous hiredis.
 *
 * The rules, each of which avoids a bug that another program had:
 *  1. A consumer group that is gone is made again from id 0.
 *  2. After a (re)connect the consumer's own pending messages come first.
 *  3. Messages of a silent consumer are taken over by XAUTOCLAIM, until its
 *     cursor has reached the end.  A consumer that works for long calls
 *     stream_heartbeat(), so that it does not count as silent.
 *  4. Blocking reads have a connection of their own.
 *  5. Acknowledging is XDEL and XACK in one pipeline, after COMMIT; a stream is
 *     never trimmed by length.
 *  6. A server with an eviction policy other than noeviction is refused at the
 *     start, and before a message is added.  Later a worker looks at the server
 *     every STREAM_LOOK_MS.  A server that may evict is then logged, but its
 *     messages are still read.  The connection to a replica is closed, since
 *     the address may lead to another server by now.
 *  7. An entry of several messages that was given out more than PARCEL_TRIES
 *     times is split: its messages are added to the stream singly, and then the
 *     entry is acknowledged.  Splitting finds the message that ends each
 *     process which reads it.  If the splitting is interrupted, messages come
 *     twice, which does no harm.
 * Any error or timeout closes the connections; the next call connects again.
 * If the server does not answer within 3 s (after wait_ms), the call fails.
 * The process must ignore SIGPIPE.
 */

enum {
	STREAM_LOOK_MS = 2000,
	/* An entry of several messages that was given out more often than this
	 * is split (rule 7). */
	PARCEL_TRIES = 3,
	/* Bytes of messages from which on a batch is full.  A command asks for
	 * 16 entries at most (room / PARCEL_MAX), whose sizes nobody knows
	 * before: a batch has at most 16 bodies of LOYALD_BODY_MAX more. */
	STREAM_BATCH_BYTES = 8 * 1024 * 1024,
	STREAM_PARKED_MAX = 1 << 17, /* entries with parked messages */
	/* Parked messages that are read again together: so many orders take a
	 * long timeline hardly longer than one order. */
	STREAM_PARKED_SHARE = 16,
};

struct stream;

/* Makes a consumer of the old streams, whose names are from before there were
 * installations.  stream_installation() adds the installation's own streams. */
struct stream *stream_new(const struct redis_url *, unsigned nstreams,
    const char *consumer, int64_t claim_idle_ms);
/* Sets the installation, once, before anything is read.  stream_add() adds to
 * the streams of this installation. */
void stream_installation(struct stream *, int64_t);
void stream_free(struct stream *);

/* Connects, and checks rule 6 and that the user has the rights of a worker.  If
 * not, fails with CONFIG and says what to do.  Fails with RETRY if the server
 * is away or a replica.  Logs settings that are too weak for what README.md
 * promises, now and whenever they change. */
int stream_check(struct stream *, struct err *) MUST_CHECK;

/* Checks like stream_check(), but for the rights of these uses.  Changes
 * nothing. */
enum stream_use {
	STREAM_WORKS = 1, /* a worker */
	STREAM_ADDS = 2,  /* a receiver */
};
int stream_probe(struct stream *, unsigned uses, struct err *) MUST_CHECK;

/* Messages that were read. */
struct stream_batch {
	struct arena *arena;  /* for the texts of the messages */
	struct message *msgs; /* belongs to the caller */
	size_t max, n;        /* messages that are wanted, and that came */
	/* Messages that msgs has room for: the messages of an entry come
	 * together, so there may be more than max.  With less than PARCEL_MAX
	 * for each stream, one command cannot wait for all streams. */
	size_t room;
	size_t bytes; /* of the messages that came; set by stream_next() */
};

/*
 * Reads max messages, or STREAM_BATCH_BYTES, if there are as many, and the rest
 * of their entries: first the consumer's own pending messages, then messages
 * taken over from silent consumers, then new messages.  If there are none, waits
 * up to wait_ms for a new one.  Sets n and bytes.  An entry that cannot be
 * decoded is returned as one message with platform 0 and the raw bytes as body.
 */
int stream_next(struct stream *, int wait_ms, struct stream_batch *,
    struct err *) MUST_CHECK;

/* Makes the next stream_next() read the consumer's own pending messages again,
 * since a batch was not finished.  The count of deliveries stays as it is; that of
 * messages that were parked may be lower by one.  The count of a message goes up only
 * if a process ended, or went silent, while it had the message. */
void stream_again(struct stream *);

/*
 * Parks the messages whose slot is not 0: takes the messages out of the batch, and
 * leaves their entries pending for this consumer.  stream_unpark() reads the
 * messages again later, those with the lowest turns first; an entry waits for the
 * last turn of its messages.  Only the places of STREAM_PARKED_MAX entries are
 * remembered.  A new connection, stream_again() or another process reads parked
 * messages with all other pending ones, and then no message is parked.
 *
 * Sets `stays` in messages that are left of an entry with a parked message: the
 * caller must not acknowledge the entry for them.
 */
int stream_park(struct stream *, struct stream_batch *, const uint16_t *slots,
    struct err *) MUST_CHECK;
/* Parks one more message of an entry with parked messages. */
void stream_park_more(struct stream *, const struct message *);
/* Takes STREAM_PARKED_SHARE parked messages, or all parked ones of one entry.
 * Tells the slots of all messages that are parked no more, even if their entry is
 * gone from the stream, and the turn of the last one. */
struct stream_unparked {
	uint16_t slots[PARCEL_MAX];
	size_t n;
	int64_t turn;
};
int stream_unpark(struct stream *, struct stream_batch *,
    struct stream_unparked *, struct err *) MUST_CHECK;
/* Counts the entries with parked messages. */
size_t stream_parked(const struct stream *);
/* Does for entries with messages that `of` has parked what stream_heartbeat()
 * does.  `of` may belong to the parent process of this process. */
int stream_heartbeat_parked(
    struct stream *, const struct stream *of, struct err *) MUST_CHECK;

/* Acknowledges the entries of all the messages, by XDEL and XACK in one
 * pipeline.  The messages of an entry must stand one behind another. */
int stream_ack(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Tells Redis that this consumer still works on the messages (XCLAIM JUSTID).
 * A failure is no reason to stop the batch: at worst another worker works on
 * the messages, too. */
int stream_heartbeat(
    struct stream *, const struct message *, size_t n, struct err *) MUST_CHECK;

/* Adds a message to the installation's stream, to replay a dead letter. */
int stream_add(
    struct stream *, const struct message *, struct err *) MUST_CHECK;

/* Counts the entries that wait or are pending in all streams. */
int stream_backlog(struct stream *, int64_t *, struct err *) MUST_CHECK;
/* Counts the entries in this installation's streams beyond nstreams.  Only a
 * worker with a larger number of streams reads such streams. */
int stream_beyond(struct stream *, int64_t *, struct err *) MUST_CHECK;

/* Finds when the oldest entry was added, in ms since 1970 by the server's
 * clock.  0 if there is no entry; -1 if the user may not look (NOPERM, which is
 * logged once). */
int stream_oldest(struct stream *, int64_t *ms, struct err *) MUST_CHECK;

/* Returns how many messages were taken over from other consumers. */
int64_t stream_reclaimed(const struct stream *);

/* SPDX-License-Identifier: MIT */
#ifndef IO_KEEP_H
#define IO_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "io/redis/redis.h"

/*
 * keep: messages made durable: in Redis, or in the spool while Redis is
 * away, slow or full; and moved from the spool to Redis when it is back.
 *
 * A delivery that Redis has acknowledged stays in memory or the spool until it
 * has acknowledged a mark as well (io/redis/watch.h), within a fraction of a
 * second; when another server is found, it is given the part without a mark
 * once more.
 *
 * The spool is synced once for all messages of one turn of the loop.  What
 * comes in goes before what is moved: at most 2000 of these a second, and
 * 64 at a time.
 */

struct event_base;
struct keep;

struct keep_options {
	struct redis_url redis;
	unsigned nconnections, nstreams;
	int64_t deadline_ms; /* of Redis, for one message */
	const char *spool_dir;
	int64_t spool_max_bytes;
};

/* Durable, or not: then the message may be there nevertheless. */
typedef void keep_done(void *arg, bool ok);

/* RETRY if another process has the spool, CONFIG if there is no such folder,
 * which may be a mistyped one.  A folder that cannot be used is told of and
 * tried again: Redis takes deliveries without it. */
struct keep *keep_new(
    struct event_base *, const struct keep_options *, struct err *) MUST_CHECK;
/* Whatever is under way is told how it ended before this returns. */
void keep_free(struct keep *);

/* Copies the message; the function is called once, never from inside
 * (but from keep_free()). */
void keep_put(struct keep *, struct str message, keep_done *, void *arg);

/* Moves no more from the spool: the process is about to end. */
void keep_stop_moving(struct keep *);

bool keep_is_ready(const struct keep *);
/* Why the spool takes nothing; "" if it does. */
const char *keep_trouble(const struct keep *);
/* Redis itself, not only the spool. */
bool keep_is_redis_ready(const struct keep *);
/* Whether an operator must mend something before Redis takes anything. */
bool keep_is_redis_refused(const struct keep *);
/* Sets the gauges of Redis and the spool in metrics. */
void keep_measure(struct keep *);

#endif /* IO_KEEP_H */

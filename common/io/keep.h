/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/redis.h"

/*
 * keep: makes messages durable: in Redis, or in the spool while Redis is away,
 * slow or full; and moves them from the spool to Redis when Redis is back.
 *
 * A delivery that Redis has acknowledged stays in memory or in the spool until
 * Redis has acknowledged a later mark, too (io/redis/watch.h).  A mark takes a
 * fraction of a second.  When the address of Redis leads to another server,
 * that server is given the deliveries after the last mark once more.
 *
 * The spool is synced once for all messages of one turn of the loop.  New
 * deliveries go first: at most 2000 records a second, and 64 at a time, are
 * moved from the spool to Redis.
 */

struct event_base;
struct keep;

struct keep_options {
	struct redis_url redis;
	unsigned nconnections, nstreams;
	int64_t deadline_ms; /* longest wait for Redis to acknowledge */
	const char *spool_dir;
	int64_t spool_max_bytes;
};

enum kept {
	KEPT_UNSURE = 1, /* nobody knows whether the message is durable */
	KEPT_IN_SPOOL,
	KEPT_IN_REDIS,
};
/* Called when it is known where a message was made durable. */
typedef void keep_done(void *arg, enum kept);

/* Makes a keep, and opens its spool.  Fails with RETRY if another process uses
 * the spool, with CONFIG if there is no such folder, whose name may be
 * mistyped.  A folder that cannot be used is only logged and tried again later,
 * since Redis takes deliveries without a spool. */
struct keep *keep_new(
    struct event_base *, const struct keep_options *, struct err *) MUST_CHECK;
/* Calls the functions of all messages under way, then frees the keep. */
void keep_free(struct keep *);

/* Makes a copy of the message durable.  The function is called exactly once,
 * after keep_put() has returned. */
void keep_put(struct keep *, struct str message, keep_done *, void *arg);

/* Stops moving records from the spool, since the process is about to end. */
void keep_stop_moving(struct keep *);

/* Whether Redis or the spool takes messages. */
bool keep_is_ready(const struct keep *);
/* Says why the spool takes no messages; "" if the spool takes them. */
const char *keep_trouble(const struct keep *);
/* Returns a number of the Redis server that takes messages now; 0: only the
 * spool takes them.  The number grows whenever the server is found to be
 * another one, was started again, or may lack what it acknowledged.  While
 * connections stay open, that is found within WATCH_ASK_MS
 * (io/redis/watch.h). */
uint64_t keep_server(const struct keep *);
/* Whether Redis takes nothing until an operator mends something. */
bool keep_is_redis_refused(const struct keep *);
/* Sets the gauges of Redis and the spool in metrics. */
void keep_measure(struct keep *);

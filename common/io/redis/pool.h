/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_POOL_H
#define IO_REDIS_POOL_H

#include <stdbool.h>

#include "io/redis/redis.h"

/*
 * redis_pool: the receiver's side of Redis: XADDs over several connections,
 * asynchronously, each with a deadline.
 *
 * hiredis formats the commands and reads the replies; sockets, deadlines
 * and reconnects (100 ms, doubling to 2 s, jittered) are ours, on libevent.
 * Many connections, because with appendfsync always Redis syncs once per
 * turn of its loop, and a turn reads about 16 KB of each connection.
 *
 * The deadline is deadline_ms and 1 ms per 16 KB of the entry.
 *
 * After an error or a timeout a connection is closed, and whatever was in
 * flight on it has failed in the sense of "unknown": it may be in the
 * stream; adding it again is right.
 */

struct event_base;
struct redis_pool;

/* Called once for each redis_pool_add() that took its bytes: ok, or not
 * (unknown, refused).  It may add, but not free the pool. */
typedef void redis_added(void *arg, bool ok);

struct redis_pool *redis_pool_new(struct event_base *, const struct redis_url *,
    unsigned nconnections, unsigned nstreams, int64_t deadline_ms);
/* What is in flight is reported as not ok before this returns; nothing is
 * called afterwards. */
void redis_pool_free(struct redis_pool *);

/* Whether a connection is up and below its bounds: 64 entries in flight,
 * 8 MB that the socket did not take.  When one entry was not answered in
 * time, no connection counts as up until it has answered a PING. */
bool redis_pool_is_ready(const struct redis_pool *);
unsigned redis_pool_connected(const struct redis_pool *);
unsigned redis_pool_in_flight(const struct redis_pool *);

/*
 * XADD of an encoded message to the stream of its installation that is
 * picked by its bytes.  The bytes are copied.  false, and no call of the function, if no connection can
 * take it now.  The function is never called from inside.
 */
bool redis_pool_add(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;

/*
 * Tells of the server itself (io/redis/watch.h).  mark(false): a mark
 * is sent now; mark(true): the one sent last was acknowledged, so what was
 * acknowledged before it was sent is in the server for good.  again(): it is
 * another server, and what was acknowledged since must be added once more.
 * Without hooks nobody is told.
 */
struct redis_pool_hooks {
	void (*mark)(void *arg, bool is_acknowledged);
	void (*again)(void *arg);
	void *arg;
};
void redis_pool_on(struct redis_pool *, const struct redis_pool_hooks *);
/* Whether marks come; else nobody should wait for them. */
bool redis_pool_is_marking(const struct redis_pool *);
/* A mark is due now. */
void redis_pool_mark(struct redis_pool *);
/* Keeps what is known of the server in the file, over a restart. */
void redis_pool_remember(struct redis_pool *, const char *path);
/* As redis_pool_add() and redis_pool_is_ready(), but also for a
 * server that has to wait, and as many as there is room for on a connection
 * that has not answered one yet: where there is no other place at all. */
bool redis_pool_add_last(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;
bool redis_pool_has_last(struct redis_pool *);

/* Whether Redis is away until an operator has mended something, which the log
 * says. */
bool redis_pool_is_refused(const struct redis_pool *);
/* The last trouble of any connection, for /readyz and the log; "" if there
 * was none.  Until the next turn of the loop. */
const char *redis_pool_error(const struct redis_pool *);

#endif /* IO_REDIS_POOL_H */

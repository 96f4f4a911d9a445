/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/redis/redis.h"

/*
 * pool: the receiver's side of Redis.  Sends XADDs over several connections
 * without waiting for the answers, each with a deadline.
 *
 * hiredis formats the commands and parses the replies.  Sockets, deadlines and
 * reconnects (100 ms, doubling to 2 s, jittered) are done in this folder, on
 * libevent.  Several connections make each sync cover more entries: with
 * appendfsync always, Redis syncs once per turn of its loop, and a turn reads
 * about 16 KB of each connection.
 *
 * The deadline of an entry is deadline_ms plus 1 ms per 16 KB of the entry.
 *
 * After an error or a timeout a connection is closed, and its entries in flight
 * count as failed.  An entry that failed may be in the stream nevertheless: add
 * it again, since a duplicate does no harm.
 */

struct event_base;
struct redis_pool;
struct redis_watch;

/* Called once for each redis_pool_add() that returned true.  Without ok the
 * entry was refused, or nobody knows whether it is in Redis.  The function may
 * add entries, but must not free the pool. */
typedef void redis_added(void *arg, bool ok);

struct redis_pool *redis_pool_new(struct event_base *, const struct redis_url *,
    unsigned nconnections, unsigned nstreams, int64_t deadline_ms);
/* Frees the pool.  Before that, calls the functions of all entries in flight
 * with ok = false. */
void redis_pool_free(struct redis_pool *);

/* Whether a connection is up and has room: fewer than 64 entries in flight, and
 * less than 8 MB that the socket did not take.  After an entry was not answered
 * in time, no connection counts as up until it has answered a PING. */
bool redis_pool_is_ready(const struct redis_pool *);
unsigned redis_pool_connected(const struct redis_pool *);
unsigned redis_pool_in_flight(const struct redis_pool *);

/*
 * Adds a message by XADD to a stream of the message's installation.  A hash of
 * the message picks the stream.  The message is copied.  If no connection can
 * take it now, returns false, and never calls the function.  The function is
 * never called from inside redis_pool_add().
 */
bool redis_pool_add(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;

/* Returns the watch over the server (io/redis/watch.h), which is the pool's. */
struct redis_watch *redis_pool_watch(const struct redis_pool *);

/* Adds like redis_pool_add(), but for messages that no spool takes.  The server
 * may be one that should get no deliveries yet, and a connection that has not
 * answered an entry yet may be given more than one. */
bool redis_pool_add_last(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;
bool redis_pool_has_last(struct redis_pool *);

/* Whether Redis cannot be used until an operator mends something, which the log
 * names. */
bool redis_pool_is_refused(const struct redis_pool *);
/* Returns the last trouble of any connection, for /readyz and the log; "" if
 * there was none.  Valid until the next turn of the event loop. */
const char *redis_pool_error(const struct redis_pool *);

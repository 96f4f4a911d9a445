/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_POOL_H
#define IO_REDIS_POOL_H

#include <stdbool.h>

#include "io/redis/redis.h"

/*
 * pool: the receiver's side of Redis: XADDs over several connections,
 * asynchronously, each with a deadline.
 *
 * hiredis formats the commands and reads the replies; this folder has the
 * sockets, deadlines and reconnects (100 ms, doubling to 2 s, jittered), on
 * libevent.  There are many connections because with appendfsync always Redis
 * syncs once per turn of its loop, and a turn reads about 16 KB of each
 * connection.
 *
 * The deadline of an entry is deadline_ms plus 1 ms per 16 KB of the entry.
 *
 * After an error or a timeout a connection is closed, and its entries in flight
 * have failed in the sense of "unknown": an entry may be in the stream all the
 * same, and adding it again is right.
 */

struct event_base;
struct redis_pool;

/* Called once for each redis_pool_add() that returned true.  Without ok the
 * entry was refused, or nobody knows whether it is in Redis.  The function may
 * add entries, but not free the pool. */
typedef void redis_added(void *arg, bool ok);

struct redis_pool *redis_pool_new(struct event_base *, const struct redis_url *,
    unsigned nconnections, unsigned nstreams, int64_t deadline_ms);
/* Frees the pool.  Before it returns, the functions of entries in flight are
 * called with ok = false.  No function is called afterwards. */
void redis_pool_free(struct redis_pool *);

/* Whether a connection is up and below its bounds: 64 entries in flight, 8 MB
 * that the socket did not take.  After an entry that was not answered in time,
 * no connection counts as up until it has answered a PING. */
bool redis_pool_is_ready(const struct redis_pool *);
unsigned redis_pool_connected(const struct redis_pool *);
unsigned redis_pool_in_flight(const struct redis_pool *);

/*
 * Adds an encoded message, by XADD, to the stream of its installation that is
 * picked by the message's bytes, which are copied.  If no connection can take
 * the message now, returns false, and never calls the function.  The function
 * is never called from inside redis_pool_add().
 */
bool redis_pool_add(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;

/*
 * Functions that are called about the server itself (io/redis/watch.h).
 * mark(false): a mark is sent now.  mark(true): the mark sent last was
 * acknowledged, so deliveries acknowledged before that mark was sent are in the
 * server for good.  again(): the server is another one, and deliveries
 * acknowledged since the last mark must be added once more.
 */
struct redis_pool_hooks {
	void (*mark)(void *arg, bool is_acknowledged);
	void (*again)(void *arg);
	void *arg;
};
void redis_pool_on(struct redis_pool *, const struct redis_pool_hooks *);
/* Whether marks are sent.  If not, no delivery is kept until a mark. */
bool redis_pool_is_marking(const struct redis_pool *);
/* Sends a mark now. */
void redis_pool_mark(struct redis_pool *);
/* Keeps the known server in a file, so that a restart does not forget it. */
void redis_pool_remember(struct redis_pool *, const char *path);
/* Adds like redis_pool_add(), but also to a server that has to wait, and any
 * number of entries to a connection that has not answered one yet: for messages
 * that no spool takes. */
bool redis_pool_add_last(struct redis_pool *, struct str encoded, redis_added *,
    void *arg) MUST_CHECK;
bool redis_pool_has_last(struct redis_pool *);

/* Whether an operator has to mend something, which the log names, before Redis
 * can be used. */
bool redis_pool_is_refused(const struct redis_pool *);
/* Says the last trouble of any connection, for /readyz and the log; "" if there
 * was none.  Valid until the next turn of the loop. */
const char *redis_pool_error(const struct redis_pool *);

#endif /* IO_REDIS_POOL_H */

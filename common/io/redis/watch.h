/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/redis_state.h"
#include "io/redis/redis.h"

/*
 * watch: finds out which Redis server the pool's connections lead to, and says
 * whether deliveries may be given to that server (base/redis_state.h has the
 * judgement).  The server is asked at every new connection and every
 * WATCH_ASK_MS.
 *
 * The watch also writes marks, by which a server is recognised.  A mark is a
 * key of loyald's, which is set to the time soon after a delivery was
 * acknowledged.  Until a mark is acknowledged, the receiver keeps the
 * deliveries before the mark (io/keep.h).  When another server is found,
 * the watch asks for these deliveries once more (redis_mark_hooks), so that only
 * older deliveries can be missing.
 *
 * A server is given nothing for WATCH_HOLD_MS if it lacks marked deliveries, or
 * may be an old master that was replaced.  After that time the server is
 * accepted as it is.  The period whose deliveries may be missing is logged and
 * counted.
 */

enum {
	WATCH_ASK_MS = 1000,
	/* The time from a delivery to its mark.  Marks are not sent more often,
	 * since each mark costs a write and a sync. */
	WATCH_MARK_MS = 100,
	/*
	 * How long a doubtful server gets no deliveries.  An old master that
	 * comes back calls itself a master until Sentinel has asked it twice,
	 * which takes 10 to 11 s.  Deliveries that it is given in that time are
	 * lost.  A Sentinel that was held up for 2 s distrusts its clock and
	 * does nothing for another 30 s.  A wait of 20 s was too short on a
	 * busy machine: 210 of 300 deliveries were lost.  Without a Sentinel
	 * the wait is as long, and the deliveries are in the spool meanwhile.
	 */
	WATCH_HOLD_MS = 60 * 1000,
};

struct event_base;
struct redis_link;

/* The functions by which the watch uses the pool of connections. */
struct redis_watch_hooks {
	/* Finds an open connection to the Redis process with this run_id; NULL
	 * if there is none. */
	struct redis_link *(*pick)(void *arg, const char *run);
	/* Says that the address leads to the Redis process with this run_id
	 * from now on. */
	void (*moved)(void *arg, const char *run);
	/* Says why the server may be given no deliveries. */
	void (*trouble)(void *arg, const char *what);
	void *arg;
};

/* Functions of somebody who keeps deliveries until a mark after them is
 * acknowledged. */
struct redis_mark_hooks {
	/* Says that a mark is being sent, or that the last mark was
	 * acknowledged: then all deliveries that were acknowledged before the
	 * mark was sent are in the server for good. */
	void (*mark)(void *arg, bool is_acknowledged);
	/* Asks for the deliveries acknowledged since the last mark once more,
	 * since the server is another one. */
	void (*again)(void *arg);
	void *arg;
};

struct redis_watch;

struct redis_watch *redis_watch_new(struct event_base *,
    const struct redis_url *, const struct redis_watch_hooks *);
void redis_watch_free(struct redis_watch *);
void redis_watch_on(struct redis_watch *, const struct redis_mark_hooks *);

/* Keeps the known server and its mark in a file, for the next process.  Reads
 * the file that the process before has left.  To be called before the first
 * connection. */
void redis_watch_remember(struct redis_watch *, const char *path);

/* Takes the answer of a new connection to INFO. */
void redis_watch_greeted(
    struct redis_watch *, struct redis_link *, const struct redis_facts *);
/* Notes that a delivery was acknowledged. */
void redis_watch_wrote(struct redis_watch *);
/* Sends a mark now, because many deliveries wait for a mark. */
void redis_watch_mark(struct redis_watch *);

/* Returns a number that grows whenever the server is another one than before,
 * was started again, or may lack acknowledged deliveries. */
uint64_t redis_watch_server(const struct redis_watch *);
bool redis_watch_is_fit(const struct redis_watch *, const char *run);
/* Whether the Redis process with this run_id gets no deliveries for now. */
bool redis_watch_is_held(const struct redis_watch *, const char *run);
/* Whether redis_watch sends marks.  If not, callers need not keep a delivery
 * until a mark after it is acknowledged. */
bool redis_watch_is_marking(const struct redis_watch *);

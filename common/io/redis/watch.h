/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_WATCH_H
#define IO_REDIS_WATCH_H

#include <stdbool.h>

#include "base/redis_state.h"
#include "io/redis/internal.h"

/*
 * watch: asks the server behind the pool's connections what it is, at every new
 * connection and every WATCH_ASK_MS, and says whether deliveries may be given
 * to it (base/redis_state.h has the judgement).
 *
 * The watch also writes the marks by which a server is recognised, soon after a
 * delivery was acknowledged.  Until a mark is acknowledged, the receiver keeps
 * the deliveries before it (io/keep.h); when another server is found,
 * hooks->again asks for these deliveries once more, so that only marked
 * deliveries can be missing.
 *
 * A server that lacks some or all marked deliveries, or that may be a master
 * which another has replaced, is given nothing for WATCH_HOLD_MS, and is then
 * taken as it is.  Deliveries that may be missing are logged and counted.
 */

enum {
	WATCH_ASK_MS = 1000,
	/* The time from a delivery to its mark, since a mark costs a write and
	 * a sync. */
	WATCH_MARK_MS = 100,
	/*
	 * An old master that comes back calls itself a master until Sentinel
	 * has asked it twice, which takes 10 to 11 s, and the deliveries that
	 * it is given in that time are lost.  A Sentinel that was held up for
	 * 2 s distrusts its clock and does nothing for another 30 s (20 s were
	 * too short on a busy machine: 210 of 300 deliveries lost).  Where
	 * there is no Sentinel, the deliveries wait as long, in the spool.
	 */
	WATCH_HOLD_MS = 60 * 1000,
};

/* The functions by which the watch uses the pool of connections. */
struct redis_watch_hooks {
	/* Finds an open connection to this process, or NULL. */
	struct redis_link *(*pick)(void *arg, const char *run);
	/* Says that the address leads to this process from now on. */
	void (*moved)(void *arg, const char *run);
	/* Says why the server can be given nothing. */
	void (*trouble)(void *arg, const char *what);
	/* Says that a mark is sent now, or that the last one was
	 * acknowledged. */
	void (*mark)(void *arg, bool is_acknowledged);
	/* Asks for the deliveries without a mark once more. */
	void (*again)(void *arg);
	void *arg;
};

struct redis_watch;

struct redis_watch *redis_watch_new(struct event_base *,
    const struct redis_url *, const struct redis_watch_hooks *);
void redis_watch_free(struct redis_watch *);

/* Keeps the known server in a file, for the next process, and reads the file
 * that the process before has kept.  To be called before the first
 * connection. */
void redis_watch_remember(struct redis_watch *, const char *path);

/* Takes the answer to INFO of a new connection. */
void redis_watch_greeted(
    struct redis_watch *, struct redis_link *, const struct redis_facts *);
/* Notes that a delivery was acknowledged. */
void redis_watch_wrote(struct redis_watch *);
/* Sends a mark now, as many deliveries wait for one. */
void redis_watch_mark(struct redis_watch *);

bool redis_watch_is_fit(const struct redis_watch *, const char *run);
/* Whether the process with this run_id gets no deliveries for now. */
bool redis_watch_is_held(const struct redis_watch *, const char *run);
/* Whether redis_watch sends marks.  If not, callers need not keep a delivery
 * until a mark after it is acknowledged. */
bool redis_watch_is_marking(const struct redis_watch *);

#endif /* IO_REDIS_WATCH_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_WATCH_H
#define IO_REDIS_WATCH_H

#include <stdbool.h>

#include "base/redis_state.h"
#include "io/redis/internal.h"

/*
 * redis_watch: asks the server behind the pool's connections what it is, at
 * every new connection and every WATCH_ASK_MS, and says whether deliveries
 * may be given to it (base/redis_state.h has the judgement).
 *
 * The watch also writes the marks by which a server is known again: soon
 * after a delivery was acknowledged, before it is believed to be kept for good.
 * Until the mark is acknowledged the deliveries before it are still with
 * whoever gave them; when another server is found, hooks->again asks for
 * them once more, so that only what was marked can be missing.
 *
 * A server that misses what was marked, or has nothing of it, or may be a
 * master that another has replaced, gets nothing for WATCH_HOLD_MS; then it
 * is taken as it is.  What may be missing is said in the log and counted.
 */

enum {
	WATCH_ASK_MS = 1000,
	/* A mark costs a write and its sync. */
	WATCH_MARK_MS = 100,
	/*
	 * An old master that comes back calls itself master until Sentinel
	 * has asked it twice what it is, which it does every 10 s: measured 10
	 * to 11 s, and whatever it was given in that time is gone.  A Sentinel
	 * that was held up for 2 s distrusts its clock and does nothing for 30
	 * s more (20 s were too short on a busy machine: 210 of 300 lost).  A
	 * deployment that has no Sentinel waits as long, with deliveries in
	 * the spool.
	 */
	WATCH_HOLD_MS = 60 * 1000,
};

/* The calls by which the watch reaches whoever has the connections. */
struct redis_watch_hooks {
	/* An open connection to that process, or NULL. */
	struct redis_link *(*pick)(void *arg, const char *run);
	/* The address leads to that process from now on. */
	void (*moved)(void *arg, const char *run);
	/* Why nothing can be given to it. */
	void (*trouble)(void *arg, const char *what);
	/* A mark is sent now; or the one sent last was acknowledged. */
	void (*mark)(void *arg, bool is_acknowledged);
	/* Deliveries that are not marked yet must be given once more. */
	void (*again)(void *arg);
	void *arg;
};

struct redis_watch;

struct redis_watch *redis_watch_new(struct event_base *,
    const struct redis_url *, const struct redis_watch_hooks *);
void redis_watch_free(struct redis_watch *);

/* Keeps what is known in the file, for the next process; reads what the one
 * before has kept.  Before the first connection. */
void redis_watch_remember(struct redis_watch *, const char *path);

/* A connection was made, and this is what its server says. */
void redis_watch_greeted(
    struct redis_watch *, struct redis_link *, const struct redis_facts *);
/* A delivery was acknowledged. */
void redis_watch_wrote(struct redis_watch *);
/* A mark is due now: much waits for it. */
void redis_watch_mark(struct redis_watch *);

bool redis_watch_is_fit(const struct redis_watch *, const char *run);
/* Whether that process has to wait. */
bool redis_watch_is_held(const struct redis_watch *, const char *run);
/* Whether marks come; else nobody should wait for them. */
bool redis_watch_is_marking(const struct redis_watch *);

#endif /* IO_REDIS_WATCH_H */

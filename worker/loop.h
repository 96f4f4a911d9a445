/* SPDX-License-Identifier: MIT */
#ifndef WORKER_LOOP_H
#define WORKER_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config/config.h"
#include "base/err.h"
#include "base/tool.h"

/*
 * loop: what every process that stays has in common: it stops when asked,
 * says how it is, to who asks and to the service manager (io/notify.h), and
 * waits ever longer while the world is in the way.
 */

struct event_base;

/* Reads the settings of a role, and the options of its own, begins its log and
 * its figures, and says how it starts: its version and what was set.  The
 * status to exit with, if that is not EXIT_STOPPED: what is wrong was said. */
int loop_begin(struct tool_call *, const struct option_spec *, struct config *);

/* SIGTERM and SIGINT ask to stop, SIGPIPE is ignored.  Call once. */
void loop_signals(void);
bool loop_is_stopping(void);

/* For processes with an event loop: one of their own; turned once, for so long at
 * most; and broken by the signals that ask to stop. */
struct event_base *loop_new(void);
void loop_turn(struct event_base *, int64_t ms);
void loop_signals_on(struct event_base *);

/* The exit status for an err that ends a process: RETRY is EXIT_WORLD, CONFIG
 * is EXIT_CONFIG, anything else `otherwise`; says the sentence in the log. */
int loop_end(const struct err *, int otherwise);

/* How a process is, for its /readyz and the service manager; *why_not is NULL at first, and may be
 * set also if it is ready: to what it cannot do meanwhile. */
typedef bool loop_ready(void *arg, const char **why_not);
/* A loop_ready for a process that waits for nothing but its struct trouble: arg. */
bool loop_is_untroubled(void *arg, const char **why_not);

/* /healthz, /readyz and /metrics on LOYALD_METRICS_LISTEN for a process
 * without an event loop; loop_health_poll() answers what came in, and
 * waits up to wait_ms for it.  Without that setting, or if the address is
 * taken (a warning), it only waits. */
struct loop_health;
struct loop_health *loop_health_new(const struct config *,
    const char *const prefixes[], loop_ready *, void *arg);
void loop_health_free(struct loop_health *);
void loop_health_poll(struct loop_health *, int64_t wait_ms);

/* The same for a process with an event loop: on its base, when it turns. */
struct loop_health *loop_health_on(struct event_base *, const struct config *,
    const char *const prefixes[], loop_ready *, void *arg);

/* Part of that, for a process that answers itself: tells the service manager,
 * now and whenever the loop turns. */
void loop_report_on(struct event_base *, loop_ready *, void *arg);

/* The three answers, for a process that has a server of its own.  false if
 * the path is none of them. */
struct http_request;
bool loop_health_answer(struct http_request *, const char *const prefixes[],
    loop_ready *, void *arg);

/* Waiting after a failure: 100 ms, doubling to 5 s, jittered. */
struct backoff {
	int64_t ms;
};
int64_t backoff_next(struct backoff *);
void backoff_reset(struct backoff *);

#endif /* WORKER_LOOP_H */

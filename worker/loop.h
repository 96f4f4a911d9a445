/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/tool.h"

/*
 * loop: the life of a process that runs until it is asked to stop.  The process
 * reports its state to the service manager (io/notify.h) and over HTTP.  While
 * a service does not answer, the waits between tries grow longer.
 */

struct event_base;

/* Reads the settings and the command line of a process, opens its log and its
 * metrics, and logs its version and settings.  Returns EXIT_STOPPED if the
 * process can start; else an error was printed, and the process must exit with
 * the returned status. */
int loop_begin(struct tool_call *, const struct option_spec *, struct config *);

/* Makes SIGTERM and SIGINT ask the process to stop, and ignores SIGPIPE.  Call
 * once. */
void loop_signals(void);
bool loop_is_stopping(void);

/* For a process with an event loop.  loop_new() makes the loop, and loop_turn()
 * runs the loop for `ms` milliseconds.  loop_signals_on() makes SIGTERM and
 * SIGINT break the loop. */
struct event_base *loop_new(void);
void loop_turn(struct event_base *, int64_t ms);
void loop_signals_on(struct event_base *);

/* Logs the failure that ends a process, and returns the exit status: EXIT_WORLD
 * for RETRY, EXIT_CONFIG for CONFIG, else `otherwise`. */
int loop_end(const struct err *, int otherwise);

/* Whether a process is ready, for /readyz and the service manager.  *why_not is
 * NULL before the call.  A process that is not ready sets *why_not to the
 * reason; a process that is ready may set it to what does not work at the
 * moment. */
typedef bool loop_ready(void *arg, const char **why_not);
/* A loop_ready for a process whose readiness depends only on its struct
 * trouble, which is arg. */
bool loop_is_untroubled(void *arg, const char **why_not);

/* Serves /healthz, /readyz and /metrics on LOYALD_METRICS_LISTEN, for a process
 * without an event loop: loop_health_poll() answers the requests that have
 * come, and waits up to wait_ms for more.  Without that setting, or if the
 * address is taken (a warning), loop_health_poll() only waits. */
struct loop_health;
struct loop_health *loop_health_new(const struct config *,
    const char *const prefixes[], loop_ready *, void *arg);
void loop_health_free(struct loop_health *);
void loop_health_poll(struct loop_health *, int64_t wait_ms);

/* Serves /healthz, /readyz and /metrics on the event loop of a process that has
 * one. */
struct loop_health *loop_health_on(struct event_base *, const struct config *,
    const char *const prefixes[], loop_ready *, void *arg);

/* Reports to the service manager, now and every second, for a process that
 * answers /healthz, /readyz and /metrics on a server of its own. */
void loop_report_on(struct event_base *, loop_ready *, void *arg);

/* Answers a request for /healthz, /readyz or /metrics on a server of the
 * process's own.  Returns false if the path is another one. */
struct http_request;
bool loop_health_answer(struct http_request *, const char *const prefixes[],
    loop_ready *, void *arg);

/* The time to wait after a failure: 100 ms, doubling to 5 s, with jitter. */
struct backoff {
	int64_t ms;
};
int64_t backoff_next(struct backoff *);
void backoff_reset(struct backoff *);

/* SPDX-License-Identifier: MIT */
#pragma once

#include <event2/event.h>

/* timer: libevent's timers.  Without its timers a process cannot go on, so each
 * failure of libevent ends the process. */

/* Makes a timer, which is not set; event_free() frees it. */
struct event *timer_new(struct event_base *, event_callback_fn, void *arg);
/* Sets a timer to go off in so many milliseconds, in place of the time for
 * which it was set before. */
void timer_in(struct event *, int64_t ms);

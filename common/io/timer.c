/* SPDX-License-Identifier: MIT */
#include "io/timer.h"
#include "base/log.h"

struct event *
timer_new(struct event_base *base, event_callback_fn f, void *arg)
{
	struct event *timer = evtimer_new(base, f, arg);

	if (timer == NULL)
		die("out of memory for a timer");
	return timer;
}

void
timer_in(struct event *timer, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (evtimer_add(timer, &tv) == -1)
		die("libevent refuses a timer");
}

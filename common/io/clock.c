/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "io/clock.h"

static int64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t
clock_mono(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

bool
clock_is_due(int64_t *at, int64_t ms)
{
	int64_t now = clock_mono();

	if (*at != 0 && now - *at < ms * 1000)
		return false;
	*at = now;
	return true;
}

void
clock_sleep_ms(int64_t ms)
{
	struct timespec ts = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	/* A signal ends the sleep early, and the loops look at their stop
	 * flag. */
	(void)nanosleep(&ts, NULL);
}

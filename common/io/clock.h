/* SPDX-License-Identifier: MIT */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>

/* clock: the only place that asks what time it is. */

int64_t clock_now(void);  /* instant (base/instant.h): may jump */
int64_t clock_mono(void); /* microseconds, never back: for deadlines */
void clock_sleep_ms(int64_t);

#endif /* IO_CLOCK_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>

/* clock: the time, for every module but base/log.c, which stands on a lower
 * floor and puts the time in front of its lines. */

int64_t clock_now(void);  /* wall clock (base/instant.h): may jump */
int64_t clock_mono(void); /* microseconds that never go back, for deadlines */
void clock_sleep_ms(int64_t);

#endif /* IO_CLOCK_H */

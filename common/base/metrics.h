/* SPDX-License-Identifier: MIT */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdint.h>

#include "base/buf.h"

/*
 * metrics: what the process counts, as one struct of numbers.
 *
 * A process is one thread, so counting is ++ on the one struct there is:
 * metrics.work_messages++.  The table is metrics.def.
 */

struct metrics {
#define METRIC(field, type, name, help) int64_t field;
#include "base/metrics.def"
#undef METRIC
};

extern struct metrics metrics;

/* Prometheus' text format, version 0.0.4: those of the names that begin
 * with one of the prefixes (NULL ends the list). */
void metrics_render(const char *const prefixes[], struct buf *);

#endif /* BASE_METRICS_H */

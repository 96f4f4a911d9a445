/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/buf.h"

/*
 * metrics: what the process counts, as one struct of numbers.
 *
 * A process has one thread, and counts by ++ on the one struct there is:
 * metrics.work_messages++.  The table of figures is metrics.def.
 */

/* A figure that is set to METRIC_UNKNOWN is left out of the answer. */
#define METRIC_UNKNOWN INT64_MIN

enum {
	/* Buckets with an upper bound; one more bucket is for longer
	 * durations. */
	HISTOGRAM_BUCKETS = 16,
	METRIC_LABELS_MAX = 96,
};

/* Durations of one kind, in microseconds. */
struct histogram {
	int64_t sum;
	/* Number of durations in each bucket alone; metrics_render() adds those
	 * of the lower buckets. */
	int64_t n[HISTOGRAM_BUCKETS + 1];
};
void histogram_add(struct histogram *, int64_t us);

/* A sample whose labels are not known beforehand.  The code that counts the
 * samples owns the list. */
struct sample {
	char labels[METRIC_LABELS_MAX]; /* like store="1" */
	int64_t value;
};
struct family {
	const struct sample *list;
	size_t n;
};

struct metrics {
#define METRIC(field, type, name, help) int64_t field;
#define HISTOGRAM(field, name, help)    struct histogram field;
#define FAMILY(field, type, name, help) struct family field;
#include "base/metrics.def"
#undef METRIC
#undef HISTOGRAM
#undef FAMILY
};

extern struct metrics metrics;

/* Sets the figures that every process exposes: its version, its role and when
 * it began, in seconds since 1970. */
void metrics_begin(const char *role, int64_t now_s);

/* Writes, in Prometheus' text format 0.0.4, the figures that every process
 * exposes and the figures whose names begin with a prefix in the list, which
 * NULL ends. */
void metrics_render(const char *const prefixes[], struct buf *);

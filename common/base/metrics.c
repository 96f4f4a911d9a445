/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"

struct metrics metrics;

/* The buckets' upper bounds in microseconds: the lowest is shorter than Redis
 * takes to sync an entry, the highest is the longest that loyald waits for a
 * platform. */
static const int64_t bounds[HISTOGRAM_BUCKETS] = { 500, 1000, 2500, 5000, 10000,
	25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000, 30000000, 60000000 };

static const struct row {
	const int64_t *value; /* exactly one of the three pointers is set */
	const struct histogram *histogram;
	const struct family *family;
	const char *type;
	const char *name;
	const char *help;
} table[] = {
#define COUNTER "counter"
#define GAUGE   "gauge"
#define METRIC(field, typed, named, helps) \
	{ .value = &metrics.field,         \
		.type = (typed),           \
		.name = (named),           \
		.help = (helps) },
#define HISTOGRAM(field, named, helps) \
	{ .histogram = &metrics.field, \
		.type = "histogram",   \
		.name = (named),       \
		.help = (helps) },
#define FAMILY(field, typed, named, helps) \
	{ .family = &metrics.field,        \
		.type = (typed),           \
		.name = (named),           \
		.help = (helps) },
#include "base/metrics.def"
#undef METRIC
#undef HISTOGRAM
#undef FAMILY
};

void
metrics_begin(const char *role, int64_t now_s)
{
	static struct sample build;

	(void)snprintf(build.labels, sizeof(build.labels),
	    "version=\"%s\",role=\"%s\"", VERSION, role);
	build.value = 1;
	metrics.build_info = (struct family){ &build, 1 };
	metrics.start_time = now_s;
}

void
histogram_add(struct histogram *h, int64_t us)
{
	size_t i = 0;

	while (i < HISTOGRAM_BUCKETS && us > bounds[i])
		i++;
	h->n[i]++;
	h->sum += us;
}

static bool
is_wanted(const char *const prefixes[], const char *name)
{
	for (; *prefixes != NULL; prefixes++)
		if (strncmp(*prefixes, name, strlen(*prefixes)) == 0)
			return true;
	return false;
}

/* Writes microseconds as seconds, without zeros at the end: 2500 is 0.0025. */
static const char *
seconds(int64_t us, char out[32])
{
	int n = snprintf(
	    out, 32, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);

	while (out[n - 1] == '0')
		n--;
	if (out[n - 1] == '.')
		n--;
	out[n] = '\0';
	return out;
}

static void
histogram_render(const struct row *r, struct buf *b)
{
	char text[32];
	int64_t sum = 0;

	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		sum += r->histogram->n[i];
		buf_printf(b, "%s_bucket{le=\"%s\"} %" PRId64 "\n", r->name,
		    i < HISTOGRAM_BUCKETS ? seconds(bounds[i], text) : "+Inf",
		    sum);
	}
	buf_printf(b, "%s_sum %s\n%s_count %" PRId64 "\n", r->name,
	    seconds(r->histogram->sum, text), r->name, sum);
}

static void
row_render(const struct row *r, struct buf *b)
{
	int base = (int)strcspn(r->name, "{");

	/* Only the first of several rows of one metric has a help text, and
	 * gets the lines HELP and TYPE. */
	if (r->help[0] != '\0')
		buf_printf(b, "# HELP %.*s %s\n# TYPE %.*s %s\n", base, r->name,
		    r->help, base, r->name, r->type);
	if (r->histogram != NULL)
		histogram_render(r, b);
	for (size_t i = 0; r->family != NULL && i < r->family->n; i++)
		buf_printf(b, "%s{%s} %" PRId64 "\n", r->name,
		    r->family->list[i].labels, r->family->list[i].value);
	if (r->value != NULL && *r->value != METRIC_UNKNOWN)
		buf_printf(b, "%s %" PRId64 "\n", r->name, *r->value);
}

void
metrics_render(const char *const prefixes[], struct buf *b)
{
	static const char *const everywhere[] = { "loyald_build_info",
		"loyald_start_time_seconds", "loyald_ready", NULL };

	for (size_t i = 0; i < NITEMS(table); i++)
		if (is_wanted(everywhere, table[i].name) ||
		    is_wanted(prefixes, table[i].name))
			row_render(&table[i], b);
}

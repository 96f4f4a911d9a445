/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "base/metrics.h"

enum {
	TEXT_MAX = 256 * 1024
};

/* Returns the length of the metric's name at p, as the exposition format
 * defines names. */
static size_t
name_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == ':')
		n++;
	return n;
}

/* Whether this is an ending that the lines of a histogram add to its name. */
static bool
is_suffix(const char *s, size_t n)
{
	static const char *const known[] = { "_bucket", "_sum", "_count" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == n && strncmp(s, known[i], n) == 0)
			return true;
	return false;
}

enum {
	/* Counts the samples of a process that has done nothing: one per
	 * number, all buckets plus sum and count per histogram, none per
	 * metric with labels. */
	SAMPLES = 0
#define METRIC(field, type, name, help) +1
#define HISTOGRAM(field, name, help)    +(HISTOGRAM_BUCKETS + 3)
#define FAMILY(field, type, name, help)
#include "base/metrics.def"
#undef METRIC
#undef HISTOGRAM
#undef FAMILY
};

/* Checks that every line has the format, and that the samples of each family
 * stand together, below one HELP and one TYPE. */
static void
test_format(void **state)
{
	static const char *const all[] = { "loyald_", NULL };
	char family[128] = "", seen[128][128];
	size_t nseen = 0, nsamples = 0;
	bool is_histogram = false;
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	metrics_render(all, &b);
	assert_false(buf_is_full(&b));
	for (char *line = strtok(b.data, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		size_t n;

		if (strncmp(line, "# HELP ", 7) == 0) {
			n = name_len(line + 7);
			(void)snprintf(
			    family, sizeof(family), "%.*s", (int)n, line + 7);
			assert_true(strlen(line) > 7 + n + 1);
			for (size_t i = 0; i < nseen; i++)
				assert_string_not_equal(seen[i], family);
			strcpy(seen[nseen++], family);
			continue;
		}
		if (strncmp(line, "# TYPE ", 7) == 0) {
			n = name_len(line + 7);
			assert_int_equal(n, strlen(family));
			assert_memory_equal(line + 7, family, n);
			is_histogram = strcmp(line + 7 + n, " histogram") == 0;
			assert_true(is_histogram ||
			            strcmp(line + 7 + n, " counter") == 0 ||
			            strcmp(line + 7 + n, " gauge") == 0);
			continue;
		}
		n = name_len(line);
		assert_true(n >= strlen(family));
		assert_memory_equal(line, family, strlen(family));
		assert_true(is_histogram ? is_suffix(line + strlen(family),
		                               n - strlen(family))
		                         : n == strlen(family));
		assert_string_equal(strrchr(line, ' '), " 0");
		nsamples++;
	}
	assert_int_equal(nsamples, SAMPLES);
	buf_fini(&b);
}

/* Checks that names of counters end in _total, those of gauges do not, and
 * those of histograms end in _seconds. */
static void
test_names(void **state)
{
#define COUNTER                         true
#define GAUGE                           false
#define METRIC(field, type, name, help) { type, name },
#define FAMILY                          METRIC
#define HISTOGRAM(field, name, help)    { false, name },
	static const struct {
		bool counter;
		const char *name;
	} rows[] = {
#include "base/metrics.def"
	};
#undef METRIC
#undef FAMILY
#undef HISTOGRAM

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = name_len(rows[i].name);
		bool total = n > 6 &&
		             strncmp(rows[i].name + n - 6, "_total", 6) == 0;

		if (total != rows[i].counter)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_prefixes(void **state)
{
	static const char *const some[] = { "loyald_push_", "loyald_spool_",
		NULL };
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	metrics.push_calls = 3;
	metrics_render(some, &b);
	assert_non_null(strstr(b.data, "\nloyald_push_calls_total 3\n"));
	assert_non_null(strstr(b.data, "\nloyald_spool_records 0\n"));
	assert_null(strstr(b.data, "loyald_receive_"));
	metrics.push_calls = 0;
	assert_null(strstr(b.data, "loyald_serve_"));
	buf_fini(&b);
}

/* Checks that every process shows its version and start time, and only the
 * metrics that belong to this kind of process. */
static void
test_everywhere(void **state)
{
	static const char *const none[] = { NULL };
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	metrics_begin("push", 1790000000);
	metrics_render(none, &b);
	assert_string_equal(b.data,
	    "# HELP loyald_build_info 1, with the version and the role of the "
	    "process as labels\n"
	    "# TYPE loyald_build_info gauge\n"
	    "loyald_build_info{version=\"" VERSION "\",role=\"push\"} 1\n"
	    "# HELP loyald_start_time_seconds When the process began, in "
	    "seconds since 1970\n"
	    "# TYPE loyald_start_time_seconds gauge\n"
	    "loyald_start_time_seconds 1790000000\n"
	    "# HELP loyald_ready 1 while the process can do its work, as "
	    "/readyz says\n"
	    "# TYPE loyald_ready gauge\n"
	    "loyald_ready 0\n");
	buf_fini(&b);
}

/* Checks that a metric without a value has no line, and a metric with
 * several labels has a line per label. */
static void
test_samples(void **state)
{
	static const char *const some[] = { "loyald_push_retries_",
		"loyald_build_", NULL };
	static const struct sample two[] = {
		{ .labels = "role=\"a\"", .value = 1 },
		{ .labels = "role=\"b\"", .value = -3 },
	};
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	metrics.push_retries = METRIC_UNKNOWN;
	metrics.build_info = (struct family){ two, 2 };
	metrics_render(some, &b);
	assert_null(strstr(b.data, "\nloyald_push_retries_total"));
	assert_non_null(strstr(b.data, "\nloyald_build_info{role=\"a\"} 1\n"
	                               "loyald_build_info{role=\"b\"} -3\n"));
	metrics.push_retries = 0;
	metrics.build_info = (struct family){ NULL, 0 };
	buf_fini(&b);
}

/* Checks that a bucket counts all durations up to and including its bound. */
static void
test_histogram(void **state)
{
	static const char *const some[] = { "loyald_push_call_seconds", NULL };
	static const int64_t took[] = { 0, 500, 501, 5000, 15000000, 60000000,
		60000001 };
	static const struct {
		const char *le;
		int n;
	} buckets[] = { { "0.0005", 2 }, { "0.001", 3 }, { "0.0025", 3 },
		{ "0.005", 4 }, { "0.01", 4 }, { "0.025", 4 }, { "0.05", 4 },
		{ "0.1", 4 }, { "0.25", 4 }, { "0.5", 4 }, { "1", 4 },
		{ "2.5", 4 }, { "5", 4 }, { "10", 4 }, { "30", 5 }, { "60", 6 },
		{ "+Inf", 7 } };
	const char *text;
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < sizeof(took) / sizeof(took[0]); i++)
		histogram_add(&metrics.push_call, took[i]);
	metrics_render(some, &b);
	text = strstr(b.data, "# TYPE loyald_push_call_seconds histogram\n");
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
		char line[128];

		text = strchr(text, '\n') + 1;
		(void)snprintf(line, sizeof(line),
		    "loyald_push_call_seconds_bucket{le=\"%s\"} %d\n",
		    buckets[i].le, buckets[i].n);
		if (strncmp(text, line, strlen(line)) != 0)
			fail_msg("expected %s, found %s", line, text);
	}
	assert_string_equal(strchr(text, '\n'),
	    "\nloyald_push_call_seconds_sum 135.006002\n"
	    "loyald_push_call_seconds_count 7\n");
	metrics.push_call = (struct histogram){ 0 };
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/metrics.h"

enum {
	TEXT_MAX = 256 * 1024
};

/* The length of a metric's name at p, by the exposition format. */
static size_t
name_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == ':')
		n++;
	return n;
}

/* Every line is of the format, every sample's family has been introduced
 * by one HELP and one TYPE, and nothing of it stands elsewhere. */
static void
test_format(void **state)
{
	static const char *const all[] = { "loyald_", NULL };
	char family[128] = "", seen[128][128];
	size_t nseen = 0, nsamples = 0;
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
			char want[2][160];

			(void)snprintf(
			    want[0], 160, "# TYPE %s counter", family);
			(void)snprintf(want[1], 160, "# TYPE %s gauge", family);
			assert_true(strcmp(line, want[0]) == 0 ||
			            strcmp(line, want[1]) == 0);
			continue;
		}
		n = name_len(line);
		assert_int_equal(n, strlen(family));
		assert_memory_equal(line, family, n);
		assert_string_equal(strrchr(line, ' '), " 0");
		nsamples++;
	}
	assert_int_equal(nsamples, sizeof(metrics) / sizeof(int64_t));
	buf_fini(&b);
}

/* Counters end in _total, gauges do not. */
static void
test_names(void **state)
{
#define COUNTER                         true
#define GAUGE                           false
#define METRIC(field, type, name, help) { type, name },
	static const struct {
		bool counter;
		const char *name;
	} rows[] = {
#include "base/metrics.def"
	};
#undef METRIC

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
	static const char *const none[] = { NULL };
	struct buf b;

	(void)state;
	buf_init(&b, TEXT_MAX);
	metrics.push_calls = 3;
	metrics_render(some, &b);
	assert_non_null(strstr(b.data, "\nloyald_push_calls_total 3\n"));
	assert_non_null(strstr(b.data, "\nloyald_spool_records 0\n"));
	assert_null(strstr(b.data, "loyald_receive_"));
	metrics.push_calls = 0;
	buf_reset(&b);
	metrics_render(none, &b);
	assert_string_equal(b.data, "");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Checks the time zones that are read from this machine's zone files. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/str.h"
#include "io/zone.h"

static struct arena arena;

static int64_t
at(const char *text)
{
	int64_t instant;

	assert_int_equal(instant_parse(str_of(text), &instant), 0);
	return instant;
}

static struct zone
loaded(const char *name)
{
	struct zone z;
	struct err e;

	if (zone_load(&arena, name, &z, &e) == -1)
		fail_msg("%s", e.msg);
	return z;
}

/* Checks when days begin in several zones, near clock changes and after the day
 * that Apia skipped. */
static void
test_midnights(void **state)
{
	static const struct {
		const char *zone;
		int year, month, day;
		const char *utc;
	} cases[] = {
		{ "UTC", 2025, 3, 30, "2025-03-30T00:00:00Z" },
		{ "Europe/Berlin", 1975, 7, 1, "1975-06-30T23:00:00Z" },
		{ "Europe/Berlin", 2025, 3, 30, "2025-03-29T23:00:00Z" },
		{ "Europe/Berlin", 2025, 3, 31, "2025-03-30T22:00:00Z" },
		{ "Europe/Berlin", 2025, 10, 27, "2025-10-26T23:00:00Z" },
		{ "Europe/Berlin", 2099, 7, 1, "2099-06-30T22:00:00Z" },
		{ "Europe/Prague", 2025, 1, 1, "2024-12-31T23:00:00Z" },
		{ "America/New_York", 2025, 7, 4, "2025-07-04T04:00:00Z" },
		{ "Asia/Kolkata", 2025, 7, 4, "2025-07-03T18:30:00Z" },
		{ "Australia/Lord_Howe", 2025, 7, 4, "2025-07-03T13:30:00Z" },
		{ "Africa/Casablanca", 2025, 3, 1, "2025-03-01T00:00:00Z" },
		{ "Pacific/Apia", 2011, 12, 31, "2011-12-30T10:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct zone z = loaded(cases[i].zone);
		int64_t midnight = calendar_midnight(
		    &z, cases[i].year, cases[i].month, cases[i].day);

		if (midnight != at(cases[i].utc))
			fail_msg("%s %d-%d-%d is not %s", cases[i].zone,
			    cases[i].year, cases[i].month, cases[i].day,
			    cases[i].utc);
	}
}

/* Checks a zone's whole table against the C library, for every hour from 1985
 * to 2039. */
static void
test_agrees(void **state)
{
	static const char *const names[] = { "Europe/Berlin",
		"America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran" };

	(void)state;
	for (size_t i = 0; i < NITEMS(names); i++) {
		struct zone z = loaded(names[i]);
		size_t change = 0;

		assert_int_equal(setenv("TZ", names[i], 1), 0);
		tzset();
		for (int64_t s = at("1985-01-01T00:00:00Z") / INSTANT_SECOND;
		     s < at("2040-01-01T00:00:00Z") / INSTANT_SECOND;
		     s += 3600) {
			time_t t = (time_t)s;
			struct tm tm;

			assert_non_null(localtime_r(&t, &tm));
			while (change + 1 < z.nchanges &&
			       z.changes[change + 1].at <= s * INSTANT_SECOND)
				change++;
			if (z.changes[change].offset_s != tm.tm_gmtoff)
				fail_msg("%s at %lld", names[i], (long long)s);
		}
		assert_int_equal(unsetenv("TZ"), 0);
		tzset();
	}
}

static void
test_refuses(void **state)
{
	static const char *const names[] = { "", "Europe", "Europe/Bonn",
		"../zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin",
		"/usr/share/zoneinfo/Europe/Berlin", "zone.tab", "tzdata.zi",
		"Europe/Berlin ", ":Europe/Berlin", "CET-1CEST",
		("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaa") };

	(void)state;
	for (size_t i = 0; i < NITEMS(names); i++) {
		struct zone z = { .name = "untouched" };
		struct err e;

		if (zone_load(&arena, names[i], &z, &e) != -1)
			fail_msg("%s is taken", names[i]);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_string_equal(z.name, "untouched");
	}
}

/* Checks that loading a zone leaves the time zone of this process as it was. */
static void
test_puts_back(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	tzset();
	(void)loaded("Europe/Berlin");
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_int_equal(timezone, -9 * 3600);
	assert_int_equal(unsetenv("TZ"), 0);
	(void)loaded("Europe/Berlin");
	assert_null(getenv("TZ"));
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_midnights),
		cmocka_unit_test(test_agrees),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_puts_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

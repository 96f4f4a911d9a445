/* SPDX-License-Identifier: MIT */
/* Checks the time zones that are read from this machine's zone files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/test.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/str.h"
#include "io/zone.h"

/* 2101-01-01T00:00:00Z */
#define END_S INT64_C(4133980800)

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

static void
assert_offset(const struct zone *z, size_t change, time_t t)
{
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	if (z->changes[change].offset_s != tm.tm_gmtoff)
		fail_msg("%s at %lld", z->name, (long long)t);
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
			while (change + 1 < z.nchanges &&
			       z.changes[change + 1].at <= s * INSTANT_SECOND)
				change++;
			assert_offset(&z, change, s);
		}
		assert_int_equal(unsetenv("TZ"), 0);
		tzset();
	}
}

/* Checks a zone's table every eleven days, and just before and at each
 * change. */
static void
assert_agrees(const struct zone *z)
{
	size_t change = 0;
	char path[128];

	(void)snprintf(path, sizeof(path), ":/usr/share/zoneinfo/%s", z->name);
	assert_int_equal(setenv("TZ", path, 1), 0);
	tzset();
	for (int64_t s = 12 * 3600; s < END_S; s += 11 * 24 * 3600) {
		for (; change + 1 < z->nchanges &&
		       z->changes[change + 1].at <= s * INSTANT_SECOND;
		     change++) {
			time_t t = z->changes[change + 1].at / INSTANT_SECOND;

			assert_offset(z, change, t - 1);
			assert_offset(z, change + 1, t);
		}
		assert_offset(z, change, s);
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

/* Checks that a table finds each zone of this machine as the C library does,
 * and loads no zone twice. */
static void
test_table(void **state)
{
	FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "re");
	char line[256], name[64];
	struct zone_table t;
	struct err e;
	size_t n = 0;

	(void)state;
	if (f == NULL)
		fail_msg("this machine has no list of its time zones");
	zone_table_init(&t, &arena);
	/* "Z name offset ...", or "L other name" for a second name. */
	while (fgets(line, sizeof(line), f) != NULL) {
		const struct zone *z;

		if (sscanf(line, "Z %63s", name) != 1 &&
		    sscanf(line, "L %*s %63s", name) != 1)
			continue;
		z = zone_table_find(&t, name, &e);
		if (z == NULL)
			fail_msg("%s", e.msg);
		assert_string_equal(z->name, name);
		assert_agrees(z);
		assert_ptr_equal(zone_table_find(&t, name, &e), z);
		n++;
	}
	fclose(f);
	assert_in_range(n, 400, 2000);
	assert_null(zone_table_find(&t, "Europe/Bonn", &e));
	assert_int_equal(e.fault, FAULT_REJECT);
	assert_string_equal(zone_table_find(&t, "UTC", &e)->name, "UTC");
	assert_false(zone_table_is_stale(&t));
}

/* Checks that a change of any zone's file is noticed. */
static void
test_stale(void **state)
{
	struct known_zone *first;
	struct zone_table t;
	struct err e;

	(void)state;
	zone_table_init(&t, &arena);
	assert_false(zone_table_is_stale(&t));
	assert_non_null(zone_table_find(&t, "Europe/Berlin", &e));
	/* As if the file had been an earlier one. */
	first = (struct known_zone *)(uintptr_t)t.first;
	first->file_at--;
	assert_true(zone_table_is_stale(&t));
	assert_non_null(zone_table_find(&t, "Asia/Tokyo", &e));
	assert_true(zone_table_is_stale(&t));
	first->file_at++;
	assert_false(zone_table_is_stale(&t));
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
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_puts_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

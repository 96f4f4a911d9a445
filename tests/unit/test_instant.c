/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "../support/test.h"
#include "base/instant.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *rule, *text, *back;
	} cases[] = {
		{ "UTC", "2026-11-22T06:24:45Z", "2026-11-22T06:24:45Z" },
		{ "no zone is UTC", "2026-11-22T06:24:45",
		    "2026-11-22T06:24:45Z" },
		{ "milliseconds", "2026-11-22T06:24:45.123Z",
		    "2026-11-22T06:24:45.123000Z" },
		{ "beyond microseconds is dropped",
		    "2026-03-30T14:30:27.480992999Z",
		    "2026-03-30T14:30:27.480992Z" },
		{ "decimals of zero", "2026-03-30T14:30:00.000000000Z",
		    "2026-03-30T14:30:00Z" },
		{ "east", "2026-01-01T00:30:00+02:00", "2025-12-31T22:30:00Z" },
		{ "west", "2024-02-28T20:00:00-05:30", "2024-02-29T01:30:00Z" },
		{ "leap day", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z" },
		{ "leap day of 2000", "2000-02-29T12:00:00Z",
		    "2000-02-29T12:00:00Z" },
		{ "leap second is the next", "2016-12-31T23:59:60Z",
		    "2017-01-01T00:00:00Z" },
		{ "first year", "1971-01-01T00:00:00Z",
		    "1971-01-01T00:00:00Z" },
		{ "last year", "9999-12-31T23:59:59.999999Z",
		    "9999-12-31T23:59:59.999999Z" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[INSTANT_TEXT_MAX] = "";
		int64_t at;

		if (instant_parse(str_of(cases[i].text), &at) == 0)
			instant_format(at, text);
		if (strcmp(text, cases[i].back) != 0)
			fail_msg("%s: %s gave %s", cases[i].rule, cases[i].text,
			    text);
	}
}

static void
test_refuses(void **state)
{
	static const char *const texts[] = {
		"",
		"2026-11-22",
		"2026-11-22T06:24",
		"2026-11-22 06:24:45Z",
		"2026-11-22t06:24:45Z",
		"2026-11-22T06:24:45z",
		"2026-11-22T06:24:45ZZ",
		"2026-11-22T06:24:45Z ",
		" 2026-11-22T06:24:45Z",
		"2026-11-22T06:24:45.Z",
		"2026-11-22T06:24:45.1234567890Z",
		"2026-11-22T06:24:45,5Z",
		"2026-11-22T06:24:45+0200",
		"2026-11-22T06:24:45+24:00",
		"2026-11-22T06:24:45+02:60",
		"2026-11-22T06:24:45+02",
		"2026-00-22T06:24:45Z",
		"2026-13-22T06:24:45Z",
		"2026-11-00T06:24:45Z",
		"2026-11-31T06:24:45Z",
		"2026-02-29T06:24:45Z",
		"1900-02-29T06:24:45Z",
		"2100-02-29T06:24:45Z",
		"2026-11-22T24:00:00Z",
		"2026-11-22T06:60:45Z",
		"2026-11-22T06:24:61Z",
		"1970-12-31T23:59:59Z",
		"10000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-01:00",
		"-2026-11-22T06:24:45Z",
		"2026-1-22T06:24:45Z",
		"0000-00-00T00:00:00",
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(texts); i++) {
		int64_t at = 4711;

		if (instant_parse(str_of(texts[i]), &at) != -1 || at != 4711)
			fail_msg("\"%s\" was taken", texts[i]);
	}
}

/* Checks every day of four centuries against the C library. */
static void
test_calendar(void **state)
{
	(void)state;
	for (int64_t day = 365; day < 400 * 366; day++) {
		time_t t = (time_t)(day * 86400 + day % 86400);
		char want[INSTANT_TEXT_MAX], text[INSTANT_TEXT_MAX];
		int64_t back;
		struct tm tm;

		gmtime_r(&t, &tm);
		(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		instant_format((int64_t)t * INSTANT_SECOND, text);
		assert_string_equal(text, want);
		assert_int_equal(instant_parse(str_of(text), &back), 0);
		assert_int_equal(back, (int64_t)t * INSTANT_SECOND);
	}
}

/* Checks that the text of the smallest and the largest instant is right and
 * fits into the buffer. */
static void
test_format_extremes(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ INT64_MAX, "294247-01-10T04:00:54.775807Z" },
		{ INT64_MIN, "-290308-12-21T19:59:05.224192Z" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		char text[INSTANT_TEXT_MAX];

		instant_format(cases[i].at, text);
		assert_string_equal(text, cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_format_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

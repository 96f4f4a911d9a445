/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"

/* The last microsecond of the year 9999. */
#define LAST (INT64_C(253402300800) * INSTANT_SECOND - 1)

/* Uses the days_from_civil algorithm of Howard Hinnant
 * (howardhinnant.github.io/date_algorithms.html). */
int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
civil_from_days(int64_t days, int *y, int *m, int *d)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

int
days_in_month(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return m == 2 && leap ? 29 : days[m - 1];
}

/* Reads n digits at *p and moves *p behind them; -1: there are fewer digits. */
static int
number(const char **p, const char *end, int n)
{
	int v = 0;

	if (end - *p < n)
		return -1;
	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static bool
skip(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* Reads ".123" as microseconds; 0 without a dot, -1 if no digit follows the
 * dot. */
static int
parse_fraction(const char **p, const char *end)
{
	int us = 0, n = 0;

	if (!skip(p, end, '.'))
		return 0;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++, n++)
		if (n < 6)
			us = us * 10 + (**p - '0');
	if (n == 0 || n > 9)
		return -1;
	for (; n < 6; n++)
		us *= 10;
	return us;
}

/* Reads "Z", "+02:00" or nothing as the seconds that local time is ahead of
 * UTC. */
static int
parse_zone(const char **p, const char *end, int *offset)
{
	int sign, h, m;

	*offset = 0;
	if (*p == end || skip(p, end, 'Z'))
		return 0;
	if (**p != '+' && **p != '-')
		return -1;
	sign = *(*p)++ == '-' ? -1 : 1;
	h = number(p, end, 2);
	if (h < 0 || h > 23 || !skip(p, end, ':'))
		return -1;
	m = number(p, end, 2);
	if (m < 0 || m > 59)
		return -1;
	*offset = sign * (h * 3600 + m * 60);
	return 0;
}

int
instant_parse(struct str s, int64_t *out)
{
	const char *p = s.data, *end = s.data + s.len;
	int y, mon, d, h, min, sec, us, offset;
	int64_t at;

	y = number(&p, end, 4);
	if (y < 1971 || !skip(&p, end, '-'))
		return -1;
	mon = number(&p, end, 2);
	if (mon < 1 || mon > 12 || !skip(&p, end, '-'))
		return -1;
	d = number(&p, end, 2);
	if (d < 1 || d > days_in_month(y, mon) || !skip(&p, end, 'T'))
		return -1;
	h = number(&p, end, 2);
	if (h < 0 || h > 23 || !skip(&p, end, ':'))
		return -1;
	min = number(&p, end, 2);
	if (min < 0 || min > 59 || !skip(&p, end, ':'))
		return -1;
	sec = number(&p, end, 2);
	if (sec < 0 || sec > 60) /* a leap second is read as the next second */
		return -1;
	us = parse_fraction(&p, end);
	if (us < 0 || parse_zone(&p, end, &offset) == -1 || p != end)
		return -1;

	at = (days_from_civil(y, mon, d) * 86400 + INT64_C(3600) * h +
	         INT64_C(60) * min + sec - offset) *
	         INSTANT_SECOND +
	     us;
	/* In a zone behind UTC, the last hours of 9999 are in the year 10000 of
	 * UTC. */
	if (at > LAST)
		return -1;
	*out = at;
	return 0;
}

void
instant_format(int64_t at, char out[INSTANT_TEXT_MAX])
{
	int64_t seconds = at / INSTANT_SECOND, us = at % INSTANT_SECOND;
	int64_t days, rest;
	int y, m, d, n;

	if (us < 0) {
		us += INSTANT_SECOND;
		seconds--;
	}
	days = seconds / 86400;
	rest = seconds % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days(days, &y, &m, &d);
	n = snprintf(out, INSTANT_TEXT_MAX, "%s%04u-%02u-%02uT%02u:%02u:%02u",
	    y < 0 ? "-" : "", (unsigned)abs(y) % 1000000, (unsigned)m % 100,
	    (unsigned)d % 100, (unsigned)(rest / 3600) % 100,
	    (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
	if (us != 0)
		n += snprintf(out + n, INSTANT_TEXT_MAX - (size_t)n, ".%06u",
		    (unsigned)us);
	(void)snprintf(out + n, INSTANT_TEXT_MAX - (size_t)n, "Z");
}

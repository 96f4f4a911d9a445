/* SPDX-License-Identifier: MIT */
/* Numbers, money, periods and dates, as a language writes them. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "wire/explain/say.h"

enum {
	DIGITS_MAX = 32,
	GROUP = 3,
	FRACTION_PLACES = 6,
	FRACTION_ONE = 1000000,
};

/* Writes digits in groups of three; the caller writes the sign. */
static void
put_grouped(struct teller *t, uint64_t n)
{
	char digits[DIGITS_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % GROUP == 0)
			buf_puts(&t->scratch,
			    language_piece(t->language, SAY_THOUSAND));
		buf_add(&t->scratch, &digits[i], 1);
	}
}

static uint64_t
magnitude(int64_t n)
{
	return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

/* Writes n / 10^places, with at least `least` decimals. */
static const char *
fixed(struct teller *t, int64_t n, int places, int least)
{
	uint64_t scale = 1, whole, part;

	for (int i = 0; i < places; i++)
		scale *= 10;
	whole = magnitude(n) / scale;
	part = magnitude(n) % scale;
	for (; places > least && part % 10 == 0; places--)
		part /= 10;
	if (n < 0)
		buf_puts(&t->scratch, "-");
	put_grouped(t, whole);
	if (places > 0) {
		buf_puts(&t->scratch, language_piece(t->language, SAY_DECIMAL));
		buf_printf(&t->scratch, "%0*" PRIu64, places, part);
	}
	return teller_told(t);
}

const char *
tell_decimal(struct teller *t, int64_t n, int places)
{
	return fixed(t, n, places, 0);
}

const char *
tell_number(struct teller *t, int64_t n)
{
	return fixed(t, n, 0, 0);
}

const char *
tell_percent(struct teller *t, int64_t n)
{
	return tell(
	    t, SAY_PERCENT, "x", tell_decimal(t, n, PERCENT_PLACES), NULL);
}

/* The minus sign of an amount below zero comes first, wherever the currency's
 * sign is. */
static const char *
with_currency(struct teller *t, const char *code, const char *amount)
{
	static const struct {
		const char *code, *sign;
		enum piece piece;
	} signs[] = {
		{ "USD", "$", SAY_MONEY_SIGN },
		{ "EUR", "\u20ac", SAY_MONEY_SIGN },
		{ "GBP", "\u00a3", SAY_MONEY_SIGN },
		{ "CZK", "Kč", SAY_MONEY_CODE },
	};
	const char *sign = code;
	enum piece piece = SAY_MONEY_CODE;
	bool below = amount[0] == '-';

	for (size_t i = 0; i < NITEMS(signs); i++) {
		if (strcmp(signs[i].code, code) != 0)
			continue;
		sign = signs[i].sign;
		piece = signs[i].piece;
	}
	return tell_all(t, below ? "-" : "",
	    tell(t, piece, "sign", sign, "x", amount + below, NULL), NULL);
}

const char *
tell_money(struct teller *t, int64_t minor)
{
	int places = t->program->exponent;

	return with_currency(
	    t, t->program->currency, fixed(t, minor, places, places));
}

const char *
tell_money_in(struct teller *t, const char *code, int64_t minor)
{
	int places = currency_exponent(code);

	/* An unknown currency is written with as many decimals as the program's
	 * currency has. */
	if (places == -1)
		places = t->program->exponent;
	return with_currency(t, code, fixed(t, minor, places, places));
}

const char *
tell_exchange(struct teller *t, const char *rate)
{
	int64_t n = 0;
	int places = 0, least = t->program->exponent;
	bool is_behind = false;

	for (; *rate != '\0'; rate++) {
		if (*rate == '.') {
			is_behind = true;
			continue;
		}
		n = n * 10 + (*rate - '0');
		places += is_behind;
	}
	if (places < least)
		least = places;
	return with_currency(
	    t, t->program->currency, fixed(t, n, places, least));
}

const char *
tell_milli(struct teller *t, int64_t milli)
{
	int places = t->program->exponent;

	return with_currency(t, t->program->currency,
	    fixed(t, milli, places + MILLI_PLACES, places));
}

const char *
tell_count(struct teller *t, int64_t n, enum forms forms)
{
	return tell(t, SAY_COUNTED, "n", tell_number(t, n), "x",
	    language_form(
	        t->language, language_forms(t->language, forms), n, false),
	    NULL);
}

const char *
tell_each(struct teller *t, int64_t n, enum forms forms)
{
	return n == 1 ? language_forms(t->language, forms)[PLURAL_ONE]
	              : tell_count(t, n, forms);
}

const char *
tell_period(struct teller *t, struct period p)
{
	switch (p.unit) {
	case UNIT_DAY:
		return tell_count(t, p.n, FORMS_DAY);
	case UNIT_MONTH:
		return tell_count(t, p.n, FORMS_MONTH);
	case UNIT_YEAR:
		return tell_count(t, p.n, FORMS_YEAR);
	case UNIT_EVER:
		return tell(t, SAY_EVER, NULL);
	}
	return "";
}

const char *
tell_period_of(struct teller *t, const void *period)
{
	return tell_period(t, *(const struct period *)period);
}

const char *
tell_days(struct teller *t, int64_t days)
{
	return tell_count(t, days, FORMS_DAY);
}

static const char *
month_name(const struct teller *t, int month)
{
	assert(month >= 1 && month <= SAY_MONTH_12 - SAY_MONTH_1 + 1);
	return language_piece(
	    t->language, (enum piece)(SAY_MONTH_1 + month - 1));
}

const char *
tell_plain(struct teller *t, int n)
{
	buf_printf(&t->scratch, "%d", n);
	return teller_told(t);
}

const char *
tell_date(struct teller *t, int64_t at)
{
	struct civil c = calendar_civil(t->program->zone, at);

	return tell(t, SAY_DATE, "day", tell_plain(t, c.day), "month",
	    month_name(t, c.month), "year", tell_plain(t, c.year), NULL);
}

const char *
tell_day_of_year(struct teller *t, int month, int day)
{
	return tell(t, SAY_DAY_OF_YEAR, "day", tell_plain(t, day), "month",
	    month_name(t, month), NULL);
}

const char *
tell_units(struct teller *t, const struct wallet *w, int64_t units)
{
	if (w->unit == UNIT_MONEY)
		return tell_milli(t, units);
	return tell(t, SAY_COUNTED, "n", tell_number(t, units), "x",
	    tell_noun(t, w, units, false), NULL);
}

const char *
tell_fraction(struct teller *t, const struct wallet *w, wide n, wide d)
{
	int places = FRACTION_PLACES, least = 0;
	const char *number;
	int64_t shown;

	for (int i = 0; i < FRACTION_PLACES; i++)
		n = ratio_mul(n, 10);
	shown = ratio_floor(n, d);
	if (w->unit == UNIT_MONEY) {
		least = t->program->exponent;
		places += least + MILLI_PLACES;
	}
	number = fixed(t, shown, places, least);
	if (n % d != 0)
		number = tell_all(t, number, "...", NULL);
	if (w->unit == UNIT_MONEY)
		return with_currency(t, t->program->currency, number);
	return tell(t, SAY_COUNTED, "n", number, "x",
	    tell_noun(t, w, shown / FRACTION_ONE, shown % FRACTION_ONE != 0),
	    NULL);
}

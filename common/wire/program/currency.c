/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "core/calendar.h"
#include "core/order_finer.h"
#include "wire/program/internal.h"

/*
 * Reads the rates of other currencies.  A rate says how many units of the
 * store's currency one unit of the other currency is worth, from a local day
 * on.
 */

enum {
	/* A rate of an Iranian rial in Kuwaiti dinars needs seven decimals. */
	RATE_PLACES = 12,
	RATE_MOST = 1000000, /* largest rate, in the store's currency */
	RATE_TEXT_MAX = 7 + 1 + RATE_PLACES,
};

/* Reads "0.92" as 92 / 100.  money_parse() reads too few digits for a rate. */
static bool
parse_rate(struct str s, wide *n, wide *d)
{
	bool is_behind = false;
	size_t digits = 0;

	*n = 0;
	*d = 1;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '.' && !is_behind && digits > 0) {
			is_behind = true;
			digits = 0;
			continue;
		}
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		digits++;
		*n = *n * 10 + s.data[i] - '0';
		*d *= is_behind ? 10 : 1;
		if (*n > RATE_MOST * *d || i > RATE_TEXT_MAX)
			return false;
	}
	return s.len <= RATE_TEXT_MAX && digits > 0 && *n > 0 &&
	       *d <= power_of_ten(RATE_PLACES);
}

static int
rate_read(
    struct draft *d, const struct node *n, int exponent, struct exchange *out)
{
	struct str s = { 0 };

	if (!node_str(n, &s) || !parse_rate(s, &out->n, &out->d))
		return node_refuse(n,
		    "must be a rate as text, like \"0.92\": above 0, at most "
		    "%d, with at most %d decimals",
		    RATE_MOST, RATE_PLACES);
	/* The text has the rate between whole units, and the result has the
	 * rate between minor units; the two currencies may have different
	 * decimals. */
	out->n *= power_of_ten(d->p.exponent);
	out->d *= power_of_ten(exponent);
	while (out->n % 10 == 0 && out->d % 10 == 0) {
		out->n /= 10;
		out->d /= 10;
	}
	out->rate = arena_memdup(d->arena, s.data, s.len);
	return 0;
}

/* Inserts a rate in order of time; the file may have the days in any order. */
static void
put_rate(struct exchange *list, size_t n, const struct exchange *x)
{
	for (; n > 0 && list[n - 1].from > x->from; n--)
		list[n] = list[n - 1];
	list[n] = *x;
}

/* Reads a key that is a day: the day from which a rate is in effect. */
static int
rate_day(const struct draft *d, const struct node *n, int64_t *from)
{
	static const char
	    form[] = "is no date from 1971 on, like \"2026-12-31\"";
	int year = 0, month = 0, day = 0;

	if (!calendar_parse(n->key, &year, &month, &day))
		return node_refuse(n, "%s", date_fault(str_of(n->key), form));
	if (year < 1971)
		return node_refuse(n, "%s", form);
	*from = calendar_midnight(d->p.zone, year, month, day);
	return 0;
}

static void
rates_read(struct draft *d, const struct node *n, struct currency *c)
{
	int exponent = currency_exponent(c->code);
	struct exchange *list, x;
	struct node it = { 0 };

	if (node_check_object(n, NULL) == -1)
		return;
	list = arena_array(d->arena, node_members(n), sizeof(*list));
	c->rates = list;
	while (node_each(n, &it)) {
		if (c->nrates == EXCHANGES_MAX) {
			node_refuse(n, "has more than %d rates", EXCHANGES_MAX);
			return;
		}
		if (rate_day(d, &it, &x.from) == 0 &&
		    rate_read(d, &it, exponent, &x) == 0)
			put_rate(list, c->nrates++, &x);
	}
	if (it.value == NULL)
		node_refuse(n, "says no rate");
}

/* Refuses a key that is no currency, or that is the store's own currency, and
 * then returns false. */
static bool
currency_check(const struct draft *d, const struct node *n)
{
	const char *code = n->key;

	if (strlen(code) != strlen("USD") || currency_exponent(code) == -1)
		node_refuse(n, "is no currency; one is \"USD\"");
	else if (strcmp(code, d->p.currency) == 0)
		node_refuse(n, "is the store's own currency");
	else
		return true;
	return false;
}

void
currencies_read(struct draft *d, const struct node *file)
{
	struct node n, it = { 0 };
	struct currency *list;

	if (!node_get(file, "currencies", &n) ||
	    node_check_object(&n, NULL) == -1)
		return;
	list = arena_array(d->arena, node_members(&n), sizeof(*list));
	d->p.currencies = list;
	while (node_each(&n, &it)) {
		struct currency *c = &list[d->p.ncurrencies];

		if (d->p.ncurrencies == CURRENCIES_MAX) {
			node_refuse(
			    &n, "has more than %d currencies", CURRENCIES_MAX);
			return;
		}
		if (!currency_check(d, &it))
			continue;
		memcpy(c->code, it.key, sizeof(c->code));
		rates_read(d, &it, c);
		d->p.ncurrencies++;
	}
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/money.h"
#include "core/order.h"
#include "wire/json_number.h"

int64_t
number_id(struct value v)
{
	int64_t n;

	if (value_is(v, VALUE_INT))
		return value_int(v);
	return str_int64(value_text(v), &n) == -1 ? -1 : n;
}

enum {
	EXPONENT_MOST = 40,
	PLAIN_MAX = 128, /* bytes of a number written without an exponent */
};

/* Writes a number without its exponent: "0.045" for "4.5e-2".  A number with
 * too large an exponent stays as it is. */
static struct str
plain_number(struct str s, char out[PLAIN_MAX])
{
	const char *e = s.data, *end = s.data + s.len, *dot;
	size_t len, n = 0;
	int64_t shift, at;

	while (e < end && *e != 'e' && *e != 'E')
		e++;
	len = (size_t)(e - s.data);
	if (e == end || len + EXPONENT_MOST + 4 > PLAIN_MAX ||
	    str_int64((struct str){ e + 1, s.len - len - 1 }, &shift) == -1 ||
	    shift > EXPONENT_MOST || shift < -EXPONENT_MOST)
		return s;
	dot = memchr(s.data, '.', len);
	if (s.data[0] == '-')
		out[n++] = '-';
	/* The number of digits before the dot. */
	at = (dot == NULL ? (int64_t)len : dot - s.data) - (int64_t)n + shift;
	if (at <= 0) {
		out[n++] = '0';
		out[n++] = '.';
	}
	for (; at < 0; at++)
		out[n++] = '0';
	for (const char *p = s.data + (s.data[0] == '-'); p < e; p++) {
		if (p == dot)
			continue;
		out[n++] = *p;
		if (--at == 0)
			out[n++] = '.';
	}
	for (; at > 0; at--)
		out[n++] = '0';
	n -= n > 0 && out[n - 1] == '.';
	return (struct str){ out, n };
}

/* Returns the digits of a number, or the bytes of a text; empty for any other
 * value. */
static struct str
number_text(struct value v, char out[PLAIN_MAX])
{
	struct str s = value_is(v, VALUE_TEXT) ? value_text(v)
	                                       : value_digits(v);

	return value_is(v, VALUE_NUMBER) ? plain_number(s, out) : s;
}

int
number_amount(struct value v, int exponent, int64_t *amount)
{
	NOT_ZEROED char plain[PLAIN_MAX];

	return money_parse(number_text(v, plain), exponent, amount);
}

int
number_finer(struct value v, int exponent)
{
	int finer = FINER_MAX;
	int64_t n = 0;

	while (finer > 0 && number_amount(v, exponent + finer, &n) == -1)
		finer--;
	for (; finer > 0 && n % 10 == 0; n /= 10)
		finer--;
	return finer;
}

bool
is_number(struct value v)
{
	NOT_ZEROED char plain[PLAIN_MAX];
	struct str s = number_text(v, plain);
	size_t digits = 0, dots = 0;

	if (value_is(v, VALUE_NUMBER))
		return true;
	for (size_t i = s.len > 0 && s.data[0] == '-'; i < s.len; i++) {
		bool dot = s.data[i] == '.';

		if (!dot && (s.data[i] < '0' || s.data[i] > '9'))
			return false;
		digits += !dot;
		dots += dot;
	}
	return digits > 0 && dots <= 1;
}

int64_t
whole_number(struct value v)
{
	int64_t n;

	if (number_amount(v, 0, &n) == 0)
		return n;
	return value_is(v, VALUE_NUMBER) ? MONEY_MAX : 0;
}

int64_t
number_quantity(struct value v, bool fractions)
{
	NOT_ZEROED char plain[PLAIN_MAX];
	struct str s = number_text(v, plain);
	const char *dot = memchr(s.data, '.', s.len);
	int64_t n, rounded;

	/* money_parse() refuses a dot without digits around it. */
	if (money_parse(s, 0, &rounded) == -1 || s.data[0] == '-')
		return -1;
	for (const char *p = dot; dot != NULL && p < s.data + s.len; p++)
		if (!fractions && *p != '.' && *p != '0')
			return -1;
	if (dot != NULL)
		s.len = (size_t)(dot - s.data);
	if (str_int64(s, &n) == -1 || n > ORDER_QUANTITY_MAX)
		return -1;
	return n;
}

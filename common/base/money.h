/* SPDX-License-Identifier: MIT */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdint.h>

#include "base/cc.h"
#include "base/str.h"

/*
 * money: amounts in minor units of a currency, whole numbers, never floats.
 *
 * How many decimals a currency's minor unit has comes from ISO 4217 (JPY 0,
 * EUR 2, KWD 3, CLF 4) and, beyond it, from the platforms' own lists.
 */

/* No amount of an order is beyond this, so that sums of thousands of them
 * and products of two with a rate stay inside 128 bits. */
#define MONEY_MAX INT64_C(1000000000000000)

/* Decimals of the minor unit, or -1 for what is not a currency code. */
int currency_exponent(const char *code) MUST_CHECK;

/*
 * A decimal number like "72.20", "-5.00" or "47" to minor units.  A dot,
 * no thousands marks, no exponent.  Decimals beyond the currency's are
 * rounded half away from zero (shops may show more than a currency has).
 * -1 if it is not a number or beyond MONEY_MAX.
 */
int money_parse(struct str, int exponent, int64_t *minor) MUST_CHECK;

/* "72.20"; room for any amount is MONEY_TEXT_MAX. */
enum {
	MONEY_TEXT_MAX = 32
};
void money_format(int64_t minor, int exponent, char out[MONEY_TEXT_MAX]);

#endif /* BASE_MONEY_H */

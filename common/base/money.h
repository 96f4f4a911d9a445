/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * money: amounts of money, as whole numbers of minor units of a currency, never
 * as floats.
 *
 * The number of decimals of a currency comes from ISO 4217 (JPY 0, EUR 2, KWD
 * 3, CLF 4); for other codes that shops use, 2 (BTC 8).
 */

/* The largest amount of an order.  With this bound, sums of thousands of
 * amounts, and products of two amounts and a rate, fit into 128 bits. */
#define MONEY_MAX INT64_C(1000000000000000)

/* Finds the decimals of a currency's minor unit; -1: no currency code. */
int currency_exponent(const char *code) MUST_CHECK;

/*
 * Reads a decimal number like "72.20", "-5.00" or "47" as minor units, with a
 * dot, without marks for thousands and without an exponent.  Decimals beyond
 * the currency's, which some shops show, are rounded half away from zero.  -1
 * if the text is no number, or a number beyond MONEY_MAX.
 */
int money_parse(struct str, int exponent, int64_t *minor) MUST_CHECK;

/* Writes "72.20"; MONEY_TEXT_MAX is room for any amount. */
enum {
	MONEY_TEXT_MAX = 32
};
void money_format(int64_t minor, int exponent, char out[MONEY_TEXT_MAX]);

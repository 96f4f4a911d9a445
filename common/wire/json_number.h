/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/json.h"

/*
 * json_number: the numbers in a body, each a JSON value or a text
 * with a number, read without a double.  Only wire/json.c uses these functions.
 */

/* Reads a whole number, or a text of its digits; -1 for anything else. */
int64_t number_id(struct value);
/* Reads an amount in units of 10^-exponent, rounded; -1 for a value that is no
 * amount, or is beyond MONEY_MAX. */
int number_amount(struct value, int exponent, int64_t *amount) MUST_CHECK;
/* Counts the decimals beyond the exponent that a value needs, up to FINER_MAX.
 * Decimals that come only from the imprecision of a double are not counted. */
int number_finer(struct value, int exponent);
/* Reads a quantity from 0 to ORDER_QUANTITY_MAX; -1 for a value that is no
 * quantity.  A fraction is dropped if `fractions` is true; otherwise a number
 * with a fraction is no quantity. */
int64_t number_quantity(struct value, bool fractions);

/* SPDX-License-Identifier: MIT */
#ifndef WIRE_JSON_NUMBER_H
#define WIRE_JSON_NUMBER_H

#include "wire/json.h"

/*
 * json_number: the numbers in a body, each a JSON value or a text that says
 * one, read without a double.  Reads for wire/json.c alone.
 */

/* Whether a value is a number that body_load() made a text, NUMBER_MARK. */
bool number_is_marked(const json_t *);
/* A whole number or its digits; -1 for anything else. */
int64_t number_id(const json_t *);
/* An amount in units of 10^-exponent, rounded; -1 for what is none, or is
 * beyond MONEY_MAX. */
int number_amount(const json_t *, int exponent, int64_t *amount) MUST_CHECK;
/* The decimals beyond the exponent that a value needs, up to FINER_MAX; what is
 * nothing but the noise of a double needs none. */
int number_finer(const json_t *, int exponent);
/* 0 to ORDER_QUANTITY_MAX; -1 for what is no quantity.  A fraction is dropped
 * if `fractions`, else no quantity. */
int64_t number_quantity(const json_t *, bool fractions);

#endif /* WIRE_JSON_NUMBER_H */

/* SPDX-License-Identifier: MIT */
#ifndef WIRE_PROGRAM_JSON_H
#define WIRE_PROGRAM_JSON_H

#include "base/err.h"
#include "base/str.h"
#include "core/program.h"

/*
 * program_json: a program file (deploy/programs/README.md) to a program.
 *
 * `exponent` is that of the store's currency (base/money.h): the file says
 * "per": "1" for one whole unit.  What is unknown, repeated, missing or
 * out of bounds is refused (REJECT) with the line and a sentence.
 *
 * Shopify's "paid" becomes the three statuses of an order that was paid:
 * paid, partially_refunded and refunded; what was given back is taken off
 * the order's points by the refunds themselves.
 */
enum {
	PROGRAM_FILE_MAX = 1024 * 1024, /* bytes */
};

int program_parse(
    struct str, int exponent, struct program *, struct err *) MUST_CHECK;

#endif /* WIRE_PROGRAM_JSON_H */

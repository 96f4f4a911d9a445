/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/order.h"

#include "spec.h"

/*
 * slow_worth: the money and the pieces of an order that count, as fractions;
 * a part of the slow evaluator (slow.h).
 */

__extension__ typedef __int128 big;

struct part {
	big n, d; /* n / d minor units or pieces; d > 0 */
};

/* A view of an order: the lines and amounts that a base counts, at a time, with
 * a factor for each line. */
struct look {
	const struct spec *spec;
	const struct spec_base *base;
	const struct order *order;
	int64_t until;         /* refunds after this time are ignored */
	const bool *left_out;  /* lines to ignore; NULL: none */
	const int64_t *factor; /* of each line, x FACTOR_ONE; NULL: all 1 */
	int64_t rest_factor;   /* of shipping and fees, if `factor` is set */
};

struct part part_add(struct part, struct part);
struct part part_times(struct part, big n, big d);
int part_sign(struct part);
big part_round(struct part, enum rounding);

/* Gives the euros that a unit of the order's currency is worth.  Gives 0 if the
 * program has no rate of the currency at the time of the order. */
struct part rate_of_order(const struct spec *, const struct order *);

bool line_counts(const struct look *, size_t line);
bool filter_means(const struct spec_filter *, const struct order_line *);

/* Count the money of an order and of one line after refunds, or, if `whole`,
 * before refunds. */
struct part look_money(const struct look *, bool whole);
struct part look_line(const struct look *, size_t line, bool whole);
/* Counts the pieces of one line, times the line's factor, after refunds, or,
 * if `whole`, before refunds. */
struct part look_pieces(const struct look *, size_t line, bool whole);

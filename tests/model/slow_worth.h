/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SLOW_WORTH_H
#define MODEL_SLOW_WORTH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/order.h"

#include "spec.h"

/*
 * slow_worth: what of an order counts, in fractions; see slow.h.
 */

__extension__ typedef __int128 big;

struct part {
	big n, d; /* of a minor unit, or of a piece; d > 0 */
};

/* How an order is looked at. */
struct look {
	const struct spec *spec;
	const struct spec_base *base;
	const struct order *order;
	int64_t until;         /* refunds after this have not happened */
	const bool *left_out;  /* per line, or NULL */
	const int64_t *factor; /* per line, FACTOR_ONE is 1; or NULL */
	int64_t rest_factor;   /* of what is no line, if there is `factor` */
};

struct part part_add(struct part, struct part);
struct part part_times(struct part, big n, big d);
int part_sign(struct part);
big part_round(struct part, enum rounding);

/* The worth of an order's money in euros: 0 if nobody says. */
struct part rate_of_order(const struct spec *, const struct order *);

bool line_counts(const struct look *, size_t line);
bool filter_means(const struct spec_filter *, const struct order_line *);

/* What counts after refunds; before them if `whole`. */
struct part look_money(const struct look *, bool whole);
struct part look_line(const struct look *, size_t line, bool whole);
/* Pieces after refunds, times factors, of one line. */
struct part look_pieces(const struct look *, size_t line, bool whole);

#endif /* MODEL_SLOW_WORTH_H */

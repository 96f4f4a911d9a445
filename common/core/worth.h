/* SPDX-License-Identifier: MIT */
#ifndef CORE_WORTH_H
#define CORE_WORTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/order.h"
#include "core/program.h"
#include "core/ratio.h"
#include "core/reason.h"

/*
 * worth: what of an order counts, and what is left of it after refunds.
 *
 * The rules 5. and 6. of core/decide.c.
 */

/* n / d of a minor unit; n >= 0, d > 0. */
struct fraction {
	wide n, d;
};

/* The loss of a whole order, gross. */
struct loss {
	wide whole;   /* what it was worth, without what was edited away */
	wide lines;   /* of that, what came back by lines */
	wide money;   /* and what was paid back beyond all that is gone */
	size_t width; /* things looked at for it */
};

/* Works out the loss of an order, which is the same for every base, so that
 * a caller who asks for many parts of one order does so once.  Where no money
 * went beyond the lines only `money` is set, to 0. */
void loss_of(const struct order *, size_t nrefunds, struct loss *);

/* How an order is looked at. */
struct worth_ask {
	const struct base *base;
	/* One per line, or NULL.  FACTOR_ONE is 1; 0 leaves the line out of
	 * everything, as if the base did not mean it. */
	const int64_t *factors;
	size_t nrefunds; /* only the first so many count */
	/* With `factors`: of what is no line.  0 is FACTOR_ONE. */
	int64_t rest_factor;
	/* loss_of() the whole order, where this is a part of one; else NULL. */
	const struct loss *loss;
	/* The rate of all amounts; NULL: they are in the store's currency. */
	const struct exchange *exchange;
	/* Pieces that cost nothing count, whatever the filter says. */
	bool free_pieces;
};

struct worth {
	struct fraction whole;   /* before refunds, factors not counted */
	struct fraction left;    /* after them, factors not counted */
	struct fraction boosted; /* after them, times each line's factor; 0
				    where nothing is left */
	int64_t pieces;          /* of the lines that count and cost anything
				    (or free ones are meant), after refunds and
				    edits; none where nothing is left of what
				    they cost, unless a part is asked of */
	int64_t pieces_whole;    /* before refunds */
	wide pieces_boosted;     /* pieces times each line's factor */
	struct fraction foreign; /* `whole` in the order's own currency */
	bool none_left; /* the lines' refunds, or those of money, took it all */
	size_t width;   /* things looked at for it: lines, their words, what
			   came back of each */
};

/*
 * Shipping and fees have a factor of 1; where they are below zero, as some
 * discounts are, they take of all lines alike.
 *
 * With amounts up to MONEY_MAX everything is exact but two things, which
 * lose a small part of a minor unit if they would need more than 128 bits:
 * the part of certain tenders, and what is boosted of an order with a refund
 * of money, a fee below zero, or more back than a line had.  What does not
 * fit at all (thousands of lines of MONEY_MAX, times 1000) is so large that
 * the ledger refuses it.
 */
void worth_of(const struct order *, const struct worth_ask *, struct worth *);

/* Whether the base asks for the part paid in certain ways, and that part has
 * not been told: until it is, nothing of the order counts. */
bool split_is_unknown(const struct base *, const struct order *);
/* The amounts that the base counts and that cannot be read, as bits: with any
 * of them nothing of the order counts, since nobody knows how much it is. */
int amounts_unreadable(const struct base *, const struct order *);

/* Rounded down to thousandths of a minor unit: what can be summed over
 * orders. */
int64_t fraction_milli(struct fraction);

/* units / per of a fraction, rounded; `per` > 0.  Exact; what does not fit
 * is INT64_MAX, of which core/beyond.h lets nothing come. */
int64_t fraction_times(
    struct fraction, int64_t units, int64_t per, enum rounding);

/* n / d of it; what does not fit gets less by a small part. */
struct fraction fraction_part(struct fraction, wide n, wide d);

/* a - b, below zero as it comes; what does not fit loses a small part. */
struct fraction fraction_less(struct fraction a, struct fraction b);

#endif /* CORE_WORTH_H */

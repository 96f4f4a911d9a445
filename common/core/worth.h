/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"
#include "core/program.h"
#include "core/ratio.h"
#include "core/reason.h"
#include "core/tally.h"

/* worth: how much of an order counts for a base, and how much of that is left
 * after refunds: rules 5. and 6. of core/decide.c. */

/* n / d of a minor unit; n >= 0, d > 0. */
struct fraction {
	wide n, d;
};

/* The question for worth_of(): which part of an order counts, and how. */
struct worth_ask {
	const struct base *base;
	/* A factor for each line, FACTOR_ONE is 1; NULL: all are 1.  A line
	 * with 0 is left out of everything, as if the base did not mean the
	 * line. */
	const int64_t *factors;
	size_t nrefunds; /* only the first `nrefunds` refunds count */
	/* The factor of shipping and fees, if `factors` is set; 0 means
	 * FACTOR_ONE. */
	int64_t rest_factor;
	/* The loss of the whole order, if the order at hand is only a part of
	 * it; else NULL. */
	const struct loss *loss;
	/* Converts all amounts; NULL: they are in the program's currency. */
	const struct exchange *exchange;
	/* Pieces that cost nothing count, even if the filter excludes them. */
	bool free_pieces;
	/* Tallies of the same order, for a caller who asks after each of its
	 * refunds; NULL: everything is worked out anew. */
	struct tallies *tallies;
	/* The rest of the only line, which is of a larger order; NULL: it is
	 * worked out from the refunds of the order at hand. */
	const struct line_left *line;
};

struct worth {
	struct fraction whole;   /* before refunds, without factors */
	struct fraction left;    /* after refunds, without factors */
	struct fraction boosted; /* after refunds, times each line's factor */
	/* The pieces that are left after refunds and edits, of the lines that
	 * count.  Lines that cost nothing are left out, unless they are asked
	 * for.  0 if no money is left, unless the question is about a part of
	 * an order. */
	int64_t pieces;
	int64_t pieces_whole;    /* the pieces before refunds */
	wide pieces_boosted;     /* pieces times each line's factor */
	struct fraction foreign; /* `whole` in the order's own currency */
	bool none_left; /* refunds, of lines or of money, took everything */
	size_t width;   /* the steps that working this out took */
};

/*
 * Answers the question for an order.  Shipping and fees have a factor of 1.
 * Where they are below zero, as some discounts are, all lines lose the same
 * part.
 *
 * With amounts up to MONEY_MAX everything is exact, but for two results that
 * lose a small part of a minor unit if they would need more than 128 bits.  The
 * first is the part paid by certain tenders.  The second is the boosted amount
 * of an order with a refund of money, a fee below zero, or a line with more
 * refunded than its worth.  An amount that does not fit at all (thousands of
 * lines of MONEY_MAX, times 1000) is so large that the ledger refuses it.
 */
void worth_of(const struct order *, const struct worth_ask *, struct worth *);

/* Finds how much a minor unit of an order's lines counts for a question: the part
 * paid by the tenders of the base, in the currency of the program. */
struct fraction worth_of_unit(const struct order *, const struct worth_ask *);

/* Whether the base asks for the part paid in certain ways, and that part is
 * not known yet.  Until it is known, nothing of the order counts. */
bool split_is_unknown(const struct base *, const struct order *);
/* A fraction in thousandths of a minor unit, rounded down, for sums over
 * several orders. */
int64_t fraction_milli(struct fraction);

/* units / per of a fraction, rounded; `per` > 0. The result is exact.  If it
 * does not fit, it is INT64_MAX; core/beyond.h finds such amounts
 * beforehand. */
int64_t fraction_times(
    struct fraction, int64_t units, int64_t per, enum rounding);

/* The part n / d of a fraction.  If the result does not fit in 128 bits, it is
 * slightly too small. */
struct fraction fraction_part(struct fraction, wide n, wide d);

/* a - b, which may be below zero.  If the result does not fit in 128 bits, it
 * is slightly inexact. */
struct fraction fraction_less(struct fraction a, struct fraction b);

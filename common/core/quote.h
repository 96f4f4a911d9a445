/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fold/fold.h"
#include "core/match.h"

/*
 * quote: what a basket would cost a member, and what it would earn.
 *
 * A basket is an order that nobody has placed.  The basket's lines are as the
 * shop would sell them to anybody: `net` after the shop's own discounts, and
 * `tax` on that amount.  The member's benefits and rewards come off those
 * amounts.
 *
 *  1. Minimums and conditions compare the net of the lines before any discount
 *     of the program, without gift cards and the lines that pay for a
 *     membership.
 *  2. A line takes the largest of the discounts that apply to it; of equal
 *     discounts, the first in the program.  Lines that pay for a membership and
 *     gift cards take none.
 *  3. Percentages are of the net of a line, rounded to the minor unit, halves
 *     up.  The line's tax shrinks with its net, rounded the same way.
 *  4. A reward that combines comes off what rule 2 left.  A reward that does
 *     not combine must be the only one: a second one is refused.  On its lines
 *     it replaces the discounts of rule 2, or is refused if it would give less.
 *     Together the used rewards take off at most the smallest `most_percent` of
 *     any of them, as a part of rule 1's amount.  A variable reward is cut to
 *     that bound; any other reward beyond the bound is refused.
 *  5. A reward's amount is spread over the lines that the reward is for, in
 *     proportion to their net, so that nothing remains.  A reward that is a
 *     product takes off one piece of the line with the dearest pieces.
 *  6. Shipping is free by a benefit or a reward, else it costs what the basket
 *     says.  A basket in another currency is quoted in that currency.  Money in
 *     the program is converted at the rate of the day, and discounts are
 *     rounded down.  If the program has no rate for the currency, nothing in
 *     the program that is an amount of money can be used.
 *  7. fold() works out what the basket earns, as if the basket were an order
 *     that is paid now, with what is left of each line.
 *
 * The quote is pure, like fold(): it allocates in the caller's arena, and its
 * texts are borrowed from the timeline and the basket.
 */

/* A reward the member asks to use. */
struct quote_wish {
	const char *reward; /* the reward's id */
	int64_t units; /* units of a variable reward; 0: the reward's cost */
};

struct quote_ask {
	/* The member's timeline without the basket; `now` is the basket's
	 * moment. */
	const struct timeline *timeline;
	const struct fold *fold; /* the result of fold() for that timeline */
	const struct order *basket;
	const char *brand; /* the store's brand; NULL: the store has none */
	int64_t store_id;
	int64_t since; /* the store's start; 0: none */
	/* The store's program; NULL: the one in effect by the timeline. */
	const struct program *program;
	int32_t version_id;
	const struct quote_wish *wishes;
	size_t nwishes;
};

struct quote_line {
	int64_t discount;    /* the amount taken off the line's net */
	int64_t net, tax;    /* the net after the discount, and the tax on it */
	const char *benefit; /* the giver of the discount; NULL: none */
	const char *reward;  /* the last reward used on the line; NULL: none */
};

/* The answer to a wish. */
struct quote_reward {
	const char *reward;
	int64_t units;    /* units that the member pays */
	int64_t discount; /* the amount taken off the lines, or off shipping */
	/* Why the reward is not used, such as "insufficient"; NULL: it is
	 * used. */
	const char *refused;
};

struct quote_earn {
	const char *wallet;
	enum wallet_unit unit;
	int64_t units;
};

struct quote {
	struct quote_line *lines; /* in the basket's order */
	size_t nlines;
	struct quote_reward *rewards; /* in the order of the wishes */
	size_t nrewards;
	int64_t discount; /* the sum of all lines' discounts */
	int64_t shipping; /* the price of shipping, with tax */
	/* The benefit or reward that makes shipping free; NULL: none does. */
	const char *free_shipping;
	int64_t pay; /* the price of lines, fees and shipping, with tax */
	struct quote_earn *earns; /* every wallet but charities' */
	size_t nearns;
};

void quote(struct arena *, const struct quote_ask *, struct quote *);

/* Lists the benefits that a member has at occasion->at, in the program's order,
 * and returns how many.  Tests of a basket (its amount, and the channel, brand
 * and shipping method where `occasion` does not have them) count as holding. */
size_t benefits_held(const struct program *, const struct member_view *,
    const struct occasion *, const struct benefit *out[BENEFITS_MAX]);

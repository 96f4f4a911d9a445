/* SPDX-License-Identifier: MIT */
#ifndef CORE_QUOTE_H
#define CORE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/fold/fold.h"
#include "core/match.h"

/*
 * quote: what a basket would cost a member, and what it would earn.
 *
 * A basket is an order that nobody has placed.  Its lines are as the shop
 * would sell them to anybody: `net` after the shop's own discounts, `tax`
 * on it.  What the member has of the program comes off that.
 *
 *  1. What counts for minimums and conditions is the net of the lines, less
 *     gift cards and the lines that pay for a membership, before anything
 *     of the program comes off.
 *  2. A line takes the largest of the discounts that hold for it, of equal
 *     ones the first in the program.  Lines that pay for a membership and
 *     gift cards take none.
 *  3. Percentages are of the net of a line, rounded to the minor unit,
 *     halves up; its tax shrinks with it, rounded the same way.
 *  4. A reward that combines comes off what 2. left.  One that does not
 *     stands alone: a second is refused, and on its lines it replaces what
 *     2. gave, or is refused if it would give less.
 *     What rewards together take off the lines is at most the smallest
 *     `most_percent` of those used, of what 1. counts: a variable one gives
 *     and takes as much as there is room for, any other is refused.
 *  5. An amount is spread over its lines by their net, to the last minor
 *     unit.  A product is one piece of the dearest line that is it.
 *  6. Shipping is free by a benefit or a reward, else what the basket says.
 *     Of a basket in another currency all this is in that currency: what the
 *     program says in money is converted at the rate of the day, what comes
 *     off rounded down.  Where the program names no rate, nothing that it
 *     says in money can be used.
 *  7. What it earns is what fold() gives for it, paid now, at what is left
 *     of each line.
 *
 * It is pure, like fold(): its memory is the arena's.
 */

/* A reward the member asks to use. */
struct quote_wish {
	const char *reward; /* id */
	int64_t units;      /* of its wallet, if it is variable; 0: its cost */
};

struct quote_ask {
	/* The member's, without the basket; `now` is the basket's moment. */
	const struct timeline *timeline;
	const struct fold *fold; /* of that timeline */
	const struct order *basket;
	const char *brand; /* the store's; NULL: none */
	int64_t store_id;
	int64_t since; /* the store's start; 0: none */
	/* The store's; NULL: what is in effect by the timeline. */
	const struct program *program;
	int32_t version_id;
	const struct quote_wish *wishes;
	size_t nwishes;
};

struct quote_line {
	int64_t discount;    /* off its net */
	int64_t net, tax;    /* what is left */
	const char *benefit; /* whose discount it is; NULL: none */
	const char *reward;  /* the last that took something off; NULL */
};

/* What became of a wish. */
struct quote_reward {
	const char *reward;
	int64_t units;       /* what it costs the member */
	int64_t discount;    /* off the lines, or off shipping */
	const char *refused; /* "insufficient" ...; NULL: it is used */
};

struct quote_earn {
	const char *wallet;
	enum wallet_unit unit;
	int64_t units;
};

struct quote {
	struct quote_line *lines; /* as the basket has them */
	size_t nlines;
	struct quote_reward *rewards; /* as they were asked for */
	size_t nrewards;
	int64_t discount;          /* of all lines */
	int64_t shipping;          /* with tax */
	const char *free_shipping; /* the benefit or reward; NULL: paid for */
	int64_t pay;               /* lines, fees, shipping, with tax */
	struct quote_earn *earns;  /* every wallet but charities' */
	size_t nearns;
};

void quote(struct arena *, const struct quote_ask *, struct quote *);

/*
 * The benefits a member has at `at`, in the program's order; returns how
 * many.  What is only known of a basket (its amount, and the channel, the
 * brand and the shipping method where `occasion` does not say them) is left
 * open.
 */
size_t benefits_held(const struct program *, const struct member_view *,
    const struct occasion *, const struct benefit *out[BENEFITS_MAX]);

#endif /* CORE_QUOTE_H */

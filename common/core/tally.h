/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"
#include "core/program.h"
#include "core/ratio.h"

/*
 * tally: sums over the lines of an order, and what its refunds take off them,
 * for core/worth.h.
 *
 * An order's sums may be worked out anew for each question, by all its lines
 * and refunds.  Whoever asks the same questions after each refund keeps
 * tallies: they remember each question, and a refund then costs as much as it
 * has lines, for each question.
 */

struct worth_ask;
struct fraction;

/* Pieces and amounts that the refunds of an order took of a line. */
struct returned {
	int64_t quantity; /* pieces */
	wide net, tax;
	size_t width; /* the steps that working this out took */
};

struct line_left {
	struct returned back; /* by the refunds so far */
	int64_t edited;       /* pieces edited away without a refund */
};

/* The loss of a whole order, in gross amounts. */
struct loss {
	wide whole;   /* the order's worth, edited-away pieces left out */
	wide lines;   /* the part of `whole` that came back by lines */
	wide money;   /* money paid back beyond the worth of all gone pieces */
	size_t width; /* the steps that working this out took */
};

/* Works out the loss of an order.  The loss is the same for every base, so a
 * caller who asks about many parts of one order works it out once.  If no more
 * money was paid back than the lines account for, only `money` is set, to 0. */
void loss_of(const struct order *, size_t nrefunds, struct loss *);

/* The amounts that the base counts and that cannot be read, as bits: with any
 * of them nothing of the order counts, since nobody knows how much it is. */
int amounts_unreadable(const struct base *, const struct order *);

/* Sums over the lines of an order that count. */
struct sums {
	wide base;     /* 5. the lines and what the program adds to them */
	wide returned; /* 6. what lines that came back take off the base */
	wide kept;     /* base less returned, where that is above zero */
	wide boosted;  /* kept, each line times its factor */
	int64_t pieces, pieces_whole;
	wide pieces_boosted;
	size_t width; /* the steps that working this out took */
};

/* Sums the lines for a question, by its tallies if it has any. */
struct sums sums_of(
    const struct order *, const struct worth_ask *, int *unreadable);

/* Makes tallies of an order, which live in the arena and borrow the order, and
 * the filters and factors of the questions.  The number of refunds that is
 * asked about never goes back. */
struct tallies *tallies_new(struct arena *, const struct order *);
/* The worth of the order, edited-away pieces left out. */
wide tallies_worth(const struct tallies *);
/* Find what is left of the i-th line, and the loss, after so many refunds. */
struct line_left tallies_line(struct tallies *, size_t nrefunds, size_t i);
void tallies_loss(struct tallies *, size_t nrefunds, struct loss *);
/* Where a question's part by tenders is kept; its d is 0 until it is set. */
struct fraction *tallies_tendered(struct tallies *, const struct worth_ask *);
/* Sums the i-th line alone for a question; zeros: the line does not count. */
struct sums tallies_sums_of_line(
    struct tallies *, const struct worth_ask *, size_t i);
/* Lists the lines of which the refunds so far took something, by index: once
 * for each time.  The list only grows, and is good until the next refund. */
const uint32_t *tallies_taken(const struct tallies *, size_t *n);

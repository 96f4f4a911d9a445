/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/program.h"
#include "wire/node.h"

/*
 * node_value: reads kinds of values that occur both in programs and in the
 * tests of programs.
 *
 * As in wire/node.h, -1 says that a value was refused and that the output is
 * unchanged.  Texts and lists are the arena's.
 */

/* Reads a text of 1 to FACT_TEXT_MAX bytes, if the object has the member. */
int node_text_in(
    const struct node *up, const char *key, struct arena *, const char **);
/* Reads a list of `least` to `most` texts of 1 to FACT_TEXT_MAX bytes; texts
 * may repeat. */
int node_words(const struct node *, struct arena *, size_t least, size_t most,
    struct words *);

/* Reads money as text, "0.50", from bounds[0] to bounds[1].  Bounds and output
 * are in 10^-places of the currency's whole unit: with 2 places, cents of a
 * euro. */
int node_money(
    const struct node *, int places, const int64_t bounds[2], int64_t *);
/* Reads a decimal number written as text, above 0 and at most `most`.  The
 * bound and the output are in 10^-places. */
int node_decimal(const struct node *, int places, int64_t most, int64_t *);

/* Chooses the sentence for a text that date_parse() refuses: "names a day that
 * does not exist" if the text has the form of a date, else `otherwise`. */
const char *date_fault(struct str, const char *otherwise);

/* SPDX-License-Identifier: MIT */
#ifndef WIRE_NODE_VALUE_H
#define WIRE_NODE_VALUE_H

#include "core/program.h"
#include "wire/node.h"

/*
 * node_value: the values that programs and their tests are both made of.
 *
 * As in wire/node.h, -1 says that a value was refused, and its output is as
 * it was.  Texts and lists are the arena's.
 */

/* Reads the member of an object, if it is there: a text of at most
 * FACT_TEXT_MAX bytes. */
int node_text_in(
    const struct node *up, const char *key, struct arena *, const char **);
/* Reads a list of `least` to `most` such texts; only a list of which one may
 * be repeated is no set. */
int node_words(const struct node *, struct arena *, size_t least, size_t most,
    struct words *);

/* Reads money as text, "0.50", from bounds[0] to bounds[1], both in units of
 * 10^-places of the currency's whole unit, as the output is. */
int node_money(
    const struct node *, int places, const int64_t bounds[2], int64_t *);
/* Reads a decimal number as text, above 0, at most `most`, which is in units
 * of 10^-places, as the output is. */
int node_decimal(const struct node *, int places, int64_t most, int64_t *);

/* The sentence for a text that is no date: that there is no such day, if the
 * text begins like a date, else `otherwise`. */
const char *date_fault(struct str, const char *otherwise);

#endif /* WIRE_NODE_VALUE_H */

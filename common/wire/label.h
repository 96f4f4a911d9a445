/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"

/*
 * label: names that people give to things (a vendor, a tag, a way to pay),
 * short enough to be kept with every order.
 *
 * A label is cut and cleaned and never refused, so that no points are lost by
 * an odd label.  Labels are the arena's.
 */

enum {
	LABEL_MAX = 255 /* bytes */
};

/* Makes the label of a text: without blanks around it, with a blank for each
 * control character, and cut after a whole character.  NULL if nothing is
 * left. */
const char *label_of(struct arena *, struct str);

/* Collects labels without repetitions, and at most as many as the smaller of
 * `room` and LINE_WORDS_MAX.  Empty labels are left out. */
struct labels {
	struct arena *arena;
	const char **list;
	size_t n, room;
};
void labels_init(struct labels *, struct arena *, size_t room);
void labels_add(struct labels *, struct str);
/* Adds the labels of a text like "a, b, c". */
void labels_add_parts(struct labels *, struct str);
struct words labels_words(const struct labels *);

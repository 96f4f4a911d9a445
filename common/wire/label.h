/* SPDX-License-Identifier: MIT */
#ifndef WIRE_LABEL_H
#define WIRE_LABEL_H

#include "base/arena.h"
#include "base/str.h"
#include "core/order.h"

/*
 * label: what people call things (a vendor, a tag, a way to pay), short
 * enough to be kept with every order.
 *
 * Nobody's points may be lost because a label is odd: it is cut and cleaned,
 * never refused.
 */

enum {
	LABEL_MAX = 255 /* bytes */
};

/* Without blanks around it and control characters in it, cut between two
 * characters.  NULL if nothing is left. */
const char *label_of(struct arena *, struct str);

/* Labels one by one; empty ones and repetitions are left out, and what is
 * beyond LINE_WORDS_MAX. */
struct labels {
	struct arena *arena;
	const char **list;
	size_t n, room;
};
void labels_init(struct labels *, struct arena *, size_t room);
void labels_add(struct labels *, struct str);
/* "a, b, c" */
void labels_add_parts(struct labels *, struct str);
struct words labels_words(const struct labels *);

#endif /* WIRE_LABEL_H */

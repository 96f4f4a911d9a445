/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SEAMS_H
#define MODEL_SEAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#include "history.h"

/* seams: checks property (h) of model.h. */

/* How many folds from a seam were tried, and how many of them were short, or
 * wanted the lots that the seam has apart. */
struct seams_tried {
	size_t folds, ends, shorts, wants;
};
extern struct seams_tried seams_tried;

/* Makes a seam as the timeline says, and folds from that.  False if there is no
 * seam, or if the fold is not as the whole fold. */
bool seam_holds(struct arena *, const struct inbox *, const struct timeline *,
    struct buf *why);
/* Makes seams at random in the timeline of an inbox, folds from them, and
 * compares. */
bool seams_hold(
    struct arena *, const struct inbox *, uint64_t seed, struct buf *why);

#endif /* MODEL_SEAMS_H */

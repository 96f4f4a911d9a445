/* SPDX-License-Identifier: MIT */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/fact.h"
#include "core/fold/fold.h"

#include "dice.h"
#include "spec.h"

/*
 * history: what a random member does in one to three years, as the list of
 * deliveries about it.
 *
 * Also an inbox, which makes facts of the deliveries as the real receiver and
 * ledger do.  The facts are the same in whatever order and however often the
 * deliveries come.
 */

enum {
	TOLD_MAX = 64,
	HISTORY_ERAS_MAX = 2,
	STORE = 1,
};

/* A delivery: a part of an order, or another fact. */
struct told {
	int64_t at; /* when the fact happened; a delivery is never earlier */
	struct fact fact;
};

struct history {
	struct told list[TOLD_MAX];
	size_t n;
	int64_t end;
	struct era eras[HISTORY_ERAS_MAX];
	size_t neras;
};

/* Makes a history in the arena.  A redemption is part of the history only if
 * the wallet has enough units at that time, as fold() computes from the facts
 * known then.  `scratch` is the memory of these folds. */
void history_make(struct dice *, const struct spec *, struct arena *,
    struct arena *scratch, struct history *);

struct inbox {
	struct arena *arena;
	const struct history *history;
	struct fact facts[TOLD_MAX]; /* sorted by fact_compare() */
	size_t n;
	int64_t steps_most; /* the bound of a fold's steps; 0: no bound */
};

void inbox_init(struct inbox *, struct arena *, const struct history *);
void inbox_take(struct inbox *, const struct told *);

/* Folds the facts of the inbox. */
void inbox_fold(
    const struct inbox *, struct arena *, int64_t now, struct fold *);
/* Folds what happened before a seam, until the seam. */
void inbox_fold_until(
    const struct inbox *, struct arena *, int64_t seam, struct fold *);
/* Folds the facts that happen at or after the seam of `how`, and makes the next
 * seam as `how` says.  Nothing but the seams of `how` is used. */
void inbox_fold_from(const struct inbox *, struct arena *, int64_t now,
    const struct timeline *how, struct fold *);

#endif /* MODEL_HISTORY_H */

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
 * history: the random deeds of a member in one to three years, as the
 * deliveries that tell of the deeds; and an inbox that makes facts of
 * deliveries, in whatever order and however often the deliveries come, as the
 * real receiver and ledger do.
 */

enum {
	TOLD_MAX = 64,
	HISTORY_ERAS_MAX = 2,
	STORE = 1,
};

/* A delivery: a part of an order, or another fact. */
struct told {
	int64_t at; /* when the fact happened, the earliest time of delivery */
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
 * fold() says that the wallet has enough, by the facts known at the time of
 * the redemption; `scratch` is the memory of these folds. */
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

#endif /* MODEL_HISTORY_H */

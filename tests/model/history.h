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
 * history: what a member did in one to three years, at random, as what is
 * delivered of it; and an inbox that makes facts of deliveries, in whatever
 * order and however often they come, as the real receiver and ledger do.
 */

enum {
	TOLD_MAX = 64,
	HISTORY_ERAS_MAX = 2,
	STORE = 1,
};

/* One delivery: a part of an order, or another fact. */
struct told {
	int64_t at; /* when it happened, and at best was delivered */
	struct fact fact;
};

struct history {
	struct told list[TOLD_MAX];
	size_t n;
	int64_t end;
	struct era eras[HISTORY_ERAS_MAX];
	size_t neras;
};

/* Everything is the arena's.  A redemption is only in it if fold() said, of
 * what was known then, that there is enough; `scratch` is for that. */
void history_make(struct dice *, const struct spec *, struct arena *,
    struct arena *scratch, struct history *);

struct inbox {
	struct arena *arena;
	const struct history *history;
	struct fact facts[TOLD_MAX]; /* by fact_compare() */
	size_t n;
	int64_t steps_most; /* of a fold; 0: any */
};

void inbox_init(struct inbox *, struct arena *, const struct history *);
void inbox_take(struct inbox *, const struct told *);

/* fold() of what is in the inbox. */
void inbox_fold(
    const struct inbox *, struct arena *, int64_t now, struct fold *);

#endif /* MODEL_HISTORY_H */

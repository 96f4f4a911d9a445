/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/fold/fold.h"

/* books: sums of the movements of a fold.  All movements with the same key have
 * one sum, as in a ledger.  Also checks of these sums that hold for every
 * program. */

struct book {
	struct movement key; /* key.units is the sum of the key's movements */
};

struct books {
	struct book *list; /* sorted by key, no sum is zero */
	size_t n;
};

/* Sums the movements of a fold.  The keys use the texts of the fold. */
void books_of(struct arena *, const struct fold *, struct books *);

/* Whether both books have the same sums; if not, `why` gets the first
 * difference. */
bool books_equal(const struct books *, const struct books *, struct buf *why);

/* Whether `b` has every sum of `a`, equal or larger; if not, `why` gets the
 * first sum that is missing or smaller. */
bool books_contain(
    const struct books *b, const struct books *a, struct buf *why);

/* Adds to the sums of `posted` their differences from `should`, so that both
 * have the same sums afterwards.  The texts of new keys are copied to the
 * arena. */
void books_post(
    struct arena *, struct books *posted, const struct books *should);

/* Whether two folds have the same tiers, memberships, balances and due time; if
 * not, `why` gets the first difference. */
bool standing_equal(const struct fold *, const struct fold *, struct buf *why);

struct straight {
	int64_t now;
	bool one_program; /* all wallet policies are of one version */
};

/* Properties (d) and (e) of model.h: whether balances are the sums of the
 * movements and of the lots, and whether no balance is below the limit of the
 * wallet's policy. */
bool books_are_straight(const struct fold *, const struct books *,
    const struct straight *, struct buf *why);

void books_print(const struct books *, struct buf *);

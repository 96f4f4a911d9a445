/* SPDX-License-Identifier: MIT */
#ifndef MODEL_BOOKS_H
#define MODEL_BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/fold/fold.h"

/*
 * books: what stands in a ledger by the movements of a fold, summed by key;
 * and what must be true of it whatever the program says.
 */

struct book {
	struct movement key; /* its units are the sum */
};

struct books {
	struct book *list; /* by key, none of zero */
	size_t n;
};

void books_of(struct arena *, const struct fold *, struct books *);

/* Whether both are the same; if not, `why` says the first difference. */
bool books_equal(const struct books *, const struct books *, struct buf *why);

/* What stands in `a` stands in `b` too, or more of it. */
bool books_contain(
    const struct books *b, const struct books *a, struct buf *why);

/* Posts to `posted` the difference to what should stand. */
void books_post(
    struct arena *, struct books *posted, const struct books *should);

/* Tiers and memberships too. */
bool standing_equal(const struct fold *, const struct fold *, struct buf *why);

struct straight {
	int64_t now;
	bool one_program; /* the wallets' policies never changed */
};

/* (d) and (e): balances are the sums of the movements and of the lots, and
 * nothing is below what the policy allows. */
bool books_are_straight(const struct fold *, const struct books *,
    const struct straight *, struct buf *why);

void books_print(const struct books *, struct buf *);

#endif /* MODEL_BOOKS_H */

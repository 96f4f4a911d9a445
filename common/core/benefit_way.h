/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/platform.h"
#include "core/program.h"

/*
 * benefit_way: what a platform makes of a benefit, and what of a benefit a
 * platform cannot do.
 *
 * A benefit that cannot be made as its program says is not made, and the program
 * is published all the same, since the shop may give the benefit itself.  The page of
 * the program language has the same tables.
 */

enum benefit_form {
	BENEFIT_NONE = 1,  /* not made: benefit_cannot() says why */
	BENEFIT_AUTOMATIC, /* a discount for a segment of customers */
	BENEFIT_VIRTUAL,   /* given by the shop's plugin */
	BENEFIT_TOLD,      /* nothing is made: the shop is told that it holds */
	BENEFIT_FORMS = BENEFIT_TOLD,
};

/* The automatic discounts that a shop can have; more benefits are not made. */
enum {
	BENEFITS_AUTOMATIC_MAX = 25
};

/* Finds in which form a platform has a benefit of the program. */
enum benefit_form benefit_form(
    const struct program *, size_t benefit, enum platform);
/* Returns the word for a form: "automatic". */
const char *benefit_form_name(enum benefit_form);

/* Says what a platform cannot do of a benefit, as the end of a sentence that
 * begins with the platform: "cannot look at the channel of an order".  NULL: the
 * platform can do all of it. */
const char *benefit_cannot(
    const struct program *, size_t benefit, enum platform);

/* Returns a reward that takes off an order what a benefit does, for what the two
 * have in common at a shop. */
struct reward benefit_reward(const struct benefit *);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/platform.h"
#include "core/program.h"

/*
 * reward_way: in which form a platform has a reward, and what of a reward a
 * platform cannot do.
 *
 * A reward that cannot be made as its program says is made in no other way: a
 * program with such a reward is not published for a store of that platform.  The
 * page of the program language has the same tables.
 */

enum reward_form {
	FORM_NONE = 1, /* the platform cannot make it as the program says */
	FORM_COUPON,   /* a code for one order of one customer */
	FORM_VIRTUAL,  /* a reservation that the shop's plugin honours */
	FORM_CREDIT,   /* store credit */
	FORM_CARD,     /* a gift card */
	FORM_TASK,     /* something for people to do */
	FORM_OWN,      /* made by programs of the merchant's own */
	FORM_NOTHING,  /* nothing is made */
};

/* Finds in which form a platform has a reward. */
enum reward_form reward_form(const struct reward *, enum platform);
/* Returns the word for a form: "coupon". */
const char *reward_form_name(enum reward_form);

/* Says what a platform cannot do of a reward, as the end of a sentence that
 * begins with the platform: "cannot limit a discount to tags".  NULL: the platform
 * can do all of the reward. */
const char *reward_cannot(const struct reward *, enum platform);

/* Finds the smallest order that the coupon of a redemption is good for, in minor
 * units; 0: any.  The coupon pays at most reward.most_percent of that order. */
int64_t reward_minimum(const struct reward *, int64_t units);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fact.h"

/*
 * referral: which members brought which friends, and whether that counts.
 *
 * A referral is two facts: "referral" of the member who brought a friend, and
 * "referred" of the friend.  Either both count, or neither.
 *
 *  1. Nobody can refer themselves.  The friend is another member than the
 *     referrer, and so is the buyer of the order that the referral is tied to.
 *  2. A referral that is tied to an order counts, from its own time on, if that
 *     order has earned.  The referral is undone when nothing of the order is
 *     left.
 *  3. Each friend is counted only once.  Of several referrals of one friend,
 *     the earliest one that is not undone counts, by time, then store, then id.
 *     If the earliest of all is undone, that referral counted until its
 *     undoing, and the next referral counts from its own time on.
 */
struct referral {
	int64_t at, store_id;
	const char *id;           /* the id of the "referral" fact */
	int64_t referrer, friend; /* members */
	bool is_tied;             /* depends on an order */
	const struct fact *order; /* NULL: the order is not known */
	int64_t ordered_by;       /* the order's member; 0: none */

	/* Set by referrals_judge(), with the meaning that they have in struct
	 * fact. */
	const char *nothing;
	int64_t undone_at;
};

/* Judges all referrals of one friend, given in any order.  The arena is for
 * what the judging alone needs. */
void referrals_judge(struct arena *, struct referral *, size_t n);

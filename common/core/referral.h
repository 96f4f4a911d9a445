/* SPDX-License-Identifier: MIT */
#ifndef CORE_REFERRAL_H
#define CORE_REFERRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fact.h"

/*
 * referral: who brought whom, and whether that counts.
 *
 * A referral is two facts: "referral" of the member who brought a friend,
 * "referred" of the friend.  Both count, or neither.
 *
 *  1. Nobody brings himself: the friend is another member than the referrer,
 *     and so is whose the order is that the referral is tied to.
 *  2. One that is tied to an order counts from its own time on if that order
 *     has earned, and is undone when nothing of that order is left.
 *  3. A friend counts once: of the referrals of one friend that stand the
 *     earliest does, by time, then store, then id.  One that was undone had
 *     counted until then if it was the earliest of all; after it the next
 *     one counts, from its own time on.
 */
struct referral {
	int64_t at, store_id;
	const char *id;           /* of the fact "referral" */
	int64_t referrer, friend; /* members */
	bool is_tied;             /* to an order */
	const struct fact *order; /* NULL: nothing is known of it */
	int64_t ordered_by;       /* the member whose it is; 0: nobody's */

	/* by referrals_judge(): as in struct fact */
	const char *nothing;
	int64_t undone_at;
};

/* Judges all referrals of one friend, given in any order. */
void referrals_judge(struct referral *, size_t n);

#endif /* CORE_REFERRAL_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fold/fold.h"
#include "ledger/timeline/timeline.h"

/*
 * member_edit: saves what an operator reports about a member, such as an
 * adjustment.
 *
 * An operator writes facts, never entries.  Each function is one transaction,
 * which locks the member's timeline, saves the fact unless the timeline refuses
 * it, and makes the timeline due.  Then the process `schedule` posts the
 * entries.
 */

struct member_home {
	struct member_key key;
	/* The first store that knows the member; 0: no store does. */
	int64_t store_id;
	int64_t created_at;
};

/* Finds a member by number.  REJECT if there is no such member. */
int member_home(struct pg *, struct arena *, int64_t member_id,
    struct member_home *, struct err *) MUST_CHECK;

/*
 * Saves an adjustment, redemption, capture, release or event that happened at
 * fact->at; the fact's store and program are filled in.  *after becomes the
 * member's fold with the fact.  If the same fact was saved before, *told
 * becomes false and nothing changes.  REJECT if the timeline refuses the fact,
 * or if the fact's id was used for something else.
 */
int member_write(const struct world *, const struct member_home *,
    struct fact *, struct fold *after, bool *told, struct err *) MUST_CHECK;

struct member_merged {
	int64_t names, orders, facts; /* numbers of moved rows */
};
/* Moves the names, orders and facts of a member to another member of the
 * tenant, in the caller's transaction, which has locked the tenant and both
 * timelines. */
int member_move(const struct world *, struct member_key from,
    struct member_key to, struct member_merged *, struct err *) MUST_CHECK;
/* The merger of one member into another. */
struct member_merger {
	const struct member_home *from, *into;
	/* The operator's reason and name, to be saved with the merger. */
	const char *reason, *by;
};
/* Merges the member `from` into the member `into`.  If `from` has no names,
 * orders or facts, nothing changes. */
int member_merge(const struct world *, const struct member_merger *,
    struct member_merged *, struct err *) MUST_CHECK;
/* Gives the customer `into` the orders and facts that are held for the guest
 * `from`.  The guest's address is not verified by this claim: later orders with
 * the address are held again.  REJECT if nothing is held. */
int member_claim(const struct world *, const struct member_merger *,
    struct member_merged *, struct err *) MUST_CHECK;

/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_MEMBER_EDIT_H
#define LEDGER_MEMBER_EDIT_H

#include <stdint.h>

#include "base/err.h"
#include "core/fold/fold.h"
#include "ledger/timeline/timeline.h"

/*
 * member_edit: what an operator writes down about a member.
 *
 * These are facts, never entries: the member's timeline is locked, the fact
 * is judged by it and kept, and schedule, which may post, is told to look.
 * Each is one transaction.
 */

struct member_home {
	struct member_key key;
	int64_t store_id; /* the first that knows them; 0: none does */
	int64_t created_at;
};

/* By number.  REJECT if there is none. */
int member_home(struct pg *, struct arena *, int64_t member_id,
    struct member_home *, struct err *) MUST_CHECK;

/*
 * An adjustment, redemption, capture, release or event, at fact->at; its
 * store and program are filled in.  REJECT if the timeline refuses it, or
 * its id was used for something else.  *after is what the member will have
 * when it is posted; told again, *told is false and nothing is another.
 */
int member_write(const struct world *, const struct member_home *,
    struct fact *, struct fold *after, bool *told, struct err *) MUST_CHECK;

struct member_merged {
	int64_t names, orders, facts; /* that moved */
};
/* Moves the names, orders and facts of one member to another of the tenant, in
 * the caller's transaction, which has locked the tenant and both timelines. */
int member_move(const struct world *, struct member_key from,
    struct member_key to, struct member_merged *, struct err *) MUST_CHECK;
/* One member is to become another. */
struct member_merger {
	const struct member_home *from, *into;
	const char *reason, *by; /* an operator's; both are kept */
};
/* Merges two members.  Where the first has nothing that moves, nothing is
 * another. */
int member_merge(const struct world *, const struct member_merger *,
    struct member_merged *, struct err *) MUST_CHECK;
/* Gives a customer what is held for a guest.  A claim does not verify the
 * address: orders under it that come later are held again.  REJECT if nothing
 * is held. */
int member_claim(const struct world *, const struct member_merger *,
    struct member_merged *, struct err *) MUST_CHECK;

#endif /* LEDGER_MEMBER_EDIT_H */

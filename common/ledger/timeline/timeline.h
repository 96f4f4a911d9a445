/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_TIMELINE_TIMELINE_H
#define LEDGER_TIMELINE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/instant.h"
#include "core/fold/fold.h"
#include "ledger/world.h"

/*
 * timeline: members whose entries come from all that happened to them.
 *
 * A member has a row in member_state from the moment that their program or
 * one of their facts looks beyond a single order; from then on fold() says
 * what should stand, and the difference to what does stand is posted.
 * Doing it again, at any time and by anybody, changes nothing further.
 *
 *  1. What stands is compared movement by movement: by source, rule, wallet,
 *     charity and pair of accounts.  The lot an entry names is the last one
 *     its movement filled, moved or drew on.  More is posted as it is; less is
 *     posted the other way round, as a correction (entry.corrects).
 *  2. All entries of one fold have one revision, the member's next; parts
 *     are numbered within (store, source, source id).
 *  3. A fact's program is that in effect at its time when it is first
 *     folded, and stays so; an order of before its store's start has none
 *     for good, and one that has is never again before a start.
 *  4. A redemption, capture or release is taken in only if fold() does not
 *     refuse it, and if no older redemption is refused because of it; else
 *     it is kept as refused and counts for nothing ever after.
 *  5. What time alone does follows the calendar of the first store that
 *     knows the member.
 *  6. Who was looked at by a clock that was ahead is looked at again when it
 *     is right, and so is who has no timeline and had a lot vest by it: such
 *     a member has one from then on.
 *  7. A timeline that takes more steps than one among others may is set aside
 *     (member_state.steps): what has happened is kept, nothing is posted of
 *     it, and timeline_alone() looks at it as soon as it can.  It does so by
 *     itself, one in the whole database at a time, and holds no lock while it
 *     does.  What takes more steps than even that may is left for a day.
 *
 * Locks: balances of wallet 1, then member_state, then budgets, each in
 * ascending order (ledger/locks.h has those before).
 */

#define TIMELINE_AHEAD (60 * INSTANT_SECOND) /* a clock may be, unnoticed */

/*
 * Steps (core/fold/fold.h), of 0.7 to 5 ns each: of one member among others; of all
 * members in one transaction, which hold up whoever waits for a lock of it; of
 * one member alone.
 */
#define TIMELINE_STEPS_MAX       INT64_C(100000000)
#define TIMELINE_BATCH_STEPS_MAX INT64_C(500000000)
#define TIMELINE_ALONE_STEPS_MAX INT64_C(10000000000)

enum {
	FOLD_MEMBERS_MAX = 100,       /* in one transaction of schedule */
	TIMELINE_VERSIONS_MAX = 1000, /* of one store's programs */
};

struct member_key {
	int64_t tenant_id, member_id;
};

struct timeline_refused {
	int64_t store_id, member_id;
	const char *fact_id, *reason;
};

/* A member whose timeline cannot be posted, and why. */
struct timeline_stuck {
	int64_t member_id;
	const char *reason;
};

struct timeline_result {
	size_t members, entries;      /* folded; posted */
	struct timeline_stuck *stuck; /* timeline_due(), timeline_alone() */
	size_t nstuck;
	struct timeline_stuck *aside; /* set aside now, and not before */
	size_t naside;
	size_t ahead; /* timeline_due() only: of members, by a clock ahead */
	struct timeline_refused *refused;
	size_t nrefused;
};

/* Takes the first of the locks, for a caller who changes whose facts are
 * whose. */
int timeline_lock(const struct world *, const struct member_key *, size_t n,
    struct err *) MUST_CHECK;

/* Folds these members and posts the differences, within the caller's
 * transaction.  A member may be named more than once. */
int timeline_post(const struct world *, const struct member_key *, size_t n,
    struct timeline_result *, struct err *) MUST_CHECK;

/* One member's timeline as of the world's `now`, and what it comes to.  All of
 * it lives in the world's arena, or points to the world's programs. */
struct timeline_view {
	bool found; /* false: there is no program, and no timeline or fold */
	struct timeline timeline;
	struct fold fold;
	const char *refused; /* why `extra` would not be taken in; or NULL */
};

/* Folds one member by what is known, as if `extra` (NULL: nothing) had happened
 * as well; posts nothing and locks nothing. */
int timeline_look(const struct world *, struct member_key,
    const struct fact *extra, struct timeline_view *, struct err *) MUST_CHECK;

/* Members for whom time has changed something: up to FOLD_MEMBERS_MAX of
 * them, in one transaction; fewer than there are if others are at work.  If
 * one of them is refused they are worked on one by one, and who is refused
 * alone is left for a day, so that nobody else has to wait for him. */
int timeline_due(
    const struct world *, struct timeline_result *, struct err *) MUST_CHECK;
/*
 * The member that has been due longest of those that were set aside, alone;
 * none if somebody else is at it.  What takes even here too long is stuck.
 * Folding may take a minute; no transaction is open and no lock held but while
 * the timeline is read and posted.
 */
int timeline_alone(
    const struct world *, struct timeline_result *, struct err *) MUST_CHECK;
/* How many are due, whoever is at work on them. */
int timeline_due_count(
    const struct world *, int64_t *n, struct err *) MUST_CHECK;

/* Since when the oldest lot, member or payout is due; 0: nothing is. */
int timeline_due_oldest(
    const struct world *, int64_t *at, struct err *) MUST_CHECK;

#endif /* LEDGER_TIMELINE_TIMELINE_H */

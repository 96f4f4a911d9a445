/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/instant.h"
#include "core/fold/fold.h"
#include "ledger/world.h"

/*
 * timeline: members whose entries are worked out from everything that happened
 * to them.
 *
 * A member has a row in member_state from the moment that the member's program
 * or one of the member's facts looks beyond a single order.  From then on
 * fold() works out the entries that the ledger should have.  The difference
 * between these entries and those in the ledger is posted.  Doing this again,
 * at any time and by any process, changes nothing further.
 *
 *  1. The entries that the ledger should have are compared with those that it
 *     has, for each source, rule, wallet, charity and pair of accounts.  An
 *     entry names the lot that its movement filled, moved or drew on last.
 *     Missing units are posted as they are; surplus units are posted with the
 *     accounts exchanged, as a correction (entry.corrects).
 *  2. All entries of one fold get the same revision: the member's last revision
 *     plus 1.  Within each (store, source, source id) the parts are numbered
 *     from 1.
 *  3. A fact keeps the program that is in effect at the fact's time when the
 *     fact is first folded.  An order from before its store's start (earn_from)
 *     has no program.  An order that has a program keeps it, even if another
 *     start is set later.
 *  4. A redemption, capture or release is accepted only if fold() does not
 *     refuse it, and if no older redemption is refused because of it.
 *     If not, the fact is saved as refused, and never has any effect.
 *  5. Everything that only the passing of time causes (lots vest, tiers end)
 *     follows the calendar of the first store that knows the member.
 *  6. If a process whose clock was ahead has folded a member, the member is
 *     folded again by a process whose clock is right.  A member without a
 *     timeline gets a timeline, and is folded, if a lot has vested too early by
 *     a clock that was ahead.
 *  7. A member whose timeline takes too many steps to be folded together with
 *     other members is set aside (member_state.steps): the facts are saved,
 *     nothing is posted, and timeline_alone() folds the member as soon as
 *     possible.  Only one such member is folded at a time in the whole
 *     database, without a lock on the member.  A member who takes too many
 *     steps even for timeline_alone() is not folded again for a day.
 *  8. A member with many orders is set aside, too, if a transaction has many more
 *     of them: one fold alone does for all that have come until then.  Parked
 *     messages (worker/work.c) wait while its entries are posted.
 *
 * Locks: balances of wallet 1, then member_state, then budgets, each in
 * ascending order (ledger/locks.h has the locks before these).
 *
 * Results are in the world's arena, or point to the world's programs.  Units
 * are those of the wallet, instants those of base/instant.h.
 */

/* By how much a clock may be ahead before it is noticed. */
#define TIMELINE_AHEAD (60 * INSTANT_SECOND)

/*
 * The most steps (core/fold/fold.h) that a fold may take; a step takes 0.7 to 5
 * ns.  The first number is for one member who is folded together with others.
 * The second is for all members of one transaction together, because other
 * processes wait for the transaction's locks.  The third is for one member who
 * is folded alone.
 */
#define TIMELINE_STEPS_MAX       INT64_C(100000000)
#define TIMELINE_BATCH_STEPS_MAX INT64_C(500000000)
#define TIMELINE_ALONE_STEPS_MAX INT64_C(10000000000)

enum {
	/* Members of one call of timeline_due(). */
	FOLD_MEMBERS_MAX = 100,
	/* Of each store's program, only the newest versions are used. */
	TIMELINE_VERSIONS_MAX = 1000,
	/* By rule 8: the least orders of a member in a transaction, and those
	 * that the member has before the seam. */
	TIMELINE_BURST = 8,
	TIMELINE_BURST_AFTER = 512,
};

/* A fact that was not accepted, and the reason. */
struct timeline_refused {
	int64_t store_id, member_id;
	const char *fact_id, *reason;
};

/* A member whose timeline cannot be posted, and the reason. */
struct timeline_stuck {
	int64_t member_id;
	const char *reason;
};

struct timeline_result {
	size_t members; /* members that were folded */
	size_t entries; /* entries that were posted */
	struct timeline_refused *refused;
	size_t nrefused;
	/* Members that this call set aside, and that were not set aside
	 * before. */
	struct timeline_stuck *aside;
	size_t naside;

	/* Only timeline_due() and timeline_alone() set the fields below. */
	struct timeline_stuck *stuck;
	size_t nstuck;
	/* Members that a process whose clock was ahead has folded (rule 6). */
	size_t ahead;
};

/* Takes the locks on the members' balances, which come first in the order of
 * locks, for a caller that moves facts from one member to another. */
int timeline_lock(const struct world *, const struct member_key *, size_t n,
    struct err *) MUST_CHECK;

/*
 * An order of which the ledger's row is older than `order`, or that has no row
 * yet.  The caller writes the row after the fold, so that each order is written
 * once in a transaction.
 */
struct unwritten_order {
	struct member_key key; /* the order's member, also in an older row */
	int64_t store_id, order_id;
	/* The order as order_counted() gives it; its refunds get sorted. */
	struct order *order;
	size_t size; /* of the order in bytes */
	bool held;   /* the order is held for a guest */

	/* As the caller knows them; after timeline_post_with() as the fold has
	 * them, if the member was folded. */
	int32_t version_id;
	int32_t revision;
	int64_t points;
	const char *reason;

	bool is_known; /* for the timeline alone: the ledger has an older row */
};

/* The members that timeline_post_with() folds, and those of their orders that
 * are unwritten.  The pointers get sorted.  `made` has the members that this
 * transaction has made, sorted: of one among them the ledger has no balance,
 * and nothing but names and facts. */
struct timeline_news {
	const struct member_key *keys;
	size_t nkeys;
	bool locked; /* the caller has taken the first of the locks */
	const struct member_made *made;
	size_t nmade;
	struct unwritten_order **unwritten;
	size_t nunwritten;
	/* Members who have, or had, an order that the caller has written or
	 * moved before the fold, of whom no seam is used; in any order, 0 among
	 * them means nobody. */
	const struct member_key *written;
	size_t nwritten;
};

/* Folds these members, of whom the caller may have written or moved orders, and
 * posts the differences, within the caller's transaction.  A member may be named
 * more than once.  REJECT if there are too
 * many members for one transaction, or if a member cannot be posted because the
 * ledger is wrong; then the caller must not commit. */
int timeline_post(const struct world *, const struct member_key *, size_t n,
    struct timeline_result *, struct err *) MUST_CHECK;
/* timeline_post() for members with orders that are unwritten. */
int timeline_post_with(const struct world *, const struct timeline_news *,
    struct timeline_result *, struct err *) MUST_CHECK;

/* The timeline of a member as of the world's `now`, and its fold. */
struct timeline_view {
	bool found; /* false: no program, timeline or fold */
	struct timeline timeline;
	struct fold fold;
	/* Why `extra` would be refused; NULL: `extra` would be accepted. */
	const char *refused;
};

/* Folds one member as if `extra` (NULL: nothing) had happened as well.  Posts
 * nothing and locks nothing.  REJECT if the timeline takes more steps than
 * timeline_alone() allows. */
int timeline_look(const struct world *, struct member_key,
    const struct fact *extra, struct timeline_view *, struct err *) MUST_CHECK;

/*
 * Folds up to FOLD_MEMBERS_MAX members that are due, in a transaction of its
 * own.  Members that other processes have locked are left out.  If the
 * transaction is refused, the members are folded one by one.  A member who is
 * refused even alone is listed in `stuck`, and is not due again for a day, so
 * that the other members need not wait.
 */
int timeline_due(
    const struct world *, struct timeline_result *, struct err *) MUST_CHECK;
/*
 * Of the members that were set aside, folds the one that has been due longest.
 * Does nothing while another process folds such a member.  A member who takes
 * too many steps even alone is listed in `stuck`.  Folding may take a minute,
 * but transactions are open, and locks held, only while the timeline is read
 * and posted.
 */
int timeline_alone(
    const struct world *, struct timeline_result *, struct err *) MUST_CHECK;
/* Folds the whole timelines of some members with a seam (seam.c), and lists the
 * members whose whole timeline gives another seam.  `lies` has room for
 * SEAMS_MAX members.  The world's `now` is not used. */
enum {
	SEAMS_MAX = 10
};
struct timeline_lie {
	struct member_key key;
	const char *what;
};
int timeline_seams_verify(const struct world *, struct timeline_lie *lies,
    size_t *n, struct err *) MUST_CHECK;
/* timeline_alone_hinder() keeps timeline_alone() of every process from posting until
 * timeline_alone_let(); *hindered is false if one is posting, or waits to post.  Whoever posts orders
 * of large accounts in between does not wait for a member whose fold is posted. */
int timeline_alone_hinder(struct pg *, bool *hindered, struct err *) MUST_CHECK;
/* False if that has failed, and is to be tried again. */
bool timeline_alone_let(struct pg *);
/* Counts the members that are due, including those that other processes are
 * folding. */
int timeline_due_count(
    const struct world *, int64_t *n, struct err *) MUST_CHECK;
/* Finds the time since which the oldest lot, member or payout has been due; 0:
 * nothing is due. */
int timeline_due_oldest(
    const struct world *, int64_t *at, struct err *) MUST_CHECK;

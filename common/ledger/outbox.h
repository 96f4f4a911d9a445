/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/world.h"
#include "wire/shop/shop.h"

/*
 * outbox: the balances that platforms have not taken yet.  The statements that
 * write balances (balances.h) put them into the outbox.
 *
 * A process claims a store for one call, by a lease in the database (SKIP
 * LOCKED).  With leases, several push processes neither wait for one another
 * nor call a store at the same time.  No lock is held during a call.
 */

enum {
	/* Tries are counted only up to this number.  The wait before the next
	 * try depends on the count. */
	PUSH_TRIES_MAX = 10,
	OUTBOX_SIZE_MAX = 100000, /* rows are counted up to this number */
};

struct outbox_claim {
	int64_t tenant_id, store_id;
	/* The end of the lease by the database's clock, which also identifies
	 * the process that has the lease. */
	int64_t leased_until;
	int32_t tries; /* failed calls to this store since its last success */
	struct push_item items[PUSH_BATCH_MAX];
	int64_t member_ids[PUSH_BATCH_MAX];
	int32_t row_tries[PUSH_BATCH_MAX];
	/* Whether an older call with this row, which got no answer, may still
	 * arrive at the platform. */
	bool doubtful[PUSH_BATCH_MAX];
	size_t n;             /* number of rows; > 0 */
	bool define;          /* the shop is to be given its definitions */
	int64_t after_member; /* rows of members with larger ids come first */
};

/*
 * Claims a store that has rows due for lease_ms, in a transaction of its own,
 * and with the store some of these rows: at most the batch_max of the store's
 * platform.  *found is false if no store has rows due.  What else push tells of
 * the members (profiles.h) is in the world's arena, and belongs to the programs
 * of the world.
 */
int outbox_claim(const struct world *, int64_t lease_ms, struct outbox_claim *,
    bool *found, struct err *) MUST_CHECK;

/* The outcome of the call for which a store was claimed. */
struct outbox_result {
	/* The outcome of each item.  If answer->all is not PUSH_DONE, the call
	 * failed as a whole, and answer->all is the outcome of every item. */
	const struct push_answer *answer;
	/* For each row that is to be sent again: how long the row waits. */
	int64_t row_wait_ms[PUSH_BATCH_MAX];
	/* How long the store waits until its next call. */
	int64_t store_wait_ms;
	const char *why; /* why the call failed; NULL: it succeeded */
	/* If no answer came: how long the call may still arrive at the
	 * platform. 0: the call was answered. */
	int64_t doubt_ms;
};

/*
 * Ends a claim, in a transaction of its own.  Rows that the platform has taken
 * are deleted, unless a newer balance waits.  But if an older call with the row
 * may still arrive, the row is kept, and sent once more when that call can no
 * longer arrive.  Rows to retry stay and wait.  Rejected rows stay with the
 * reason, and are not sent.  Then the lease ends, and the store can be claimed
 * again.  If the lease ran out and another process has the store, nothing is
 * changed, and *lost is true.
 */
int outbox_finish(struct pg *, struct arena *, const struct outbox_claim *,
    const struct outbox_result *, bool *lost, struct err *) MUST_CHECK;

/* Counts the rows that wait for stores to which balances can be pushed, now or
 * later: `push --drain` waits until there are none.  *wait_ms becomes the time
 * until the next of these rows may be due. */
int outbox_due(
    struct pg *, int64_t *rows, int64_t *wait_ms, struct err *) MUST_CHECK;

/* Makes due at once what waits for a store after a failure: the call for its next
 * API token, the store itself, its rewards and benefits, and its rows.  With
 * `rejected` this includes the rows that were rejected.  *n becomes the number of
 * rows.  The caller may have begun a transaction. */
struct outbox_wake {
	int64_t tenant_id, store_id;
	bool rejected;
};
int outbox_wake(struct pg *, struct arena *, const struct outbox_wake *,
    size_t *n, struct err *) MUST_CHECK;

/* Counts the rows that outbox_due() counts, for metrics, but only up to
 * OUTBOX_SIZE_MAX.  *oldest_s becomes the time in seconds for which the oldest
 * row has waited; 0: there are no rows. */
int outbox_size(struct pg *, struct arena *, int64_t *rows, int64_t *oldest_s,
    struct err *) MUST_CHECK;

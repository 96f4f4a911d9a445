/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_OUTBOX_H
#define LEDGER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg/pg.h"
#include "ledger/columns.h"
#include "wire/shop/shop.h"

/*
 * outbox: the balances that platforms have not taken yet.
 *
 * A store is claimed for one call at a time by a lease in the database
 * (SKIP LOCKED), so that several push processes neither wait for one
 * another nor call one store at once.  No lock is held across a call.
 */

enum {
	PUSH_TRIES_MAX = 10,      /* tries are counted up to this, for the waits
				between them */
	OUTBOX_SIZE_MAX = 100000, /* rows that are counted */
};

struct outbox_claim {
	int64_t tenant_id, store_id;
	int64_t leased_until; /* by the database's clock; also says which
				 process has the lease */
	int32_t tries;        /* tries of this store since its last success */
	struct push_item items[PUSH_BATCH_MAX];
	int64_t member_ids[PUSH_BATCH_MAX];
	int32_t row_tries[PUSH_BATCH_MAX];
	bool doubtful[PUSH_BATCH_MAX]; /* an older call may still arrive */
	size_t n;                      /* rows; > 0 */
	int64_t after_member;          /* the rows after this member's come
					  first */
};

/*
 * Puts the newest balance of these members, each a row of the columns, for each
 * store that knows the member, in the place of an older balance that waits.
 * This is part of the caller's transaction, which has changed the balances and
 * so has their locks.  A member may be named more than once.
 */
void outbox_row(struct columns *, int64_t tenant_id, int64_t member_id);
int outbox_put(struct pg *, const struct columns *, struct err *) MUST_CHECK;

/*
 * Claims a store that has rows due, and up to its platform's batch_max of these
 * rows, for lease_ms, in a transaction of its own.  *found is false if no store
 * has rows due.
 */
int outbox_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct outbox_claim *, bool *found, struct err *) MUST_CHECK;

/* The outcome of the call that a claim was for. */
struct outbox_result {
	/* The outcome of each item.  If `all` is not PUSH_DONE, it is the
	 * outcome of each. */
	const struct push_answer *answer;
	int64_t row_wait_ms[PUSH_BATCH_MAX]; /* wait of each row that is to
						be tried again */
	int64_t store_wait_ms;               /* wait before the next call */
	const char *why; /* why the call failed; NULL: it went through */
	/* A call that was given up may still arrive within this time; 0: the
	 * call was answered. */
	int64_t doubt_ms;
};

/*
 * Ends a claim, in a transaction of its own.  Rows that are done are deleted,
 * unless a newer balance waits, or an older call may still arrive: then the row
 * is sent once more after that.  Rows to retry wait.  Rejected rows are kept
 * aside with the reason.  Then the store is free again.
 * If the lease ran out and another process has the store, nothing of this
 * happens, and *lost is true.
 */
int outbox_finish(struct pg *, struct arena *, const struct outbox_claim *,
    const struct outbox_result *, bool *lost, struct err *) MUST_CHECK;

/* Counts the rows that wait for stores that can be pushed to, now or later:
 * `push --drain` waits until there are none.  *wait_ms is how long until the
 * next of these rows may be due. */
int outbox_due(
    struct pg *, int64_t *rows, int64_t *wait_ms, struct err *) MUST_CHECK;

/* Counts the same rows for showing them, up to OUTBOX_SIZE_MAX.  *oldest_s is
 * for how many seconds the oldest of them has waited; 0: there is none. */
int outbox_size(struct pg *, struct arena *, int64_t *rows, int64_t *oldest_s,
    struct err *) MUST_CHECK;

#endif /* LEDGER_OUTBOX_H */

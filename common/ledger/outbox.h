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
	PUSH_TRIES_MAX = 10, /* counted up to, for the waits between them */
	OUTBOX_SIZE_MAX = 100000, /* rows that are counted */
};

struct outbox_claim {
	int64_t tenant_id, store_id;
	int64_t leased_until; /* by the database's clock: who holds it */
	int32_t tries;        /* of this store, since its last success */
	struct push_item items[PUSH_BATCH_MAX];
	int64_t member_ids[PUSH_BATCH_MAX];
	int32_t row_tries[PUSH_BATCH_MAX];
	bool doubtful[PUSH_BATCH_MAX]; /* an older call may still arrive */
	size_t n;                      /* > 0 */
	int64_t after_member;          /* the turn began behind this one */
};

/*
 * Puts the newest balance of these members, each a row, for each of the
 * stores that know them, in the place of whatever was waiting.  In the
 * caller's transaction, which has changed the balances and so holds their
 * locks.  A member may be named more than once.
 */
void outbox_row(struct columns *, int64_t tenant_id, int64_t member_id);
int outbox_put(struct pg *, const struct columns *, struct err *) MUST_CHECK;

/*
 * Claims a store that has something due, and up to its platform's
 * batch_max of its due rows, for lease_ms.  *found is false if no store
 * has.  One transaction of its own.
 */
int outbox_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct outbox_claim *, bool *found, struct err *) MUST_CHECK;

/* What came of a claim. */
struct outbox_result {
	/* Item by item; `all` other than DONE: the same for each of them. */
	const struct push_answer *answer;
	int64_t row_wait_ms[PUSH_BATCH_MAX]; /* of those to be tried again */
	int64_t store_wait_ms;               /* before the next call */
	const char *why; /* the call failed; NULL: it went through */
	/* The call was given up, and may arrive within this; 0: it was not. */
	int64_t doubt_ms;
};

/*
 * Rows done go, unless a newer version is waiting, or an older call may
 * still arrive: then they are sent once more after that; rows to retry wait;
 * rejected ones are kept aside with the reason.  Then the store is free
 * again.  Nothing of the kind, and *lost is set, if the lease ran out and
 * somebody else has the store.  One transaction of its own.
 */
int outbox_finish(struct pg *, struct arena *, const struct outbox_claim *,
    const struct outbox_result *, bool *lost, struct err *) MUST_CHECK;

/* How many rows wait for stores that can be pushed to, be it now or later:
 * what `push --drain` waits for; and how long until the next of them may be
 * due (ms). */
int outbox_due(
    struct pg *, int64_t *rows, int64_t *wait_ms, struct err *) MUST_CHECK;

/* The same rows for whom to show, up to OUTBOX_SIZE_MAX of them, and for how
 * many seconds the oldest of these has waited; 0: there is none. */
int outbox_size(struct pg *, struct arena *, int64_t *rows, int64_t *oldest_s,
    struct err *) MUST_CHECK;

#endif /* LEDGER_OUTBOX_H */

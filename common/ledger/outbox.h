/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_OUTBOX_H
#define LEDGER_OUTBOX_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "io/pg.h"
#include "wire/shop.h"

/*
 * outbox: the balances that platforms have not taken yet.
 *
 * A store is claimed for one call at a time by a lease in the database
 * (SKIP LOCKED), so that several push processes neither wait for one
 * another nor call one store at once.  No lock is held across a call.
 */

struct outbox_claim {
	int64_t tenant_id, store_id;
	int32_t tries; /* of this store, since its last success */
	struct push_item items[PUSH_BATCH_MAX];
	int64_t member_ids[PUSH_BATCH_MAX];
	size_t n;
};

/*
 * Claims a store that has something due, and up to `batch_max` (of the
 * store's platform) of its due rows, for lease_ms.  *found is false if no
 * store has.  One transaction of its own.
 */
int outbox_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct outbox_claim *, bool *found, struct err *) MUST_CHECK;

/*
 * What came of it: rows done go, unless a newer version is waiting; rows to
 * retry wait `row_wait_ms`; rejected ones are kept aside with the reason.
 * Then the store is free again after answer->wait_ms (plus store_wait_ms if
 * the whole call has to be repeated).
 */
int outbox_settle(struct pg *, struct arena *, const struct outbox_claim *,
    const struct push_answer *, int64_t row_wait_ms, int64_t store_wait_ms,
    const char *why, struct err *) MUST_CHECK;

/* Whether anything is due now or leased: what `push --drain` waits for, and
 * how long until the next thing may be due (ms). */
int outbox_due(struct pg *, struct arena *, int64_t *rows, int64_t *wait_ms,
    struct err *) MUST_CHECK;

#endif /* LEDGER_OUTBOX_H */

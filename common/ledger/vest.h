/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_VEST_H
#define LEDGER_VEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/world.h"

/*
 * vest: makes lots of members without a timeline available when their pending
 * days are over (core/settle.h, rule 3).
 *
 * Several processes may do so at once.  A member's balance is locked while the
 * member's lots are settled; members whom another process has locked are left
 * for the next time.  The key of the ledger's entries ensures that a lot vests
 * only once.
 */

enum {
	VEST_LOTS_MAX = 500 /* lots that one transaction settles at most */
};

/*
 * Settles up to VEST_LOTS_MAX lots that are due at the world's `now`, with
 * their entries, balances and outbox rows, in one transaction.  *nlots becomes
 * the number of lots settled, which is less than the number due if another
 * process is settling lots, too.
 */
int vest_batch(const struct world *, size_t *nlots, struct err *) MUST_CHECK;

/* Counts the lots that are due at the world's `now`, including those that
 * another process is settling. */
int vest_due(const struct world *, int64_t *nlots, struct err *) MUST_CHECK;

#endif /* LEDGER_VEST_H */

/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_VEST_H
#define LEDGER_VEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/world.h"

/*
 * vest: lots of members without a timeline become available when their date has
 * come (core/settle.h, rule 3).
 *
 * Several processes may vest lots at once.  A member's balance is locked while
 * the member's lots are settled; members whom another process has locked are
 * left for the next time.  A lot vests once, by the key of the ledger's
 * entries.
 */

enum {
	VEST_LOTS_MAX = 500 /* lots of one transaction */
};

/*
 * Settles up to VEST_LOTS_MAX lots that are due at the world's `now`, with
 * their entries, balances and outbox rows, in one transaction.  *nlots is how
 * many lots were settled: fewer than are due if another process is at work.
 */
int vest_batch(const struct world *, size_t *nlots, struct err *) MUST_CHECK;

/* Counts the lots that are due at the world's `now`, also those that another
 * process is at work on. */
int vest_due(const struct world *, int64_t *nlots, struct err *) MUST_CHECK;

#endif /* LEDGER_VEST_H */

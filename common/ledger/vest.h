/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_VEST_H
#define LEDGER_VEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/world.h"

/*
 * vest: lots whose date has come become available (core/settle.h, rule 3).
 *
 * Several processes may do it at once: a member's balance is locked while
 * its lots are settled, those that another process holds are left for the
 * next time, and a lot vests once by the ledger's key.
 */

enum {
	VEST_LOTS_MAX = 500 /* in one transaction */
};

/*
 * Settles up to VEST_LOTS_MAX lots that are due `now`, with their entries,
 * balances and outbox rows, in one transaction.  *nlots is how many; fewer
 * than there are if others are at work.
 */
int vest_batch(const struct world *, size_t *nlots, struct err *) MUST_CHECK;

/* How many lots are due `now`, whoever may be at work on them. */
int vest_due(const struct world *, int64_t *nlots, struct err *) MUST_CHECK;

#endif /* LEDGER_VEST_H */

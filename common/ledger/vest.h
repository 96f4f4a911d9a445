/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/world.h"

/*
 * vest: makes lots of members without a timeline available when their pending
 * days are over (core/settle.h, rule 3).
 *
 * Several processes may do this at once.  A member's balance is locked while
 * the member's lots are made available; members whom another process has locked
 * are left for the next time.  The key of the ledger's entries ensures that a
 * lot vests only once.
 */

enum {
	VEST_LOTS_MAX = 500 /* most lots made available in one transaction */
};

/*
 * Makes up to VEST_LOTS_MAX lots available that are due at the world's `now`,
 * and writes their entries, balances and outbox rows, in one transaction.
 * *nlots becomes the number of these lots, which is less than the number due if
 * another process is at work, too.
 */
int vest_batch(const struct world *, size_t *nlots, struct err *) MUST_CHECK;

/* Counts the lots that are due at the world's `now`, including those that
 * another process is making available. */
int vest_due(const struct world *, int64_t *nlots, struct err *) MUST_CHECK;

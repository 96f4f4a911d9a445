/* SPDX-License-Identifier: MIT */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/account.h"

/*
 * settle: from what should stand in the ledger and what does, the postings
 * that make up the difference.  Pure, like decide.
 */

enum {
	OPEN_LOTS_MAX = 1000, /* looked at to cover one shortfall */
	POSTINGS_MAX = OPEN_LOTS_MAX + 8,
};

/* Points of one origin that are still there.  `remaining` is all pending
 * or, once vested, all available. */
struct lot {
	int64_t lot_id;
	int64_t remaining;
	int64_t vests_at; /* INSTANT_NEVER: held until somebody is known */
	bool vested;
	bool changed; /* by settle: it has to be saved */
	bool fresh;   /* not in the ledger yet */
};

struct posting {
	enum account debit, credit;
	int64_t points;  /* > 0 */
	struct lot *lot; /* whose remaining it changes; NULL: none */
};

struct postings {
	struct posting list[POSTINGS_MAX];
	size_t n;
};

/*
 * Brings one (order, rule, member) from `has` to `should` points.
 *
 *  1. More: debt is repaid first, also where the points would be pending;
 *     the rest goes into the order's own lot.
 *  2. Less: the order's own lot gives first, then the member's other lots
 *     in the order given (vested ones, soonest expiry first), then the
 *     rest becomes debt.
 *  3. A lot whose vesting date has come (vests_at <= now) is available.
 *
 * `own` is zeroed but for lot_id, vests_at and fresh if there is no such
 * lot yet.  `others` are only needed when own->remaining is less than what
 * is to be taken.
 */
void settle(int64_t has, int64_t should, int64_t now, struct lot *own,
    struct lot *others, size_t nothers, struct balance *, struct postings *);

/* 4. When a lot's date has come: pending repays debt, the rest becomes
 * available. */
void settle_vest(struct lot *, struct balance *, struct postings *);

#endif /* CORE_SETTLE_H */

/* SPDX-License-Identifier: MIT */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "core/program.h"

/*
 * settle: from what should stand in the ledger and what does, the postings
 * that make up the difference.  Pure, like decide.
 *
 * A posting moves points from one account (debit) to another (credit), so
 * every one of them, and every sum of them, is balanced.
 */

/* Accounts; the numbers are what the ledger's rows hold, so they never
 * change.  Those of a member, then those of the program. */
enum account {
	ACCOUNT_PENDING = 1,
	ACCOUNT_AVAILABLE = 2,
	ACCOUNT_RESERVED = 3,
	ACCOUNT_DEBT = 4, /* holds what the member owes as a negative sum */
	ACCOUNT_ISSUED = 10,
	ACCOUNT_REVERSED = 11,
	ACCOUNT_REDEEMED = 12,
	ACCOUNT_EXPIRED = 13,
	ACCOUNT_ADJUSTED = 14,
	ACCOUNT_FORFEITED = 15,
	ACCOUNT_CHARITY = 16, /* owed to a charity, which the entry names */
};

const char *account_name(enum account);

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

/* What a member has; settle keeps it up to date with its postings. */
struct balance {
	int64_t available;
	int64_t pending;
	int64_t reserved;
	int64_t debt;            /* >= 0: what is owed */
	int64_t lifetime_earned; /* issued less reversed: what rules gave and
				    did not take back; never below zero */
};

/* How `sign` x points arriving in (1) or leaving (-1) an account change what
 * the member has. */
void balance_move(struct balance *, enum account, int64_t sign, int64_t points);

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

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"
#include "core/program.h"
#include "core/reason.h"

/*
 * decide: what an order, in its present state, should have earned by a plain
 * program, which looks at one order alone.
 *
 * decide() is arithmetic alone: no clock, no database, no failure, and no
 * allocation but by the tallies (core/tally.h).  The caller compares the result
 * with the ledger (core/settle.h).  core/fold handles all other programs.
 */

struct award {
	const struct rule *by;
	const char *rule; /* borrowed from the program */
	int64_t points;   /* >= 0 */
	/* The amount of the order that counts: before refunds, after refunds,
	 * both in minor units; and after refunds in thousandths of one. */
	int64_t base, base_left, left_milli;
	/* The amount before it was converted, in the order's own currency. */
	int64_t foreign;
	const char *rate; /* NULL: not converted */
};

struct decision {
	enum reason reason;
	struct award *awards; /* an award for each rule; the caller's memory */
	size_t nawards;
	int64_t points;   /* the sum of all awards */
	int64_t vests_at; /* when the points become available */
};

struct decide_ask {
	const char *currency;    /* the currency of the store */
	int64_t since;           /* the start of the store; 0: none */
	bool held;               /* for a guest who is not yet verified */
	struct tallies *tallies; /* of the order; NULL: each rule looks at all
				    of its refunds anew */
};

/* Decides by the rules at the head of decide.c.  The caller has set `awards` of
 * the decision to memory for an award of each rule of the program. */
void decide(const struct program *, const struct decide_ask *,
    const struct order *, struct decision *);

/* REASON_EARNED if an order may earn by rules 1. to 4. of decide.c, else the
 * reason why it does not.  `since` is the store's start; 0: none. */
enum reason order_may_earn(const struct program *, const char *currency,
    int64_t since, const struct order *);

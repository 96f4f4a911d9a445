/* SPDX-License-Identifier: MIT */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "core/order.h"
#include "core/program.h"
#include "core/reason.h"

/*
 * decide: what an order, as it now stands, should have earned.
 *
 * This is the whole of the business, and it is arithmetic: no clock, no
 * database, no allocation, no failure.  It says what should stand in the
 * ledger; settle.h compares that with what does.
 */

struct award {
	const struct rule *by;
	const char *rule; /* its id, in the program */
	int64_t points;   /* >= 0 */
	/* What of an order that earns counts: minor units before refunds and
	 * after them, and the latter in thousandths. */
	int64_t base, base_left, left_milli;
	/* The counted amount in the order's own currency, if it was
	 * converted. */
	int64_t foreign;
	const char *rate; /* NULL: it was not */
};

struct decision {
	enum reason reason;
	struct award awards[RULES_MAX]; /* one per rule, also if zero */
	size_t nawards;
	int64_t points;   /* their sum */
	int64_t vests_at; /* when the points become available */
};

struct decide_ask {
	const char *currency; /* the store's */
	int64_t since;        /* its start; 0: none */
	bool held; /* the buyer is a guest whose address nobody has verified */
};

/* The rules are numbered in decide.c. */
void decide(const struct program *, const struct decide_ask *,
    const struct order *, struct decision *);

/* Whether an order earns, by its status and its store's start (0: none), or
 * why not: 1. to 4. of decide.c. */
enum reason order_may_earn(const struct program *, const char *currency,
    int64_t since, const struct order *);

#endif /* CORE_DECIDE_H */

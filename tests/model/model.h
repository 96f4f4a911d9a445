/* SPDX-License-Identifier: MIT */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#include "dice.h"

/*
 * model: one random program, one random history, and everything that must
 * be true of them:
 *
 *  (a) any order and duplication of deliveries gives the same movements,
 *      balances and tiers, also when the differences are posted one by one,
 *      and every order is whose the newest snapshot said that named somebody;
 *  (b) where everything is refunded in the end the member is where they
 *      began, what was redeemed aside;
 *  (c) what rules give is what the slow evaluator says;
 *  (d) no balance goes below what the policy allows;
 *  (e) balances are the sums of the movements and of the lots;
 *  (f) time in steps gives what time at once gives, takes nothing of what
 *      stood away, and changes nothing before fold() says it is due;
 *  (g) with as many steps as it takes a fold is as without a bound, with any
 *      fewer it is cut.
 */
enum property {
	PROPERTY_NONE,     /* all hold */
	PROPERTY_FILE,     /* the program's file is taken */
	PROPERTY_ORDER,    /* (a) */
	PROPERTY_UNDONE,   /* (b) */
	PROPERTY_SLOW,     /* (c) */
	PROPERTY_STRAIGHT, /* (d) and (e) */
	PROPERTY_STEPS,    /* (f) */
	PROPERTY_BOUND,    /* (g) */
	PROPERTY_LIVES,    /* no assertion fails */
};

/* True, or false and a report: the property, the program's file, the
 * shortest history found that still fails, and what differs.  `catches`: an
 * assertion that fails and a fold without end are reported like that, too,
 * by this process's SIGABRT and SIGALRM; a fuzzer has its own. */
bool model_case(struct dice *, bool catches, struct buf *report);

#endif /* MODEL_MODEL_H */

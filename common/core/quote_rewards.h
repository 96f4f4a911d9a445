/* SPDX-License-Identifier: MIT */
#ifndef CORE_QUOTE_REWARDS_H
#define CORE_QUOTE_REWARDS_H

#include "core/quote.h"

/*
 * quote_rewards: what the halves of quote share while one basket is looked at.
 */

struct quote_desk {
	struct arena *arena;
	const struct quote_ask *ask;
	const struct program *program; /* the one that holds now */
	int32_t version_id;
	const struct order *basket;
	struct occasion occasion;
	int64_t counts; /* rule 1., in the basket's currency ... */
	int64_t worth;  /* ... and in the program's */
	const struct exchange *exchange; /* NULL: nobody knows */
	bool *takes;                     /* lines that may be discounted */
	int64_t *gained; /* scratch: what one reward takes off each line */
	int64_t paid;    /* what rewards took off lines so far */
	int64_t share;   /* of `counts` that they may, PERCENT_ALL is all */
	bool alone;      /* a reward that does not combine is used */
	size_t nused;
	struct quote *q;
};

/* Whether a condition holds for this member and basket. */
bool quote_holds(
    const struct quote_desk *, const struct condition *, const char **why_not);

/* Rules 4. and 5., for each wish in turn. */
void quote_rewards(struct quote_desk *);

#endif /* CORE_QUOTE_REWARDS_H */

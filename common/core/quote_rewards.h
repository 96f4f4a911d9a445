/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/quote.h"

/* quote_rewards: the rewards of a quote.  struct quote_desk has what quote.c
 * and quote_rewards.c share while they work on one basket. */

struct quote_desk {
	struct arena *arena;
	const struct quote_ask *ask;
	const struct program *program; /* the program in effect now */
	int32_t version_id;
	const struct order *basket;
	struct occasion occasion;
	int64_t counts; /* the net of rule 1, in the basket's currency */
	int64_t worth;  /* the net of rule 1, in the program's currency */
	const struct exchange
	    *exchange;   /* the rate of the basket's currency; NULL: none */
	bool *takes;     /* lines that may be discounted */
	int64_t *gained; /* taken off each line by the reward at hand */
	int64_t paid;    /* taken off lines by all rewards so far */
	/* The part of `counts` that rewards may take off; PERCENT_ALL: all. */
	int64_t share;
	bool alone; /* a reward that does not combine is used */
	size_t nused;
	struct quote *q;
};

/* Whether a condition holds for this member and basket. */
bool quote_holds(
    const struct quote_desk *, const struct condition *, const char **why_not);

/* Answers each wish in turn, by rules 4. and 5. of core/quote.h. */
void quote_rewards(struct quote_desk *);

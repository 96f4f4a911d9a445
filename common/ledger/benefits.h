/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/catalog.h"
#include "ledger/rewards.h"

/*
 * benefits: what programs want shops to have of benefits, and what shops have.
 *
 * push writes all of it.  A benefit has a row from when it is wanted until nothing
 * of it is left at the shop.
 */

/* The numbers are kept in the ledger. */
enum benefit_state {
	BENEFIT_WAITS = 1, /* something is to be done */
	BENEFIT_IS_RIGHT,  /* the shop has it as it should be */
	BENEFIT_REFUSED,   /* the shop would not do it; tried again */
};

struct benefit_row {
	const char *benefit;
	const char *wanted, *made; /* digests (wire/shop/benefit.h); or NULL */
	const char *title;         /* NULL: no discount was made */
	const char *made_as, *segment_as; /* NULL: not known */
	const char *why;                  /* the last error; NULL: none */
	int32_t tries;                    /* failures in a row */
	enum benefit_state state;
	int64_t doubt_until; /* 0: no call may still arrive */
	int64_t right_at;    /* for benefit_write(); 0: as before */
	int64_t push_at;
};

struct benefit_claim {
	struct reward_claim store; /* the store's lease; of no reward */
	struct benefit_row row;
};

/* A benefit for an operator. */
struct benefit_shown {
	const char *benefit;
	bool is_wanted; /* false: the shop is to lose it */
	enum benefit_state state;
	int64_t right_at; /* when all was last as it should be; 0: never */
	const char *why;  /* the last error; NULL: none */
};

/* The digest of all that a process has written down as wanted, so that it does so
 * once. */
struct benefits_told {
	uint8_t digest[32];
	int64_t session; /* the catalog's */
};

/* Writes down what the programs in effect want of shops that are told by calls. */
int benefits_want(struct benefits_told *, const struct catalog *,
    struct arena *, struct err *) MUST_CHECK;

/* Claims a store that has a benefit due, and its benefit, within the caller's
 * transaction; reward_hold() and reward_free() are for the store.  *found is false
 * if there is none. */
int benefit_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct benefit_claim *, bool *found, struct err *) MUST_CHECK;
int benefit_write(struct pg *, struct arena *, const struct benefit_claim *,
    struct err *) MUST_CHECK;
/* Forgets a benefit that is not wanted, and of which nothing is left. */
int benefit_forget(struct pg *, struct arena *, const struct benefit_claim *,
    struct err *) MUST_CHECK;

int benefits_list(struct pg *, struct arena *, const struct store *,
    struct benefit_shown **, size_t *, struct err *) MUST_CHECK;
/* Returns the word for how a benefit is at its shop: "right". */
const char *benefit_is(const struct benefit_shown *);

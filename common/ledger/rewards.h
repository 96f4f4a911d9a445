/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/reward_life.h"
#include "core/reward_terms.h"
#include "ledger/world.h"

/*
 * rewards: what has become of the rewards that shops make for redemptions.
 *
 * A reward has one row, whose columns have two owners.  Where the points stand
 * is written by the fold (timeline/reward.c).  The state at the shop is written
 * by push, which claims a store by its lease, as for balances, and by schedule
 * for forms without calls.  Neither writes a column of the other, and a change by
 * the fold between a claim and its end makes the reward due again.
 *
 * Nobody but the fold moves points: the timeline reads captured_at and gone_at
 * as facts.  Whoever writes them makes the row wake the member (wake_at), which
 * schedule does.
 */

enum {
	REWARD_WAKES_MAX = 100, /* rewards that one turn of schedule looks at */
};

struct reward_row {
	const char *redemption, *reward;
	int32_t version_id; /* of the program */
	enum reward_form form;
	int64_t units;
	int64_t customer_id; /* 0: the shop has no customer for the member */
	int64_t asked_at, issued_at;
	const char *code;    /* plain; NULL: there is none yet */
	const char *made_as; /* NULL: not known */
	const char *why;     /* the last error; NULL: none */
	int32_t tries;       /* failures since the last answer */
	int32_t changes;     /* by the fold */
	struct reward_life life;
};

/* A store with one reward that is due. */
struct reward_claim {
	int64_t tenant_id, store_id;
	/* The end of the lease by the database's clock, which also identifies
	 * the process that has the lease. */
	int64_t leased_until;
	int32_t store_tries; /* failed calls to this store in a row */
	int64_t after_member;
	int64_t now;   /* by the database's clock */
	bool answered; /* for reward_hold(): the last call went through */
	/* For reward_free(): how long the store waits until its next call, and why
	 * the last one failed (NULL: it has not). */
	int64_t wait_ms;
	const char *why;
	struct reward_row row;
};

/* Reads the lease of a store, as reward_lease.sql and benefit_lease.sql tell it. */
void reward_lease_read(const struct pg_rows *, struct reward_claim *);
/* Claims a store that has a reward due, and its reward, within the caller's
 * transaction.  *found is false if there is none. */
int reward_claim(struct pg *, struct arena *, int64_t lease_ms,
    struct reward_claim *, bool *found, struct err *) MUST_CHECK;
/* Writes the row, and the next look at it by `next`, within the caller's
 * transaction.  A code that is new is kept first. */
int reward_write(struct pg *, struct arena *, const struct reward_claim *,
    const struct reward_next *, struct err *) MUST_CHECK;
/* Holds the store for another call.  *lost is true if another process has it. */
int reward_hold(struct pg *, struct arena *, int64_t lease_ms,
    struct reward_claim *, bool *lost, struct err *) MUST_CHECK;
/* Frees the store.  *lost is true if another process has it. */
int reward_free(struct pg *, struct arena *, const struct reward_claim *,
    bool *lost, struct err *) MUST_CHECK;

/* Looks at the rewards that are due by the clock or that wake their members, each
 * in a transaction of its own.  *n is how many there were. */
int rewards_wake(struct pg *, struct arena *, int64_t now, size_t *n,
    struct err *) MUST_CHECK;

/* ---- the operator's tools ------------------------------------------------ */

/* A reward as the operator's tools show it. */
struct reward_shown {
	struct reward_row row;
	int64_t member_id;
	int64_t used_by;       /* an order; 0: none */
	const char *note, *by; /* NULL: none */
	const char *orders;    /* all orders that have its code; NULL: none */
};

struct reward_ask_list {
	int64_t store_id;
	int64_t member_id;      /* 0: of all members */
	const char *redemption; /* NULL: all */
	bool tasks;             /* only tasks that are not done */
	int64_t max;
};
int rewards_list(struct pg *, struct arena *, const struct reward_ask_list *,
    struct reward_shown **, size_t *n, struct err *) MUST_CHECK;

/* A note that an operator makes of a reward, as of `at`. */
struct reward_note {
	int64_t store_id;
	const char *redemption, *text, *by;
	int64_t at;
};
/* Takes a reward back: it is removed at the shop, and then the points go back.
 * REJECT if there is none whose points are set aside. */
int reward_revoke(struct pg *, struct arena *, const struct reward_note *,
    struct err *) MUST_CHECK;
/* Says that a task is done: its points are spent.  REJECT as above. */
int reward_done(struct pg *, struct arena *, const struct reward_note *,
    struct err *) MUST_CHECK;

/* SPDX-License-Identifier: MIT */
#ifndef CORE_FOLD_FOLD_H
#define CORE_FOLD_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/account.h"
#include "core/fact.h"
#include "core/program.h"

/*
 * fold: from all that happened to a member to all that should stand in the
 * ledger for them.
 *
 * fold() walks the timeline in the order of time, lets happen what is due
 * in between (lots vest and expire, periods begin, tiers end), and says
 * every movement between accounts that should stand at `now`.  Nothing is
 * remembered from one fold to the next: the same facts give the same
 * movements, whoever asks, however often.  What is posted is the difference
 * to what was posted before, by the movement's key.
 *
 * It is pure: its memory is the arena's, its time is `now`.
 *
 * A long history may take long: fold() counts its steps, and gives up where
 * the caller has bounded them.  A step is a look at one thing of a list (an
 * order, a lot, a line, a word); what costs more counts as several steps, so
 * that the same number of steps takes about the same time, whatever the
 * history (measured by tests/bench/bench_steps.c).
 */

#define STEPS_ANY INT64_MAX

/* How a number came about; NULL and 0 are "does not apply". */
enum {
	WHY_MULTIPLIERS_MAX = 4
};

struct why {
	const char *reason; /* "earned", or why nothing: "excluded_state" */
	const char *rule;
	int64_t base;      /* minor units that counted, or pieces, or count */
	int64_t base_left; /* of it after refunds */
	/* Set for an order in another currency: that currency, the amount
	 * counted in it, and the rate, one unit for another. */
	const char *currency, *rate;
	int64_t foreign;
	int64_t units, per; /* the rate */
	int64_t factor;     /* of all multipliers, FACTOR_ONE is 1 */
	const char *multipliers[WHY_MULTIPLIERS_MAX];
	size_t nmultipliers;
	const char *tier; /* at that time */
	enum window over;
	int64_t window_from; /* where the window began; 0: the order's own */
	int64_t sum_before, sum_after; /* of what was counted in the window,
					  in thousandths of the base's unit */
	int64_t boosted; /* of sum_after, or of base_left, with the multipliers
			    of every line; in thousandths */
	int64_t whole;   /* what it gave before refunds, if they take back a
			    share of that; else 0 */
	int64_t given_before, given_after; /* of the rule in the window */
	int64_t uncapped; /* what it would have been without limits */
	int64_t limit;    /* the limit that cut it; 0: none did */
	int64_t passed;   /* what was given or taken in the end */
	int64_t bonus;    /* of passed, what the multipliers added */
};

/* One movement that should stand; its key is all but units, at, version_id,
 * lot and why.  units may be 0: then `why` says why nothing was given. */
struct movement {
	enum source_kind source;
	int64_t store_id;
	const char *source_id;
	const char *rule;   /* "rule", or "rule*multiplier" for its bonus */
	const char *wallet; /* id */
	const char *party;  /* a charity's id; NULL: none */
	enum account debit, credit;
	int64_t units;
	int64_t at;
	int32_t version_id;
	struct lot *lot; /* the lot it fills, moves or draws on */
	/* NULL: needs no explaining.  `why` is of the newest step that made it
	 * what it is, an order's last refund; `why_all` of all of them. */
	const struct why *why, *why_all;
};

/* A lot of the fold's: what is left of the units of one source and rule. */
struct lot {
	enum source_kind source;
	int64_t store_id;
	const char *source_id;
	const char *rule;
	const char *wallet;
	int32_t version_id;
	int64_t remaining;
	int64_t earned_at;
	int64_t vests_at;   /* INSTANT_NEVER: held */
	int64_t expires_at; /* INSTANT_NEVER: not */
	bool vested;
	int64_t lot_id; /* the ledger's; not fold()'s business */
};

struct purse {
	const char *wallet; /* "charity": what is owed to charities */
	enum wallet_unit unit;
	enum negative negative;
	struct balance balance;
};

struct tier_change {
	const char *level; /* NULL: none */
	int64_t at;
	int64_t until; /* INSTANT_NEVER: without end */
	int64_t metric, threshold;
	struct span window; /* the metric is of */
	/* "reached", "term_renewed", "term_ended", "refund", "condition" */
	const char *cause;
};

struct membership_state {
	const char *membership;
	int64_t from, until; /* paid through; [from, until) */
	bool trial, active, cancelled;
};

/* A redemption its wallet did not cover at its time ("insufficient"), or an
 * event without effect.  Whoever takes a new redemption in looks here, and
 * takes it out again if it is named; one that was taken in before stays a
 * fact, and what is missing for it is owed. */
struct refusal {
	const struct fact *fact;
	const char *reason;
};

struct fold {
	struct movement *movements;
	size_t nmovements;
	struct lot **lots;
	size_t nlots;
	struct purse *purses; /* every wallet of the newest program, and those
				 of older ones that hold something */
	size_t npurses;
	struct tier_change *tiers; /* in time; the last is what holds */
	size_t ntiers;
	struct membership_state *memberships; /* of the newest program's, in
						 its order; from 0: never */
	size_t nmemberships;
	struct refusal *refusals;
	size_t nrefusals;
	const char *chosen_day; /* the one that counts now; NULL: none */
	int64_t tier_since;     /* 0: in no tier */
	int64_t enrolled_at;
	int64_t due_at; /* when time alone changes something next;
			   INSTANT_NEVER */
	/* For quotes: the member as conditions see it. */
	struct member_view *view;
	int64_t steps; /* it took */
	bool is_cut;   /* it would have taken more than it may; nothing else
			  of the fold is set then */
};

/* What a limit of all members together (limit.of_program) leaves this one,
 * with what they have of it already. */
struct budget {
	const char *rule;
	int64_t left; /* units this member may still have, with what it has */
};

/* A charity was paid all that was owed to it up to and at this instant. */
struct payout {
	const char *charity;
	int64_t at;
	bool is_posted;
	int64_t units; /* of it for this member, once it is posted */
	bool moved;    /* the member has had of others since what may have
			  been in it: `units` may be of less than that */
};

/* From when on a version of the program is in effect. */
struct era {
	const struct program *program;
	int32_t version_id;
	int64_t from;
};

/* Facts have their own (frozen) programs; what time alone does follows the
 * era it happens in. */
struct timeline {
	const struct fact *facts; /* by fact_compare() */
	size_t nfacts;
	const struct era *eras; /* ascending; at least one */
	size_t neras;
	int64_t store_id; /* movements of time are this store's */
	const struct budget *budgets;
	size_t nbudgets;
	const struct payout *payouts; /* of all members together, by time */
	size_t npayouts;
	int64_t now;
	int64_t steps_most; /* 0: as many as it takes, STEPS_ANY */
};

/* Facts after `now` are left for later. */
void fold(struct arena *, const struct timeline *, struct fold *);

/* Units that movements have given a charity, less those taken back. */
int64_t movements_given(const struct movement *, size_t n, const char *charity);

/* Units of a wallet that can be spent, reserved ones taken off; NULL wallet
 * is the first. */
int64_t fold_available(const struct fold *, const char *wallet);

#endif /* CORE_FOLD_FOLD_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "core/account.h"
#include "core/fact.h"
#include "core/program.h"

/*
 * fold: works out what the ledger should contain for a member, from all that
 * happened to the member.
 *
 * fold() walks the timeline in the order of time, lets everything happen that
 * time alone brings about (lots vest and expire, periods begin, tiers end), and
 * lists the movements between accounts that should exist at `now`.  fold()
 * remembers nothing from one call to the next: the same facts give the same
 * movements, whoever calls, however often.  The caller compares the movements
 * with the ledger, by the movements' keys, and posts the differences.
 *
 * Units: `units` and `remaining` are units of the wallet, whole points, or
 * thousandths of a minor unit (MILLI) in a wallet of money.  Amounts of money
 * are minor units of the program's currency unless a comment says otherwise.
 *
 * Ownership and lifetime: fold() is pure: it allocates in the caller's arena
 * and does not change the timeline.  The result lives in that arena, and its
 * texts point into the facts and programs of the timeline, which have to live
 * as long as the result.
 *
 * Errors: there are none.  An impossible timeline ends the process.  A long
 * history may take long, so fold() counts its steps and gives up where the
 * caller has bounded them (`is_cut`).  A step is a look at one thing of a list
 * (an order, a lot, a line, a word); a slower look counts as several steps.
 * The same number of steps therefore takes about the same time, whatever the
 * history (measured by tests/bench/bench_steps.c).
 */

#define STEPS_ANY INT64_MAX

/* The explanation of a movement.  NULL and 0 mean "does not apply". */
enum {
	WHY_MULTIPLIERS_MAX = 4
};

struct why {
	const char *reason; /* "earned", or why not: "excluded_state" */
	const char *rule;
	int64_t base;      /* minor units, pieces or a count, before refunds */
	int64_t base_left; /* `base` after refunds */
	/* Set for an order in another currency: that currency, the amount that
	 * counts in that currency, and the rate for converting into the
	 * store's. */
	const char *currency, *rate;
	int64_t foreign;
	int64_t units, per; /* the rule's rate: `units` for each `per` */
	int64_t factor;     /* all multipliers together; FACTOR_ONE is 1 */
	const char *multipliers[WHY_MULTIPLIERS_MAX];
	size_t nmultipliers;
	const char *tier; /* the member's tier when the order was placed */
	enum window over;
	/* Where the window began; 0: the window is the order. */
	int64_t window_from;
	/* The window's sum without and with this order, in thousandths of
	 * minor units, pieces or counts. */
	int64_t sum_before, sum_after;
	int64_t boosted; /* sum_after, or base_left, with the multipliers of
			    every line; in thousandths */
	int64_t whole;   /* if refunds take back a part of the units: the units
			    given before refunds; else 0 */
	int64_t given_before, given_after; /* units of the rule in the window */
	int64_t uncapped; /* units that would be given without limits */
	/* The units that a limit allows, if the limit cut `uncapped`; else
	 * 0. */
	int64_t limit;
	int64_t passed; /* units given in the end; below zero: taken back */
	int64_t bonus;  /* units of `passed` that the multipliers added */
};

/* A movement that the ledger should have.  The key of a movement is all members
 * but units, at, version_id, lot, why and why_all.  If `units` is 0, `why` says
 * why nothing was given. */
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
	/* The lot that the movement fills, moves or draws on. */
	struct lot *lot;
	/* NULL: needs no explaining.  `why` explains the newest step, like an
	 * order's last refund; `why_all` explains all steps together. */
	const struct why *why, *why_all;
};

/* A lot: what is left of the units that a rule gave for one source. */
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
	int64_t expires_at; /* INSTANT_NEVER: does not expire */
	bool vested;
	int64_t lot_id; /* the lot's id in the ledger; fold() leaves it 0 */
	/* Whether the lot comes from the fold's seam, and how it was there. */
	bool is_resumed, vested_then;
	int64_t remaining_then;
};

struct purse {
	const char *wallet; /* "charity": the money owed to charities */
	enum wallet_unit unit;
	enum negative negative;
	struct balance balance;
};

struct tier_change {
	const char *level; /* NULL: none */
	int64_t at;
	int64_t until; /* INSTANT_NEVER: without end */
	/* The sum of what the tiers count (minor units, orders, events or
	 * earned units) in the window. */
	int64_t metric, threshold;
	struct span window;
	/* "reached", "term_renewed", "term_ended", "refund", "condition" */
	const char *cause;
};

struct membership_state {
	const char *membership;
	int64_t from, until; /* paid for all instants in [from, until) */
	bool trial, active, cancelled;
};

/* A redemption for which the wallet had too few units at that time
 * ("insufficient"), or an event without effect.  A caller that is about to save
 * a new redemption must not save it if there is a refusal of it.  A redemption
 * that was saved before stays a fact, and the member owes the missing units. */
struct refusal {
	const struct fact *fact;
	const char *reason;
};

/* A redemption whose reward is made at the shop (fact.issue). */
struct redeemed {
	const struct fact *fact;
	const char
	    *refused;  /* why it would be refused now; NULL: it would not */
	int64_t units; /* units that were taken */
	/* ACCOUNT_RESERVED, ACCOUNT_REDEEMED, or 0 if the units were released. */
	enum account where;
	/* The order (fact.id) that used the reward, and when; NULL: none has, or
	 * that order was undone and the reward did not stay used. */
	const char *used_by;
	int64_t used_at;
	/* The order that used it was undone: the reward is to be removed at the
	 * shop, and then released. */
	bool returning;
};

/*
 * A seam is what fold() needs of all that happened before an instant, in bytes
 * that only seam.c reads.  A fold from a seam needs no facts before the seam
 * and gives the movements after the seam: a movement with the same key before
 * the seam is not counted in.  Everything else is as without a seam
 * (tests/model).
 */
struct coder;
struct seam {
	int64_t at; /* 0: no seam */
	struct str bytes;
	/* The lots that are used last, for a fold that wants them (wants_lots);
	 * of length 0: there are none, or they are not given. */
	struct str rest;
	/* The ledger's numbers of the lots in both, in the order of lots_then;
	 * NULL: fold() leaves lot_id 0. */
	const int64_t *ids, *rest_ids;
};

struct fold {
	struct movement *movements;
	size_t nmovements;
	struct lot **lots;
	size_t nlots;
	/* Every wallet of the newest program, and wallets of older programs
	 * that hold something. */
	struct purse *purses;
	size_t npurses;
	struct tier_change *tiers; /* sorted by time; the last holds now */
	size_t ntiers;
	size_t ntiers_before; /* tier changes before tiers[0] */
	/* The memberships of the newest program, in the order of the program.
	 * `from` is 0 if the member never had the membership. */
	struct membership_state *memberships;
	size_t nmemberships;
	struct refusal *refusals;
	size_t nrefusals;
	/* Sorted as their facts are.  A fold from a seam lacks those of before
	 * the seam, of which nothing changed after it. */
	struct redeemed *redemptions;
	size_t nredemptions;
	const char *chosen_day; /* "2025-08-15"; NULL: none */
	int64_t tier_since;     /* 0: in no tier */
	/* The sum of what the newest program's tiers count, by now (as in struct
	 * tier_change); 0 without tiers. */
	int64_t metric;
	int64_t enrolled_at;
	int64_t due_at;           /* when time alone changes something next;
			   INSTANT_NEVER: nothing is due */
	struct member_view *view; /* the member, for conditions */
	int64_t steps;            /* the steps that fold() took */
	bool is_cut; /* fold() would have needed more steps than the caller
			allows; nothing but `steps` is set then */
	/* The timeline's seam is of no use, and the caller folds again without
	 * a seam.  If so, nothing but `steps` is set. */
	bool is_short;
	/* Set with is_short: the seam is of use with its `rest`. */
	bool wants_lots;
	struct seam seam; /* the next seam; `at` is 0: there is none */
	/* The lots that were open at the next seam, as seam.bytes and seam.rest
	 * have them. */
	struct lot **lots_then[2];
	size_t nlots_then[2];
};

/* The units that a limit on all members together (limit.of_program) leaves for
 * this member. */
struct budget {
	const char *rule;
	/* The most units that this member may have by the rule, in all. */
	int64_t left;
};

/* A charity was paid all that was owed to it up to and at this instant. */
struct payout {
	const char *charity;
	int64_t at;
	bool is_posted;
	int64_t units; /* MILLI, for this member's gifts; set if is_posted */
	/* True: after `units` was posted, the member was merged with others,
	 * whose gifts `units` may lack. */
	bool moved;
};

/* A version of the program, and the instant from which it is in effect. */
struct era {
	const struct program *program;
	int32_t version_id;
	int64_t from;
};

/* The input of fold().  Each fact has its own version of the program; what time
 * alone brings about follows the era of that instant. */
struct timeline {
	const struct fact *facts; /* sorted by fact_compare() */
	size_t nfacts;
	const struct era *eras; /* sorted by time; at least one era */
	size_t neras;
	/* The store for movements that time alone brings about. */
	int64_t store_id;
	const struct budget *budgets;
	size_t nbudgets;
	/* The payouts of all members together, by time. */
	const struct payout *payouts;
	size_t npayouts;
	int64_t now;
	int64_t steps_most; /* 0: STEPS_ANY */
	/* `facts` are only those that happened at or after this seam, by
	 * fact_happens_at(). */
	struct seam seam;
	/* Where fold() makes the next seam: at seam_next_at or, if that is 0,
	 * so that about seam_keeps things happen after the seam.  Both are 0:
	 * fold() makes no seam. */
	int64_t seam_next_at;
	size_t seam_keeps;
	size_t seam_lots; /* of each wallet; the others are in seam.rest */
};

/* Folds the facts up to and at `now`; later facts change nothing. */
void fold(struct arena *, const struct timeline *, struct fold *);

/* Sums what movements gave a charity, less what was taken back, in thousandths
 * of a cent (or of the currency's smallest coin). */
int64_t movements_given(const struct movement *, size_t n, const char *charity);

/* Codes a lot, but for its wallet and lot_id. */
void lot_code(struct coder *, struct lot *);

/* Counts the units of a wallet that can be spent, without reserved units.  NULL
 * stands for the first wallet. */
int64_t fold_available(const struct fold *, const char *wallet);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/money.h"
#include "wire/node_value.h"
#include "wire/scenario/scenario.h"

/* internal: what is shared by the files that read or run tests. */

/* An order of a test, as the steps so far have left it. */
struct placed {
	const char *id;
	const char *brand;
	size_t member;
	struct order order;
	struct order seen; /* `order`, merged with all earlier reports */
	int64_t last_line; /* the highest id of any line so far */
};

/* A test that is being read. */
struct draft_test {
	struct arena *arena;
	const struct program *program; /* in effect at the current step */
	const struct program *first;   /* in effect at the first step */
	int exponent;                  /* decimals of the step's currency */
	const char *members[MEMBERS_MAX];
	size_t nmembers;
	bool is_merged[MEMBERS_MAX]; /* was merged into another member */
	bool has_member;             /* the current step has "member" */
	/* True: the program and all steps above could be read.  False: an
	 * unknown name may be one that could not be read, and is not
	 * refused. */
	bool has_all;
	struct step *steps;
	size_t nsteps;
	struct placed *placed; /* the orders so far; room for one per step */
	size_t nplaced;
};

/* The readers below refuse what is wrong and go on (wire/program/internal.h).
 * If a reader returns -1, it has refused a value and left the output
 * unchanged. */

/* ---- value.c ------------------------------------------------------------- */

int scenario_text(struct arena *, const struct node *, const char **);
/* Reads a list of texts, if the object has the member. */
int scenario_words_in(
    const struct node *up, const char *key, struct arena *, struct words *);
/* Reads money as text, with at most `places` decimals; the amount may be below
 * zero. */
int scenario_decimal(const struct node *, int places, int64_t *);
int scenario_money_in(const struct draft_test *, const struct node *up,
    const char *key, int64_t *);
/* Reads units of a wallet: a whole number, or for a money wallet an amount as
 * text, which comes out in MILLI. */
int scenario_units(
    const struct draft_test *, const struct node *, size_t wallet, int64_t *);
/* Returns the number of decimals with which people write units of this kind. */
int scenario_places(const struct program *, enum wallet_unit);
/* Reads the id of a wallet of the program; the output is its index. */
int scenario_wallet(const struct draft_test *, const struct node *, size_t *);
/* Refuses a name that neither the program nor a step above has; returns -1.
 * Refuses nothing while draft_test.has_all is false. */
int scenario_refuse(
    const struct draft_test *, const struct node *, const char *sentence);

/* Reads the name of a member; the output is the member's index.  Without
 * `is_new` a step above must have named the member. */
int scenario_member(
    struct draft_test *, const struct node *, bool is_new, size_t *);

/* Writes a number with `places` decimals, "0.624".  Of the decimals after the
 * first `least`, zeros at the end are left out. */
void decimal_format(int64_t, int places, int least, char out[MONEY_TEXT_MAX]);

/* ---- parts of a step ----------------------------------------------------- */

/* Reads the value of the key that says what kind of step it is ("order",
 * "event", ...). */
typedef void step_reader(
    struct draft_test *, const struct node *, struct step *);

/* in order.c */
step_reader step_order, step_refund, step_cancel;
/* in basket.c */
step_reader step_quote;
/* Reads the keys that orders and quotes have in common: lines, amounts,
 * payment, shipping. */
void basket_of(
    struct draft_test *, const struct node *, struct step *, struct order *);
/* in fact.c */
step_reader step_event, step_redeem, step_capture, step_release, step_undo,
    step_customer, step_adjust;
/* in store.c */
step_reader step_merge, step_payout, step_program;
/* in expect.c */
step_reader step_expect;

/* Whether loyald or the program can give the word as a reason (EXPECT_REASON)
 * or as a refusal (EXPECT_REFUSED). */
bool scenario_says(
    const struct draft_test *, enum expect_kind, const char *word);

/* ---- a test at work: what the files that run one share ------------------- */

/* A fact, and the member to whom it happened. */
struct staged {
	struct fact fact;
	size_t member;
	/* The referral's id, if the fact is the referrer's or the friend's part
	 * of a referral; else NULL. */
	const char *referral;
	size_t friend; /* the member who was referred */
};

/* A payment to a charity, from the donations of one member. */
struct staged_payment {
	struct payout payout;
	size_t member;
};

/* The units that one member has used of a limit that all members share. */
struct staged_use {
	const char *rule;
	size_t member;
	int64_t units;
};

struct stage {
	const struct scenario *scenario;
	const struct program *program; /* in effect at the current step */
	const char *file;
	struct buf *out;
	struct arena arena;   /* kept as long as the test runs */
	struct arena scratch; /* emptied before each step */
	struct staged *facts; /* in the order of fact_compare() */
	size_t nfacts, facts_room;
	/* After merges: for each member, the index of the member who
	 * remained. */
	size_t is[MEMBERS_MAX];
	struct era *eras;
	size_t neras;
	struct staged_payment *payments;
	size_t npayments;
	struct staged_use *uses;
	size_t nuses, uses_room;

	/* The current step, and its results. */
	const struct step *step;
	size_t nth;    /* number of the step in the file, from 1 */
	size_t member; /* the member whom the step is about */
	struct timeline timeline;
	struct fold fold;
	struct quote quote;
	const char *refused; /* why the step was refused; NULL: it was not */
	size_t differences;
};

/* In referral.c: makes the friend's fact from the referrer's fact of a referral
 * (false: the fact is no referral), and judges which referrals count. */
bool staged_referred(struct stage *, const struct staged *, struct staged *);
void stage_judge(struct stage *);

/* In shop.c: lets an order use rewards by its codes, or undoes that, and removes
 * rewards that return.  Returns why the order may not use one of them; NULL: it
 * may. */
const char *stage_shop(struct stage *, const struct fact *order);

/* In stage.c.  stage_put(): adds a fact, or replaces an older report of it.
 * stage_drop(): takes a fact out again.  stage_date(): sets the store of a fact,
 * and the version of the program at its time.  stage_refusal(): finds why the
 * last fold refuses a fact, or NULL. */
void stage_put(struct stage *, const struct staged *);
void stage_drop(struct stage *, const struct fact *);
void stage_date(const struct stage *, struct fact *);
const char *stage_refusal(const struct stage *, const struct fact *);

/* In stage.c: computes the member's balances and tiers from all facts that are
 * known at the time of the current step. */
void stage_fold(struct stage *, size_t member);
void stage_program(struct stage *, const struct program *);
/* Merges two members: all that belonged to `from` now belongs to `into`. */
void stage_merge(struct stage *, size_t from, size_t into);
/* Pays a charity all that the members donated and that was not paid yet; false
 * if nothing is due. */
bool stage_pay(struct stage *, const char *charity);

/* In check.c: writes a line for each expectation of the current step that the
 * ledger does not meet. */
void stage_check(struct stage *);
/* Returns the units that a charity is owed from donations of the member who was
 * folded last. */
int64_t stage_owed(const struct stage *, const char *charity);

/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SCENARIO_INTERNAL_H
#define WIRE_SCENARIO_INTERNAL_H

#include "base/money.h"
#include "wire/node_value.h"
#include "wire/scenario/scenario.h"

/* What the files that read tests share, and those that run them. */

/* The order a test has placed, as it is so far. */
struct placed {
	const char *id;
	const char *brand;
	size_t member;
	struct order order;
	struct order seen; /* as it was told last, and what it had before */
	int64_t last_line; /* the highest id of a line until now */
};

/* A test in the making. */
struct draft_test {
	struct arena *arena;
	const struct program *program; /* in effect at the step */
	const struct program *first;   /* at the first one */
	int exponent;                  /* of the currency of the step's money */
	const char *members[MEMBERS_MAX];
	size_t nmembers;
	bool is_merged[MEMBERS_MAX]; /* is another one by now */
	bool has_member;             /* the step says whom it is about */
	/* The program and all steps above could be read: what they do not
	 * have is not there. */
	bool has_all;
	struct step *steps;
	size_t nsteps;
	struct placed *placed; /* room for one per step */
	size_t nplaced;
};

/* Readers refuse what is wrong and go on, as those of a program do
 * (wire/program/internal.h): -1 says that the output is as it was. */

/* ---- value.c ------------------------------------------------------------- */

int scenario_text(struct arena *, const struct node *, const char **);
/* A list of texts, if the object has it. */
int scenario_words_in(
    const struct node *up, const char *key, struct arena *, struct words *);
/* Money as text with at most so many decimals, also below zero. */
int scenario_decimal(const struct node *, int places, int64_t *);
int scenario_money_in(const struct draft_test *, const struct node *up,
    const char *key, int64_t *);
/* Units of a wallet: a whole number, or money, which comes out in MILLI. */
int scenario_units(
    const struct draft_test *, const struct node *, size_t wallet, int64_t *);
/* The decimals of such units as people write them. */
int scenario_places(const struct program *, enum wallet_unit);
/* The index of the wallet a text names. */
int scenario_wallet(const struct draft_test *, const struct node *, size_t *);
/* Refuses a name that nothing of the program, or of the steps above, has;
 * -1.  Says nothing if not all of that could be read. */
int scenario_refuse(
    const struct draft_test *, const struct node *, const char *sentence);

/* A member of the test by name.  `is_new` lets it be one that no step above
 * names. */
int scenario_member(
    struct draft_test *, const struct node *, bool is_new, size_t *);

/* "0.624" of a number with so many decimals; of those beyond `least` zeros
 * at the end are not said. */
void decimal_format(int64_t, int places, int least, char out[MONEY_TEXT_MAX]);

/* ---- parts of a step ----------------------------------------------------- */

/* Reads the value behind the key that says what a step is. */
typedef void step_reader(
    struct draft_test *, const struct node *, struct step *);

/* order.c */
step_reader step_order, step_refund, step_cancel;
/* basket.c */
step_reader step_quote;
/* Reads what an order and a basket have in common: lines, amounts, how it is
 * paid and shipped. */
void basket_of(
    struct draft_test *, const struct node *, struct step *, struct order *);
/* fact.c */
step_reader step_event, step_redeem, step_capture, step_release, step_undo,
    step_customer, step_adjust;
/* store.c: what the shop does */
step_reader step_merge, step_payout, step_program;
/* expect.c */
step_reader step_expect;

/* Whether the word is one that anything could say. */
bool scenario_says(
    const struct draft_test *, enum expect_kind, const char *word);

/* ---- a test at work: what the files that run one share ------------------- */

/* Something that happened, and to whom. */
struct staged {
	struct fact fact;
	size_t member;
	const char *referral; /* the one it is a side of; NULL: of none */
	size_t friend;        /* of that */
};

/* A payment to a charity from one member's gifts. */
struct staged_payment {
	struct payout payout;
	size_t member;
};

/* The units that a member has of a limit of all members together. */
struct staged_use {
	const char *rule;
	size_t member;
	int64_t units;
};

struct stage {
	const struct scenario *scenario;
	const struct program *program; /* in effect */
	const char *file;
	struct buf *out;
	struct arena arena;   /* of all steps */
	struct arena scratch; /* of one */
	struct staged *facts; /* by fact_compare() */
	size_t nfacts;
	size_t is[MEMBERS_MAX]; /* who a member is, after merges */
	struct era *eras;
	size_t neras;
	struct staged_payment *payments;
	size_t npayments;
	struct staged_use *uses;
	size_t nuses, uses_room;

	/* Of the step at work. */
	const struct step *step;
	size_t nth;    /* in the file, from 1 */
	size_t member; /* whom it is about */
	struct timeline timeline;
	struct fold fold;
	struct quote quote;
	const char *refused; /* why what it tells was; NULL: it was not */
	size_t differences;
};

/* Find the other side of a referral, and judge which referrals count
 * (referral.c). */
bool staged_referred(struct stage *, const struct staged *, struct staged *);
void stage_judge(struct stage *);

/* Folds what the member of the step has at its time (stage.c). */
void stage_fold(struct stage *, size_t member);
void stage_program(struct stage *, const struct program *);
/* Makes one member of two. */
void stage_merge(struct stage *, size_t from, size_t into);
/* A charity is paid what everybody gave it; false: that is nothing. */
bool stage_pay(struct stage *, const char *charity);

/* Of check.c: what the step at work expects, and does not find. */
void stage_check(struct stage *);
/* The units owed to a charity from gifts of the member folded last. */
int64_t stage_owed(const struct stage *, const char *charity);

#endif /* WIRE_SCENARIO_INTERNAL_H */

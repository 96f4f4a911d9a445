/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SCENARIO_INTERNAL_H
#define WIRE_SCENARIO_INTERNAL_H

#include "base/money.h"
#include "wire/node.h"
#include "wire/scenario/scenario.h"

/* scenario_parts: what the files that read tests share. */

enum {
	SCENARIO_TEXT_MAX = 256, /* FACT_TEXT_MAX, and the zero */
};

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
	struct step *steps;
	size_t nsteps;
	struct placed *placed; /* room for one per step */
	size_t nplaced;
};

/* ---- values ---------------------------------------------------------------- */

int scenario_text(struct arena *, const struct node *, const char **,
    struct err *) MUST_CHECK;
/* A member of an object, if it is there. */
int scenario_text_in(struct arena *, const struct node *up, const char *key,
    const char **, struct err *) MUST_CHECK;
/* A list of texts, if it is there. */
int scenario_words_in(struct arena *, const struct node *up, const char *key,
    struct words *, struct err *) MUST_CHECK;
/* Money as text with at most so many decimals. */
int scenario_decimal(
    const struct node *, int places, int64_t *, struct err *) MUST_CHECK;
int scenario_money_in(const struct draft_test *, const struct node *up,
    const char *key, int64_t *, struct err *) MUST_CHECK;
/* Units of a wallet: a whole number, or money, which comes out in MILLI. */
int scenario_units(const struct draft_test *, const struct node *,
    size_t wallet, int64_t *, struct err *) MUST_CHECK;
/* The decimals of such units as people write them. */
int scenario_places(const struct program *, enum wallet_unit);
/* The index of the wallet a text names. */
int scenario_wallet(const struct draft_test *, const struct node *, size_t *,
    struct err *) MUST_CHECK;

/* A member of the test by name.  `is_new` lets it be one that no step above
 * names. */
int scenario_member(struct draft_test *, const struct node *, bool is_new,
    size_t *, struct err *) MUST_CHECK;

/* ---- parts of a step --------------------------------------------------------- */

/* Of order.c; the node is the value behind the key. */
int step_order(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_quote(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_refund(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_cancel(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;

/* Of fact.c. */
int step_event(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_redeem(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_capture(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_release(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_undo(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_customer(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_adjust(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;

/* Read the steps that the shop does (store.c). */
int step_merge(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_payout(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;
int step_program(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;

/* Of expect.c. */
int step_expect(struct draft_test *, const struct node *, struct step *,
    struct err *) MUST_CHECK;

/* Whether the word is one that anything could say. */
bool scenario_says(
    const struct draft_test *, enum expect_kind, const char *word);

/* "0.624" of a number with so many decimals; of those beyond `least` zeros
 * at the end are not said. */
void decimal_format(int64_t, int places, int least, char out[MONEY_TEXT_MAX]);

#endif /* WIRE_SCENARIO_INTERNAL_H */

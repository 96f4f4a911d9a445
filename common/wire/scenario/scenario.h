/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "core/fact.h"
#include "core/program.h"
#include "core/quote.h"

/*
 * scenario: reads and runs the tests inside a program file.  A test is a list
 * of steps: what happens to one or several members, and what is expected then
 * (deploy/programs/README.md).
 *
 * Reading a test and running it are separate functions, so that a caller can
 * also send the steps to real processes.  Neither function does I/O.
 *
 * Amounts of wallets are in units of the wallet (core/program.h), money is in
 * minor units, instants are those of base/instant.h.
 */

enum {
	SCENARIOS_MAX = 1000, /* tests of one file */
	STEPS_MAX = 1000,     /* steps of one test */
	REPEAT_MAX = 100,
	MEMBERS_MAX = 16, /* members of one test */
	SCENARIO_NAME_MAX = 128,
	SCENARIO_STORE = 1, /* id of the store in which every test happens */
};

enum expect_kind {
	EXPECT_AVAILABLE = 1, /* key: the wallet's id */
	EXPECT_PENDING,
	EXPECT_RESERVED,
	EXPECT_DEBT,
	/* Key: the wallet's id; value: the units ever earned, without those
	 * taken back. */
	EXPECT_EARNED,
	EXPECT_CHARITY,    /* key: the charity's id; value in MILLI */
	EXPECT_ENTRY,      /* key: "rule" or "rule*multiplier" */
	EXPECT_EARNS,      /* of a quote; key: the wallet's id; value: units */
	EXPECT_PAY,        /* of a quote; value: what is to be paid */
	EXPECT_SHIPPING,   /* of a quote; text: "free", or NULL and a value */
	EXPECT_TIER,       /* text: the level's id; NULL: none */
	EXPECT_TIER_UNTIL, /* text: the last day, "ever"; NULL: none */
	EXPECT_MEMBERSHIP, /* key: the membership's id; text: its days
			      "2025-03-10..2026-03-10", "ever", "none" */
	EXPECT_REASON,     /* text: why a rule gave this step nothing */
	EXPECT_REFUSED,    /* text: why the step was refused; NULL: accepted */
	/* Words: the ids of all benefits that the member has. */
	EXPECT_BENEFITS,
	EXPECT_DISCOUNTS, /* of a quote; values: the discount of each line */
};

struct expectation {
	enum expect_kind kind;
	const char *key;
	int64_t value;
	int places; /* decimals with which people write `value` */
	const char *text;
	struct words words;
	const int64_t *values;
	size_t nvalues;
};

enum step_kind {
	STEP_WAIT = 1, /* only time passes */
	STEP_ORDER,    /* an order is placed, or reported again */
	STEP_REFUND,
	STEP_CANCEL,
	STEP_FACT, /* an event, a redemption, ...: see step.fact */
	STEP_QUOTE,
	STEP_MERGE,   /* step.member is merged into step.into */
	STEP_PAYOUT,  /* step.charity is paid the donations due */
	STEP_PROGRAM, /* step.program is in effect from then on */
};

struct step {
	enum step_kind kind;
	int64_t at;
	const char *at_text; /* `at` as the file has it */
	int64_t told_at;     /* when the step becomes known, not before `at` */
	size_t line;         /* line of the step in the file */
	int64_t repeat;      /* how often the step is reported, at least once */
	size_t member;       /* index of the member whom the step is about */

	/* STEP_ORDER, STEP_REFUND, STEP_CANCEL: the order as it is after the
	 * step, with all its refunds.  STEP_QUOTE: the basket. */
	const char *id;    /* the order's id in the file */
	const char *brand; /* NULL: none */
	const struct order *order;
	const struct order_refund *refund; /* the refund of a STEP_REFUND */

	/* STEP_FACT: the fact; scenario_run() fills in program, version and
	 * store. */
	struct fact fact;
	size_t friend; /* the member whom a referral brought, or NONE */

	size_t into;         /* STEP_MERGE: index of the member who remains */
	const char *charity; /* STEP_PAYOUT: id of the charity that is paid */
	/* STEP_PROGRAM: the program from then on. */
	const struct program *program;

	/* STEP_QUOTE: the rewards that the member asks to use. */
	const struct quote_wish *wishes;
	size_t nwishes;

	const struct expectation *expects;
	size_t nexpects;
	bool all_entries; /* entries that no expectation names must be 0 */
};

struct scenario {
	const char *name;
	size_t line;
	int64_t since; /* the store earns from then on; 0: from the beginning */
	const struct program *program; /* in effect at the first step */
	const struct step *steps;      /* in the order of `at` */
	size_t nsteps;
	size_t nmembers;
};

struct scenarios {
	const struct scenario *list;
	size_t n;
};

struct zones {
	const struct zone *list;
	size_t n;
};

struct node;

/* Lists the names of the time zones that the tests of a file use, so that a
 * caller who can do I/O loads the zones. */
void scenarios_zones(struct arena *, const struct node *file, struct words *);

/* Reads the tests of a program file; program_of() must have read the program.
 * For a test with another currency or zone, the program is read again with that
 * currency or zone.  Results are in the arena, but the zones must live as long
 * as the results.  -1 if there are faults, which are in the node's file; no
 * test may be run then. */
int scenarios_of(struct arena *, const struct node *file,
    const struct program *, const struct zones *,
    struct scenarios *) MUST_CHECK;

/* Reads a file that has only a basket: the object that a step has under
 * "quote".  `now` is the time of the basket.  REJECT for a fault, with its
 * place in the file. */
int basket_parse(struct arena *, struct str file, const struct program *,
    int64_t now, struct step *, struct err *) MUST_CHECK;

/*
 * Runs a test by fold() and quote(), step by step, in the order in which the
 * steps become known.  Writes a line, beginning with `file`, for each
 * difference from what is expected.  Below the lines of a step come the newest
 * movements of the ledger, indented.  Returns the number of differences.
 */
size_t scenario_run(const struct scenario *, const char *file, struct buf *);

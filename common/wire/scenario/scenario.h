/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SCENARIO_SCENARIO_H
#define WIRE_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "core/fact.h"
#include "core/program.h"
#include "core/quote.h"

/*
 * scenario: the tests inside a program file: what happens to one member, or
 * to several, step by step, and what is expected then.
 *
 * Reading and running are apart, so that the same steps can also be sent to
 * the processes.  Neither does I/O.  deploy/programs/README.md says how a
 * test is written.
 *
 * Amounts of wallets are in the wallet's units (core/program.h), money is in
 * minor units, instants are base/instant.h's.
 */

enum {
	SCENARIOS_MAX = 1000, /* of one file */
	STEPS_MAX = 1000,     /* of one test */
	REPEAT_MAX = 100,
	MEMBERS_MAX = 16, /* of one test */
	SCENARIO_NAME_MAX = 128,
	SCENARIO_STORE = 1, /* the store all of it happens in */
};

enum expect_kind {
	EXPECT_AVAILABLE = 1, /* key: the wallet */
	EXPECT_PENDING,
	EXPECT_RESERVED,
	EXPECT_DEBT,
	EXPECT_EARNED,     /* ... since ever, less what was taken back */
	EXPECT_CHARITY,    /* key: the charity; MILLI */
	EXPECT_ENTRY,      /* key: "rule", "rule*multiplier": by this step's
			      order or event; see step.all_entries */
	EXPECT_EARNS,      /* key: the wallet; a quote's */
	EXPECT_PAY,        /* a quote's */
	EXPECT_SHIPPING,   /* a quote's; text "free", or value */
	EXPECT_TIER,       /* text: the level, or NULL */
	EXPECT_TIER_UNTIL, /* text: the last day, "ever", or NULL */
	EXPECT_MEMBERSHIP, /* key: which; text: "2025-03-10..2026-03-10", the
			      local days it began and ends, "ever", "none" */
	EXPECT_REASON,     /* text: why a rule gave this step nothing */
	EXPECT_REFUSED,    /* text: why a redemption, an event or a quote's
			      reward was; NULL: it was not */
	EXPECT_BENEFITS,   /* words: all that hold now */
	EXPECT_DISCOUNTS,  /* values: a quote's, line by line */
};

struct expectation {
	enum expect_kind kind;
	const char *key;
	int64_t value;
	int places; /* decimals of `value`, as people write it */
	const char *text;
	struct words words;
	const int64_t *values;
	size_t nvalues;
};

enum step_kind {
	STEP_WAIT = 1, /* nothing happens but time */
	STEP_ORDER,    /* placed, or told again as it is now */
	STEP_REFUND,
	STEP_CANCEL,
	STEP_FACT, /* an event, a redemption ...: `fact` says which */
	STEP_QUOTE,
	STEP_MERGE,   /* `member` becomes `into` */
	STEP_PAYOUT,  /* `charity` is paid what it is owed */
	STEP_PROGRAM, /* `program` is in effect from now on */
};

struct step {
	enum step_kind kind;
	int64_t at;
	const char *at_text; /* as the file has it */
	int64_t told_at;     /* when it is known, and looked at: not before
				`at` */
	size_t line;         /* of the file */
	int64_t repeat;      /* it is told so often, at least once */
	size_t member;       /* whom it is about */

	/* STEP_ORDER, STEP_REFUND, STEP_CANCEL: the order as it is from now
	 * on, with all its refunds; created_at is the step's that placed it.
	 * STEP_QUOTE: the basket. */
	const char *id;    /* the order's, as the file has it */
	const char *brand; /* NULL: none */
	const struct order *order;
	const struct order_refund *refund; /* STEP_REFUND: the new one */

	/* STEP_FACT; without program, version and store. */
	struct fact fact;
	size_t friend; /* of a referral; NONE: it is none */

	size_t into;                   /* STEP_MERGE */
	const char *charity;           /* STEP_PAYOUT */
	const struct program *program; /* STEP_PROGRAM */

	/* STEP_QUOTE */
	const struct quote_wish *wishes;
	size_t nwishes;

	const struct expectation *expects;
	size_t nexpects;
	bool all_entries; /* an entry that none names is expected to be 0 */
};

struct scenario {
	const char *name;
	size_t line;
	int64_t since;                 /* the store's start; 0: none */
	const struct program *program; /* it begins with */
	const struct step *steps;      /* by `at` */
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

/* The names of the time zones that tests of a file ask for, which whoever
 * can do I/O loads. */
void scenarios_zones(struct arena *, const struct node *file, struct words *);

/* Reads the tests of a program file, which program_of() has read.  For a test
 * that asks for another currency or zone the file is read once more, as for
 * such a store.  All is the arena's, but for the zones.  On -1 the faults are
 * in the node's file, and no test may be run. */
int scenarios_of(struct arena *, const struct node *file,
    const struct program *, const struct zones *,
    struct scenarios *) MUST_CHECK;

/* A basket by itself: the file is what stands behind "quote".  `now` is its
 * time.  REJECT, with the place. */
int basket_parse(struct arena *, struct str file, const struct program *,
    int64_t now, struct step *, struct err *) MUST_CHECK;

/*
 * Runs one by fold() and quote(), after each step, in the order in which they
 * are known.  What is not as expected
 * is a line each in the buffer, `file` at its beginning, and behind those of
 * a step, indented, what stands in the ledger then.  Returns how many there
 * are.
 */
size_t scenario_run(const struct scenario *, const char *file, struct buf *);

#endif /* WIRE_SCENARIO_SCENARIO_H */

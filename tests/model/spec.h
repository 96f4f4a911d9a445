/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/program.h"

#include "dice.h"

/* spec: a random program in structs, and the program file made of the structs.
 * The structs are not those of core/program.h, so that the slow evaluator
 * (slow.h) shares nothing with the reader of program files.  Programs use the
 * words of a small world: five products, two channels, two brands, two
 * tenders. */

enum {
	SPEC_WALLETS = 3,
	SPEC_RULES = 5,
	SPEC_MULTIPLIERS = 3,
	SPEC_LEVELS = 3,
	SPEC_TESTS = 3,
	SPEC_RATES = 2,
	SPEC_KEYS = 6, /* line keys that have words; index: key - 1 */
	SPEC_FILE_MAX = 64 * 1024,
	WORLD_DECLARED = 2025, /* the year of spec_rule.declared */
};

/* A shape limits the parts of a program; if both members are false, any part
 * may be used. */
struct shape {
	bool slow;   /* only parts that the slow evaluator knows */
	bool undone; /* only parts whose effect refunds undo completely */
};

struct product {
	int64_t id;
	const char *sku, *vendor, *type;
	unsigned categories, tags; /* sets of world_categories, world_tags */
	bool on_sale, gift_card;
};

enum {
	PRODUCTS = 5,
	PRODUCT_FEE = 4, /* the product that pays for the membership */
};

extern const struct product products[PRODUCTS];
extern const char *const world_categories[3],
    *const world_tags[2],
        *const world_channels[2],
            *const world_brands[2],
                *const world_tenders[2],
                    *const world_states[3],
                        *const world_codes[3],
                            *const world_marks[2],
                                *const world_births[2],
                                    *const world_shipping[2],
                                        *const world_events[4],
                                            *const world_levels[SPEC_LEVELS];

/* A filter of lines: the words of each key as bits.  If all members are zero,
 * there is no filter. */
struct spec_filter {
	unsigned words[SPEC_KEYS];
	bool on_sale, gift_card, free;
};

struct spec_test {
	enum test_kind kind;
	bool negated;
	unsigned bits; /* the words that the condition accepts */
	bool any;      /* TEST_CODES: any code at all */
	/* The range is low <= x < high; TEST_DATES has days since 1970 and
	 * includes `high`.  TEST_SINCE has days and TEST_NTH a number in
	 * `low`. */
	int64_t low, high;
	const char *event;
};

struct spec_when {
	struct spec_test list[SPEC_TESTS];
	size_t n;
};

struct spec_base {
	bool before, tax, shipping, fees, gift_cards;
	struct spec_filter lines, not_lines;
	unsigned tender; /* set of world_tenders that count; 0: all count */
	bool not_tender; /* the tenders outside of the set count */
};

struct spec_expiry {
	int64_t after_months, after_days;
	enum window end_of; /* expires when this window ends; 0: does not */
	int64_t plus_years;
	int64_t inactive_months;
	int64_t on; /* expires on this day (since 1970); 0: does not */
};

struct spec_wallet {
	const char *id;
	enum wallet_unit unit;
	enum negative negative;
	struct spec_expiry expires;
};

struct spec_rule {
	const char *id;
	enum trigger on;
	const char *event;
	struct spec_when when;
	enum amount_per by;
	int64_t units;    /* hundredths of a percent, minor units, or points */
	int64_t per;      /* the minor units that earn `units` points */
	int64_t declared; /* the units in the year WORLD_DECLARED; 0: `units` */
	struct spec_base base;
	enum rounding rounding;
	enum window over;
	struct limit limits[2]; /* `most`: units, or minor units of money */
	size_t nlimits;
	size_t wallet;
	bool donates;
	int64_t take_each; /* units taken of the first wallet; 0: none */
	bool closed;
	unsigned replaces; /* the set of rules that this rule replaces */
	enum reversal reversal;
	int64_t pending_days;
	bool fulfilled;
	bool has_expiry;
	struct spec_expiry expires;
};

struct spec_multiplier {
	const char *id;
	int64_t times;  /* the factor x FACTOR_ONE */
	unsigned rules; /* the set of rules that are multiplied */
	struct spec_when when;
	struct spec_filter lines;
	enum stacking stack;
};

struct spec_tiers {
	size_t nlevels; /* 0: the program has no tiers */
	enum tier_metric metric;
	struct spec_base base;
	enum tier_window window;
	int64_t rolling_months;
	enum tier_term term;
	int64_t term_months;
	int64_t grace_days;
	enum downgrade downgrade;
	enum crossing crossing;
	bool at_term_end;
	bool pending_counts;
	int64_t thresholds[SPEC_LEVELS];
	bool above;
	/* The only condition of the highest level.  If `n` is 0, the highest
	 * level has a threshold like the other levels. */
	struct spec_when when;
};

/* A rate: hundredths of a euro for a dollar, from a day on. */
struct spec_rate {
	int64_t day, hundredths;
};

struct spec {
	struct shape shape;
	struct spec_wallet wallets[SPEC_WALLETS];
	size_t nwallets;
	struct spec_rule rules[SPEC_RULES];
	size_t nrules;
	struct spec_multiplier multipliers[SPEC_MULTIPLIERS];
	size_t nmultipliers;
	struct spec_tiers tiers;
	bool membership; /* the program has a membership, "prime" */
	bool membership_ever, membership_stays;
	int64_t grace_days, trial_days;
	bool consent; /* the program has a consent for a year, "health" */
	struct spec_rate rates[SPEC_RATES]; /* sorted by day */
	size_t nrates;
	int64_t pending_days;
};

void spec_make(struct dice *, struct shape, struct spec *);

/* Renders the program file.  Now and then leaves out a value that is the
 * default. */
void spec_render(struct dice *, const struct spec *, struct buf *);

/* SPDX-License-Identifier: MIT */
#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/program.h"

#include "dice.h"

/*
 * spec: a program at random, as it is meant, and the file that says so.
 *
 * What is meant is kept here, apart from what core/program.h has of it, so
 * that the slow evaluator (slow.h) shares nothing with the file's reader.
 * The words are those of a small world: five products, two channels, two
 * brands, two tenders.
 */

enum {
	SPEC_WALLETS = 3,
	SPEC_RULES = 5,
	SPEC_MULTIPLIERS = 3,
	SPEC_LEVELS = 3,
	SPEC_TESTS = 3,
	SPEC_RATES = 2,
	SPEC_KEYS = 6, /* of lines that have words: line_key - 1 */
	SPEC_FILE_MAX = 64 * 1024,
	WORLD_DECLARED = 2025, /* the year some rates are declared of */
};

/* What a program may have in it. */
struct shape {
	bool slow;   /* only what slow.h understands */
	bool undone; /* only what refunds take back to nothing */
};

struct product {
	int64_t id;
	const char *sku, *vendor, *type;
	unsigned categories, tags; /* sets of the words */
	bool on_sale, gift_card;
};

enum {
	PRODUCTS = 5,
	PRODUCT_FEE = 4, /* what pays for the membership */
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

/* Words of each key as bits; all zero is no filter. */
struct spec_filter {
	unsigned words[SPEC_KEYS];
	bool on_sale, gift_card, free;
};

struct spec_test {
	enum test_kind kind;
	bool negated;
	unsigned bits;     /* words */
	bool any;          /* codes: any of them */
	int64_t low, high; /* dates: days since 1970, the last included */
	const char *event;
};

struct spec_when {
	struct spec_test list[SPEC_TESTS];
	size_t n;
};

struct spec_base {
	bool before, tax, shipping, fees, gift_cards;
	struct spec_filter lines, not_lines;
	unsigned tender; /* 0: all */
	bool not_tender;
};

struct spec_expiry {
	int64_t after_months, after_days;
	enum window end_of; /* 0: not */
	int64_t plus_years;
	int64_t inactive_months;
	int64_t on; /* days since 1970 */
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
	int64_t units;    /* percent: x 100; amount: minor units */
	int64_t per;      /* minor units */
	int64_t declared; /* instead of units, of WORLD_DECLARED; 0: none */
	struct spec_base base;
	enum rounding rounding;
	enum window over;
	struct limit limits[2]; /* most: as in the file, or minor units */
	size_t nlimits;
	size_t wallet;
	bool donates;
	int64_t take_each; /* of the first wallet; 0: nothing */
	bool closed;
	unsigned replaces; /* rules, as bits */
	enum reversal reversal;
	int64_t pending_days;
	bool fulfilled;
	bool has_expiry;
	struct spec_expiry expires;
};

struct spec_multiplier {
	const char *id;
	int64_t times;  /* FACTOR_ONE is 1 */
	unsigned rules; /* as bits; 0: all */
	struct spec_when when;
	struct spec_filter lines;
	enum stacking stack;
};

struct spec_tiers {
	size_t nlevels; /* 0: none */
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
	struct spec_when when; /* of the highest level, by this alone; n 0: it
				  has a threshold, too */
};

/* Hundredths of a euro for a dollar, from a day on. */
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
	bool membership; /* "prime" */
	bool membership_ever, membership_stays;
	int64_t grace_days, trial_days;
	bool consent;                       /* "health", a year */
	struct spec_rate rates[SPEC_RATES]; /* by day */
	size_t nrates;
	int64_t pending_days;
};

void spec_make(struct dice *, struct shape, struct spec *);

/* The file; what is as it is by default is left out now and then. */
void spec_render(struct dice *, const struct spec *, struct buf *);

#endif /* MODEL_SPEC_H */

/* SPDX-License-Identifier: MIT */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/order.h"
#include "core/ratio.h"

/*
 * program: the rules of one loyalty program, as read from its file
 * (wire/program/program.h) for a store of one currency and time zone.
 * deploy/programs/README.md is the language this is the other side of.
 *
 * A rule is a trigger, a condition, an amount, a limit and a wallet.  The
 * rest is what those speak of: wallets, multipliers, tiers, memberships;
 * and what a member may have for it: rewards and benefits.
 *
 * Everything is the arena's of whoever read the file; nothing is changed
 * after that.  An id is a text that lasts: it names the thing in the ledger
 * for ever.  Inside one program things point to each other by index.
 *
 * Units: amounts of wallets are whole points or vouchers, or, of money,
 * thousandths of the currency's minor unit (MILLI), so that percentages
 * lose nothing.  Money elsewhere is in minor units.
 */

enum {
	RULES_MAX = 256,
	RULE_ID_MAX = 32, /* with the zero; of every id */
	STATUSES_MAX = 16,
	PENDING_DAYS_MAX = 3650,
	RATE_MAX = 1000000000, /* points, or minor units they are for */
	WALLETS_MAX = 16,
	MULTIPLIERS_MAX = 64,
	LIMITS_MAX = 8, /* of one rule */
	LEVELS_MAX = 16,
	MEMBERSHIPS_MAX = 8,
	REWARDS_MAX = 64,
	BENEFITS_MAX = 64,
	CHARITIES_MAX = 16,
	CONSENTS_MAX = 8,
	DECLARED_MAX = 100, /* years of a declared rate */
	WORDS_MAX = 256,    /* in one list */
	NAMES_MAX = 8,      /* languages of one thing */
	TESTS_MAX = 32,     /* in one condition or filter */
	CURRENCIES_MAX = 200,
	EXCHANGES_MAX = 1000, /* of one currency */
	MILLI = 1000,         /* a money wallet's units per minor unit */
	FACTOR_ONE = 10000,   /* a multiplier of 1 */
	FACTOR_MAX = 1000 * FACTOR_ONE, /* of one, and of all together */
};

#define NONE SIZE_MAX /* an index that points to nothing */

#define BIRTHDAY "birthday" /* the attribute that is the member's own */

/* ---- names ------------------------------------------------------------ */

/* One language's words for a thing; forms by CLDR's plural categories, the
 * ones a language does not use are NULL.  A name without a number has only
 * `other`. */
struct name {
	const char *language; /* "en", "de", "cs" */
	const char *one, *few, *many, *other;
};

struct names {
	const struct name *list;
	size_t n;
};

/* ---- what of an order counts ------------------------------------------- */

enum line_key {
	LINE_CATEGORY = 1, /* WooCommerce's category, Shopify's collection */
	LINE_TAG,
	LINE_VENDOR,
	LINE_TYPE,
	LINE_SKU,       /* with * for any characters */
	LINE_PRODUCT,   /* the platform's number, as text */
	LINE_ON_SALE,   /* no words */
	LINE_GIFT_CARD, /* no words */
	LINE_FREE,      /* no words: it cost nothing */
	LINE_PART,      /* no words: a part of a bundle */
	LINE_BUNDLE,    /* no words: a bundle that has its parts beside it */
};

static inline bool
line_key_has_words(enum line_key key)
{
	return key < LINE_ON_SALE;
}

/* "The line has one of these"; negated, that it has none. */
struct line_test {
	enum line_key key;
	bool negated;
	struct words any;
};

/* Which lines: those that pass every test. */
struct filter {
	const struct line_test *tests;
	size_t n;
};

/* What of an order counts.  The lines always do, without tax. */
struct base {
	bool before_discounts;
	bool tax;
	bool shipping;
	bool fees;
	bool gift_cards;
	struct filter lines;
	/* Only the part paid by one of these tenders, or by none of them. */
	struct words tender;
	bool not_tender;
};

/* ---- conditions ---------------------------------------------------------- */

enum test_kind {
	TEST_TIER = 1,   /* is in one of the tiers (words) */
	TEST_MEMBERSHIP, /* one of them is active (words) */
	TEST_CHANNEL,    /* of the order or event: "online", "pos" (words) */
	TEST_BRAND,      /* the store's brand (words) */
	TEST_SHIPPING,   /* the order's shipping method (words) */
	TEST_WEEKDAY,    /* local; low is a bit set, 1 << 0 is Monday */
	TEST_DATES,      /* low <= the event's instant < high */
	TEST_SINCE,      /* the newest event of type `name` (enrolment too)
			     is less than `period` ago */
	TEST_CHOSEN_DAY, /* the day the member chose */
	TEST_ATTRIBUTE,  /* of the member, `name`, is one of the words */
	TEST_CUSTOMER,   /* what a shop says of its customer: one `name` ("tag",
			    "role", "company") is one of the words, with * for
			    any characters, in any case */
	TEST_FIELD,      /* of the event, `name`, is one of the words */
	TEST_NUMBER,     /* the event's field `name`: low <= it < high */
	TEST_AMOUNT,     /* the order's counted lines or the event's amount:
			     low <= it < high, minor units */
	TEST_PIECES,     /* of the order's counted lines: low <= it < high */
	TEST_CODES,      /* one that was used on the order is one of the words,
			    with * for any characters, in any case */
	TEST_NTH,        /* the member's low-th earning order, from 1 */
	TEST_CONSENT,    /* given and not run out (words) */
	TEST_AGE, /* by one of the attributes `any`: low <= years < high */
};

struct test {
	enum test_kind kind;
	bool negated;
	const char *name;
	struct words any;
	int64_t low, high;
	struct period period;
	/* What an explanation says if this test failed; NULL: its kind. */
	const char *otherwise;
};

/* Holds if every test does. */
struct condition {
	const struct test *tests;
	size_t n;
};

/* ---- wallets --------------------------------------------------------------- */

enum wallet_unit {
	UNIT_POINTS = 1, /* also stamps, credits, tokens: whole numbers */
	UNIT_MONEY,      /* MILLI of the minor unit */
	UNIT_VOUCHERS,   /* pieces of something; each is worth the same */
};

/* When what was earned is gone.  The earliest of what is said; an expiry
 * that says nothing is never. */
struct expiry {
	struct period after;    /* the earning: at the end of that local day */
	struct period plus;     /* ... or at the end of the month or year ... */
	enum window end_of;     /* ... the earning plus `plus` is in; 0: not */
	struct period inactive; /* without activity: the whole wallet */
	int64_t on;             /* at this instant; 0: not */
};

enum negative {
	NEGATIVE_DEBT = 1, /* what is missing is owed; earnings repay it */
	NEGATIVE_ALLOW,    /* the same, shown as a balance below zero */
	NEGATIVE_FORGIVE,  /* what is missing is forgiven */
};

struct wallet {
	const char *id;
	enum wallet_unit unit;
	struct names names;
	struct expiry expires;
	enum negative negative;
	/* What counts as activity for `inactive`. */
	bool active_by_earning, active_by_redeeming, active_by_order;
	int64_t worth; /* of one unit (vouchers, points), in MILLI; 0: none */
	bool charity;  /* holds what is owed to charities, not the member's: is
			  called "charity", and there if there are any */
};

/* ---- rules -------------------------------------------------------------------- */

enum trigger {
	ON_ORDER = 1,
	ON_EVENT,      /* an event of type rule.event */
	ON_BIRTHDAY,   /* that of rule.attribute, once per calendar year */
	ON_TIER,       /* a tier was entered from below */
	ON_TIER_YEAR,  /* that, and each year after in the tier */
	ON_MEMBERSHIP, /* somebody became a member who was none */
	ON_MEMBERSHIP_PERIOD, /* each paid period begins */
	ON_MEMBERSHIP_MONTH,  /* each month of paid time begins */
	ON_MONTH,             /* the first instant of each ..., local */
	ON_QUARTER,
	ON_YEAR,
	ON_DATE,    /* rule.month and rule.day, each year */
	ON_BALANCE, /* whenever there is enough to take */
};

enum rounding {
	ROUND_FLOOR = 1,
	ROUND_NEAREST, /* halves up */
	ROUND_CEIL,
};

/* Where something is taken: PER_EVENT is for each taking, PER_MONEY of what
 * is taken. */
enum amount_per {
	PER_EVENT = 1, /* `units` for each order or event */
	PER_MONEY,     /* for each `per` minor units of the base */
	PER_ITEM,      /* for each `per` pieces of the base's lines */
	PER_COUNT,     /* for each `per` of the event's count */
};

/* At most `most` of the wallet's units in each window. */
struct limit {
	int64_t most;
	enum window window;
	bool of_program; /* all members together */
};

/* The rate of a year, where it is declared and not promised. */
struct declared {
	int year; /* the local year the rule's instant is in */
	int64_t units, per;
};

enum reversal {
	REVERSE_RESIDUAL = 1, /* what the rest of the order is worth stays */
	REVERSE_PROPORTIONAL, /* the same share of the points, rounded down,
				 stays as of the money */
	REVERSE_NONE,         /* what was earned stays */
};

enum pending_from {
	FROM_PAID = 1,  /* the order's payment; of other events, the event */
	FROM_FULFILLED, /* held until the order was */
};

struct rule {
	const char *id;
	enum trigger on;
	const char *event;
	const char *attribute; /* ON_BIRTHDAY: where the date is */
	int month, day;
	struct condition when;

	/* units / per, times the base, the pieces, the count or 1.  Where
	 * the wallet is money, `units` is in MILLI. */
	enum amount_per by;
	int64_t units, per;
	size_t base; /* in program.bases */
	enum rounding rounding;
	enum window over; /* what is summed before it is rounded */
	const struct declared *declared; /* instead of units and per */
	size_t ndeclared;

	struct limit limits[LIMITS_MAX]; /* the shortest window first */
	size_t nlimits;
	size_t wallet;       /* it goes into */
	const char *charity; /* or it is owed to this one; NULL: not */

	/* What is taken for it: `each` units of another wallet, as often as
	 * there is enough.  NONE: nothing. */
	size_t take_wallet;
	int64_t take_each;
	int64_t take_least; /* nothing, if there is less; 0: no such bound */
	bool take_closed;   /* only what was earned before the period (ON_MONTH
			     ... ON_DATE: the calendar year) began */

	struct words replaces; /* rules that do not count the same lines */
	enum reversal reversal;
	int64_t pending_days; /* -1: the program's */
	enum pending_from pending_from;
	bool has_expiry; /* its own, not the wallet's */
	struct expiry expires;
	struct names names; /* what an explanation calls it */
};

enum stacking {
	STACK_BEST = 1, /* of these only the largest counts */
	STACK_ADD,      /* what each adds to 1 is added up */
	STACK_MULTIPLY,
	STACK_REPLACE, /* the first that holds counts alone */
};

/* Together: best x (1 + sum of (add - 1)) x product of multiply; or the
 * replacing one alone. */
struct multiplier {
	const char *id;
	int64_t times;      /* FACTOR_ONE is 1 */
	struct words rules; /* empty: all on orders and events */
	struct condition when;
	struct filter lines;
	enum stacking stack;
};

/* ---- tiers -------------------------------------------------------------------- */

enum tier_metric {
	METRIC_SPEND = 1, /* minor units of the base */
	METRIC_EARNED,    /* units earned into `wallet` */
	METRIC_ORDERS,
	METRIC_EVENTS, /* of type `event` */
};

enum tier_window {
	TIER_YEAR = 1, /* the calendar year */
	TIER_ROLLING,  /* the last `rolling` */
	TIER_LIFETIME,
	TIER_ANNIVERSARY, /* the year since enrolment */
};

enum tier_term {
	TERM_FOREVER = 1,
	TERM_REST_PLUS_NEXT, /* the rest of the calendar year and the next */
	TERM_REST,           /* the rest of the calendar year */
	TERM_PERIOD,         /* `term_period` from entry or renewal */
	TERM_WHILE,          /* as long as the metric has it */
};

enum downgrade {
	DOWNGRADE_EVALUATE = 1, /* to what the metric gives */
	DOWNGRADE_ONE,
	DOWNGRADE_NONE,
};

enum crossing {
	CROSSING_OLD = 1, /* the order that reaches a tier earns as before */
	CROSSING_NEW,
	CROSSING_SPLIT, /* each part of it as its tier says */
};

struct level {
	const char *id;
	struct names names;
	bool has_threshold;
	int64_t threshold;
	bool above;            /* more than the threshold; else at least */
	struct condition when; /* or, without threshold, by this alone */
};

struct tiers {
	enum tier_metric metric;
	size_t base;
	size_t wallet;
	const char *event;
	bool pending_counts; /* METRIC_EARNED */
	enum tier_window window;
	struct period rolling;
	enum tier_term term;
	struct period term_period;
	int64_t grace_days;
	enum downgrade downgrade;
	enum crossing crossing;
	bool refund_at_term_end; /* else at once */
	bool before; /* orders of before the store's start count, too */
	struct level levels[LEVELS_MAX]; /* lowest first */
	size_t nlevels;
};

/* ---- memberships ------------------------------------------------------------------ */

enum membership_refund {
	MEMBERSHIP_ENDS = 1, /* when its fee is refunded */
	MEMBERSHIP_STAYS,
};

struct membership {
	const char *id;
	struct names names;
	struct filter fee; /* the lines that pay for it; they earn nothing and
			      are never discounted */
	int64_t price;     /* minor units, for people; 0: not said */
	struct period term;
	int64_t trial_days, grace_days;
	enum membership_refund refund;
};

/* ---- what one has of it ---------------------------------------------------------------- */

enum reward_kind {
	REWARD_DISCOUNT_AMOUNT = 1,
	REWARD_DISCOUNT_PERCENT,
	REWARD_SHIPPING,
	REWARD_PRODUCT,
	REWARD_GIFT_CARD,
	REWARD_STORE_CREDIT,
	REWARD_CHARITY,
	REWARD_EXPERIENCE,
};

enum {
	PERCENT_ALL = 10000, /* 100 %, as percentages are kept here */
};

/* What may be had for units of a wallet.  `cost` once (a step of a ladder,
 * a block), or, variable, `cost` for each `amount` of value. */
struct reward {
	const char *id;
	struct names names;
	enum reward_kind kind;
	size_t wallet;
	int64_t cost;
	bool variable;
	int64_t least, most; /* variable: units at once; 0: no bound */
	int64_t amount;      /* minor units */
	int64_t percent;     /* x 100: 2000 is 20 % */
	const char *product;
	int64_t minimum;      /* of the order, minor units */
	int64_t most_percent; /* x 100, of the order: what it takes off, with
				 all used beside it; 0: no bound */
	bool combines;
	struct filter lines;
	struct condition when;
	struct period valid;
	int64_t unit_cost; /* what it costs the merchant, minor units */
};

enum benefit_kind {
	BENEFIT_DISCOUNT = 1, /* percent off lines; of several the best */
	BENEFIT_SHIPPING,     /* free */
	BENEFIT_SERVICE,      /* `count` per `window`; 0: as often as liked */
	BENEFIT_FLAG,
};

struct benefit {
	const char *id;
	struct names names;
	enum benefit_kind kind;
	struct condition when;
	struct filter lines;
	int64_t percent; /* x 100 */
	int64_t minimum; /* of the basket, minor units */
	int64_t count;
	enum window window;
};

struct consent {
	const char *id;
	struct period valid;
};

/* From an instant on one minor unit of another currency is n / d of the
 * store's. */
struct exchange {
	int64_t from;
	wide n, d;
	const char *rate; /* as the file says it: one unit for another */
};

struct currency {
	char code[4];
	const struct exchange *rates; /* by time */
	size_t nrates;
};

enum feb29 {
	FEB29_PREVIOUS = 1, /* 28 February */
	FEB29_NEXT,         /* 1 March */
};

struct statuses {
	size_t n;
	char list[STATUSES_MAX][ORDER_STATUS_MAX];
};

struct program {
	const char *name;
	const char *modelled_on; /* NULL: not said */
	char currency[4];
	int exponent;
	const struct zone *zone;

	const struct base *bases; /* distinct ones */
	size_t nbases;
	const struct wallet *wallets; /* the first is the default */
	size_t nwallets;
	const struct rule *rules;
	size_t nrules;
	const struct multiplier *multipliers;
	size_t nmultipliers;
	struct tiers tiers; /* nlevels 0: none */
	const struct membership *memberships;
	size_t nmemberships;
	const struct reward *rewards;
	size_t nrewards;
	const struct benefit *benefits;
	size_t nbenefits;
	struct words charities;
	const struct consent *consents;
	size_t nconsents;
	const struct currency *currencies; /* others than the store's */
	size_t ncurrencies;

	int64_t birthday_lead_days;
	int64_t birthday_lock_days; /* between changes of the date */
	enum feb29 feb29;

	/* In which an order earns, by platform. */
	struct statuses award[PLATFORMS + 1];
	int64_t pending_days; /* of rules that say none of their own */

	/* Nothing here looks beyond one order: it can be decided with
	 * nothing else known.  Set by the reader of the file. */
	bool plain;
};

/* The index of what has this id, or NONE. */
size_t program_wallet(const struct program *, const char *id);
size_t program_rule(const struct program *, const char *id);
size_t program_reward(const struct program *, const char *id);
size_t program_level(const struct program *, const char *id);
size_t program_membership(const struct program *, const char *id);
/* Whether the attribute is a date that birthdays are kept by. */
bool program_has_birthday(const struct program *, const char *attribute);
bool words_have(const struct words *, const char *word);
/* Whether both lists have a word in common. */
bool words_common(const struct words *, const struct words *);

/* The rate at which an order in this currency, placed at this instant, is
 * converted; NULL: the program names none.  The store's own currency is worth
 * itself. */
const struct exchange *program_exchange(
    const struct program *, const char *currency, int64_t at);

/* The most that a reward may take off goods, in minor units; `share` (x 100)
 * is what rewards used before leave of the goods. */
int64_t reward_room(const struct reward *, int64_t goods, int64_t share);
/* How often a variable reward gives its amount within the room. */
int64_t reward_steps(
    const struct reward *, int64_t room, const struct exchange *);

/* What `plain` says of a program. */
bool program_is_plain(const struct program *);

#endif /* CORE_PROGRAM_H */

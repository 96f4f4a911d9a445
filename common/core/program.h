/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/calendar.h"
#include "core/order.h"
#include "core/ratio.h"
#include "core/status.h"

/*
 * program: the rules of one loyalty program, as read from its file
 * (wire/program/program.h) for a store of one currency and time zone.  The
 * language of these files is described in deploy/programs/README.md.
 *
 * A rule is a trigger, a condition, an amount, a limit and a wallet.  A program
 * also has the things that rules refer to: wallets, multipliers, tiers and
 * memberships.  Rewards and benefits are what a member may get for units, or by
 * being in a tier.
 *
 * Everything lives in the arena that was given to the reader of the file;
 * nothing is changed after that.  An id is a text that names its thing in the
 * ledger for ever.  Inside one program things point to each other by index.
 *
 * Units: a wallet holds whole points or vouchers, or money in thousandths of
 * the currency's minor unit (MILLI), so that percentages lose nothing.  All
 * other money is in minor units.
 */

enum {
	RULES_MAX = 256,
	RULE_ID_MAX = 32, /* bytes of an id, with its final zero */
	PENDING_DAYS_MAX = 3650,
	RATE_MAX = 1000000000, /* the largest `units` and `per` of a rate */
	WALLETS_MAX = 16,
	MULTIPLIERS_MAX = 64,
	LIMITS_MAX = 8, /* limits of one rule */
	LEVELS_MAX = 16,
	MEMBERSHIPS_MAX = 8,
	REWARDS_MAX = 64,
	BENEFITS_MAX = 64,
	CHARITIES_MAX = 16,
	CONSENTS_MAX = 8,
	DECLARED_MAX = 100, /* years for which a rule declares rates */
	WORDS_MAX = 256,    /* words in one list */
	NAMES_MAX = 8,      /* languages of the name of one thing */
	TESTS_MAX = 32,     /* tests in one condition or filter */
	CURRENCIES_MAX = 200,
	EXCHANGES_MAX = 1000, /* exchange rates of one currency */
	MILLI = 1000,         /* a money wallet's units per minor unit */
	MILLI_PLACES = 3,     /* decimals of MILLI */
	FACTOR_ONE = 10000,   /* a multiplier of 1 */
	FACTOR_PLACES = 4,    /* decimals of FACTOR_ONE */
	/* The largest factor of one multiplier, and of all together. */
	FACTOR_MAX = 1000 * FACTOR_ONE,
};

#define NONE SIZE_MAX /* an index that points to nothing */

#define BIRTHDAY "birthday" /* the attribute with the member's own birthday */

/* ---- names -------------------------------------------------------------- */

/* The name of a thing in one language, with a form for each plural category of
 * Unicode CLDR.  Forms that the language does not use are NULL.  A thing that
 * is never counted has only `other`. */
struct name {
	const char *language; /* "en", "de", "cs" */
	const char *one, *few, *many, *other;
};

struct names {
	const struct name *list;
	size_t n;
};

/* ---- what of an order counts -------------------------------------------- */

enum line_key {
	LINE_CATEGORY = 1, /* WooCommerce's category, Shopify's collection */
	LINE_TAG,
	LINE_VENDOR,
	LINE_TYPE,
	LINE_SKU,       /* with * for any characters */
	LINE_PRODUCT,   /* the platform's id, as text */
	LINE_ON_SALE,   /* no words */
	LINE_GIFT_CARD, /* no words */
	LINE_FREE,      /* no words: the line cost nothing */
	LINE_PART,      /* no words: the line is a part of a bundle */
	/* No words: the line is a bundle whose parts are lines, too. */
	LINE_BUNDLE,
};

static inline bool
line_key_has_words(enum line_key key)
{
	return key < LINE_ON_SALE;
}

/* The letters of a text, and its pairs of letters, as bits.  A text has all
 * letters and pairs of a pattern that it matches. */
struct letters {
	uint64_t single, pairs;
};

/* A line passes if it has one of the words or, if `negated`, none of them. */
struct line_test {
	enum line_key key;
	bool negated;
	struct words any;
	/* LINE_SKU: of each of many words, to refuse most of them quickly; NULL:
	 * not worked out. */
	const struct letters *letters;
};

/* A filter means the lines that pass every test. */
struct filter {
	const struct line_test *tests;
	size_t n;
};

/* The parts of an order that count beside its lines.  The lines always count,
 * without tax. */
struct base {
	bool before_discounts;
	bool tax;
	bool shipping;
	bool fees;
	bool gift_cards;
	struct filter lines;
	/* If there are any words, only the part of the order counts that was
	 * paid by one of these tenders; with not_tender, only the rest. */
	struct words tender;
	bool not_tender;
};

/* ---- conditions --------------------------------------------------------- */

enum test_kind {
	TEST_TIER = 1,   /* the member is in one of the tiers (words) */
	TEST_MEMBERSHIP, /* any of the memberships (words) is active */
	/* The channel of the order or event is one of the words: "online",
	 * "pos". */
	TEST_CHANNEL,
	TEST_BRAND,    /* the store's brand is one of the words */
	TEST_SHIPPING, /* the order's shipping method is one of the words */
	/* The local weekday is in `low`, a set of bits: 1 << 0 is Monday. */
	TEST_WEEKDAY,
	TEST_DATES,      /* low <= the event's instant < high */
	TEST_SINCE,      /* the newest event of type `name` (enrolment too)
			     is less than `period` ago */
	TEST_CHOSEN_DAY, /* the day is the one that the member chose */
	/* The member's attribute `name` is one of the words. */
	TEST_ATTRIBUTE,
	/* A shop says that the customer has a `name` ("tag", "role", "company")
	 * that is one of the words.  A word may have * for any characters;
	 * capitals do not matter. */
	TEST_CUSTOMER,
	TEST_FIELD,  /* the event's field `name` is one of the words */
	TEST_NUMBER, /* low <= the event's field `name` < high */
	/* low <= the order's counted lines, or the event's amount, in minor
	 * units < high */
	TEST_AMOUNT,
	TEST_PIECES, /* low <= pieces of the order's counted lines < high */
	/* A discount code of the order is one of the words, compared as for
	 * TEST_CUSTOMER. */
	TEST_CODES,
	/* The order is number `low`, counted from 1, of the member's orders
	 * that earn. */
	TEST_NTH,
	/* A consent (one of words) was given, and still holds. */
	TEST_CONSENT,
	/* low <= years since the date in an attribute (one of words) < high */
	TEST_AGE,
};

struct test {
	enum test_kind kind;
	bool negated;
	const char *name;
	struct words any;
	int64_t low, high;
	struct period period;
	/* The reason that explanations give if this test fails; NULL: the word
	 * that core/reason.def has for this kind of test. */
	const char *otherwise;
};

/* A condition holds if every test does. */
struct condition {
	const struct test *tests;
	size_t n;
};

/* ---- wallets ------------------------------------------------------------ */

enum wallet_unit {
	UNIT_POINTS = 1, /* also stamps, credits, tokens: whole numbers */
	UNIT_MONEY,      /* thousandths of the minor unit */
	UNIT_VOUCHERS,   /* pieces that are worth the same each */
};

/* When units expire: at the earliest of the times that are set, or never if
 * none is set. */
struct expiry {
	/* At the end of the local day that is this long after the earning. */
	struct period after;
	/* At the end of the month, quarter or year (end_of) that contains the
	 * time of earning plus this period.  end_of 0: not set. */
	struct period plus;
	enum window end_of;
	/* If there is no activity for this long, the whole wallet expires at
	 * once. */
	struct period inactive;
	int64_t on; /* at this instant; 0: not set */
};

enum negative {
	/* Missing units are owed; later earnings repay them. */
	NEGATIVE_DEBT = 1,
	/* As NEGATIVE_DEBT, but shown as a balance below zero. */
	NEGATIVE_ALLOW,
	NEGATIVE_FORGIVE, /* missing units are forgiven */
};

struct wallet {
	const char *id;
	enum wallet_unit unit;
	struct names names;
	struct expiry expires;
	enum negative negative;
	/* The things that count as activity for expires.inactive. */
	bool active_by_earning, active_by_redeeming, active_by_order;
	/* The worth of one voucher or point, in thousandths of the minor unit;
	 * 0: none. */
	int64_t worth;
	/* The wallet holds what is owed to charities, and nothing that belongs
	 * to a member.  The wallet's id is "charity".  Every program with
	 * charities has this wallet. */
	bool charity;
};

/* ---- rules -------------------------------------------------------------- */

enum trigger {
	ON_ORDER = 1,
	ON_EVENT, /* an event of the type rule.event */
	/* The birthday in rule.attribute, once per calendar year. */
	ON_BIRTHDAY,
	ON_TIER, /* a tier was entered from below */
	/* A tier was entered from below, or another year in that tier began. */
	ON_TIER_YEAR,
	ON_MEMBERSHIP,        /* a membership began */
	ON_MEMBERSHIP_PERIOD, /* a paid period of a membership began */
	ON_MEMBERSHIP_MONTH,  /* a month of paid time began */
	ON_MONTH,             /* the first local instant of each month */
	ON_QUARTER,
	ON_YEAR,
	ON_DATE,    /* the day rule.month and rule.day of each year */
	ON_BALANCE, /* whenever there is enough to take */
};

enum rounding {
	ROUND_FLOOR = 1,
	ROUND_NEAREST, /* a half is rounded up */
	ROUND_CEIL,
};

/* The unit by which the amount of a rule is counted.  In a rule that takes from
 * another wallet, PER_EVENT means each taking, and PER_MONEY the money that is
 * taken. */
enum amount_per {
	PER_EVENT = 1, /* `units` for each order or event */
	PER_MONEY,     /* for each `per` minor units of the base */
	PER_ITEM,      /* for each `per` pieces of the base's lines */
	PER_COUNT,     /* for each `per` of the event's count */
};

/* A rule gives at most `most` units in each window. */
struct limit {
	int64_t most;
	enum window window;
	bool of_program; /* the limit is for all members together */
};

/* The rate of one year, of a rule whose rate is declared each year. */
struct declared {
	int year; /* the local year in which the rule earns */
	int64_t units, per;
};

enum reversal {
	/* The member keeps the units that the rest of the order would earn. */
	REVERSE_RESIDUAL = 1,
	/* The member keeps the same share of the units as of the money, rounded
	 * down. */
	REVERSE_PROPORTIONAL,
	REVERSE_NONE, /* the member keeps what was earned */
};

enum pending_from {
	FROM_PAID = 1, /* from the order's payment, or from the event */
	/* From the fulfilment of the order; held until then. */
	FROM_FULFILLED,
};

struct rule {
	const char *id;
	enum trigger on;
	const char *event;
	const char *attribute; /* ON_BIRTHDAY: the attribute with the date */
	int month, day;
	struct condition when;

	/* The amount is units / per, times the base, the pieces, the count or
	 * 1, as `by` says.  For a wallet of money, `units` is in thousandths of
	 * the minor unit. */
	enum amount_per by;
	int64_t units, per;
	size_t base; /* index in program.bases */
	enum rounding rounding;
	/* The base is summed up over this window, and rounded once. */
	enum window over;
	/* Rates by year, used instead of `units` and `per` if there are any. */
	const struct declared *declared;
	size_t ndeclared;

	struct limit limits[LIMITS_MAX]; /* the shortest window first */
	size_t nlimits;
	size_t wallet; /* index of the wallet that gets the units */
	/* The amount is owed to this charity; NULL: to none. */
	const char *charity;

	/* For each time the rule gives, take_each units of this wallet are
	 * taken, as often as there are enough.  NONE: nothing is taken. */
	size_t take_wallet;
	int64_t take_each;
	/* The rule takes nothing if the wallet has fewer units; 0: no bound. */
	int64_t take_least;
	/* Takes only what was earned before the period of the trigger began
	 * (ON_DATE: the calendar year). */
	bool take_closed;

	/* The ids of rules that skip every line which this rule counts. */
	struct words replaces;
	enum reversal reversal;
	int64_t pending_days; /* -1: program.pending_days counts */
	enum pending_from pending_from;
	bool has_expiry; /* `expires` counts instead of the wallet's */
	struct expiry expires;
	struct names names; /* the name of the rule in explanations */
};

enum stacking {
	STACK_BEST = 1, /* only the largest factor of this kind counts */
	STACK_ADD,      /* the sum of all (factor - 1) counts */
	STACK_MULTIPLY,
	/* The first multiplier of this kind that applies counts alone. */
	STACK_REPLACE,
};

/* The factor of all multipliers together is (the largest of STACK_BEST) x (1 +
 * the sum of (factor - 1) of STACK_ADD) x (the product of STACK_MULTIPLY).  If
 * a multiplier of STACK_REPLACE applies, its factor counts alone. */
struct multiplier {
	const char *id;
	int64_t times; /* the factor; FACTOR_ONE is a factor of 1 */
	/* The ids of the rules to multiply; empty: all on orders and events. */
	struct words rules;
	struct condition when;
	struct filter lines;
	enum stacking stack;
};

/* ---- tiers -------------------------------------------------------------- */

enum tier_metric {
	METRIC_SPEND = 1, /* minor units of the base */
	METRIC_EARNED,    /* units earned into `wallet` */
	METRIC_ORDERS,
	METRIC_EVENTS, /* events of type `event` */
};

enum tier_window {
	TIER_YEAR = 1, /* the calendar year */
	TIER_ROLLING,  /* the time of length `rolling` that ends now */
	TIER_LIFETIME,
	TIER_ANNIVERSARY, /* the year since enrolment */
};

enum tier_term {
	TERM_FOREVER = 1,
	TERM_REST_PLUS_NEXT, /* the rest of the calendar year and the next */
	TERM_REST,           /* the rest of the calendar year */
	TERM_PERIOD,         /* `term_period` from entry or renewal on */
	TERM_WHILE,          /* as long as the metric is enough */
};

enum downgrade {
	DOWNGRADE_EVALUATE = 1, /* to the level that the metric gives */
	DOWNGRADE_ONE,
	DOWNGRADE_NONE,
};

enum crossing {
	CROSSING_OLD = 1, /* the order that reaches a tier earns as before */
	CROSSING_NEW,
	CROSSING_SPLIT, /* each part earns by the tier that it falls in */
};

struct level {
	const char *id;
	struct names names;
	bool has_threshold;
	int64_t threshold;
	/* True: the metric must be more than the threshold.  False: at least as
	 * much as the threshold. */
	bool above;
	/* A level without a threshold is reached by this condition alone. */
	struct condition when;
};

struct tiers {
	enum tier_metric metric;
	size_t base;
	size_t wallet;
	const char *event;
	bool pending_counts; /* METRIC_EARNED: pending units count, too */
	enum tier_window window;
	struct period rolling;
	enum tier_term term;
	struct period term_period;
	int64_t grace_days;
	enum downgrade downgrade;
	enum crossing crossing;
	/* A refund counts at the end of the term; else at once. */
	bool refund_at_term_end;
	bool before; /* orders placed before the store's start count, too */
	struct level levels[LEVELS_MAX]; /* the lowest first */
	size_t nlevels;
};

/* ---- memberships -------------------------------------------------------- */

enum membership_refund {
	/* The membership ends when its fee is refunded. */
	MEMBERSHIP_ENDS = 1,
	MEMBERSHIP_STAYS,
};

struct membership {
	const char *id;
	struct names names;
	/* Lines that pay for the membership; such lines earn nothing and are
	 * never discounted. */
	struct filter fee;
	int64_t price; /* minor units, for explanations; 0: not known */
	struct period term;
	int64_t trial_days, grace_days;
	enum membership_refund refund;
};

/* ---- rewards and benefits ----------------------------------------------- */

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
	PERCENT_ALL = 10000, /* 100 %, in hundredths of a percent */
	PERCENT_PLACES = 2,
	REWARD_HOLD_MINUTES = 60, /* of a reward that does not say how long */
};

/* Says who makes the reward at the shop. */
enum way {
	WAY_COUPON = 1, /* loyald, by calls to the shop */
	/* The shop's plugin takes off what a signed reservation says. */
	WAY_VIRTUAL,
	WAY_OWN, /* the shop's own programs */
};

/* Says what becomes of a reward when the order that used it is undone. */
enum unused {
	UNUSED_RETURN = 1, /* removed; the units go back */
	UNUSED_REOPEN,     /* can be used again */
	UNUSED_KEEP,       /* stays used */
};

/* A reward, which a member buys with units of a wallet.  The reward costs
 * `cost` units or, if it is variable, `cost` units for each `amount` that it
 * gives. */
struct reward {
	const char *id;
	struct names names;
	enum reward_kind kind;
	size_t wallet;
	int64_t cost;
	bool variable;
	/* The least and the most units that a variable reward takes at once; 0:
	 * no such bound. */
	int64_t least, most;
	int64_t amount;  /* minor units */
	int64_t percent; /* in hundredths of a percent: 2000 is 20 % */
	const char *product;
	int64_t minimum; /* least value of the order, minor units */
	/* The most that all rewards used together with this reward may take off
	 * the order, in hundredths of a percent of the order; 0: no bound. */
	int64_t most_percent;
	bool combines;
	struct filter lines;
	struct condition when;
	struct period valid;
	int64_t unit_cost; /* cost to the merchant, minor units */
	/* How long a reward that was not ordered with is held for a basket. */
	int64_t hold_minutes;
	enum unused on_cancel;
	enum unused on_refund; /* when the order is refunded in full */
	enum way way;
};

enum benefit_kind {
	/* Percent off lines; of several benefits the best counts. */
	BENEFIT_DISCOUNT = 1,
	BENEFIT_SHIPPING, /* free shipping */
	BENEFIT_SERVICE,  /* `count` times per `window`; 0: no bound */
	BENEFIT_FLAG,
};

struct benefit {
	const char *id;
	struct names names;
	enum benefit_kind kind;
	struct condition when;
	struct filter lines;
	int64_t percent; /* in hundredths of a percent */
	int64_t minimum; /* least value of the basket, minor units */
	int64_t count;
	enum window window;
};

struct consent {
	const char *id;
	struct period valid;
};

/* From this instant on one minor unit of another currency is worth n / d of the
 * store's. */
struct exchange {
	int64_t from;
	wide n, d;
	const char *rate; /* the rate of one whole unit, as the file has it */
};

struct currency {
	char code[4];
	const struct exchange *rates; /* in the order of time */
	size_t nrates;
};

enum feb29 {
	FEB29_PREVIOUS = 1, /* 29 February is celebrated on 28 February */
	FEB29_NEXT,         /* 29 February is celebrated on 1 March */
};

struct program {
	const char *name;
	const char *modelled_on; /* NULL: not said */
	char currency[4];
	int exponent;
	const struct zone *zone;

	const struct base *bases; /* each different base once */
	size_t nbases;
	const struct wallet *wallets; /* the first is the default */
	size_t nwallets;
	const struct rule *rules;
	size_t nrules;
	const struct multiplier *multipliers;
	size_t nmultipliers;
	struct tiers tiers; /* nlevels is 0 if there are no tiers */
	const struct membership *memberships;
	size_t nmemberships;
	const struct reward *rewards;
	size_t nrewards;
	const struct benefit *benefits;
	size_t nbenefits;
	struct words charities;
	const struct consent *consents;
	size_t nconsents;
	/* Currencies other than the store's. */
	const struct currency *currencies;
	size_t ncurrencies;

	int64_t birthday_lead_days;
	/* Least days between two changes of the date of a birthday. */
	int64_t birthday_lock_days;
	enum feb29 feb29;

	/* The statuses in which an order earns, by enum platform. */
	struct statuses award[PLATFORMS + 1];
	int64_t pending_days; /* for rules without pending days of their own */

	/* True if nothing in the program looks beyond one order, so that an
	 * order can be decided without knowing anything else:
	 * program_is_plain(). */
	bool plain;
};

/* Whether `rule`, the rule of a ledger entry, is the rule `of` or a bonus of
 * that rule ("rule*multiplier"). */
bool rule_is_of(const char *rule, const char *of);

/* The index of the thing with this id, or NONE. */
size_t program_wallet(const struct program *, const char *id);
size_t program_rule(const struct program *, const char *id);
size_t program_reward(const struct program *, const char *id);
size_t program_level(const struct program *, const char *id);
size_t program_membership(const struct program *, const char *id);
/* Whether the attribute is a date by which a birthday is kept. */
bool program_has_birthday(const struct program *, const char *attribute);

/* The rate at which an order in this currency, placed at this instant, is
 * converted; NULL if the program names none.  The rate of the store's own
 * currency is 1. */
const struct exchange *program_exchange(
    const struct program *, const char *currency, int64_t at);

/* The most that a reward may take off goods, in minor units.  `share` is the
 * part of the goods that the rewards used so far allow to be taken off;
 * PERCENT_ALL is all of the goods. */
int64_t reward_room(const struct reward *, int64_t goods, int64_t share);
/* How many times the amount of a variable reward fits into `room`, which is in
 * the currency of the exchange rate. */
int64_t reward_steps(
    const struct reward *, int64_t room, const struct exchange *);

/* Works out `plain`: whether nothing looks beyond one order. */
bool program_is_plain(const struct program *);

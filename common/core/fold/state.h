/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fold/fold.h"
#include "core/match.h"
#include "core/order_finer.h"
#include "core/steps.h"
#include "core/worth.h"

/*
 * state: the structs in which the files of core/fold keep what is known of a
 * member while fold() runs.  Only this folder's internal.h includes state.h.
 *
 * All structs below live in the arena that fold() is given.  Pointers to facts,
 * programs and their texts are borrowed from the timeline.  Amounts of money
 * are minor units; units are whole points, or MILLI in a wallet of money.
 */

/* The cause of a movement, as the ledger names it. */
struct origin {
	enum source_kind source;
	int64_t store_id;
	const char *source_id;
	int32_t version_id; /* the version of the program that is applied */
};

/* A rate gives so many units for each `per` of the measure. */
struct rate {
	int64_t units, per;
};

/* A share in a cell, beside the others in memory. */
struct celled {
	struct share *share;
	struct rate rate;
	int64_t sum, boosted;        /* the share's part of the cell's sums */
	wide before, boosted_before; /* sums of the shares before it */
	int64_t base, all;           /* the share's units before its limits */
};

/*
 * A cell is the sum of a rule in one window, as long as the rule has the same
 * rates.  A share (what one occurrence earns by the rule) is entitled to the units
 * for the sum up to and with the share, less the units for the sum before the
 * share.
 */
struct cell {
	struct cell *next;
	const struct rule *rule; /* the version with which the cell began */
	int64_t from;            /* where the window begins */
	struct celled *shares;   /* in the order in which they happened */
	size_t n, room;
	wide sum, boosted; /* without and with multipliers, in thousandths */
};

/* The parts of a share: given by the rule itself, or added by multipliers. */
enum part {
	PART_BASE,
	PART_BONUS,
	PARTS
};

/* Where to find a share's claim on a limit: the index in the gate's claims. */
struct claim_place {
	struct gate *gate;
	size_t at;
};

/* The units that a share asks of a limit, and the units that it gets. */
struct claim {
	struct share *share;
	size_t limit; /* index in the rule's limits */
	int64_t wanted, given;
	int64_t before; /* given to the claims before it */
};

/* A limit in one window. */
struct gate {
	struct gate *next;
	enum window window;
	bool of_program;
	bool is_proportional; /* refunds take a part of some claim's units */
	struct claim *claims; /* in the order they happened */
	size_t n, room;
	int64_t total; /* units given to the claims */
	int64_t taken; /* units given by rules with `take` */
};

/* The cells of one rule, whatever its version, and its gates, which are limits
 * in one window each; all in the windows that begin at one instant. */
struct rule_sums {
	const char *rule; /* NULL: the slot is free */
	int64_t from;
	const void *owner; /* WINDOW_ORDER: the occurrence; else NULL */
	struct cell *cells;
	struct gate *gates;
	int64_t ntakings; /* from INT64_MIN: how often the rule has taken */
};

/* A lot in a heap. */
struct heap_item {
	int64_t first, second; /* the lot with the lowest goes first */
	struct lot_state *lot;
};

struct heap {
	struct heap_item *list;
	size_t n, room;
};

/* A lot, with members that fold() does not return. */
struct lot_state {
	struct lot lot;
	struct purse_state *purse;
	size_t index;            /* in the purse's lots */
	bool is_awaited;         /* the lot is in run.awaited */
	bool is_offered;         /* the lot is in purse_state.offered */
	bool is_soon;            /* for lots_mark() */
	struct lot_state *elder; /* the lot before it of its occurrence */
	int64_t expired; /* units that expired and were not taken back since */
	int64_t taken;   /* units that takings drew and did not return */
	/* The lot is the gift of takings from this purse; NULL: it is none. */
	struct purse_state *gift_for;
	struct contribution *contribution; /* to METRIC_EARNED; NULL: none */
};

struct purse_state {
	struct purse purse;
	int64_t active_at;     /* the last activity; 0: none yet */
	struct expiry expires; /* the wallet's own expiry, not a rule's */
	size_t index;          /* in run.purses */
	struct lot_state **lots;
	size_t nlots, room;
	size_t nspent; /* number of lots in front that are empty */
	/* Stands for the lots that a seam has apart; NULL: none are missing. */
	struct lot_state *rest;
	/* No lot was earned before one that came before it. */
	bool is_in_order;
	/* The lots that can be spent, and empty ones: the soonest to expire
	 * first, of equal ones the one earned first. */
	struct heap offered;
	/* The newest taking from the purse that may be undone: its index + 1;
	 * 0: none.  Whether gifts of such takings expired. */
	size_t newest_taking;
	bool gifts_expired;
	/* The last answer of purse_inactive_at(). */
	int64_t inactive_at;
	const struct zone *inactive_in; /* NULL: nothing yet */
};

/* Units drawn from a lot, which may be returned to the lot. */
struct draw {
	struct lot_state *lot;
	int64_t units;
};

struct draws {
	struct draw *list;
	size_t n, room;
	int64_t owed; /* units that no lot had, and the member owes */
};

/* The units that a rule took from a wallet, and the units given for these. */
struct taking {
	const struct rule *rule;
	struct origin origin;
	struct purse_state *from;
	struct draws draws;
	int64_t units; /* taken, not undone: `times` times rule->take_each */
	int64_t times;
	struct rate rate;
	struct lot_state *lot; /* the lot of the units given; NULL: none */
	int64_t given;         /* units */
	/* The instant and the tier year in whose windows limits count. */
	int64_t at, tier_year_from;
	bool is_undone; /* true while this taking is being undone */
	size_t older;   /* as purse_state.newest_taking, of those before it */
};

struct redemption {
	const struct fact *fact;
	const struct reward *reward; /* NULL: none was named */
	int64_t units;               /* the sum of drawn, owed, forgiven */
	struct purse_state *purse;
	struct draws draws;
	enum account where; /* the account of the units; 0: released */
	int64_t forgiven;   /* missing units that were forgiven */
	int64_t donated;    /* money for a charity beside the units, MILLI */
	struct lot_state *repaid; /* units that were owed and came back */
	const char *refused;      /* why it was refused; NULL: it was not */
	bool is_issued;           /* the reward is made at the shop */
	bool returning;
	bool is_gone; /* gone at the shop, and not opened again since */
	/* The uses by orders that are not undone.  The first one counts. */
	const struct fact **uses;
	size_t nuses, uses_room;
};

/* An item of the metric, which is the sum that decides the tier. */
struct contribution {
	int64_t at;
	int64_t amount; /* minor units, units of a wallet, or 1 */
	size_t place;   /* index in run.contributions */
};

/* A contribution at its place in the order of time. */
struct counted {
	struct contribution *of;
	int64_t at;        /* of->at, beside the others in memory */
	int64_t leaves_at; /* of a rolling window; 0: not worked out yet */
	/* The amounts of this place and of those before it, of as many places
	 * as the lowest bit says that is set in the place's number, from 1 on
	 * (a Fenwick tree). */
	wide sum;
};

/* The window of the metric that was worked out last. */
struct metric_window {
	const struct tiers *of; /* NULL: none was worked out */
	int64_t enrolled_at;
	struct span whole;
	struct span within; /* the instants that have this window */
};

/* How much counts for a share: minor units, pieces, or a count. */
struct measure {
	struct fraction whole;   /* before refunds */
	struct fraction left;    /* after the refunds so far */
	struct fraction boosted; /* `left` with multipliers */
	struct fraction foreign; /* `whole` in the currency of the order */
};

/* How a rule applies to the part of an order that lies in one tier. */
struct facet {
	const char *why_not; /* why the rule gives nothing; NULL: it gives */
	size_t as; /* the first facet of the share that is just like this one */
	uint64_t on; /* the multipliers that held when the order was placed */
	const int64_t *counting; /* of each line: 0 if the line does not count;
				    NULL: all lines count */
	const int64_t *factors;  /* by line; NULL: `factor` for all */
	int64_t factor;          /* FACTOR_ONE is a factor of 1 */
	/* The multipliers that factors and factor are of, as bits. */
	uint64_t holding;
	bool has_factors; /* `factor` and `factors` were worked out */
};

/* The units that an occurrence earns by a rule, and how they are worked out. */
struct share {
	const struct rule *rule;
	struct occurrence *of;
	/* The reason why the rule's condition does not hold for what is left of
	 * the order; NULL: the condition holds. */
	const char *off;
	struct facet *facets; /* a facet for each stretch; at least one */
	size_t nfacets;
	/* The multipliers that hold now, for the explanation. */
	const struct multiplier *multipliers[WHY_MULTIPLIERS_MAX];
	size_t nmultipliers;
	const char *bonus_rule; /* "rule*multiplier"; NULL: no bonus */
	const char *tier;       /* the member's tier when the share began */
	/* The units before any refund, without and with multipliers.  With
	 * REVERSE_PROPORTIONAL a refund takes back a part of these units.
	 * -1: not known yet. */
	int64_t whole, whole_all;

	struct measure measure;     /* after the refunds so far */
	struct line_sums *lines;    /* NULL: not looked at by themselves */
	struct cell *cell;          /* NULL: the window is the occurrence */
	size_t cell_at;             /* the share's index in the cell */
	struct claim_place *claims; /* a claim for each limit of the rule */

	int64_t entitled, base;  /* units before limits: with multipliers, and
				    without */
	int64_t allowed;         /* units after limits */
	int64_t entitled_posted; /* `entitled` when the share was last posted */
	int64_t posted[PARTS];   /* units */
	/* A donation's units: the most ever, and those paid to the charity. */
	int64_t most, paid[PARTS];
	bool is_kept;    /* the charity was paid more units than are left */
	bool is_changed; /* the share is in the list run.changed */
	bool is_again;   /* the share was posted before */
	struct lot_state *lots[PARTS];
	struct contribution *earned; /* counts for METRIC_EARNED; NULL: none */
};

/* The factors of an order's lines by some multipliers. */
struct line_factors {
	struct line_factors *next;
	uint64_t on;             /* the multipliers, as bits */
	const int64_t *counting; /* as in struct facet */
	int64_t *factors;
};

/* The part of an order that lies in one tier. */
struct stretch {
	const char *tier;
	const struct level *level; /* NULL: the tier before the order */
	int64_t before;            /* the level's metric before the order */
	struct fraction placed;    /* of the order when it was placed */
	struct fraction left;      /* of the order after its refunds so far */
};

/* Multipliers, as bits: those that were asked about, and of these those that
 * hold. */
struct holding {
	uint64_t asked, on;
};

/* An order as conditions on amounts see it, by the base of the rule. */
struct remainder {
	size_t as_of;  /* grows with each refund or undoing; 0: never asked */
	bool is_known; /* `asked` was worked out since that change */
	struct occasion asked;
	struct holding holding; /* by conditions on amounts alone */
};

/* An order, an event or a date of the calendar, for which rules give units. */
struct occurrence {
	struct steps *steps;
	struct origin origin;
	const struct program *program;
	const struct fact *fact;         /* NULL: a date of the calendar */
	const struct order *order;       /* NULL: no order */
	const struct exchange *exchange; /* for the order's currency */
	int64_t at;
	size_t nrefunds;         /* number of the order's refunds so far */
	struct tallies *tallies; /* of the order; NULL: it has no refunds */
	const struct loss *loss; /* NULL, unless `order` is only one line: the
				    loss of the whole order */
	const struct line_left *line; /* the rest of that line; or NULL */
	bool undone;                  /* nothing of the occurrence is left */
	bool before;   /* placed before its store's start: gives nothing */
	bool held;     /* the units that are given stay pending */
	bool counts;   /* counts as an order of the member: something is left */
	bool replaces; /* a rule of the program replaces another rule */
	bool replaces_by_tier; /* a rule that does asks for the tier */
	/* A refund undid the tier or the membership that the units were for. */
	bool revoked;
	struct occasion occasion;
	/* The factor of each line: 0 if the line pays for a membership, else
	 * FACTOR_ONE.  NULL: no line pays for a membership. */
	const int64_t *counting;
	/* The multipliers that mean each line, as bits; NULL: not asked yet. */
	uint64_t *meant;
	struct line_factors *factors; /* all that were worked out so far */
	uint64_t **counted; /* the lines that each base counts, as bits */
	/* Answers about multipliers, in each stretch or for the whole order;
	 * NULL: not asked yet. */
	struct holding *holding;
	struct remainder *remainders;  /* by base; NULL: not asked yet */
	struct stretch *stretches;     /* set if the order may reach a tier */
	size_t nstretches;             /* 0: the order reaches none */
	const struct program *crossed; /* the program of the stretches' tiers */
	int64_t tier_year_from;        /* of the year when placed; 0: no tier */
	struct share *shares;          /* a share for each rule that applies */
	size_t nshares;
	struct lot_state *newest_lot; /* of all that the occurrence gave */
	struct contribution *spent;   /* in the metric, if not METRIC_EARNED */
	/* ON_TIER, ON_TIER_YEAR: the level; ON_BIRTHDAY: the attribute. */
	const char *about;
	enum trigger on;      /* the trigger, for a date of the calendar */
	int64_t qualified_at; /* when the level was last reached */
	const char *below;    /* the level that the member had before */
};

struct birthday {
	const char *attribute; /* the attribute that holds the date */
	int64_t next_at;       /* 0: the attribute is no date */
	int next_year;         /* the year of next_at */
	int year;              /* the year of the birthday last rewarded */
};

struct membership_run {
	const char *id;
	int64_t from, until; /* the time paid for; until is 0: never paid */
	bool trial, active, cancelled;
	struct paid_term *terms;
	size_t nterms, room;
};

/* Something to do at an instant: place a fact, apply a refund, undo a fact. */
struct happening {
	int64_t at;
	const struct fact *fact;
	size_t refund; /* n of the n-th refund; 0: the fact itself */
	bool undo;     /* the order is cancelled or deleted, the event undone */
	const struct fact *by; /* the event that undoes; NULL: none does */
};

/* A level that the metric reached, held for one term. */
struct level_hold {
	const char *level;
	int64_t since;        /* when the member entered the level */
	int64_t qualified_at; /* when the metric last reached the level */
	int64_t anchor, nth;  /* TERM_PERIOD: the nth period from that day on */
	int64_t until;
	bool gone; /* refunds took away the amounts that reached the level */
};

/* A span of the calendar, or the end of a term, that was worked out last. */
struct known_window {
	const struct zone *zone; /* NULL: none was worked out */
	struct span span;
};

struct known_term {
	const struct zone *zone;
	int64_t at;
	struct period period;
	int64_t n;
	int64_t until;
};

enum {
	TERMS_KNOWN = 8
};

struct known_dates {
	struct known_window windows[WINDOW_LIFETIME + 1]; /* by enum window */
	struct known_term terms[TERMS_KNOWN];             /* by a hash */
};

struct movement_slot {
	uint32_t at; /* the movement's index + 1; 0: the slot is free */
	uint32_t hash;
};

/* The occurrence or redemption that came of a fact. */
struct placed {
	struct occurrence *occurrence; /* NULL: none */
	size_t redemption;             /* index + 1; 0: none */
};

struct run {
	struct arena *arena;
	struct steps *steps;
	const struct timeline *timeline;
	struct fold *out;
	int64_t now; /* the moment that is worked on, which never goes back */
	size_t era;  /* the index of the era of `now` */
	struct placed *placed; /* by the facts' indexes; NULL: none is yet */
	/* A hash table of redemptions and events: a fact's index + 1; 0: free.
	 * NULL: not made yet. */
	uint32_t *by_id;
	size_t nby_id;
	struct known_dates *known;
	bool before; /* the order being placed precedes its store's start */
	/* `is_resumed`: the fold began at a seam.  `lacks`: rules or the member
	 * took units before the seam.  `is_short`: the fold asked for something
	 * that lies before the seam, so the fold's result is wrong. */
	bool is_resumed, lacks, is_short;
	bool wants_lots;   /* the fold came to a lot that stands for others */
	int64_t ticked_at; /* when triggers of the calendar last ran */
	size_t npaid;      /* number of payouts before `now` */

	struct movement *movements;
	size_t nmovements, movements_room;
	struct movement_slot *slots; /* a hash table */
	size_t nslots;

	struct purse_state **purses;
	size_t npurses, purses_room;
	struct heap awaited; /* lots, by the instant they vest or expire at */
	struct heap due;     /* lots for which that instant has come */
	struct share **changed; /* shares that shares_post() has to post */
	size_t nchanged, changed_room;
	struct rule_sums *sums; /* a hash table, by rule, `from` and owner */
	size_t nsums, sums_room;
	struct taking *takings;
	size_t ntakings, takings_room;
	struct redemption *redemptions;
	size_t nredemptions, redemptions_room;
	struct occurrence **occurrences; /* in the order of time */
	size_t noccurrences, occurrences_room;

	/* the tier */
	const char *tier; /* NULL: none */
	int64_t tier_since, tier_until;
	const char *tier_below;        /* the tier before `tier`; NULL: none */
	struct known_window tier_year; /* the year in it */
	int64_t tier_years; /* number of years in the tier begun so far */
	struct level_hold *holdings; /* in the order they were reached */
	size_t nholdings, holdings_room;
	size_t held; /* index + 1 of the holding in effect; 0: none */
	int64_t grace_from, grace_until; /* of that holding; 0: no grace */
	/* The answers of used_until() about now, by level; known where the bit
	 * of the level is set in `used_known`. */
	int64_t used[LEVELS_MAX];
	uint32_t used_known;
	const struct program *counted_by; /* the program of the metric */
	struct metric_window window;
	struct counted *contributions; /* in the order of their times */
	size_t ncontributions, contributions_room;
	struct occurrence **tier_credits; /* given by ON_TIER, ON_TIER_YEAR */
	size_t ntier_credits, tier_credits_room;
	struct tier_change *changes;
	size_t nchanges, changes_room;
	size_t nchanges_before; /* before changes[0], left out by a seam */

	/* the member */
	struct member_view view;
	size_t attributes_room, traits_room, consents_room, events_room;
	struct membership_run memberships[MEMBERSHIPS_MAX * 2];
	size_t nmemberships;
	int64_t enrolled_at;
	bool has_enrolled;          /* there was an enrolment event */
	struct birthday *birthdays; /* in the order they became known */
	size_t nbirthdays, birthdays_room;
	int64_t chosen_from; /* the instant at which the chosen day begins */
	int64_t chosen_year; /* the start of the year of the choice */
	struct refusal *refusals;
	size_t nrefusals, refusals_room;
};

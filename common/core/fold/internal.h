/* SPDX-License-Identifier: MIT */
#ifndef CORE_FOLD_INTERNAL_H
#define CORE_FOLD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fold/fold.h"
#include "core/match.h"
#include "core/order_finer.h"
#include "core/steps.h"
#include "core/worth.h"

/*
 * internal: what the files of core/fold share while fold() runs.
 *
 * Each file numbers its rules at its head; the head of fold.c says in which
 * order the files are called.  A file uses only files that stand below the file
 * in this list:
 *
 *  fold.c        the timeline: calls the file for the next thing to happen
 *  order.c       orders and their refunds
 *  undo.c        events that undo others
 *  member.c      birthdays, consents, what is known of the member
 *  membership.c  memberships
 *  tick.c        triggers of the calendar
 *  tier.c        the member's tier: reached, kept, lost
 *  payout.c      payouts to charities, which are never taken back
 *  redeem.c      redemptions and adjustments
 *  earn.c        what an occurrence earns by the rules of its trigger
 *  take.c        rules that take from one wallet to give to another
 *  share.c       the units that a share should have, and their posting
 *  purse.c       units given to a wallet, taken back, vested, expired
 *  taking.c      undoes what rules with `take` took and gave
 *  cell.c        sums over windows, and each share's part of a sum
 *  limit.c       limits, and the units that they let each share have
 *  factor.c      multipliers, and lines that do not count
 *  measure.c     how much counts for a rule, and the units for that much
 *  cross.c       orders that reach a tier, and their part in each tier
 *  hold.c        levels that the metric reaches, and their terms
 *  metric.c      the metric: the sum that decides the tier
 *  occurrence.c  orders, events and dates, and how much of an order is left
 *  window.c      where windows begin, and where a rule's sums are kept
 *  lot.c         lots: how long a lot lasts, and which is used first
 *  heap.c        lots of which the first is wanted
 *  post.c        movements, each found by its key
 *  run.c         memory, the program in effect, dates, refusals
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

/*
 * A cell is the sum of a rule at one rate in one window.  A share (what one
 * occurrence earns by the rule) is entitled to the units for the sum up to and
 * with the share, less the units for the sum before the share.
 */
struct cell {
	struct cell *next;
	const struct rule *rule; /* the version with which the cell began */
	int64_t from;            /* where the window begins */
	struct share **shares;   /* in the order in which they happened */
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
	int64_t first, second; /* what decides which lot goes first */
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
	struct lot_state *elder; /* the lot before it of its occurrence */
	int64_t expired; /* units that expired and were not taken back since */
	struct contribution *contribution; /* to METRIC_EARNED; NULL: none */
};

struct purse_state {
	struct purse purse;
	int64_t active_at;     /* the last activity; 0: none yet */
	struct expiry expires; /* the wallet's own expiry, not a rule's */
	size_t index;          /* in run.purses */
	struct lot_state **lots;
	size_t nlots, room;
	size_t nspent; /* so many of the first lots are empty */
	/* No lot was earned before one that came before it. */
	bool is_in_order;
	/* The lots that can be spent, and empty ones: the soonest to expire
	 * first, of equal ones the one earned first. */
	struct heap offered;
	/* What purse_inactive_at() worked out last. */
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

/* A rate gives so many units for each `per` of the measure. */
struct rate {
	int64_t units, per;
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
	/* The multipliers that held when the order was placed. */
	const struct multiplier **multipliers;
	size_t nmultipliers;
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

	struct measure measure; /* after the refunds so far */
	struct cell *cell;      /* NULL: the window is the occurrence */
	size_t cell_at;         /* the share's index in the cell */
	wide sum_before, boosted_before; /* sums of the shares before it */
	int64_t sum, boosted;       /* the share's part of the cell's sums */
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

/* The part of an order that lies in one tier. */
struct stretch {
	const char *tier;
	const struct level *level; /* NULL: the tier before the order */
	int64_t before;            /* the level's metric before the order */
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
	const struct line_left *line; /* what is left of that line; or NULL */
	bool undone;                  /* nothing of the occurrence is left */
	bool before;   /* placed before its store's start: gives nothing */
	bool held;     /* the units that are given stay pending */
	bool counts;   /* counts as an order of the member: something is left */
	bool replaces; /* a rule of the program replaces another rule */
	/* A refund undid the tier or the membership that the units were for. */
	bool revoked;
	struct occasion occasion;
	/* Of each line: 0 if the line pays for a membership, else FACTOR_ONE.
	 * NULL: no line pays for a membership. */
	const int64_t *counting;
	const struct stretch *stretches; /* set if the order may reach a tier */
	size_t nstretches;               /* 0: the order reaches none */
	const struct program *crossed; /* the program of the stretches' tiers */
	int64_t amount, amount_left;   /* in the metric: when placed, now */
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
	TERMS_KNOWN = 16
};

struct movement_slot {
	uint32_t at; /* the movement's index + 1; 0: the slot is free */
	uint32_t hash;
};

/* What a fact has become. */
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
	struct known_window windows[WINDOW_LIFETIME + 1];
	struct known_term terms[TERMS_KNOWN];
	bool before; /* the order being placed precedes its store's start */
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
	/* The answers of used_until() about now, by level, for a program;
	 * known where the bit of the level is set in `used_known`. */
	int64_t used[LEVELS_MAX];
	uint32_t used_known;
	const struct program *used_by;
	const struct program *counted_by; /* the program of the metric */
	struct metric_window window;
	struct counted *contributions; /* in the order of their times */
	size_t ncontributions, contributions_room;
	struct occurrence **tier_credits; /* given by ON_TIER, ON_TIER_YEAR */
	size_t ntier_credits, tier_credits_room;
	struct tier_change *changes;
	size_t nchanges, changes_room;

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

/* ---- run.c ---- */

/* Joins the parts, which end with a NULL, to one text. */
const char *run_text(struct run *, const char *const parts[]);
const char *run_number(struct run *, int64_t);  /* >= 0 */
const char *run_date(struct run *, int64_t at); /* "2025-03-01", local */

/* Lets time pass until an instant, which becomes r->now. */
void run_wait(struct run *, int64_t at);
/* Find the era of an instant; the program and the zone as of r->now. */
const struct era *run_era(const struct run *, int64_t at);
const struct program *run_program(const struct run *);
const struct zone *run_zone(const struct run *);
/* calendar_window(); and calendar_term() in the zone in effect.  Both remember
 * what they worked out last, since most questions are asked again. */
struct span run_window(
    struct run *, const struct zone *, enum window, int64_t at);
int64_t run_term(struct run *, int64_t at, struct period, int64_t n);
/* Finds the redemption or event with an id; NULL: none is known. */
const struct fact *run_fact(
    struct run *, enum fact_kind, int64_t store_id, const char *id);
/* What a fact of the timeline has become. */
struct placed *run_placed(struct run *, const struct fact *);
/* Adds a refusal to the result. */
void run_refuse(struct run *, const struct fact *, const char *reason);
/* Asks condition_holds() about the member as of r->now. */
bool run_holds(const struct run *, const struct condition *,
    const struct program *, const struct occasion *, const char **why_not);
/* Asks condition_due_at() about the member as of r->now. */
int64_t run_due_at(
    const struct run *, const struct condition *, const struct program *);

/* Go on with a hash: by a number, and by a text, which may be NULL. */
static inline uint64_t
hash_number(uint64_t h, uint64_t n)
{
	h = (h ^ n) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}
uint64_t hash_text(uint64_t h, const char *);
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* ---- post.c ---- */

/* Units to be moved, and the movement's key. */
struct post {
	const struct origin *origin;
	const char *rule;
	struct purse_state *purse;
	const char *party; /* a charity's id; NULL: none */
	enum account debit, credit;
	int64_t units;         /* >= 0 */
	struct lot_state *lot; /* NULL: none */
	const struct why *why; /* NULL: needs no explaining */
};

/* Adds the units to the movement with this key, and to the purse's balance. */
void post_add(struct run *, const struct post *);

/* ---- heap.c ---- */

void heap_put(struct run *, struct heap *, struct heap_item);
/* Takes the first item out of a heap that has any. */
struct lot_state *heap_take(struct run *, struct heap *);

/* ---- lot.c ---- */

/* Units given or taken back for an occurrence by a rule. */
struct grant {
	const struct origin *origin;
	const char *rule;      /* the rule's name in the entry */
	const struct rule *by; /* the rule, for its expiry and charity */
	const struct program *program;
	struct purse_state *purse;
	int64_t earned_at, vests_at;
	int64_t units; /* below zero: taken back */
	bool by_hand; /* adjusted by an operator: neither earned nor reversed */
	const struct why *why;
	struct lot_state **lot; /* the lot of the grant; *lot NULL: none yet */
	/* The newest lot of the occurrence; NULL: this lot is its only one. */
	struct lot_state **newest_lot;
};

/* Finds when a purse expires because of inactivity, or INSTANT_NEVER. */
int64_t purse_inactive_at(struct run *, struct purse_state *);
/* Adds an empty lot for the grant to the grant's purse. */
struct lot_state *lot_new(struct run *, const struct grant *);
/* Adds units to a lot, of which units may be drawn and which may expire from
 * then on. */
void lot_add(struct run *, struct lot_state *, int64_t units);
/* When the lot vests or expires next, if it has units. */
int64_t lot_due_at(const struct lot_state *);
/* Enters a lot that has units where it is found when it can be spent, and when
 * it vests or expires next. */
void lot_enter(struct run *, struct lot_state *);
/* Finds the first of a purse's lots that is not empty; `nlots`: all are. */
size_t lots_first(struct run *, struct purse_state *);
/* Finds the lot to use next, of the lots earned before `before`; NULL: none. */
struct lot_state *lot_next(struct run *, struct purse_state *, int64_t before);
/* Draws units that can be spent from lots earned before `before`, the soonest
 * to expire first.  Returns how many units there were. */
int64_t lots_draw(struct run *, struct purse_state *, int64_t units,
    int64_t before, struct draws *);
int64_t lots_spendable(struct run *, struct purse_state *, int64_t before);
/* Returns some of the drawn units to their lots, to the last lot first. */
void lots_return(struct run *, struct draws *, int64_t units);
/* Forgives units that turned out to be missing after they were redeemed: a
 * release of the redemption does not bring these units back. */
void lots_forgive(
    struct run *, const struct lot_state *own, struct purse_state *, int64_t);

/* ---- window.c ---- */

/* Finds the year, from one anniversary of `since` to the next, of an instant
 * that is not before `since`. */
struct span window_anniversary(struct run *, int64_t since, int64_t at);
/* Finds where the year in the tier at an instant begins; 0: in no tier. */
int64_t window_tier_year(struct run *, int64_t at);
/* Whether an instant is on the day of a rule ON_DATE; true for other rules. */
bool rule_is_its_day(const struct rule *, const struct zone *, int64_t at);
/* Finds the sums of a rule in windows; the pointer is good until the next
 * call. */
struct rule_sums *window_sums(
    struct run *, const char *rule, int64_t from, const void *owner);
/* Finds where a window begins; 0: the window is the occurrence alone. */
int64_t window_from(struct run *, enum window, const struct occurrence *);

/* ---- occurrence.c ---- */

/* Makes the occurrence of a fact, not yet placed. */
struct occurrence *occurrence_new(
    struct run *, const struct fact *, enum source_kind);
/* Sums the minor units that count after refunds so far, rounded down. */
int64_t occurrence_amount(const struct occurrence *, const struct base *);
/* Whether anything of the order is left. */
bool occurrence_is_left(const struct occurrence *);
/* Makes the input of a condition of the rule or of the rule's multipliers, with
 * the amount and the pieces of the rule's base. */
struct occasion occurrence_occasion(
    const struct occurrence *, const struct rule *, const struct condition *);
/* Whether what is left of the order still has the amounts and pieces that a
 * condition asks for. */
bool occurrence_rest_holds(struct run *, const struct condition *,
    const struct occurrence *, const struct rule *, const char **why_not);

/* ---- cross.c ---- */

/* Makes the stretches of an order that is placed now. */
void cross_begin(struct run *, struct occurrence *);
/* Counts the order's amount anew after a refund. */
void cross_again(struct occurrence *);
/* Finds the part of an order that lies in a stretch, if the order counts with
 * `amount` for the metric. */
struct fraction cross_part(
    const struct occurrence *, size_t stretch, int64_t amount);

/* ---- measure.c ---- */

struct measure measure_of(const struct occurrence *, const struct share *);
/* Finds the rule's rate, as declared for the year of the occurrence. */
struct rate measure_rate(const struct occurrence *, const struct rule *);
/* Whether nothing of a share counts any more: undone, revoked or off. */
bool share_is_gone(const struct occurrence *, const struct share *);
/* share_is_proportional(): whether refunds take back a part of the units that
 * the rule gave at first.  share_proportion(): the units that are left of some
 * units after the refunds so far. */
bool share_is_proportional(const struct share *);
int64_t share_proportion(const struct share *, int64_t units, enum rounding);
/* Works out the units of a share without and with multipliers; for a share with
 * a cell, the thousandths that count in the cell instead. */
void measure_units(const struct occurrence *, const struct share *,
    const struct measure *, int64_t *base, int64_t *all);

/* ---- factor.c ---- */

/* Finds the multipliers that hold for a new share, and the share's factors.
 * Returns NULL, or why the rule does not apply in any tier. */
const char *factors_begin(
    struct run *, const struct occurrence *, struct share *);
/* Drops multipliers whose conditions on amounts fail after a refund. */
void factors_again(struct run *, const struct occurrence *, struct share *);

/* ---- limit.c ---- */

/* Enters a new share in the windows of its rule's limits. */
void limits_join(struct run *, struct share *);
/* Sets the units that a share is entitled to, without and with multipliers.
 * Marks every share as changed whose units after limits are now others. */
void limits_update(struct run *, struct share *, int64_t base, int64_t all);
/* Finds the units allowed by the limit that cuts a share; 0: none cuts. */
int64_t limits_cut(const struct run *, const struct share *);
/* limits_room(): finds the units that a rule with `take` may still give.
 * limits_use(): counts units as given. */
int64_t limits_room(
    struct run *, const struct rule *, const struct occurrence *);
void limits_use(struct run *, const struct rule *, const struct occurrence *,
    int64_t units);

/* ---- cell.c ---- */

/* Enters a new share as the last one in the cell of its window. */
void cell_join(struct run *, struct share *);
/* Sets a share's part of the cell's sums, and works out anew how many units it
 * and the later shares of the cell are entitled to. */
void cell_update(struct run *, struct share *, int64_t sum, int64_t boosted);

/* ---- taking.c ---- */

/* Explains a taking that had given `before` units before a change. */
const struct why *taking_why(
    struct run *, const struct taking *, int64_t before);
/* Undoes takings from a purse until the purse has so many units more.  A taking
 * can be undone as far as the units that it gave are unused.  Units that it
 * gave and that expired count as unused if it took from lots of `source_id`. */
void takings_undo(
    struct run *, struct purse_state *, const char *source_id, int64_t units);

/* ---- purse.c ---- */

struct purse_state *purse_of(
    struct run *, const struct program *, size_t wallet);
struct purse_state *purse_charity(struct run *);
/* Gives the units of a grant, or takes them back, and posts them. */
void purse_grant(struct run *, const struct grant *);
/* Fills a new lot with units that the caller posts. */
void purse_refill(struct run *, const struct grant *);
/* Marks a purse as active now. */
void purse_active(struct run *, struct purse_state *);
void purses_active_by_order(struct run *, const struct program *);
int64_t purses_due_at(struct run *);
void purses_due(struct run *);

/* ---- share.c ---- */

/* Works out anew the units that a share is entitled to. */
void share_entitle(struct run *, struct share *);
/* Posts the shares that changed, first those that take units back. */
void shares_post(struct run *);
/* Posts the explanation of a new share that gives nothing. */
void share_post_nothing(struct run *, struct share *);
/* Posts the explanation of a rule that gives nothing and has no share. */
void share_post_none(struct run *, const struct occurrence *,
    const struct rule *, const struct why *);

/* ---- take.c ---- */

/* Runs the rules with `take` of a trigger: at a date of the calendar, which is
 * the occurrence, or ON_BALANCE after every change, with NULL. */
void takes_run(struct run *, enum trigger, struct occurrence *);
int64_t takes_due_at(struct run *);

/* ---- earn.c ---- */

/* Places an occurrence: makes its shares by the rules of the trigger. */
void earn_begin(struct run *, struct occurrence *, enum trigger);
/* Works out the shares anew after the occurrence is refunded or undone. */
void earn_again(struct run *, struct occurrence *);
/* Places an occurrence of the calendar at r->now, or at an earlier instant. */
struct occurrence *earn_tick(
    struct run *, enum trigger, const char *id, const char *about);
struct occurrence *earn_tick_at(
    struct run *, enum trigger, const char *id, const char *about, int64_t at);
/* Explains for every rule of the trigger why it gave nothing. */
void earn_none(
    struct run *, const struct occurrence *, enum trigger, const char *reason);

/* ---- redeem.c ---- */

void redemption_begin(struct run *, const struct fact *);
/* Captures or releases a redemption, as the fact says. */
void redemption_end(struct run *, const struct fact *);
void adjustment_make(struct run *, const struct fact *);

/* ---- payout.c ---- */

int64_t payouts_due_at(const struct run *);
void payouts_due(struct run *);

/* ---- metric.c ---- */

/* Finds the window that an instant is in: metric_window() cuts it at r->now,
 * metric_window_whole() does not. */
struct span metric_window(struct run *, const struct tiers *, int64_t at);
struct span metric_window_whole(struct run *, const struct tiers *, int64_t at);
/* Sums the contributions in a window. */
int64_t metric_in(struct run *, const struct tiers *, struct span);
/* When time alone changes the metric next: a pending contribution begins to
 * count, or, if `leaves`, the oldest one leaves the window. */
int64_t metric_due_at(struct run *, const struct tiers *, bool leaves);
/* Lets a contribution count at another time. */
void metric_move(struct run *, struct contribution *, int64_t at);
/* Sets the contribution of an order or event, and of a share. */
void metric_update(struct run *, struct occurrence *);
void metric_earned(struct run *, struct share *, struct lot_state *);
/* Counts the metric anew if another version of the program is in effect. */
void metric_recount(struct run *);
int64_t metric_of_order(const struct program *, const struct occurrence *);

/* ---- hold.c ---- */

enum {
	NO_LEVEL = -1 /* a level is an index into the levels of a program */
};

int level_of(const struct program *, const char *tier);
bool level_reached(const struct level *, int64_t metric);
/* Finds the metric of a level in a window, without the contributions with which
 * the level was reached before an instant. */
int64_t level_metric(struct run *, const struct program *, int level,
    struct span, int64_t before);
/* Find the level that the metric reaches.  level_for(): in a window.
 * level_now(): now.  level_as_of(): as of an instant, by what refunds left of
 * the orders before the instant. */
int level_for(
    struct run *, const struct program *, struct span, int64_t before);
int level_now(struct run *, const struct program *);
int level_as_of(struct run *, const struct program *, int64_t at);
/* Finds the highest level whose condition holds. */
int level_by_condition(struct run *, const struct program *);
/* Finds the next lower level that has a threshold. */
int level_below(const struct program *, int level);

struct level_hold *holding_now(struct run *); /* NULL: none */
/* Marks the holding in effect as gone. */
void holding_lose(struct run *);
int holding_level(struct run *, const struct program *);
/* Finds the end of a term that would begin at an instant. */
int64_t holding_term_end(
    struct run *, const struct tiers *, const struct level_hold *, int64_t at);
/* Begin a term.  holding_reach(): by the metric until now.  holding_follow():
 * after a term that ended, by the metric until the end of that term. */
void holding_reach(struct run *, const struct program *, int level);
void holding_follow(
    struct run *, const struct program *, int level, int64_t qualified_at);
void holding_end(struct run *);
/* Lowers the holdings after a refund. */
void holding_go_back(struct run *, const struct program *);

/* ---- tier.c ---- */

/* Brings the tier up to date; `refunded`: a refund may have lowered it. */
void tier_update(struct run *, bool refunded);
int64_t tier_due_at(struct run *);
void tier_due(struct run *);

/* ---- tick.c ---- */

/* Whether the program in effect has a rule of the trigger. */
bool ticks_have(const struct run *, enum trigger);
int64_t ticks_due_at(struct run *);
void ticks_due(struct run *);

/* ---- membership.c ---- */

/* The next three return NULL, or the reason why the event has no effect. */
const char *membership_started(struct run *, struct occurrence *);
const char *membership_paid(struct run *, struct occurrence *);
const char *membership_cancelled(struct run *, struct occurrence *);
int64_t memberships_due_at(struct run *);
void memberships_due(struct run *);
/* Begins the memberships that an order pays for, or ends them on refund. */
void membership_fee(struct run *, struct occurrence *);
void membership_fee_refunded(struct run *, struct occurrence *);
/* Finds the lines of an order that count: 0 for a line that pays for a
 * membership, else FACTOR_ONE.  NULL: no line pays for a membership. */
const int64_t *membership_counting(
    struct run *, const struct program *, const struct order *);

/* ---- member.c ---- */

/* Records what an event says of the member.  Returns NULL, or why the event has
 * no effect, in which case no rule applies. */
const char *member_event(struct run *, struct occurrence *);
int64_t member_due_at(struct run *);
void member_due(struct run *);

/* ---- undo.c ---- */

/* Finds the fact that an event undoes; NULL: no such fact is known. */
const struct fact *undo_target(struct run *, const struct fact *);
void undo_event(struct run *, const struct happening *);

/* ---- order.c ---- */

void order_placed(struct run *, const struct fact *);
/* Explains why an order that never happened earned nothing. */
void order_excluded(struct run *, const struct fact *, const char *reason);
/* Applies an order's n-th refund, or undoes the order. */
void order_reduced(struct run *, const struct happening *);

#endif /* CORE_FOLD_INTERNAL_H */

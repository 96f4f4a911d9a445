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
 * fold_run: one fold at work.  Nobody but core/fold*.c includes this.
 *
 * Each file uses only files below it:
 *
 *  fold.c        the timeline: what happens next, and to whom it goes
 *  order.c       orders and their refunds
 *  undo.c        events that undo others
 *  member.c      birthdays, consents, what is known of the member
 *  membership.c  memberships
 *  tick.c        the calendar
 *  tier.c        tiers
 *  payout.c      what charities were paid stays given
 *  redeem.c      redemptions and adjustments
 *  earn.c        what an occurrence earns by the rules of its trigger
 *  take.c        rules that take from one wallet to give to another
 *  share.c       from what it should have to what is posted
 *  purse.c       what a wallet is given, what is taken back, what is due
 *  taking.c      takings undone
 *  cell.c        sums over windows, and whose they are
 *  limit.c       limits, and who has their room
 *  factor.c      multipliers, and lines that do not count
 *  measure.c     how much counts for a rule, and what that is worth
 *  cross.c       orders that reach a tier, and earn in it
 *  hold.c        levels by the metric, and their terms
 *  metric.c      what tiers go by
 *  occurrence.c  what rules are about, and what is left of it
 *  window.c      where windows begin, and what is summed in them
 *  lot.c         lots: how long they last, which are used first
 *  post.c        movements, by their keys
 *  run.c         one fold at work
 */

/* What a movement is of. */
struct origin {
	enum source_kind source;
	int64_t store_id;
	const char *source_id;
	int32_t version_id;
};

/*
 * A sum of one rule, at one rate, in one window, and whose it is: what each
 * share is entitled to is what the sum is worth with it, less what it is
 * worth without it and all that came later.
 */
struct cell {
	struct cell *next;
	const struct rule *rule; /* of the version it began with */
	int64_t from;            /* where the window begins */
	struct share **shares;   /* as they happened */
	size_t n, room;
	wide sum, boosted; /* of them; thousandths of the base's unit */
};

/* The two things a share gives: by the rule, and by its multipliers. */
enum part {
	PART_BASE,
	PART_BONUS,
	PARTS
};

struct claim_place {
	struct gate *gate;
	size_t at;
};

/* What is summed for a rule, whatever its version; the newest first. */
struct rule_sums {
	const char *rule;
	struct cell *cells;
	struct gate *gates;
};

/* A lot with what only the fold knows of it. */
struct lot_state {
	struct lot lot;
	struct purse_state *purse;
	int64_t expired;                   /* of it, and not taken back since */
	struct contribution *contribution; /* to METRIC_EARNED */
};

struct purse_state {
	struct purse purse;
	int64_t active_at;     /* last activity */
	struct expiry expires; /* the wallet's own, for `inactive` */
	struct lot_state **lots;
	size_t nlots, room;
};

/* Units taken from a lot, to be returned to it. */
struct draw {
	struct lot_state *lot;
	int64_t units;
};

struct draws {
	struct draw *list;
	size_t n, room;
	int64_t owed; /* what no lot had */
};

struct rate {
	int64_t units, per;
};

/* One taking of a rule with `take`; what it gave may be undone. */
struct taking {
	const struct rule *rule;
	struct origin origin;
	struct purse_state *from;
	struct draws draws;
	int64_t units; /* taken */
	int64_t times; /* `each` units, so often */
	struct rate rate;
	struct lot_state *lot; /* what was given */
	int64_t given;
	int64_t at, tier_year_from; /* whose limits it counts against */
	bool is_undone;             /* just now */
};

struct redemption {
	const struct fact *fact;
	const struct reward *reward; /* NULL: none was named */
	int64_t units;
	struct purse_state *purse;
	struct draws draws;
	enum account where; /* RESERVED, REDEEMED, CHARITY; 0: released */
	int64_t forgiven;   /* of the units: what was not there, or is missing
			       since; it is in no draw */
	int64_t donated;    /* to a charity, MILLI, beside the units */
};

struct contribution {
	int64_t at;
	int64_t amount; /* minor units, units of a wallet, or 1 */
};

/* What counts for it: minor units, pieces, counts. */
struct measure {
	struct fraction whole, left, boosted;
	struct fraction foreign; /* `whole` before it was converted */
};

/* A rule in one tier: in most orders there is one. */
struct facet {
	const char *why_not; /* its condition holds: NULL */
	const struct multiplier *
	    *multipliers; /* that held when it was placed */
	size_t nmultipliers;
	const int64_t *counting; /* one per line, 0: it does not; NULL: all */
	const int64_t *factors;  /* one per line; NULL: `factor` for all */
	int64_t factor;
};

/* What one occurrence has by one rule. */
struct share {
	const struct rule *rule;
	struct occurrence *of;
	const char *off; /* why its condition does not hold of what is left of
			    the order; NULL: it does */
	struct facet *facets; /* by the order's stretches; at least one */
	size_t nfacets;
	const struct multiplier *multipliers[WHY_MULTIPLIERS_MAX]; /* now */
	size_t nmultipliers;
	const char *bonus_rule;   /* "rule*multiplier"; NULL: no bonus */
	const char *tier;         /* at that time */
	int64_t whole, whole_all; /* what measure_units() said first, which
				     REVERSE_PROPORTIONAL takes a share of;
				     -1: not known yet */

	struct measure measure; /* as it is now */
	struct cell *cell;      /* of a window longer than the occurrence */
	size_t cell_at;
	int64_t sum, boosted;       /* its part of the cell */
	struct claim_place *claims; /* by limit */

	int64_t entitled, base;  /* before limits; without multipliers */
	int64_t allowed;         /* after limits */
	int64_t entitled_posted; /* entitled to when it was last posted */
	int64_t posted[PARTS];
	/* To a charity: the most it had, and what of it was paid out. */
	int64_t most, paid[PARTS];
	bool is_kept;    /* it has more than is left for it, as that was paid */
	bool is_changed; /* allowed and posted differ, or may */
	bool is_again;   /* something was posted before */
	struct lot_state *lots[PARTS];
	struct contribution *earned; /* to METRIC_EARNED */
};

/* The part of an order that is in one tier. */
struct stretch {
	const char *tier;
	const struct level *level; /* NULL: that was had before */
	int64_t before;            /* of the metric, before the order */
};

/* An order, an event, or something the calendar does: what rules are
 * about. */
struct occurrence {
	struct steps *steps;
	struct origin origin;
	const struct program *program;
	const struct fact *fact; /* NULL: of the calendar */
	const struct order *order;
	const struct exchange *exchange; /* of the order's amounts */
	int64_t at;
	size_t nrefunds;         /* so many of the order's have happened */
	const struct loss *loss; /* of the whole order, where this is one line
				    of it; else NULL */
	bool undone;             /* nothing of it is left */
	bool before; /* it gives nothing: it began before its store did */
	bool held;
	bool counts;   /* among the member's orders: something of it is left */
	bool replaces; /* some rule counts lines instead of another */
	bool revoked;  /* what a tier or membership gave is taken back */
	struct occasion occasion;
	/* One per line: 0 if it pays for a membership, else FACTOR_ONE; NULL:
	 * none does. */
	const int64_t *counting;
	const struct stretch *stretches; /* of an order that may cross tiers */
	size_t nstretches;               /* 0: it earns as before it */
	const struct program *crossed;   /* ... whose tiers those are */
	int64_t amount, amount_left;     /* of the metric: as placed, now */
	int64_t tier_year_from;          /* frozen; 0: in no tier */
	struct share *shares;
	size_t nshares;
	struct contribution *spent; /* to a tier's metric */
	/* ON_TIER, ON_TIER_YEAR: the level; ON_BIRTHDAY: the attribute. */
	const char *about;
	enum trigger on;
	int64_t qualified_at; /* when that level was reached last then */
	const char *below;    /* the level that was had before it */
};

struct membership_run {
	const char *id;
	int64_t from, until; /* until 0: never had */
	bool trial, active, cancelled;
	struct paid_term *terms;
	size_t nterms, room;
};

/* Something of a fact at its time. */
struct happening {
	int64_t at;
	const struct fact *fact;
	size_t refund; /* 0: the fact itself; n: its n-th refund */
	bool undo;     /* the order is cancelled or deleted, the event undone */
	const struct fact *by; /* what undoes it; NULL: an order's own state */
};

/* A level as the metric gave it, for one term. */
struct level_hold {
	const char *level;
	int64_t since;        /* entered then */
	int64_t qualified_at; /* what counted until then reached it */
	int64_t anchor, nth;  /* TERM_PERIOD: the so-manieth from its day */
	int64_t until;
	bool gone; /* what it was reached with is not there any more */
};

struct run {
	struct arena *arena;
	struct steps *steps;
	const struct timeline *timeline;
	struct fold *out;
	int64_t now;       /* the moment that is worked on */
	bool before;       /* and is of an order of before its store's start */
	int64_t ticked_at; /* the calendar's last one */
	size_t npaid;      /* so many payouts are behind it */

	struct movement *movements;
	size_t nmovements, movements_room;
	uint32_t *slots; /* of movements, by their keys; + 1, 0 is free */
	size_t nslots;

	struct purse_state **purses;
	size_t npurses, purses_room;
	struct share **changed; /* to be posted */
	size_t nchanged, changed_room;
	struct rule_sums *sums; /* by a hash of the rule's id */
	size_t nsums, sums_room;
	struct taking *takings;
	size_t ntakings, takings_room;
	struct redemption *redemptions;
	size_t nredemptions, redemptions_room;
	struct occurrence **occurrences; /* that happened, also ticks */
	size_t noccurrences, occurrences_room;

	/* the tier */
	const char *tier;
	int64_t tier_since, tier_until;
	const char *tier_below;      /* had before it was entered; NULL: none */
	int64_t tier_years;          /* ON_TIER_YEAR: so many have begun */
	struct level_hold *holdings; /* as they were reached */
	size_t nholdings, holdings_room;
	size_t held;                      /* index + 1; 0: none */
	int64_t grace_from, grace_until;  /* of that; 0 */
	const struct program *counted_by; /* what says what counts */
	struct contribution **contributions;
	size_t ncontributions, contributions_room;
	struct occurrence **tier_credits;
	size_t ntier_credits, tier_credits_room;
	struct tier_change *changes;
	size_t nchanges, changes_room;

	/* the member */
	struct member_view view;
	size_t attributes_room, traits_room, consents_room, events_room;
	struct membership_run memberships[MEMBERSHIPS_MAX * 2];
	size_t nmemberships;
	int64_t enrolled_at;
	bool has_enrolled;
	struct birthday *birthdays; /* as they became known */
	size_t nbirthdays, birthdays_room;
	int64_t chosen_from; /* the chosen day's begin */
	int64_t chosen_year; /* tier year it is of */
	struct refusal *refusals;
	size_t nrefusals, refusals_room;
};

/* ---- run.c ---- */

/* A copy of text made of parts; ends with a NULL. */
const char *run_text(struct run *, const char *const parts[]);
const char *run_number(struct run *, int64_t);
const char *run_date(struct run *, int64_t at); /* "2025-03-01", local */

const struct era *run_era(const struct run *, int64_t at);
const struct program *run_program(const struct run *);
const struct zone *run_zone(const struct run *);
void run_refuse(struct run *, const struct fact *, const char *reason);
/* condition_holds() for the member as seen now. */
bool run_holds(const struct run *, const struct condition *,
    const struct program *, const struct occasion *, const char **why_not);
/* condition_due_at() likewise. */
int64_t run_due_at(
    const struct run *, const struct condition *, const struct program *);

/* FNV-1a; NULL is a text, too. */
uint64_t hash_text(uint64_t h, const char *);
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* ---- post.c ---- */

struct post {
	const struct origin *origin;
	const char *rule;
	struct purse_state *purse;
	const char *party;
	enum account debit, credit;
	int64_t units;
	struct lot_state *lot;
	const struct why *why;
};

/* Adds to the movement of this key, and moves the purse's balance. */
void post_add(struct run *, const struct post *);

/* ---- lot.c ---- */

/* More or fewer units of an occurrence by a rule. */
struct grant {
	const struct origin *origin;
	const char *rule;
	const struct rule *by;
	const struct program *program;
	struct purse_state *purse;
	int64_t earned_at, vests_at;
	int64_t units; /* minus: taken back */
	bool by_hand;  /* an operator's: nothing was earned, nor is it less */
	const struct why *why;
	struct lot_state **lot; /* its own; NULL in there: none yet */
};

/* When the whole wallet is gone for want of activity. */
int64_t purse_inactive_at(struct run *, const struct purse_state *);
struct lot_state *lot_new(struct run *, const struct grant *);
/* The lot to use next of those earned before `before`; NULL: none. */
struct lot_state *lot_next(
    struct run *, const struct purse_state *, int64_t before);
/* Takes units that can be spent, soonest expiry first, and remembers from
 * where.  Only lots earned before `before`.  Returns what was there. */
int64_t lots_draw(struct run *, struct purse_state *, int64_t units,
    int64_t before, struct draws *);
int64_t lots_spendable(
    const struct run *, const struct purse_state *, int64_t before);
/* Back to the lots, the last first. */
void lots_return(struct draws *, int64_t units);
/* Units were missing and forgiven: whatever redemption used them brings them
 * back no more. */
void lots_forgive(
    struct run *, const struct lot_state *own, struct purse_state *, int64_t);

/* ---- window.c ---- */

/* The beginning of the year in the tier an instant is in; 0: in none. */
int64_t window_tier_year(struct run *, int64_t at);
/* Of a rule on a date, whether it is that day; of all others it is. */
bool rule_is_its_day(const struct rule *, const struct zone *, int64_t at);
struct rule_sums *window_sums(struct run *, const char *rule);
int64_t window_from(enum window, const struct occurrence *);

/* ---- occurrence.c ---- */

struct occurrence *occurrence_new(
    struct run *, const struct fact *, enum source_kind);
/* The occurrence that a fact gave rise to, or NULL. */
struct occurrence *occurrence_find(struct run *, const struct fact *);
/* Minor units of an order that count, rounded down. */
int64_t occurrence_amount(const struct occurrence *, const struct base *);
/* Whether anything of an order is left. */
bool occurrence_is_left(const struct occurrence *);
/* The occasion that a condition of this rule, or about it, is asked of. */
struct occasion occurrence_occasion(
    const struct occurrence *, const struct rule *, const struct condition *);
/* Whether a condition's amounts and pieces hold of what is left. */
bool occurrence_rest_holds(struct run *, const struct condition *,
    const struct occurrence *, const struct rule *, const char **why_not);

/* ---- measure.c ---- */

struct measure measure_of(const struct occurrence *, const struct share *);
struct rate measure_rate(const struct occurrence *, const struct rule *);
bool share_is_gone(const struct occurrence *, const struct share *);
/* Whether refunds take a share of what the rule gave at first, and that share.
 * All of the units, if none were given yet. */
bool share_is_proportional(const struct share *);
int64_t share_proportion(const struct share *, int64_t units, enum rounding);
/* Units it is entitled to by itself, without and with multipliers; of a
 * window, what counts in it, in thousandths. */
void measure_units(const struct occurrence *, const struct share *,
    const struct measure *, int64_t *base, int64_t *all);

/* ---- order.c ---- */

void order_placed(struct run *, const struct fact *);
void order_excluded(struct run *, const struct fact *, const char *reason);
/* After its n-th refund, or when it is undone. */
void order_reduced(struct run *, const struct happening *);

/* ---- undo.c ---- */

/* The fact that another undoes; NULL: none that is known. */
const struct fact *undo_target(const struct run *, const struct fact *);
void undo_event(struct run *, const struct happening *);

/* ---- redeem.c ---- */

void redemption_begin(struct run *, const struct fact *);
void redemption_end(struct run *, const struct fact *);
void adjustment_make(struct run *, const struct fact *);

/* ---- purse.c ---- */

struct purse_state *purse_of(
    struct run *, const struct program *, size_t wallet);
struct purse_state *purse_charity(struct run *);

void purse_grant(struct run *, const struct grant *);
/* A new lot of units that the caller posts. */
void purse_refill(struct run *, const struct grant *);

void purse_active(struct run *, struct purse_state *);
void purses_active_by_order(struct run *, const struct program *);
int64_t purses_due_at(struct run *);
void purses_due(struct run *);

/* ---- cell.c ---- */

/* Where a share is summed: after those that happened before. */
void cell_join(struct run *, struct share *);
/* What counts for it now; it and those after it are entitled to what that
 * makes of the window. */
void cell_update(struct run *, struct share *, int64_t sum, int64_t boosted);
/* The sums before a share. */
void cell_before(const struct share *, wide *sum, wide *boosted);

/* ---- limit.c ---- */

/* Where a share is limited: after those that happened before. */
void limits_join(struct run *, struct share *);
/* What a share is entitled to, and what of it without multipliers; what its
 * limits let through of it, and of what they had kept from others, is then
 * to be posted. */
void limits_update(struct run *, struct share *, int64_t base, int64_t all);
/* The limit that keeps something from a share; 0: none does. */
int64_t limits_cut(const struct run *, const struct share *);
/* For rules that take: what there is room for, and that it was used. */
int64_t limits_room(
    struct run *, const struct rule *, const struct occurrence *);
void limits_use(struct run *, const struct rule *, const struct occurrence *,
    int64_t units);

/* ---- share.c ---- */

/* Works out what it should have now. */
void share_entitle(struct run *, struct share *);
/* Gives and takes what changed, what is taken first. */
void shares_post(struct run *);
/* Of a new one that gives nothing: why. */
void share_post_nothing(struct run *, struct share *);
void share_post_none(struct run *, const struct occurrence *,
    const struct rule *, const struct why *);

/* ---- earn.c ---- */

/* Works out its shares by the rules of this trigger, and gives. */
void earn_begin(struct run *, struct occurrence *, enum trigger);
/* After a refund, or when it is undone or revoked. */
void earn_again(struct run *, struct occurrence *);
/* Something of the calendar's: made, given, and returned. */
struct occurrence *earn_tick(
    struct run *, enum trigger, const char *id, const char *about);
/* Makes a tick as earn_tick() does, at a time that has been. */
struct occurrence *earn_tick_at(
    struct run *, enum trigger, const char *id, const char *about, int64_t at);
/* Tells that none of the rules about an occurrence gave anything. */
void earn_none(
    struct run *, const struct occurrence *, enum trigger, const char *reason);

/* ---- factor.c ---- */

/* The multipliers that hold for a rule, and what they come to: for all of
 * it, or line by line. */
/* NULL, or why the rule is not about it in any tier. */
const char *factors_begin(
    struct run *, const struct occurrence *, struct share *);
/* After a refund: what asks for an amount may not hold any more. */
void factors_again(struct run *, const struct occurrence *, struct share *);

/* ---- payout.c ---- */

int64_t payouts_due_at(const struct run *);
void payouts_due(struct run *);

/* ---- taking.c ---- */

/* What it took and gave, as it is now; `before` is what it had given. */
const struct why *taking_why(
    struct run *, const struct taking *, int64_t before);
/* Undoes takings from this purse until it has so many more units, as far
 * as what they gave is still there; what has expired of it is no loss, if
 * they took it from what is taken back. */
void takings_undo(
    struct run *, struct purse_state *, const char *source_id, int64_t units);

/* ---- take.c ---- */

/* Rules that take, of this trigger; ON_BALANCE after every change. */
void takes_run(struct run *, enum trigger, const char *id);
int64_t takes_due_at(struct run *);

/* ---- metric.c ---- */

/* The window an instant is in, until now, or until its end. */
struct span metric_window(struct run *, const struct tiers *, int64_t at);
struct span metric_window_whole(struct run *, const struct tiers *, int64_t at);
int64_t metric_in(struct run *, const struct tiers *, struct span);
/* What counts of an order or event; of what a share has. */
void metric_update(struct run *, struct occurrence *);
void metric_earned(struct run *, struct share *, struct lot_state *);
void metric_recount(struct run *);
int64_t metric_of_order(const struct program *, const struct occurrence *);

/* ---- hold.c ---- */

enum {
	NO_LEVEL = -1 /* levels are indices of a program's */
};

int level_of(const struct program *, const char *tier);
bool level_reached(const struct level *, int64_t metric);
/* The metric of a level in a window, without the contributions that it was
 * reached with before an instant. */
int64_t level_metric(struct run *, const struct program *, int level,
    struct span, int64_t before);
/* The level that what counts reaches; now; as of an instant, of what is left
 * of it. */
int level_for(
    struct run *, const struct program *, struct span, int64_t before);
int level_now(struct run *, const struct program *);
int level_as_of(struct run *, const struct program *, int64_t at);
int level_by_condition(struct run *, const struct program *);
/* The next lower one that the metric can give. */
int level_below(const struct program *, int level);

struct level_hold *holding_now(struct run *); /* NULL: none */
int holding_level(struct run *, const struct program *);
/* The end of a term that would begin at an instant. */
int64_t holding_term_end(
    struct run *, const struct tiers *, const struct level_hold *, int64_t at);
/* A term by what counted until now, and one that follows a term that ended,
 * by what counted until then. */
void holding_reach(struct run *, const struct program *, int level);
void holding_follow(
    struct run *, const struct program *, int level, int64_t qualified_at);
void holding_end(struct run *);
/* Lowers the holdings after a refund. */
void holding_go_back(struct run *, const struct program *);

/* ---- tier.c ---- */

/* After anything that may change the tier; `refunded`: after a refund. */
void tier_update(struct run *, bool refunded);
int64_t tier_due_at(struct run *);
void tier_due(struct run *);

/* ---- cross.c ---- */

/* The tiers an order that is placed now crosses; after a refund. */
void cross_begin(struct run *, struct occurrence *);
void cross_again(struct occurrence *);
/* The part of an order that is in a stretch; `amount` is the order's of the
 * metric. */
struct fraction cross_part(
    const struct occurrence *, size_t stretch, int64_t amount);

/* ---- member.c ---- */

/* What an event tells of the member.  NULL, or why it has no effect, and
 * rules are not asked. */
const char *member_event(struct run *, struct occurrence *);
int64_t member_due_at(struct run *);
void member_due(struct run *);

/* ---- membership.c ---- */

const char *membership_started(struct run *, struct occurrence *);
const char *membership_paid(struct run *, struct occurrence *);
const char *membership_cancelled(struct run *, struct occurrence *);
int64_t memberships_due_at(struct run *);
void memberships_due(struct run *);
void membership_fee(struct run *, struct occurrence *);
void membership_fee_refunded(struct run *, struct occurrence *);
const int64_t *membership_counting(
    struct run *, const struct program *, const struct order *);

/* ---- tick.c ---- */

/* Whether the program in effect has a rule of this trigger. */
bool ticks_have(const struct run *, enum trigger);
int64_t ticks_due_at(struct run *);
void ticks_due(struct run *);

#endif /* CORE_FOLD_INTERNAL_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fold/state.h"

/*
 * internal: what the files of core/fold share while fold() runs.
 *
 * Each file numbers its rules at its head; the head of fold.c says in which
 * order the files are called.  A file uses only files that stand below the file
 * in this list:
 *
 *  fold.c        the timeline: calls the file for the next thing to happen
 *  seam.c        the state at an instant, to fold on from there
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
 *  lines.c       what lines of an order come to by themselves
 *  layer.c       lines of which parts count differently in their tiers
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
 * The structs that these files work with are in core/fold/state.h.
 */

/* ---- run.c ---- */

/* Joins the parts, which end with a NULL, to one text. */
const char *run_text(struct run *, const char *const parts[]);
const char *run_number(struct run *, int64_t);  /* >= 0 */
const char *run_date(struct run *, int64_t at); /* "2025-03-01", local */

/* Lets time pass until an instant, which becomes r->now. */
void run_wait(struct run *, int64_t at);
/* Find the era of an instant; the program and the zone as of r->now. */
const struct era *run_era(const struct run *, int64_t at);
static inline const struct program *
run_program(const struct run *r)
{
	return r->timeline->eras[r->era].program;
}
static inline const struct zone *
run_zone(const struct run *r)
{
	return run_program(r)->zone;
}
/* calendar_window(); and calendar_term() in the zone in effect.  Both remember
 * what they worked out last, since most questions are asked again. */
struct span run_window(
    struct run *, const struct zone *, enum window, int64_t at);
int64_t run_term(struct run *, int64_t at, struct period, int64_t n);
/* Finds the redemption or event with an id; NULL: none is known. */
const struct fact *run_fact(
    struct run *, enum fact_kind, int64_t store_id, const char *id);
/* Finds what came of a fact of the timeline. */
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
/* Adds a lot to a purse, behind the others. */
void lot_put(struct run *, struct purse_state *, struct lot_state *);
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
/* Marks the first n lots of those that can be spent, in the order in which they
 * are used.  Returns the lot after these; NULL: there is none. */
struct lot_state *lots_mark(struct run *, struct purse_state *, size_t n);
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
/* Finds the remainder of an order after its refunds so far. */
struct remainder *occurrence_rest(
    struct run *, struct occurrence *, const struct rule *);
/* Whether a condition of the rule or of a multiplier holds.  If `amounts`, makes
 * only its tests of amounts and pieces, for what is left of the order; else makes
 * only its other tests. */
bool occurrence_holds(struct run *, struct occurrence *, const struct rule *,
    const struct condition *, bool amounts, const char **why_not);

/* ---- cross.c ---- */

/* Makes the stretches of an order that is placed now. */
void cross_begin(struct run *, struct occurrence *);
/* Works out the stretches anew after a refund. */
void cross_again(struct occurrence *);
/* Finds the part of an order that lies in a stretch: now or, if `placed`, when
 * the order was placed. */
struct fraction cross_part(
    const struct occurrence *, size_t stretch, bool placed);
/* Finds the part of an order that counts as in the k-th facet; 0 if an earlier
 * facet is like that one, since the earlier one has the part. */
struct fraction cross_alike(const struct share *, size_t k, bool placed);
/* Finds the facet as in which all of an order counts; NULL: there is none. */
const struct facet *cross_whole(const struct share *, bool placed);

/* ---- layer.c ---- */

enum {
	LAYERS = LEVELS_MAX + 1,
};

/* The whole order or, if its parts count differently, a stretch of it. */
struct layer {
	const int64_t *factors; /* by line; NULL: `factor` for all */
	int64_t factor;
	bool gives;     /* the rule gives something in it */
	int64_t n;      /* the part of the order's amount in this layer */
	int64_t placed; /* the same, when the order was placed */
};

struct layers {
	struct layer list[LAYERS]; /* the lowest first */
	size_t n;
	int64_t amount, placed; /* the sums of the layers' amounts */
};

/* The mean factor of a line. */
struct mean {
	wide n;        /* the mean times the order's amount */
	int64_t last;  /* the factor in the last layer that the order reaches */
	int64_t begin; /* the amount at which that layer begins */
	/* The least and the largest factor in the layers up to that one, and in
	 * that one and those above it. */
	int64_t low, high, low_above, high_above;
	bool fails; /* something did not fit in 128 bits */
};

/* Whether parts of the order may count differently. */
bool layers_split(const struct share *);
/* Finds the layers.  An order that is not split counts as in the facet. */
void layers_find(struct layers *, const struct share *, const struct facet *);
/* Finds the factor of the i-th line in a layer, and the mean of all layers. */
int64_t layer_factor(
    const struct rule *, const struct layer *, enum part, size_t i);
struct mean layers_mean(
    const struct layers *, const struct rule *, enum part, size_t i);
/* Whether the same n lines count in two layers. */
bool layer_counts_as(const struct layer *, const struct layer *, size_t n);
/* Finds amounts of the order with which the mean, times today's amount, is lower
 * by `less` at most and higher by `more` at most. */
struct span layers_amounts(
    const struct layers *, struct mean *, wide less, wide more);

/* ---- lines.c ---- */

/* Makes room for the lines of a new share whose rule looks at each line. */
void lines_join(struct run *, struct share *);
/* lines_units(): finds the units of all lines.  lines_cut(): takes the amounts
 * beyond the limit of a line off a measure.  `rate` is that of the rule, `most`
 * the limit.  Both return false if the caller has to measure each line. */
bool lines_units(const struct occurrence *, const struct share *, struct rate,
    int64_t most, int64_t units[PARTS]);
bool lines_cut(const struct occurrence *, const struct share *, struct rate,
    int64_t most, struct measure *);

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
const char *factors_begin(struct run *, struct occurrence *, struct share *);
/* Drops multipliers whose conditions on amounts fail after a refund. */
void factors_again(struct run *, struct share *);

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
/* Adds a taking, which has drawn its units, to those of the run. */
void takings_add(struct run *, const struct taking *);
/* Undoes takings from a purse until the purse has so many units more.  A taking
 * can be undone as far as the units that it gave are unused.  Units that it
 * gave and that expired count as unused if it took from lots of `source_id`. */
void takings_undo(
    struct run *, struct purse_state *, const char *source_id, int64_t units);

/* ---- seam.c ---- */

/* Finds the instant of the timeline's next seam; 0: there is none.  The list
 * has all that happens, in the order of time. */
int64_t seam_choose(struct run *, const struct happening *, size_t n);
/* Makes a seam of the state, which is that of the instant `at`, and puts the
 * seam into the result, unless the state has parts that a seam cannot have. */
void seam_make(struct run *, int64_t at);
/* Begins a fold with the state at the timeline's seam. */
void seam_resume(struct run *);

/* ---- purse.c ---- */

struct purse_state *purse_of(
    struct run *, const struct program *, size_t wallet);
struct purse_state *purse_charity(struct run *);
/* Adds a purse to the run. */
struct purse_state *purse_new(
    struct run *, const char *wallet, enum wallet_unit);
/* Gives the units of a grant, or takes them back, and posts them. */
void purse_grant(struct run *, const struct grant *);
/* Fills the lot of a grant, or a new one, with units that the caller posts. */
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
/* Lets an order use the reward of a redemption, or undoes the use. */
void redemption_use(struct run *, const struct fact *);
/* Finds the redemption that a fact changes; NULL: none is known. */
const struct fact *redemption_of(struct run *, const struct fact *);
/* Gives the redemptions whose rewards are made at the shop. */
void redemptions_give(struct run *);
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
/* Works out the places and sums from the i-th contribution on. */
void metric_sums_from(struct run *, size_t i);
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

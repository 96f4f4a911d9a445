/* SPDX-License-Identifier: MIT */
#pragma once

#include "ledger/columns.h"
#include "ledger/stmts.h"
#include "ledger/timeline/timeline.h"

/*
 * The data that the files of the timeline share: the state of members between
 * loading and saving.  Everything is in the arena of the batch's world, until
 * the caller resets the arena.  Instants are those of base/instant.h; units are
 * those of the wallet.
 */

/* A fact, and the values that the ledger saves with it. */
struct kept_fact {
	struct fact fact;
	/* The program's version, as saved; 0: the fact was never folded. */
	int32_t version_id;
	/* Why this fold refuses the fact; NULL: the fold uses the fact. */
	const char *refused;

	/* The fields below are set only for a FACT_ORDER. */
	/* The same order as fact.order, but writable, to fill in products. */
	struct order *order;
	int64_t order_id; /* the platform's number */
	/* A hash of the text of a fact that is no order. */
	uint64_t hash;
	/* NULL: the order's row in the ledger is as new as the order. */
	struct unwritten_order *unwritten;
	int64_t points;     /* points that the order has earned, as saved */
	const char *reason; /* why the order has these points, as saved */
	int64_t points_now; /* points that the order has earned by this fold */
	const char *reason_now; /* the reason by this fold */
};

/* A lot: at first as the ledger has it, and after timeline_compare() as the
 * fold wants it. */
struct kept_lot {
	/* lot->wallet is NULL while the lot is as the ledger has it. */
	struct lot *lot;
	int16_t wallet; /* the wallet's number in the ledger */
	bool fresh;     /* the ledger has no row yet */
	bool changed;   /* the row in the ledger has to be changed */
	bool is_since;  /* not as it was at the member's seam */
};

/* The sum of a member's entries with the same key (source, rule, wallet and so
 * on).  An entry is posted (the ledger has it), wanted (the ledger should have
 * it, according to the fold) or missing (it still has to be posted). */
struct folded_entry {
	enum source_kind source;
	int64_t store_id;
	const char *source_id, *rule;
	const char *party; /* the id of a charity; "": none */
	int16_t wallet;    /* the wallet's number in the ledger */
	enum account debit, credit;
	int64_t lot_id; /* 0: no lot */
	int64_t units;
	int64_t at;
	int32_t version_id;
	const struct why *why, *why_all; /* the same as in struct movement */

	/* The fields below are set only in missing entries. */
	bool corrects; /* the entry takes back what was posted before */
	int part;      /* the number of the entry within its source, from 1 */
};

/* The balance of a member in a wallet. */
struct wallet_balance {
	int16_t wallet; /* the wallet's number in the ledger */
	bool fresh;     /* the ledger has no row yet */
	bool changed;   /* the row in the ledger has to be changed */
	struct balance balance;
};

struct order_key {
	int64_t store_id, order_id;
};

/* The numbers of the lots in one part of a seam. */
struct seam_lots {
	int64_t *ids;
	size_t n;
};

/* All that a seam was made of.  If any of these differs, the seam is of no
 * use. */
struct seam_of {
	int64_t orders;   /* how many orders are before the seam */
	int64_t lots;     /* timeline_seam_lots(); may differ */
	int64_t store_id; /* the first store that knew the member */
	uint64_t facts;   /* a hash of the other facts before the seam */
	uint64_t program; /* a hash of stores and versions until the seam */
};

/* A member between loading and saving. */
struct timeline_member {
	struct member_key key;
	/* Orders that the caller writes later, sorted by store and id. */
	struct unwritten_order **unwritten;
	size_t nunwritten;
	bool fresh; /* the transaction has made the member: nothing to load */
	int64_t customer_id; /* of a fresh one: as in struct member_made */

	/* The fields below are set by timeline_load(). */
	/* The first store that knows the member; 0: none.
	 * timeline_batch_tell() may set the store before. */
	int64_t store_id;
	int32_t revision; /* the revision of the member's last entry */
	struct kept_fact *facts;
	size_t nfacts, facts_room;
	struct kept_lot *lots;
	size_t nlots, lots_room;
	struct folded_entry *posted;
	size_t nposted, posted_room;
	struct wallet_balance *balances;
	size_t nbalances, balances_room;
	struct payout *payouts;
	size_t npayouts, payouts_room;
	int64_t tiers_kept;   /* number of the member's rows in tier_change */
	bool has_state;       /* the member has a row in member_state */
	int64_t steps_before; /* steps that the last fold took */
	int64_t changed;      /* the transaction that last wrote member_state */
	/* The parts of member_state that shops are told, as they were
	 * written. */
	const char *told_tier, *told_memberships, *told_benefits;
	int64_t told_until, told_metric, told_at;

	/* The seam that the member's fold goes on from, what the seam was made
	 * of, and the orders after the seam.  If seam.at is 0, the whole
	 * timeline is folded. */
	struct seam seam;
	bool no_seam; /* the member's seam is not to be used */
	struct seam_of seam_of;
	/* As member_state has them, the seam without the lots at its end. */
	struct str seam_kept, since_kept;
	uint64_t rest_hash; /* of these lots */
	struct order_key *seam_orders;
	size_t nseam_orders;
	size_t seam_keeps;                /* timeline_seam_keeps() */
	struct str next_seam, next_since; /* to be written; data NULL: none */

	/* The fields below are set by timeline_fold(). */
	struct budget *budgets;
	size_t nbudgets;
	int64_t steps; /* steps that reading and folding have taken so far */
	int64_t folded_at;
	bool folded; /* false: there is no program, and so no fold */
	struct timeline timeline; /* the facts that were folded */
	struct fold fold;
	/* A fact came after the facts were read: the member stays due. */
	bool is_stale;

	/* The fields below are set by timeline_compare(). */
	struct folded_entry *wanted;
	size_t nwanted;
	struct folded_entry *missing;
	size_t nmissing;

	/* The fields below are set by timeline_save(). */
	struct str memberships;
	const char *benefits; /* the ids of those that hold; NULL: none do */
	bool is_told_anew;    /* shops are told something else of the member */
};

/* The number that the ledger gives to a wallet of a tenant. */
struct wallet_number {
	int64_t tenant_id;
	int16_t number;
	const char *id;
};

/* A limit on the units that a rule may give to all members together, and the
 * units given so far. */
struct shared_budget {
	int64_t tenant_id, store_id;
	const char *rule;
	int64_t most, given;
};

/* The members that one transaction is about. */
struct timeline_batch {
	const struct world *world;
	bool locked; /* the balances of points are locked already */
	struct timeline_member *members; /* ascending by key */
	size_t n;
	/* Members that were taken out of `members`, since their timelines take
	 * too long (rule 7). */
	struct timeline_member *aside;
	size_t naside, aside_room;
	struct wallet_number *wallets;
	size_t nwallets;
	struct shared_budget *budgets;
	size_t nbudgets, budgets_room;
};

/* ---- batch --------------------------------------------------------------- */

/* Fills a batch with the members of these keys; each member is in it once. */
void timeline_batch_init(struct timeline_batch *, const struct world *,
    const struct member_key *, size_t n);
/* Tells the batch which of its members are fresh, and gives them their orders
 * that are unwritten. */
void timeline_batch_tell(struct timeline_batch *, const struct timeline_news *);
/* Finds an order of a member among those that are unwritten; NULL: it is not
 * one of them. */
struct unwritten_order *timeline_unwritten(
    const struct timeline_member *, int64_t store_id, int64_t order_id);
/* Return how many steps a member may take: when folded together with other
 * members, and when folded alone. */
int64_t timeline_steps_most(const struct world *);
int64_t timeline_alone_most(const struct world *);
/* Writes the sentence that tells an operator that a member's timeline takes
 * more steps than allowed. */
const char *timeline_too_long(
    const struct world *, const struct timeline_member *);
#define TOO_MANY "the timelines of %zu members are too long for one transaction"
/* Moves the members that take more steps than allowed from `members` to
 * `aside`. */
void timeline_set_aside(struct timeline_batch *);
/* Finds the ledger's number of a wallet; 0: the tenant has no such wallet. */
int16_t timeline_wallet(
    const struct timeline_batch *, int64_t tenant_id, const char *id);
/* Begins the parameters of a statement about the members that are not fresh:
 * one array of tenants and one of members.  Returns how many they are. */
size_t timeline_params(const struct timeline_batch *, struct pg_params *);
/* Reads one row into the member that the row is about.  Everything that is
 * added to the member is in the arena. */
typedef int timeline_reader(struct arena *, struct timeline_member *,
    const struct pg_rows *, int row, struct err *);
/* The members that a statement is about. */
enum timeline_whom {
	OF_KNOWN, /* members that are not fresh */
	OF_WHOLE, /* members without a seam, not fresh */
	OF_ALL,
};
/* A statement whose parameters are only the members.  Column 0 of each row is
 * the member's index in these parameters plus 1. */
struct timeline_question {
	enum sql stmt;
	timeline_reader *read;
	enum timeline_whom of;
};
/* Asks the statements together, then reads the rows of one after the other. */
int timeline_ask(const struct timeline_batch *,
    const struct timeline_question *, size_t n, struct err *) MUST_CHECK;

/* ---- load ---------------------------------------------------------------- */

/* Loads everything known of the members.  With `lock` the members are locked
 * first, and members that took too many steps in the last fold are set aside
 * without being loaded.  Without `lock`, nothing may be posted.  REJECT if the
 * members together took too many steps in their last folds for one transaction.
 */
int timeline_load(struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
/* Loads the members once more, after seams turned out to be of no use: members
 * with no_seam as a whole. */
int timeline_load_without(struct timeline_batch *, struct err *) MUST_CHECK;
/* Locks members that were loaded without locks, and loads their lots, entries
 * and balances again. */
int timeline_load_again(struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- facts --------------------------------------------------------------- */

/* Adds bytes to a hash. */
uint64_t timeline_hash(uint64_t, struct str);
/* True if the fact can be folded.  An order of which only a refund or a
 * deletion is known cannot be folded, because the time of the order is not
 * known. */
bool timeline_has_happened(const struct kept_fact *);
/* Adds a fact to a member.  The fact is all zeros, for the caller to fill. */
struct kept_fact *timeline_add_fact(struct arena *, struct timeline_member *);
/* Read an order of a member, and another fact. */
timeline_reader timeline_read_order, timeline_read_fact;
/* Adds the orders that have no row in the ledger yet.  REJECT if a member then
 * has too many facts. */
int timeline_add_unwritten(struct timeline_batch *, struct err *) MUST_CHECK;
/* Reads an order as the ledger keeps it.  The result is the order that the fold
 * uses, with its refunds sorted by time. */
int timeline_order(
    struct arena *, struct str facts, struct order **, struct err *) MUST_CHECK;
/* Sets the version of the program for a fact, and everything else that depends
 * on the fact's store. */
void timeline_attach(const struct world *, struct kept_fact *);
/* Fills in the categories, tags, vendor and type in the lines of all orders, as
 * the products were at the time of the order.  With `want`, products that are
 * not known yet are noted down, so that the member is folded again once they
 * are known. */
int timeline_products(
    struct timeline_batch *, bool want, struct err *) MUST_CHECK;

/* ---- referral ------------------------------------------------------------ */

/* Judges which referrals among the members' facts count.  Loads the facts of
 * all members whom the referrals concern. */
int timeline_referrals(struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- reward -------------------------------------------------------------- */

/* Reads what became of a reward as facts of the member. */
timeline_reader timeline_read_reward;
/* Adds the rows of reward_folded.sql. */
void timeline_add_rewards(
    struct columns *, const struct world *, const struct timeline_member *);

/* ---- posted -------------------------------------------------------------- */

/* Read what the ledger has for a member: a lot, the sum of some entries, a
 * balance. */
timeline_reader timeline_read_lot, timeline_read_posted, timeline_read_balance;
/* Sums the entries that were read by their keys, leaves out sums of 0, and adds
 * the lots that have no row (lot_add.sql). */
void timeline_sum_posted(struct timeline_batch *);
/* Compare the keys of two struct folded_entry, or kept_lot, for qsort(). */
int timeline_compare_entries(const void *, const void *);
int timeline_compare_lots(const void *, const void *);

/* ---- budget -------------------------------------------------------------- */

/* Loads the budgets of the members' programs, with or without locking them. */
int timeline_budgets_load(
    struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
/* Sets how much of each budget a member may have: the amount that the member
 * has got already, plus the amount that is still free. */
void timeline_budgets_share(
    const struct timeline_batch *, struct timeline_member *);
/* Subtracts the amounts that the fold of a member has used from the budgets of
 * the batch. */
void timeline_budgets_use(
    const struct timeline_batch *, const struct timeline_member *);
int timeline_budgets_save(
    const struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- seam ---------------------------------------------------------------- */

/* Reads what member_state has of a member's seam.  If the seam is of no use,
 * the member has none. */
void timeline_seam_read(
    const struct timeline_batch *, struct timeline_member *);
/* Loads the orders after the seams of the members that have a seam, and those
 * that the caller writes. */
int timeline_seam_orders(struct timeline_batch *, struct err *) MUST_CHECK;
/* Loads the lots at the end of a member's seam.  If they are not as they were
 * written, the member's seam has none. */
int timeline_seam_rest(const struct timeline_batch *, struct timeline_member *,
    struct err *) MUST_CHECK;
/* Whether what was loaded is what the members' seams were made of; sets no_seam
 * of members of whom it is not. */
bool timeline_seams_hold(const struct timeline_batch *);
/* Sets no_seam of all members.  False if none has a seam. */
bool timeline_seams_drop(const struct timeline_batch *);
/* Returns about how many things the member's next seam keeps; 0: no new
 * seam. */
size_t timeline_seam_keeps(
    const struct timeline_batch *, const struct timeline_member *);
/* Returns how many lots of a wallet the first part of a seam has. */
size_t timeline_seam_lots(const struct world *);
/* Sets what is written of the member's seam, after timeline_compare(). */
void timeline_seam_write(
    const struct timeline_batch *, struct timeline_member *);

/* ---- fold ---------------------------------------------------------------- */

/* Finds the versions of the programs for a member's facts, and folds the facts
 * that are not refused.  If the member takes too many steps, there is no fold,
 * and m->steps becomes larger than timeline_steps_most(). */
int timeline_fold(const struct timeline_batch *, struct timeline_member *,
    struct err *) MUST_CHECK;

/* ---- compare ------------------------------------------------------------- */

/* Finds the entries that are missing, numbers new lots, and updates
 * balances. */
int timeline_compare(struct timeline_batch *, struct err *) MUST_CHECK;
/* Do two steps of timeline_compare(): pair the fold's lots with the ledger's,
 * and list the fold's movements as entries. */
int timeline_match_lots(const struct timeline_batch *, struct timeline_member *,
    struct err *) MUST_CHECK;
int timeline_find_wanted(const struct timeline_batch *,
    struct timeline_member *, struct err *) MUST_CHECK;

/* ---- save ---------------------------------------------------------------- */

/* Saves lots, entries and balances, the outbox rows that report balances to the
 * platforms, and everything that the ledger keeps of the folds. */
int timeline_save(const struct timeline_batch *, struct err *) MUST_CHECK;
/* Marks the members that were set aside as due, so that the process `schedule`
 * folds them. */
int timeline_aside_save(const struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- timeline ------------------------------------------------------------ */

/* Leaves a member alone for a day before it is due again.  `steps` is the least
 * number of steps that the member is known to take. */
int timeline_later(const struct world *, struct member_key, int64_t steps,
    struct err *) MUST_CHECK;
/* Collects the results for the caller. */
void timeline_collect(const struct timeline_batch *, struct timeline_result *);

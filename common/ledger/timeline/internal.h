/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_TIMELINE_INTERNAL_H
#define LEDGER_TIMELINE_INTERNAL_H

#include "ledger/stmts.h"
#include "ledger/timeline/timeline.h"

/*
 * internal: the shapes that the files of the timeline share: members between
 * loading and saving.
 * Everything is in the arena of the batch's world, until the caller resets it.
 * Instants are those of base/instant.h; units are those of the wallet.
 */

/* A fact, and what the ledger keeps beside it. */
struct kept_fact {
	struct fact fact;
	int32_t version_id;  /* of the program, as kept; 0: never folded */
	const char *refused; /* by this fold, and why; NULL: the fact counts */

	/* FACT_ORDER only */
	struct order *order; /* fact.order, for products to be filled in */
	int64_t order_id;    /* the platform's */
	int64_t points;      /* the points that the order has earned, as kept */
	const char *reason;  /* why the order has these points, as kept */
	int64_t points_now;  /* the points by this fold */
	const char *reason_now; /* the reason by this fold */
};

/* A lot of the ledger: at first as it is posted, then as the fold has it. */
struct kept_lot {
	struct lot *lot; /* lot->wallet is NULL while the lot is as posted */
	int16_t wallet;  /* the wallet's number in the ledger */
	bool changed;    /* the ledger's row is another */
};

/* The sum of a member's entries under one key: as posted in the ledger, as
 * wanted by the fold, or as it is missing and has to be posted. */
struct folded_entry {
	enum source_kind source;
	int64_t store_id;
	const char *source_id, *rule;
	const char *party; /* the charity; "": none */
	int16_t wallet;    /* the wallet's number in the ledger */
	enum account debit, credit;
	int64_t lot_id; /* 0: none */
	int64_t units;
	int64_t at;
	int32_t version_id;
	const struct why *why, *why_all; /* as struct movement has them */

	/* only of what is missing */
	bool corrects; /* the entry takes back what was posted before */
	int part;      /* the entry's number within its source, from 1 */
};

/* A member's balance in a wallet. */
struct wallet_balance {
	int16_t wallet; /* the wallet's number in the ledger */
	bool changed;   /* the ledger's row is another */
	struct balance balance;
};

/* A member between loading and saving. */
struct timeline_member {
	struct member_key key;

	/* by timeline_load() */
	int64_t store_id; /* the first store that knows the member; 0: none */
	int32_t revision; /* of the member's last entry */
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
	int64_t tiers_kept;   /* rows that tier_change has for the member */
	int64_t steps_before; /* steps that the fold before this one took */
	int64_t changed;      /* the transaction that last wrote member_state */

	/* by timeline_fold() */
	struct budget *budgets;
	size_t nbudgets;
	int64_t steps; /* the steps that reading and folding have taken */
	int64_t folded_at;
	bool folded;              /* false: there is no program, and no fold */
	struct timeline timeline; /* the facts that were folded */
	struct fold fold;
	bool is_stale; /* a fact came since the facts were read: stays due */

	/* by timeline_compare() */
	struct folded_entry *wanted;
	size_t nwanted;
	struct folded_entry *missing;
	size_t nmissing;
};

/* The number of a tenant's wallet in the ledger. */
struct wallet_number {
	int64_t tenant_id;
	int16_t number;
	const char *id;
};

/* The units that all members together may have by a rule, and have had. */
struct shared_budget {
	int64_t tenant_id, store_id;
	const char *rule;
	int64_t most, given;
};

/* The members that one transaction is about. */
struct timeline_batch {
	const struct world *world;
	struct timeline_member *members; /* ascending by key */
	size_t n;
	struct timeline_member *aside; /* taken out of `members` (rule 7) */
	size_t naside;
	struct wallet_number *wallets;
	size_t nwallets;
	struct shared_budget *budgets;
	size_t nbudgets, budgets_room;
};

/* ---- batch ---- */

/* Fills a batch with the members of the keys, each once. */
void timeline_batch_init(struct timeline_batch *, const struct world *,
    const struct member_key *, size_t n);
/* How many steps one member may take: among others, and alone. */
int64_t timeline_steps_most(const struct world *);
int64_t timeline_alone_most(const struct world *);
/* Says to an operator that a member's timeline takes more steps than it may. */
const char *timeline_too_long(
    const struct world *, const struct timeline_member *);
#define TOO_MANY "the timelines of %zu members are too long for one transaction"
/* Moves the members that take more steps than they may from `members` to
 * `aside`. */
void timeline_set_aside(struct timeline_batch *);
/* The ledger's number of a wallet; 0: the tenant has no such wallet. */
int16_t timeline_wallet(
    const struct timeline_batch *, int64_t tenant_id, const char *id);
/* Begins the parameters of a statement about the members: arrays of tenants
 * and of members. */
void timeline_params(const struct timeline_batch *, struct pg_params *);
/* Reads one row for the member that the row is about, into the arena. */
typedef int timeline_reader(struct arena *, struct timeline_member *,
    const struct pg_rows *, int row, struct err *);
/* Asks a statement that takes only the members; column 0 of its rows is the
 * member's place in `members`, from 1. */
int timeline_ask(const struct timeline_batch *, enum sql, timeline_reader *,
    struct err *) MUST_CHECK;

/* ---- load ---- */

/* Loads everything known of the members.  With `lock` the members are locked
 * first, and those that took too many steps before are set aside unloaded;
 * without it, nothing may be posted.  REJECT if the members are too long for
 * one transaction. */
int timeline_load(struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
/* Locks members that were loaded without locks, and loads again what stands in
 * the ledger for them. */
int timeline_load_again(struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- facts ---- */

/* Adds a fact to a member; zeroed, for the caller to fill. */
struct kept_fact *timeline_add_fact(struct arena *, struct timeline_member *);
/* Loads the members' orders, and all other facts. */
int timeline_load_orders(
    const struct timeline_batch *, struct err *) MUST_CHECK;
int timeline_load_facts(const struct timeline_batch *, struct err *) MUST_CHECK;
/* Reads the facts kept of an order into the order as it counts, with its
 * refunds sorted by time. */
int timeline_order(
    struct arena *, struct str facts, struct order **, struct err *) MUST_CHECK;
/* Sets a fact's program, and what else the fact's store decides. */
void timeline_attach(const struct world *, struct kept_fact *);
/* Fills in the categories and so on of all orders' lines, as the products were
 * at the time of the order.  With `want`, products that are not known yet are
 * noted down, and the member is looked at again when they are. */
int timeline_products(
    struct timeline_batch *, bool want, struct err *) MUST_CHECK;

/* ---- referral ---- */

/* Judges the referrals among the members' facts, by the facts of all members
 * that the referrals concern. */
int timeline_referrals(struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- posted ---- */

/* Loads what stands in the ledger for the members: lots, entries and the number
 * of tier changes. */
int timeline_load_posted(
    const struct timeline_batch *, struct err *) MUST_CHECK;
int timeline_load_balances(
    const struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- budget ---- */

/* Loads the budgets of the members' programs, locked or not. */
int timeline_budgets_load(
    struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
/* Sets what the budgets leave a member, with what the member has of them. */
void timeline_budgets_share(
    const struct timeline_batch *, struct timeline_member *);
/* Takes what a member's fold has used off the batch's budgets. */
void timeline_budgets_use(
    const struct timeline_batch *, const struct timeline_member *);
int timeline_budgets_save(
    const struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- fold ---- */

/* Attaches programs to a member's facts and folds the facts that are not
 * refused.  A member that takes too many steps has more steps than it may
 * afterwards, and no fold. */
int timeline_fold(const struct timeline_batch *, struct timeline_member *,
    struct err *) MUST_CHECK;

/* ---- compare ---- */

/* Finds the entries that are missing, numbers new lots, and moves balances. */
int timeline_compare(struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- save ---- */

/* Saves lots, entries and balances, what the platforms are told of them, and
 * all that is kept of the folds. */
int timeline_save(const struct timeline_batch *, struct err *) MUST_CHECK;
/* Has schedule look at the members that were set aside. */
int timeline_aside_save(const struct timeline_batch *, struct err *) MUST_CHECK;

/* ---- timeline ---- */

/* Leaves a member for a day; `steps` is how many the member took at least. */
int timeline_later(const struct world *, struct member_key, int64_t steps,
    struct err *) MUST_CHECK;
/* Collects the results for the caller. */
void timeline_collect(const struct timeline_batch *, struct timeline_result *);

#endif /* LEDGER_TIMELINE_INTERNAL_H */

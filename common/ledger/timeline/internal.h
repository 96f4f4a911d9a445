/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_TIMELINE_INTERNAL_H
#define LEDGER_TIMELINE_INTERNAL_H

#include "ledger/stmts.h"
#include "ledger/timeline/timeline.h"

/*
 * timeline_member: one member between loading and saving; what the
 * timeline_*.c files share.  All of it is the world's arena's.
 */

/* A fact, and what the ledger keeps beside it. */
struct kept_fact {
	struct fact fact;
	int32_t version_id;  /* as kept; 0: never folded */
	const char *refused; /* by this fold; NULL: not */
	/* FACT_ORDER: as kept, and as folded */
	struct order *order; /* fact.order, while it is being read */
	int64_t order_id, points, points_now;
	const char *reason, *reason_now;
};

/* A lot of the ledger's: at first as posted, then as the fold has it. */
struct kept_lot {
	struct parcel *parcel; /* as posted it names no wallet */
	int16_t wallet;
	bool changed;
};

/* The sum of a member's entries under one key: as posted in the ledger, as
 * wanted by the fold, or as it is missing and has to be posted. */
struct folded_entry {
	enum source_kind source;
	int64_t store_id;
	const char *source_id, *rule, *party;
	int16_t wallet;
	enum account debit, credit;
	int64_t lot_id; /* 0: none */
	int64_t units;
	int64_t at;
	int32_t version_id;
	const struct why *why, *why_all;
	/* missing: whether it is taken back, and its number within the source */
	bool corrects;
	int part;
};

struct wallet_balance {
	int16_t wallet;
	bool changed;
	struct balance balance;
};

struct timeline_member {
	struct member_key key;
	int64_t store_id; /* whose calendar; 0: none */
	int32_t revision; /* of the last entry */
	struct kept_fact *facts;
	size_t nfacts, facts_room;
	struct kept_lot *lots;
	size_t nlots, lots_room;
	struct folded_entry *posted;
	size_t nposted, posted_room;
	struct wallet_balance *balances;
	size_t nbalances, balances_room;
	struct budget *budgets;
	size_t nbudgets;
	struct payout *payouts;
	size_t npayouts, payouts_room;
	int64_t tiers_kept;   /* rows of tier_change */
	int64_t steps_before; /* it took the last time */
	int64_t steps;        /* it takes */
	int64_t changed;      /* the transaction that last wrote its state */
	bool is_stale;        /* more is known since it was read: stays due */

	/* by timeline_fold() */
	int64_t folded_at;
	bool folded;              /* false: there is no program */
	struct timeline timeline; /* that was folded */
	struct fold fold;
	struct folded_entry *wanted;
	size_t nwanted;
	struct folded_entry *missing;
	size_t nmissing;
};

struct wallet_number {
	int64_t tenant_id;
	int16_t number;
	const char *id;
};

/* What all members together may have of a rule, and have had. */
struct shared_budget {
	int64_t tenant_id, store_id;
	const char *rule;
	int64_t most, given;
};

struct timeline_batch {
	const struct world *world;
	struct timeline_member *members; /* by key */
	size_t n;
	struct timeline_member *aside; /* those that are set aside */
	size_t naside;
	struct wallet_number *wallets;
	size_t nwallets;
	struct shared_budget *budgets;
	size_t nbudgets, budgets_room;
};

/* ---- batch: the members of one transaction ---- */

/* The members of keys, without doubles. */
void timeline_batch_init(struct timeline_batch *, const struct world *,
    const struct member_key *, size_t n);
/* The steps one member may take here. */
int64_t timeline_steps_most(const struct world *);
int64_t timeline_alone_most(const struct world *);
/* The sentence about one that takes more. */
const char *timeline_too_long(
    const struct world *, const struct timeline_member *);
#define TOO_MANY "the timelines of %zu members are too long for one transaction"
/* Takes those out that take more. */
void timeline_set_aside(struct timeline_batch *);
int16_t timeline_wallet(
    const struct timeline_batch *, int64_t tenant_id, const char *id);
/* The first two parameters of the statements about all members: tenants and
 * members. */
void timeline_params(const struct timeline_batch *, struct pg_params *);
/* Reads one row for the member it is about, into the arena.  Column 0 is the
 * member's place among the members, from 1. */
typedef int timeline_reader(struct arena *, struct timeline_member *,
    const struct pg_rows *, int row, struct err *);
/* Asks a statement that takes only these two, and has its rows read. */
int timeline_ask(const struct timeline_batch *, enum sql, timeline_reader *,
    struct err *) MUST_CHECK;

/* With their locks, or without (nothing may be posted then). */
int timeline_load(struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
/* The locks, and what stands behind them: of what was loaded without. */
int timeline_load_again(struct timeline_batch *, struct err *) MUST_CHECK;
/* A fact more, zeroed, for the caller to fill. */
struct kept_fact *timeline_add_fact(struct arena *, struct timeline_member *);
/* What happened to the members: their orders, and all else. */
int timeline_load_orders(
    const struct timeline_batch *, struct err *) MUST_CHECK;
int timeline_load_facts(const struct timeline_batch *, struct err *) MUST_CHECK;
/* What stands for them: lots and entries, and balances. */
int timeline_load_posted(
    const struct timeline_batch *, struct err *) MUST_CHECK;
int timeline_load_balances(
    const struct timeline_batch *, struct err *) MUST_CHECK;
/* Reads an order as it is kept, to what of it counts; refunds by time. */
int timeline_order(
    struct arena *, struct str facts, struct order **, struct err *) MUST_CHECK;
/* The program in effect for a fact, and what else is its store's to say. */
void timeline_attach(const struct world *, struct kept_fact *);
/* Judges the batch's referrals, by what is known of all whom they concern. */
int timeline_referrals(struct timeline_batch *, struct err *) MUST_CHECK;
/* Lines' categories and the like, as of their order's time. */
int timeline_products(
    struct timeline_batch *, bool want, struct err *) MUST_CHECK;

/* Budgets of all members together: loading them, locked or not; what they
 * leave this member; what this member has taken of them; writing that. */
int timeline_budgets_load(
    struct timeline_batch *, bool lock, struct err *) MUST_CHECK;
void timeline_budgets_share(
    const struct timeline_batch *, struct timeline_member *);
void timeline_budgets_use(
    const struct timeline_batch *, const struct timeline_member *);
int timeline_budgets_save(
    const struct timeline_batch *, struct err *) MUST_CHECK;

/* What should stand, with programs attached and refusals taken out. */
/* A member that takes too many steps has more than it may, and no fold. */
int timeline_fold(const struct timeline_batch *, struct timeline_member *,
    struct err *) MUST_CHECK;
/* Numbers of lots and the entries that are missing. */
int timeline_compare(struct timeline_batch *, struct err *) MUST_CHECK;
/* Lots, entries and balances, what the platforms are told of them, and all that
 * is kept of the fold. */
int timeline_save(const struct timeline_batch *, struct err *) MUST_CHECK;
/* Leaves a member for a day; `steps`: it took at least. */
int timeline_later(const struct world *, struct member_key, int64_t steps,
    struct err *) MUST_CHECK;
/* Wakes those that are set aside. */
int timeline_aside_save(const struct timeline_batch *, struct err *) MUST_CHECK;

/* Collects the results for the caller. */
void timeline_collect(const struct timeline_batch *, struct timeline_result *);

#endif /* LEDGER_TIMELINE_INTERNAL_H */

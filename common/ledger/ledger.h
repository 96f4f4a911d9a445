/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/decide.h"
#include "core/order.h"
#include "core/settle.h"
#include "io/pg/pg.h"
#include "ledger/owner.h"
#include "ledger/stores.h"
#include "ledger/timeline/timeline.h"
#include "wire/shop/shop.h"

/*
 * ledger: orders and what they earned, a batch at a time.
 *
 * Inside one transaction of the caller's: ledger_load() locks and reads
 * what is known, ledger_decide() says what should stand and settles the
 * difference in memory, ledger_save() writes what changed.  Everything
 * lives in the arena given.
 *
 * Statements get whole keys as arrays, also the parts that are the same for
 * all (a wallet, a kind): a constant in the text would make the planner
 * believe in few rows and read all of them for each batch.
 */

enum {
	LEDGER_BATCH_MAX = 500, /* messages of one batch */
	LEDGER_MOVE_MAX = 500,  /* orders moved to another member at once */
};

/* Points of an order that stand in the ledger for a member under a rule. */
struct holding {
	int64_t member_id;
	const char *rule;
	int64_t points;
	struct lot lot;
};

/* A member's balance while the batch is worked on. */
struct account_state {
	int64_t tenant_id, member_id;
	struct balance before, now;
	bool folded; /* what stands for them comes from their timeline */
};

/* One order of the batch. */
struct order_news {
	const struct store *store;
	struct order order; /* what the batch tells of it, merged; after
			       ledger_load() with what was known */
	bool news;          /* false: `order` has only the id */
	int64_t shop_id;    /* that a body of it in the batch names; 0: none */
	int64_t moved_to; /* a guest's order goes to this member; 0: by rule */

	/* by ledger_load() */
	bool known;         /* the ledger has it */
	bool unchanged;     /* nothing new is told of the order */
	struct str facts;   /* as they will be kept */
	int32_t version_id; /* frozen; 0: not awarded yet */
	int32_t revision;
	int64_t held_by; /* member it stood under; 0: none */
	struct owner was, owner;
	int64_t member_id; /* it belongs to; 0: nobody */
	bool held;         /* for a guest not known yet */
	int64_t points;    /* as kept */
	const char *reason;
	struct holding *holdings;
	size_t nholdings, holdings_room;

	/* by ledger_decide() */
	bool folded; /* left to the timelines of those it is or was of */
	struct decision decision;
	int parts; /* entries so far */
};

/* The name that one delivery of an order tells.  A store knows a name from
 * then on, also one that a newer delivery has overtaken: which names there are
 * follows from the deliveries, not from how they came together in batches. */
struct name_news {
	const struct order_news *of;
	struct owner owner;
};

/* Something else that happened to somebody. */
struct fact_news {
	const struct store *store;
	const struct told_fact *told;
	const struct message *message; /* that tells it */
	bool alone; /* it is what the message is about: another content under
		       a key that was used is refused, not passed over */
	struct str facts; /* as they will be kept */
	struct owner owner;

	/* by ledger_load() */
	bool unchanged; /* the fact is known, or passed over */
	bool clash;     /* its key was used for something else */
	int64_t member_id;
};

/* A customer the batch told about. */
struct customer_news {
	const struct store *store;
	struct customer customer;
	int64_t gone_at; /* 0: is there */
	struct owner owner;
};

/* An entry to be posted. */
struct entry {
	const struct order_news *news;
	const struct holding *holding; /* of the order's */
	int part;
	struct posting posting;
	const struct why *why;
};

struct ledger_batch {
	struct order_news *orders;
	size_t norders;
	struct customer_news *customers;
	size_t ncustomers;
	struct fact_news *facts;
	size_t nfacts;
	struct name_news *names;
	size_t nnames;

	struct account_state *accounts; /* by (tenant, member) */
	size_t naccounts;
	struct entry *entries;
	size_t nentries, entries_room;
};

int ledger_load(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;

/*
 * Every order in turn, so that two orders of one member see each other.
 * `now` is the caller's clock.  REJECT: an order would come to more than 10^15
 * points, or bring a member to more; the caller tries halves of the batch.
 */
int ledger_decide(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;

int ledger_save(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;

/* Those whose timelines are another after ledger_save(): for
 * timeline_post(). */
struct member_key *ledger_folded(
    struct arena *, const struct ledger_batch *, size_t *n);

/*
 * Orders that stand under a guest although the platform has verified the
 * address of one of these customers: orders to be worked on next, in a
 * transaction of their own, until there are none.
 */
int ledger_claims(const struct world *, const struct customer_news *, size_t n,
    struct order_news **, size_t *norders, struct err *) MUST_CHECK;

/*
 * Two customers became one: from now on the first name leads to the
 * second's member, and the orders of the first's are decided again, in
 * this one transaction, which has the store to itself.
 */
int ledger_merge(const struct world *, const struct store *, int64_t gone_id,
    int64_t kept_id, int64_t at, struct err *) MUST_CHECK;

/*
 * Facts of guests whose address the platform has verified as one of these
 * customers': they are the customer's from now on, in a transaction of its
 * own.  *entries grows by what was posted.
 */
int ledger_claim_facts(const struct world *, const struct customer_news *,
    size_t n, size_t *entries, struct err *) MUST_CHECK;

/*
 * Customers of several stores of one tenant with one verified address are
 * one member: the younger becomes the older, in transactions of their own.
 */
int ledger_join(const struct world *, const struct customer_news *, size_t n,
    size_t *entries, struct err *) MUST_CHECK;

/* ---- between the files of ledger_* ------------------------------------- */

/* The balances of a batch's members, locked, and who has a timeline; what
 * stands of its orders. */
int accounts_load(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;
int holdings_load(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;
/* Keys of facts for the locks; what is known of them; new ones. */
int64_t fact_key(const struct fact_news *);
int facts_load(
    const struct world *, struct ledger_batch *, struct err *) MUST_CHECK;
int facts_save(
    const struct world *, const struct ledger_batch *, struct err *) MUST_CHECK;
struct columns;
/* Whose address their platform has verified; the cells of a row that finds
 * who has it: tenant, store, kind of owner, address. */
bool is_verified(const struct customer_news *);
void verified_cells(
    struct columns *, const struct customer_news *, enum owner_kind);
/* One store's, from one member to another; locks both. */
int ledger_move_facts(const struct world *, const struct store *, int64_t from,
    int64_t to, struct err *) MUST_CHECK;

#endif /* LEDGER_LEDGER_H */

/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_BATCH_INTERNAL_H
#define LEDGER_BATCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/decide.h"
#include "core/order.h"
#include "core/settle.h"
#include "ledger/balances.h"
#include "ledger/batch/batch.h"
#include "ledger/columns.h"
#include "ledger/dead.h"
#include "ledger/owner.h"
#include "ledger/products.h"
#include "ledger/timeline/timeline.h"
#include "wire/shop/shop.h"

/*
 * The shapes that the files of a batch share.  Inside one transaction, read.c
 * turns messages into news of orders, customers and facts; batch_load() locks
 * and reads what is known of these; batch_decide() settles in memory what
 * should stand; and batch_save() writes what changed.  Everything lives in the
 * world's arena.
 *
 * Statements get whole keys as arrays, also the parts of a key that are the
 * same for all rows (a wallet, a kind).  With a constant in the text
 * PostgreSQL's planner would expect few rows, and read the whole table for each
 * batch.
 */

enum {
	CLAIMS_MAX = 500,     /* orders moved to another member at once */
	HASH_SLOTS = 4096,    /* > 4 * 2 * BATCH_MAX: few collisions */
	APP_STORES_MAX = 256, /* stores of one app that are looked at */
};

/* ---- what a transaction is about ------------------------------------------ */

/* Points of an order that stand in the ledger for a member under a rule. */
struct holding {
	int64_t member_id;
	const char *rule;
	int64_t points;
	struct plain_lot lot;
};

/* An order that deliveries tell of. */
struct order_news {
	const struct store *store;
	struct order order; /* as the deliveries tell it, merged; after
			       batch_load() also with what was known */
	bool news;          /* false: `order` has only the id */
	int64_t shop_id;    /* the shop that a delivery of it names; 0: none */
	int64_t moved_to;   /* the member who gets a guest's order; 0: by the
			       order's own names */

	/* by batch_load() */
	bool known;         /* the ledger has the order */
	bool unchanged;     /* nothing new is told of the order */
	struct str facts;   /* the order's, as they will be kept */
	int32_t version_id; /* of the program, frozen; 0: not awarded yet */
	int32_t revision;   /* of the order's last entries; 0: no entries */
	int64_t held_by;    /* the member it stood under; 0: none */
	struct owner was, owner; /* before the batch, and now */
	int64_t member_id;       /* the order's now; 0: nobody's */
	bool held;               /* for a guest who is not known yet */
	int64_t points;          /* as kept */
	const char *reason;      /* as kept */
	struct holding *holdings;
	size_t nholdings, holdings_room;

	/* by batch_decide() */
	bool folded; /* left to the timelines of its members, then and now */
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

/* A fact that a message tells: something that happened, beside orders. */
struct fact_news {
	const struct store *store;
	const struct told_fact *told;
	const struct message *message;
	bool alone; /* the message tells nothing else: another content under
		       a key that was used is refused, not passed over */
	struct str facts; /* as they will be kept */
	struct owner owner;

	/* by batch_load() */
	bool unchanged; /* the fact is known, or passed over */
	bool clash;     /* the fact's key was used for something else */
	int64_t member_id;
};

/* A customer that a message tells of. */
struct customer_news {
	const struct store *store;
	struct customer customer;
	int64_t gone_at; /* an instant; 0: the customer is there */
	struct owner owner;
};

/* An entry to be posted. */
struct entry {
	const struct order_news *news;
	const struct holding *holding; /* a holding of the order */
	int part;
	struct posting posting;
	const struct why *why;
};

struct batch {
	struct order_news *orders;
	size_t norders;
	struct customer_news *customers;
	size_t ncustomers;
	struct fact_news *facts;
	size_t nfacts;
	struct name_news *names;
	size_t nnames;

	/* by batch_load() */
	struct member_balance *balances; /* by (tenant, member) */
	size_t nbalances;

	/* by batch_decide() */
	struct entry *entries;
	size_t nentries, entries_room;
};

/* ---- read.c, foreign.c: messages to news ------------------------------------ */

#define KEY_USED \
	"refused: idempotency key %s was used for something else before"

/* Two customers of a store that became one. */
struct merge {
	const struct store *store;
	int64_t gone_id, kept_id; /* the platform's numbers */
	int64_t at;
};

/* A batch while its messages are read. */
struct batch_reading {
	const struct world *world;
	struct batch_result *result;
	struct batch batch;
	struct merge merges[BATCH_MAX];
	size_t nmerges;
	struct product_news *products;
	size_t nproducts;
	struct burial *burials; /* written with the rest of the batch */
	size_t nburials;
	/* Hash table of the batch's orders by (store, id): 1 + the index of an
	 * order; 0 is free. */
	uint16_t slots[HASH_SLOTS];
};

/* Reads messages in the order in which receive took them, which several
 * streams do not keep. */
int read_messages(struct batch_reading *, const struct message *, size_t n,
    struct err *) MUST_CHECK;
/* Adds a burial of the message.  `why` is "class: sentence". */
void bury_by_sentence(
    struct batch_reading *, const struct message *, const struct err *why);
struct burial burial_of(const struct world *, const struct message *,
    const char *why_class, const char *reason);
/*
 * REJECT if the event's order or customer is of another shop than the store.
 * The shop is known by the number in the event's body or, if the body names no
 * shop (as a refund does, or a body about a customer), by the number in the
 * body of an order that came before.
 */
int check_shop(struct batch_reading *, const struct store *,
    const struct event *, struct err *) MUST_CHECK;

/* ---- load.c, holdings.c: what is known -------------------------------------- */

/* Locks what the batch is about, and loads what is known of it. */
int batch_load(const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Locks the balances of the batch's members, and finds who has a timeline. */
int balances_load(
    const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Finds the balance of a member of the batch, whom balances_load() has
 * locked. */
struct member_balance *balance_of(
    const struct batch *, int64_t tenant_id, int64_t member_id);
/* Loads the points that stand for the batch's orders, with their lots. */
int holdings_load(
    const struct world *, struct batch *, struct err *) MUST_CHECK;

/* ---- decide.c: what should stand -------------------------------------------- */

/*
 * Settles every order in turn, so that two orders of one member see each
 * other.  REJECT: an order would come to more than 10^15 points, or bring a
 * member to more; the caller tries halves of the batch.
 */
int batch_decide(const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Lists the members, each once, whose timeline batch_save() changes.  They are
 * for timeline_post(). */
struct member_key *batch_folded(
    struct arena *, const struct batch *, size_t *n);

/* ---- save.c: what changed ---------------------------------------------------- */

int batch_save(const struct world *, struct batch *, struct err *) MUST_CHECK;

/* ---- facts.c ------------------------------------------------------------------ */

/* Makes the key of a fact's lock. */
int64_t fact_key(const struct fact_news *);
/* Finds out which facts are known. */
int facts_load(const struct world *, struct batch *, struct err *) MUST_CHECK;
int facts_save(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;
/* Moves one store's facts from one member to another; the caller has locked
 * both timelines. */
int facts_move(const struct world *, const struct store *, int64_t from,
    int64_t to, struct err *) MUST_CHECK;

/* ---- customers.c --------------------------------------------------------------- */

/* Whether the platform has verified the customer's address. */
bool customer_is_verified(const struct customer_news *);
/* Writes the cells of a row that finds an owner of the customer's address:
 * tenant, store, kind of owner, address. */
void customer_cells(
    struct columns *, const struct customer_news *, enum owner_kind);
int customers_save(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;

/* ---- claims.c, merge.c: what becomes another member's ----------------------------- */

/*
 * Finds orders that stand under a guest although the platform has verified the
 * guest's address as the address of one of these customers.  The caller decides
 * these orders again, in a transaction of their own, until there are no more.
 */
int orders_claimed(const struct world *, const struct customer_news *, size_t n,
    struct order_news **, size_t *norders, struct err *) MUST_CHECK;
/*
 * Gives the facts of guests to the customers who have the guests' addresses,
 * where the platform has verified these, in a transaction of its own.  *entries
 * grows by the number of entries that were posted.
 */
int facts_claim(const struct world *, const struct customer_news *, size_t n,
    size_t *entries, struct err *) MUST_CHECK;
/*
 * Makes two customers one, in the caller's transaction, which takes the store
 * for itself: the first name leads to the second's member from now on, and the
 * orders of the first are decided again.
 */
int customers_merge(
    const struct world *, const struct merge *, struct err *) MUST_CHECK;
/*
 * Makes customers of several stores of a tenant who have one verified address
 * one member: the younger member becomes the older one, in transactions of
 * their own.  *entries grows by the number of entries that were posted.
 */
int customers_join(const struct world *, const struct customer_news *, size_t n,
    size_t *entries, struct err *) MUST_CHECK;

#endif /* LEDGER_BATCH_INTERNAL_H */

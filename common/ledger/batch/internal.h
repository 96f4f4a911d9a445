/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/decide.h"
#include "core/order.h"
#include "core/settle.h"
#include "ledger/balances.h"
#include "ledger/batch/batch.h"
#include "ledger/columns.h"
#include "ledger/dead.h"
#include "ledger/member_codes.h"
#include "ledger/owner.h"
#include "ledger/products.h"
#include "ledger/timeline/timeline.h"
#include "wire/shop/shop.h"

/*
 * The structs and functions that the files of this folder share.  A transaction
 * has four steps.  read.c turns messages into news of orders, customers and
 * facts.  batch_load() locks and loads what the ledger knows of these.
 * batch_decide() works out, in memory, the points that the ledger should have.
 * batch_save() writes the changes.  All data is in the world's arena.
 *
 * Statements get whole keys as arrays, even the parts of a key that are the
 * same for all rows (a wallet, a kind).  If such a part were a constant in the
 * statement, PostgreSQL's planner would expect few rows, and read the whole
 * table for each batch.  Arrays are unnested in the list of a SELECT where their
 * rows are inserted: in FROM, each array becomes a table of its own first, which
 * cost an eighth of PostgreSQL's instructions for an order.  Where rows of such a
 * list are numbered, by generate_subscripts(), the planner expects 1,000 of them,
 * and may read the whole table: they are unnested in FROM, WITH ORDINALITY.
 */

enum {
	/* Orders that one transaction moves to other members at most. */
	CLAIMS_MAX = 500,
	/* Slots of a hash table: more than eight times BATCH_MAX, so that two
	 * orders rarely have the same slot. */
	HASH_SLOTS = 4096,
	APP_STORES_MAX = 256, /* stores of one app that a search looks at */
};

/* ---- the data of a transaction ------------------------------------------- */

/* Points that a rule gave to a member for an order, as the ledger has them. */
struct holding {
	int64_t member_id;
	const char *rule;
	int64_t points;
	struct plain_lot lot;
};

/* An order that the batch's deliveries are about. */
struct order_news {
	const struct store *store;
	/* The order, merged from all its deliveries in the batch, and after
	 * batch_load() also from what was known before. */
	struct order order;
	bool news; /* false: only the id in `order` is set */
	/* The order's bytes in the record of the batch's only delivery of the
	 * order; empty: the order has to be packed. */
	struct str packed;
	/* The shop that a delivery of the order names; 0: none. */
	int64_t shop_id;
	/* The member to whom this order of a guest is moved, because the guest
	 * has turned out to be a customer.  0: the customer or guest named in
	 * the order decides. */
	int64_t moved_to;

	/* The fields below are set by batch_load(). */
	bool known;       /* the ledger has the order */
	bool unchanged;   /* the deliveries say nothing new about the order */
	struct str facts; /* the order in bytes, as it will be saved */
	/* The version of the program by which the order earned points; 0: the
	 * order has not earned points yet. */
	int32_t version_id;
	/* The revision of the order's last entries; 0: the order has no
	 * entries. */
	int32_t revision;
	int64_t held_by; /* the order's member before the batch; 0: none */
	/* The order's owner before the batch, and now. */
	struct owner was, owner;
	int64_t member_id; /* the order's member now; 0: none */
	/* Points of the order stay pending, because its guest is not known to
	 * be a customer. */
	bool held;
	/* Points of the order, as saved before the batch. */
	int64_t points;
	/* Why the order has these `points`, as saved before the batch. */
	const char *reason;
	struct words codes_before; /* of the order before the batch */
	struct holding *holdings;
	size_t nholdings, holdings_room;

	/* The fields below are set by batch_decide(). */
	/* The order is decided by the fold of its members' timelines. */
	bool folded;
	struct decision decision;
	int parts; /* entries of the order so far */

	/* The fields below are set by batch_wait(). */
	bool waits; /* the row is written after the fold */
	struct unwritten_order unwritten;
};

/* The customer or guest that one delivery of an order names.  The store
 * remembers every name, even if a newer delivery of the order has another name.
 * The names that a store knows thus depend only on the deliveries, and not on
 * which deliveries came in one batch. */
struct name_news {
	const struct order_news *of;
	struct owner owner;
};

/* A fact that a message reports: something that happened to somebody, but not
 * an order. */
struct fact_news {
	const struct store *store;
	const struct told_fact *told;
	const struct message *message;
	/* True if the message reports only this fact.  If the fact's key was
	 * used for a different fact before, such a message is refused.  If a
	 * message reports more than the fact, only the fact is ignored. */
	bool alone;
	struct str facts; /* the fact as JSON, as it will be saved */
	struct owner owner;

	/* The fields below are set by batch_load(). */
	bool unchanged; /* the fact is not new, or is ignored */
	bool clash;     /* the fact's key was used for something else */
	int64_t member_id;
};

/* A customer that a message is about. */
struct customer_news {
	const struct store *store;
	struct customer customer;
	/* When the customer was deleted; 0: the customer exists. */
	int64_t gone_at;
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
	size_t nfacts, facts_room;
	struct name_news *names;
	size_t nnames;

	/* The fields below are set by batch_load(). */
	struct members_made made;
	struct member_balance *balances; /* sorted by (tenant, member) */
	size_t nbalances;

	/* The fields below are set by batch_decide(). */
	struct entry *entries;
	size_t nentries, entries_room;
};

/* ---- read.c, foreign.c: messages to news --------------------------------- */

#define KEY_USED \
	"refused: idempotency key %s was used for something else before"

/* Two customers of a store whom the platform has merged into one. */
struct merge {
	const struct store *store;
	int64_t gone_id, kept_id; /* the platform's numbers of the customers */
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
	size_t nproducts, products_room;
	struct burial *burials; /* messages that become dead letters */
	size_t nburials, burials_room;
	/* Hash table of the batch's orders by (store, id).  A slot has 1 + the
	 * index of an order; a slot with 0 is free. */
	uint16_t slots[HASH_SLOTS];
};

/* Reads messages, sorted by the time at which the process `receive` accepted
 * them, since messages from several streams may come in another order. */
int read_messages(struct batch_reading *, const struct message *, size_t n,
    struct err *) MUST_CHECK;
/* Notes that the message must become a dead letter.  The text of `why` is
 * "class: sentence", with a class of ledger/dead.h. */
void bury_by_sentence(
    struct batch_reading *, const struct message *, const struct err *why);
struct burial burial_of(const struct world *, const struct message *,
    const char *why_class, const char *reason);
/*
 * REJECT if the order or customer that the event is about belongs to another
 * shop than the store.  The shop is identified by its number in the event's
 * body.  If the body names no shop (such as the body of a refund, or of a
 * customer), the number is taken from the body of an order that came earlier.
 */
int check_shop(struct batch_reading *, const struct store *,
    const struct event *, struct err *) MUST_CHECK;

/* ---- load.c, holdings.c: read the database ------------------------------- */

/* Locks the stores, orders, facts and members of the batch, and loads what is
 * known of them. */
int batch_load(const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Locks the balances of the batch's members, and finds out which members have a
 * timeline.  A member that the batch has made has no balance yet, and no
 * timeline. */
int balances_load(
    const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Finds the balance of a member of the batch, after balances_load() has locked
 * the balance. */
struct member_balance *balance_of(
    const struct batch *, int64_t tenant_id, int64_t member_id);
/* Loads the points and lots that the ledger has for the batch's orders. */
int holdings_load(
    const struct world *, struct batch *, struct err *) MUST_CHECK;

/* ---- decide.c: decide the points ----------------------------------------- */

/*
 * Decides the orders one after the other, so that the second order of a member
 * is decided by the balance after the first.  REJECT if an order would earn
 * more than 10^15 points, or bring a member to more than 10^15.  The caller
 * then tries each half of the batch.
 */
int batch_decide(const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Lists the members whose timeline the batch changes, each of them once. */
struct member_key *batch_folded(
    struct arena *, const struct batch *, size_t *n);

/* ---- unwritten.c: orders that are written after the fold ------------------ */

/* Of the orders that the fold settles, finds those whose rows may be written
 * after it, so that each row is written once.  Returns what the caller passes
 * to timeline_post_with(). */
int batch_wait(const struct world *, struct batch *, struct timeline_news *,
    struct err *) MUST_CHECK;

/* ---- save.c: write the changes ------------------------------------------- */

/* Writes everything but the rows of orders that wait. */
int batch_save(const struct world *, struct batch *, struct err *) MUST_CHECK;
/* Writes the rows of the orders that wait for the fold, or of all others. */
int orders_save(const struct world *, const struct batch *, bool waiting,
    struct err *) MUST_CHECK;

/* ---- facts.c ------------------------------------------------------------- */

/* Makes the key by which a fact is locked. */
int64_t fact_key(const struct fact_news *);
/* Finds out which facts are known already. */
int facts_load(const struct world *, struct batch *, struct err *) MUST_CHECK;
int facts_save(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;
/* Moves the facts of one store from one member to another; the caller has
 * locked both timelines. */
int facts_move(const struct world *, const struct store *, int64_t from,
    int64_t to, struct err *) MUST_CHECK;

/* ---- uses.c -------------------------------------------------------------- */

/* Keeps which rewards the orders have used, in the transaction that holds the
 * orders' locks. */
int uses_save(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;
/* After that transaction, makes the members due whose rewards were used, and
 * tells of codes that were used twice, or by somebody else. */
int uses_wake(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;

/* ---- customers.c --------------------------------------------------------- */

/* Whether the platform has verified the e-mail address of the customer. */
bool customer_is_verified(const struct customer_news *);
/* Whether the batch is the first to say that a customer's address is
 * verified. */
bool customer_is_newly_verified(const struct customer_news *);
/* Adds the first four cells to a row of parameters: tenant, store, kind of
 * owner, address.  A statement finds the customer or guest who has this
 * customer's address by these cells. */
void customer_cells(
    struct columns *, const struct customer_news *, enum owner_kind);
int customers_save(
    const struct world *, const struct batch *, struct err *) MUST_CHECK;

/* ---- claims.c, merge.c: move to another member --------------------------- */

/* Finds the customers from whom a guest may have orders or facts to give: those
 * with a verified address under which the store knows a guest. */
int customers_with_guest(const struct world *, const struct customer_news *,
    size_t n, struct customer_news **, size_t *nout, struct err *) MUST_CHECK;
/*
 * Finds orders that still belong to a guest although the platform has verified
 * that one of these customers has the guest's address.  The caller decides
 * these orders again, in a transaction of their own, until there are no more.
 * Asks for customers that customers_with_guest() found, at least one; so does
 * facts_claim().
 */
int orders_claimed(const struct world *, const struct customer_news *, size_t n,
    struct order_news **, size_t *norders, struct err *) MUST_CHECK;
/*
 * Moves the facts of guests to the customers whose verified address is that of
 * the guest, in a transaction of its own.  *entries grows by the number of
 * entries that were posted.
 */
int facts_claim(const struct world *, const struct customer_news *, size_t n,
    size_t *entries, struct err *) MUST_CHECK;
/*
 * Merges two customers of a store, in the caller's transaction, and takes the
 * store's lock for this transaction alone.  From then on the name of the first
 * customer belongs to the member of the second customer.  The orders of the
 * first customer are decided again as orders of that member.
 */
int customers_merge(
    const struct world *, const struct merge *, struct err *) MUST_CHECK;
/*
 * Makes one member of customers of several stores of a tenant who have the same
 * verified address, if the stores share their members.  The younger member is
 * merged into the older member, in transactions of their own.  *entries grows
 * by the number of entries that were posted.
 */
int customers_join(const struct world *, const struct customer_news *, size_t n,
    size_t *entries, struct err *) MUST_CHECK;

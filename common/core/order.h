/* SPDX-License-Identifier: MIT */
#ifndef CORE_ORDER_H
#define CORE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/platform.h"
#include "base/str.h"

/*
 * order: what is known of an order of a store, the same for every platform.
 *
 * An order is state, not a stream of changes.  Each delivery has a part of the
 * order: a whole snapshot, a refund, a deletion.  order_merge() joins two parts
 * into an order with the contents of both, and does not care which came first,
 * how often, or in what groups: it is commutative, associative and idempotent.
 * Duplicates, late and reordered deliveries therefore need no special case
 * anywhere else.
 *
 * Amounts are minor units of the order's currency or, where a shop keeps more
 * decimals, of 10^-finer of one.  Instants are as in base/instant.h.  Zero
 * means "not told".  Texts and lists are borrowed from the delivery, or are in
 * the arena of the function that made the order.
 */

enum {
	LINES_MAX = 2000,        /* lines of one order */
	REFUNDS_MAX = 1000,      /* refunds of one order */
	REFUND_LINES_MAX = 4000, /* lines in all refunds of one order */
	/* Bytes of a platform's word for a status: WordPress has 20
	 * characters, of at most 4 bytes. */
	ORDER_STATUS_MAX = 84,
	ORDER_QUANTITY_MAX = 1000000,
	TENDERS_MAX = 16, /* ways in which one order was paid */
	/* Payments of one order that a shop reports separately. */
	PAYMENTS_MAX = 250,
	SUB_ORDERS_MAX = 100,  /* sub-orders of one order */
	PARTS_KEPT_MAX = 4000, /* lines of one order, with those edited away */
	LINE_WORDS_MAX = 256,  /* categories, or tags, of one line */
	FINER_MAX = 6,
};

/* Fields of an order or a line that were told and cannot be read, as bits.  A
 * rule that asks for such a field says so, and no other rule is affected. */
enum unreadable {
	UNREADABLE_PIECES = 1,
	UNREADABLE_SKU = 2,
	UNREADABLE_VENDOR = 4,
	UNREADABLE_SHIPPING = 8, /* the shipping method */
	UNREADABLE_CHANNEL = 16,
	UNREADABLE_CODES = 32,
	UNREADABLE_PRODUCT = 64, /* the id of the product */
	UNREADABLE_TAX = 128,
	UNREADABLE_BEFORE = 256, /* the amount before discounts */
	UNREADABLE_SHIPPING_COST = 512,
	UNREADABLE_FEES = 1024,
	/* Amounts that are 0 because they cannot be read. */
	UNREADABLE_AMOUNTS = UNREADABLE_TAX | UNREADABLE_BEFORE |
	                     UNREADABLE_SHIPPING_COST | UNREADABLE_FEES,
};

struct order_line {
	int64_t id;
	int64_t quantity; /* pieces that were ordered */
	/* Pieces still in the order, without those edited away or returned; =
	 * quantity where the platform does not say. */
	int64_t current;
	/* Amount of all pieces, before discounts, without tax. */
	int64_t before;
	int64_t net; /* amount of all pieces, after discounts, without tax */
	int64_t tax; /* the tax on `net` */
	bool gift_card;
	bool part;   /* the line is part of a bundle, which is another line */
	bool bundle; /* a bundle, whose parts are lines, too */
	/* The attributes of a line that rules may ask for; NULL and empty where
	 * nobody told them.  Categories and tags come with the product, not
	 * with the order (ledger/products.h). */
	int64_t product_id; /* the platform's; 0: none */
	const char *sku, *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	/* Nobody has told of the line's product yet, so that its categories,
	 * tags, vendor, type and sale are unknown where they are empty; set
	 * where products are looked up, never by a delivery. */
	bool untold;
	int unreadable;
};

struct order_refund_line {
	int64_t line_id;
	int64_t quantity;
	int64_t net; /* after discounts, without tax */
	int64_t tax;
};

/* A refund: lines that came back, and money.  Both may be nothing, as in a
 * refund of shipping alone. */
struct order_refund {
	int64_t id;
	/* Gross money paid back for goods, less the amounts of the lines.
	 * Above zero: more was paid back than the lines name.  Below zero: a
	 * part is pending, or the shop kept a part.  0 also where only the
	 * lines are told. */
	int64_t share;
	struct order_refund_line *lines;
	size_t nlines;
	/* 0: the platform does not say; the refund then counts from the
	 * snapshot's modified_at. */
	int64_t at;
};

/* A part of the total that was paid in one way: "card", "cash", "gift_card", a
 * gateway's name.  Where several ways are told without amounts, all amounts
 * are 0. */
struct tender {
	const char *name;
	int64_t amount;
};

/* A payment for an order, which the shop reports separately from the order. */
struct order_payment {
	int64_t id;
	const char *gateway; /* the name of its tender */
	int64_t amount;      /* below zero: change given back */
	char currency[4];
};

/* The worth of a line, gross; line 0 is shipping, fees and tips. */
struct order_part {
	int64_t line_id;
	int64_t worth;
};

struct order {
	int64_t id; /* the platform's */
	enum platform platform;

	/* The newest snapshot; modified_at is 0 if none was seen. */
	int64_t modified_at; /* when it changed, by the platform's clock */
	/* The rank of the status: of snapshots with the same modified_at, the
	 * one with the highest rank is the latest in the life of the order. */
	int rank;
	char status[ORDER_STATUS_MAX];
	char currency[4];
	int finer; /* decimals of its amounts beyond the currency's */
	bool test;
	bool was_paid; /* the order was paid once, whatever happened since */
	int64_t created_at;
	int64_t paid_at;     /* pending days count from then */
	int64_t customer_id; /* 0: a guest */
	/* Hash of the buyer's lower-cased email address; zeros: none. */
	uint8_t email_hash[32];
	/* The buyer comes from an older snapshot if the newest names nobody.
	 * The fields have that snapshot's modified_at, refunded amount and
	 * rank then; else 0. */
	int64_t named_at, named_back, named_rank;
	int64_t total; /* gross, with tax and shipping */
	int64_t shipping, shipping_tax;
	int64_t fees, fees_tax; /* may be negative */
	/* The amount by which untaxed fees below zero lowered the total: those
	 * of wallets, which merely pay. */
	int64_t credit;
	struct order_line *lines;
	size_t nlines;
	int64_t fulfilled_at, cancelled_at; /* 0: not fulfilled, or not told */
	const char *channel;         /* "online", "pos" ...; NULL: not told */
	const char *shipping_method; /* NULL: not told */
	struct tender *tenders;      /* in the order of the delivery */
	size_t ntenders;
	struct words codes; /* discount codes used */
	const char *name;   /* the order's name for people; NULL: its id */
	int unreadable;

	/* All members from here on are told apart from snapshots. */
	struct order_refund *refunds; /* by id, ascending */
	size_t nrefunds;
	struct order_payment *payments; /* by id, ascending */
	size_t npayments;
	/* The newest snapshot in which the order was paid (one, or none),
	 * where the newest of all says that it is not paid: it was edited
	 * upward, or cancelled. */
	struct order *paid;
	size_t npaid;
	/* WooCommerce: orders that name this one as their parent, by id,
	 * ascending.  A marketplace has one for each vendor. */
	struct order *subs;
	size_t nsubs;
	/* The largest worth of each line in snapshots in which the order was
	 * paid, by id, ascending, where the newest snapshot has another
	 * worth... */
	struct order_part *parts;
	size_t nparts;
	/* ...and the worth in those parts that the newest snapshot lacks; set
	 * by order_counted(), never by a delivery. */
	int64_t dropped;
	int64_t deleted_at;  /* when receive took the newest deletion... */
	int64_t restored_at; /* ...and the newest restoration */
	/* WooCommerce: when receive first took the snapshot; 0: the order was
	 * kept by an early version of loyald, which did not note it. */
	int64_t told_at;
};

/* The most by which rounding may make an order's total differ from the sum of
 * its parts. */
int64_t order_slack(const struct order *);
/* The gross worth of a snapshot: its lines, shipping and fees, without fees
 * that merely pay, even if the total is less.  Tips and duties, which only the
 * total has, are part of the worth. */
int64_t order_worth(const struct order *);

/*
 * Joins two parts of an order into *out, which may be either of them.  Lists
 * made of both are in the arena, and may be longer than REFUNDS_MAX and
 * PAYMENTS_MAX, for the caller to refuse.  Everything else is shared with the
 * parts.
 *
 *  1. The snapshot with the later modified_at wins as a whole.  If both have
 *     the same, the larger refunded amount decides, then the higher rank, then
 *     the larger of the figures, compared in turn.  So there is always the
 *     same winner.
 *  2. Where a platform sends refunds apart from snapshots (Shopify), the
 *     refunds of both are united by id; of two refunds with the same id, that
 *     with the larger figures stays.  Payments are united likewise.  If an
 *     order was paid and is not paid any more, the newest snapshot in which
 *     it was paid is kept, too.  Elsewhere (WooCommerce, events) refunds and
 *     payments are part of the snapshot.  Sub-orders are united by id, and
 *     those of one id are joined.
 *  3. The later deletion wins, and the later restoration.  A snapshot that
 *     arrived twice counts from its earlier receipt.  Of each line the
 *     largest worth in a paid snapshot is kept.
 *  4. A snapshot that names nobody (the platform removed customer and address
 *     to make it anonymous) does not take the order away from the buyer whom
 *     the newest naming snapshot gave it to.
 */
void order_merge(struct arena *, const struct order *, const struct order *,
    struct order *out);

/*
 * Returns the order as programs count it; new lists are in the arena.
 *
 *  1. An order that was paid and then edited upward, so that a part of it is
 *     not paid, counts as it was when it was paid, also if it was cancelled
 *     after that.
 *  2. A sub-order that repeats lines of its order adds nothing but refunds
 *     and its undoing.  These count once: either those of the sub-orders or
 *     those of the order itself, whichever are greater.  Any
 *     other sub-order is a part of the order, if it was paid and not undone.
 *  3. An order that never arrived itself consists of its sub-orders.
 *  4. Worth that the lines had when they were paid, and that the newest
 *     snapshot lacks, was edited away, whatever was bought since.
 */
struct order order_counted(struct arena *, const struct order *);
/* Whether a status says that nothing of an order is left. */
bool order_is_undone(const struct order *);

/*
 * Whether an order is deleted and was not restored since.  A deletion has no
 * time of the platform's.  It counts from the moment receive took it, and is
 * compared with such moments alone, never with the shop's clock.
 *
 *  1. Shopify restores nothing.
 *  2. WooCommerce tells of a restoration.
 *  3. WooCommerce builds what it sends when it sends it.  So a snapshot that
 *     was new to us after the deletion, and was not just under way then,
 *     tells what became of the order since: it is there again, or in the bin
 *     by its status.
 */
bool order_is_deleted(const struct order *);
/* The instant at which an order that is undone was undone. */
int64_t order_undone_at(const struct order *);

/* Whether an order was placed before its store's start (0: none).  Shopify
 * dates an imported order from the import, but its payment from the shop it
 * came from, so an order that was paid before the start was also placed before
 * it. */
bool order_is_before(const struct order *, int64_t since);

#endif /* CORE_ORDER_H */

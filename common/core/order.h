/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/platform.h"

/*
 * order: what is known of an order of a store, the same for every platform.
 *
 * An order is state, not a stream of changes.  Each delivery has a part of the
 * order: a whole snapshot, a refund, a deletion.  order_merge() joins two parts
 * into an order with the contents of both, and does not care which came first,
 * how often, or in what groups: it is commutative, associative and idempotent.
 * A part joined with an order of which only the id is known stays as it is.
 * Duplicates, late and reordered deliveries therefore need no special case
 * anywhere else.
 *
 * Amounts are in minor units of the order's currency.  Where a shop keeps more
 * decimals, the unit is 10^finer times smaller.  Instants are as in
 * base/instant.h.  Zero means that the platform did not report the value.
 * Texts and lists point into the delivery, or into the arena of the function
 * that made the order.
 */

enum {
	LINES_MAX = 2000,        /* lines of one order */
	REFUNDS_MAX = 1000,      /* refunds of one order */
	REFUND_LINES_MAX = 4000, /* lines in all refunds of one order */
	/* Bytes of a platform's word for a status: WordPress allows 20
	 * characters, of at most 4 bytes each. */
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

/* Fields of an order or a line that were reported in a form that cannot be
 * read, as bits.  A rule that needs such a field gives nothing and says so;
 * other rules are not affected. */
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
	/* The bits of amounts; an amount that cannot be read is stored as 0. */
	UNREADABLE_AMOUNTS = UNREADABLE_TAX | UNREADABLE_BEFORE |
	                     UNREADABLE_SHIPPING_COST | UNREADABLE_FEES,
};

struct order_line {
	int64_t id;
	int64_t quantity; /* pieces that were ordered */
	/* Pieces still in the order, without pieces edited away or returned;
	 * equal to `quantity` if the platform does not report it. */
	int64_t current;
	/* Amount of all pieces, before discounts, without tax. */
	int64_t before;
	int64_t net; /* amount of all pieces, after discounts, without tax */
	int64_t tax; /* the tax on `net` */
	bool gift_card;
	bool part;   /* the line is part of a bundle, which is another line */
	bool bundle; /* a bundle, whose parts are lines, too */
	/* Attributes for filters of rules; NULL or empty if not reported.
	 * Categories and tags come with the product, not with the order
	 * (ledger/products.h). */
	int64_t product_id; /* the platform's id; 0: none */
	const char *sku, *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	/* No delivery has described the line's product yet.  Categories, tags,
	 * vendor, type and sale are then unknown where they are empty.  Set
	 * when products are looked up, never by a delivery of the order. */
	bool untold;
	int unreadable;
};

struct order_refund_line {
	int64_t line_id;
	int64_t quantity;
	int64_t net; /* after discounts, without tax */
	int64_t tax;
};

/* A refund: lines that came back, and money.  Both may be missing, as in a
 * refund of shipping alone. */
struct order_refund {
	int64_t id;
	/* Gross money paid back for goods, less the amounts of the lines.
	 * Above zero: more was paid back than the lines name.  Below zero: a
	 * part is pending, or the shop kept a part.  0 also if the platform
	 * reports only the lines. */
	int64_t share;
	struct order_refund_line *lines;
	size_t nlines;
	/* 0: the platform does not say; the refund then counts from the
	 * snapshot's modified_at. */
	int64_t at;
};

/* A part of the total that was paid in one way: "card", "cash", "gift_card", a
 * gateway's name.  If several ways are reported without their amounts, all
 * amounts are 0. */
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

/* The gross worth of a line; for line_id 0, that of shipping, fees and tips. */
struct order_part {
	int64_t line_id;
	int64_t worth;
};

struct order {
	int64_t id; /* the platform's id */
	enum platform platform;

	/* The newest snapshot; modified_at is 0 if no snapshot has arrived. */
	int64_t modified_at; /* when it changed, by the platform's clock */
	/* How far the status is in the life of an order.  Of snapshots with the
	 * same modified_at, the highest rank is the latest. */
	int rank;
	char status[ORDER_STATUS_MAX];
	char currency[4];
	int finer; /* decimals of the amounts beyond the currency's */
	bool test;
	bool was_paid; /* the order was paid once, whatever happened since */
	int64_t created_at;
	int64_t paid_at;     /* pending days count from then */
	int64_t customer_id; /* 0: a guest */
	/* Hash of the buyer's lower-cased email address; zeros: none. */
	uint8_t email_hash[32];
	/* If the newest snapshot names no buyer, the buyer is from an older
	 * snapshot.  named_at, named_back and named_rank then have the older
	 * snapshot's modified_at, refunded amount and rank; else these are
	 * 0. */
	int64_t named_at, named_back, named_rank;
	int64_t total; /* gross, with tax and shipping */
	int64_t shipping, shipping_tax;
	int64_t fees, fees_tax; /* may be negative */
	/* The amount by which payments from wallets lowered the total: a shop
	 * may report such a payment as an untaxed fee below zero. */
	int64_t credit;
	struct order_line *lines;
	size_t nlines;
	int64_t fulfilled_at, cancelled_at; /* 0: never, or not reported */
	/* "online", "pos" ...; NULL: not reported */
	const char *channel;
	const char *shipping_method; /* NULL: not reported */
	struct tender *tenders;      /* in the delivery's sequence */
	size_t ntenders;
	struct words codes; /* discount codes used */
	const char *name;   /* the order's name for people; NULL: its id */
	int unreadable;

	/* The members from here on do not come from the newest snapshot. */
	struct order_refund *refunds; /* by id, ascending */
	size_t nrefunds;
	struct order_payment *payments; /* by id, ascending */
	size_t npayments;
	/* The newest snapshot in which the order was paid, if the newest of all
	 * snapshots says that it is not paid: the order was edited upward or
	 * cancelled since.  npaid is 1 then, else 0. */
	struct order *paid;
	size_t npaid;
	/* WooCommerce: orders that name this order as their parent, by id,
	 * ascending.  A marketplace has one for each vendor. */
	struct order *subs;
	size_t nsubs;
	/* The largest worth that each line had in a snapshot in which the order
	 * was paid, by id, ascending.  Lines with the same worth in the newest
	 * snapshot are left out. */
	struct order_part *parts;
	size_t nparts;
	/* The worth in `parts` that the newest snapshot lacks.  Set by
	 * order_counted(), never by a delivery. */
	int64_t dropped;
	int64_t deleted_at;  /* when receive took the newest deletion */
	int64_t restored_at; /* when receive took the newest restoration */
	/* WooCommerce: when receive first took the snapshot; 0: the order was
	 * kept by an early version of loyald, which did not note it. */
	int64_t told_at;
};

/* The most by which rounding may make an order's total differ from the sum of
 * its parts. */
int64_t order_slack(const struct order *);
/* The gross worth of a snapshot: its lines, shipping and fees, and tips and
 * duties, which only the total has.  Fees below zero that are payments from
 * wallets do not lower the worth, even if the total is less. */
int64_t order_worth(const struct order *);

/*
 * Joins two parts of an order into *out, which may be either of them.  Lists
 * made of both are in the arena.  Refunds and payments may then be more than
 * REFUNDS_MAX and PAYMENTS_MAX; the caller has to check that.  Everything else
 * is shared with the parts.
 *
 *  1. The snapshot with the later modified_at wins as a whole.  If both have
 *     the same, the larger refunded amount decides, then the higher rank, then
 *     the larger figures, compared one after another.  The same snapshot wins,
 *     whichever came first.
 *  2. Shopify sends refunds apart from snapshots: the refunds of both parts are
 *     united by id.  Of two refunds with the same id, the refund with the
 *     larger figures stays.  Payments are united likewise.  If an order was
 *     paid and is not paid any more, the newest snapshot in which it was paid
 *     is kept, too.  On other platforms (WooCommerce, events) refunds and
 *     payments belong to the snapshot.  Sub-orders are united by id, and
 *     sub-orders with the same id are joined.
 *  3. The later deletion wins, and the later restoration.  A snapshot that
 *     arrived twice counts from its earlier receipt.  Of each line the largest
 *     worth in a paid snapshot is kept.
 *  4. A snapshot may name no buyer, if the platform removed customer and
 *     address to make the order anonymous.  The order then stays with the buyer
 *     whom the newest snapshot with a buyer names.
 */
void order_merge(struct arena *, const struct order *, const struct order *,
    struct order *out);

/*
 * Returns the order as programs count it; new lists are in the arena.
 *
 *  1. An order may have been paid and then edited upward, so that a part of it
 *     is not paid.  The order then counts as it was when it was paid, even if
 *     it was cancelled after that.
 *  2. A sub-order that only repeats lines of its order adds nothing but its
 *     refunds, or its whole worth if it was undone.  Refunds of the order and
 *     of such sub-orders may be the same money, so only the greater of the two
 *     sums counts.  Any other sub-order is a part of the order, unless it was
 *     undone, or is not paid although the order is.
 *  3. An order that never arrived itself consists of its sub-orders.
 *  4. Worth that a line had when it was paid, and that the newest snapshot
 *     lacks, counts as edited away, even if other lines were bought since.
 */
struct order order_counted(struct arena *, const struct order *);
/* Whether a status says that nothing of an order is left. */
bool order_is_undone(const struct order *);

/*
 * Whether an order is deleted and was not restored since.  The platform gives
 * no time for a deletion, so a deletion counts from the moment at which receive
 * took it.  The moment is compared with other moments of receipt, not with the
 * shop's clock.
 *
 *  1. Shopify restores nothing.
 *  2. WooCommerce reports a restoration.
 *  3. WooCommerce builds a snapshot at the moment of sending.  A snapshot that
 *     first arrived well after the deletion shows that the order exists again,
 *     or is in the bin, as its status says.  A snapshot that arrived just after
 *     the deletion may have been sent before it.
 */
bool order_is_deleted(const struct order *);
/* The instant at which an order that is undone was undone. */
int64_t order_undone_at(const struct order *);

/* Whether an order was placed before its store's start (0: none).  For an
 * imported order, Shopify gives the time of the import as the time of the
 * order, but gives the original time of the payment.  An order that was paid
 * before the start counts as placed before the start. */
bool order_is_before(const struct order *, int64_t since);

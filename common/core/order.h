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
 * An order is state, not a stream of changes.  Each delivery tells a part
 * of it: a whole snapshot, a refund, a deletion.  order_merge() joins two
 * parts into what both together say, and does not care which came first,
 * how often, or in what groups: it is commutative, associative and
 * idempotent, and that is why duplicates, late and reordered deliveries
 * need no special case anywhere else.
 *
 * Amounts are minor units of the order's currency, or, where a shop keeps
 * more decimals, of 10^-finer of one; instants as in base/instant.h.  Zero
 * is "not told".
 */

enum {
	LINES_MAX = 2000,        /* of one order */
	REFUNDS_MAX = 1000,      /* of one order */
	REFUND_LINES_MAX = 4000, /* of all refunds of one order together */
	ORDER_STATUS_MAX = 84,   /* a platform's word for a status: WordPress
				    has 20 characters, of 4 bytes at most */
	ORDER_QUANTITY_MAX = 1000000,
	TENDERS_MAX = 16,      /* ways one order was paid */
	PAYMENTS_MAX = 250,    /* of one order, told by themselves */
	SUB_ORDERS_MAX = 100,  /* of one order */
	PARTS_KEPT_MAX = 4000, /* of one order: lines, and those that went */
	LINE_WORDS_MAX = 256,  /* categories, or tags, of one line */
	FINER_MAX = 6,
};

/* Fields of an order or a line that were told and cannot be read, as bits: a
 * rule that asks for one has to say so, and no other rule need know. */
enum unreadable {
	UNREADABLE_PIECES = 1,
	UNREADABLE_SKU = 2,
	UNREADABLE_VENDOR = 4,
	UNREADABLE_SHIPPING = 8, /* the method */
	UNREADABLE_CHANNEL = 16,
	UNREADABLE_CODES = 32,
	UNREADABLE_PRODUCT = 64, /* its id */
	UNREADABLE_TAX = 128,
	UNREADABLE_BEFORE = 256, /* the amount before discounts */
	UNREADABLE_SHIPPING_COST = 512,
	UNREADABLE_FEES = 1024,
	/* Amounts, which are 0 then. */
	UNREADABLE_AMOUNTS = UNREADABLE_TAX | UNREADABLE_BEFORE |
	                     UNREADABLE_SHIPPING_COST | UNREADABLE_FEES,
};

struct order_line {
	int64_t id;
	int64_t quantity; /* ordered */
	int64_t current;  /* still part of the order: less what was edited
			     away or returned; = quantity where the platform
			     does not say */
	int64_t before;   /* before discounts, without tax, whole line */
	int64_t net;      /* after discounts, without tax, whole line */
	int64_t tax;      /* on net */
	bool gift_card;
	bool part;   /* of a bundle, which is another line */
	bool bundle; /* its parts are lines too */
	/* What rules may ask of a line; NULL and empty where nobody told.
	 * Categories and tags come with the product, not with the order
	 * (ledger/products.h). */
	int64_t product_id; /* the platform's; 0: none */
	const char *sku, *vendor, *type;
	struct words categories, tags;
	bool on_sale;
	bool untold; /* nobody has told of its product yet: what is not said
			here of categories, tags, vendor, type and sale is
			unknown; set where products are looked up, no part of
			what a delivery says */
	int unreadable;
};

struct order_refund_line {
	int64_t line_id;
	int64_t quantity;
	int64_t net; /* after discounts, without tax */
	int64_t tax;
};

/* A refund: lines that came back, and money.  Both may be nothing (only
 * shipping came back, or a refund of 0). */
struct order_refund {
	int64_t id;
	int64_t share; /* gross money paid back for goods, less what the lines
			  come to: above zero, more was paid than they name;
			  below, it is pending or kept; 0 also where only the
			  lines are told */
	struct order_refund_line *lines;
	size_t nlines;
	int64_t at; /* when; 0: the platform does not say, and it counts from
		       the snapshot's modified_at */
};

/* A part of the total paid in one way: "card", "cash", "gift_card", a
 * gateway's name.  Where several are told without amounts, all are 0. */
struct tender {
	const char *name;
	int64_t amount;
};

/* Money that came in, told by itself. */
struct order_payment {
	int64_t id;
	const char *gateway; /* as tenders are called */
	int64_t amount;      /* below zero: change */
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
	int64_t modified_at; /* the platform's own time of change */
	int rank; /* of the status, among snapshots of one modified_at: the
		     later in an order's life, the higher */
	char status[ORDER_STATUS_MAX];
	char currency[4];
	int finer; /* decimals of its amounts beyond the currency's */
	bool test;
	bool was_paid; /* the platform says so, whatever became of it since */
	int64_t created_at;
	int64_t paid_at;        /* from when pending days count */
	int64_t customer_id;    /* 0: a guest */
	uint8_t email_hash[32]; /* of the buyer's address, lower-cased; zeros:
				   none */
	/* Told by an older snapshot than the newest, which names nobody: that
	 * one's modified_at, what was refunded in it, its rank; else 0. */
	int64_t named_at, named_back, named_rank;
	int64_t total; /* gross, with tax and shipping */
	int64_t shipping, shipping_tax;
	int64_t fees, fees_tax; /* may be negative */
	int64_t credit; /* how far fees below zero that are not taxed lowered
			   the total: a wallet's, which merely pay */
	struct order_line *lines;
	size_t nlines;
	int64_t fulfilled_at, cancelled_at; /* 0: not, or not told */
	const char *channel;         /* "online", "pos" ...; NULL: not told */
	const char *shipping_method; /* NULL: not told */
	struct tender *tenders;      /* in the order told; none: not told */
	size_t ntenders;
	struct words codes; /* discount codes used */
	const char *name;   /* what people call it; NULL: its id */
	int unreadable;

	/* Told apart from snapshots. */
	struct order_refund *refunds; /* by id, ascending */
	size_t nrefunds;
	struct order_payment *payments; /* by id, ascending */
	size_t npayments;
	/* The newest snapshot in which it was paid, 1, where the newest of
	 * all says that it is not: it was edited upward, or cancelled then. */
	struct order *paid;
	size_t npaid;
	/* WooCommerce: orders that name this one as their parent, by id,
	 * ascending: a marketplace's, one for each vendor. */
	struct order *subs;
	size_t nsubs;
	/* The largest worth of each line in snapshots in which the order was
	 * paid, by id, ascending, where that is not this snapshot... */
	struct order_part *parts;
	size_t nparts;
	int64_t dropped;    /* ...and how much it lacks of that: set where it is
			    counted, no part of what a delivery says */
	int64_t deleted_at; /* when receive took the newest deletion... */
	int64_t restored_at; /* ...and the newest restoration */
	int64_t told_at; /* WooCommerce: when receive took the snapshot first;
			    0: kept before this was */
};

/* The most by which an order's total may differ from its parts' sum. */
int64_t order_slack(const struct order *);
/* The worth of a snapshot, gross: its lines, shipping and fees, without fees
 * that merely pay, also if the total is less; tips and duties, which only the
 * total has, are part of the worth. */
int64_t order_worth(const struct order *);

/*
 * The order that both parts together tell, into *out, which may be either.
 * Lists of both are the arena's (and may be longer than REFUNDS_MAX and
 * PAYMENTS_MAX, for the caller to refuse); the rest is shared with the parts.
 *
 *  1. The snapshot with the later modified_at wins as a whole; among equal
 *     ones the one with more refunded, then the higher rank, then the
 *     larger by its figures, so that there is always the same winner.
 *  2. Where a platform sends refunds apart from snapshots (Shopify), they
 *     are the union by id, the larger by its figures of two with one id;
 *     elsewhere (WooCommerce, events) they are part of the snapshot.  There,
 *     too, payments are the union by id, and of an order that was paid and
 *     is not any more the newest snapshot in which it was is kept.
 *     Sub-orders are the union by id, those of one id merged.
 *  3. The later deletion wins, and the later restoration; a snapshot that
 *     was told twice was told by the earlier of its receipts; of each line
 *     the larger worth of those that were paid.
 *  4. A snapshot that names nobody (customer and address were removed: the
 *     platform made it anonymous) does not take the order away from whom
 *     the newest one that names somebody gave it to.
 */
void order_merge(struct arena *, const struct order *, const struct order *,
    struct order *out);

/*
 * The order as it counts; new lists are the arena's.
 *
 *  1. One that was paid and is owed for since (edited upward) is what it was
 *     when it was paid; one that was cancelled then had been that.
 *  2. Sub-orders that repeat lines of their order tell of nothing new but
 *     what was paid back or undone of it, and that once: the greater of what
 *     they and the order itself tell.  What others have is part of it, if
 *     they were paid and not undone.
 *  3. Of an order that was never told its sub-orders are all of it.
 *  4. What it lacks of the lines that were paid was edited away, whatever was
 *     bought since.
 */
struct order order_counted(struct arena *, const struct order *);
/* Whether a status says that nothing of an order is left. */
bool order_is_undone(const struct order *);

/*
 * Deleted, and not there again.  A deletion has no time of the platform's: it
 * counts from the moment receive took it, and is compared with such moments
 * alone, never with the shop's clock.
 *
 *  1. Shopify restores nothing.
 *  2. WooCommerce tells of a restoration.
 *  3. It builds what it sends when it sends it, so a snapshot that was new to
 *     us after the deletion, and was not just under way then, is what became
 *     of the order since: there again, or in the bin by its status.
 */
bool order_is_deleted(const struct order *);
/* When an order that was paid and is undone was undone. */
int64_t order_undone_at(const struct order *);

/* Placed before its store's start (0: it has none).  What was paid was placed
 * by then: Shopify dates an imported order from the import, and its payment
 * from the shop it came from. */
bool order_is_before(const struct order *, int64_t since);

#endif /* CORE_ORDER_H */

/* SPDX-License-Identifier: MIT */
/* Tests how the snapshots of an order are joined: with examples, and with the
 * laws that the order of arrival, repetition and grouping do not change the
 * result. "Rule 1" and so on are the rules at order_merge(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "base/instant.h"
#include "base/money.h"
#include "core/order_finer.h"
#include "core/order_parts.h"

enum {
	ROOM = 64
};

static struct order
join(struct order a, struct order b, struct order_refund room[ROOM])
{
	struct order out;

	(void)room;
	order_merge(&arena, &a, &b, &out);
	return out;
}

static struct order
snapshot(enum platform p, int64_t modified_at, int rank, const char *status)
{
	struct order o = {
		.id = 7, .platform = p, .modified_at = modified_at, .rank = rank
	};

	strcpy(o.status, status);
	return o;
}

static void
test_newest(void **state)
{
	struct order old = snapshot(PLATFORM_WOOCOMMERCE, 10, 5, "completed");
	struct order new = snapshot(PLATFORM_WOOCOMMERCE, 11, 1, "pending");
	struct order_refund room[ROOM], refund = { .id = 1, .share = 5 };
	struct order out;

	(void)state;
	/* Rule 1 of order_merge(): the later snapshot wins, in either order of
	 * arrival. */
	assert_string_equal(join(old, new, room).status, "pending");
	assert_string_equal(join(new, old, room).status, "pending");

	/* Rule 1 of order_merge(): of two snapshots of the same second, the one
	 * with more money refunded wins; if equal, the one with the higher
	 * rank. */
	new = snapshot(PLATFORM_WOOCOMMERCE, 10, 1, "pending");
	assert_string_equal(join(old, new, room).status, "completed");
	new.refunds = &refund;
	new.nrefunds = 1;
	out = join(old, new, room);
	assert_string_equal(out.status, "pending");
	assert_int_equal(out.nrefunds, 1);

	/* Rule 2 of order_merge(): refunds that a later snapshot lacks were
	 * deleted. */
	old.modified_at = 12;
	assert_int_equal(join(old, new, room).nrefunds, 0);
}

static void
test_refunds_apart(void **state)
{
	struct order_refund room[ROOM];
	struct order_refund x[] = { { .id = 1, .share = 5 }, { .id = 4 } };
	struct order_refund y[] = { { .id = 1, .share = 5 }, { .id = 3 } };
	struct order paid = snapshot(PLATFORM_SHOPIFY, 10, 4, "paid");
	struct order part = { .id = 7, .platform = PLATFORM_SHOPIFY };
	struct order out;

	(void)state;
	/* Rule 2 of order_merge(): refunds of both parts are joined, even if
	 * one part has no snapshot. */
	paid.refunds = x;
	paid.nrefunds = 2;
	part.refunds = y;
	part.nrefunds = 2;
	out = join(part, paid, room);
	assert_string_equal(out.status, "paid");
	assert_int_equal(out.nrefunds, 3);
	assert_int_equal(out.refunds[0].id, 1);
	assert_int_equal(out.refunds[1].id, 3);
	assert_int_equal(out.refunds[2].id, 4);
}

static void
test_deletions(void **state)
{
	struct order_refund room[ROOM];
	struct order live = snapshot(PLATFORM_WOOCOMMERCE, 10, 4, "processing");
	struct order gone = {
		.id = 7, .platform = PLATFORM_WOOCOMMERCE, .deleted_at = 15
	};
	struct order late = snapshot(PLATFORM_WOOCOMMERCE, 14, 5, "completed");
	struct order restored = snapshot(
	    PLATFORM_WOOCOMMERCE, 16, 5, "completed");
	struct order out = join(live, gone, room);

	(void)state;
	/* Orders that an early version stored have only times of the shop's
	 * clock. */
	assert_true(order_is_deleted(&out));
	out = join(out, late, room);
	assert_true(order_is_deleted(&out));
	out = join(out, restored, room);
	assert_false(order_is_deleted(&out));
	out = join(restored, gone, room);
	assert_false(order_is_deleted(&out));
}

/* Makes an order with a snapshot, a deletion and perhaps a restoration (0:
 * none), and returns whether the order is deleted.  `modified_at` is on the
 * shop's clock, all other times are on our clock. */
static bool
is_deleted(enum platform p, int64_t modified_at, int64_t told_at,
    int64_t deleted_at, int64_t restored_at)
{
	struct order_refund room[2][ROOM];
	struct order order = snapshot(p, modified_at, 4, "processing");
	struct order gone = { .id = 7, .platform = p };
	struct order back = order, ab, ba;

	order.told_at = told_at;
	gone.deleted_at = deleted_at;
	back.told_at = restored_at != 0 ? restored_at : told_at;
	back.restored_at = restored_at;
	ab = join(join(order, gone, room[0]), back, room[1]);
	ba = join(back, join(gone, order, room[0]), room[1]);
	assert_int_equal(order_is_deleted(&ab), order_is_deleted(&ba));
	/* A repeated snapshot changes nothing. */
	ab = join(ba, order, room[0]);
	assert_int_equal(order_is_deleted(&ab), order_is_deleted(&ba));
	assert_int_equal(ab.told_at, ba.told_at);
	assert_int_equal(ab.told_at, told_at); /* the earlier time of receipt */
	return order_is_deleted(&ba);
}

static void
test_receipts(void **state)
{
	const int64_t hour = 3600 * INSTANT_SECOND, now = 1000 * hour;
	const int64_t clocks[] = { now - hour, now, now + hour };
	const enum platform woo = PLATFORM_WOOCOMMERCE;

	(void)state;
	for (size_t i = 0; i < NITEMS(clocks); i++) {
		int64_t shop = clocks[i];

		assert_false(is_deleted(woo, shop, now, 0, 0));
		assert_true(is_deleted(woo, shop, now, now + 1, 0));
		/* A snapshot that may have been under way when the order was
		 * deleted does not undo the deletion. */
		assert_true(is_deleted(woo, shop, now, now - 1, 0));
		assert_true(is_deleted(
		    woo, shop, now, now - 120 * INSTANT_SECOND + 1, 0));
		assert_false(
		    is_deleted(woo, shop, now, now - 120 * INSTANT_SECOND, 0));
		/* A restoration at the time of the deletion or later undoes the
		 * deletion; an earlier restoration does not. */
		assert_false(is_deleted(woo, shop, now, now + 5, now + 5));
		assert_true(is_deleted(woo, shop, now, now + 6, now + 5));
		assert_false(is_deleted(woo, shop, now, now + 5, now + 6));
		/* Shopify never restores an order. */
		assert_false(is_deleted(PLATFORM_SHOPIFY, shop, 0, 0, 0));
		assert_true(
		    is_deleted(PLATFORM_SHOPIFY, shop, 0, now - hour, 0));
		assert_true(is_deleted(PLATFORM_SHOPIFY, shop, 0, now, 0));
	}
}

static struct order
named(int64_t modified_at, int64_t customer_id, uint8_t email)
{
	struct order o = snapshot(
	    PLATFORM_WOOCOMMERCE, modified_at, 4, "completed");

	o.customer_id = customer_id;
	o.email_hash[0] = email;
	return o;
}

/* Checks rule 4: an order keeps its buyer when it is made anonymous. */
static void
test_anonymised(void **state)
{
	struct order_refund room[2][ROOM], refund = { .id = 1, .share = 5 };
	struct order anna = named(10, 5, 1), bert = named(11, 6, 2);
	struct order guest = named(11, 0, 3), nobody = named(20, 0, 0);
	struct order twice = named(21, 0, 0), later = named(30, 7, 4);
	struct order out, again;

	(void)state;
	nobody.total = 99;
	out = join(anna, nobody, room[0]);
	assert_int_equal(out.modified_at, 20);
	assert_int_equal(out.total, 99);
	assert_int_equal(out.customer_id, 5);
	assert_int_equal(out.email_hash[0], 1);
	/* An older snapshot that arrives later names the buyer. */
	out = join(nobody, anna, room[0]);
	assert_int_equal(out.customer_id, 5);
	/* The newest of the snapshots that name a buyer counts; of two from the
	 * same second, the winner by rule 1. */
	out = join(join(nobody, bert, room[0]), anna, room[1]);
	assert_int_equal(out.customer_id, 6);
	anna.modified_at = 11;
	anna.refunds = &refund;
	anna.nrefunds = 1;
	out = join(join(nobody, anna, room[0]), bert, room[1]);
	assert_int_equal(out.customer_id, 5);
	assert_int_equal(out.nrefunds, 0);
	anna = named(11, 5, 1);
	anna.rank = 5;
	again = join(join(bert, nobody, room[0]), anna, room[1]);
	assert_int_equal(again.customer_id, 5);
	/* A guest's address names a buyer, too. */
	out = join(nobody, guest, room[0]);
	assert_int_equal(out.customer_id, 0);
	assert_int_equal(out.email_hash[0], 3);
	out = join(out, named(10, 5, 1), room[1]);
	assert_int_equal(out.customer_id, 0);
	/* The order is made anonymous a second time, and then names a buyer
	 * again. */
	out = join(join(twice, bert, room[0]), nobody, room[1]);
	assert_int_equal(out.modified_at, 21);
	assert_int_equal(out.customer_id, 6);
	out = join(out, later, room[0]);
	assert_int_equal(out.customer_id, 7);
	assert_int_equal(out.named_at, 0);
	/* An order that never named a buyer has no buyer. */
	out = join(nobody, twice, room[0]);
	assert_int_equal(out.customer_id, 0);
	assert_int_equal(out.named_at, 0);
}

static int64_t
dropped(struct order o)
{
	order_count_dropped(&arena, &o);
	return o.dropped;
}

/* Checks that goods which were edited away are counted line by line, even if
 * other goods were bought since. */
static void
test_dropped(void **state)
{
	static struct order_line two[] = { { .id = 1, .net = 6000 },
		{ .id = 2, .net = 3400, .tax = 600 } };
	static struct order_line other[] = { { .id = 1, .net = 6000 },
		{ .id = 3, .net = 9000 } };
	struct order_refund room[ROOM];
	struct order unpaid = snapshot(PLATFORM_WOOCOMMERCE, 8, 1, "pending");
	struct order paid = snapshot(PLATFORM_WOOCOMMERCE, 10, 4, "processing");
	struct order less, more, out;

	(void)state;
	unpaid.lines = paid.lines = two;
	unpaid.nlines = paid.nlines = 2;
	unpaid.total = paid.total = 10000;
	paid.was_paid = true;
	less = paid;
	less.modified_at = 12;
	less.nlines = 1;
	less.total = 6000;
	more = less;
	more.modified_at = 14;
	more.lines = other;
	more.nlines = 2;
	more.total = 15000;

	out = join(paid, less, room);
	assert_int_equal(out.nparts, 1);
	assert_int_equal(out.parts[0].line_id, 2);
	assert_int_equal(dropped(out), 4000);
	assert_int_equal(dropped(join(out, more, room)), 4000);
	assert_int_equal(
	    dropped(join(join(more, less, room), paid, room)), 4000);
	/* The line that an edit removed is back in a newer snapshot. */
	paid.modified_at = 15;
	out = join(out, paid, room);
	assert_int_equal(out.nparts, 0);
	assert_int_equal(dropped(out), 0);
	/* A line is not kept if only an unpaid snapshot has it. */
	assert_int_equal(join(unpaid, less, room).nparts, 0);
	/* If an edit adds unpaid goods to a paid order, the order has lost no
	 * goods. */
	unpaid.modified_at = 16;
	unpaid.total = 12000;
	assert_int_equal(join(unpaid, paid, room).nparts, 3);
	assert_int_equal(dropped(join(unpaid, paid, room)), 0);
	/* Shipping and fees are a part that an edit can remove, too. */
	paid.shipping = 500;
	paid.total = 10500;
	less.modified_at = 17;
	assert_int_equal(dropped(join(less, paid, room)), 4500);
}

static void
test_worth(void **state)
{
	struct order paid = snapshot(PLATFORM_WOOCOMMERCE, 10, 4, "processing");
	struct order_line line = { .id = 1, .quantity = 1, .net = 9000 };

	(void)state;
	paid.total = 10000;
	/* If the parts of an order together are more than its total, by more
	 * than roundings, the order is worth the sum of the parts. */
	line.tax = 1003;
	paid.lines = &line;
	paid.nlines = 1;
	assert_int_equal(order_worth(&paid), 10000);
	line.tax = 1004;
	assert_int_equal(order_worth(&paid), 10004);
	paid.fees = -9000;
	assert_int_equal(order_worth(&paid), 10000);
	paid.credit = 9000;
	paid.shipping = 500;
	paid.shipping_tax = 95;
	assert_int_equal(order_worth(&paid), 10599);
}

/* Checks that a paid order to which an edit adds goods counts as it was when it
 * was paid, until the goods are paid. */
static void
test_edited_upward(void **state)
{
	struct order_refund room[ROOM], refund = { .id = 1, .share = 5 };
	struct order made = snapshot(PLATFORM_SHOPIFY, 5, 10, "pending");
	struct order paid = snapshot(PLATFORM_SHOPIFY, 10, 50, "paid");
	struct order more = snapshot(
	    PLATFORM_SHOPIFY, 11, 30, "partially_paid");
	struct order again = snapshot(PLATFORM_SHOPIFY, 12, 50, "paid");
	struct order gone = snapshot(PLATFORM_SHOPIFY, 13, 90, "cancelled");
	struct order named = snapshot(PLATFORM_SHOPIFY, 10, 50, "paid");
	struct order_line lines[2] = { { .id = 1, .net = 10000 },
		{ .id = 2, .net = 3000 } };
	struct order out;

	(void)state;
	paid.lines = more.lines = again.lines = lines;
	paid.nlines = 1;
	more.nlines = again.nlines = 2;
	paid.total = 10000;
	more.total = again.total = 13000;
	paid.was_paid = again.was_paid = true;
	paid.refunds = &refund;
	paid.nrefunds = 1;
	for (int i = 0; i < 2; i++) {
		out = i == 0 ? join(join(made, paid, room), more, room)
		             : join(more, join(paid, made, room), room);
		assert_string_equal(out.status, "partially_paid");
		out = order_counted(&arena, &out);
		assert_string_equal(out.status, "paid");
		assert_int_equal(out.total, 10000);
		assert_int_equal(out.nlines, 1);
		assert_int_equal(out.nrefunds, 1);
		assert_int_equal(out.modified_at, 11);
		assert_true(out.was_paid);
	}
	/* Of two paid snapshots of the same second the one that names a buyer
	 * counts, although the other has a larger total. */
	named.was_paid = true;
	named.customer_id = 2;
	named.total = 5000;
	out = join(paid, named, room);
	assert_int_equal(out.total, 5000);
	assert_int_equal(order_counted(&arena, &out).total, 5000);
	/* An order of which only a deposit was paid counts as unpaid. */
	out = join(made, more, room);
	out = order_counted(&arena, &out);
	assert_string_equal(out.status, "partially_paid");
	assert_false(out.was_paid);
	/* The rest is paid later; the snapshots may arrive in any order. */
	out = join(join(paid, more, room), again, room);
	assert_int_equal(out.npaid, 0);
	assert_int_equal(order_counted(&arena, &out).total, 13000);
	out = join(again, join(more, paid, room), room);
	assert_int_equal(out.npaid, 0);
	/* Of two snapshots of the same second the winner by rule 1 counts, if
	 * the winner was paid. */
	again.modified_at = 10;
	again.rank = paid.rank;
	again.customer_id = 0;
	paid.customer_id = 5;
	out = join(again, paid, room);
	assert_int_equal(out.npaid, 1);
	assert_int_equal(out.paid->total, 13000);
	assert_int_equal(order_counted(&arena, &out).total, 10000);
	paid.customer_id = 0;
	/* A cancelled order that had been paid keeps the paid figures. */
	out = join(join(gone, paid, room), more, room);
	out = order_counted(&arena, &out);
	assert_string_equal(out.status, "cancelled");
	assert_true(out.was_paid);
	assert_int_equal(out.total, 10000);
}

static struct order
vendor(int64_t id, struct order_line *line, const char *status)
{
	struct order o = snapshot(PLATFORM_WOOCOMMERCE, id, 40, status);

	o.id = id;
	o.total = line->net;
	o.lines = line;
	o.nlines = 1;
	o.was_paid = true;
	o.customer_id = 2;
	return o;
}

static int64_t
back(const struct order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->nrefunds; i++) {
		sum += o->refunds[i].share;
		assert_true(i == 0 || o->refunds[i].id > o->refunds[i - 1].id);
		assert_true(o->refunds[i].at != 0);
	}
	return sum;
}

/* Checks an order of a marketplace with two sub-orders, for goods of 60.00 and
 * 40.00. */
static void
test_sub_orders(void **state)
{
	static struct order_line goods[] = {
		{ .id = 1, .product_id = 8, .quantity = 1, .net = 6000 },
		{ .id = 2, .product_id = 9, .quantity = 2, .net = 4000 },
		{ .id = 3, .product_id = 9, .quantity = 1, .net = 4000 },
	};
	struct order_refund of_all[] = { { .id = 5, .share = 700, .at = 1 },
		{ .id = 6, .share = 400, .at = 1 } };
	struct order_refund of_sub[] = { { .id = 3, .share = 2000 } };
	struct order subs[] = { vendor(20, &goods[0], "processing"),
		vendor(21, &goods[1], "processing"),
		vendor(22, &goods[2], "processing") };
	struct order o = vendor(7, goods, "processing"), c;

	(void)state;
	o.nlines = 2;
	o.total = 10000;
	o.subs = subs;
	o.nsubs = 2;
	/* Sub-orders that copy the order's lines add nothing. */
	c = order_counted(&arena, &o);
	assert_int_equal(c.total, 10000);
	assert_int_equal(c.nlines, 2);
	assert_int_equal(back(&c), 0);
	assert_int_equal(c.nsubs, 0);
	/* Money may be refunded by a sub-order, by the order or by both: the
	 * greater sum counts. */
	subs[0].refunds = of_sub;
	subs[0].nrefunds = 1;
	c = order_counted(&arena, &o);
	assert_int_equal(back(&c), 2000);
	assert_int_equal(c.refunds[0].at, 20);
	o.refunds = of_all;
	o.nrefunds = 2;
	c = order_counted(&arena, &o);
	assert_int_equal(back(&c), 2000);
	assert_int_equal(c.nrefunds, 3);
	of_all[1].share = 1300;
	c = order_counted(&arena, &o);
	assert_int_equal(back(&c), 2000);
	assert_int_equal(c.nrefunds, 2);
	of_all[1].share = 1400;
	c = order_counted(&arena, &o);
	assert_int_equal(back(&c), 2100);
	/* A sub-order that was cancelled counts as refunded, with all its
	 * worth. */
	strcpy(subs[1].status, "cancelled");
	c = order_counted(&arena, &o);
	assert_int_equal(back(&c), 6000);
	/* A sub-order with another quantity is not a copy of lines of the
	 * order. It counts as a further purchase if it was paid and not
	 * undone. */
	o.nsubs = 3;
	c = order_counted(&arena, &o);
	assert_int_equal(c.total, 14000);
	assert_int_equal(c.nlines, 3);
	subs[2].was_paid = false;
	assert_int_equal(order_counted(&arena, &o).total, 10000);
	subs[2].was_paid = true;
	strcpy(subs[2].status, "failed");
	assert_int_equal(order_counted(&arena, &o).total, 10000);
	/* An order without a snapshot of its own consists of its sub-orders. */
	strcpy(subs[2].status, "completed");
	o = (struct order){ .id = 7,
		.platform = PLATFORM_WOOCOMMERCE,
		.subs = subs,
		.nsubs = 3 };
	c = order_counted(&arena, &o);
	assert_int_equal(c.id, 7);
	assert_int_equal(c.customer_id, 2);
	assert_string_equal(c.status, "completed");
	assert_int_equal(c.total, 10000); /* without the cancelled sub-order */
	assert_int_equal(c.nlines, 2);
	assert_int_equal(back(&c), 2000);
	o.nsubs = 2;
	o.subs = &subs[1];
	strcpy(subs[2].status, "cancelled");
	assert_true(order_is_undone(&(struct order){ .status = "cancelled" }));
	c = order_counted(&arena, &o);
	assert_true(order_is_undone(&c));
	assert_int_equal(c.nlines, 0);
}

/* Checks that of two snapshots of the same second the same one wins in
 * either order of arrival, for each field in which the two can differ. */
static void
test_every_figure(void **state)
{
	static const char *const word[] = { "w" };
	const struct words words = { word, 1 };
	struct order_refund room[2][ROOM];
	struct order plain = snapshot(PLATFORM_EVENTS, 10, 1, "paid");
	struct order_line lines[8] = { 0 };
	struct order_refund old = { .id = 1 }, dated = { .id = 1, .at = 5 };
	struct order other[16];
	struct tender tender = { "card", 5 }, more = { "card", 6 };
	size_t n = 0;

	(void)state;
	plain.lines = &lines[0];
	plain.nlines = 1;
	for (size_t i = 0; i < NITEMS(other); i++)
		other[i] = plain;
	lines[1].product_id = 1;
	lines[2].sku = "";
	lines[3].vendor = "";
	lines[4].type = "";
	lines[5].categories = words;
	lines[6].tags = words;
	lines[7].on_sale = true;
	for (; n < 7; n++)
		other[n].lines = &lines[n + 1];
	other[n++].fulfilled_at = 1;
	other[n++].cancelled_at = 1;
	other[n++].channel = "";
	other[n++].shipping_method = "";
	other[n++].name = "";
	other[n++].codes = words;
	other[n].tenders = &tender;
	other[n++].ntenders = 1;
	other[n].tenders = &more;
	other[n++].ntenders = 1;
	other[n].refunds = &dated;
	other[n++].nrefunds = 1;
	assert_int_equal(n, NITEMS(other));
	for (size_t i = 0; i < n; i++) {
		struct order base = plain, ab, ba;

		if (other[i].nrefunds > 0) {
			base.refunds = &old;
			base.nrefunds = 1;
		}
		if (other[i].tenders == &more) {
			base.tenders = &tender;
			base.ntenders = 1;
		}
		ab = join(base, other[i], room[0]);
		ba = join(other[i], base, room[1]);
		if (ab.nrefunds > 0)
			assert_int_equal(ab.refunds[0].at, 5);
		ab.refunds = ba.refunds = NULL;
		other[i].refunds = NULL;
		assert_memory_equal(&ab, &ba, sizeof(ab));
		assert_memory_equal(&ab, &other[i], sizeof(ab));
	}
	/* Refunds that are delivered without a snapshot also give the same
	 * result in either order of arrival. */
	plain = snapshot(PLATFORM_SHOPIFY, 10, 1, "paid");
	plain.refunds = &dated;
	plain.nrefunds = 1;
	other[0] = plain;
	other[0].refunds = &old;
	assert_int_equal(join(plain, other[0], room[0]).refunds[0].at, 5);
	assert_int_equal(join(other[0], plain, room[0]).refunds[0].at, 5);
}

/* Checks that names are compared as texts, not as numbers, and lists word by
 * word. */
static void
test_texts(void **state)
{
	static const char *const ab[] = { "a", "b" }, *const ac[] = { "a",
		"c" };
	struct order_refund room[ROOM];
	struct order a = snapshot(PLATFORM_SHOPIFY, 10, 1, "paid");
	struct order b = a;

	(void)state;
	a.codes = (struct words){ ab, 2 };
	b.codes = (struct words){ ac, 2 };
	assert_string_equal(join(a, b, room).codes.list[1], "c");
	assert_string_equal(join(b, a, room).codes.list[1], "c");
	a.name = "#9";
	b.name = "#10";
	assert_string_equal(join(a, b, room).name, "#9");
	assert_string_equal(join(b, a, room).name, "#9");
}

/* Checks that all items of a list are compared, not the first alone. */
static void
test_second_items(void **state)
{
	struct order_refund room[ROOM];
	struct order_line few[2] = { { .id = 1 }, { .id = 2 } };
	struct order_line many[2] = { { .id = 1 }, { .id = 2, .net = 1 } };
	struct tender cheap[2] = { { "card", 1 }, { "cash", 1 } };
	struct tender dear[2] = { { "card", 1 }, { "cash", 2 } };
	struct order_refund_line less[2] = { { .line_id = 1 },
		{ .line_id = 2 } };
	struct order_refund_line more[2] = { { .line_id = 1 },
		{ .line_id = 2, .tax = 1 } };
	struct order_refund old[2] = { { .id = 1 },
		{ .id = 2, .lines = less, .nlines = 2 } };
	struct order_refund new[2] = { { .id = 1 },
		{ .id = 2, .lines = more, .nlines = 2 } };
	struct order a = snapshot(PLATFORM_WOOCOMMERCE, 10, 1, "paid"), b;

	(void)state;
	a.lines = few;
	a.nlines = 2;
	b = a;
	b.lines = many;
	assert_ptr_equal(join(a, b, room).lines, many);
	assert_ptr_equal(join(b, a, room).lines, many);
	b = a;
	a.tenders = cheap;
	b.tenders = dear;
	a.ntenders = b.ntenders = 2;
	assert_ptr_equal(join(a, b, room).tenders, dear);
	assert_ptr_equal(join(b, a, room).tenders, dear);
	b = a;
	a.refunds = old;
	b.refunds = new;
	a.nrefunds = b.nrefunds = 2;
	assert_ptr_equal(join(a, b, room).refunds[1].lines, more);
	assert_ptr_equal(join(b, a, room).refunds[1].lines, more);
	/* The snapshot with the larger refunded lines wins, whatever its other
	 * fields. */
	less[1].net = 1;
	a.rank = 0;
	assert_ptr_equal(join(a, b, room).refunds[1].lines, less);
	assert_ptr_equal(join(b, a, room).refunds[1].lines, less);
	less[1].net = 0;
	less[0].net = 1;
	assert_ptr_equal(join(a, b, room).refunds[1].lines, less);
}

/* ---- the laws ------------------------------------------------------------ */

static uint64_t seed;

/* A random number by xorshift64*, which gives the same numbers for a seed on
 * every machine. */
static uint64_t
draw(uint64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 0x2545f4914f6cdd1d >> 33) % below;
}

struct sample {
	struct order order;
	struct order_line lines[2];
	struct order_refund refunds[3];
	struct order_refund_line refund_lines[3][1];
	struct order_payment payments[2];
	struct order subs[2];
};

/* Makes a random snapshot from few different values, so that two snapshots are
 * often equal in their first fields. */
static void
sample_draw(struct sample *s, enum platform platform)
{
	static const char *const statuses[] = { "pending", "paid", "refunded" };
	struct order *o = &s->order;
	int64_t id = 0;

	memset(s, 0, sizeof(*s));
	o->id = 7;
	o->platform = platform;
	if (draw(4) == 0)
		o->deleted_at = (int64_t)draw(4);
	if (draw(4) == 0)
		o->restored_at = (int64_t)draw(4);
	if (draw(4) != 0) {
		o->modified_at = 1 + (int64_t)draw(3);
		o->told_at = (int64_t)draw(3);
		o->rank = (int)draw(2);
		strcpy(o->status, statuses[draw(3)]);
		o->was_paid = draw(2);
		o->total = (int64_t)draw(3);
		o->customer_id = (int64_t)draw(2);
		o->channel = draw(2) ? "pos" : NULL;
		o->email_hash[0] = (uint8_t)draw(2);
		o->lines = s->lines;
		o->nlines = draw(3);
		for (size_t i = 0; i < o->nlines; i++)
			s->lines[i] = (struct order_line){
				.id = (int64_t)draw(3),
				.net = (int64_t)draw(3),
			};
	}
	if (o->modified_at == 0 && platform != PLATFORM_SHOPIFY)
		return;
	o->subs = s->subs;
	o->nsubs = platform == PLATFORM_WOOCOMMERCE ? draw(3) : 0;
	for (size_t i = 0; i < o->nsubs; i++)
		s->subs[i] = (struct order){
			.id = 8 + (int64_t)i +
			      (o->nsubs == 1 ? (int64_t)draw(2) : 0),
			.platform = platform,
			.modified_at = 1 + (int64_t)draw(2),
			.total = (int64_t)draw(2),
			.was_paid = draw(2),
			.told_at = (int64_t)draw(2),
		};
	o->payments = s->payments;
	o->npayments = platform == PLATFORM_SHOPIFY ? draw(3) : 0;
	for (size_t i = 0; i < o->npayments; i++)
		s->payments[i] = (struct order_payment){
			.id = (int64_t)i + 1 + (int64_t)draw(2),
			.amount = (int64_t)draw(2),
		};
	if (o->npayments == 2)
		s->payments[1].id = s->payments[0].id + 1;
	o->refunds = s->refunds;
	o->nrefunds = draw(4);
	for (size_t i = 0; i < o->nrefunds; i++) {
		struct order_refund *r = &s->refunds[i];

		id += 1 + (int64_t)draw(2);
		r->id = id;
		r->share = (int64_t)draw(2);
		r->at = (int64_t)draw(2);
		r->lines = s->refund_lines[i];
		r->nlines = draw(2);
		s->refund_lines[i][0].net = (int64_t)draw(2);
	}
}

/* Writes as text everything of an order that the laws compare. */
static void
fingerprint(const struct order *o, char out[2048])
{
	int n = snprintf(out, 2048,
	    "%lld %d %s %s %lld %lld %d %lld/%lld/%lld %lld %lld %lld %lld %d "
	    "%zu:",
	    (long long)o->modified_at, o->rank, o->status,
	    o->channel ? o->channel : "-", (long long)o->total,
	    (long long)o->customer_id, o->email_hash[0], (long long)o->named_at,
	    (long long)o->named_back, (long long)o->named_rank,
	    (long long)o->deleted_at, (long long)o->restored_at,
	    (long long)o->told_at, (long long)o->nparts, o->was_paid,
	    o->nlines);

	if (o->npaid > 0)
		n += snprintf(out + n, 2048 - (size_t)n,
		    " was paid %lld/%d/%s/%lld/%lld/%zu",
		    (long long)o->paid->modified_at, o->paid->rank,
		    o->paid->status, (long long)o->paid->total,
		    (long long)o->paid->customer_id, o->paid->nlines);
	for (size_t i = 0; i < o->nsubs; i++)
		n += snprintf(out + n, 2048 - (size_t)n,
		    " s%lld/%lld/%lld/%lld/%lld", (long long)o->subs[i].id,
		    (long long)o->subs[i].modified_at,
		    (long long)o->subs[i].total, (long long)o->subs[i].nparts,
		    (long long)o->subs[i].told_at);
	for (size_t i = 0; i < o->nparts; i++)
		n += snprintf(out + n, 2048 - (size_t)n, " k%lld/%lld",
		    (long long)o->parts[i].line_id,
		    (long long)o->parts[i].worth);
	for (size_t i = 0; i < o->npayments; i++)
		n += snprintf(out + n, 2048 - (size_t)n, " p%lld/%lld",
		    (long long)o->payments[i].id,
		    (long long)o->payments[i].amount);

	for (size_t i = 0; i < o->nlines; i++)
		n += snprintf(out + n, 2048 - (size_t)n, " %lld",
		    (long long)o->lines[i].net);
	for (size_t i = 0; i < o->nrefunds; i++)
		n += snprintf(out + n, 2048 - (size_t)n,
		    " r%lld/%lld/%lld/%zu/%lld", (long long)o->refunds[i].id,
		    (long long)o->refunds[i].at, (long long)o->refunds[i].share,
		    o->refunds[i].nlines,
		    o->refunds[i].nlines ? (long long)o->refunds[i].lines[0].net
		                         : -1LL);
}

static void
same(const struct order *a, const struct order *b, const char *law)
{
	char x[2048], y[2048];

	fingerprint(a, x);
	fingerprint(b, y);
	if (strcmp(x, y) != 0)
		fail_msg("not %s (seed %llu):\n%s\n%s", law,
		    (unsigned long long)seed, x, y);
}

static void
test_laws(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 20000; run++) {
		enum platform platform = PLATFORM_SHOPIFY +
		                         (enum platform)(run % 3);
		struct order_refund room[6][ROOM];
		struct sample a, b, c;
		struct order ab, ba, bc, ab_c, a_bc, aa, a_none;
		const struct order none = { .id = 7, .platform = platform };

		seed = run * 0x9e3779b97f4a7c15;
		sample_draw(&a, platform);
		sample_draw(&b, platform);
		sample_draw(&c, platform);
		ab = join(a.order, b.order, room[0]);
		ba = join(b.order, a.order, room[1]);
		same(&ab, &ba, "commutative");
		bc = join(b.order, c.order, room[2]);
		ab_c = join(ab, c.order, room[3]);
		a_bc = join(a.order, bc, room[4]);
		same(&ab_c, &a_bc, "associative");
		aa = join(ab, a.order, room[5]);
		same(&aa, &ab, "idempotent");
		a_none = join(a.order, none, room[5]);
		same(&a_none, &a.order, "as it was, joined with nothing");
		a_none = join(ab_c, none, room[5]);
		same(&a_none, &ab_c, "as it was, joined with nothing");
		arena_reset(&arena);
	}
}

/* Checks that two snapshots are joined correctly if their amounts have
 * different numbers of decimals. */
static void
test_finer(void **state)
{
	struct order_line line = { .id = 1, .before = 5000, .net = 5000 };
	struct order_part kept = { 1, 5001 };
	struct order_refund_line back = { .line_id = 1, .net = 10005 };
	struct order_refund refund = {
		.id = 3, .share = -5, .lines = &back, .nlines = 1
	};
	struct tender card = { "card", 5000 };
	struct order whole = snapshot(PLATFORM_SHOPIFY, 10, 5, "paid");
	struct order part = { .id = 7,
		.platform = PLATFORM_SHOPIFY,
		.finer = 3,
		.refunds = &refund,
		.nrefunds = 1 };
	struct order_refund room[ROOM];
	struct order a, b, out;

	(void)state;
	whole.total = 5000;
	whole.parts = &kept;
	whole.nparts = 1;
	whole.credit = whole.fees = -7;
	whole.lines = &line;
	whole.nlines = 1;
	whole.tenders = &card;
	whole.ntenders = 1;
	a = whole;
	b = part;
	order_align(&arena, &a, &b);
	out = join(a, b, room);
	assert_int_equal(out.finer, 3);
	assert_int_equal(out.total, 5000000);
	assert_int_equal(out.nparts, 1);
	assert_int_equal(out.parts[0].worth, 5001000);
	assert_int_equal(out.fees + out.credit, -14000);
	assert_int_equal(out.lines[0].net, 5000000);
	assert_int_equal(out.lines[0].before, 5000000);
	assert_int_equal(out.tenders[0].amount, 5000000);
	assert_int_equal(out.refunds[0].lines[0].net, 10005);
	assert_int_equal(out.refunds[0].share, -5);
	/* The lines of the original order are not changed. */
	assert_int_equal(line.net, 5000);
	/* If the finer unit would make an amount too large, the finest unit
	 * that fits is used. */
	whole.total = MONEY_MAX / 100;
	a = part;
	b = whole;
	order_align(&arena, &a, &b);
	assert_int_equal(a.finer, 2);
	assert_int_equal(b.finer, 2);
	assert_int_equal(b.total, MONEY_MAX);
	assert_int_equal(a.refunds[0].lines[0].net, 1001);
	assert_int_equal(a.refunds[0].share, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_refunds_apart),
		cmocka_unit_test(test_deletions),
		cmocka_unit_test(test_receipts),
		cmocka_unit_test(test_anonymised),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_worth),
		cmocka_unit_test(test_edited_upward),
		cmocka_unit_test(test_sub_orders),
		cmocka_unit_test(test_every_figure),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_second_items),
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_finer),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

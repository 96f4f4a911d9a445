/* SPDX-License-Identifier: MIT */
/*
 * Reads Shopify's refunds.  A refund comes in the body of refunds/create and
 * inside its order, and both are read in the same way, so that both give the
 * same amounts.
 *
 *  1. The body of refunds/create has no currency of its own.  The currency is
 *     taken from the refund's sets (objects with an amount and its currency),
 *     from its transactions, or from the order that it is in.  If the currency
 *     is unknown, amounts have two decimals.
 *  2. A refunded line has `subtotal`, after discounts, and `total_tax`.  If
 *     prices include tax, Shopify does not document whether the subtotal does.
 *     The subtotal is taken as it is, since core/decide.c takes no more from a
 *     line than its pieces were worth.
 *  3. `share` is the money that was paid back for goods beyond the amounts of
 *     the refunded lines.  Below zero, less was paid back than the amounts of
 *     the lines.  The share is the sum of order_adjustments of the kind
 *     refund_discrepancy.  Without these, the share is what transactions paid
 *     back, less shipping and lines.  If a transaction is pending or failed,
 *     the share is at most what the other transactions paid.  Without
 *     transactions the share is 0.
 *  4. Refunded shipping may be in the body twice, as refund_shipping_lines and
 *     as adjustments of the kind shipping_refund; the larger amount counts.
 *  5. Each transaction has a currency of its own.  If that is not the shop's
 *     currency, transactions do not count.  A refund that has neither lines nor
 *     adjustments is then refused.
 */
#include <string.h>

#include "base/money.h"
#include "wire/shop/internal.h"

/* ---- 1. the currency ------------------------------------------------- */

static struct value
currency_of_set(struct value o, const char *set)
{
	return value_get(
	    value_get(value_get(o, set), "shop_money"), "currency_code");
}

/* The places where a refund may name the shop's currency. */
static const struct {
	const char *list; /* NULL: the set is in the refund itself */
	const char *set;
} currency_places[] = {
	{ NULL, "total_duties_set" },
	{ NULL, "total_additional_fees_set" },
	{ "refund_line_items", "subtotal_set" },
	{ "refund_line_items", "total_tax_set" },
	{ "refund_shipping_lines", "subtotal_amount_set" },
	{ "order_adjustments", "amount_set" },
};

static struct value
first_of(struct value o, const char *key)
{
	struct list list = { .of = value_get(o, key) };
	struct value first = { 0 };

	(void)list_next(list, &first);
	return first;
}

static struct str
shop_currency(struct value refund)
{
	for (size_t i = 0; i < NITEMS(currency_places); i++) {
		const char *list = currency_places[i].list;
		struct value code = currency_of_set(
		    list == NULL ? refund : first_of(refund, list),
		    currency_places[i].set);

		if (value_is(code, VALUE_TEXT))
			return value_text(code);
	}
	return STR("");
}

static struct str
transaction_currency(struct value refund)
{
	return value_text(
	    value_get(first_of(refund, "transactions"), "currency"));
}

static int
exponent_of(struct str currency)
{
	char code[CURRENCY_SIZE] = "";
	int exponent = -1;

	if (currency.len == CURRENCY_SIZE - 1) {
		memcpy(code, currency.data, currency.len);
		exponent = currency_exponent(code);
	}
	return exponent == -1 ? EXPONENT_UNKNOWN : exponent;
}

/* ---- 2. lines -------------------------------------------------------- */

/* Reads an amount of a refunded line, and refuses an amount below zero.  A
 * plain amount, which is not in a set, is a number with any number of
 * decimals. */
static int64_t
read_number(struct reader *r, struct value o, const char *set, const char *key)
{
	struct value money = value_get(value_get(o, set), "shop_money");
	int64_t amount;

	if (value_is(money, VALUE_OBJECT))
		amount = shopify_read_money(r, o, set, key, NEEDED);
	else
		amount = read_money(r, o, key, NEEDED);
	/* A refund takes away from an order and adds nothing. */
	if (amount < 0)
		reader_refuse(r, key, "is below zero");
	return amount;
}

static void
read_refund_lines(struct arena *a, struct reader *r, struct list lines,
    struct order_refund *f)
{
	struct value o = { 0 };

	f->lines = arena_array(a, lines.n, sizeof(*f->lines));
	f->nlines = lines.n;
	for (size_t i = 0; list_next(lines, &o); i++) {
		struct order_refund_line *l = &f->lines[i];
		size_t at = reader_enter(r, "refund_line_items", (int)i);

		l->line_id = read_id(r, o, "line_item_id", NEEDED);
		l->quantity = read_pieces(r, o, "quantity");
		if (l->quantity == -1)
			l->quantity = 0;
		l->net = read_number(r, o, "subtotal_set", "subtotal");
		l->tax = read_number(r, o, "total_tax_set", "total_tax");
		reader_leave(r, at);
	}
}

/* ---- 3. to 5. money beyond the lines --------------------------------- */

/* Sums up the adjustments of one kind.  An amount that was paid back is below
 * zero in the body, and above zero in the result. */
static __int128
adjustments(struct reader *r, struct list list, const char *kind, size_t *n)
{
	struct value o = { 0 };
	__int128 back = 0;

	*n = 0;
	for (size_t i = 0; list_next(list, &o); i++) {
		size_t at = reader_enter(r, "order_adjustments", (int)i);

		if (str_eq(read_text(r, o, "kind", OPTIONAL), str_of(kind))) {
			(*n)++;
			back -= shopify_read_money(
			    r, o, "amount_set", "amount", NEEDED);
			back -= shopify_read_money(
			    r, o, "tax_amount_set", "tax_amount", OPTIONAL);
		}
		reader_leave(r, at);
	}
	return back;
}

/* Reads how much tax of one shipping line was paid back: all tax of that line,
 * if the refund does not say. */
static int64_t
shipping_tax(struct reader *r, struct value o)
{
	struct value line = read_object(r, o, "shipping_line");
	struct list taxes = read_list(
	    r, line, "tax_lines", PARTS_MAX, OPTIONAL);
	struct value entry = { 0 };
	__int128 tax = 0;

	if (value_is(value_get(o, "tax_amount_set"), VALUE_OBJECT))
		return shopify_read_money(
		    r, o, "tax_amount_set", "tax_amount", NEEDED);
	while (list_next(taxes, &entry))
		tax += shopify_read_money(
		    r, entry, "price_set", "price", NEEDED);
	return reader_bound(r, "shipping_line", tax);
}

/* Sums up the shipping that was paid back, with tax.  If prices include tax,
 * the tax may be counted twice.  Then less counts as paid back for goods, and
 * the buyer loses fewer points. */
static __int128
shipping_lines(struct reader *r, struct value refund)
{
	struct list list = read_list(
	    r, refund, "refund_shipping_lines", PARTS_MAX, OPTIONAL);
	struct value o = { 0 };
	__int128 back = 0;

	for (size_t i = 0; list_next(list, &o); i++) {
		size_t at = reader_enter(r, "refund_shipping_lines", (int)i);

		back += shopify_read_money(
		    r, o, "subtotal_amount_set", "subtotal_amount", NEEDED);
		back += shipping_tax(r, o);
		reader_leave(r, at);
	}
	return back;
}

/* The money that a refund's transactions paid back. */
struct paid {
	bool told;
	bool waits;   /* a transaction did not succeed (yet) */
	bool foreign; /* paid in another currency than the shop's */
	__int128 back;
};

/* 5. Reads the money that transactions paid back.  `alone`: the refund has
 * neither lines nor adjustments. */
static struct paid
transactions(
    struct reader *r, struct value refund, struct str currency, bool alone)
{
	struct list list = read_list(
	    r, refund, "transactions", PARTS_MAX, OPTIONAL);
	struct paid paid = { .told = value_exists(list.of) };
	struct value o = { 0 };

	for (size_t i = 0; list_next(list, &o); i++) {
		size_t at = reader_enter(r, "transactions", (int)i);
		struct str status = read_text(r, o, "status", OPTIONAL);
		struct str own = read_text(r, o, "currency", OPTIONAL);
		bool foreign = own.len > 0 && currency.len > 0 &&
		               !str_eq(own, currency);

		if (!str_eq(read_text(r, o, "kind", NEEDED), STR("refund"))) {
			reader_leave(r, at);
			continue;
		}
		if (status.len > 0 && !str_eq(status, STR("success"))) {
			paid.waits = true;
		} else {
			paid.foreign |= foreign;
			paid.back += read_money(r, o, "amount", NEEDED);
		}
		if (paid.foreign && alone)
			reader_refuse(r, "currency", "is not the shop's");
		reader_leave(r, at);
	}
	return paid;
}

/* 3. Reads the money that was paid back for goods, beyond the amounts of the
 * refunded lines. */
static int64_t
read_share(struct reader *r, struct value refund, struct str currency,
    const struct order_refund *f)
{
	struct list list = read_list(
	    r, refund, "order_adjustments", PARTS_MAX, OPTIONAL);
	__int128 net = 0, tax = 0, beyond, shipping, adjusted;
	struct paid paid;
	size_t n;

	for (size_t i = 0; i < f->nlines; i++) {
		net += f->lines[i].net;
		tax += f->lines[i].tax;
	}
	/* 4. The larger of the two amounts of shipping is used. */
	shipping = shipping_lines(r, refund);
	adjusted = adjustments(r, list, "shipping_refund", &n);
	beyond = adjustments(r, list, "refund_discrepancy", &n);
	paid = transactions(r, refund, currency, n == 0 && f->nlines == 0);
	paid.back -= adjusted > shipping ? adjusted : shipping;
	/* If the rest is between the net and the gross amount of the lines, all
	 * of it was paid for the lines, since their net amount may include tax
	 * (2.). */
	if (paid.back > net + tax)
		paid.back -= net + tax;
	else
		paid.back = paid.back < net ? paid.back - net : 0;
	if (!paid.foreign &&
	    ((n == 0 && paid.told) || (paid.waits && beyond > paid.back)))
		beyond = paid.back;
	/* `beyond` takes back at most the amounts of the lines. */
	if (beyond < -(net + tax))
		beyond = -(net + tax);
	return reader_bound(r, "transactions", beyond);
}

void
shopify_read_refund(
    struct arena *a, struct reader *r, struct value o, struct order_refund *f)
{
	struct list lines = read_list(
	    r, o, "refund_line_items", LINES_MAX, OPTIONAL);
	struct str shop = shop_currency(o), any = shop;
	int outer = r->exponent;
	bool alone = r->depth == 0;

	if (any.len == 0 && alone)
		any = transaction_currency(o);
	if (any.len > 0)
		r->exponent = exponent_of(any);
	else if (alone)
		r->exponent = EXPONENT_UNKNOWN;

	f->id = read_id(r, o, "id", NEEDED);
	f->at = read_instant(r, o, "processed_at", OPTIONAL);
	if (f->at == 0)
		f->at = read_instant(r, o, "created_at", OPTIONAL);
	read_refund_lines(a, r, lines, f);
	f->share = read_share(r, o, shop, f);
	r->exponent = outer;
}

void
shopify_read_refund_alone(
    struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	struct order *order = &ev->order;

	ev->kind = EVENT_ORDER;
	reader_who(r, "refund", read_id(r, body, "id", NEEDED));
	order->id = read_id(r, body, "order_id", NEEDED);
	order->refunds = arena_array(in->arena, 1, sizeof(*order->refunds));
	order->nrefunds = 1;
	shopify_read_refund(in->arena, r, body, order->refunds);
}

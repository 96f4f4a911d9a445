/* SPDX-License-Identifier: MIT */
/*
 * One refund of Shopify's, the same in refunds/create and in an order's
 * refunds: read alike in both, so that both give the same figures.
 *
 *  1. The body of refunds/create does not say its currency; the sets in it
 *     do, or its transactions, or the order around it.  If nothing does, or
 *     it is a currency nobody knows, its amounts have two decimals.
 *  2. The lines it names: `subtotal` after discounts, `total_tax`.  Whether
 *     subtotal contains the tax where prices do is not documented; it is
 *     taken as it is given, and core/decide.c takes no more of a line than
 *     its pieces were worth.
 *  3. The money it paid back for goods, as far as it differs from what the
 *     lines come to: what its order_adjustments of the kind
 *     refund_discrepancy say, below zero if more was paid; else what its
 *     transactions paid back less what came back for shipping and for the
 *     lines.  While some of them wait it is no more than what the others
 *     paid.  Where no transactions are told the lines were paid.
 *  4. Shipping may be told twice, by refund_shipping_lines and by
 *     adjustments of the kind shipping_refund; the larger counts.
 *  5. The amount of a transaction is in its own currency.  If that is not
 *     the shop's, the lines were paid; if there are none, and nothing else
 *     says how much it was, the refund cannot be read.
 */
#include <string.h>

#include "base/money.h"
#include "wire/shop/internal.h"

/* ---- 1. -------------------------------------------------------------- */

static const json_t *
currency_of_set(const json_t *o, const char *set)
{
	return json_object_get(
	    json_object_get(json_object_get(o, set), "shop_money"),
	    "currency_code");
}

/* Where a refund may say the shop's currency. */
static const struct {
	const char *list; /* NULL: in the refund itself */
	const char *set;
} currency_places[] = {
	{ NULL, "total_duties_set" },
	{ NULL, "total_additional_fees_set" },
	{ "refund_line_items", "subtotal_set" },
	{ "refund_line_items", "total_tax_set" },
	{ "refund_shipping_lines", "subtotal_amount_set" },
	{ "order_adjustments", "amount_set" },
};

static struct str
shop_currency(const json_t *refund)
{
	for (size_t i = 0; i < NITEMS(currency_places); i++) {
		const char *list = currency_places[i].list;
		const json_t *o = refund, *code;

		if (list != NULL)
			o = json_array_get(json_object_get(refund, list), 0);
		code = currency_of_set(o, currency_places[i].set);
		if (json_is_string(code))
			return json_text(code);
	}
	return STR("");
}

static struct str
transaction_currency(const json_t *refund)
{
	const json_t *code = json_object_get(
	    json_array_get(json_object_get(refund, "transactions"), 0),
	    "currency");

	return json_text(code);
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

/* ---- 2. -------------------------------------------------------------- */

/* The plain fields are numbers of whatever decimals. */
static int64_t
read_number(struct reader *r, const json_t *o, const char *set, const char *key)
{
	const json_t *money = json_object_get(
	    json_object_get(o, set), "shop_money");
	int64_t amount;

	if (json_is_object(money))
		amount = shopify_read_money(r, o, set, key, NEEDED);
	else
		amount = read_money(r, o, key, NEEDED);
	/* A refund that adds to an order is none. */
	if (amount < 0)
		reader_refuse(r, key, "is below zero");
	return amount;
}

static void
read_refund_lines(struct arena *a, struct reader *r, const json_t *lines,
    struct order_refund *f)
{
	size_t n = json_array_size(lines);

	f->lines = arena_array(a, n, sizeof(*f->lines));
	f->nlines = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(lines, i);
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

/* ---- 3. to 5. -------------------------------------------------------- */

/* Adjustments of one kind, as what came back: they are told below zero. */
static __int128
adjustments(struct reader *r, const json_t *list, const char *kind, size_t *n)
{
	__int128 back = 0;

	*n = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
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

/* What came back of one shipping line's tax.  Where that is not told, the
 * tax of the whole line. */
static int64_t
shipping_tax(struct reader *r, const json_t *o)
{
	const json_t *line = read_object(r, o, "shipping_line");
	const json_t *taxes = read_list(
	    r, line, "tax_lines", PARTS_MAX, OPTIONAL);
	__int128 tax = 0;

	if (json_is_object(json_object_get(o, "tax_amount_set")))
		return shopify_read_money(
		    r, o, "tax_amount_set", "tax_amount", NEEDED);
	for (size_t i = 0; i < json_array_size(taxes); i++)
		tax += shopify_read_money(
		    r, json_array_get(taxes, i), "price_set", "price", NEEDED);
	return reader_bound(r, "shipping_line", tax);
}

/* Gross.  Where prices include tax this may count it twice, and so too much
 * as shipping: that errs on the buyer's side. */
static __int128
shipping_lines(struct reader *r, const json_t *refund)
{
	const json_t *list = read_list(
	    r, refund, "refund_shipping_lines", PARTS_MAX, OPTIONAL);
	__int128 back = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
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
	bool waits;   /* something did not go through yet */
	bool foreign; /* something was paid in another currency */
	__int128 back;
};

/* 5. `alone`: nothing else says how much it was. */
static struct paid
transactions(
    struct reader *r, const json_t *refund, struct str currency, bool alone)
{
	const json_t *list = read_list(
	    r, refund, "transactions", PARTS_MAX, OPTIONAL);
	struct paid paid = { .told = list != NULL };

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
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

/* 3. */
static int64_t
read_share(struct reader *r, const json_t *refund, struct str currency,
    const struct order_refund *f)
{
	const json_t *list = read_list(
	    r, refund, "order_adjustments", PARTS_MAX, OPTIONAL);
	__int128 net = 0, tax = 0, beyond, shipping, adjusted;
	struct paid paid;
	size_t n;

	for (size_t i = 0; i < f->nlines; i++) {
		net += f->lines[i].net;
		tax += f->lines[i].tax;
	}
	/* 4. */
	shipping = shipping_lines(r, refund);
	adjusted = adjustments(r, list, "shipping_refund", &n);
	beyond = adjustments(r, list, "refund_discrepancy", &n);
	paid = transactions(r, refund, currency, n == 0 && f->nlines == 0);
	paid.back -= adjusted > shipping ? adjusted : shipping;
	/* The money paid beyond the lines.  The lines' amounts may hold their
	 * tax already, so money between net and gross is neither more nor
	 * less. */
	if (paid.back > net + tax)
		paid.back -= net + tax;
	else
		paid.back = paid.back < net ? paid.back - net : 0;
	if (!paid.foreign &&
	    ((n == 0 && paid.told) || (paid.waits && beyond > paid.back)))
		beyond = paid.back;
	/* No less than nothing was paid. */
	if (beyond < -(net + tax))
		beyond = -(net + tax);
	return reader_bound(r, "transactions", beyond);
}

void
shopify_read_refund(
    struct arena *a, struct reader *r, const json_t *o, struct order_refund *f)
{
	const json_t *lines = read_list(
	    r, o, "refund_line_items", LINES_MAX, OPTIONAL);
	struct str shop = shop_currency(o), any = shop;
	int outer = r->exponent;
	bool alone = r->at[0] == '\0';

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
    struct reading *in, const json_t *body, struct event *ev)
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

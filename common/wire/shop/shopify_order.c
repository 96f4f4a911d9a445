/* SPDX-License-Identifier: MIT */
/*
 * Shopify's orders (docs: Webhooks, "Payloads").
 *
 *  1. Amounts are in the shop's currency: *_set.shop_money, or the plain text
 *     if there is no set.  presentment_money is not read.
 *  2. The amount of a line before discounts is price x quantity.  The line's
 *     discounts are its discount_allocations, which include a share of the
 *     order's discounts; total_discount lacks that share.
 *  3. If the shop's prices include tax, the tax in the line's tax_lines is
 *     subtracted.  tax_lines have the tax of the discounted amount.  The same
 *     tax is subtracted from the amount before discounts, so that the
 *     difference of both amounts, the discount, stays the same.
 *  4. A line with a `tip` is a tip and no goods.  Older versions of the API
 *     mark a tip only by tip_payment_gateway and tip_payment_method, which may
 *     be null, on a line without a product.  A shipping line that was removed
 *     costs nothing.  The discounted_price of a shipping line is the price
 *     after all discounts.  Before 2024-07 the order's discounts are not in
 *     discounted_price, but in discount_allocations.
 *  5. A cancelled order keeps its financial status at Shopify; loyald gives the
 *     order the status "cancelled".
 *  6. An order is fulfilled when all its lines are fulfilled.  The time is that
 *     of the last fulfillment, or of the order's last change if no fulfillment
 *     is listed.
 *  7. payment_gateway_names lists the ways of payment without amounts.  A
 *     single way paid the whole total.  If there are several, the amounts come
 *     only in deliveries of order_transactions.  Each of these has one payment:
 *     a sale, a capture, or change that was given back.  An authorization is no
 *     payment.
 *  8. A time that is missing or cannot be read is replaced by another time of
 *     the order, and if there is none, by the time at which the delivery was
 *     received.
 *  9. A bundle is a group of lines, one for each of its parts, with the part's
 *     share of the price.  The bundle itself has no line.
 * 10. A body is refused if an id, a refund, or the quantity, price or discounts
 *     of a line cannot be read.  If prices include tax, a line's tax must be
 *     readable, too.  Anything else that cannot be read (other tax, a product,
 *     shipping) counts as unknown.  A total that cannot be read is replaced by
 *     the sum of its parts.
 */
#include <string.h>

#include "wire/shop/internal.h"

static const struct status_rank ranks[] = {
	{ "pending", 10 },
	{ "authorized", 20 },
	{ "partially_paid", 30 },
	{ "paid", 50 },
	{ "partially_refunded", 60 },
	{ "refunded", 70 },
	{ "voided", 80 },
	{ "cancelled", 90 },
};

enum {
	RANK_OTHER = 40
};

static const struct amount_place price = { NULL, "price_set", "price" },
                                 total_price = { NULL, "total_price_set",
	                                 "total_price" },
                                 tips = { NULL, "total_tip_received_set",
	                                 "total_tip_received" },
                                 discounted = { NULL, "discounted_price_set",
	                                 "discounted_price" },
                                 discounts = { "discount_allocations",
	                                 "amount_set", "amount" },
                                 taxes = { "tax_lines", "price_set", "price" };

/* ---- orders ---------------------------------------------------------- */

/* 2. and 3. Reads a line, with its amounts before and after discounts. */
static void
read_line(struct reading *in, struct value o, bool taxes_included,
    struct order_line *l)
{
	/* 9. A line with one of these keys is a part of a bundle. */
	static const char *const groups[] = { "line_item_group",
		"line_item_group_id", "sales_line_item_group_id", NULL };
	struct reader *r = &in->r;
	int64_t each, less;

	l->id = read_id(r, o, "id", NEEDED);
	l->quantity = read_quantity(r, o, "quantity");
	l->current = read_pieces(r, o, "current_quantity");
	if (l->current == -1)
		l->current = l->quantity;
	l->gift_card = read_bool(r, o, "gift_card");
	read_product_id(r, o, l);
	l->part = tells_any(o, groups);
	l->sku = read_asked(in, o, "sku", UNREADABLE_SKU, &l->unreadable);
	l->vendor = read_asked(
	    in, o, "vendor", UNREADABLE_VENDOR, &l->unreadable);

	each = shopify_read_amount(r, o, &price, 0, NULL);
	less = shopify_read_sum(r, o, &discounts, 0, NULL);
	l->tax = shopify_read_sum(r, o, &taxes, UNREADABLE_TAX,
	    taxes_included ? NULL : &l->unreadable);
	l->before = reader_bound(r, "price", (__int128)each * l->quantity);
	if (taxes_included)
		l->before = reader_bound(
		    r, "tax_lines", (__int128)l->before - l->tax);
	l->net = reader_bound(
	    r, "discount_allocations", (__int128)l->before - less);
}

/* 4. Whether the order has tips, even if their amount cannot be read. */
static bool
has_tips(struct reader *r, struct value o)
{
	int unreadable = 0;

	return shopify_read_amount(r, o, &tips, 1, &unreadable) > 0 ||
	       (unreadable != 0 && is_told(o, tips.key));
}

static bool
is_tip(struct reader *r, struct value line, bool tipped)
{
	return value_exists(read_object(r, line, "tip")) ||
	       (tipped && !is_told(line, "product_id") &&
	           (value_exists(value_get(line, "tip_payment_gateway")) ||
	               value_exists(value_get(line, "tip_payment_method"))));
}

static void
read_lines(struct reading *in, struct value o, bool taxes_included,
    struct order *order)
{
	struct reader *r = &in->r;
	struct list lines = read_list(r, o, "line_items", LINES_MAX, NEEDED);
	struct value line = { 0 };
	bool tipped = has_tips(r, o);

	order->lines = arena_array(in->arena, lines.n, sizeof(*order->lines));
	for (size_t i = 0; list_next(lines, &line); i++) {
		size_t at = reader_enter(r, "line_items", (int)i);

		/* 4. A tip is no line of goods. */
		if (!is_tip(r, line, tipped))
			read_line(in, line, taxes_included,
			    &order->lines[order->nlines++]);
		reader_leave(r, at);
	}
}

/* 4. Returns the cost of one shipping line, after discounts. */
static int64_t
shipping_price(struct reader *r, struct value line, int *unreadable)
{
	const int bit = UNREADABLE_SHIPPING_COST;
	int64_t full = shopify_read_amount(r, line, &price, bit, unreadable);
	int64_t less = shopify_read_sum(r, line, &discounts, bit, unreadable);
	int64_t left = full;

	if (is_told(line, discounted.key) || is_told(line, discounted.set))
		left = shopify_read_amount(
		    r, line, &discounted, bit, unreadable);
	if (less > full)
		less = full;
	return full - less < left ? full - less : left;
}

/* 4. Reads the cost of all shipping lines, without tax. */
static void
read_shipping(struct reading *in, struct value o, bool taxes_included,
    struct order *order)
{
	struct reader *r = &in->r;
	struct list lines = read_entries(r, o, "shipping_lines", PARTS_MAX);
	struct value line = { 0 };
	/* 10. If costs include tax, a tax that cannot be read makes the cost
	 * unknown. */
	int of_tax = UNREADABLE_TAX |
	             (taxes_included ? UNREADABLE_SHIPPING_COST : 0);
	int *unreadable = &order->unreadable;
	__int128 shipping = 0, tax = 0;

	if (!value_exists(lines.of) && is_told(o, "shipping_lines"))
		*unreadable |= UNREADABLE_SHIPPING | UNREADABLE_SHIPPING_COST;

	for (size_t i = 0; list_next(lines, &line); i++) {
		size_t at = reader_enter(r, "shipping_lines", (int)i);

		if (!read_bool(r, line, "is_removed")) {
			shipping += shipping_price(r, line, unreadable);
			tax += shopify_read_sum(
			    r, line, &taxes, of_tax, unreadable);
			if (!value_is(line, VALUE_OBJECT))
				*unreadable |= UNREADABLE_SHIPPING;
			if (order->shipping_method == NULL)
				order->shipping_method = read_asked(in, line,
				    "title", UNREADABLE_SHIPPING, unreadable);
		}
		reader_leave(r, at);
	}
	if (taxes_included)
		shipping -= tax;
	order->shipping = reader_bound(r, "shipping_lines", shipping);
	order->shipping_tax = reader_bound(r, "shipping_lines", tax);
}

static void
read_refunds(
    struct arena *a, struct reader *r, struct value o, struct order *order)
{
	struct list refunds = read_list(r, o, "refunds", REFUNDS_MAX, OPTIONAL);
	struct value refund = { 0 };
	size_t n = refunds.n, lines = 0;

	order->refunds = arena_array(a, n, sizeof(*order->refunds));
	order->nrefunds = n;
	for (size_t i = 0; list_next(refunds, &refund); i++) {
		size_t at = reader_enter(r, "refunds", (int)i);

		shopify_read_refund(a, r, refund, &order->refunds[i]);
		reader_leave(r, at);
		lines += order->refunds[i].nlines;
	}
	if (lines > REFUND_LINES_MAX)
		reader_refuse(r, "refunds", "names too many lines");
	refunds_sort(r, order->refunds, n);
}

/* Reads the shop's number from order_status_url,
 * "https://HOST/NUMBER/orders/...", since no other key of an order names the
 * shop.  Returns 0 if the URL has another form. */
static int64_t
read_shop_id(struct reader *r, struct value o)
{
	static const char scheme[] = "https://", behind[] = "/orders/";
	struct str s = read_text(r, o, "order_status_url", OPTIONAL);
	const char *number, *end;
	int64_t id;

	if (s.len < sizeof(scheme) ||
	    memcmp(s.data, scheme, sizeof(scheme) - 1) != 0)
		return 0;
	s.data += sizeof(scheme) - 1;
	s.len -= sizeof(scheme) - 1;
	number = memchr(s.data, '/', s.len);
	if (number == NULL)
		return 0;
	number++;
	s.len -= (size_t)(number - s.data);
	end = memmem(number, s.len, behind, sizeof(behind) - 1);
	if (end == NULL || *number < '0' || *number > '9' ||
	    str_int64((struct str){ number, (size_t)(end - number) }, &id) ==
	        -1)
		return 0;
	return id;
}

/* Reads the buyer's e-mail address: the order's, else the order's contact
 * address, else that of the customer's account. */
static struct str
read_email(struct reader *r, struct value o, struct value customer)
{
	struct str s = read_text(r, o, "email", OPTIONAL);

	if (s.len == 0)
		s = read_text(r, o, "contact_email", OPTIONAL);
	if (s.len == 0)
		s = read_text(r, customer, "email", OPTIONAL);
	return s;
}

/* Whether the order was ever paid, even if it has been cancelled since. */
static bool
was_paid(struct value financial_status)
{
	static const char *const paid[] = { "paid", "partially_refunded",
		"refunded" };

	for (size_t i = 0; i < NITEMS(paid); i++)
		if (str_eq(value_text(financial_status), str_of(paid[i])))
			return true;
	return false;
}

/* 5. Reads the status.  An order for which nothing was paid yet may have no
 * financial status. */
static void
read_status(struct reader *r, struct value o, struct order *order)
{
	struct value status = value_get(o, "financial_status");
	const char *ours = NULL;

	if (is_told(o, "cancelled_at"))
		ours = "cancelled";
	else if (!value_is_set(status))
		ours = "pending";
	if (ours == NULL)
		read_status_word(r, o, "financial_status", OPTIONAL,
		    order->status, sizeof(order->status));
	else
		memcpy(order->status, ours, strlen(ours) + 1);
	order->rank = status_rank(
	    ranks, NITEMS(ranks), order->status, RANK_OTHER);
	order->was_paid = was_paid(status);
}

/* 6. Reads when the order was fulfilled; 0: not yet. */
static int64_t
read_fulfilled(struct reader *r, struct value o, const struct order *order)
{
	struct str whole = read_text(r, o, "fulfillment_status", OPTIONAL);
	struct list list = read_entries(r, o, "fulfillments", PARTS_MAX);
	struct value f = { 0 };
	int64_t last = 0;

	if (!str_eq(whole, STR("fulfilled")))
		return 0;
	for (size_t i = 0; list_next(list, &f); i++) {
		size_t entered = reader_enter(r, "fulfillments", (int)i);
		struct str status = read_text(r, f, "status", OPTIONAL);
		int64_t at = read_instant(r, f, "created_at", OPTIONAL);

		if (at > last && !str_eq(status, STR("cancelled")) &&
		    !str_eq(status, STR("error")) &&
		    !str_eq(status, STR("failure")))
			last = at;
		reader_leave(r, entered);
	}
	return last != 0 ? last : order->modified_at;
}

/* 7. Reads by which ways the order was paid; the amount is known only if there
 * is a single way. */
static void
read_tenders(
    struct arena *a, struct reader *r, struct value o, struct order *order)
{
	struct list names = read_entries(
	    r, o, "payment_gateway_names", PARTS_MAX);
	struct value v = { 0 };
	size_t n = names.n < TENDERS_MAX ? names.n : TENDERS_MAX;

	order->tenders = arena_array(a, n + 1, sizeof(*order->tenders));
	for (size_t i = 0; i < n && list_next(names, &v) && !r->failed; i++) {
		const char *name = label_of_value(a, v);

		if (name != NULL)
			order->tenders[order->ntenders++].name = name;
	}
	if (order->ntenders == 1)
		order->tenders[0].amount = order->total;
}

/* Returns the sales channel, which the beginning of source_name tells.  Sources
 * that are not in the table are checkouts, drafts and apps, which are
 * online. */
static const char *
channel_of(struct str source)
{
	static const struct {
		struct str begins;
		const char *channel;
	} known[] = {
		{ { "pos", 3 }, "pos" },
		/* source_name may also be
		 * "subscription_contract_checkout_one". */
		{ { "subscription_contract", 21 }, "subscription" },
	};

	for (size_t i = 0; i < NITEMS(known); i++)
		if (source.len >= known[i].begins.len &&
		    str_eq((struct str){ source.data, known[i].begins.len },
		        known[i].begins))
			return known[i].channel;
	return "online";
}

/* Reads the properties of an order, other than amounts, that conditions of
 * programs use. */
static void
read_circumstances(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	const char *source = read_asked(
	    in, o, "source_name", UNREADABLE_CHANNEL, &order->unreadable);

	order->fulfilled_at = read_fulfilled(r, o, order);
	order->cancelled_at = read_instant(r, o, "cancelled_at", OPTIONAL);
	if (order->cancelled_at == 0 && is_told(o, "cancelled_at"))
		order->cancelled_at = order->modified_at;
	if (source != NULL)
		order->channel = channel_of(str_of(source));
	order->name = read_label(r, in->arena, o, "name");
	read_tenders(in->arena, r, o, order);
	read_codes(in, o, "discount_codes", order);
}

/* 8. Reads the order's times, and replaces those that are missing. */
static void
read_times(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	int64_t updated = read_instant(r, o, "updated_at", OPTIONAL);
	int64_t created = read_instant(r, o, "created_at", OPTIONAL);
	int64_t processed = read_instant(r, o, "processed_at", OPTIONAL);
	int64_t received = in->message->received_at;

	order->created_at = first_known(created, processed, updated, received);
	order->modified_at = first_known(updated, created, processed, received);
	order->paid_at = processed != 0 ? processed : order->created_at;
}

static void
read_body(struct reading *in, struct value o, struct event *ev)
{
	struct reader *r = &in->r;
	struct order *order = &ev->order;
	bool taxes_included = read_bool_at_stake(r, o, "taxes_included");
	struct value customer = read_object(r, o, "customer");
	size_t at;

	read_status(r, o, order);
	read_currency(r, o, "currency", order->currency);
	order->test = read_bool(r, o, "test");
	read_times(in, o, order);
	read_lines(in, o, taxes_included, order);
	read_shipping(in, o, taxes_included, order);
	if (shopify_amount_is_readable(o, &total_price))
		order->total = shopify_read_amount(r, o, &total_price, 0, NULL);
	else
		order_reckon_total(r, total_price.key, order);
	read_circumstances(in, o, order);
	read_refunds(in->arena, r, o, order);
	order_bound(r, order);
	email_hash(in->key, read_email(r, o, customer), order->email_hash);
	ev->shop_id = read_shop_id(r, o);

	if (!value_exists(customer))
		return;
	at = reader_enter(r, "customer", -1);
	shopify_read_customer(r, customer, in->key, &ev->customer);
	reader_leave(r, at);
	ev->has_customer = true;
	order->customer_id = ev->customer.id;
}

void
shopify_read_order(struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_ORDER;
	ev->order.id = read_id(&in->r, body, "id", NEEDED);
	reader_who(&in->r, "order", ev->order.id);
	read_body(in, body, ev);
}

/* 7. Reads one payment of an order, from a delivery of order_transactions. */
void
shopify_read_payment(struct reading *in, struct value body, struct event *ev)
{
	static const struct {
		struct str kind;
		int sign;
	} kinds[] = {
		{ { "sale", 4 }, 1 },
		{ { "capture", 7 }, 1 },
		{ { "change", 6 }, -1 },
	};
	struct reader *r = &in->r;
	struct str kind = read_text(r, body, "kind", NEEDED);
	struct order *order = &ev->order;
	struct order_payment *p;
	int sign = 0;

	for (size_t i = 0; i < NITEMS(kinds); i++)
		if (str_eq(kind, kinds[i].kind))
			sign = kinds[i].sign;
	if (sign == 0 ||
	    !str_eq(read_text(r, body, "status", OPTIONAL), STR("success"))) {
		ev->kind = EVENT_NOTHING;
		ev->note = "no money of an order came in by this";
		return;
	}
	ev->kind = EVENT_ORDER;
	p = order->payments = arena_array(in->arena, 1, sizeof(*p));
	p->id = read_id(r, body, "id", NEEDED);
	reader_who(r, "transaction", p->id);
	order->id = read_id(r, body, "order_id", NEEDED);
	read_currency(r, body, "currency", p->currency);
	p->amount = sign * read_money(r, body, "amount", NEEDED);
	p->gateway = read_label(r, in->arena, body, "gateway");
	order->npayments = p->gateway != NULL;
}

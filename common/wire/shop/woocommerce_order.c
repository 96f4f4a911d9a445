/* SPDX-License-Identifier: MIT */
/*
 * Reads WooCommerce's orders and customers.  The bodies are those of the REST
 * API, version 3, as they were when the webhook was sent
 * (tests/data/woocommerce has real bodies).
 *
 *  1. A line's total is after coupons and without tax, even if the shop's
 *     prices include tax; its subtotal is before coupons.  `price` is a float,
 *     and is not read.
 *  2. Refunds do not change the order's `total`.  A refund has a gross amount
 *     below zero, and does not say for which lines it was.  Refunds are listed
 *     in any sequence.
 *  3. A time is read from its key that ends in _gmt, else from the key without
 *     _gmt, whose time zone is unknown.  If the time of the last change is
 *     missing, the time of the creation is used, or else the time at which the
 *     delivery was received.
 *  4. The time of payment is the order's date_paid, else the time when the
 *     order was completed.  An order without either, such as one that is paid
 *     on delivery, counts as paid when it was created.
 *  5. Some plugins allow quantities with fractions.  Only the whole pieces are
 *     kept, since no amount depends on a quantity.
 *  6. An order is fulfilled when it is completed.  The times of cancellations
 *     and refunds are not in the body.
 *  7. An order has a single way of payment, which paid the whole total.  A fee
 *     below zero without tax is a payment, too: the plugin TeraWallet writes a
 *     part payment as a fee that is not taxable.  A fee below zero with tax is
 *     a discount.  Plugins for gift cards lower the total without adding a
 *     line.
 *  8. An order is made anonymous by request or after its retention time.  An
 *     anonymous order has `_anonymized` in its meta_data, or the e-mail address
 *     deleted@site.invalid, and has no buyer.
 *  9. A signed body may report an error of the shop instead of an order: the
 *     order was deleted, or the webhook's owner may not see the order.
 * 10. When an order is restored from the bin, its delivery is made some time
 *     later.  If the order was deleted again by then, its status is "trash".
 * 11. A webhook may be set to a legacy API version.  Bodies of such a version
 *     have other keys, and their errors are an object by code, or a list of
 *     objects with a code.  Legacy bodies are refused: the merchant has to
 *     change the setting of the webhook.
 * 12. Plugins write a bundle as several lines: one for the bundle, and one for
 *     each part.  The shop decides which of these lines have prices.
 * 13. Plugins for marketplaces make an order for each vendor, beside the order
 *     that the customer placed.  A vendor's order has copies of the lines, and
 *     has the number of the customer's order as parent_id (Dokan: created_via
 *     "dokan").  A refund may be in either order.  A vendor's order is read as
 *     a part of its parent.  The renewal of a subscription has a parent_id,
 *     too, but is an order of its own.
 * 14. A body is refused if an id, a line's total or a refund cannot be read.  A
 *     line's tax, subtotal or product that is missing or cannot be read counts
 *     as unknown, and so do shipping and fees that cannot be read.  A total
 *     that cannot be read is replaced by the sum of its parts.  A missing list
 *     of refunds counts as empty, since plugins leave out empty lists.
 */
#include <string.h>

#include "wire/shop/internal.h"

/* The ranks of WooCommerce's own statuses.  All other statuses are those of
 * plugins, mostly for orders in transit. */
static const struct status_rank ranks[] = {
	{ "checkout-draft", 10 },
	{ "pending", 20 },
	{ "on-hold", 30 },
	{ "processing", 40 },
	{ "completed", 60 },
	{ "failed", 70 },
	{ "cancelled", 80 },
	{ "refunded", 90 },
	{ "trash", 100 },
};

enum {
	RANK_OTHER = 50
};

/* 11. Refuses a body of a legacy API version. */
static int
check_legacy(struct value body, struct err *e)
{
	static const char *const whole[] = { "order", "customer", "product" };
	struct value errors = value_get(body, "errors"), first = { 0 };
	bool legacy = value_is(errors, VALUE_OBJECT) ||
	              value_is(errors, VALUE_LIST);
	bool error = value_next(errors, &first);
	char code[WORD_MAX] = "";

	/* A body of POST /events may have an object `customer`, too, but has an
	 * idempotency_key. */
	if (value_exists(value_get(body, "id")) ||
	    value_exists(value_get(body, "idempotency_key")))
		return 0;
	for (size_t i = 0; i < NITEMS(whole); i++)
		legacy |= value_is(value_get(body, whole[i]), VALUE_OBJECT);
	if (!legacy)
		return 0;
	if (value_is(errors, VALUE_LIST) && error)
		word_copy(value_get(first, "code"), code);
	else if (error)
		word_of(value_key(first), code);
	return err_set(e, FAULT_REJECT,
	    "platform: %s%s%s a webhook of a legacy API version; set its API "
	    "version to \"WP REST API Integration v3\" (WooCommerce, "
	    "Settings, Advanced, Webhooks)",
	    error ? "the shop delivered its own error " : "", code,
	    error ? " by" : "this is the body of");
}

/* 9. Refuses a body that reports an error of the shop. */
static int
check_error(struct value body, struct err *e)
{
	struct value data = value_get(body, "data");
	char code[WORD_MAX];

	if (value_exists(value_get(body, "id")) ||
	    !value_is(value_get(body, "code"), VALUE_TEXT) ||
	    !value_is(value_get(body, "message"), VALUE_TEXT) ||
	    !value_is(value_get(data, "status"), VALUE_INT))
		return 0;
	word_copy(value_get(body, "code"), code);
	return err_set(e, FAULT_REJECT,
	    "platform: the shop delivered its own error %s (%d)", code,
	    (int)value_int(value_get(data, "status")));
}

int
woocommerce_refuse(struct value body, struct err *e)
{
	return check_error(body, e) == -1 ? -1 : check_legacy(body, e);
}

/* ---- times ----------------------------------------------------------- */

/* 3. Reads the time of the creation; 0: unknown. */
static int64_t
read_created(struct reader *r, struct value o)
{
	return first_known(read_instant(r, o, "date_created_gmt", OPTIONAL),
	    read_instant(r, o, "date_created", OPTIONAL), 0, 0);
}

static int64_t
read_modified(struct reader *r, struct value o)
{
	return first_known(read_instant(r, o, "date_modified_gmt", OPTIONAL),
	    read_instant(r, o, "date_created_gmt", OPTIONAL),
	    read_instant(r, o, "date_modified", OPTIONAL),
	    read_instant(r, o, "date_created", OPTIONAL));
}

/* ---- customers ------------------------------------------------------- */

/* Reads a customer.  The e-mail address counts as not verified, since
 * WooCommerce verifies no address. */
static void
read_customer(struct reader *r, struct value o, const struct master_key *key,
    struct customer *c)
{
	c->id = read_id(r, o, "id", NEEDED);
	reader_who(r, "customer", c->id);
	c->modified_at = read_modified(r, o);
	email_hash(key, read_text(r, o, "email", OPTIONAL), c->email_hash);
}

/* Adds the fact that the customer enrolled at the time when the account was
 * created. */
static void
read_enrolment(struct reading *in, struct value o, struct event *ev)
{
	int64_t at = read_created(&in->r, o);

	if (at != 0)
		event_add_fact(
		    in, ev, "enrolment", "customer", ev->customer.id, at);
}

/* Adds the role of the customer's account; a body has only one role. */
static void
read_role(struct reading *in, struct value o, struct event *ev)
{
	const char *role = read_label(&in->r, in->arena, o, "role");
	const struct words values = { &role, 1 };

	if (role != NULL && ev->customer.modified_at != 0)
		event_add_trait(in, ev, CUSTOMER_ROLE, ev->customer.id,
		    ev->customer.modified_at, &values);
}

/* ---- orders ---------------------------------------------------------- */

/* 12. Keys of a line, and of the line's meta_data, by which a part of a bundle
 * and a bundle itself are known. */
static const struct {
	const char *keys[4], *meta[5];
} parts = { { "bundled_by", "composite_parent", "mnm_child_of", NULL },
	{ "_bundled_by", "_composite_parent", "_woosb_parent_id",
	    "_mnm_container", NULL } },
  bundles = { { "bundled_items", "composite_children", "mnm_child_items",
	          NULL },
	  { "_bundled_items", "_composite_children", "_woosb_ids",
	      "_mnm_config", NULL } };

static bool
tells_in_meta(struct reader *r, struct value line, const char *const keys[])
{
	struct list meta = read_entries(r, line, "meta_data", PARTS_MAX);
	struct value m = { 0 };

	while (list_next(meta, &m)) {
		struct str key = value_text(value_get(m, "key"));
		static const char *const value[] = { "value", NULL };

		for (size_t j = 0; keys[j] != NULL; j++)
			if (str_eq(key, str_of(keys[j])) && tells_any(m, value))
				return true;
	}
	return false;
}

/* 1. and 5. Reads the lines, whose quantities may have fractions. */
static void
read_lines(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	struct list lines = read_list(r, o, "line_items", LINES_MAX, NEEDED);
	struct value line = { 0 };

	order->nlines = lines.n;
	order->lines = arena_array(
	    in->arena, order->nlines, sizeof(*order->lines));
	for (size_t i = 0; list_next(lines, &line); i++) {
		struct order_line *l = &order->lines[i];
		size_t at = reader_enter(r, "line_items", (int)i);

		l->id = read_id(r, line, "id", NEEDED);
		l->quantity = read_pieces(r, line, "quantity");
		if (l->quantity == -1) {
			l->quantity = 0;
			l->unreadable |= UNREADABLE_PIECES;
		}
		l->current = l->quantity;
		/* 14. An unreadable total refuses the body; an unreadable
		 * subtotal or tax does not. */
		l->before = read_known(r, line, "subtotal", NEEDED,
		    UNREADABLE_BEFORE, &l->unreadable);
		l->net = read_money(r, line, "total", NEEDED);
		l->tax = read_known(r, line, "total_tax", NEEDED,
		    UNREADABLE_TAX, &l->unreadable);
		read_product_id(r, line, l);
		l->part = tells_any(line, parts.keys) ||
		          tells_in_meta(r, line, parts.meta);
		l->bundle = tells_any(line, bundles.keys) ||
		            tells_in_meta(r, line, bundles.meta);
		l->sku = read_asked(
		    in, line, "sku", UNREADABLE_SKU, &l->unreadable);
		reader_leave(r, at);
	}
}

static void
read_fees(struct reader *r, struct value o, struct order *order)
{
	struct list lines = read_entries(r, o, "fee_lines", PARTS_MAX);
	struct value line = { 0 };
	__int128 fees = 0, tax = 0, credit = 0;

	if (!value_exists(lines.of) && is_told(o, "fee_lines"))
		order->unreadable |= UNREADABLE_FEES;

	for (size_t i = 0; list_next(lines, &line); i++) {
		size_t at = reader_enter(r, "fee_lines", (int)i);
		struct str status = read_text(r, line, "tax_status", OPTIONAL);
		int64_t fee = read_known(r, line, "total", NEEDED,
		    UNREADABLE_FEES, &order->unreadable);
		int64_t of_it = read_known(r, line, "total_tax", OPTIONAL,
		    UNREADABLE_TAX, &order->unreadable);

		fees += fee;
		tax += of_it;
		/* 7. A fee below zero that is not taxable is a payment. */
		if (fee < 0 && of_it == 0 && !str_eq(status, STR("taxable")))
			credit -= fee;
		reader_leave(r, at);
	}
	order->credit = reader_bound(r, "fee_lines", credit);
	order->fees = reader_bound(r, "fee_lines", fees);
	order->fees_tax = reader_bound(r, "fee_lines", tax);
}

/* 2. Reads the refunds, whose amounts are gross and below zero. */
static void
read_refunds(
    struct arena *a, struct reader *r, struct value o, struct order *order)
{
	struct list refunds = read_list(r, o, "refunds", REFUNDS_MAX, OPTIONAL);
	struct value refund = { 0 };

	order->nrefunds = refunds.n;
	order->refunds = arena_array(
	    a, order->nrefunds, sizeof(*order->refunds));
	for (size_t i = 0; list_next(refunds, &refund); i++) {
		struct order_refund *f = &order->refunds[i];
		size_t at = reader_enter(r, "refunds", (int)i);
		int64_t total = read_money(r, refund, "total", NEEDED);

		f->id = read_id(r, refund, "id", NEEDED);
		f->share = total < 0 ? -total : total;
		reader_leave(r, at);
	}
	refunds_sort(r, order->refunds, order->nrefunds);
}

/* 3. and 4. Reads the order's times, and replaces those that are missing. */
static void
read_times(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	int64_t created = read_created(r, o), modified = read_modified(r, o);
	int64_t received = in->message->received_at;

	order->created_at = first_known(created, modified, received, 0);
	order->modified_at = first_known(modified, received, 0, 0);
	order->paid_at = read_instant(r, o, "date_paid_gmt", OPTIONAL);
	if (order->paid_at == 0)
		order->paid_at = read_instant(
		    r, o, "date_completed_gmt", OPTIONAL);
	order->was_paid = order->paid_at != 0;
	if (order->paid_at == 0)
		order->paid_at = order->created_at;
}

/* The sales channels by created_via.  Other values are checkouts, imports and
 * the admin, which are online. */
static const struct {
	const char *created_via, *channel;
} channels[] = {
	{ "pos", "pos" }, { "pos-rest-api", "pos" },
	{ "subscription", "subscription" }, /* the renewal of a subscription */
};

/* Reads the properties of an order, other than amounts, that conditions of
 * programs use. */
static void
read_circumstances(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	struct arena *a = in->arena;
	const char *via = read_asked(
	    in, o, "created_via", UNREADABLE_CHANNEL, &order->unreadable);
	struct value shipping = { 0 };
	const char *number = read_label(r, a, o, "number");

	(void)list_next(
	    read_entries(r, o, "shipping_lines", PARTS_MAX), &shipping);
	order->fulfilled_at = read_instant(
	    r, o, "date_completed_gmt", OPTIONAL);
	if (via != NULL)
		order->channel = "online";
	for (size_t i = 0; via != NULL && i < NITEMS(channels); i++)
		if (strcmp(via, channels[i].created_via) == 0)
			order->channel = channels[i].channel;
	if (value_exists(shipping) && !value_is(shipping, VALUE_OBJECT))
		order->unreadable |= UNREADABLE_SHIPPING;
	order->shipping_method = read_asked(in, shipping, "method_title",
	    UNREADABLE_SHIPPING, &order->unreadable);
	/* Keeps the order's number only if it differs from the id, which is
	 * rare. */
	if (number != NULL &&
	    strcmp(number, arena_printf(a, "%lld", (long long)order->id)) != 0)
		order->name = number;
	/* 7. The only way of payment paid the whole total. */
	order_paid_by(a, read_label(r, a, o, "payment_method"), order);
	read_codes(in, o, "coupon_lines", order);
}

/* 8. Whether the order was made anonymous. */
static bool
is_anonymised(struct reader *r, struct value o)
{
	struct list meta = read_entries(r, o, "meta_data", PARTS_MAX);
	struct value m = { 0 };

	while (list_next(meta, &m))
		if (str_eq(
		        value_text(value_get(m, "key")), STR("_anonymized")) &&
		    str_eq(value_text(value_get(m, "value")), STR("yes")))
			return true;
	return false;
}

static void
read_order(struct reading *in, struct value o, struct order *order)
{
	struct reader *r = &in->r;
	struct value billing = read_object(r, o, "billing");
	struct str email = STR("");

	read_status_word(
	    r, o, "status", OPTIONAL, order->status, sizeof(order->status));
	order->rank = status_rank(
	    ranks, NITEMS(ranks), order->status, RANK_OTHER);
	read_currency(r, o, "currency", order->currency);
	read_times(in, o, order);
	order->customer_id = read_id_or_zero(r, o, "customer_id");
	if (value_exists(billing) && !is_anonymised(r, o))
		email = read_text(r, billing, "email", OPTIONAL);
	email_hash(in->key, email, order->email_hash);
	read_lines(in, o, order);
	/* 14. An amount that cannot be read is unknown, and such a total is
	 * replaced by the sum of its parts. */
	order->shipping = read_known(r, o, "shipping_total", OPTIONAL,
	    UNREADABLE_SHIPPING_COST, &order->unreadable);
	order->shipping_tax = read_known(
	    r, o, "shipping_tax", OPTIONAL, UNREADABLE_TAX, &order->unreadable);
	read_fees(r, o, order);
	if (is_number(value_get(o, "total")))
		order->total = read_money(r, o, "total", NEEDED);
	else
		order_reckon_total(r, "total", order);
	read_refunds(in->arena, r, o, order);
	read_circumstances(in, o, order);
	order_bound(r, order);
}

/* 10. Reads when the order was restored, unless the order is in the bin
 * again. */
static void
read_receipt(const struct reading *in, struct order *o)
{
	o->told_at = in->message->received_at;
	if (in->kind == TOPIC_ORDER_BACK && strcmp(o->status, "trash") != 0)
		o->restored_at = o->told_at;
}

/* 13. Makes the order of a marketplace's vendor a part of its parent. */
static void
read_parent(struct reading *in, struct value o, struct order *order)
{
	int64_t parent = read_id_or_zero(&in->r, o, "parent_id");
	struct order *sub;

	if (parent == 0 || parent == order->id ||
	    (order->channel != NULL &&
	        strcmp(order->channel, "subscription") == 0))
		return;
	sub = arena_alloc(in->arena, sizeof(*sub));
	*sub = *order;
	*order = (struct order){ .id = parent,
		.platform = PLATFORM_WOOCOMMERCE,
		.finer = sub->finer,
		.subs = sub,
		.nsubs = 1 };
}

void
woocommerce_read_order(struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_ORDER;
	ev->order.id = read_id(&in->r, body, "id", NEEDED);
	reader_who(&in->r, "order", ev->order.id);
	read_order(in, body, &ev->order);
	read_receipt(in, &ev->order);
	read_parent(in, body, &ev->order);
}

void
woocommerce_read_account(
    struct reading *in, struct value body, struct event *ev)
{
	ev->kind = EVENT_CUSTOMER;
	read_customer(&in->r, body, in->key, &ev->customer);
	read_enrolment(in, body, ev);
	read_role(in, body, ev);
}

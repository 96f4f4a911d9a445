/* SPDX-License-Identifier: MIT */
/* Checks what is read from Shopify's deliveries. The numbers in comments are
 * those of the rules in wire/shop/shopify_order.c or, for refunds,
 * shopify_refund.c. */
#include <string.h>

#include "../support/test.h"
#include "bodies.h"

#define SHOPIFY (&shop_shopify)

static void
test_from(void **state)
{
	static const struct {
		const char *source;
		bool is;
	} cases[] = {
		{ "example.myshopify.com", true },
		{ "Example.MyShopify.com", true },
		{ "other.myshopify.com", false },
		{ "example.myshopify.com.evil.example", false },
		{ "example.myshopify.co", false },
		{ "", false },
	};
	struct delivery absent = { .topic = STR("orders/paid") };

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct delivery d = { .source = str_of(cases[i].source) };

		assert_int_equal(
		    SHOPIFY->is_from(&d, STR("example.myshopify.com")),
		    cases[i].is);
	}
	assert_false(SHOPIFY->is_from(&absent, STR("")));
}

/* ---- bodies ---------------------------------------------------------- */

static void
test_expected(void **state)
{
	(void)state;
	assert_int_equal(expected_check(&arena, SHOPIFY, "shopify-expected.txt",
	                     "shopify", "json"),
	    24);
}

static void
test_other_bodies(void **state)
{
	static const struct {
		const char *rule, *topic, *body, *text;
	} cases[] = {
		{ "a topic of nobody's", "app/uninstalled", "{\"id\":1}",
		    "unparsable: loyald has no use for this topic" },
		{ "no JSON", "orders/paid", "<html>",
		    "unparsable: the body is not JSON (line 1, column 1)" },
		{ "a refund that tells no currency: two decimals",
		    "refunds/create",
		    "{\"id\":1,\"order_id\":2,\"refund_line_items\":["
		    "{\"line_item_id\":3,\"quantity\":1,\"subtotal\":1.10,"
		    "\"total_tax\":1}]}",
		    "refund_of 2 1:0+3:1:110:100" },
		{ "deletions have an id", "orders/delete", "{}",
		    "unparsable: id is missing" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const char *text = parse_text(
		    &arena, SHOPIFY, cases[i].topic, str_of(cases[i].body), "");

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", cases[i].rule, text,
			    cases[i].text);
	}
}

/* 7. Deliveries of order_transactions are payments. */
static void
test_payments(void **state)
{
#define PAYMENT                                                              \
	"{\"id\":9,\"order_id\":7,\"kind\":\"sale\",\"status\":\"success\"," \
	"\"gateway\":\"gift_card\",\"amount\":\"100.00\","                   \
	"\"currency\":\"EUR\"}"
	static const struct change changes[] = {
		{ "test", "false", "payment_of 7 9:gift_card:10000 EUR" },
		{ "kind", "\"capture\"", "payment_of 7 9:gift_card:10000 EUR" },
		{ "kind", "\"change\"", "payment_of 7 9:gift_card:-10000 EUR" },
		{ "kind", "\"authorization\"",
		    "nothing: no money of an order came in by this" },
		{ "kind", "\"refund\"",
		    "nothing: no money of an order came in by this" },
		{ "kind", "\"void\"",
		    "nothing: no money of an order came in by this" },
		{ "status", "\"failure\"",
		    "nothing: no money of an order came in by this" },
		{ "status", "\"pending\"",
		    "nothing: no money of an order came in by this" },
		{ "currency", "\"JPY\"", "payment_of 7 9:gift_card:100 JPY" },
		{ "amount", "\"0.10\"", "payment_of 7 9:gift_card:10 EUR" },
		{ "order_id", NULL,
		    "unparsable: transaction 9: order_id is missing" },
		{ "id", "0", "unparsable: id is not an id" },
	};

	(void)state;
	changes_check(&arena, SHOPIFY, "order_transactions/create",
	    STR(PAYMENT), changes, NITEMS(changes));
#undef PAYMENT
}

/* Checks that a refund is read in the same way in a delivery of its own and
 * inside its order. */
static void
test_refund_in_order(void **state)
{
	static const struct {
		const char *file;
		size_t index; /* index of the refund in order-refunded.json */
	} cases[] = {
		{ "refund-lines.json", 0 },
		{ "refund-shipping.json", 1 },
		{ "refund-amount.json", 2 },
	};
	struct message whole = message_of(PLATFORM_SHOPIFY, "orders/updated",
	    fixture_read(&arena, "shopify", "order-refunded.json"));
	struct event order, alone;
	struct err e;

	(void)state;
	assert_int_equal(
	    shop_parse(&arena, &whole, &test_key, "EUR", &order, &e), 0);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct message m = message_of(PLATFORM_SHOPIFY,
		    "refunds/create",
		    fixture_read(&arena, "shopify", cases[i].file));
		struct order_refund *in, *out;

		assert_int_equal(
		    shop_parse(&arena, &m, &test_key, "EUR", &alone, &e), 0);
		assert_int_equal(alone.order.id, order.order.id);
		assert_int_equal(alone.order.modified_at, 0);
		assert_string_equal(alone.order.currency, "");
		assert_int_equal(alone.order.nrefunds, 1);
		in = &order.order.refunds[cases[i].index];
		out = &alone.order.refunds[0];
		assert_int_equal(in->id, out->id);
		assert_int_equal(in->share, out->share);
		assert_int_equal(in->nlines, out->nlines);
		if (in->nlines > 0)
			assert_memory_equal(in->lines, out->lines,
			    in->nlines * sizeof(*in->lines));
	}
}

static void
test_changed_orders(void **state)
{
	static const struct change changes[] = {
		{ "id", "9223372036854775807", "...order 9223372036854775807" },
		{ "id", "\"820982911946154509\"",
		    "...order 8209829119461545"
		    "09 paid" },
		{ "id", "820982911946154508.0", "unparsable: id is not an id" },
		{ "id", "0", "unparsable: id is not an id" },
		/* 8. the nearest other time replaces a missing time */
		{ "updated_at", NULL,
		    "... USD 2026-11-22T06:00:00Z 2026-11-22T06:00:00Z " },
		{ "updated_at", "1795305600",
		    "... USD 2026-11-22T06:00:00Z 2026-11-22T06:00:00Z " },
		{ "updated_at", "\"2026-11-22T07:00:03.123456789Z\"",
		    "... USD 2026-11-22T07:00:03.123456Z " },
		{ "created_at", "null", "...Z 2026-11-22T05:59:58Z 2026-11" },
		{ "created_at", "{}", "...Z 2026-11-22T05:59:58Z 2026-11" },
		{ "processed_at", "null", "...06:00:00Z 2026-11-22T06:00:00Z" },
		{ "financial_status", "null", "... pending USD " },
		{ "financial_status", NULL, "... pending USD " },
		{ "financial_status", "\"expired\"", "... expired USD " },
		{ "financial_status", "\"Partly Paid.\"",
		    "... Partly Paid. USD " },
		{ "financial_status", "1", "...order 820982911946154508  USD" },
		/* 5. cancelled_at overrides the financial status */
		{ "cancelled_at", "\"2026-11-22T09:00:00Z\"",
		    "... cancelled USD " },
		{ "cancelled_at", "\"last week\"", "... cancelled USD " },
		{ "cancelled_at", "\"\"", "... paid USD " },
		{ "cancelled_at", "false", "... paid USD " },
		{ "test", "true", "... - test shop 58012345678 by " },
		{ "test", "\"yes\"", "... - test shop 58012345678 by " },
		{ "test", "\"maybe\"", "... - shop 58012345678 by " },
		{ "taxes_included", "1", "...:3:5573:4906:427;" },
		{ "taxes_included", "\"Yes\"", "...:3:5573:4906:427;" },
		{ "taxes_included", "\"0\"", "...:3:6000:5333:427;" },
		{ "taxes_included", "\"partly\"",
		    "unparsable: order 820982911946154508: taxes_included is "
		    "neither true nor false" },
		{ "currency", "\"usd\"", "... paid USD " },
		{ "currency", "\"JEP\"", "... paid JEP " },
		{ "currency", "\"USDC\"", "... paid  2026" },
		{ "currency", "null", "... paid  2026" },
		/* 1. amounts are in the shop's currency, not in the buyer's */
		{ "total_price", "\"999.99\"", "...anna@example.test 13060 " },
		{ "total_price_set", NULL, "...anna@example.test 13060 " },
		{ "total_price_set", "{}", "...anna@example.test 13060 " },
		{ "total_price_set.shop_money.amount", "\"1.00\"",
		    "...anna@example.test 100 " },
		/* if total_price_set is unreadable, total_price is read */
		{ "total_price_set.shop_money.amount", "[]",
		    "...anna@example.test 13060 " },
		{ "total_price_set.shop_money.amount", "\"99999999999999\"",
		    "unparsable: order 820982911946154508: "
		    "total_price_set.shop_money.amount is not an amount" },
		{ "line_items.0.price_set", "7", "...:3:6000:5333:427;" },
		{ "line_items.0.price_set", NULL, "...:3:6000:5333:427;" },
		{ "line_items.0.price_set.shop_money.amount", "\"20,00\"",
		    "...:3:6000:5333:427;" },
		/* 10. unreadable values count as unknown, or are refused */
		{ "line_items.0.product_id", "\"x\"",
		    "... no line's product " },
		{ "line_items.0.variant_id", "\"x\"", "...:3:6000:5333:427;" },
		{ "line_items.0.tax_lines", "\"x\"", "...:3:6000:5333:0;" },
		{ "line_items.0.tax_lines", "[7]", "... no line's tax " },
		{ "line_items.0.tax_lines", "[{\"price\":\"?\"}]",
		    "... no line's tax " },
		{ "tax_lines", "\"x\"", "...:3:6000:5333:427;" },
		{ "shipping_lines", "\"x\"", "... no shipping " },
		{ "shipping_lines.0", "7", "... no shipping " },
		{ "shipping_lines.0.tax_lines", "[{}]",
		    "... 13060 500 0 0 0 " },
		{ "shipping_lines.0.tax_lines", "[{}]", "... no tax " },
		{ "total_tip_received", "\"x\"", "...:3:6000:5333:427;" },
		{ "line_items.0.id", "null",
		    "unparsable: order 820982911946154508: line_items[0].id "
		    "is missing" },
		/* 2. discounts are read from discount_allocations */
		{ "line_items.0.discount_allocations", "[]",
		    "...:3:6000:6000:427;" },
		{ "line_items.0.discount_allocations.1.amount_set", NULL,
		    "...:3:6000:5333:427;" },
		{ "line_items.0.discount_allocations.1", "{}",
		    "unparsable: order 820982911946154508: line_items[0]."
		    "discount_allocations[1].amount is missing" },
		{ "line_items.0.tax_lines", "null", "...:3:6000:5333:0;" },
		{ "line_items.0.tax_lines", "{}", "...:3:6000:5333:0;" },
		{ "line_items.0.tax_lines",
		    "{\"1\":{\"price\":4.27},\"2\":null}",
		    "...:3:6000:5333:427;" },
		{ "line_items.0.quantity", "\"3\"", "...:3:6000:5333:427;" },
		{ "line_items.0.quantity", "3.0", "...:3:6000:5333:427;" },
		{ "line_items.0.quantity", "2.5",
		    "unparsable: order 820982911946154508: "
		    "line_items[0].quantity is not a quantity" },
		{ "line_items.0.current_quantity", NULL, "...:3:6000:" },
		{ "line_items.0.current_quantity", "1", "...:3/1:6000:" },
		{ "line_items.0.current_quantity", "\"?\"", "...:3:6000:" },
		{ "line_items.0.price_set.shop_money.amount", "20.004",
		    "...:3:60012:53342:4270;" },
		{ "shipping_lines.0.price_set.shop_money.amount", "\"9.0001\"",
		    "... 1306000 50000 4000 0 0 14000000000001:3:600000:" },
		{ "line_items.0.gift_card", "null", "...:3:6000:5333:427;" },
		{ "line_items.0.price_set.shop_money.amount",
		    "\"9999999999999.99\"",
		    "unparsable: order 820982911946154508: "
		    "line_items[0].price comes to more than any amount may" },
		/* 3. if prices include tax, the tax is subtracted: 6000 -
		 * 427, 6000 - 667 - 427 */
		{ "taxes_included", "true", "...:3:5573:4906:427;" },
		/* 4. tips are no goods, and removed shipping costs nothing */
		{ "line_items.3.tip", NULL, "...;14000000000004:1:300:300:0 " },
		{ "shipping_lines.1.is_removed", "false", "... 1200 96 0 0 " },
		{ "shipping_lines.0.discounted_price", NULL,
		    "... 500 40 0 0 " },
		{ "shipping_lines.0.discounted_price_set.shop_money.amount",
		    "\"9.00\"", "... 900 40 0 0 " },
		{ "shipping_lines.0.discount_allocations",
		    "[{\"amount\":\"4.50\"}]", "... 450 40 0 0 " },
		{ "shipping_lines.0.discount_allocations",
		    "[{\"amount\":\"3.00\"},{\"amount\":\"6.00\"}]",
		    "... 0 40 0 0 " },
		{ "shipping_lines.0.discount_allocations",
		    "[{\"amount\":\"90.00\"}]", "... 0 40 0 0 " },
		{ "shipping_lines.0.discount_allocations",
		    "[{\"amount\":\"1.00\"}]", "... 500 40 0 0 " },
		{ "shipping_lines.0.discount_allocations", "[{}]",
		    "... no shipping " },
		{ "shipping_lines", NULL, "... 13060 0 0 0 0 " },
		{ "refunds", NULL, "...:gift - shop" },
		{ "refunds.0", "{\"id\":1,\"refund_line_items\":[{}]}",
		    "unparsable: order 820982911946154508: refunds[0]."
		    "refund_line_items[0].line_item_id is missing" },
		{ "refunds", "[{\"id\":1},{\"id\":1}]",
		    "unparsable: order 820982911946154508: refunds names a "
		    "refund twice" },
		{ "refunds", "[{\"id\":2},{\"id\":1}]", "... 1:0;2:0 shop" },
		/* the customer of the order, and the e-mail address */
		{ "customer", "null", "... 0 anna@example.test 13060 " },
		{ "customer", NULL, "... 0 anna@example.test 13060 " },
		{ "customer", "[]", "... 0 anna@example.test 13060 " },
		{ "customer", "{}", "... 0 anna@example.test 13060 " },
		{ "customer.id", "null",
		    "unparsable: order 820982911946154508: customer.id is "
		    "missing" },
		{ "customer.verified_email", NULL, "... anna@example.test" },
		{ "email", "\"\"", "... 7012345670007 anna@example.test 1306" },
		{ "email", "\"other@example.test\"", "... 7012345670007 ? " },
		/* the number of the shop, read from the URL */
		{ "order_status_url", "\"http://h/58/orders/x\"",
		    "...:gift - by" },
		{ "order_status_url", "\"https://h/5x8/orders/x\"",
		    "...:gift - by" },
		{ "order_status_url", "\"https://h/58/order/x\"",
		    "...:gift - by" },
		{ "order_status_url", "\"https://h//orders/x\"",
		    "...:gift - by" },
		{ "order_status_url", "\"https://h/-58/orders/x\"",
		    "...:gift - by" },
		{ "order_status_url",
		    "\"https://h/9223372036854775808/orders/"
		    "\"",
		    "...:gift - by" },
		{ "order_status_url", "\"https://h/58/orders/\"",
		    "... shop 58 by" },
		{ "order_status_url", "\"https://\"", "...:gift - by" },
		{ "order_status_url", "\"https://h\"", "...:gift - by" },
	};

	(void)state;
	changes_check(&arena, SHOPIFY, "orders/paid",
	    fixture_read(&arena, "shopify", "order-paid.json"), changes,
	    NITEMS(changes));
}

static void
test_changed_refunds(void **state)
{
	static const struct change lines[] = {
		{ "order_id", NULL,
		    "unparsable: refund 880000000001: order_id is missing" },
		{ "id", NULL, "unparsable: id is missing" },
		{ "refund_line_items.0.quantity", "-1", "...:0:2000:380+" },
		{ "refund_line_items.0.quantity", "\"1\"", "...:1:2000:380+" },
		/* subtotal_set overrides subtotal */
		{ "refund_line_items.0.subtotal", "0.1", "...:1:2000:380+" },
		{ "refund_line_items.0.subtotal_set.shop_money.amount",
		    "\"-0.01\"",
		    "unparsable: refund 880000000001: "
		    "refund_line_items[0].subtotal is below zero" },
		{ "refund_line_items.0.subtotal_set", NULL, "...:1:2000:380" },
		{ "refund_line_items.0.subtotal_set.shop_money", NULL,
		    "...:1:2000:380+" },
		{ "refund_line_items.0.total_tax_set", "null",
		    "...:2000:380+" },
		{ "refund_line_items.0.line_item_id", "\"820982911946154509\"",
		    "...+820982911946154509:1:" },
		/* 3. the money paid back is more or less than the sum of the
		 * lines */
		{ "transactions.0.amount", "\"60.39\"",
		    "... 880000000001:2000+" },
		{ "transactions.0.amount", "\"36.00\"", "... 880000000001:0+" },
		{ "transactions.0.amount", "\"30.00\"",
		    "... 880000000001:-550+" },
		{ "transactions.0.status", "\"pending\"",
		    "... 880000000001:-3550+" },
		{ "transactions.0.status", "\"failure\"",
		    "... 880000000001:-3550+" },
		{ "transactions.0.status", NULL, "... 880000000001:0+" },
		{ "transactions.0.kind", "\"void\"",
		    "... 880000000001:-3550+" },
		{ "transactions.0.currency", "\"USD\"", "... 880000000001:0+" },
		{ "transactions", "[]", "... 880000000001:-3550+" },
		{ "transactions", NULL, "... 880000000001:0+" },
		/* 3. a refund_discrepancy counts up to the amount that was
		 * paid back */
		{ "order_adjustments.0",
		    "{\"kind\":\"refund_discrepancy\",\"amount\":\"-3\"}",
		    "... 880000000001:300+" },
		{ "order_adjustments.0",
		    "{\"kind\":\"refund_discrepancy\",\"amount\":\"-9\"}",
		    "... 880000000001:900+" },
		{ "order_adjustments.0",
		    "{\"kind\":\"refund_discrepancy\",\"amount\":\"12\"}",
		    "... 880000000001:-1200+" },
		{ "order_adjustments.0",
		    "{\"kind\":\"refund_discrepancy\",\"amount\":\"99\"}",
		    "... 880000000001:-4039+" },
		{ "order_adjustments.0",
		    "{\"kind\":\"shipping_refund\",\"amount\":\"-9\"}",
		    "... 880000000001:-411+" },
		{ "total_duties_set.shop_money.currency_code", "\"XXX\"",
		    "...:1:2000:380+" },
		{ "refund_line_items", "[]", "... 880000000001:4039" },
	};
	static const struct change amount[] = {
		{ "order_adjustments.0.tax_amount_set.shop_money.amount",
		    "\"-0.95\"", "... 880000000003:595" },
		/* a discrepancy in the shop's favour refunds nothing */
		{ "order_adjustments.0.amount_set.shop_money.amount",
		    "\"5.00\"", "... 880000000003:0" },
		{ "order_adjustments.0.amount_set", NULL,
		    "... 880000000003:500" },
		/* without adjustments, the money that was paid back counts */
		{ "order_adjustments", "[]", "... 880000000003:500" },
		{ "order_adjustments.0.kind", "\"new_kind\"",
		    "... 880000000003:500" },
		{ "transactions", "[]", "... 880000000003:500" },
		{ "transactions.0.status", "\"pending\"",
		    "... 880000000003:0" },
		{ "order_adjustments.0", "[]",
		    "unparsable: refund 880000000003: order_adjustments has "
		    "an entry that is not an object" },
	};

	/* 4. a refund of shipping is found by refund_shipping_lines or by
	 * order_adjustments */
	static const struct change shipping[] = {
		{ "refund_shipping_lines", "[]", "... 880000000004:500" },
		{ "order_adjustments", "[]", "... 880000000004:500" },
		{ "refund_shipping_lines.0.tax_amount_set", NULL,
		    "... 880000000004:500" },
	};

	(void)state;
	changes_check(&arena, SHOPIFY, "refunds/create",
	    fixture_read(&arena, "shopify", "refund-shipping-and-amount.json"),
	    shipping, NITEMS(shipping));
	changes_check(&arena, SHOPIFY, "refunds/create",
	    fixture_read(&arena, "shopify", "refund-lines.json"), lines,
	    NITEMS(lines));
	changes_check(&arena, SHOPIFY, "refunds/create",
	    fixture_read(&arena, "shopify", "refund-amount.json"), amount,
	    NITEMS(amount));
}

/* All refunds together have at most REFUND_LINES_MAX lines. */
static void
test_bounds(void **state)
{
	struct str order = fixture_read(&arena, "shopify", "order-paid.json");
	struct buf b;

	(void)state;
	for (int over = 0; over < 2; over++) {
		const char *text;

		buf_init(&b, FIXTURE_MAX * 4);
		for (int i = 0; i < REFUND_LINES_MAX + over; i++)
			buf_printf(&b,
			    "%s{\"line_item_id\":1,\"quantity\":1,"
			    "\"subtotal\":1,\"total_tax\":0}",
			    i % LINES_MAX != 0 ? ","
			    : i == 0 ? "[{\"id\":1,\"refund_line_items\":["
			    : i == LINES_MAX
			        ? "]},{\"id\":2,\"refund_line_items\":["
			        : "]},{\"id\":3,\"refund_line_items\":[");
		buf_puts(&b, "]}]");
		text = parse_text(&arena, SHOPIFY, "orders/paid",
		    body_edit(&arena, order, "refunds", b.data), "");
		if (over == 0)
			assert_non_null(strstr(text, "order 82098291"));
		else
			assert_string_equal(text,
			    "unparsable: order 820982911946154508: refunds "
			    "names too many lines");
		buf_fini(&b);
	}
}

static void
test_changed_customers(void **state)
{
	static const struct change merge[] = {
		{ "status", "\"COMPLETED\"",
		    "merge 706405506930370084 into "
		    "7012345670007" },
		{ "status", "\"in_progress\"",
		    "nothing: the merge is not completed" },
		{ "status", NULL, "unparsable: status is missing" },
		{ "admin_graphql_api_customer_kept_id", "null",
		    "unparsable: admin_graphql_api_customer_kept_id is "
		    "missing" },
		{ "admin_graphql_api_customer_kept_id",
		    "\"gid://shopify/Order/1\"",
		    "unparsable: admin_graphql_api_customer_kept_id is not "
		    "the gid of a customer" },
		{ "admin_graphql_api_customer_kept_id",
		    "\"gid://shopify/Customer/\"",
		    "unparsable: admin_graphql_api_customer_kept_id is not "
		    "the gid of a customer" },
		{ "admin_graphql_api_customer_kept_id",
		    "\"gid://shopify/Customer/1?x\"",
		    "unparsable: admin_graphql_api_customer_kept_id is not "
		    "the gid of a customer" },
		{ "admin_graphql_api_customer_kept_id", "1",
		    "unparsable: admin_graphql_api_customer_kept_id is not "
		    "the gid of a customer" },
		{ "admin_graphql_api_customer_kept_id",
		    "\"gid://shopify/Customer/706405506930370084\"",
		    "unparsable: admin_graphql_api_customer_kept_id is the "
		    "deleted customer" },
	};
	static const struct change customer[] = {
		{ "verified_email", "null",
		    "customer 706405506930370084 2026-11-01T09:00:00Z "
		    "anna@example.test" },
		{ "updated_at", NULL,
		    "customer 706405506930370084 - anna@example.test "
		    "verified" },
		{ "id", NULL, "unparsable: id is missing" },
	};

	(void)state;
	changes_check(&arena, SHOPIFY, "customers/merge",
	    fixture_read(&arena, "shopify", "customer-merge.json"), merge,
	    NITEMS(merge));
	changes_check(&arena, SHOPIFY, "customers/update",
	    fixture_read(&arena, "shopify", "customer-update.json"), customer,
	    NITEMS(customer));
}

static void
test_ranks(void **state)
{
	static const char *const life[] = { "pending", "authorized",
		"partially_paid", "a_new_one", "paid", "partially_refunded",
		"refunded", "voided" };
	struct str order = fixture_read(&arena, "shopify", "order-paid.json");
	int last = 0;

	(void)state;
	for (size_t i = 0; i <= NITEMS(life); i++) {
		bool end = i == NITEMS(life);
		struct message m = message_of(PLATFORM_SHOPIFY, "orders/paid",
		    body_edit(&arena, order,
		        end ? "cancelled_at" : "financial_status",
		        end ? "\"2026-11-22T09:00:00Z\""
		            : arena_printf(&arena, "\"%s\"", life[i])));
		struct event ev;
		struct err e;

		assert_int_equal(
		    shop_parse(&arena, &m, &test_key, "EUR", &ev, &e), 0);
		assert_true(ev.order.rank > last);
		last = ev.order.rank;
	}
}

/* ---- push ------------------------------------------------------------ */

static const struct push_item items[] = {
	{ .customer_id = 7012345670007, .available = 52, .version = 9 },
	{ .customer_id = 2, .pending = 7, .debt = 3, .version = INT64_MAX },
	{ .customer_id = 3, .version = 1 },
};

static void
test_render(void **state)
{
	struct shop_access access = { .url = "http://x.myshopify.com",
		.token = STR("shpat_1") };
	struct push_request q = { 0 };
	struct err e;
	json_t *root, *first;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	buf_puts(&q.body, "left over");
	assert_int_equal(SHOPIFY->render(items, 2, &access, &q, &e), 0);
	assert_string_equal(q.path, "/admin/api/2026-10/graphql.json");
	assert_string_equal(q.headers[0], "Content-Type: application/json");
	assert_string_equal(q.headers[1], "X-Shopify-Access-Token: shpat_1");
	assert_string_equal(q.headers[2], "");

	root = json_loads(q.body.data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	first = json_array_get(
	    json_object_get(json_object_get(root, "variables"), "m"), 1);
	assert_string_equal(
	    json_string_value(json_object_get(first, "ownerId")),
	    "gid://shopify/Customer/2");
	assert_string_equal(
	    json_string_value(json_object_get(first, "namespace")),
	    "$app:loyalty");
	assert_string_equal(
	    json_string_value(json_object_get(first, "key")), "balance");
	assert_string_equal(
	    json_string_value(json_object_get(first, "type")), "json");
	assert_string_equal(json_string_value(json_object_get(first, "value")),
	    "{\"available\":0,\"pending\":7,\"debt\":3,"
	    "\"version\":9223372036854775807}");
	assert_int_equal(json_object_size(first), 5);
	json_decref(root);
	buf_fini(&q.body);
}

static const char *const off[] = { "loyalty-tier:gold", "loyalty-tier:top" };
static const char *const on[] = { "loyalty-tier:gold", "loyalty-member:club" };
static const struct push_item tagged[] = {
	{ .customer_id = 1, .tags = { on, 1 }, .tags_on = { on, 1 } },
	{ .customer_id = 2, .tags = { on, 1 } },
	{ .customer_id = 3, .tags_off = { off, 2 } },
	{ .customer_id = 4,
	    .tags = { on, 2 },
	    .tags_on = { on, 2 },
	    .tags_off = { off, 1 } },
};

/* Checks the document with definitions and tags, which the fake validates by
 * Shopify's schema in e2e 65, and its variables. */
static void
test_render_tags(void **state)
{
	struct shop_access access = { .url = "http://x.myshopify.com",
		.token = STR("shpat_1"),
		.define = true };
	struct push_request q = { 0 };
	const char *variables;
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(SHOPIFY->render(tagged, 4, &access, &q, &e), 0);
	assert_non_null(strstr(q.body.data,
	    "{\"query\":\"mutation loyalty($m: [MetafieldsSetInput!]!, "
	    "$d: MetafieldDefinitionInput!, $c0: ID!, $on0: [String!]!, "
	    "$c2: ID!, $off2: [String!]!, $c3: ID!, $on3: [String!]!, "
	    "$off3: [String!]!) { define: metafieldDefinitionCreate("
	    "definition: $d) { createdDefinition { id } userErrors { code } } "
	    "metafieldsSet(metafields: $m) { userErrors { field message code "
	    "elementIndex } } on0: tagsAdd(id: $c0, tags: $on0) { userErrors "
	    "{ field message } } off2: tagsRemove(id: $c2, tags: $off2) { "
	    "userErrors { field message } } on3: tagsAdd(id: $c3, tags: $on3) "
	    "{ userErrors { field message } } off3: tagsRemove(id: $c3, tags: "
	    "$off3) { userErrors { field message } } }\""));
	variables = strstr(q.body.data, "\"d\":");
	assert_non_null(variables);
	assert_string_equal(variables,
	    "\"d\":{\"name\":\"Loyalty\",\"namespace\":\"$app:loyalty\","
	    "\"key\":\"balance\",\"type\":\"json\",\"ownerType\":"
	    "\"CUSTOMER\",\"access\":{\"storefront\":\"NONE\","
	    "\"customerAccount\":\"READ\"}},"
	    "\"c0\":\"gid://shopify/Customer/1\","
	    "\"on0\":[\"loyalty-tier:gold\"],"
	    "\"c2\":\"gid://shopify/Customer/3\","
	    "\"off2\":[\"loyalty-tier:gold\",\"loyalty-tier:top\"],"
	    "\"c3\":\"gid://shopify/Customer/4\","
	    "\"on3\":[\"loyalty-tier:gold\",\"loyalty-member:club\"],"
	    "\"off3\":[\"loyalty-tier:gold\"]}}");
	access.define = false;
	assert_int_equal(SHOPIFY->render(&tagged[1], 1, &access, &q, &e), 0);
	assert_null(strstr(q.body.data, "tags"));
	assert_null(strstr(q.body.data, "define"));
	buf_fini(&q.body);
}

/* Judges an answer with this data, and tells which items are tagged, and
 * whether the shop has the definitions. */
static const char *
tags_judged(const char *data, struct push_answer *a)
{
	const char *text = "";

	SHOPIFY->judge(200, STR(""),
	    str_of(arena_printf(&arena, "{\"data\":{%s}}", data)), tagged, 4,
	    a);
	for (size_t i = 0; i < 4; i++)
		text = arena_printf(&arena, "%s%d", text, a->tagged[i]);
	return arena_printf(&arena, "%s %s", text, a->defined ? "yes" : "no");
}

#define SET       "\"metafieldsSet\":{\"userErrors\":[]},"
#define WELL(key) "\"" key "\":{\"userErrors\":[]}"
#define ERRORS(key, code) \
	"\"" key "\":{\"userErrors\":[{\"message\":\"x\"," code "}]}"

static void
test_judge_tags(void **state)
{
	struct push_answer a;

	(void)state;
	assert_string_equal(
	    tags_judged(SET WELL("define") "," WELL("on0") "," WELL(
	                    "off2") "," WELL("on3") "," WELL("off3"),
	        &a),
	    "1011 yes");
	assert_string_equal(a.not_tagged, "");
	assert_string_equal(a.not_defined, "");
	/* A balance that was taken stays so if the tags were not. */
	assert_string_equal(
	    tags_judged(
	        SET ERRORS("define", "\"code\":\"TAKEN\"") "," WELL(
	            "on0") "," ERRORS("off2", "\"field\":null") "," WELL("on3"),
	        &a),
	    "1000 yes");
	assert_int_equal(a.items[2], PUSH_DONE);
	assert_string_equal(a.not_tagged, "tagsRemove has an error");
	assert_string_equal(a.not_defined, "");
	assert_string_equal(
	    tags_judged(SET ERRORS("define", "\"code\":\"LIMIT\""), &a),
	    "0000 yes");
	assert_string_equal(a.not_defined, "LIMIT");
	assert_string_equal(tags_judged(SET "\"define\":null", &a), "0000 no");
}

static void
test_ask(void **state)
{
	struct shop_access access = { .url = "http://x.myshopify.com",
		.token = STR("shpat_1") };
	struct push_request q = { 0 };
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	buf_puts(&q.body, "left over");
	assert_int_equal(SHOPIFY->ask(&access, &q, &e), 0);
	assert_string_equal(q.path, "/admin/api/2026-10/graphql.json");
	assert_string_equal(q.headers[1], "X-Shopify-Access-Token: shpat_1");
	assert_string_equal(q.headers[2], "");
	assert_string_equal(q.body.data,
	    "{\"query\":\"query number { shop { id myshopifyDomain } }\"}");
	access.token = STR("shpat 1");
	assert_int_equal(SHOPIFY->ask(&access, &q, &e), -1);
	assert_int_equal(e.fault, FAULT_REJECT);
	buf_fini(&q.body);
}

static void
test_told(void **state)
{
	static const struct {
		int status;
		const char *body;
		int64_t number;
		const char *answer;
	} cases[] = {
#define ID(text) SHOP(text, "A.MyShopify.com")
#define SHOP(id, domain)                                                   \
	"{\"data\":{\"shop\":{\"id\":" id ",\"myshopifyDomain\":\"" domain \
	"\"}}}"
		{ 200, ID("\"gid://shopify/Shop/58012345678\""), 58012345678,
		    "D D 0" },
		{ 200, ID("\"gid://shopify/Shop/1\""), 1, "D D 0" },
#define NO_NUMBER "r r 60000; the shop's answer has no number of a shop"
		{ 200, ID("\"gid://shopify/Shop/0\""), 0, NO_NUMBER },
		{ 200, ID("\"gid://shopify/Shop/-1\""), 0, NO_NUMBER },
		{ 200, ID("\"gid://shopify/Shop/1x\""), 0, NO_NUMBER },
		{ 200, ID("\"gid://shopify/Shop/\""), 0, NO_NUMBER },
		{ 200, ID("\"gid://shopify/Shop/9223372036854775808\""), 0,
		    NO_NUMBER },
		{ 200, ID("\"gid://shopify/Customer/1\""), 0, NO_NUMBER },
		{ 200, ID("1"), 0, NO_NUMBER },
		{ 200, "{\"data\":{\"shop\":null}}", 0, NO_NUMBER },
		{ 200,
		    "{\"data\":{\"shop\":{\"id\":\"gid://shopify/Shop/1\"}}}",
		    0, NO_NUMBER },
		{ 200, SHOP("\"gid://shopify/Shop/1\"", "b.myshopify.com"), 0,
		    "r r 60000; the API is that of another shop than the store's "
		    "domain" },
		{ 200, "{}", 0, NO_NUMBER },
		{ 200, "[]", 0,
		    "r r 1000; the shop answered 200 with something else than "
		    "JSON" },
		{ 200,
		    "{\"errors\":[{\"extensions\":{\"code\":\"THROTTLED\"}}]}",
		    0, "r r 1000 throttled; the shop throttles us" },
		{ 401, "", 0,
		    "r r 60000; the shop refuses the API token (401): loyald "
		    "store set" },
		{ 503, "", 0, "r r 1000; the shop answered 503" },
		/* the number of the shop in an answer with errors is not used
		 */
		{ 200,
		    "{\"data\":{\"shop\":{\"id\":\"gid://shopify/Shop/1\"}},"
		    "\"errors\":[{\"message\":\"x\"}]}",
		    0, "r r 60000; the shop refused: an error without a name" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct push_answer a;

		assert_int_equal(
		    SHOPIFY->number(cases[i].status, STR(""),
		        str_of(cases[i].body), STR("a.myshopify.com"), &a),
		    cases[i].number);
		assert_string_equal(
		    answer_text(&arena, &a, 1), cases[i].answer);
	}
}

#define COST(requested, available, restore)                             \
	"\"extensions\":{\"cost\":{\"requestedQueryCost\":" requested   \
	",\"actualQueryCost\":null,\"throttleStatus\":{"                \
	"\"maximumAvailable\":2000.0,\"currentlyAvailable\":" available \
	",\"restoreRate\":" restore "}}}"
#define DONE "\"data\":{\"metafieldsSet\":{\"userErrors\":[]}}"
#define WRONG(errors) \
	"{\"data\":{\"metafieldsSet\":{\"userErrors\":[" errors "]}}}"
#define FAILED(code)                                       \
	"{\"errors\":[{\"message\":\"x\",\"extensions\":{" \
	"\"code\":\"" code "\"}}]}"
#define THRICE(why) "; " why "; " why "; " why

static void
test_judge(void **state)
{
	static const struct {
		const char *rule;
		int status;
		const char *retry_after, *body, *text;
	} cases[] = {
		{ "all done", 200, "", "{" DONE "}", "D DDD 0" },
		{ "all done, but wait", 200, "4", "{" DONE "}", "D DDD 4000" },
		{ "all done, bucket full", 200, "",
		    "{" DONE "," COST("10", "1990.0", "100.0") "}", "D DDD 0" },
		{ "all done, the next call would not fit", 200, "",
		    "{" DONE "," COST("10", "4", "100") "}", "D DDD 1160" },
		{ "a costly one is waited for", 200, "",
		    "{" DONE "," COST("310", "200", "50") "}", "D DDD 2200" },
		{ "a bucket that holds less", 200, "",
		    "{" DONE ",\"extensions\":{\"cost\":{"
		    "\"requestedQueryCost\":10,\"throttleStatus\":{"
		    "\"maximumAvailable\":50,\"currentlyAvailable\":40,"
		    "\"restoreRate\":10}}}}",
		    "D DDD 1000" },
		{ "a bucket that is never refilled", 200, "",
		    "{" DONE "," COST("10", "4", "0") "}", "D DDD 60000" },
		{ "figures that make no sense", 200, "",
		    "{" DONE "," COST("1e99", "-5", "\"x\"") "}",
		    "D DDD 60000" },
		{ "one is bad, the others go again", 200, "",
		    WRONG("{\"field\":[\"metafields\",\"1\",\"ownerId\"],"
		          "\"message\":\"Owner does not exist.\","
		          "\"code\":\"INVALID\",\"elementIndex\":null}"),
		    "D rxr 0; another balance of the call was bad; the shop "
		    "refused: INVALID; another balance of the call was bad" },
		{ "two are bad, one of them twice", 200, "",
		    WRONG("{\"elementIndex\":0,\"code\":\"INVALID\"},"
		          "{\"elementIndex\":2,\"code\":\"INVALID_TYPE\"},"
		          "{\"elementIndex\":2,\"code\":\"INVALID\"}"),
		    "D xrx 0; the shop refused: INVALID; another balance of "
		    "the call was bad; the shop refused: INVALID" },
		{ "the path counts more than elementIndex", 200, "",
		    WRONG("{\"field\":[\"metafields\",\"2\",\"value\"],"
		          "\"code\":\"INVALID\",\"elementIndex\":0}"),
		    "D rrx 0; another balance of the call was bad; another "
		    "balance of the call was bad; the shop refused: INVALID" },
		{ "an index that is none of ours", 200, "",
		    WRONG("{\"field\":[\"metafields\",\"3\"],\"code\":\"X\"}"),
		    "r rrr 60000" THRICE("the shop refused: X") },
		{ "no index at all", 200, "",
		    WRONG("{\"field\":null,\"code\":null}"),
		    "r rrr 60000" THRICE(
		        "the shop refused: an error without a name") },
		{ "the app may not", 200, "",
		    WRONG("{\"elementIndex\":0,\"code\":\"INVALID\"},"
		          "{\"elementIndex\":1,"
		          "\"code\":\"APP_NOT_AUTHORIZED\"}"),
		    "r rrr 60000" THRICE(
		        "the shop refused: APP_NOT_AUTHORIZED") },
		{ "an error inside", 200, "",
		    WRONG("{\"elementIndex\":1,\"code\":\"INTERNAL_ERROR\"}"),
		    "r rrr 1000" THRICE("the shop refused: INTERNAL_ERROR") },
		{ "throttled with 200: (120 - 10) / 50 s", 200, "",
		    "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{"
		    "\"code\":\"THROTTLED\"}}]," COST("110", "10", "50") "}",
		    "r rrr 2200 throttled" THRICE("the shop throttles us") },
		{ "throttled: a second at least", 200, "",
		    "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{"
		    "\"code\":\"THROTTLED\"}}]," COST("11", "119", "50") "}",
		    "r rrr 1000 throttled" THRICE("the shop throttles us") },
		{ "throttled with 429 and its cost", 429, "",
		    "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{"
		    "\"code\":\"THROTTLED\"}}]," COST("110", "10", "50") "}",
		    "r rrr 2200 throttled" THRICE("the shop answered 429") },
		{ "429, whatever else it says", 429, "", "{" DONE "}",
		    "r rrr 1000 throttled" THRICE("the shop answered 429") },
		{ "a scope is missing", 200, "", FAILED("ACCESS_DENIED"),
		    "r rrr 60000" THRICE(
		        "the token needs the scope write_customers") },
		{ "an error inside the shop", 200, "",
		    FAILED("INTERNAL_SERVER_ERROR"),
		    "r rrr 1000" THRICE("an error inside the shop") },
		{ "an error nobody knows", 200, "", FAILED("NEW"),
		    "r rrr 60000" THRICE("the shop refused: NEW") },
		{ "errors in one sentence", 200, "",
		    "{\"errors\":\"[API] Invalid API key\"}",
		    "r rrr 60000" THRICE(
		        "the shop refused: an error without a name") },
		{ "errors that are none", 200, "", "{\"errors\":[]," DONE "}",
		    "D DDD 0" },
		{ "errors: null", 200, "", "{\"errors\":null," DONE "}",
		    "D DDD 0" },
		{ "no data", 200, "", "{\"data\":null}",
		    "r rrr 1000" THRICE(
		        "the shop's answer is not one to metafieldsSet") },
		{ "a page with 200", 200, "", "<html>",
		    "r rrr 1000" THRICE(
		        "the shop answered 200 with something else than "
		        "JSON") },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct push_answer a;
		const char *text;

		SHOPIFY->judge(cases[i].status, str_of(cases[i].retry_after),
		    str_of(cases[i].body), items, 3, &a);
		text = answer_text(&arena, &a, 3);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: %s\nexpected %s", cases[i].rule, text,
			    cases[i].text);
	}
}

/* If a call has only one balance, an error that names no index is about that
 * balance. */
static void
test_judge_one(void **state)
{
	struct push_answer a;

	(void)state;
	SHOPIFY->judge(200, STR(""),
	    STR(WRONG("{\"field\":null,\"code\":\"INVALID\"}")), items, 1, &a);
	assert_string_equal(
	    answer_text(&arena, &a, 1), "D x 0; the shop refused: INVALID");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_expected),
		cmocka_unit_test(test_other_bodies),
		cmocka_unit_test(test_refund_in_order),
		cmocka_unit_test(test_changed_orders),
		cmocka_unit_test(test_changed_refunds),
		cmocka_unit_test(test_payments),
		cmocka_unit_test(test_changed_customers),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_render_tags),
		cmocka_unit_test(test_judge_tags),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_one),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

/* SPDX-License-Identifier: MIT */
/* Checks what is read from deliveries besides amounts, times and buyers: the
 * circumstances of orders, products, and facts about customers. The numbers
 * in comments are those of the rules at the top of the platform's files in
 * wire/shop. */
#include "bodies.h"

#define SHOPIFY (&shop_shopify)
#define WOO     (&shop_woocommerce)

#define TWO_LINES " line=8000000000001 line=8000000000001"
#define PAID      "name=#1001 channel=online ship=Flat"
#define PAID_REST TWO_LINES " line=8000000000001"
#define PAID_AS(path, value, text)                                       \
	{                                                                \
		"order-paid", "orders/paid", path, value, text PAID_REST \
	}

static void
test_shopify_orders(void **state)
{
	static const struct more cases[] = {
		PAID_AS(NULL, NULL, PAID),
		PAID_AS("source_name", "\"pos\"",
		    "name=#1001 channel=pos ship=Flat"),
		PAID_AS("source_name", "\"subscription_contract_checkout_one\"",
		    "name=#1001 channel=subscription ship=Flat"),
		PAID_AS("source_name", "\"po\"", PAID),
		PAID_AS("source_name", "\"shopify_draft_order\"", PAID),
		PAID_AS("source_name", NULL, "name=#1001 ship=Flat"),
		PAID_AS("name", NULL, "channel=online ship=Flat"),
		PAID_AS("name", "7", "name=7 channel=online ship=Flat"),
		PAID_AS("name", "{}", "channel=online ship=Flat"),
		/* 7. a single way of payment has paid the whole total */
		PAID_AS("payment_gateway_names", "[]", PAID),
		PAID_AS("payment_gateway_names", "[\"shopify_payments\"]",
		    PAID " tender=shopify_payments:13060"),
		PAID_AS("payment_gateway_names", "[\"visa\",\"cash\"]",
		    PAID " tender=visa:0 tender=cash:0"),
		PAID_AS("payment_gateway_names", "[null]", PAID),
		PAID_AS("discount_codes",
		    "[{\"code\":\"TEN\"},{\"code\":\" \"},{\"code\":\"TEN\"},"
		    "{\"code\":\"a b\"}]",
		    PAID " codes=TEN,a b"),
		/* 6. fulfilled when all lines are fulfilled, at the time of
		 * the last fulfillment */
		PAID_AS("fulfillment_status", "\"partial\"", PAID),
		PAID_AS("fulfillment_status", "\"fulfilled\"",
		    PAID " fulfilled=2026-11-22T06:00:03Z"),
		PAID_AS("fulfillments",
		    "[{\"created_at\":\"2026-11-23T06:00:00Z\"}]", PAID),
		/* a shipping line that was removed does not name the way of
		 * shipping */
		PAID_AS("shipping_lines.0.title", "\" Express\\n1 \"",
		    "name=#1001 channel=online ship=Express 1"),
		PAID_AS("shipping_lines.0.is_removed", "true",
		    "name=#1001 channel=online"),
		{ "order-cancelled-guest", "orders/cancelled", NULL, NULL,
		    "name=#1001 channel=online "
		    "cancelled=2026-11-22T08:00:00Z line=8000000000001" },
		{ "order-paid", "orders/paid", "line_items.0.sku", "\"M-1\"",
		    PAID " line=8000000000001:M-1" TWO_LINES },
		{ "order-paid", "orders/paid", "line_items.0.vendor",
		    "\"Acme\"", PAID " line=8000000000001 of Acme" TWO_LINES },
		{ "order-paid", "orders/paid", "line_items.0.product_id",
		    "null", PAID " line=0" TWO_LINES },
		{ "order-paid", "orders/paid", "line_items.0.product_id",
		    "\"x\"", PAID " line=0" TWO_LINES },
	};

	(void)state;
	rest_check(&arena, SHOPIFY, "shopify", "json", cases, NITEMS(cases));
}

/* Checks rule 6: an order is fulfilled at the time of its last successful
 * fulfilment. */
static void
test_shopify_fulfilled(void **state)
{
	struct str body = fixture_read(&arena, "shopify", "order-paid.json");

	(void)state;
	body = body_edit(&arena, body, "fulfillment_status", "\"fulfilled\"");
	body = body_edit(&arena, body, "fulfillments",
	    "[{\"created_at\":\"2026-11-23T06:00:00Z\",\"status\":\"success\"},"
	    "{\"created_at\":\"2026-11-24T06:00:00Z\"},"
	    "{\"created_at\":\"2026-11-25T06:00:00Z\","
	    "\"status\":\"cancelled\"},"
	    "{\"created_at\":\"2026-11-22T06:00:00Z\",\"status\":\"success\"},"
	    "{\"created_at\":null}]");
	assert_string_equal(
	    parse_rest(&arena, SHOPIFY, "orders/fulfilled", body),
	    PAID " fulfilled=2026-11-24T06:00:00Z" PAID_REST);
}

#define REFUNDED "name=#1001 channel=online ship=Flat" TWO_LINES
#define AT_7     " refund=2026-11-22T07:00:00Z"

static void
test_shopify_refunds(void **state)
{
	static const struct more cases[] = {
		{ "order-refunded", "orders/updated", NULL, NULL,
		    REFUNDED AT_7 AT_7 AT_7 },
		{ "refund-lines", "refunds/create", NULL, NULL,
		    "refund=2026-11-22T07:00:00Z" },
		{ "refund-lines", "refunds/create", "processed_at",
		    "\"2026-10-01T00:00:00Z\"", "refund=2026-10-01T00:00:00Z" },
		{ "refund-lines", "refunds/create", "created_at",
		    "\"2026-10-01T00:00:00Z\"", "refund=2026-11-22T07:00:00Z" },
		{ "refund-lines", "refunds/create", "processed_at", NULL,
		    "refund=2026-11-22T07:00:00Z" },
	};

	(void)state;
	rest_check(&arena, SHOPIFY, "shopify", "json", cases, NITEMS(cases));
}

#define ENROLLED                                                           \
	"+ enrolment customer:706405506930370084 2025-03-01T09:00:00Z of " \
	"706405506930370084"
#define NEWSLETTER(at)                                          \
	"+ newsletter newsletter:706405506930370084 " at " of " \
	"706405506930370084"

static void
test_shopify_customers(void **state)
{
	static const struct more cases[] = {
		{ "customer-update", "customers/create", NULL, NULL, ENROLLED },
		{ "customer-update", "customers/update", NULL, NULL, ENROLLED },
		{ "customer-update", "customers/update", "created_at", "null",
		    "" },
		{ "customer-update", "customers/create",
		    "email_marketing_consent",
		    "{\"state\":\"subscribed\",\"consent_updated_at\":"
		    "\"2026-11-01T10:00:00+01:00\"}",
		    ENROLLED " " NEWSLETTER("2026-11-01T09:00:00Z") },
		{ "customer-update", "customers/create",
		    "email_marketing_consent", "{\"state\":\"subscribed\"}",
		    ENROLLED " " NEWSLETTER("2025-03-01T09:00:00Z") },
		{ "customer-update", "customers/create",
		    "email_marketing_consent", "{\"state\":\"unsubscribed\"}",
		    ENROLLED },
		{ "customer-update", "customers/create",
		    "email_marketing_consent", "7", ENROLLED },
		{ "customer-update", "customers/create",
		    "email_marketing_consent", "[]", ENROLLED },
		{ "customer-update", "customers/create",
		    "email_marketing_consent", "{\"state\":7}", ENROLLED },
		{ "customer-update", "customers/update", "tags",
		    "\"vip, Stammkunde,,b2b\"",
		    "+ enrolment customer:706405506930370084 2025-03-01T09:00:00Z of 706405506930370084 + customer.tags customer.tags:706405506930370084:1793523600000000:2367347041872860577 2026-11-01T09:00:00Z of 706405506930370084 tag=vip tag=Stammkunde tag=b2b" },
		{ "customer-update", "customers/update", "tags", "\"\"",
		    "+ enrolment customer:706405506930370084 2025-03-01T09:00:00Z of 706405506930370084 + customer.tags customer.tags:706405506930370084:1793523600000000:4101707308206065413 2026-11-01T09:00:00Z of 706405506930370084" },
		{ "customer-update", "customers/update", "tags", "7",
		    ENROLLED },
		/* the customer that comes inside an order adds no facts about
		 * that customer */
		{ "order-paid", "orders/paid", "customer.created_at",
		    "\"2025-03-01T09:00:00Z\"", PAID PAID_REST },
		{ "customer-delete", "customers/delete", NULL, NULL, "" },
	};

	(void)state;
	rest_check(&arena, SHOPIFY, "shopify", "json", cases, NITEMS(cases));
}

static void
check_bodies(const struct shop *s, const char *const cases[][3], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str body = str_of(cases[i][1]);
		const char *text = parse_text(&arena, s, cases[i][0], body, "");
		const char *rest = parse_rest(&arena, s, cases[i][0], body);

		text = strcmp(text, rest) == 0 || rest[0] == '\0'
		           ? text
		           : arena_printf(&arena, "%s %s", text, rest);
		if (strcmp(text, cases[i][2]) != 0)
			fail_msg("%s\n%s\nexpected\n%s", cases[i][1], text,
			    cases[i][2]);
	}
}

#define CONSENT "customers_email_marketing_consent/update"

static void
test_shopify_consent(void **state)
{
	static const char *const cases[][3] = {
		{ CONSENT,
		    "{\"customer_id\":706405506930370084,\"email_address\":"
		    "\"a@b.c\",\"email_marketing_consent\":{\"state\":"
		    "\"subscribed\",\"opt_in_level\":\"single_opt_in\","
		    "\"consent_updated_at\":\"2026-11-01T09:00:00Z\"}}",
		    "facts " NEWSLETTER("2026-11-01T09:00:00Z") },
		{ "customers/email_marketing_consent_update",
		    "{\"customer_id\":706405506930370084,"
		    "\"email_marketing_consent\":{\"state\":\"SUBSCRIBED\","
		    "\"consent_updated_at\":\"2026-11-01T09:00:00Z\"}}",
		    "facts " NEWSLETTER("2026-11-01T09:00:00Z") },
		{ CONSENT,
		    "{\"customer_id\":1,\"email_marketing_consent\":{\"state\":"
		    "\"unsubscribed\",\"consent_updated_at\":"
		    "\"2026-11-01T09:00:00Z\"}}",
		    "nothing: nobody was subscribed by e-mail" },
		/* a consent without a time is ignored, because each repeated
		 * delivery would count as a new consent */
		{ CONSENT,
		    "{\"customer_id\":1,\"email_marketing_consent\":"
		    "{\"state\":\"subscribed\"}}",
		    "nothing: nobody was subscribed by e-mail" },
		{ CONSENT,
		    "{\"customer_id\":1,\"email_marketing_consent\":null}",
		    "nothing: nobody was subscribed by e-mail" },
		{ CONSENT, "{\"email_marketing_consent\":null}",
		    "unparsable: customer_id is missing" },
	};

	(void)state;
	check_bodies(SHOPIFY, cases, NITEMS(cases));
}

#define TAGS(more) "{\"customerId\":\"gid://shopify/Customer/7\"" more "}"
#define CONTACT(more)                                                      \
	"{\"customer_admin_graphql_api_id\":\"gid://shopify/Customer/7\"," \
	"\"title\":\"Buyer\",\"updated_at\":\"2026-11-01T09:00:00Z\"" more "}"

/* Checks tags and companies. A delivery without a time gets the time when
 * loyald received it. */
static void
test_shopify_traits(void **state)
{
	static const char *const cases[][3] = {
		{ "customer.tags_added",
		    TAGS(",\"tags\":[\"vip\",\"Bär\"],\"occurredAt\":"
		         "\"2026-11-01T09:00:00.590Z\""),
		    "facts + customer.tags_added customer.tags_added:7:1793523600590000:780032515941475622 2026-11-01T09:00:00.590000Z of 7 tag=vip tag=Bär" },
		{ "customer.tags_removed",
		    TAGS(",\"tags\":[\"vip\"],\"occurredAt\":"
		         "\"2026-11-01T09:00:00.590Z\""),
		    "facts + customer.tags_removed customer.tags_removed:7:1793523600590000:633062234171921652 2026-11-01T09:00:00.590000Z of 7 tag=vip" },
		{ "customer.tags_added", TAGS(",\"tags\":[\"vip\"]"),
		    "facts + customer.tags_added customer.tags_added:7:1795305600000000:633062234171921652 2026-11-22T00:00:00Z of 7 tag=vip" },
		{ "customer.tags_added", TAGS(",\"tags\":[]"),
		    "nothing: no tags are named" },
		{ "customer.tags_added", TAGS(",\"tags\":null"),
		    "unparsable: customer 7: tags is not a list of tags" },
		{ "customer.tags_added", "{\"tags\":[\"vip\"]}",
		    "unparsable: customerId is missing" },
		{ "company_contacts/create",
		    CONTACT(",\"company\":{\"name\":\"Example Ltd\","
		            "\"external_id\":\"4711\"}"),
		    "facts + customer.company customer.company:7:1793523600000000:1234097614504763972 2026-11-01T09:00:00Z of 7 company=Example Ltd company=4711" },
		{ "company_contacts/update",
		    CONTACT(",\"company\":{\"name\":\"Example Ltd\"}"),
		    "facts + customer.company customer.company:7:1793523600000000:3271422008350701064 2026-11-01T09:00:00Z of 7 company=Example Ltd" },
		{ "company_contacts/delete",
		    CONTACT(",\"company\":{\"name\":\"Example Ltd\"}"),
		    "facts + customer.company_left customer.company_left:7:1795305600000000:3271422008350701064 2026-11-22T00:00:00Z of 7 company=Example Ltd" },
		{ "company_contacts/create", CONTACT(""),
		    "nothing: the company has no name" },
	};

	(void)state;
	check_bodies(SHOPIFY, cases, NITEMS(cases));
}

#define PRODUCT(more)                                                          \
	"{\"id\":7,\"images\":[],\"updated_at\":\"2026-11-01T09:00:00Z\"" more \
	"}"
#define IS "product 7 2026-11-01T09:00:00Z"

static void
test_shopify_products(void **state)
{
	static const char *const cases[][3] = {
		{ "products/create",
		    PRODUCT(",\"vendor\":\"Acme\",\"product_type\":\"Shoes\","
		            "\"tags\":\"summer, Big Sale ,, summer,x\""),
		    IS " vendor=Acme type=Shoes tags=summer,Big Sale,x" },
		{ "products/update", PRODUCT(""), IS },
		{ "products/update",
		    PRODUCT(",\"vendor\":null,\"product_type\":\"\","
		            "\"tags\":\"\",\"variants\":[]"),
		    IS },
		/* 2. a product is on sale if a price is below its
		 * compare_at_price */
		{ "products/update",
		    PRODUCT(",\"variants\":[{\"price\":\"10.00\","
		            "\"compare_at_price\":\"10.00\"},"
		            "{\"price\":\"10.00\",\"compare_at_price\":null}]"),
		    IS },
		{ "products/update",
		    PRODUCT(",\"variants\":[{\"price\":\"10.00\","
		            "\"compare_at_price\":null},{\"price\":\"9.99\","
		            "\"compare_at_price\":\"10.00\"}]"),
		    IS " sale" },
		{ "products/update",
		    PRODUCT(",\"variants\":[{\"price\":\"9.99\","
		            "\"compare_at_price\":\"ten\"},7]"),
		    IS },
		{ "products/delete", "{\"id\":7}",
		    "product 7 2026-11-22T00:00:00Z gone" },
		{ "products/delete", "{}", "unparsable: id is missing" },
		{ "products/update", "{\"id\":7,\"variants\":[]}",
		    "product 7 2026-11-22T00:00:00Z" },
		{ "products/update",
		    "{\"id\":7,\"images\":[],\"updated_at\":\"?\",\"created_at\":"
		    "\"2026-11-01T09:00:00Z\"}",
		    IS },
		{ "products/update", PRODUCT(",\"tags\":[\"a\",\"b\",{}]"),
		    IS " tags=a,b" },
		{ "products/update", PRODUCT(",\"tags\":{\"1\":\"a\"}"),
		    IS " tags=a" },
		{ "products/update",
		    PRODUCT(",\"variants\":{\"3\":{\"price\":\"9.99\","
		            "\"compare_at_price\":\"10\"}}"),
		    IS " sale" },
		{ "products/update", PRODUCT(",\"vendor\":\"a\\ud83d\""),
		    IS " vendor=a\xef\xbf\xbd" },
	};

	(void)state;
	check_bodies(SHOPIFY, cases, NITEMS(cases));
}

#define ORDER     "04-order-updated-completed-01-order.updated"
#define MUG_TAS   " line=10:MUG line=11:TAS"
#define COMPLETED "fulfilled=2026-11-22T05:24:48Z"
#define WOO_AS(path, value, text)                                 \
	{                                                         \
		ORDER, "order.updated", path, value, text MUG_TAS \
	}

static void
test_woocommerce_orders(void **state)
{
	static const struct more cases[] = {
		WOO_AS(NULL, NULL,
		    "channel=online ship=Flat tender=bacs:7220 " COMPLETED),
		WOO_AS("created_via", "\"subscription\"",
		    "channel=subscription ship=Flat tender=bacs:7220 " COMPLETED),
		WOO_AS("created_via", "\"pos-rest-api\"",
		    "channel=pos ship=Flat tender=bacs:7220 " COMPLETED),
		WOO_AS("created_via", "\"pos\"",
		    "channel=pos ship=Flat tender=bacs:7220 " COMPLETED),
		WOO_AS("created_via", "\"\"",
		    "ship=Flat tender=bacs:7220 " COMPLETED),
		/* a shop may number its orders differently from their ids */
		WOO_AS("number", "\"2026-0013\"",
		    "name=2026-0013 channel=online ship=Flat "
		    "tender=bacs:7220 " COMPLETED),
		WOO_AS("payment_method", "\"\"",
		    "channel=online ship=Flat " COMPLETED),
		WOO_AS("date_completed_gmt", "null",
		    "channel=online ship=Flat tender=bacs:7220"),
		WOO_AS("shipping_lines", "[]",
		    "channel=online tender=bacs:7220 " COMPLETED),
		{ "21-cancelled-01-order.updated", "order.updated", NULL, NULL,
		    "channel=online ship=Flat rate tender=cod:2082 "
		    "codes=loyal-abc123 line=10:MUG" },
		{ "05-refund-partial-amount-01-order.updated", "order.updated",
		    NULL, NULL,
		    "channel=online ship=Flat tender=bacs:7220 " COMPLETED
		        MUG_TAS " refund=-" },
		{ "27-zero-total-order-01-order.created", "order.created", NULL,
		    NULL, "channel=online line=12:EBK" },
		{ ORDER, "order.updated", "line_items.0.sku", "null",
		    "channel=online ship=Flat tender=bacs:7220 " COMPLETED
		    " line=10 line=11:TAS" },
		{ ORDER, "order.updated", "line_items.0.product_id", "0",
		    "channel=online ship=Flat tender=bacs:7220 " COMPLETED
		    " line=0:MUG line=11:TAS" },
	};

	(void)state;
	rest_check(&arena, WOO, "woocommerce", "body", cases, NITEMS(cases));
}

static void
test_woocommerce_customers(void **state)
{
	static const struct more cases[] = {
		{ "01-customer-created-01-customer.created", "customer.created",
		    NULL, NULL,
		    "+ enrolment customer:3 2026-11-22T05:24:44Z of 3 + customer.role customer.role:3:1795325084000000:2635862797369383030 2026-11-22T05:24:44Z of 3 role=customer" },
		{ "04-order-updated-completed-02-customer.updated",
		    "customer.updated", "date_created_gmt",
		    "\"2020-01-01T00:00:00\"",
		    "+ enrolment customer:2 2020-01-01T00:00:00Z of 2 + customer.role customer.role:2:1795325088000000:2635862797369383030 2026-11-22T05:24:48Z of 2 role=customer" },
		{ "01-customer-created-01-customer.created", "customer.created",
		    "date_created_gmt", "null",
		    "+ enrolment customer:3 2026-11-22T06:24:44Z of 3 + customer.role customer.role:3:1795325084000000:2635862797369383030 2026-11-22T05:24:44Z of 3 role=customer" },
		{ "01-customer-created-01-customer.created", "customer.created",
		    "date_created_gmt", "{}",
		    "+ enrolment customer:3 2026-11-22T06:24:44Z of 3 + customer.role customer.role:3:1795325084000000:2635862797369383030 2026-11-22T05:24:44Z of 3 role=customer" },
		{ "01-customer-created-01-customer.created", "customer.updated",
		    "role", "\"Wholesale\"",
		    "+ enrolment customer:3 2026-11-22T05:24:44Z of 3 + customer.role customer.role:3:1795325084000000:1932228751437155096 2026-11-22T05:24:44Z of 3 role=Wholesale" },
		{ "01-customer-created-01-customer.created", "customer.updated",
		    "role", "null",
		    "+ enrolment customer:3 2026-11-22T05:24:44Z of 3" },
	};

	(void)state;
	rest_check(&arena, WOO, "woocommerce", "body", cases, NITEMS(cases));
}

#define WARE(more)                                                      \
	"{\"id\":7,\"stock_status\":\"instock\",\"date_modified_gmt\":" \
	"\"2026-11-01T09:00:00\"" more "}"

static void
test_woocommerce_products(void **state)
{
	static const char *const cases[][3] = {
		{ "product.created",
		    WARE(",\"type\":\"simple\",\"on_sale\":true,\"sku\":\"A\","
		         "\"categories\":[{\"id\":1,\"name\":\"Shoes\","
		         "\"slug\":\"shoes\"},{\"id\":2,\"slug\":\"men\"}],"
		         "\"tags\":[{\"id\":3,\"name\":\"New\",\"slug\":"
		         "\"new\"}],\"brands\":[{\"slug\":\"acme\"},"
		         "{\"slug\":\"other\"}]"),
		    IS " vendor=acme type=simple categories=shoes,men "
		       "tags=new sale" },
		{ "product.updated", WARE(""), IS },
		{ "product.restored",
		    WARE(",\"type\":\"pw-gift-card\",\"on_sale\":false,"
		         "\"categories\":[],\"tags\":null"),
		    IS " type=pw-gift-card gift" },
		{ "product.updated",
		    "{\"id\":7,\"stock_status\":null,\"date_modified_gmt\":null,"
		    "\"date_created_gmt\":\"2026-11-01T09:00:00\"}",
		    IS },
		{ "product.updated", "{\"id\":7,\"stock_status\":\"instock\"}",
		    "product 7 2026-11-22T00:00:00Z" },
		{ "product.deleted", "{\"id\":7}",
		    "product 7 2026-11-22T00:00:00Z gone" },
		{ "product.updated", WARE(",\"categories\":[7]"), IS },
		{ "product.updated", WARE(",\"categories\":\"shoes\""), IS },
		{ "product.updated",
		    WARE(",\"categories\":{\"1\":{\"slug\":\"a\"},\"7\":null},"
		         "\"tags\":{},\"on_sale\":\"1\",\"brands\":false"),
		    IS " categories=a sale" },
		{ "product.updated",
		    "{\"id\":\"7\",\"stock_status\":\"\",\"date_modified_gmt\":false}",
		    "product 7 2026-11-22T00:00:00Z" },
		{ "product.updated",
		    "{\"code\":\"woocommerce_rest_product_invalid_id\","
		    "\"message\":\"x\",\"data\":{\"status\":404}}",
		    "platform: the shop delivered its own error "
		    "woocommerce_rest_product_invalid_id (404)" },
	};

	(void)state;
	check_bodies(WOO, cases, NITEMS(cases));
}

/* Checks that no label is refused: a long label is cut, and odd characters are
 * cleaned. */
static void
test_labels(void **state)
{
	char text[LABEL_MAX + 8];
	struct labels l;
	struct words w;

	(void)state;
	assert_null(label_of(&arena, STR("")));
	assert_null(label_of(&arena, STR(" \t\n\0")));
	assert_string_equal(label_of(&arena, STR(" a\0b\tc\x7f")), "a?b c");
	assert_string_equal(label_of(&arena, STR("a\xff")), "a?");
	memset(text, 'x', sizeof(text));
	/* The last character is cut off, because its second byte exceeds the
	 * bound. */
	memcpy(text + LABEL_MAX - 1, "\xc3\xa9", 2);
	assert_int_equal(
	    strlen(label_of(&arena, (struct str){ text, sizeof(text) })),
	    LABEL_MAX - 1);
	memcpy(text + LABEL_MAX - 2, "\xc3\xa9", 2);
	assert_int_equal(
	    strlen(label_of(&arena, (struct str){ text, sizeof(text) })),
	    LABEL_MAX);

	labels_init(&l, &arena, LINE_WORDS_MAX + 1);
	for (int i = 0; i <= LINE_WORDS_MAX; i++)
		labels_add(&l, str_of(arena_printf(&arena, "%d", i)));
	w = labels_words(&l);
	assert_int_equal(w.n, LINE_WORDS_MAX);
	assert_string_equal(w.list[LINE_WORDS_MAX - 1], "255");
	labels_init(&l, &arena, 4);
	labels_add_parts(&l, STR(",a,, a ,b"));
	w = labels_words(&l);
	assert_int_equal(w.n, 2);
	assert_string_equal(w.list[1], "b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shopify_orders),
		cmocka_unit_test(test_shopify_fulfilled),
		cmocka_unit_test(test_shopify_refunds),
		cmocka_unit_test(test_shopify_customers),
		cmocka_unit_test(test_shopify_traits),
		cmocka_unit_test(test_shopify_consent),
		cmocka_unit_test(test_shopify_products),
		cmocka_unit_test(test_woocommerce_orders),
		cmocka_unit_test(test_woocommerce_customers),
		cmocka_unit_test(test_woocommerce_products),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

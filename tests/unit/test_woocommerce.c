/* SPDX-License-Identifier: MIT */
/* Checks what is read from WooCommerce's deliveries. The numbers in comments
 * are those of the rules in wire/shop/woocommerce_order.c. */
#include <string.h>

#include "../support/test.h"
#include "bodies.h"

#define WOO   (&shop_woocommerce)
#define ORDER "04-order-updated-completed-01-order.updated.body"

/* ---- pings and secrets ----------------------------------------------- */

static void
test_ping(void **state)
{
	static const struct {
		struct str body;
		bool is;
	} cases[] = {
		{ STR("webhook_id=1"), true },
		{ STR("webhook_id=0123456789"), true },
		{ STR("webhook_id="), false },
		{ STR("webhook_id=1\n"), false },
		{ STR("webhook_id=1&x=2"), false },
		{ STR("webhook_id=1\0"), false },
		{ STR("webhook_id=-1"), false },
		{ STR(" webhook_id=1"), false },
		{ STR("Webhook_id=1"), false },
		{ STR("{\"id\":1}"), false },
		{ STR(""), false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_int_equal(WOO->is_ping(cases[i].body), cases[i].is);
}

/* Secrets are decoded as by WordPress's wp_specialchars_decode(ENT_QUOTES). */
static void
test_secret(void **state)
{
	static const struct {
		const char *entered, *key;
	} cases[] = {
		{ "", "" },
		{ "plain-secret-0123456789", "plain-secret-0123456789" },
		{ " spaces count ", " spaces count " },
		{ "&amp;x", "&x" },
		{ "my&amp;secret\"x", "my&secret\"x" },
		{ "&lt;&gt;&quot;", "<>\"" },
		{ "&#039;&#39;&#0000039;&#x27;&#X0027;", "'''''" },
		{ "&#034;&#x22;&#038;&#x26;&#060;&#62;", "\"\"&&<>" },
		/* entities are decoded once, from left to right */
		{ "&amp;amp;", "&amp;" },
		{ "&amp;#39;", "&#39;" },
		{ "&&amp;;", "&&;" },
		/* texts that WordPress does not decode */
		{ "&AMP;&Lt;&apos;", "&AMP;&Lt;&apos;" },
		{ "&#x3c;&#x3e;", "&#x3c;&#x3e;" },
		{ "&amp &#39 &#;&#x;", "&amp &#39 &#;&#x;" },
		{ "&#40;&#139;&#295;&#4294967334;",
		    "&#40;&#139;&#295;&#4294967334;" },
		{ "&", "&" },
		{ "&#", "&#" },
		{ "&#x", "&#x" },
		{ "ünïcode-😀", "ünïcode-😀" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct str key = WOO->secret(&arena, str_of(cases[i].entered));

		assert_int_equal(key.len, strlen(cases[i].key));
		assert_memory_equal(key.data, cases[i].key, key.len);
	}
}

/* ---- recorded deliveries --------------------------------------------- */

static void
test_recorded(void **state)
{
	(void)state;
	assert_int_equal(expected_check(&arena, WOO, "woocommerce-expected.txt",
	                     "woocommerce", "body"),
	    55);
}

static const char *
header_value(struct arena *a, const char *http, const char *name)
{
	const char *at = strstr(http, name);

	if (at == NULL)
		return "";
	at += strlen(name);
	return arena_memdup(a, at, strcspn(at, "\r\n"));
}

/* Checks a recorded signature. The shop signs the exact body with the secret
 * in the form in which the shop stores it. */
static void
check_signature(const char *file, const char *secret)
{
	const char *http = fixture_read(
	    &arena, "woocommerce", arena_printf(&arena, "%s.http", file))
	                       .data;
	struct str body = fixture_read(
	    &arena, "woocommerce", arena_printf(&arena, "%s.body", file));
	const struct header header = { STR("X-WC-Webhook-Signature"),
		str_of(
		    header_value(&arena, http, "X-WC-Webhook-Signature: ")) };
	struct delivery d;
	struct hmac_key *k = hmac_key_new(WOO->secret(&arena, str_of(secret)));
	struct err e;
	uint8_t mac[HMAC_SIZE];

	assert_int_equal(delivery_read(WOO, &header, 1, &d, &e), 0);
	assert_true(d.hmac_ok);
	hmac_sign(k, body, mac);
	assert_true(hmac_is_equal(mac, d.hmac));
	hmac_key_free(k);
}

static void
test_recorded_signatures(void **state)
{
	struct str index = fixture_read(&arena, "woocommerce", "index.json");
	json_t *list = json_loadb(index.data, index.len, 0, NULL), *entry;
	size_t i, n = 0;

	(void)state;
	json_array_foreach(list, i, entry)
	{
		const char *secret = json_string_value(
		    json_object_get(entry, "secret"));

		if (secret == NULL)
			continue;
		check_signature(
		    json_string_value(json_object_get(entry, "file")), secret);
		n++;
	}
	assert_int_equal(n, 56);
	json_decref(list);
	/* the secret as the admin entered it */
	check_signature("46-secret-entity-order.created", "&amp;x");
}

/* ---- changed bodies -------------------------------------------------- */

/* 83 bytes, the longest status. */
#define A83                                                         \
	"a23456789012345678901234567890123456789012345678901234567" \
	"89012345678901234567890123"
#define LINE_OF(id)                                                      \
	"{\"id\":" id ",\"quantity\":1,\"subtotal\":\"1.00\",\"total\":" \
	"\"1.00\",\"total_tax\":\"0\"}"
#define LEGACY                                                        \
	" a webhook of a legacy API version; set its API version to " \
	"\"WP REST API Integration v3\" (WooCommerce, Settings, "     \
	"Advanced, Webhooks)"

#define NO_ORDER                                                             \
	"misdirected: the body is nothing that loyald knows, and the topic " \
	"wants an order, which has line_items or order_key, without "        \
	"billing_period"

static void
test_changed_orders(void **state)
{
	static const struct change changes[] = {
		{ "id", "0", "unparsable: id is not an id" },
		{ "id", "-13", "unparsable: id is not an id" },
		{ "id", "13.0", "unparsable: id is not an id" },
		{ "id", "\"x\"", "unparsable: id is not an id" },
		{ "id", NULL, "unparsable: id is missing" },
		{ "id", "null", "unparsable: id is missing" },
		{ "id", "\"9007199254740993\"", "...order 9007199254740993 c" },
		{ "id", "9223372036854775807", "...order 9223372036854775807" },
		/* an unreadable status becomes empty, any other is kept as it
		 * is */
		{ "status", "7", "...order 13  EUR" },
		{ "status", NULL, "...order 13  EUR" },
		{ "status", "[\"completed\"]", "...order 13  EUR" },
		{ "status", "\"Completed\"", "...order 13 Completed EUR" },
		{ "status", "\"ready to go\"", "...order 13 ready to go EUR" },
		{ "status", "\"%d7%a0.x\"", "...order 13 %d7%a0.x EUR" },
		{ "status", "\"\\u05e0\\u05e9\"", "...order 13 נש EUR" },
		{ "status", "\"" A83 "\"", "...order 13 " A83 " EUR" },
		{ "status", "\"" A83 "a\"", "...order 13  EUR" },
		{ "status", "\"completed\\u0000\"", "...order 13  EUR" },
		{ "status", "\"completed\\n\"", "...order 13  EUR" },
		/* a currency of three letters is kept, even an unknown one;
		 * anything else becomes empty */
		{ "currency", "\"IRT\"", "... completed IRT 2026" },
		{ "currency", "\"QQQ\"", "... completed QQQ 2026" },
		{ "currency", "\"eur\"", "... completed EUR 2026" },
		{ "currency", "\"USDC\"", "... completed  2026" },
		{ "currency", "\"EU\\u0000\"", "... completed  2026" },
		{ "currency", "978", "... completed  2026" },
		{ "currency", NULL, "... completed  2026" },
		{ "currency", "\"JPY\"",
		    "... 2 anna@example.test 7220 412 78 0 0 " },
		/* 3. without date_modified_gmt, the shop's local time is
		 * used */
		{ "date_modified_gmt", "\"yesterday\"",
		    "... EUR 2026-11-22T05:24:45Z 2026-11-22T05:24:45Z " },
		{ "date_modified_gmt", "null",
		    "... EUR 2026-11-22T05:24:45Z 2026-11-22T05:24:45Z " },
		{ "date_created_gmt", "null",
		    "... EUR 2026-11-22T05:24:48Z 2026-11-22T06:24:45Z " },
		{ "date_created_gmt", "\"0000-00-00T00:00:00\"",
		    "... EUR 2026-11-22T05:24:48Z 2026-11-22T06:24:45Z " },
		{ "date_paid_gmt", "null", "...:45Z 2026-11-22T05:24:48Z 2 " },
		{ "customer_id", "0", "...:47Z 0 anna@example.test 7220" },
		{ "customer_id", "\"7\"", "...:47Z 7 anna@example.test 7220" },
		{ "customer_id", "\"\"", "...:47Z 0 anna@example.test 7220" },
		{ "customer_id", "null", "...:47Z 0 anna@example.test 7220" },
		{ "customer_id", "false", "...:47Z 0 anna@example.test 7220" },
		{ "customer_id", "\"guest\"",
		    "unparsable: order 13: customer_id is not an id" },
		{ "customer_id", "-1",
		    "unparsable: order 13: customer_id is not an id" },
		{ "billing.email", "\"\"", "...:47Z 2 - 7220" },
		/* 8. an order that was made anonymous has no buyer */
		{ "billing.email", "\"deleted@site.invalid\"",
		    "...:47Z 2 - 7220" },
		{ "meta_data", "[{\"key\":\"_anonymized\",\"value\":\"yes\"}]",
		    "...:47Z 2 - 7220" },
		{ "meta_data", "[7,{\"key\":1},{\"key\":\"_anonymized\"}]",
		    "...:47Z 2 anna@example.test 7220" },
		{ "meta_data", "[{\"key\":\"_anonymized\",\"value\":\"no\"}]",
		    "...:47Z 2 anna@example.test 7220" },
		{ "meta_data", "[{\"key\":\"anonymized\",\"value\":\"yes\"}]",
		    "...:47Z 2 anna@example.test 7220" },
		{ "meta_data", "\"_anonymized\"",
		    "...:47Z 2 anna@example.test 7220" },
		{ "billing.email", "\" Anna@EXAMPLE.test\"",
		    "...:47Z 2 anna@example.test 7220" },
		{ "billing.email", "\"anna@example.test\\u0000\"", "... 2 ? " },
		{ "billing.email", "{}", "...:47Z 2 - 7220" },
		{ "billing.email", "7", "...:47Z 2 - 7220" },
		{ "billing", "[]", "...:47Z 2 - 7220" },
		{ "billing", "null", "...:47Z 2 - 7220" },
		{ "billing", "\"\"", "...:47Z 2 - 7220" },
		{ "billing.first_name", "\"a\\u0000b\"", "...order 13 comp" },
		/* 14. amounts */
		{ "total", "\"72,20\"", "...anna@example.test 7220 " },
		{ "total", "72.2", "...anna@example.test 7220 " },
		{ "total", "722e-1", "...anna@example.test 7220 " },
		{ "total", "0.722E+2", "...anna@example.test 7220 " },
		{ "total", "9999999999999.99",
		    "...anna@example.test 999999999999999 " },
		{ "total", "1e14",
		    "unparsable: order 13: total is not an amount" },
		{ "total", "-4.44e-16", "...anna@example.test 0 " },
		{ "total", "72", "...anna@example.test 7200 " },
		{ "total", "\"\"", "...anna@example.test 7220 " },
		{ "total", "\"1e3\"", "...anna@example.test 7220 " },
		{ "total", "\"10000000000000.01\"",
		    "unparsable: order 13: total is not an amount" },
		{ "total", "true", "...anna@example.test 7220 " },
		/* all amounts get as many decimals as the most precise
		 * amount has */
		{ "line_items.0.total", "\"50.391\"",
		    "... 72200 4120 780 0 0 1:3:50390:50391:9580;2:1:6160:" },
		{ "line_items.0.total", "\"50.3900\"", "... 7220 412 78 0 0 " },
		{ "line_items.0.total", "50.39000000000001",
		    "... 7220 412 78 0 0 " },
		{ "line_items.0.total", "50.3899999999999",
		    "... 7220 412 78 0 0 " },
		{ "line_items.1.total_tax", "\"1.1650001\"",
		    "... 722000000 41200000 7800000 0 0 1:3:503900000:" },
		{ "refunds.0", "{\"id\":14,\"total\":\"-5.005\"}",
		    "... 14:5005" },
		/* large amounts leave room for fewer decimals */
		{ "fee_lines.0", "{\"total\":\"9990000000.12345\"}",
		    "... 7220000 412000 78000 999000000012345 0 " },
		{ "fee_lines.0", "{\"total\":\"99990000000.12345\"}",
		    "... 722000 41200 7800 999900000001235 0 " },
		{ "line_items.0.price", "0.123", "... 7220 412 78 0 0 " },
		{ "shipping_total", NULL, "... 7220 0 78 0 0 " },
		{ "shipping_total", "\"\"", "... 7220 0 78 0 0 " },
		/* 14. unreadable values count as unknown, or are refused */
		{ "total", NULL, "...anna@example.test 7220 " },
		{ "shipping_total", "\"free\"",
		    "... 7220 0 78 0 0 1:3:5039:5039:958;2:1:616:616:117 - "
		    "no shipping" },
		{ "shipping_total", "\"10000000000000.01\"",
		    "unparsable: order 13: shipping_total is not an amount" },
		{ "shipping_tax", "[]", "... 7220 412 0 0 0 " },
		{ "shipping_tax", "\"-\"", "...616:117 - no tax" },
		{ "line_items.0.total_tax", NULL,
		    "...1:3:5039:5039:0;2:1:616:616:117 - no line's tax" },
		{ "line_items.0.total_tax", "\"\"",
		    "...1:3:5039:5039:0;2:1:616:616:117 - no line's tax" },
		{ "line_items.0.total_tax", "null", "...- no line's tax" },
		{ "line_items.0.total_tax", "\"9,58\"", "...- no line's tax" },
		{ "line_items.0.total_tax", "\"99999999999999\"",
		    "unparsable: order 13: line_items[0].total_tax is not an "
		    "amount" },
		{ "line_items.0.subtotal", "\"\"",
		    "...1:3:0:5039:958;2:1:616:616:117 - no line's before" },
		{ "line_items.0.subtotal", "null", "...- no line's before" },
		{ "line_items.0.subtotal", NULL, "...- no line's before" },
		{ "line_items.0.product_id", "\"x\"",
		    "...616:117 - no line's product" },
		{ "line_items.0.product_id", "-1", "...- no line's product" },
		{ "line_items.0.product_id", "\"\"", "...616:117 -" },
		{ "line_items.0.variation_id", "\"x\"", "...616:117 -" },
		{ "coupon_lines", "[7,null]", "...616:117 -" },
		{ "tax_lines", "\"x\"", "...616:117 -" },
		{ "shipping_lines", "[7]", "...616:117 -" },
		{ "line_items", NULL,
		    "unparsable: order 13: line_items is missing" },
		{ "line_items", "\"none\"",
		    "unparsable: order 13: line_items is not a list" },
		/* PHP writes a list without its first entry as an object */
		{ "line_items", "{}", "... 78 0 0 - -" },
		{ "line_items", "[]", "... 78 0 0 - -" },
		{ "line_items", "[null]", "... 78 0 0 - -" },
		{ "line_items",
		    "{\"2\":" LINE_OF("7") ",\"5\":" LINE_OF("8") "}",
		    "... 78 0 0 7:1:100:100:0;8:1:100:100:0 -" },
		{ "line_items", LINE_OF("7"),
		    "unparsable: order 13: line_items has an entry that is "
		    "not an object" },
		{ "fee_lines", "{\"1\":{\"total\":\"1.00\"}}",
		    "... 412 78 100 0 " },
		{ "fee_lines", "{}", "... 412 78 0 0 " },
		{ "fee_lines", "\"\"", "... 412 78 0 0 " },
		{ "fee_lines", "[1]",
		    "... 412 78 0 0 1:3:5039:5039:958;2:1:616:616:117 - no "
		    "fees" },
		{ "fee_lines", "\"x\"", "...616:117 - no fees" },
		{ "fee_lines.0", "{\"total\":\"\"}", "...616:117 - no fees" },
		{ "fee_lines.0", "{\"total\":1,\"total_tax\":\"x\"}",
		    "... 412 78 100 0 1:3:5039:5039:958;2:1:616:616:117 - no "
		    "tax" },
		{ "refunds", "{\"3\":{\"id\":14,\"total\":-5.0}}",
		    "... 14:500" },
		{ "refunds", "{}", "...:117 -" },
		{ "line_items.1", "7",
		    "unparsable: order 13: line_items has an entry that is "
		    "not an object" },
		{ "line_items.1.id", "\"x\"",
		    "unparsable: order 13: line_items[1].id is not an id" },
		{ "line_items.1.total", "\"x\"",
		    "unparsable: order 13: line_items[1].total is not an "
		    "amount" },
		{ "line_items.0.total", "\"-50.39\"", "...:3:5039:-5039:958;" },
		{ "line_items.0.price", "\"not looked at\"", "...order 13 c" },
		/* rule 5: only whole pieces are kept */
		{ "line_items.0.quantity", "2.9", "... 1:2:5039:5039:958;" },
		{ "line_items.0.quantity", "0.5", "... 1:0:5039:5039:958;" },
		{ "line_items.0.quantity", "\"3\"", "... 1:3:5039:" },
		{ "line_items.0.quantity", "1000000", "... 1:1000000:5039:" },
		{ "line_items.0.quantity", "\"2.50\"", "... 1:2:5039:" },
		/* an unusable quantity becomes 0, since no amount depends on
		 * it */
		{ "line_items.0.quantity", "1000001", "... 1:0:5039:" },
		{ "line_items.0.quantity", "-1", "... 1:0:5039:" },
		{ "line_items.0.quantity", "1e300", "... 1:0:5039:" },
		{ "line_items.0.quantity", "\"two\"", "... 1:0:5039:" },
		{ "line_items.0.quantity", "null", "... 1:0:5039:" },
		{ "fee_lines.0",
		    "{\"total\":\"-4.20\",\"total_tax\":\"-0.80\"}",
		    "... 412 78 -420 -80 " },
		{ "fee_lines.0", "{\"total\":\"1.00\"}", "... 412 78 100 0 " },
		{ "fee_lines.0", "{\"total_tax\":\"1.00\"}",
		    "... 412 78 0 100 1:3:5039:5039:958;2:1:616:616:117 - no "
		    "fees" },
		{ "fee_lines", "null", "... 412 78 0 0 " },
		/* rule 2: a refund is a gross amount below zero */
		{ "refunds", NULL, "...616:117 -" },
		{ "refunds", "null", "...616:117 -" },
		{ "refunds", "\"x\"",
		    "unparsable: order 13: refunds is not a list" },
		{ "refunds.0", "{\"id\":14,\"total\":\"\"}",
		    "unparsable: order 13: refunds[0].total is not an amount" },
		{ "refunds.0", "{\"id\":14,\"total\":\"-0.00\"}", "... 14:0" },
		{ "refunds.0", "{\"id\":14,\"total\":\"5.00\"}", "... 14:500" },
		{ "refunds",
		    "[{\"id\":81,\"total\":\"-1\"},{\"id\":82,\"total\":\"-2\"},"
		    "{\"id\":80,\"total\":\"-3\"}]",
		    "... 80:300;81:100;82:200" },
		{ "refunds",
		    "[{\"id\":81,\"total\":\"-1\"},{\"id\":81,\"total\":\"-2\"}]",
		    "unparsable: order 13: refunds names a refund twice" },
		{ "refunds.0", "{\"total\":\"-1\"}",
		    "unparsable: order 13: refunds[0].id is missing" },
	};

	(void)state;
	changes_check(&arena, WOO, "order.updated",
	    fixture_read(&arena, "woocommerce", ORDER), changes,
	    NITEMS(changes));
}

static void
test_other_bodies(void **state)
{
	static const struct {
		const char *rule, *topic;
		struct str body;
		const char *text;
	} cases[] = {
		{ "6. an error of the shop's", "order.updated",
		    STR("{\"code\":\"woocommerce_rest_shop_order_invalid_id\","
		        "\"message\":\"Invalid ID.\",\"data\":{\"status\":404}}"),
		    "platform: the shop delivered its own error "
		    "woocommerce_rest_shop_order_invalid_id (404)" },
		{ "6. whatever the topic", "customer.deleted",
		    STR("{\"code\":\"woocommerce_rest_cannot_view\","
		        "\"message\":\"Sorry\",\"data\":{\"status\":401}}"),
		    "platform: the shop delivered its own error "
		    "woocommerce_rest_cannot_view (401)" },
		{ "6. nothing of the body is shown", "order.created",
		    STR("{\"code\":\"anna@example.test\",\"message\":\"\","
		        "\"data\":{\"status\":500}}"),
		    "platform: the shop delivered its own error "
		    "an error without a name (500)" },
		{ "6. with an id it is no error", "order.updated",
		    STR("{\"id\":13,\"code\":\"x\",\"message\":\"\","
		        "\"data\":{\"status\":404}}"),
		    NO_ORDER },
		{ "14. a total without all its parts", "order.updated",
		    STR("{\"id\":13,\"line_items\":[{\"id\":1,\"total\":\"2.00\"}]}"),
		    "unparsable: order 13: total is not an amount, and nor are "
		    "all its parts" },
		{ "11. a legacy API version", "order.updated",
		    STR("{\"order\":{\"id\":201,\"total\":\"50.00\"}}"),
		    "platform: this is the body of" LEGACY },
		{ "11. whatever it is about", "customer.updated",
		    STR("{\"customer\":{\"id\":2}}"),
		    "platform: this is the body of" LEGACY },
		{ "11. and products", "product.created",
		    STR("{\"product\":{\"id\":2}}"),
		    "platform: this is the body of" LEGACY },
		{ "11. its errors", "order.updated",
		    STR("{\"errors\":{\"woocommerce_api_user_cannot_read_order\""
		        ":[\"You do not\"]}}"),
		    "platform: the shop delivered its own error "
		    "woocommerce_api_user_cannot_read_order by" LEGACY },
		{ "11. its errors as a list", "order.updated",
		    STR("{\"errors\":[{\"code\":"
		        "\"woocommerce_api_invalid_order_id\","
		        "\"message\":\"Invalid order ID\"}]}"),
		    "platform: the shop delivered its own error "
		    "woocommerce_api_invalid_order_id by" LEGACY },
		{ "11. of customers", "customer.updated",
		    STR("{\"errors\":[{\"code\":"
		        "\"woocommerce_api_invalid_customer_id\"}]}"),
		    "platform: the shop delivered its own error "
		    "woocommerce_api_invalid_customer_id by" LEGACY },
		{ "11. of products, by whatever name", "product.updated",
		    STR("{\"errors\":[{\"code\":\"anna@example.test\"},7]}"),
		    "platform: the shop delivered its own error an error "
		    "without a name by" LEGACY },
		{ "11. none in the list", "order.deleted",
		    STR("{\"errors\":[]}"),
		    "platform: this is the body of" LEGACY },
		{ "11. with an id it is no such body", "customer.updated",
		    STR("{\"id\":3,\"email\":\"\",\"order\":{}}"),
		    "customer 3 - -" },
		{ "6. without a status it is no error", "order.updated",
		    STR("{\"code\":\"x\",\"message\":\"\",\"data\":{}}"),
		    NO_ORDER },
		{ "a deletion needs its id", "order.deleted", STR("{}"),
		    "unparsable: id is missing" },
		{ "a deletion with more than that", "order.deleted",
		    STR("{\"id\":13,\"status\":\"trash\"}"),
		    "misdirected: the body is nothing that loyald knows, and "
		    "the topic wants the id of a deleted order, which has "
		    "nothing but id" },
		{ "never changed", "customer.created",
		    STR("{\"id\":3,\"date_modified_gmt\":null,"
		        "\"date_created_gmt\":\"2026-11-22T05:24:44\","
		        "\"email\":\"\"}"),
		    "customer 3 2026-11-22T05:24:44Z -" },
		{ "a topic of nobody's", "coupon.created", STR("{\"id\":3}"),
		    "unparsable: loyald has no use for this topic" },
		{ "no JSON", "order.updated", STR("webhook_id=1"),
		    "unparsable: the body is not JSON (line 1, column 1)" },
		{ "nothing", "order.updated", STR(""),
		    "unparsable: the body ends too early (line 1, column 0)" },
		{ "cut off", "order.updated", STR("{\"id\":13,\"sta"),
		    "unparsable: the body ends too early (line 1, column 13)" },
		{ "no object", "order.updated", STR("[{\"id\":13}]"),
		    "unparsable: the body is not an object" },
		{ "more than one", "order.deleted", STR("{\"id\":13}{}"),
		    "unparsable: the body goes on after its end "
		    "(line 1, column 10)" },
		/* a key that loyald reads must not be there twice */
		{ "a key twice", "order.deleted", STR("{\"id\":13,\"id\":14}"),
		    "unparsable: id is not an id" },
		{ "a key twice that nobody reads", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":1,\"a\":2}"),
		    "customer 13 - -" },
		{ "not UTF-8", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":\"\xff\"}"),
		    "customer 13 - -" },
		{ "half a surrogate pair", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":\"\\ud83d\"}"),
		    "customer 13 - -" },
		{ "the other half", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":\"\\ude00\\ud83d\\u0041\"}"),
		    "customer 13 - -" },
		{ "a zero byte", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":\"\0\"}"),
		    "customer 13 - -" },
		{ "a zero in a key", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"\\u0000\":1,\"id\\u0000\":2}"),
		    "customer 13 - -" },
		{ "beyond 64 bits", "order.deleted",
		    STR("{\"id\":9223372036854775808}"),
		    "unparsable: id is not an id" },
		{ "beyond anything, where nobody reads", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":1e999,\"b\":-99999999999999999999}"),
		    "customer 13 - -" },
		{ "a number that is none", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":01}"),
		    "unparsable: the body is not JSON (line 1, column 26)" },
		{ "a text of two lines", "customer.updated",
		    STR("{\"id\":13,\"email\":\"\",\"a\":\"\n\"}"),
		    "customer 13 - -" },
		{ "an escape that is none", "customer.updated",
		    STR("{\"id\":13,\n\"a\":\"\\x\"}"),
		    "unparsable: the body is not JSON (line 2, column 7)" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const char *text = parse_text(
		    &arena, WOO, cases[i].topic, cases[i].body, "");

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", cases[i].rule, text,
			    cases[i].text);
	}
}

static void
test_bounds(void **state)
{
	char *deep = arena_alloc(&arena, 100000);
	struct str order = fixture_read(&arena, "woocommerce", ORDER);
	struct buf b;

	(void)state;
	memset(deep, '[', 50000);
	assert_non_null(strstr(parse_text(&arena, WOO, "order.updated",
	                           (struct str){ deep, 50000 }, ""),
	    "unparsable: the body ends too early"));
	/* A value that no reader asks for may be nested to any depth. */
	memset(deep + 50000, ']', 49900);
	memset(deep, ' ', 100);
	memcpy(deep, "{\"id\":13,\"email\":\"\",\"a\":", 24);
	deep[99900] = '}';
	assert_string_equal(parse_text(&arena, WOO, "customer.updated",
	                        (struct str){ deep, 99901 }, ""),
	    "customer 13 - -");

	buf_init(&b, FIXTURE_MAX);
	buf_puts(&b, "[");
	for (int i = 0; i <= REFUNDS_MAX; i++)
		buf_printf(&b, "%s{\"id\":%d,\"total\":\"-1\"}",
		    i > 0 ? "," : "", i + 1);
	buf_puts(&b, "]");
	assert_string_equal(
	    parse_text(&arena, WOO, "order.updated",
	        body_edit(&arena, order, "refunds", b.data), ""),
	    "unparsable: order 13: refunds has too many entries");
	buf_fini(&b);
}

/* Checks that a status has a higher rank the later it comes in the life of an
 * order. */
static void
test_ranks(void **state)
{
	static const char *const life[] = { "checkout-draft", "pending",
		"on-hold", "processing", "shipped-by-plugin", "completed",
		"failed", "cancelled", "refunded", "trash" };
	struct str order = fixture_read(&arena, "woocommerce", ORDER);
	int last = 0;

	(void)state;
	for (size_t i = 0; i < NITEMS(life); i++) {
		struct message m = message_of(PLATFORM_WOOCOMMERCE,
		    "order.updated",
		    body_edit(&arena, order, "status",
		        arena_printf(&arena, "\"%s\"", life[i])));
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
	{ .customer_id = 2, .available = 52, .pending = 7, .version = 9 },
	{ .customer_id = 99999, .debt = 3, .version = INT64_MAX },
};

static void
test_render(void **state)
{
	struct shop_access access = { .url = "https://shop.example",
		.token = STR("ck_1:cs_2") };
	struct push_request q = { 0 };
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	buf_puts(&q.body, "left over");
	assert_int_equal(WOO->render(items, 2, &access, &q, &e), 0);
	assert_string_equal(q.path, "/wp-json/wc/v3/customers/batch");
	assert_string_equal(q.headers[0], "Content-Type: application/json");
	assert_string_equal(q.headers[1], "Authorization: Basic Y2tfMTpjc18y");
	assert_string_equal(q.headers[2], "");
	assert_string_equal(q.body.data,
	    "{\"update\":[{\"id\":2,\"meta_data\":["
	    "{\"key\":\"loyalty_points\",\"value\":\"52\"},"
	    "{\"key\":\"loyalty_pending\",\"value\":\"7\"},"
	    "{\"key\":\"loyalty_debt\",\"value\":\"0\"},"
	    "{\"key\":\"loyalty_version\",\"value\":\"9\"}]},"
	    "{\"id\":99999,\"meta_data\":["
	    "{\"key\":\"loyalty_points\",\"value\":\"0\"},"
	    "{\"key\":\"loyalty_pending\",\"value\":\"0\"},"
	    "{\"key\":\"loyalty_debt\",\"value\":\"3\"},"
	    "{\"key\":\"loyalty_version\",\"value\":"
	    "\"9223372036854775807\"}]}]}");
	buf_fini(&q.body);
}

/* Compares with a signature of node:crypto.  No secret is sent. */
static void
test_render_signed(void **state)
{
	struct push_request q = { 0 };
	struct shop_access access = {
		.url = "HTTP://shop.example:8080",
		.token = STR("ck_1:cs_2"),
		.now = 1700000000 * INSTANT_SECOND,
		.nonce = "00112233445566778899aabbccddeeff",
	};
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	assert_int_equal(WOO->render(items, 2, &access, &q, &e), 0);
	assert_string_equal(q.path,
	    "/wp-json/wc/v3/customers/batch?oauth_consumer_key=ck_1"
	    "&oauth_nonce=00112233445566778899aabbccddeeff"
	    "&oauth_signature_method=HMAC-SHA256"
	    "&oauth_timestamp=1700000000&oauth_signature="
	    "aD3pXpZfowS9KPiLsnV5x8aXlCSjg%2B3K%2Blzu7aJ%2FdK0%3D");
	assert_string_equal(q.headers[0], "Content-Type: application/json");
	assert_true(q.once);
	assert_string_equal(q.headers[1], "Connection: close");
	assert_string_equal(q.headers[2], "");
	assert_int_equal(
	    strncmp(q.body.data, "{\"update\":[{\"id\":2,", 19), 0);
	buf_fini(&q.body);
}

#define TWICE(why) "; " why "; " why

/* Returns the body of the recorded answer to a request. */
static struct str
recorded_answer(const char *name)
{
	struct str text = fixture_read(&arena, "woocommerce/rest", name);
	const char *answer = strstr(text.data, "\n-> ");
	const char *body = strstr(answer, "\n\n");

	while (*body == '\n')
		body++;
	return str_of(body);
}

static void
test_judge_recorded(void **state)
{
	static const struct {
		const char *file;
		int status;
		const char *text;
	} cases[] = {
		{ "cust-batch.txt", 200,
		    "D Dx 0; the shop refused: wc_user_invalid_id" },
		{ "auth-https-wrong-secret.txt", 401,
		    "r rr 60000" TWICE(
		        "the shop refuses the API token (401): loyald store set") },
		{ "no-route.txt", 404,
		    "r rr 60000" TWICE(
		        "there is no such API at the store's address (404)") },
		{ "bad-json.txt", 400,
		    "r rr 60000" TWICE(
		        "the shop says the request is malformed (400)") },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct push_answer a;

		WOO->judge(cases[i].status, STR(""),
		    recorded_answer(cases[i].file), items, 2, &a);
		assert_string_equal(answer_text(&arena, &a, 2), cases[i].text);
	}
}

#define ITEM_ERROR(code, status)                                            \
	"{\"update\":[{\"id\":2},{\"id\":99999,\"error\":{\"code\":\"" code \
	"\",\"message\":\"\",\"data\":" status "}}]}"

static void
test_judge(void **state)
{
	static const struct {
		const char *rule;
		int status;
		const char *retry_after, *body, *text;
	} cases[] = {
		{ "all done", 200, "",
		    "{\"update\":[{\"id\":2},{\"id\":99999}]}", "D DD 0" },
		{ "in another order, by id", 200, "",
		    "{\"update\":[{\"id\":99999,\"error\":{\"code\":"
		    "\"wc_user_invalid_id\"}},{\"id\":2}]}",
		    "D Dx 0; the shop refused: wc_user_invalid_id" },
		{ "one is missing", 200, "", "{\"update\":[{\"id\":2}]}",
		    "D Dr 0; the shop's answer leaves him out" },
		{ "item: 4xx is for good", 200, "",
		    ITEM_ERROR("rest_invalid_param", "{\"status\":400}"),
		    "D Dx 0; the shop refused: rest_invalid_param" },
		{ "item: no right to it is not", 200, "",
		    ITEM_ERROR(
		        "woocommerce_rest_cannot_edit", "{\"status\":401}"),
		    "D Dr 0; the shop refused: woocommerce_rest_cannot_edit" },
		{ "item: 5xx is not", 200, "",
		    ITEM_ERROR("db_error", "{\"status\":500}"),
		    "D Dr 0; the shop refused: db_error" },
		{ "item: no status is not", 200, "",
		    ITEM_ERROR("some_plugin", "null"),
		    "D Dr 0; the shop refused: some_plugin" },
		{ "a page with 200", 200, "", "<html>Maintenance</html>",
		    "r rr 1000" TWICE(
		        "the shop answered 200 with something else") },
		{ "a page with 200 and Retry-After", 200, "600", "<html>",
		    "r rr 600000" TWICE(
		        "the shop answered 200 with something else") },
		{ "an object with 200", 200, "", "{\"update\":{}}",
		    "r rr 1000" TWICE(
		        "the shop answered 200 with something else") },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct push_answer a;
		const char *text;

		WOO->judge(cases[i].status, str_of(cases[i].retry_after),
		    str_of(cases[i].body), items, 2, &a);
		text = answer_text(&arena, &a, 2);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: %s\nexpected %s", cases[i].rule, text,
			    cases[i].text);
	}
}

/* Checks that an order has the time when loyald received it, and that a
 * restored order is marked as restored. */
static void
test_receipts(void **state)
{
	static const struct {
		const char *topic, *status;
		bool restored;
	} cases[] = {
		{ "order.created", "\"completed\"", false },
		{ "order.updated", "\"completed\"", false },
		{ "order.restored", "\"completed\"", true },
		{ "order.restored", "\"pending\"", true },
		/* restored, but deleted again before the shop made the body */
		{ "order.restored", "\"trash\"", false },
	};
	struct str body = fixture_read(&arena, "woocommerce", ORDER);

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct message m = message_of(PLATFORM_WOOCOMMERCE,
		    cases[i].topic,
		    body_edit(&arena, body, "status", cases[i].status));
		struct event ev;
		struct err e;

		assert_int_equal(
		    shop_parse(&arena, &m, &test_key, "EUR", &ev, &e), 0);
		assert_int_equal(ev.order.told_at, m.received_at);
		assert_int_equal(ev.order.restored_at,
		    cases[i].restored ? m.received_at : 0);
		assert_int_equal(ev.order.deleted_at, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_recorded_signatures),
		cmocka_unit_test(test_changed_orders),
		cmocka_unit_test(test_other_bodies),
		cmocka_unit_test(test_receipts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_render_signed),
		cmocka_unit_test(test_judge_recorded),
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

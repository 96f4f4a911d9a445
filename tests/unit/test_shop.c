/* SPDX-License-Identifier: MIT */
/*
 * Checks of what all platforms have in common: a complete struct shop, headers,
 * tokens, and the meaning of an answer's status.
 */
#include "bodies.h"
#include "wire/address.h"
#include "wire/shop/check.h"

/* ---- what a platform needs ----------------------------------------------- */

static void
assert_can_push(const struct shop *s)
{
	assert_int_not_equal(s->storefront, 0);
	assert_in_range(s->batch_max, 1, PUSH_BATCH_MAX);
	assert_non_null(s->render);
	assert_non_null(s->judge);
	assert_true((s->ask == NULL) == (s->number == NULL));
	assert_in_range(s->nchecks, 1, CHECK_CALLS_MAX);
	assert_non_null(s->check_call);
	assert_non_null(s->check_read);
}

/* Checks that every topic has a function that reads its bodies, and an address
 * at the store. */
static void
assert_reads_topics(const struct shop *s)
{
	for (size_t i = 0; i < s->ntopics; i++) {
		const char *text = parse_text(
		    &arena, s, s->topics[i].name, STR("{}"), "");

		assert_string_not_equal(text, "not REJECT");
		assert_non_null(
		    address_name(address_of_topic(s->topics[i].kind)));
	}
}

static void
test_every_shop_is_whole(void **state)
{
	(void)state;
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct shop *s = shop_find((enum platform)i);

		assert_int_equal(s->platform, i);
		assert_true(s->ntopics > 0 && s->nheader_names > 0);
		assert_non_null(s->award[0]);
		assert_non_null(s->is_ping);
		assert_non_null(s->is_from);
		assert_non_null(s->secret);
		assert_reads_topics(s);
		if (platform_is_shop(s->platform))
			assert_can_push(s);
	}
	assert_null(shop_find((enum platform)0));
	assert_null(shop_find((enum platform)(PLATFORMS + 1)));
}

static void
test_foreign_topics(void **state)
{
	static const struct {
		const struct shop *shop;
		const char *topic;
	} cases[] = {
		{ &shop_shopify, "app/uninstalled" },
		{ &shop_shopify, "customers/redact" },
		{ &shop_shopify, "orders/" },
		{ &shop_shopify, "ORDERS_PAID" },
		{ &shop_shopify, "order.created" },
		{ &shop_shopify, "" },
		{ &shop_woocommerce, "coupon.created" },
		{ &shop_woocommerce, "action.woocommerce_add_to_cart" },
		{ &shop_woocommerce, "order.create" },
		{ &shop_woocommerce, "order.updatedx" },
		{ &shop_woocommerce, "Order.Updated" },
		{ &shop_woocommerce, "orders/paid" },
		{ &shop_woocommerce, "" },
		{ &shop_events, "events" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		assert_null(topic_find(cases[i].shop, str_of(cases[i].topic)));
}

/* Checks what only one platform does. WooCommerce sends pings and alters the
 * secret that the admin entered. Shopify's deliveries must name their shop. */
static void
test_what_few_do(void **state)
{
	static const struct delivery d = { .source = { "a.example", 9 } };

	(void)state;
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct shop *s = shop_find((enum platform)i);
		struct str key = s->secret(&arena, STR("hu&amp;sh "));

		assert_int_equal(
		    s->is_ping(STR("webhook_id=1")), i == PLATFORM_WOOCOMMERCE);
		assert_int_equal(
		    str_eq(key, STR("hu&amp;sh ")), i != PLATFORM_WOOCOMMERCE);
		assert_int_equal(
		    s->is_from(&d, STR("shop.example")), i != PLATFORM_SHOPIFY);
	}
}

/* ---- headers ------------------------------------------------------------- */

/* HMAC-SHA256 of "{}" under "hush" */
#define HMAC "UFwgrGBPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyRg="

/* The names of a platform's headers; NULL for a header that it does not
 * send. */
static const struct header_names {
	const struct shop *shop;
	const char *topic, *hmac, *source, *id;
} names[] = {
	{ &shop_shopify, "X-Shopify-Topic", "X-Shopify-Hmac-Sha256",
	    "X-Shopify-Shop-Domain", "X-Shopify-Webhook-Id" },
	{ &shop_shopify, "shopify-topic", "shopify-hmac-sha256",
	    "shopify-shop-domain", "shopify-webhook-id" },
	{ &shop_woocommerce, "x-wc-webhook-TOPIC", "X-WC-Webhook-Signature",
	    "X-WC-Webhook-Source", "X-WC-Webhook-Delivery-ID" },
	{ &shop_events, NULL, "x-loyald-hmac-sha256", NULL, NULL },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(names); i++) {
		const struct header_names *k = &names[i];
		const struct header headers[] = {
			{ STR("Content-Type"), STR("application/json") },
			{ STR("X-Shopify-Event-Id"), STR("0b1c") },
			{ STR("X-WC-Webhook-ID"), STR("1") },
			{ STR("X-WC-Webhook-Resource"), STR("order") },
			{ str_of(k->hmac), STR(HMAC) },
			{ str_of(k->topic), STR("\torders/paid ") },
			{ str_of(k->source), STR("shop.example") },
			{ str_of(k->id), STR("b1c4e7e0") },
		};
		size_t n = k->topic == NULL ? 5 : NITEMS(headers);
		struct delivery d;
		struct err e;

		assert_int_equal(delivery_read(k->shop, headers, n, &d, &e), 0);
		assert_true(d.has_hmac && d.hmac_ok);
		assert_int_equal(d.hmac[0], 0x50);
		assert_int_equal(d.hmac[31], 0x18);
		assert_true(
		    str_eq(d.topic, str_of(k->topic ? "orders/paid" : "")));
		assert_true(
		    str_eq(d.source, str_of(k->source ? "shop.example" : "")));
		assert_true(str_eq(d.id, str_of(k->id ? "b1c4e7e0" : "")));
	}
}

/* Checks that headers of other platforms are ignored. */
static void
test_headers_absent(void **state)
{
	static const struct header all[] = {
		{ STR("X-Shopify-Topic"), STR("orders/paid") },
		{ STR("X-WC-Webhook-Topic"), STR("order.created") },
	};

	(void)state;
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct shop *s = shop_find((enum platform)i);
		struct delivery d;
		struct err e;

		assert_int_equal(delivery_read(s, NULL, 0, &d, &e), 0);
		assert_false(d.has_hmac || d.hmac_ok);
		assert_int_equal(d.topic.len, 0);
		assert_int_equal(delivery_read(s, all, NITEMS(all), &d, &e), 0);
	}
}

static void
test_headers_twice(void **state)
{
	static const struct {
		const struct shop *shop;
		const char *one, *other, *why;
	} cases[] = {
		{ &shop_shopify, "X-Shopify-Topic", "x-shopify-topic",
		    "the header X-Shopify-Topic came twice" },
		{ &shop_shopify, "X-Shopify-Topic", "Shopify-Topic",
		    "the header Shopify-Topic came twice" },
		{ &shop_shopify, "X-Shopify-Hmac-Sha256",
		    "X-Shopify-Hmac-SHA256",
		    "the header X-Shopify-Hmac-Sha256 came twice" },
		{ &shop_shopify, "X-Shopify-Shop-Domain", "Shopify-Shop-Domain",
		    "the header Shopify-Shop-Domain came twice" },
		{ &shop_shopify, "X-Shopify-Webhook-Id", "X-Shopify-Webhook-Id",
		    "the header X-Shopify-Webhook-Id came twice" },
		{ &shop_events, "X-Loyald-Hmac-Sha256", "x-loyald-hmac-sha256",
		    "the header X-Loyald-Hmac-Sha256 came twice" },
		/* headers that receive does not read */
		{ &shop_shopify, "X-Shopify-Event-Id", "X-Shopify-Event-Id",
		    NULL },
		{ &shop_shopify, "Accept", "Accept", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		/* A header that came twice is found even if one of the two is
		 * empty. */
		const struct header headers[] = {
			{ str_of(cases[i].one), STR("") },
			{ str_of(cases[i].other), STR("x") },
		};
		struct delivery d;
		struct err e = { .fault = FAULT_NONE };

		assert_int_equal(
		    delivery_read(cases[i].shop, headers, 2, &d, &e),
		    cases[i].why == NULL ? 0 : -1);
		if (cases[i].why == NULL)
			continue;
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_string_equal(e.msg, cases[i].why);
	}
}

static void
test_hmac(void **state)
{
	static const struct {
		const char *rule, *value;
		bool ok;
	} cases[] = {
		{ "base64", HMAC, true },
		{ "with blanks around it", "\t " HMAC " ", true },
		{ "hexadecimal",
		    "505c20ac604f662945b662a1f13a9ca2"
		    "f03bf0b1986f505d5aef48e10da8c918",
		    false },
		{ "no padding", "UFwgrGBPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyRg",
		    false },
		{ "31 bytes",
		    "UFwgrGBPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyQ==", false },
		{ "a letter of base64url",
		    "UFwgr-BPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyRg=", false },
		{ "bits behind the end",
		    "UFwgrGBPZilFtmKh8TqcovA78LGYb1BdWu9I4Q2oyRh=", false },
		{ "something behind it", HMAC "x", false },
		{ "nothing", "", false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct header h = { str_of(names[0].hmac),
			str_of(cases[i].value) };
		struct delivery d;
		struct err e;

		assert_int_equal(
		    delivery_read(names[0].shop, &h, 1, &d, &e), 0);
		assert_true(d.has_hmac);
		if (d.hmac_ok != cases[i].ok)
			fail_msg("%s", cases[i].rule);
	}
}

/* Checks that a long id of a delivery is cut to the length that a message
 * has room for. */
static void
test_long_id(void **state)
{
	char id[DELIVERY_ID_MAX + 7];
	const struct header h = { str_of(names[0].id), { id, sizeof(id) } };
	struct delivery d;
	struct err e;

	(void)state;
	memset(id, 'x', sizeof(id));
	assert_int_equal(delivery_read(names[0].shop, &h, 1, &d, &e), 0);
	assert_int_equal(d.id.len, DELIVERY_ID_MAX);
}

/* ---- calls --------------------------------------------------------------- */

static const struct push_item items[] = {
	{ .customer_id = 1, .version = 1 },
	{ .customer_id = 2, .version = 2 },
};

/* The platforms to which balances are pushed. */
static const struct shop *const shops[] = { &shop_shopify, &shop_woocommerce };

/* With http, WooCommerce's calls are signed. */
static const char *const urls[] = { "https://a.example", "http://a.example" };

static void
test_tokens(void **state)
{
	static const struct {
		struct str token;
		const struct shop
		    *alone; /* the only API that accepts the secret */
	} cases[] = {
		{ STR(""), NULL },
		{ STR("key:secret\r\nX: y"), NULL },
		{ STR("key:secret\n"), NULL },
		{ STR("key: secret"), NULL },
		{ STR("key:secret\0"), NULL },
		{ STR("key:secret\x7f"), NULL },
		{ STR("key:secret\xc3\xa4"), NULL },
		/* not in the form consumer_key:consumer_secret, which
		 * WooCommerce needs */
		{ STR("secret"), &shop_shopify },
	};
	struct push_request q = { 0 };
	struct err e;

	(void)state;
	buf_init(&q.body, PUSH_BODY_MAX);
	for (size_t i = 0; i < NITEMS(cases); i++)
		for (size_t j = 0; j < NITEMS(shops); j++) {
			bool good = shops[j] == cases[i].alone;

			e = (struct err){ .fault = FAULT_NONE };
			assert_int_equal(
			    shops[j]->render(items, 1,
			        &(struct shop_access){ .url = urls[i % 2],
			            .token = cases[i].token },
			        &q, &e),
			    good ? 0 : -1);
			assert_int_equal(
			    e.fault, good ? FAULT_NONE : FAULT_REJECT);
			assert_null(strstr(e.msg, "secret\n"));
		}
	buf_fini(&q.body);
}

/* Checks that the largest batch of the largest balances fits into the
 * buffer, and that a buffer which is too small is a FATAL fault. */
static void
test_room(void **state)
{
	struct push_item most[PUSH_BATCH_MAX];
	struct push_request q = { 0 }, small = { 0 };
	char token[SECRET_MAX + 1];
	struct err e;

	(void)state;
	for (size_t i = 0; i < PUSH_BATCH_MAX; i++)
		most[i] = (struct push_item){ .customer_id = INT64_MAX,
			.available = INT64_MAX,
			.pending = INT64_MAX,
			.debt = INT64_MAX,
			.version = INT64_MAX };
	/* The key is as long as it may be, and each byte is escaped. */
	memset(token, '/', sizeof(token));
	token[SECRET_MAX - 1] = ':';
	buf_init(&q.body, PUSH_BODY_MAX);
	buf_init(&small.body, 100);
	for (size_t i = 0; i < NITEMS(shops); i++)
		for (size_t j = 0; j < NITEMS(urls); j++) {
			struct shop_access a = { .url = urls[j],
				.token = { token, SECRET_MAX },
				.now = INT64_MAX };

			memset(a.nonce, 'f', sizeof(a.nonce) - 1);
			assert_int_equal(shops[i]->render(most,
			                     shops[i]->batch_max, &a, &q, &e),
			    0);
			assert_int_equal(q.body.data[q.body.len - 1], '}');
			a.token.len++;
			assert_int_equal(shops[i]->render(most,
			                     shops[i]->batch_max, &a, &q, &e),
			    -1);
			assert_int_equal(e.fault, FAULT_REJECT);
			a.token = STR("a:b");
			assert_int_equal(
			    shops[i]->render(items, 1, &a, &small, &e), -1);
			assert_int_equal(e.fault, FAULT_FATAL);
		}
	buf_fini(&small.body);
	buf_fini(&q.body);
}

/* ---- answers ------------------------------------------------------------- */

static void
test_statuses(void **state)
{
#define TWICE(why) "; " why "; " why
	static const struct {
		const char *rule;
		int status;
		const char *retry_after, *text;
	} cases[] = {
		{ "no answer", 0, "", "1000" TWICE("the shop did not answer") },
		{ "redirected", 301, "",
		    "60000" TWICE("the shop answered 301") },
		{ "malformed", 400, "",
		    "60000" TWICE(
		        "the shop says the request is malformed (400)") },
		{ "bad token", 401, "",
		    "60000" TWICE("the shop refuses the API token (401): "
		                  "loyald store set") },
		{ "frozen", 402, "",
		    "60000" TWICE("the shop is frozen (402)") },
		{ "forbidden", 403, "",
		    "60000" TWICE(
		        "the API token lacks a right for this call (403)") },
		{ "no such shop", 404, "",
		    "60000" TWICE("there is no such API at the store's "
		                  "address (404)") },
		{ "fewer at once", 413, "",
		    "60000" TWICE("the shop takes fewer balances in one call "
		                  "(413)") },
		{ "locked", 423, "",
		    "60000" TWICE("the shop is locked (423)") },
		{ "throttled", 429, "",
		    "1000 throttled" TWICE("the shop answered 429") },
		{ "throttled, and until when", 429, "2.5",
		    "2500 throttled" TWICE("the shop answered 429") },
		{ "suspicious", 430, "",
		    "1000 throttled" TWICE("the shop answered 430") },
		{ "down", 503, "", "1000" TWICE("the shop answered 503") },
		{ "down, and until when", 503, "120",
		    "120000" TWICE("the shop answered 503") },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		for (size_t j = 0; j < NITEMS(shops); j++) {
			struct push_answer a;
			const char *want = arena_printf(
			    &arena, "r rr %s", cases[i].text);

			shops[j]->judge(cases[i].status,
			    str_of(cases[i].retry_after), STR(""), items, 2,
			    &a);
			if (strcmp(answer_text(&arena, &a, 2), want) != 0)
				fail_msg("%s: %s\nexpected %s", cases[i].rule,
				    answer_text(&arena, &a, 2), want);
		}
#undef TWICE
}

static void
test_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "", 1000 },
		{ "0", 1000 },
		{ "0.5", 1000 },
		{ "1.25", 1250 },
		{ "2.0", 2000 },
		{ " 7 ", 7000 },
		{ "1.2345678901234567890123", 1234 },
		{ "3.", 3000 },
		{ "3599", 3599000 },
		{ "3600", 3600000 },
		{ "99999999999999999999999999", 3600000 },
		{ "Sun, 22 Nov 2026 08:00:00 GMT", 60000 },
		{ "-5", 60000 },
		{ "5s", 60000 },
		{ ".5", 60000 },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		for (size_t j = 0; j < NITEMS(shops); j++) {
			struct push_answer a;

			shops[j]->judge(
			    503, str_of(cases[i].text), STR(""), items, 1, &a);
			assert_int_equal(a.wait_ms, cases[i].ms);
		}
}

/* Checks that the memory of a body is free again when its event is known: a
 * batch has many bodies, and each of these has 20 times its size in values. */
static void
test_memory_of_bodies(void **state)
{
	const size_t most = 1024 * 1024;
	struct message m = { .platform = PLATFORM_SHOPIFY,
		.topic = STR("orders/create") };
	struct arena a;
	struct event ev;
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 2 * most);
	buf_puts(&b, "{\"id\":1,\"x\":[0");
	while (b.len < most)
		buf_puts(&b, ",0");
	buf_puts(&b, "]}");
	m.body = (struct str){ b.data, b.len };
	arena_init(&a);
	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    shop_parse(&a, &m, &test_key, "EUR", &ev, &e), -1);
	assert_true(arena_size(&a) < most);
	arena_fini(&a);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_shop_is_whole),
		cmocka_unit_test(test_foreign_topics),
		cmocka_unit_test(test_what_few_do),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_headers_absent),
		cmocka_unit_test(test_headers_twice),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_long_id),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_memory_of_bodies),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

/* SPDX-License-Identifier: MIT */
#include "base/money.h"
#include "bodies.h"
#include "wire/fact_json.h"
#include "wire/order_json.h"
#include "wire/shop/events.h"

#define EVENTS (&shop_events)

/* Writes as text a fact as the ledger stores it, and the person whom the fact
 * is about. */
static void
told_text(const struct told_fact *t, struct buf *b)
{
	struct str text = fact_render(&arena, &t->fact);

	buf_printf(b, "%.*s of ", (int)text.len, text.data);
	if (t->code != NULL)
		buf_printf(b, "code %s\n", t->code);
	else
		buf_printf(b, "%s\n",
		    t->customer != NULL
		        ? t->customer
		        : email_text(t->email_hash, "anna@example.test"));
}

/* Returns the event as text, or the error message if the body is refused. */
static const char *
read_body(struct str body)
{
	struct message m = message_of(PLATFORM_EVENTS, EVENT_TOPIC, body);
	struct event ev = { .kind = EVENT_NOTHING };
	struct err e = { 0 };
	struct buf b;
	char *text;

	if (shop_parse(&arena, &m, &test_key, "EUR", &ev, &e) == -1)
		return e.fault == FAULT_REJECT ? arena_strdup(&arena, e.msg)
		                               : "not REJECT";
	buf_init(&b, LINE_TEXT_MAX);
	if (ev.kind == EVENT_ORDER) {
		struct str o = order_render(&arena, &ev.order);

		assert_int_equal(ev.nfacts, 0);
		buf_printf(&b, "%.*s\n", (int)o.len, o.data);
	} else {
		assert_int_equal(ev.kind, EVENT_FACTS);
	}
	for (size_t i = 0; i < ev.nfacts; i++)
		told_text(&ev.facts[i], &b);
	text = arena_strdup(&arena, b.data);
	buf_fini(&b);
	return text;
}

/* The body of an event of this type, with more keys at its end. */
#define BODY(type, more)                                           \
	"{\"idempotency_key\":\"k1\",\"type\":\"" type             \
	"\",\"at\":\"2026-11-20T10:00:00Z\",\"customer\":{\"id\":" \
	"\"123\"}" more "}"
#define AT "\"at\":1795168800000000,\"id\":\"k1\""

struct read_case {
	const char *rule, *body, *text;
};

static void
cases_check(const struct read_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = read_body(str_of(cases[i].body));

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s\nexpected\n%s", cases[i].rule, text,
			    cases[i].text);
	}
}

static void
test_events(void **state)
{
	static const struct read_case cases[] = {
		{ "the least", BODY("review", ""),
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"count\":1} of 123\n" },
		{ "everything",
		    BODY("trade_in",
		        ",\"amount\":\"5.00\",\"count\":3,\"channel\":\"pos\","
		        "\"brand\":\"Golf & Co\",\"fields\":{\"stars\":\"5\","
		        "\"n\":-7,\"yes\":true,\"no\":false}"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"trade_in\","
		    "\"channel\":\"pos\",\"brand\":\"Golf & Co\","
		    "\"amount\":500,\"count\":3,\"fields\":["
		    "{\"name\":\"stars\",\"value\":\"5\"},"
		    "{\"name\":\"n\",\"value\":\"-7\"},"
		    "{\"name\":\"yes\",\"value\":\"true\"},"
		    "{\"name\":\"no\",\"value\":\"false\"}]} of 123\n" },
		{ "more decimals than the currency has",
		    BODY("review", ",\"amount\":\"49.995\""),
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"amount\":49995,\"finer\":1,\"count\":1} of 123\n" },
		{ "a number for a text", BODY("review", ",\"amount\":49.50"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"amount\":4950,\"count\":1} of 123\n" },
		{ "nulls are nothing",
		    BODY("review",
		        ",\"amount\":null,\"channel\":null,\"brand\":null,"
		        "\"fields\":null"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"count\":1} of 123\n" },
		{ "somebody by address",
		    "{\"idempotency_key\":\"k1\",\"type\":\"review\","
		    "\"at\":\"2026-11-20T11:00:00+01:00\",\"customer\":"
		    "{\"email\":\"Anna@Example.TEST\"}}",
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"count\":1} of anna@example.test\n" },
		{ "somebody by the code shown",
		    "{\"idempotency_key\":\"k1\",\"type\":\"review\","
		    "\"at\":\"2026-11-20T10:00:00Z\",\"customer\":"
		    "{\"code\":\"6s5y6h-YM9\"}}",
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"count\":1} of code 6s5y6hym9\n" },
		{ "an id is a number however it is written",
		    "{\"idempotency_key\":\"k1\",\"type\":\"review\","
		    "\"at\":\"2026-11-20T10:00:00\",\"customer\":"
		    "{\"id\":9223372036854775807}}",
		    "{\"kind\":\"event\"," AT ",\"type\":\"review\","
		    "\"count\":1} of 9223372036854775807\n" },
		{ "a chosen day",
		    BODY("chosen_day", ",\"fields\":{\"day\":\"2026-12-24\"}"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"chosen_day\","
		    "\"count\":1,\"fields\":[{\"name\":\"day\",\"value\":"
		    "\"2026-12-24\"}]} of 123\n" },
		{ "a birthday of long ago",
		    BODY(
		        "profile", ",\"fields\":{\"birthday\":\"1940-02-29\"}"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"profile\","
		    "\"count\":1,\"fields\":[{\"name\":\"birthday\","
		    "\"value\":\"1940-02-29\"}]} of 123\n" },
	};

	(void)state;
	cases_check(cases, NITEMS(cases));
}

static void
test_redemptions(void **state)
{
	static const struct read_case cases[] = {
		{ "the least", BODY("redemption", ",\"reward\":\"20-off\""),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"20-off\"} of "
		    "123\n" },
		{ "everything",
		    BODY("redemption",
		        ",\"reward\":\"gift\",\"units\":100,\"wallet\":"
		        "\"points\",\"reserve\":true,\"issue\":true,"
		        "\"charity\":\"wildlife\""),
		    "{\"kind\":\"redeem\"," AT ",\"wallet\":\"points\","
		    "\"reward\":\"gift\",\"units\":100,\"reserve\":true,"
		    "\"charity\":\"wildlife\",\"issue\":true} of 123\n" },
		{ "to be made at the shop",
		    BODY("redemption", ",\"reward\":\"a\",\"issue\":true"),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"a\","
		    "\"issue\":true} of 123\n" },
		{ "a reward that waits in a cart",
		    BODY("redemption",
		        ",\"reward\":\"a\",\"issue\":true,\"cart\":true"),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"a\","
		    "\"issue\":true,\"cart\":true} of 123\n" },
		{ "issue is a truth",
		    BODY("redemption", ",\"reward\":\"a\",\"issue\":\"yes\""),
		    "unparsable: issue is neither true nor false" },
		{ "money, of which wallets count thousandths of cents",
		    BODY("redemption",
		        ",\"reward\":\"credit\",\"units\":\"5.00\""),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"credit\","
		    "\"units\":500000} of 123\n" },
		{ "what the goods come to",
		    BODY("redemption",
		        ",\"reward\":\"credit\",\"amount\":\"3.00\""),
		    "{\"kind\":\"redeem\"," AT ",\"amount\":300,"
		    "\"reward\":\"credit\",\"amount_told\":true} of "
		    "123\n" },
		{ "they come to nothing",
		    BODY("redemption",
		        ",\"reward\":\"credit\",\"amount\":\"0.00\""),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"credit\","
		    "\"amount_told\":true} of 123\n" },
		{ "nobody knows what they come to",
		    BODY(
		        "redemption", ",\"reward\":\"credit\",\"amount\":null"),
		    "{\"kind\":\"redeem\"," AT ",\"reward\":\"credit\"} of "
		    "123\n" },
		{ "no reward", BODY("redemption", ""),
		    "unparsable: reward is missing" },
		{ "no units",
		    BODY("redemption", ",\"reward\":\"a\",\"units\":0"),
		    "unparsable: units are neither a whole number nor money" },
		{ "fewer than none",
		    BODY("redemption", ",\"reward\":\"a\",\"units\":-1"),
		    "unparsable: units are neither a whole number nor money" },
		{ "half a unit",
		    BODY("redemption", ",\"reward\":\"a\",\"units\":1.5"),
		    "unparsable: units are neither a whole number nor money" },
		{ "reserve is a truth",
		    BODY("redemption", ",\"reward\":\"a\",\"reserve\":1"),
		    "unparsable: reserve is neither true nor false" },
		{ "nothing of an event",
		    BODY("redemption", ",\"reward\":\"a\",\"count\":1"),
		    "unparsable: the body has a key besides idempotency_key, "
		    "type, at, customer, reward, units, wallet, reserve, "
		    "issue, cart, charity, amount" },
		{ "captured", BODY("redemption_captured", ",\"of\":\"k0\""),
		    "{\"kind\":\"capture\"," AT ",\"of\":\"k0\"} of 123\n" },
		{ "released", BODY("redemption_released", ",\"of\":\"k0\""),
		    "{\"kind\":\"release\"," AT ",\"of\":\"k0\"} of 123\n" },
		{ "undone", BODY("undo", ",\"of\":\"k0\""),
		    "{\"kind\":\"event\"," AT
		    ",\"type\":\"event.undo\",\"count\":1,"
		    "\"of\":\"k0\"} of 123\n" },
		{ "undone, of nothing", BODY("undo", ""),
		    "unparsable: of is missing" },
		{ "undone, and more",
		    BODY("undo", ",\"of\":\"k0\",\"amount\":\"1.00\""),
		    "unparsable: the body has a key besides idempotency_key, "
		    "type, at, customer, of" },
		{ "of nothing", BODY("redemption_released", ""),
		    "unparsable: of is missing" },
	};

	(void)state;
	cases_check(cases, NITEMS(cases));
}

static void
test_referrals(void **state)
{
	char *long_key = arena_alloc(&arena, 300);
	static const struct read_case cases[] = {
		{ "two facts, under two keys",
		    BODY("referral",
		        ",\"friend\":{\"id\":\"124\"},\"amount\":\"60.00\","
		        "\"fields\":{\"code\":\"x\"}"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"referral\","
		    "\"amount\":6000,\"count\":1,\"fields\":[{\"name\":"
		    "\"code\",\"value\":\"x\"}]} of 123\n"
		    "{\"kind\":\"event\",\"at\":1795168800000000,\"id\":"
		    "\"k1:referred\",\"type\":\"referred\","
		    "\"amount\":6000,\"count\":1,\"fields\":[{\"name\":"
		    "\"code\",\"value\":\"x\"}]} of 124\n" },
		{ "a friend by address",
		    BODY("referral",
		        ",\"friend\":{\"email\":\"anna@example.test\"}"),
		    "{\"kind\":\"event\"," AT ",\"type\":\"referral\","
		    "\"count\":1} of 123\n"
		    "{\"kind\":\"event\",\"at\":1795168800000000,\"id\":"
		    "\"k1:referred\",\"type\":\"referred\",\"count\":1} of "
		    "anna@example.test\n" },
		{ "no friend", BODY("referral", ""),
		    "unparsable: friend is missing" },
		{ "oneself", BODY("referral", ",\"friend\":{\"id\":123}"),
		    "unparsable: friend is the customer" },
		{ "a friend has an id or an address",
		    BODY("referral", ",\"friend\":{}"),
		    "unparsable: friend needs either id, email or code" },
		{ "a friend of nothing else",
		    BODY("review", ",\"friend\":{\"id\":124}"),
		    "unparsable: the body has a key besides idempotency_key, "
		    "type, at, customer, amount, count, channel, brand, "
		    "fields" },
	};

	(void)state;
	cases_check(cases, NITEMS(cases));
	/* The id of the friend's fact is longer than the id of the event, and
	 * must also fit. */
	memset(long_key, 'k', 299);
	for (int n = 246; n <= 247; n++) {
		struct str body = body_edit(&arena,
		    STR(BODY("referral", ",\"friend\":{\"id\":124}")),
		    "idempotency_key",
		    arena_printf(&arena, "\"%.*s\"", n, long_key));
		const char *text = read_body(body);

		assert_int_equal(
		    strcmp(text, "unparsable: idempotency_key of a "
		                 "referral has more than 246 bytes") == 0,
		    n > 246);
	}
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *path, *value, *text;
	} cases[] = {
		{ "idempotency_key", NULL, "idempotency_key is missing" },
		{ "idempotency_key", "\"\"",
		    "idempotency_key is not 1 to 255 bytes of printable text" },
		{ "idempotency_key", "\"a\\n\"",
		    "idempotency_key is not 1 to 255 bytes of printable text" },
		{ "idempotency_key", "\"a\\u0000\"",
		    "idempotency_key is not 1 to 255 bytes of printable text" },
		{ "idempotency_key", "\"\xc3\xa9\"",
		    "idempotency_key has a character that is not printable "
		    "ASCII" },
		{ "idempotency_key", "7", "idempotency_key is not a text" },
		{ "type", NULL, "type is missing" },
		{ "type", "\"\"", "type is not 1 to 31 of a-z 0-9 _ -" },
		{ "type", "\"Review\"", "type is not 1 to 31 of a-z 0-9 _ -" },
		{ "type", "\"01234567890123456789012345678901\"",
		    "type is not 1 to 31 of a-z 0-9 _ -" },
		{ "type", "\"adjustment\"",
		    "type is an operator's alone: loyald member adjust" },
		{ "type", "\"birthday\"",
		    "type comes by itself in its time and is not sent" },
		{ "at", NULL, "at is missing" },
		{ "at", "\"yesterday\"", "at is not a time" },
		{ "at", "\"1970-12-31T23:59:59Z\"", "at is not a time" },
		{ "at", "\"2026-11-23T00:00:01Z\"",
		    "at is more than a day ahead of now" },
		{ "at", "1795168800", "at is not a time" },
		{ "customer", NULL, "customer is missing" },
		{ "customer", "\"123\"", "customer is not an object" },
		{ "customer", "{}", "customer needs either id, email or code" },
		{ "customer", "{\"id\":1,\"email\":\"a@b\"}",
		    "customer needs either id, email or code" },
		{ "customer", "{\"name\":1}",
		    "customer has a key besides id, email, code" },
		{ "customer", "{\"code\":\"6S5-Y6H-YM8\"}",
		    "customer.code is no member's code: a symbol is wrong or "
		    "missing" },
		{ "customer", "{\"code\":\"6S5-Y6H-YM\"}",
		    "customer.code is no member's code: a symbol is wrong or "
		    "missing" },
		{ "customer", "{\"code\":7}", "customer.code is not a text" },
		{ "customer", "{\"id\":1,\"code\":\"6S5-Y6H-YM9\"}",
		    "customer needs either id, email or code" },
		{ "customer", "{\"id\":0}", "customer.id is not an id" },
		{ "customer", "{\"id\":\"x\"}", "customer.id is not an id" },
		{ "customer", "{\"email\":\"\"}",
		    "customer.email is no e-mail address" },
		{ "customer", "{\"email\":\"@b\"}",
		    "customer.email is no e-mail address" },
		{ "customer", "{\"email\":\"a@\"}",
		    "customer.email is no e-mail address" },
		{ "customer", "{\"email\":\"a b@c\"}",
		    "customer.email is no e-mail address" },
		{ "amount", "\"-1\"", "amount is below zero" },
		{ "amount", "\"1,00\"", "amount is not an amount" },
		{ "amount", "\"10000000000000.01\"",
		    "amount is not an amount" },
		{ "count", "0", "count is none" },
		{ "count", "1000001", "count is not a quantity" },
		{ "count", "1.5", "count is not a quantity" },
		{ "channel", "\"P O S\"",
		    "channel is not 1 to 31 of a-z 0-9 _ -" },
		{ "channel", "7", "channel is not a text" },
		{ "brand", "\"\"",
		    "brand is not 1 to 255 bytes of printable text" },
		{ "fields", "[]", "fields is not an object" },
		{ "fields", "{\"A\":1}",
		    "fields have a name that is not 1 to 31 of a-z 0-9 _ -" },
		{ "fields", "{\"a\":1.5}",
		    "fields.a is neither a text of 1 to 255 bytes, nor a whole "
		    "number, nor true or false" },
		{ "fields", "{\"a\":\"\"}",
		    "fields.a is neither a text of 1 to 255 bytes, nor a whole "
		    "number, nor true or false" },
		{ "fields", "{\"a\":\"\\n\"}",
		    "fields.a is neither a text of 1 to 255 bytes, nor a whole "
		    "number, nor true or false" },
		{ "fields", "{\"a\":null}",
		    "fields.a is neither a text of 1 to 255 bytes, nor a whole "
		    "number, nor true or false" },
		{ "secret", "\"hush\"",
		    "the body has a key besides idempotency_key, type, at, "
		    "customer, amount, count, channel, brand, fields" },
		{ "type", "\"consent\"", "fields.consent is missing" },
		{ "type", "\"membership_payment\"",
		    "fields.membership is missing" },
		{ "type", "\"chosen_day\"", "fields.day is missing" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct str body = body_edit(&arena, STR(BODY("review", "")),
		    cases[i].path, cases[i].value);
		const char *text = read_body(body);

		if (strncmp(text, "unparsable: ", 12) != 0 ||
		    strcmp(text + 12, cases[i].text) != 0)
			fail_msg("%s = %s:\n%s\nexpected\n%s", cases[i].path,
			    cases[i].value ? cases[i].value : "(none)", text,
			    cases[i].text);
	}
}

static void
test_refuses_more(void **state)
{
	static const struct read_case cases[] = {
		{ "no JSON", "<html>",
		    "unparsable: the body is not JSON (line 1, column 1)" },
		{ "a list", "[]", "unparsable: the body is not an object" },
		{ "a key twice", "{\"type\":\"a\",\"type\":\"b\"}",
		    "unparsable: the body names a key twice (line 1, column "
		    "23)" },
		{ "a day that is none",
		    BODY("chosen_day", ",\"fields\":{\"day\":\"2026-02-29\"}"),
		    "unparsable: fields.day is no date like 2025-08-15" },
		{ "a birthday that is none",
		    BODY("profile", ",\"fields\":{\"birthday\":\"1.2.1990\"}"),
		    "unparsable: fields.birthday is no date like 2025-08-15" },
	};
	struct message m = message_of(
	    PLATFORM_EVENTS, "orders/paid", STR(BODY("review", "")));
	struct event ev;
	struct err e;

	(void)state;
	cases_check(cases, NITEMS(cases));
	assert_int_equal(shop_parse(&arena, &m, &test_key, "EUR", &ev, &e), -1);
	assert_string_equal(
	    e.msg, "unparsable: loyald has no use for this topic");
}

/* Checks that every list is accepted up to its largest length, and refused
 * if longer. */
static void
test_bounds(void **state)
{
	struct buf b;

	(void)state;
	for (int n = FIELDS_MAX; n <= FIELDS_MAX + 1; n++) {
		const char *text;

		buf_init(&b, 10000);
		for (int i = 0; i < n; i++)
			buf_printf(&b, "%s\"f%d\":%d", i > 0 ? "," : "{", i, i);
		buf_puts(&b, "}");
		text = read_body(body_edit(
		    &arena, STR(BODY("review", "")), "fields", b.data));
		assert_int_equal(
		    strcmp(text, "unparsable: fields are too many") == 0,
		    n > FIELDS_MAX);
		buf_fini(&b);
	}
	for (int n = 255; n <= 256; n++) {
		const char *text;

		buf_init(&b, 10000);
		buf_puts(&b, "{\"email\":\"a@");
		for (int i = 2; i < n; i++)
			buf_puts(&b, "x");
		buf_puts(&b, "\"}");
		text = read_body(body_edit(
		    &arena, STR(BODY("review", "")), "customer", b.data));
		assert_int_equal(
		    strcmp(text,
		        "unparsable: customer.email is no e-mail address") == 0,
		    n > 255);
		buf_fini(&b);
	}
	for (int n = 255; n <= 256; n++) {
		const char *text;

		buf_init(&b, 10000);
		buf_puts(&b, "{\"f\":\"");
		for (int i = 0; i < n; i++)
			buf_puts(&b, "x");
		buf_puts(&b, "\"}");
		text = read_body(body_edit(
		    &arena, STR(BODY("review", "")), "fields", b.data));
		assert_int_equal(text[0] == 'u', n > 255);
		buf_fini(&b);
	}
}

/* Checks that the example bodies in README.md are accepted. */
static void
test_readme(void **state)
{
	static const char begin[] = "{\"idempotency_key\"";
	struct str readme = fixture_read(&arena, "../..", "README.md");
	const char *p = readme.data;
	size_t n = 0;

	(void)state;
	for (; (p = strstr(p, begin)) != NULL; n++) {
		const char *end = strstr(p, "```");
		const char *text = read_body(
		    (struct str){ p, (size_t)(end - p) });

		if (text[0] != '{')
			fail_msg("%.*s\n%s", (int)(end - p), p, text);
		p = end;
	}
	assert_int_equal(n, 3);
}

/* Checks that amounts are read with the decimals of the store's currency. */
static void
test_currencies(void **state)
{
	static const struct {
		const char *currency;
		int64_t amount;
	} cases[] = { { "JPY", 5 }, { "EUR", 500 }, { "KWD", 5000 } };
	struct message m = message_of(PLATFORM_EVENTS, EVENT_TOPIC,
	    STR(BODY("review", ",\"amount\":\"5.00\"")));

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct event ev;
		struct err e;

		assert_int_equal(shop_parse(&arena, &m, &test_key,
		                     cases[i].currency, &ev, &e),
		    0);
		assert_int_equal(ev.facts[0].fact.amount, cases[i].amount);
		assert_string_equal(ev.key, "k1");
	}
}

/* ---- orders -------------------------------------------------------------- */

/* Order R-17 has this number: minus the first 62 bits of the SHA-256 of its
 * name. */
#define R17 "-3209560927027195138"
#define ORDER(more)   \
	BODY("order", \
	    ",\"order\":{\"id\":\"R-17\",\"status\":\"paid\"" more "}")
#define HEAD                                                             \
	"{\"id\":" R17 ",\"platform\":\"events\",\"modified_at\":"       \
	"1795168800000000,\"rank\":50,\"status\":\"paid\",\"currency\":" \
	"\"EUR\""
#define TIMES                                           \
	",\"created_at\":1795168800000000,\"paid_at\":" \
	"1795168800000000,\"was_paid\":true,\"customer_id\":123"
#define NEVER_PAID                                      \
	",\"created_at\":1795168800000000,\"paid_at\":" \
	"1795168800000000,\"customer_id\":123"

static void
test_orders(void **state)
{
	static const struct read_case cases[] = {
		{ "the least", ORDER(""), HEAD TIMES ",\"name\":\"R-17\"}\n" },
		{ "lines by position, and the total their sum",
		    ORDER(",\"lines\":[{\"amount\":\"10.00\",\"tax\":\"1.90\"},"
		          "{\"amount\":\"5\",\"before\":\"6.00\"}],"
		          "\"shipping\":\"4.12\",\"shipping_tax\":\"0.78\","
		          "\"fees\":\"-1.00\""),
		    HEAD TIMES ",\"total\":2080,\"shipping\":412,"
		               "\"shipping_tax\":78,\"fees\":-100,"
		               "\"credit\":100,\"lines\":["
		               "{\"id\":1,\"quantity\":1,\"current\":1,"
		               "\"before\":1000,\"net\":1000,\"tax\":190},"
		               "{\"id\":2,\"quantity\":1,\"current\":1,"
		               "\"before\":600,\"net\":500}],"
		               "\"name\":\"R-17\"}\n" },
		{ "a line with everything",
		    ORDER(",\"lines\":[{\"id\":7,\"amount\":\"1\",\"quantity\":"
		          "3,\"sku\":\"A-1\",\"product\":\"123\",\"vendor\":"
		          "\"V\",\"type\":\"T\",\"category\":[\"shoes\","
		          "\"men\"],\"tag\":[\"new\"],\"on_sale\":true,"
		          "\"gift_card\":true}]"),
		    HEAD TIMES ",\"total\":100,\"lines\":[{\"id\":7,"
		               "\"quantity\":3,\"current\":3,\"before\":100,"
		               "\"net\":100,\"gift_card\":true,\"product_id\":"
		               "123,\"sku\":\"A-1\",\"vendor\":\"V\",\"type\":"
		               "\"T\",\"categories\":[\"shoes\",\"men\"],"
		               "\"tags\":[\"new\"],\"on_sale\":true}],"
		               "\"name\":\"R-17\"}\n" },
		{ "its circumstances",
		    ORDER(",\"currency\":\"JPY\",\"total\":\"60\",\"tender\":"
		          "{\"card\":\"40\",\"cash\":\"20\"},"
		          "\"shipping_method\":\"DHL Express\",\"codes\":"
		          "[\"TEN\"],\"test\":true,"
		          "\"created\":\"2026-11-20T09:00:00Z\","
		          "\"paid\":\"2026-11-20T09:30:00Z\","
		          "\"fulfilled\":\"2026-11-20T09:45:00Z\""),
		    "{\"id\":" R17 ",\"platform\":\"events\",\"modified_at\":"
		    "1795168800000000,\"rank\":50,\"status\":\"paid\","
		    "\"currency\":\"JPY\",\"test\":true,\"created_at\":"
		    "1795165200000000,\"paid_at\":1795167000000000,"
		    "\"was_paid\":true,"
		    "\"customer_id\":123,\"total\":60,\"fulfilled_at\":"
		    "1795167900000000,\"shipping_method\":\"DHL Express\","
		    "\"tenders\":[{\"name\":\"card\",\"amount\":40},{\"name\":"
		    "\"cash\",\"amount\":20}],\"codes\":[\"TEN\"],\"name\":"
		    "\"R-17\"}\n" },
		{ "paid when it was made, for want of another moment",
		    ORDER(",\"created\":\"2026-11-20T09:00:00Z\""),
		    HEAD
		    ",\"created_at\":1795165200000000,\"paid_at\":"
		    "1795165200000000,\"was_paid\":true,\"customer_id\":123,"
		    "\"name\":\"R-17\"}\n" },
		{ "refunds, by id",
		    ORDER(",\"lines\":[{\"id\":2,\"amount\":\"10\"}],"
		          "\"refunds\":[{\"id\":9,\"at\":"
		          "\"2026-11-20T09:00:00Z\",\"amount\":\"1.00\"},"
		          "{\"id\":\"8\",\"at\":\"2026-11-20T09:30:00Z\","
		          "\"lines\":[{\"line\":2,\"amount\":\"5\",\"tax\":"
		          "\"0.95\",\"quantity\":1}]}]"),
		    HEAD TIMES ",\"total\":1000,\"lines\":[{\"id\":2,"
		               "\"quantity\":1,\"current\":1,\"before\":1000,"
		               "\"net\":1000}],\"refunds\":[{\"id\":8,"
		               "\"lines\":[{\"line_id\":2,\"quantity\":1,"
		               "\"net\":500,\"tax\":95}],\"at\":"
		               "1795167000000000},{\"id\":9,\"share\":100,"
		               "\"at\":1795165200000000}],"
		               "\"name\":\"R-17\"}\n" },
		{ "of a guest, at the till",
		    "{\"idempotency_key\":\"k\",\"type\":\"order\",\"at\":"
		    "\"2026-11-20T10:00:00Z\",\"channel\":\"pos\",\"order\":"
		    "{\"id\":\"R-17\",\"status\":\"paid\"}}",
		    HEAD ",\"created_at\":1795168800000000,\"paid_at\":"
		         "1795168800000000,\"was_paid\":true,"
		         "\"channel\":\"pos\","
		         "\"name\":\"R-17\"}\n" },
		{ "cancelled",
		    BODY("order", ",\"order\":{\"id\":\"R-17\",\"status\":"
		                  "\"cancelled\"}"),
		    "{\"id\":" R17 ",\"platform\":\"events\",\"modified_at\":"
		    "1795168800000000,\"rank\":90,\"status\":\"cancelled\","
		    "\"currency\":\"EUR\"" NEVER_PAID ",\"cancelled_at\":"
		    "1795168800000000,\"name\":\"R-17\"}\n" },
	};

	(void)state;
	cases_check(cases, NITEMS(cases));
}

#define LINE(more) ORDER(",\"lines\":[{\"id\":2,\"amount\":\"10\"" more "}]")
#define REFUND(more)                                                         \
	ORDER(",\"lines\":[{\"id\":2,\"amount\":\"10\"}],\"refunds\":[" more \
	      "]")
#define WHEN "\"at\":\"2026-11-20T09:00:00Z\""

static void
test_orders_refused(void **state)
{
	static const struct read_case cases[] = {
		{ "no order", BODY("order", ""),
		    "unparsable: order is missing" },
		{ "no object", BODY("order", ",\"order\":[]"),
		    "unparsable: order is not an object" },
		{ "no id", BODY("order", ",\"order\":{\"status\":\"paid\"}"),
		    "unparsable: order.id is missing" },
		{ "no status", BODY("order", ",\"order\":{\"id\":\"1\"}"),
		    "unparsable: order.status is missing" },
		{ "another status",
		    BODY("order", ",\"order\":{\"id\":1,\"status\":\"open\"}"),
		    "unparsable: order.status is not paid, pending or "
		    "cancelled" },
		{ "cancelled, and not",
		    ORDER(",\"cancelled\":\"2026-11-20T09:00:00Z\""),
		    "unparsable: order.cancelled is told of an order that is "
		    "not" },
		{ "made in the future",
		    ORDER(",\"created\":\"2027-01-01T00:00:00Z\""),
		    "unparsable: order.created is more than a day ahead of "
		    "now" },
		{ "no currency", ORDER(",\"currency\":\"XXY\""),
		    "unparsable: order.currency is not a currency that "
		    "loyald knows" },
		{ "a key nobody knows", ORDER(",\"discount\":\"1\""),
		    "unparsable: the order has a key besides id, status, "
		    "currency, created, paid, fulfilled, cancelled, test, "
		    "lines, shipping, shipping_tax, fees, total, tender, "
		    "shipping_method, codes, refunds" },
		{ "an event's key", BODY("order", ",\"amount\":\"1\""),
		    "unparsable: the body has a key besides idempotency_key, "
		    "type, at, customer, channel, order" },
		{ "lines are a list", ORDER(",\"lines\":{}"),
		    "unparsable: order.lines is not a list" },
		{ "a line's amount", ORDER(",\"lines\":[{}]"),
		    "unparsable: order.lines[0].amount is missing" },
		{ "a line below zero", LINE(",\"tax\":\"-1\""),
		    "unparsable: order.lines[0].tax is below zero" },
		{ "a line worth more than before", LINE(",\"before\":\"9\""),
		    "unparsable: order.lines[0].before is less than the "
		    "amount" },
		{ "a line's key", LINE(",\"price\":\"9\""),
		    "unparsable: order.lines[0] has a key besides id, "
		    "amount, before, tax, quantity, sku, product, vendor, "
		    "type, category, tag, on_sale, gift_card, "
		    "part, bundle" },
		{ "a quantity below zero", LINE(",\"quantity\":-1"),
		    "unparsable: order.lines[0].quantity is not a quantity" },
		{ "a product is a number", LINE(",\"product\":\"A\""),
		    "unparsable: order.lines[0].product is not an id" },
		{ "categories are a list", LINE(",\"category\":\"shoes\""),
		    "unparsable: order.lines[0].category is not a list" },
		{ "of texts", LINE(",\"tag\":[7]"),
		    "unparsable: order.lines[0].tag has an entry that is not "
		    "1 to 255 bytes of text" },
		{ "two lines of one id",
		    ORDER(",\"lines\":[{\"id\":2,\"amount\":\"1\"},"
		          "{\"amount\":\"1\"}]"),
		    "unparsable: order.lines name an id twice" },
		{ "a total below zero", ORDER(",\"total\":\"-1\""),
		    "unparsable: order.total is below zero" },
		{ "tenders are an object", ORDER(",\"tender\":[]"),
		    "unparsable: order.tender is not an object" },
		{ "a tender below zero", ORDER(",\"tender\":{\"card\":\"-1\"}"),
		    "unparsable: order.tender.card is below zero" },
		{ "a tender's name", ORDER(",\"tender\":{\"My Card\":\"1\"}"),
		    "unparsable: order.tender has a name that is not 1 to 31 "
		    "of a-z 0-9 _ -" },
		{ "a refund's id", REFUND("{" WHEN ",\"amount\":\"1\"}"),
		    "unparsable: order.refunds[0].id is missing" },
		{ "a refund's time", REFUND("{\"id\":1,\"amount\":\"1\"}"),
		    "unparsable: order.refunds[0].at is missing" },
		{ "a refund of nothing", REFUND("{\"id\":1," WHEN "}"),
		    "unparsable: order.refunds[0].amount or lines: one of "
		    "them is needed" },
		{ "a refund below zero",
		    REFUND("{\"id\":1," WHEN ",\"amount\":\"-1\"}"),
		    "unparsable: order.refunds[0].amount is below zero" },
		{ "a refund of another line",
		    REFUND("{\"id\":1," WHEN ",\"lines\":[{\"line\":3,"
		           "\"amount\":\"1\"}]}"),
		    "unparsable: order.refunds[0].lines[0].line is not the id "
		    "of a line of the order" },
		{ "a refund twice",
		    REFUND("{\"id\":1," WHEN
		           ",\"amount\":\"1\"},{\"id\":\"1\"," WHEN
		           ",\"amount\":\"1\"}"),
		    "unparsable: order.refunds names a refund twice" },
		{ "a refund's key",
		    REFUND("{\"id\":1," WHEN ",\"amount\":\"1\",\"why\":1}"),
		    "unparsable: order.refunds[0] has a key besides "
		    "id, at, amount, lines" },
	};

	(void)state;
	cases_check(cases, NITEMS(cases));
}

/* The number computed from a text must never change, because databases have
 * stored such numbers. */
static void
test_numbers(void **state)
{
	(void)state;
	/* The first 16 hexadecimal digits of `printf R-17 | sha256sum`, divided
	 * by 4. */
	assert_int_equal(
	    number_of_text(STR("R-17")), INT64_C(3209560927027195138));
	assert_int_equal(
	    event_order_id(STR("R-17")), -INT64_C(3209560927027195138));
	assert_int_equal(number_of_text(STR("")), INT64_C(4101707308206065413));
}

/* ---- facts in JSON ------------------------------------------------------- */

static const struct field some_fields[] = { { "a", "1" }, { "b", "\"x\"" } };

static const struct fact full = {
	.kind = FACT_ADJUST,
	.at = 1795168800000000,
	.id = "k1",
	.brand = "Golf",
	.type = "t",
	.channel = "pos",
	.amount = 500,
	.count = 3,
	.fields = some_fields,
	.nfields = 2,
	.wallet = "points",
	.reward = "20-off",
	.units = -7,
	.amount_told = true,
	.reserve = true,
	.issue = true,
	.charity = "wildlife",
	.of = "k0",
	.reason = "a mistake",
};

static void
test_fact_text(void **state)
{
	static const char want[] =
	    "{\"kind\":\"adjust\"," AT ",\"type\":\"t\",\"channel\":\"pos\","
	    "\"brand\":\"Golf\",\"amount\":500,\"count\":3,\"fields\":["
	    "{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"b\",\"value\":"
	    "\"\\\"x\\\"\"}],\"wallet\":\"points\",\"reward\":\"20-off\","
	    "\"units\":-7,\"amount_told\":true,\"reserve\":true,"
	    "\"charity\":\"wildlife\",\"of\":\"k0\",\"reason\":\"a mistake\","
	    "\"issue\":true}";
	struct str text = fact_render(&arena, &full);
	struct fact back;
	struct err e;

	(void)state;
	assert_string_equal(text.data, want);
	assert_int_equal(fact_parse(&arena, text, &back, &e), 0);
	assert_int_equal(back.units, -7);
	assert_int_equal(back.nfields, 2);
	assert_string_equal(back.fields[1].value, "\"x\"");
	assert_string_equal(back.reason, "a mistake");
	assert_true(str_eq(text, fact_render(&arena, &back)));
}

static void
test_fact_refuses(void **state)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "", "" },
		{ "{}", "" },
		{ "{\"kind\":\"event\",\"id\":\"a\",\"type\":\"b\"}", "" },
		{ "{\"kind\":\"event\",\"at\":1,\"type\":\"b\"}", "" },
		{ "{\"kind\":\"event\",\"at\":1,\"id\":\"a\"}", "" },
		{ "{\"kind\":\"order\",\"at\":1,\"id\":\"a\"}", "" },
		{ "{\"kind\":\"dance\",\"at\":1,\"id\":\"a\"}", ": kind" },
		{ "{\"kind\":\"adjust\",\"at\":1,\"id\":\"a\",\"x\":1}",
		    ": x" },
		{ "{\"kind\":\"adjust\",\"at\":1,\"id\":\"a\",\"fields\":[{}]}",
		    "" },
		{ "{\"kind\":\"adjust\",\"at\":-1,\"id\":\"a\"}", ": at" },
		{ "{\"kind\":\"adjust\",\"at\":1,\"id\":\"\"}", ": id" },
		{ "{\"kind\":\"adjust\",\"at\":1,\"id\":\"a\",\"units\":1.5}",
		    ": units" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct fact f = { .units = 4711 };
		struct err e;

		if (fact_parse(&arena, str_of(cases[i].text), &f, &e) != -1)
			fail_msg("%s was taken", cases[i].text);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(f.units, 4711);
		assert_string_equal(e.msg,
		    arena_printf(&arena,
		        "a fact is not what this version of loyald writes%s",
		        cases[i].wrong));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_redemptions),
		cmocka_unit_test(test_referrals),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_refuses_more),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_readme),
		cmocka_unit_test(test_currencies),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_orders_refused),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_fact_text),
		cmocka_unit_test(test_fact_refuses),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

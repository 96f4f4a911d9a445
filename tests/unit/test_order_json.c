/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "../support/test.h"
#include "base/money.h"
#include "wire/label.h"
#include "wire/order_json.h"

static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

/* Checks that two texts are both NULL, or equal. */
static void
assert_same_text(const char *a, const char *b)
{
	assert_true((a == NULL) == (b == NULL));
	if (a != NULL)
		assert_string_equal(a, b);
}

static void
assert_same_words(const struct words *a, const struct words *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->list[i], b->list[i]);
}

static void
assert_same_lines(const struct order *a, const struct order *b)
{
	assert_int_equal(a->nlines, b->nlines);
	for (size_t i = 0; i < a->nlines; i++) {
		const struct order_line *x = &a->lines[i], *y = &b->lines[i];

		assert_int_equal(x->id, y->id);
		assert_int_equal(x->quantity, y->quantity);
		assert_int_equal(x->current, y->current);
		assert_int_equal(x->before, y->before);
		assert_int_equal(x->net, y->net);
		assert_int_equal(x->tax, y->tax);
		assert_int_equal(x->gift_card, y->gift_card);
		assert_int_equal(x->product_id, y->product_id);
		assert_same_text(x->sku, y->sku);
		assert_same_text(x->vendor, y->vendor);
		assert_same_text(x->type, y->type);
		assert_same_words(&x->categories, &y->categories);
		assert_same_words(&x->tags, &y->tags);
		assert_int_equal(x->on_sale, y->on_sale);
	}
}

static void
assert_same_refund(const struct order_refund *a, const struct order_refund *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->share, b->share);
	assert_int_equal(a->at, b->at);
	assert_int_equal(a->nlines, b->nlines);
	for (size_t i = 0; i < a->nlines; i++) {
		assert_int_equal(a->lines[i].line_id, b->lines[i].line_id);
		assert_int_equal(a->lines[i].quantity, b->lines[i].quantity);
		assert_int_equal(a->lines[i].net, b->lines[i].net);
		assert_int_equal(a->lines[i].tax, b->lines[i].tax);
	}
}

static void
assert_same_circumstances(const struct order *a, const struct order *b)
{
	assert_int_equal(a->fulfilled_at, b->fulfilled_at);
	assert_int_equal(a->cancelled_at, b->cancelled_at);
	assert_same_text(a->channel, b->channel);
	assert_same_text(a->shipping_method, b->shipping_method);
	assert_same_text(a->name, b->name);
	assert_same_words(&a->codes, &b->codes);
	assert_int_equal(a->ntenders, b->ntenders);
	for (size_t i = 0; i < a->ntenders; i++) {
		assert_string_equal(a->tenders[i].name, b->tenders[i].name);
		assert_int_equal(a->tenders[i].amount, b->tenders[i].amount);
	}
}

/* Compares all fields.  test_every_field() finds a field that is forgotten
 * here. */
static void
assert_same(const struct order *a, const struct order *b)
{
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->platform, b->platform);
	assert_int_equal(a->modified_at, b->modified_at);
	assert_int_equal(a->rank, b->rank);
	assert_string_equal(a->status, b->status);
	assert_string_equal(a->currency, b->currency);
	assert_int_equal(a->test, b->test);
	assert_int_equal(a->created_at, b->created_at);
	assert_int_equal(a->paid_at, b->paid_at);
	assert_int_equal(a->was_paid, b->was_paid);
	assert_int_equal(a->customer_id, b->customer_id);
	assert_memory_equal(a->email_hash, b->email_hash, 32);
	assert_int_equal(a->total, b->total);
	assert_int_equal(a->shipping, b->shipping);
	assert_int_equal(a->shipping_tax, b->shipping_tax);
	assert_int_equal(a->fees, b->fees);
	assert_int_equal(a->fees_tax, b->fees_tax);
	assert_int_equal(a->deleted_at, b->deleted_at);
	assert_int_equal(a->restored_at, b->restored_at);
	assert_int_equal(a->told_at, b->told_at);
	assert_same_circumstances(a, b);
	assert_same_lines(a, b);
	assert_int_equal(a->nrefunds, b->nrefunds);
	for (size_t i = 0; i < a->nrefunds; i++)
		assert_same_refund(&a->refunds[i], &b->refunds[i]);
}

static struct str
round_trip(const struct order *o)
{
	struct str text = order_render(&arena, o);
	struct order back;
	struct err e;

	if (order_parse(&arena, text, &back, &e) == -1)
		fail_msg("%s", e.msg);
	assert_same(o, &back);
	assert_true(str_eq(text, order_render(&arena, &back)));
	/* The order in bytes is the same order, and JSON is read, too. */
	assert_true(order_is_packed(order_pack(&arena, o)));
	assert_false(order_is_packed(text));
	must(order_unpack(&arena, order_pack(&arena, o), &back, &e), &e);
	assert_true(str_eq(text, order_render(&arena, &back)));
	must(order_unpack(&arena, text, &back, &e), &e);
	assert_true(str_eq(text, order_render(&arena, &back)));
	return text;
}

static const char *const shoes_men[] = { "shoes", "men" };
static const char *const new_word[] = { "new \"in\"" };
static const char *const codes[] = { "TEN", "a b" };

static struct tender tenders[] = {
	{ "card", 6000 },
	{ "cash", -20 },
};

static struct order_line lines[] = {
	{ .id = 820982911946154508,
	    .quantity = 3,
	    .current = 2,
	    .before = 3000,
	    .net = 2700,
	    .tax = 513,
	    .gift_card = true,
	    .product_id = 8000000000001,
	    .sku = "M-1",
	    .vendor = "Acme",
	    .type = "Shoes",
	    .categories = { shoes_men, 2 },
	    .tags = { new_word, 1 },
	    .on_sale = true },
	{ .id = 2, .quantity = 1, .current = 1, .net = -5 },
	{ .id = 0 },
};

static struct order_refund_line refund_lines[] = {
	{ .line_id = 820982911946154508,
	    .quantity = 1,
	    .net = 900,
	    .tax = 171 },
	{ .line_id = 2, .net = -5 },
};

static struct order_refund refunds[] = {
	{ .id = 7, .share = 500 },
	{ .id = 9, .lines = refund_lines, .nlines = 2 },
	{ .id = INT64_MAX, .at = 1795330550000000 },
};

static const struct order full = {
	.id = 4,
	.platform = PLATFORM_SHOPIFY,
	.modified_at = 1795330501123456,
	.rank = -3,
	.status = "partially_refunded",
	.currency = "EUR",
	.test = true,
	.created_at = 1795330500000000,
	.paid_at = 1795330501000000,
	.was_paid = true,
	.customer_id = 115310627314723954,
	.email_hash = { 0xff, 1, [31] = 0xab },
	.named_at = 1795330501000001,
	.named_back = -500,
	.named_rank = -2,
	.total = 7220,
	.shipping = 412,
	.shipping_tax = 78,
	.fees = -300,
	.fees_tax = -57,
	.lines = lines,
	.nlines = 3,
	.refunds = refunds,
	.nrefunds = 3,
	.deleted_at = 1795330600000000,
	.restored_at = 1795330610000000,
	.told_at = 1795330502000001,
	.fulfilled_at = 1795330502000000,
	.cancelled_at = 1795330503000000,
	.channel = "pos",
	.shipping_method = "Flat rate",
	.tenders = tenders,
	.ntenders = 2,
	.codes = { codes, 2 },
	.name = "#1001",
};

/* Checks the exact text, which must not change because databases have stored
 * such texts. */
static void
test_text(void **state)
{
	static const char want[] =
	    "{\"id\":4,\"platform\":\"shopify\","
	    "\"modified_at\":1795330501123456,\"rank\":-3,"
	    "\"status\":\"partially_refunded\",\"currency\":\"EUR\","
	    "\"test\":true,\"created_at\":1795330500000000,"
	    "\"paid_at\":1795330501000000,\"was_paid\":true,"
	    "\"customer_id\":115310627314723954,\"email_hash\":"
	    "\"ff01000000000000000000000000000000000000000000000000000000000"
	    "0ab\",\"named_at\":1795330501000001,\"named_back\":-500,"
	    "\"named_rank\":-2,"
	    "\"total\":7220,\"shipping\":412,\"shipping_tax\":78,"
	    "\"fees\":-300,\"fees_tax\":-57,"
	    "\"lines\":[{\"id\":820982911946154508,\"quantity\":3,"
	    "\"current\":2,\"before\":3000,\"net\":2700,\"tax\":513,"
	    "\"gift_card\":true,\"product_id\":8000000000001,"
	    "\"sku\":\"M-1\",\"vendor\":\"Acme\",\"type\":\"Shoes\","
	    "\"categories\":[\"shoes\",\"men\"],"
	    "\"tags\":[\"new \\\"in\\\"\"],\"on_sale\":true},"
	    "{\"id\":2,\"quantity\":1,\"current\":1,\"net\":-5},{}],"
	    "\"refunds\":[{\"id\":7,\"share\":500},"
	    "{\"id\":9,\"lines\":[{\"line_id\":820982911946154508,"
	    "\"quantity\":1,\"net\":900,\"tax\":171},"
	    "{\"line_id\":2,\"net\":-5}]},{\"id\":9223372036854775807,"
	    "\"at\":1795330550000000}],"
	    "\"deleted_at\":1795330600000000,"
	    "\"fulfilled_at\":1795330502000000,"
	    "\"cancelled_at\":1795330503000000,\"channel\":\"pos\","
	    "\"shipping_method\":\"Flat rate\","
	    "\"tenders\":[{\"name\":\"card\",\"amount\":6000},"
	    "{\"name\":\"cash\",\"amount\":-20}],"
	    "\"codes\":[\"TEN\",\"a b\"],\"name\":\"#1001\","
	    "\"restored_at\":1795330610000000,"
	    "\"told_at\":1795330502000001}";
	struct str text = round_trip(&full);

	(void)state;
	assert_string_equal(text.data, want);
}

static void
test_small(void **state)
{
	const struct order o = { .id = 1, .platform = PLATFORM_WOOCOMMERCE };

	(void)state;
	assert_string_equal(
	    round_trip(&o).data, "{\"id\":1,\"platform\":\"woocommerce\"}");
}

#define SPAN(from, to)                                                   \
	{                                                                \
		offsetof(struct order, from), offsetof(struct order, to) \
	}
#define BEHIND(field) \
	(offsetof(struct order, field) + sizeof(((struct order *)0)->field))

/* Checks that changing any byte of the struct changes the text, so that no
 * field is forgotten, not even one that is added later. */
static void
test_every_field(void **state)
{
	static const size_t skipped[][2] = {
		SPAN(platform, modified_at), /* an enum, padding */
		/* Texts end at their first zero. */
		{ offsetof(struct order, status) + 19, BEHIND(status) },
		{ BEHIND(currency) - 1, BEHIND(currency) },
		{ BEHIND(was_paid), offsetof(struct order, created_at) },
		SPAN(lines, fulfilled_at), /* pointers and counts */
		SPAN(channel, deleted_at), /* pointers and counts, too */
	};
	struct str text = order_render(&arena, &full);
	size_t next = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(full); i++) {
		struct order o = full;

		if (next < NITEMS(skipped) && i == skipped[next][0]) {
			i = skipped[next++][1] - 1;
			continue;
		}
		((unsigned char *)&o)[i] ^= 1;
		if (str_eq(text, order_render(&arena, &o)))
			fail_msg("byte %zu of struct order is lost", i);
	}
	assert_int_equal(next, NITEMS(skipped));
}

static void
test_extremes(void **state)
{
	struct order_line *l = arena_array(&arena, LINES_MAX, sizeof(*l));
	struct order_refund *r = arena_array(&arena, REFUNDS_MAX, sizeof(*r));
	struct order_refund_line *rl = arena_array(
	    &arena, REFUND_LINES_MAX, sizeof(*rl));
	struct order o = {
		.id = INT64_MAX,
		.platform = PLATFORM_WOOCOMMERCE,
		.modified_at = INT64_MAX,
		.rank = INT_MIN,
		.status = "0123456789012345678901234567890",
		.currency = "\"\\\x1f",
		.test = true,
		.created_at = INT64_MAX,
		.paid_at = INT64_MAX,
		.customer_id = INT64_MAX,
		.named_at = INT64_MAX,
		.named_back = -INT64_MAX,
		.named_rank = INT_MIN,
		.total = -MONEY_MAX,
		.shipping = -MONEY_MAX,
		.shipping_tax = MONEY_MAX,
		.fees = -MONEY_MAX,
		.fees_tax = -MONEY_MAX,
		.lines = l,
		.nlines = LINES_MAX,
		.refunds = r,
		.nrefunds = REFUNDS_MAX,
		.deleted_at = INT64_MAX,
		.restored_at = INT64_MAX,
		.told_at = INT64_MAX,
		.fulfilled_at = INT64_MAX,
		.cancelled_at = INT64_MAX,
	};
	const char **words = arena_array(
	    &arena, LINE_WORDS_MAX, sizeof(*words));
	char *quotes = arena_alloc(&arena, LABEL_MAX + 1);

	(void)state;
	memset(o.email_hash, 0xff, 32);
	memset(quotes, '"', LABEL_MAX);
	for (size_t i = 0; i < LINE_WORDS_MAX; i++)
		words[i] = quotes;
	o.codes = (struct words){ words, LINE_WORDS_MAX };
	o.name = o.channel = o.shipping_method = quotes;
	o.ntenders = TENDERS_MAX;
	o.tenders = arena_array(&arena, TENDERS_MAX, sizeof(*o.tenders));
	for (size_t i = 0; i < TENDERS_MAX; i++)
		o.tenders[i] = (struct tender){ quotes, -MONEY_MAX };
	for (size_t i = 0; i < LINES_MAX; i++)
		l[i] = (struct order_line){ .id = INT64_MAX,
			.quantity = ORDER_QUANTITY_MAX,
			.current = ORDER_QUANTITY_MAX,
			.before = -MONEY_MAX,
			.net = -MONEY_MAX,
			.tax = -MONEY_MAX,
			.gift_card = true,
			.on_sale = true,
			.product_id = INT64_MAX,
			.sku = quotes,
			.vendor = quotes,
			.type = quotes,
			.categories = { words, ORDER_WORDS_MAX / LINES_MAX } };
	for (size_t i = 0; i < REFUND_LINES_MAX; i++)
		rl[i] = (struct order_refund_line){ .line_id = INT64_MAX,
			.quantity = ORDER_QUANTITY_MAX,
			.net = -MONEY_MAX,
			.tax = -MONEY_MAX };
	for (size_t i = 0; i < REFUNDS_MAX; i++)
		r[i] = (struct order_refund){ .id = INT64_MAX - REFUNDS_MAX +
			                            (int64_t)i,
			.share = -MONEY_MAX,
			.lines = &rl[i * (REFUND_LINES_MAX / REFUNDS_MAX)],
			.nlines = REFUND_LINES_MAX / REFUNDS_MAX };
	(void)round_trip(&o);
}

#define ORDER(more) "{\"id\":1,\"platform\":\"shopify\"" more "}"

static void
test_refuses(void **state)
{
	static const struct {
		const char *rule, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "a list", "[]" },
		{ "cut off", "{\"id\":1,\"platform\":\"shopify\"" },
		{ "something behind", ORDER("") "x" },
		{ "no id", "{\"platform\":\"shopify\"}" },
		{ "id of zero", "{\"id\":0,\"platform\":\"shopify\"}" },
		{ "negative id", "{\"id\":-1,\"platform\":\"shopify\"}" },
		{ "an event's above zero",
		    "{\"id\":1,\"platform\":\"events\"}" },
		{ "an empty text", ORDER(",\"channel\":\"\"") },
		{ "a text that is none", ORDER(",\"channel\":7") },
		{ "words an object", ORDER(",\"codes\":{}") },
		{ "a word that is none", ORDER(",\"codes\":[7]") },
		{ "an empty word", ORDER(",\"codes\":[\"\"]") },
		{ "a tender without name",
		    ORDER(",\"tenders\":[{\"amount\":1}]") },
		{ "a tender beyond", ORDER(",\"tenders\":[{\"name\":\"a\","
		                           "\"amount\":1000000000000001}]") },
		{ "a negative product",
		    ORDER(",\"lines\":[{\"product_id\":-1}]") },
		{ "a refund's negative time",
		    ORDER(",\"refunds\":[{\"id\":1,\"at\":-1}]") },
		{ "id as text", "{\"id\":\"1\",\"platform\":\"shopify\"}" },
		{ "id twice", ORDER(",\"id\":1") },
		{ "no platform", "{\"id\":1}" },
		{ "unknown platform", "{\"id\":1,\"platform\":\"magento\"}" },
		{ "platform as number", "{\"id\":1,\"platform\":1}" },
		{ "unknown key", ORDER(",\"email\":\"a@b\"") },
		{ "total as fraction", ORDER(",\"total\":1.0") },
		{ "total beyond", ORDER(",\"total\":1000000000000001") },
		{ "total below", ORDER(",\"total\":-1000000000000001") },
		{ "total beyond numbers",
		    ORDER(",\"total\":99999999999999999999") },
		{ "negative time", ORDER(",\"paid_at\":-1") },
		{ "time null", ORDER(",\"paid_at\":null") },
		{ "rank beyond int", ORDER(",\"rank\":2147483648") },
		{ "status too long",
		    ORDER(",\"status\":\"0123456789012345678901234567890123"
		          "4567890123456789012345678901234567890123456789"
		          "0123\"") },
		{ "status with a zero byte",
		    ORDER(",\"status\":\"a\\u0000\"") },
		{ "currency too long", ORDER(",\"currency\":\"EURO\"") },
		{ "test as number", ORDER(",\"test\":1") },
		{ "hash too short", ORDER(",\"email_hash\":\"00\"") },
		{ "hash no text", ORDER(",\"email_hash\":{}") },
		{ "lines an object", ORDER(",\"lines\":{}") },
		{ "line no object", ORDER(",\"lines\":[1]") },
		{ "line's quantity below",
		    ORDER(",\"lines\":[{\"quantity\":-1}]") },
		{ "line's quantity beyond",
		    ORDER(",\"lines\":[{\"quantity\":1000001}]") },
		{ "line's unknown key",
		    ORDER(",\"lines\":[{\"name\":\"x\"}]") },
		{ "refunds out of order",
		    ORDER(",\"refunds\":[{\"id\":2},{\"id\":1}]") },
		{ "refund twice",
		    ORDER(",\"refunds\":[{\"id\":2},{\"id\":2}]") },
		{ "refund's share beyond",
		    ORDER(",\"refunds\":[{\"share\":1000000000000001}]") },
		{ "refund line's unknown key",
		    ORDER(",\"refunds\":[{\"lines\":[{\"id\":1}]}]") },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct order o = { .id = 4711 };
		struct err e;

		if (order_parse(&arena, str_of(cases[i].text), &o, &e) != -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(e.fault, FAULT_REJECT);
		assert_int_equal(o.id, 4711);
	}
}

/* Checks that an error names the key that is wrong, but not its value. */
static void
test_sentence(void **state)
{
	struct order o;
	struct err e;

	(void)state;
	assert_int_equal(
	    order_parse(
	        &arena, STR(ORDER(",\"lines\":[{\"net\":\"5.00\"}]")), &o, &e),
	    -1);
	assert_string_equal(e.msg,
	    "orders.facts are not what this version of loyald writes: net");
}

/* Checks that one item too many of each kind is refused. */
static void
test_counts(void **state)
{
	enum {
		REFUNDS = 4
	}; /* the index of the case whose items must differ */
	static const struct {
		const char *head, *item, *tail;
		int most;
	} cases[] = {
		{ ",\"lines\":[", "{}", "]", LINES_MAX },
		{ ",\"codes\":[", "\"a\"", "]", LINE_WORDS_MAX },
		{ ",\"tenders\":[", "{\"name\":\"a\"}", "]", TENDERS_MAX },
		{ ",\"lines\":[{\"tags\":[", "\"a\"", "]}]", LINE_WORDS_MAX },
		{ ",\"refunds\":[", "{\"id\":%d}", "]", REFUNDS_MAX },
		{ ",\"refunds\":[{\"lines\":[", "{}", "]}]", REFUND_LINES_MAX },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++)
		for (int n = cases[i].most; n <= cases[i].most + 1; n++) {
			char *text = arena_alloc(&arena, 100000), *p = text;
			struct order o;
			struct err e;

			p = stpcpy(p, "{\"id\":1,\"platform\":\"shopify\"");
			p = stpcpy(p, cases[i].head);
			for (int j = 0; j < n; j++) {
				if (j > 0)
					p = stpcpy(p, ",");
				p = i == REFUNDS
				        ? p + sprintf(p, "{\"id\":%d}", j)
				        : stpcpy(p, cases[i].item);
			}
			p = stpcpy(stpcpy(p, cases[i].tail), "}");
			assert_int_equal(
			    order_parse(&arena, str_of(text), &o, &e),
			    n > cases[i].most ? -1 : 0);
		}
}

/* Checks that each text may fill its room to the last byte, but not be
 * longer. */
static void
test_text_bounds(void **state)
{
	(void)state;
	for (int n = LABEL_MAX; n <= LABEL_MAX + 1; n++) {
		char *label = arena_alloc(&arena, LABEL_MAX + 2);
		struct order o;
		struct err e;

		memset(label, 'x', (size_t)n);
		assert_int_equal(order_parse(&arena,
		                     str_of(arena_printf(&arena,
		                         ORDER(",\"name\":\"%s\""), label)),
		                     &o, &e),
		    n > LABEL_MAX ? -1 : 0);
		assert_int_equal(order_parse(&arena,
		                     str_of(arena_printf(&arena,
		                         ORDER(",\"codes\":[\"%s\"]"), label)),
		                     &o, &e),
		    n > LABEL_MAX ? -1 : 0);
	}
}

/* Checks that the categories and tags of all lines count towards one common
 * limit. */
static void
test_words_together(void **state)
{
	static const char *const words[LINE_WORDS_MAX] = {
		[0 ... LINE_WORDS_MAX - 1] = "w"
	};
	struct order_line many[33] = { [32] = { .tags = { words, 1 } } };
	struct order o = { .id = -1,
		.platform = PLATFORM_EVENTS,
		.lines = many,
		.nlines = 32 };
	struct order back;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		many[i].categories = (struct words){ words,
			ORDER_WORDS_MAX / 32 };
	(void)round_trip(&o);
	o.nlines++;
	assert_int_equal(
	    order_parse(&arena, order_render(&arena, &o), &back, &e), -1);
}

/* Checks that the lines of all refunds count towards one common limit. */
static void
test_refund_lines(void **state)
{
	static struct order_refund_line many[REFUND_LINES_MAX];
	struct order_refund two[] = {
		{ .id = 1, .lines = many, .nlines = REFUND_LINES_MAX / 2 },
		{ .id = 2, .lines = many, .nlines = REFUND_LINES_MAX / 2 },
	};
	struct order o = { .id = 1,
		.platform = PLATFORM_SHOPIFY,
		.refunds = two,
		.nrefunds = 2 };
	struct order back;
	struct err e;

	(void)state;
	(void)round_trip(&o);
	two[1].nlines++;
	assert_int_equal(
	    order_parse(&arena, order_render(&arena, &o), &back, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_sentence),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_text_bounds),
		cmocka_unit_test(test_words_together),
		cmocka_unit_test(test_refund_lines),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

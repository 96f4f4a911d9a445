/* SPDX-License-Identifier: MIT */
/*
 * Checks records in bytes: their exact form, since they outlive the version
 * that wrote them; that random structs of every table are the same after
 * writing and reading; and that any other bytes are refused.
 *
 * SEED=... has the random structs of an earlier run again.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/test.h"
#include "arena_state.h"
#include "base/cc.h"
#include "wire/event_record.h"
#include "wire/fact_json.h"
#include "wire/order_json.h"
#include "wire/why_json.h"

enum {
	RECORD_MAX = 1024 * 1024,
	STRUCTS = 300,   /* random structs of each table */
	MUTATIONS = 100, /* of each of them */
	ITEMS_MAX = 3,   /* of a random list */
	NESTED_MAX = 3,  /* depth of random structs, below RECORD_DEPTH_MAX */
};

static const struct table {
	const char *name;
	const struct record_field *fields;
	size_t size;
} tables[] = {
	{ "event", event_fields, sizeof(struct event) },
	{ "order", order_fields, sizeof(struct order) },
	{ "fact", fact_fields, sizeof(struct fact) },
	{ "why", why_fields, sizeof(struct why) },
};

static struct str
put(const struct record_field *fields, const void *base)
{
	struct buf b;
	struct str s;

	buf_init(&b, RECORD_MAX);
	assert_int_equal(record_put(&b, fields, base), 0);
	s = (struct str){ arena_memdup(&arena, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

static const char *
hex_of(struct str s)
{
	char *hex = arena_alloc(&arena, 2 * s.len + 1);

	hex_encode((const uint8_t *)s.data, s.len, hex);
	return hex;
}

/* ---- the form ------------------------------------------------------------ */

struct item {
	int64_t n;
	const char *text;
};

struct all {
	int64_t number;
	int small;
	bool truth;
	char chars[4];
	const char *text;
	struct words words;
	const char *texts[3];
	size_t ntexts;
	uint8_t hash[RECORD_HASH_SIZE];
	int word;
	struct item *items;
	size_t nitems;
	struct item part;
};

static const struct record_field item_fields[] = {
	RECORD_OF_NUMBER(struct item, n, INT64_MIN, INT64_MAX),
	RECORD_OF_TEXT(struct item, text, 200),
	{ .key = NULL },
};

static const char *const words_of_all[] = { "", "one", "two", NULL };

static const struct record_field all_fields[] = {
	RECORD_OF_NUMBER(struct all, number, -100, INT64_MAX),
	RECORD(struct all, small, .kind = RECORD_INT),
	RECORD_OF_TRUTH(struct all, truth),
	RECORD_OF_CHARS(struct all, chars),
	RECORD_OF_TEXT(struct all, text, 8),
	RECORD(struct all, words, .kind = RECORD_WORDS, .most = 2, .size = 4),
	RECORD(struct all, texts, .kind = RECORD_TEXTS, .most = 3, .size = 4,
	    .count_offset = offsetof(struct all, ntexts)),
	RECORD(struct all, hash, .kind = RECORD_HASH),
	RECORD(struct all, word, .kind = RECORD_WORD, .words = words_of_all),
	RECORD_OF_LIST(struct all, items, 200, item_fields),
	RECORD_OF_PART(struct all, part, item_fields),
	{ .key = NULL },
};

#define HASH "ff00000000000000000000000000000000000000000000000000000000000001"

static const char *const two_words[] = { "a", "b\xc3\xa4" };
static struct item two_items[] = { { .n = 1 }, { .text = "x" } };

static const struct all all = {
	.number = 300,
	.small = -2,
	.truth = true,
	.chars = "EUR",
	.text = "caf\xc3\xa9",
	.words = { two_words, 2 },
	.texts = { "x" },
	.ntexts = 1,
	.hash = { 0xff, [31] = 1 },
	.word = 2,
	.items = two_items,
	.nitems = 2,
	.part = { .n = -1 },
};

static void
test_form(void **state)
{
	const struct all none = { .number = 0 };
	struct all back = { .number = 0 };
	struct str s = put(all_fields, &all);

	(void)state;
	assert_string_equal(hex_of(put(all_fields, &none)), "0100");
	assert_string_equal(hex_of(s), "01"   /* the version */
	                               "ff0f" /* eleven fields */
	                               "d804" /* 300 */
	                               "03"   /* -2 */
	                               "03455552"
	                               "05636166c3a9"
	                               "020161"
	                               "0362c3a4"
	                               "010178" HASH "02"
	                               "02"     /* two items: */
	                               "0102"   /* 1 */
	                               "020178" /* "x" */
	                               "0101" /* -1 */);
	assert_int_equal(record_get(&arena, s, all_fields, &back), 0);
	assert_int_equal(back.number, 300);
	assert_int_equal(back.small, -2);
	assert_true(back.truth);
	assert_string_equal(back.chars, "EUR");
	assert_string_equal(back.text, all.text);
	assert_int_equal(back.words.n, 2);
	assert_string_equal(back.words.list[1], two_words[1]);
	assert_int_equal(back.ntexts, 1);
	assert_string_equal(back.texts[0], "x");
	assert_memory_equal(back.hash, all.hash, RECORD_HASH_SIZE);
	assert_int_equal(back.word, 2);
	assert_int_equal(back.nitems, 2);
	assert_int_equal(back.items[0].n, 1);
	assert_string_equal(back.items[1].text, "x");
	assert_int_equal(back.part.n, -1);
}

static void
test_numbers(void **state)
{
	static const struct {
		int64_t n;
		const char *hex;
	} cases[] = {
		{ 1, "010102" },
		{ -1, "010101" },
		{ 63, "01017e" },
		{ 64, "01018001" },
		{ -64, "01017f" },
		{ 8191, "0101fe7f" },
		{ 8192, "0101808001" },
		{ INT64_MAX, "0101feffffffffffffffff01" },
		{ INT64_MIN, "0101ffffffffffffffffff01" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct item was = { .n = cases[i].n };
		struct item back = { .n = 0 };
		struct str s = put(item_fields, &was);

		assert_string_equal(hex_of(s), cases[i].hex);
		assert_int_equal(record_get(&arena, s, item_fields, &back), 0);
		assert_int_equal(back.n, was.n);
	}
}

/* Checks the order of the fields of all tables.  It is a part of the form: a
 * field may only be added at the end. */
static void
keys_add(struct buf *b, const struct record_field *f)
{
	for (; f->key != NULL; f++)
		buf_printf(b, " %s", f->key);
}

static void
assert_keys(const struct record_field *fields, const char *keys)
{
	struct buf b;

	buf_init(&b, 4096);
	keys_add(&b, fields);
	assert_string_equal(b.data, keys);
	buf_fini(&b);
}

static const struct record_field *
field_of(const struct record_field *f, const char *key)
{
	while (strcmp(f->key, key) != 0)
		f++;
	return f;
}

static const struct record_field *
items_of(const struct record_field *f, const char *key)
{
	return field_of(f, key)->part;
}

static void
test_places(void **state)
{
	(void)state;
	assert_keys(event_fields,
	    " kind order customer product has_customer facts key kept_id "
	    "shop_id note code");
	assert_keys(field_of(event_fields, "customer")->part,
	    " id modified_at email_hash email_verified");
	assert_keys(field_of(event_fields, "product")->part,
	    " id modified_at gone vendor type categories tags on_sale "
	    "gift_card");
	assert_keys(
	    items_of(event_fields, "facts"), " fact customer email_hash code");
	assert_keys(fact_fields,
	    " kind at id type channel brand amount finer count fields tied_to "
	    "wallet reward units amount_told reserve charity of reason "
	    "issue cart");
	assert_keys(items_of(fact_fields, "fields"), " name value");
	assert_keys(order_fields,
	    " id platform modified_at rank status currency finer test "
	    "created_at paid_at was_paid customer_id email_hash named_at "
	    "named_back named_rank total shipping shipping_tax fees fees_tax "
	    "credit lines refunds deleted_at parts fulfilled_at cancelled_at "
	    "channel shipping_method tenders codes name restored_at told_at "
	    "unreadable payments paid subs");
	assert_keys(items_of(order_fields, "lines"),
	    " id quantity current before net tax gift_card part bundle "
	    "product_id sku vendor type categories tags on_sale unreadable");
	assert_keys(items_of(order_fields, "refunds"), " id share lines at");
	assert_keys(items_of(items_of(order_fields, "refunds"), "lines"),
	    " line_id quantity net tax");
	assert_keys(items_of(order_fields, "parts"), " line_id worth");
	assert_keys(items_of(order_fields, "tenders"), " name amount");
	assert_keys(
	    items_of(order_fields, "payments"), " id gateway amount currency");
	assert_keys(why_fields,
	    " reason rule base base_left currency rate foreign units per "
	    "factor multipliers tier over window_from sum_before sum_after "
	    "boosted whole given_before given_after uncapped limit passed "
	    "bonus");
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *rule, *hex;
	} cases[] = {
		{ "nothing", "" },
		{ "another version", "0200" },
		{ "version 0", "0000" },
		{ "no struct", "01" },
		{ "a byte more", "010000" },
		{ "a field beyond the table", "01801000" },
		{ "a number with a byte too many", "0101828000" },
		{ "fields with a byte too many", "018000" },
		{ "a number of 65 bits", "0101ffffffffffffffffff03" },
		{ "a number of 11 bytes", "010180808080808080808080" },
		{ "a number that does not end", "010182" },
		{ "a zero that is told", "010100" },
		{ "a number below its bound", "0101c901" },
		{ "an int beyond 32 bits", "0102808080808001" },
		{ "chars too long", "01080445555241" },
		{ "an empty text", "011000" },
		{ "a text too long", "011009616161616161616161" },
		{ "a text that is cut off", "0110026b" },
		{ "a zero in a text", "0110026100" },
		{ "half a character", "011001c3" },
		{ "no words", "012000" },
		{ "too many words", "012003016101610161" },
		{ "an empty word", "01200100" },
		{ "a hash that is cut off", "018001ffff" },
		{ "a hash of zeros",
		    "018001"
		    "0000000000000000000000000000000000000000000000000000000"
		    "000000000" },
		{ "a word that there is not", "01800203" },
		{ "no word", "01800200" },
		{ "more items than bytes", "0180040500" },
		{ "an empty part", "01800800" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		size_t n = strlen(cases[i].hex) / 2;
		uint8_t bytes[64] = { 0 };
		struct all back = { .number = 0 };

		assert_true(n <= sizeof(bytes));
		assert_int_equal(hex_decode(str_of(cases[i].hex), bytes, n), 0);
		if (record_get(&arena, (struct str){ (char *)bytes, n },
		        all_fields, &back) != -1)
			fail_msg("%s was taken", cases[i].rule);
	}
}

/* Checks that a struct which is beyond its bounds is not written, and ends no
 * process. */
static void
test_beyond(void **state)
{
	static const char *const three[] = { "a", "b", "c" };
	static const char *const long_word[] = { "four" };
	static struct item many[201];
	static const struct {
		const char *what;
		struct all all;
	} cases[] = {
		{ "a number below its bound", { .number = -101 } },
		{ "chars without an end", { .chars = "EURO" } },
		{ "a text too long", { .text = "123456789" } },
		{ "a text that is no text", { .text = "\xff" } },
		{ "three words", { .words = { three, 3 } } },
		{ "a word too long", { .words = { long_word, 1 } } },
		{ "a text that is not there", { .ntexts = 1 } },
		{ "a word that there is not", { .word = 3 } },
		{ "a word below zero", { .word = -1 } },
		{ "too many items", { .items = many, .nitems = 201 } },
	};
	struct buf b;

	(void)state;
	buf_init(&b, RECORD_MAX);
	for (size_t i = 0; i < NITEMS(cases); i++) {
		buf_reset(&b);
		if (record_put(&b, all_fields, &cases[i].all) != -1)
			fail_msg("%s was written", cases[i].what);
	}
	buf_fini(&b);
	buf_init(&b, put(all_fields, &all).len - 1);
	assert_int_equal(record_put(&b, all_fields, &all), -1);
	buf_fini(&b);
}

/* Checks that bytes cannot use up the stack: an order that was paid, which has
 * an order that was paid, and so on. */
static void
test_depth(void **state)
{
	enum {
		PAID = 37, /* the place of `paid` in its table */
		DEPTH = 50000
	};
	static char bytes[1 + DEPTH * 7 + 3] = { RECORD_VERSION };
	struct order o = { .id = 0 };
	size_t n = 1;

	(void)state;
	assert_string_equal(order_fields[PAID].key, "paid");
	for (int i = 0; i < DEPTH; i++) {
		static const char told[] = "\x80\x80\x80\x80\x80\x08\x01";

		memcpy(bytes + n, told, sizeof(told) - 1);
		n += sizeof(told) - 1;
	}
	memcpy(bytes + n, "\x01\x02", 2);
	assert_int_equal(
	    record_get(&arena, (struct str){ bytes, n + 2 }, order_fields, &o),
	    -1);
}

/* ---- random structs ------------------------------------------------------ */

static uint64_t seed;

/* xorshift64*: small, seeded, the same everywhere. */
static uint64_t
random_bits(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}

static size_t
random_below(size_t n)
{
	return (size_t)((random_bits() >> 8) % n);
}

/* A number of random width, within bounds. */
static int64_t
random_number(int64_t least, int64_t most)
{
	int64_t n = (int64_t)(random_bits() >> random_below(64));

	if (random_below(2) == 0)
		n = -n;
	if (random_below(8) == 0)
		n = random_below(2) == 0 ? least : most;
	return n < least ? least : n > most ? most : n;
}

static const char *
random_text(size_t size)
{
	static const char *const letters[] = { "a", "Z", " ", "\"", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x8d\xad" };
	size_t most = 1 + random_below(random_below(6) == 0 ? size - 1 : 8);
	struct buf b;
	char *text;

	buf_init(&b, most < size ? most : size - 1);
	do
		buf_puts(&b, letters[random_below(NITEMS(letters))]);
	while (!buf_is_full(&b) && random_below(400) != 0);
	text = arena_strdup(&arena, b.len == 0 ? "x" : b.data);
	buf_fini(&b);
	return text;
}

static void fill(const struct record_field *, char *base, int depth);

static void
fill_texts(const struct record_field *f, char *base)
{
	size_t n = 1 + random_below((size_t)f->most < ITEMS_MAX
	                                ? (size_t)f->most
	                                : ITEMS_MAX);
	const char **list = arena_array(&arena, n, sizeof(*list));
	const struct words words = { list, n };

	for (size_t i = 0; i < n; i++)
		list[i] = random_text(f->size);
	if (f->kind == RECORD_WORDS) {
		memcpy(base + f->offset, &words, sizeof(words));
		return;
	}
	memcpy(base + f->offset, list, n * sizeof(*list));
	memcpy(base + f->count_offset, &n, sizeof(n));
}

static void
fill_list(const struct record_field *f, char *base, int depth)
{
	size_t n = depth == NESTED_MAX ? 0 : random_below(ITEMS_MAX + 1);
	char *items;

	if (n > (size_t)f->most)
		n = (size_t)f->most;
	items = arena_array(&arena, n + 1, f->size);
	for (size_t i = 0; i < n; i++)
		fill(f->part, items + i * f->size, depth + 1);
	memcpy(base + f->offset, &items, sizeof(items));
	memcpy(base + f->count_offset, &n, sizeof(n));
}

static void
fill_field(const struct record_field *f, char *base, int depth)
{
	char *place = base + f->offset;
	const char *text;
	int64_t n;
	int small;

	switch (f->kind) {
	case RECORD_NUMBER:
		n = random_number(f->least, f->most);
		memcpy(place, &n, sizeof(n));
		return;
	case RECORD_INT:
		small = (int)random_number(INT_MIN, INT_MAX);
		memcpy(place, &small, sizeof(small));
		return;
	case RECORD_TRUTH:
		*(bool *)place = true;
		return;
	case RECORD_CHARS:
		text = random_text(f->size);
		memcpy(place, text, strlen(text));
		return;
	case RECORD_TEXT:
		text = random_text(f->size);
		memcpy(place, &text, sizeof(text));
		return;
	case RECORD_WORDS:
	case RECORD_TEXTS:
		fill_texts(f, base);
		return;
	case RECORD_HASH:
		for (size_t i = 0; i < RECORD_HASH_SIZE; i++)
			place[i] = (char)random_bits();
		return;
	case RECORD_WORD:
		for (small = 1;
		     f->words[small + 1] != NULL && random_below(3) != 0;)
			small++;
		memcpy(place, &small, sizeof(small));
		return;
	case RECORD_LIST:
		fill_list(f, base, depth);
		return;
	case RECORD_PART:
		fill(f->part, place, depth + 1);
		return;
	}
}

static void
fill(const struct record_field *f, char *base, int depth)
{
	size_t some = 1 + random_below(4);

	for (; f->key != NULL; f++)
		if (random_below(4) < some)
			fill_field(f, base, depth);
}

/* Reads a record whose bytes were changed at random: it is refused, or is the
 * only form of a struct. */
static bool
mutation_is_taken(const struct table *t, struct str s)
{
	char *bytes = arena_memdup(&arena, s.data, s.len);
	void *back = arena_alloc(&arena, t->size);
	struct str changed = { bytes, s.len };

	switch (random_below(3)) {
	case 0:
		changed.len = random_below(s.len);
		break;
	case 1:
		bytes[random_below(s.len)] = (char)random_bits();
		break;
	default:
		bytes[random_below(s.len)] ^= (char)(1 << random_below(8));
		break;
	}
	if (record_get(&arena, changed, t->fields, back) == -1)
		return false;
	assert_true(str_eq(put(t->fields, back), changed));
	return true;
}

static void
test_random(void **state)
{
	const char *given = getenv("SEED");
	size_t taken = 0;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10)
	                     : (uint64_t)getpid() * 0x9e3779b97f4a7c15 + 1;
	print_message("SEED=%llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < STRUCTS * NITEMS(tables); i++) {
		const struct table *t = &tables[i % NITEMS(tables)];
		void *was = arena_alloc(&arena, t->size);
		void *back = arena_alloc(&arena, t->size);
		struct str s;

		fill(t->fields, was, 0);
		s = put(t->fields, was);
		if (record_get(&arena, s, t->fields, back) == -1)
			fail_msg("%s of %s is refused", hex_of(s), t->name);
		assert_true(str_eq(put(t->fields, back), s));
		assert_true(
		    str_eq(record_render(&arena, t->fields, was, RECORD_MAX),
		        record_render(&arena, t->fields, back, RECORD_MAX)));
		for (int j = 0; j < MUTATIONS; j++)
			taken += mutation_is_taken(t, s);
		arena_reset(&arena);
	}
	assert_true(taken > 0);
	print_message("%zu structs; of %zu changed ones %zu are others\n",
	    STRUCTS * NITEMS(tables), STRUCTS * MUTATIONS * NITEMS(tables),
	    taken);
}

/* ---- events -------------------------------------------------------------- */

static struct message
message_of_record(struct str s)
{
	return (struct message){ .platform = PLATFORM_SHOPIFY, .body = s };
}

#define AN_ORDER                                      \
	{                                             \
		.id = 7, .platform = PLATFORM_SHOPIFY \
	}

/* Checks which structs, although within the bounds of the table, are no
 * event. */
static void
test_whole(void **state)
{
	static struct told_fact fact = {
		.fact = { .kind = FACT_EVENT,
		    .at = 1,
		    .id = "x",
		    .type = "enrolment" },
		.customer = "4",
	};
	static struct told_fact nobody = {
		.fact = { .kind = FACT_EVENT,
		    .at = 1,
		    .id = "x",
		    .type = "enrolment" },
	};
	static struct told_fact no_id = { .customer = "4" };
	static const struct {
		const char *what;
		bool good;
		struct event ev;
	} cases[] = {
		{ "an order", true, { EVENT_ORDER, .order = AN_ORDER } },
		{ "no kind", false, { .order = AN_ORDER } },
		{ "no platform", false, { .kind = EVENT_PRODUCT } },
		{ "an order without a number", false,
		    { EVENT_ORDER,
		        .order = { .platform = PLATFORM_SHOPIFY } } },
		{ "another platform's", false,
		    { EVENT_PRODUCT,
		        .order = { .platform = PLATFORM_WOOCOMMERCE } } },
		{ "a fact", true,
		    { EVENT_FACTS, .order = AN_ORDER, .facts = &fact,
		        .nfacts = 1 } },
		{ "no facts", false, { EVENT_FACTS, .order = AN_ORDER } },
		{ "a fact of nobody", false,
		    { EVENT_FACTS, .order = AN_ORDER, .facts = &nobody,
		        .nfacts = 1 } },
		{ "a fact without an id", false,
		    { EVENT_FACTS, .order = AN_ORDER, .facts = &no_id,
		        .nfacts = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct message m = message_of_record(
		    put(event_fields, &cases[i].ev));
		struct event ev;
		struct err e;
		int ret = event_get(&arena, &m, &ev, &e);

		if (ret != (cases[i].good ? 0 : -1))
			fail_msg("%s", cases[i].what);
		if (ret == -1) {
			assert_int_equal(e.fault, FAULT_REJECT);
			assert_memory_equal(e.msg, "unparsable: ", 12);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

/* SPDX-License-Identifier: MIT */
/* Checks which lines of an order a filter matches, and which texts match a
 * pattern. */
#include <string.h>

#include "../support/test.h"
#include "base/cc.h"
#include "core/match.h"

#define WORDS(...)                                                  \
	{                                                           \
		.list = (const char *const[]){ __VA_ARGS__ },       \
		.n = NITEMS(((const char *const[]){ __VA_ARGS__ })) \
	}

static void
test_filters(void **state)
{
	const struct order_line shoe = {
		.product_id = 9223372036854775807,
		.sku = "ABC-12",
		.vendor = "Acme",
		.type = "Shoe",
		.categories = WORDS("shoes", "summer"),
		.tags = WORDS("red"),
		.on_sale = true,
		.part = true,
	};
	const struct order_line card = {
		.gift_card = true, .product_id = 70, .net = 1, .bundle = true
	};
	const struct {
		const char *what;
		struct line_test test;
		bool shoe, card;
	} tests[] = {
		{ "category",
		    { .key = LINE_CATEGORY, .any = WORDS("x", "summer") }, true,
		    false },
		{ "other category",
		    { .key = LINE_CATEGORY, .any = WORDS("red") }, false,
		    false },
		{ "tag", { .key = LINE_TAG, .any = WORDS("red") }, true,
		    false },
		{ "other tag", { .key = LINE_TAG, .any = WORDS("shoes") },
		    false, false },
		{ "vendor", { .key = LINE_VENDOR, .any = WORDS("X", "Acme") },
		    true, false },
		{ "other vendor", { .key = LINE_VENDOR, .any = WORDS("Shoe") },
		    false, false },
		{ "type", { .key = LINE_TYPE, .any = WORDS("Shoe") }, true,
		    false },
		{ "other type", { .key = LINE_TYPE, .any = WORDS("Acme") },
		    false, false },
		{ "sku", { .key = LINE_SKU, .any = WORDS("X", "ABC-*") }, true,
		    false },
		{ "any sku, but one", { .key = LINE_SKU, .any = WORDS("*") },
		    true, false },
		{ "other sku", { .key = LINE_SKU, .any = WORDS("ABC-") }, false,
		    false },
		{ "product",
		    { .key = LINE_PRODUCT,
		        .any = WORDS("9223372036854775807") },
		    true, false },
		{ "product 70",
		    { .key = LINE_PRODUCT, .any = WORDS("7", "70") }, false,
		    true },
		{ "product 1", { .key = LINE_PRODUCT, .any = WORDS("1") },
		    false, false },
		{ "not 0", { .key = LINE_PRODUCT, .any = WORDS("0", "") },
		    false, false },
		{ "on sale", { .key = LINE_ON_SALE }, true, false },
		{ "gift card", { .key = LINE_GIFT_CARD }, false, true },
		{ "free", { .key = LINE_FREE }, true, false },
		{ "part", { .key = LINE_PART }, true, false },
		{ "bundle", { .key = LINE_BUNDLE }, false, true },
	};
	const struct filter first = {
		.tests = &(const struct line_test){ .key = LINE_PRODUCT,
		    .any = WORDS("1", "0") },
		.n = 1
	};
	struct filter both = {
		.tests = (const struct line_test[]){ { .key = LINE_TAG,
		                                         .any = WORDS("red") },
		    { .key = LINE_SKU,
		        .negated = true,
		        .any = WORDS("ABC-*") } },
		.n = 1
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(tests); i++) {
		struct line_test t = tests[i].test;
		struct filter f = { .tests = &t, .n = 1 };

		if (filter_has(&f, &shoe) != tests[i].shoe ||
		    filter_has(&f, &card) != tests[i].card)
			fail_msg("%s", tests[i].what);
		t.negated = true;
		if (filter_has(&f, &shoe) == tests[i].shoe ||
		    filter_has(&f, &card) == tests[i].card)
			fail_msg("not %s", tests[i].what);
	}
	/* A product number may be as small as 1; a line may have no product. */
	assert_true(
	    filter_has(&first, &(struct order_line){ .product_id = 1 }));
	assert_false(
	    filter_has(&first, &(struct order_line){ .product_id = 0 }));
	/* A filter with a list never matches a field that cannot be read,
	 * whether the filter is negated or not. */
	for (int negated = 0; negated < 2; negated++) {
		const struct line_test sku = { .key = LINE_SKU,
			.negated = negated != 0,
			.any = WORDS("ABC-*") };
		const struct filter f = { .tests = &sku, .n = 1 };
		struct order_line odd = { .unreadable = UNREADABLE_SKU };

		assert_false(filter_has(&f, &odd));
		assert_int_equal(filter_unreadable(&f, &odd), UNREADABLE_SKU);
		odd.unreadable = UNREADABLE_VENDOR | UNREADABLE_PIECES;
		assert_true(filter_has(&f, &odd) == (negated != 0));
		assert_int_equal(filter_unreadable(&f, &odd), 0);
	}
	/* A line must pass all tests of a filter; without tests, every line
	 * passes. */
	assert_true(filter_has(&both, &shoe));
	both.n = 2;
	assert_false(filter_has(&both, &shoe));
	both.n = 0;
	assert_true(filter_has(&both, &shoe));
	assert_true(filter_has(&both, &card));
}

/* Checks filters that need data of the product, while the product is
 * unknown. */
static void
test_unknown(void **state)
{
	const struct order_line bare = { .untold = true, .product_id = 7 };
	const struct order_line said = { .untold = true,
		.vendor = "Acme",
		.type = "Shoe",
		.categories = WORDS("shoes"),
		.tags = WORDS("red"),
		.on_sale = true };
	const struct {
		enum line_key key;
		bool bare;
	} tests[] = {
		{ LINE_CATEGORY, true },
		{ LINE_TAG, true },
		{ LINE_VENDOR, true },
		{ LINE_TYPE, true },
		{ LINE_ON_SALE, true },
		{ LINE_SKU, false },
		{ LINE_PRODUCT, false },
		{ LINE_GIFT_CARD, false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(tests); i++) {
		const struct line_test t = { .key = tests[i].key };
		const struct filter f = { &t, 1 };
		struct order_line told = bare;

		told.untold = false;
		assert_int_equal(filter_is_unknown(&f, &bare), tests[i].bare);
		assert_false(filter_is_unknown(&f, &said));
		assert_false(filter_is_unknown(&f, &told));
	}
	assert_false(filter_is_unknown(&(struct filter){ 0 }, &bare));
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} patterns[] = {
		{ "ABC", "ABC", true },
		{ "ABC", "ABCD", false },
		{ "ABC", "AB", false },
		{ "ABC", "abc", false },
		{ "", "", true },
		{ "", "A", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "**", "", true },
		{ "A*", "A", true },
		{ "A*", "BA", false },
		{ "*A", "A", true },
		{ "*A", "BAA", true },
		{ "*A", "AB", false },
		{ "A*C", "ABBC", true },
		{ "A*C", "AC", true },
		{ "A*C", "ACB", false },
		{ "*B*", "ABC", true },
		{ "*B*", "AC", false },
		{ "A*B*C", "AxBxBxC", true },
		{ "A*B*C", "AxCxB", false },
		{ "*aab", "aaaaaaaaab", true },
		{ "*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false },
		{ "A?C", "ABC", false },
		/* A * in the text is matched only by a * in the pattern. */
		{ "A*", "A*", true },
		{ "AB", "A*", false },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(patterns); i++)
		if (pattern_matches(patterns[i].pattern, patterns[i].text) !=
		    patterns[i].matches)
			fail_msg(
			    "%s and %s", patterns[i].pattern, patterns[i].text);
}

/* Tries each place that a * may end at. */
static bool
matches_slowly(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return matches_slowly(pattern + 1, text) ||
		       (*text != 0 && matches_slowly(pattern, text + 1));
	return *pattern == *text &&
	       (*text == 0 || matches_slowly(pattern + 1, text + 1));
}

/* Checks random patterns, also as some of many, of which a filter refuses most
 * by their letters. */
static void
test_letters(void **state)
{
	static const char *const parts[] = { "a", "b", "ab", "\u00e9", "\u00c3",
		"*" };
	uint64_t seed = 1;
	size_t matched = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char texts[2][32] = { "", "" };
		const char *const pattern = texts[0];
		const struct order_line line = { .sku = texts[1] };
		struct letters letters;
		struct line_test t = { .key = LINE_SKU,
			.any = { &pattern, 1 } };
		const struct filter f = { &t, 1 };
		bool matches;

		for (size_t j = 0; j < 10; j++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			strcat(texts[j % 2],
			    j < 4 || seed >> 63 != 0
			        ? parts[(seed >> 33) % (NITEMS(parts) - j % 2)]
			        : "");
		}
		letters = letters_of(pattern);
		matches = matches_slowly(pattern, line.sku);
		matched += matches;
		assert_true(filter_has(&f, &line) == matches);
		t.letters = &letters;
		assert_true(filter_has(&f, &line) == matches);
	}
	assert_true(matched > 1000);
	/* Letters in another order, and another end. */
	assert_true((letters_of("a*c").pairs & ~letters_of("abcd").pairs) != 0);
	assert_true((letters_of("ba").pairs & ~letters_of("abc").pairs) != 0);
	assert_true((letters_of("x").single & ~letters_of("abc").single) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

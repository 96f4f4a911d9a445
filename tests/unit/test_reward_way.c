/* SPDX-License-Identifier: MIT */
/* Tests what the platforms make of rewards, and holds the tables in the page of
 * the program language to the code. */
#include "program_file.h"

#include "core/reward_way.h"

#define PAGE "deploy/programs/README.md"

enum {
	EUR = 2,
};

static const struct kind {
	const char *name;
	const char *keys; /* keys that the kind needs */
	const char *left; /* left at the shop after all */
} kinds[] = {
	{ "amount", "'amount':'5.00'", "nothing" },
	{ "percent", "'percent':'20'", "nothing" },
	{ "shipping", "", "nothing" },
	{ "product", "'product':'MUG'", "nothing" },
	{ "gift_card", "'amount':'5.00'", "the card" },
	{ "store_credit", "'amount':'5.00'", "money" },
	{ "experience", "", "nothing" },
	{ "charity", "'amount':'5.00'", "nothing" },
};

enum {
	KINDS_OFF = 4, /* the kinds in front take something off an order */
};

static const enum platform platforms[] = { PLATFORM_SHOPIFY,
	PLATFORM_WOOCOMMERCE };

/* Reads a reward of a kind that says more. */
static struct reward
reward_of(const struct kind *k, const char *more)
{
	struct program p = parsed(arena_printf(&arena,
	    FILE("'charities':['c'],'benefits':[{'id':'f','kind':'flag'}],"
	         "'rewards':[{'id':'a','cost':1,'kind':'%s'%s%s%s%s}]"),
	    k->name, k->keys[0] != '\0' ? "," : "", k->keys,
	    more[0] != '\0' ? "," : "", more));

	return p.rewards[0];
}

/* ---- the tables of the page ---------------------------------------------- */

/* Checks that the page has a row of a table. */
static void
assert_row(const char *row)
{
	const char *page = file_read(PAGE).data;

	if (strstr(page, arena_printf(&arena, "\n%s\n", row)) == NULL)
		fail_msg("%s has no row: %s", PAGE, row);
}

/* Adds a word to a cell of a table. */
static const char *
with_word(const char *cell, const char *word)
{
	return arena_printf(
	    &arena, "%s%s`%s`", cell, cell[0] != '\0' ? ", " : "", word);
}

static const char *
cell_or_none(const char *cell)
{
	return cell[0] != '\0' ? cell : "–";
}

static bool
is_off(const struct kind *k)
{
	return k < &kinds[KINDS_OFF];
}

static const char *
forms_cell(const struct kind *k, enum platform platform)
{
	struct reward r = reward_of(k, "");
	const char *cell = "";
	enum reward_form form = reward_form(&r, platform);

	if (form != FORM_NONE)
		cell = with_word(cell, reward_form_name(form));
	if (!is_off(k))
		return cell_or_none(cell);
	r = reward_of(k, "'way':'virtual'");
	form = reward_form(&r, platform);
	if (form != FORM_NONE)
		cell = with_word(cell, reward_form_name(form));
	return cell_or_none(cell);
}

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(kinds); i++)
		assert_row(arena_printf(&arena, "| `%s` | %s | %s | %s |",
		    kinds[i].name, forms_cell(&kinds[i], PLATFORM_SHOPIFY),
		    forms_cell(&kinds[i], PLATFORM_WOOCOMMERCE),
		    kinds[i].left));
}

/* The things that rewards say of the order that they are for, in variants. */
static const struct {
	const char *says;
	bool
	    is_of_goods; /* only kinds that take something off an order say it */
	const char *variants[12];
} conditions[] = {
	{ "`minimum`", false, { "'minimum':'20.00'" } },
	{ "`lines` of a `product`, by number", false,
	    { "'lines':{'product':['12','7']}" } },
	{ "`lines` of a `sku`, without `*`", false,
	    { "'lines':{'sku':['ABC-1']}" } },
	{ "`lines` of a `category`", false,
	    { "'lines':{'category':['toys']}" } },
	{ "other `lines`, or of two of these keys", false,
	    { "'lines':{'tag':['t']}", "'lines':{'vendor':['v']}",
	        "'lines':{'type':['t']}", "'lines':{'on_sale':true}",
	        "'lines':{'gift_card':true}", "'lines':{'free':true}",
	        "'lines':{'part':true}", "'lines':{'bundle':true}",
	        "'lines':{'sku':['ABC-*']}",
	        "'lines':{'product':['12'],'category':['toys']}" } },
	{ "`not_lines` of a `product` or a `category`", false,
	    { "'not_lines':{'product':['12']}",
	        "'not_lines':{'category':['toys']}",
	        "'not_lines':{'product':['12'],'category':['toys']}",
	        "'not_lines':{'product':['12']},'lines':{'category':['b']}" } },
	{ "other `not_lines`", false,
	    { "'not_lines':{'sku':['ABC-1']}", "'not_lines':{'tag':['t']}",
	        "'not_lines':{'on_sale':true}" } },
	{ "`most_percent`, if it does not combine", true,
	    { "'most_percent':'50'" } },
	{ "`most_percent`, if it combines", true,
	    { "'most_percent':'50','combines':true" } },
	{ "`combines`, `valid`", false,
	    { "'combines':true,'valid':'30 days'" } },
};

/* Whether a platform can make a kind of reward as the variants say, of which
 * either all are possible or none is. */
static bool
can(const struct kind *k, enum platform platform, const char *const *variants)
{
	bool first = false;

	for (size_t i = 0; variants[i] != NULL; i++) {
		const struct reward r = reward_of(k, variants[i]);
		bool now = reward_cannot(&r, platform) == NULL;

		if (i > 0 && now != first)
			fail_msg("%s: %s is not as %s", k->name, variants[i],
			    variants[0]);
		first = now;
	}
	return first;
}

static const char *
kinds_cell(size_t condition, enum platform platform)
{
	const char *cell = "";

	for (size_t i = 0; i < NITEMS(kinds); i++) {
		const struct kind *k = &kinds[i];
		const struct reward r = reward_of(k, "");
		enum reward_form form = reward_form(&r, platform);

		/* The language has no most_percent for these. */
		if (conditions[condition].is_of_goods &&
		    (!is_off(k) || r.kind == REWARD_SHIPPING))
			continue;
		if (form != FORM_TASK && form != FORM_NOTHING &&
		    can(k, platform, conditions[condition].variants))
			cell = with_word(cell, k->name);
	}
	return cell_or_none(cell);
}

static void
test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(conditions); i++)
		assert_row(arena_printf(&arena, "| %s | %s | %s |",
		    conditions[i].says, kinds_cell(i, PLATFORM_SHOPIFY),
		    kinds_cell(i, PLATFORM_WOOCOMMERCE)));
}

/* ---- what is said of them ------------------------------------------------ */

static void
test_sentences(void **state)
{
	static const struct {
		const char *kind, *more;
		enum platform platform;
		const char *cannot; /* NULL: it can */
	} cases[] = {
		{ "percent", "'lines':{'tag':['t']}", PLATFORM_SHOPIFY,
		    "cannot limit a discount to tags" },
		{ "percent", "'lines':{'tag':['t']},'way':'own'",
		    PLATFORM_SHOPIFY, NULL },
		{ "percent", "'lines':{'tag':['t']},'way':'virtual'",
		    PLATFORM_WOOCOMMERCE, NULL },
		{ "percent", "'way':'virtual'", PLATFORM_SHOPIFY,
		    "has no way \"virtual\"" },
		{ "percent", "'not_lines':{'on_sale':true}",
		    PLATFORM_WOOCOMMERCE,
		    "cannot leave what is on sale out of a discount" },
		{ "percent", "'not_lines':{'product':['1']}", PLATFORM_SHOPIFY,
		    "cannot leave products out of a discount" },
		{ "percent", "'lines':{'sku':['A*']}", PLATFORM_SHOPIFY,
		    "cannot look for item numbers with \"*\"" },
		{ "percent", "'lines':{'product':['1'],'sku':['A']}",
		    PLATFORM_SHOPIFY,
		    "cannot limit a discount by two keys at once" },
		{ "percent", "'most_percent':'19.99'", PLATFORM_SHOPIFY,
		    "would take off more than \"most_percent\"" },
		{ "percent", "'most_percent':'20'", PLATFORM_SHOPIFY, NULL },
		{ "percent", "'most_percent':'50','combines':true",
		    PLATFORM_SHOPIFY,
		    "cannot bound what several rewards pay together" },
		{ "product", "'most_percent':'50'", PLATFORM_WOOCOMMERCE,
		    "cannot compare a product with the order" },
		{ "amount", "'lines':{'category':['c']}", PLATFORM_WOOCOMMERCE,
		    "cannot take an amount off some goods only" },
		{ "shipping", "'lines':{'category':['c']}", PLATFORM_SHOPIFY,
		    "cannot limit that kind to some goods" },
		{ "gift_card", "'minimum':'1.00'", PLATFORM_SHOPIFY,
		    "asks for no smallest order of that kind" },
		{ "gift_card", "", PLATFORM_WOOCOMMERCE, "has no gift cards" },
		{ "store_credit", "", PLATFORM_WOOCOMMERCE,
		    "has no store credit" },
		{ "store_credit", "'way':'own'", PLATFORM_WOOCOMMERCE, NULL },
		{ "experience", "'minimum':'1.00'", PLATFORM_SHOPIFY, NULL },
		{ "amount", "", PLATFORM_EVENTS, "has no coupons" },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		const struct kind *k = kinds;
		struct reward r;
		const char *said;

		while (strcmp(k->name, cases[i].kind) != 0)
			k++;
		r = reward_of(k, cases[i].more);
		said = reward_cannot(&r, cases[i].platform);
		assert_string_equal(said != NULL ? said : "can",
		    cases[i].cannot != NULL ? cases[i].cannot : "can");
		assert_int_equal(
		    reward_form(&r, cases[i].platform) == FORM_NONE,
		    said != NULL);
	}
}

/* Checks that the least order bounds what a reward pays of it. */
static void
test_minimum(void **state)
{
	static const struct {
		const char *more;
		int64_t units, minimum;
	} cases[] = {
		{ "", 1, 0 },
		{ "'minimum':'20.00'", 1, 2000 },
		{ "'most_percent':'50'", 1, 1000 },
		{ "'most_percent':'50','minimum':'20.00'", 1, 2000 },
		/* 5.00 is at most 30 percent of 16.67, not of 16.66. */
		{ "'most_percent':'30'", 1, 1667 },
	};
	struct reward r;

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		r = reward_of(&kinds[0], cases[i].more);
		assert_int_equal(
		    reward_minimum(&r, cases[i].units), cases[i].minimum);
	}
	r = reward_of(&kinds[0], "'most_percent':'30','variable':true");
	r.cost = 100;
	assert_int_equal(reward_minimum(&r, 300), 5000);
	r = reward_of(&kinds[1], "'most_percent':'50'");
	assert_int_equal(reward_minimum(&r, 1), 0);
}

/* Checks that both platforms can make the rewards of a template; of the one with
 * store credit the page says where it is. */
static void
check_template(const char *path)
{
	struct program p = parsed_file(path, EUR);

	for (size_t i = 0; i < p.nrewards; i++)
		for (size_t j = 0; j < NITEMS(platforms); j++) {
			const struct reward *r = &p.rewards[i];
			const char *said = reward_cannot(r, platforms[j]);

			if (said != NULL &&
			    (platforms[j] != PLATFORM_WOOCOMMERCE ||
			        r->kind != REWARD_STORE_CREDIT))
				fail_msg("%s: reward %s: %s %s", path, r->id,
				    platform_name(platforms[j]), said);
		}
}

static void
test_templates(void **state)
{
	(void)state;
	assert_int_equal(templates_check(check_template), 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_minimum),
		cmocka_unit_test(test_templates),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

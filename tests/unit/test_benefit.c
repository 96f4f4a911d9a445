/* SPDX-License-Identifier: MIT */
/* Tests what shops have of benefits, holds the tables in the page of the program
 * language to the code, and tests the calls that come next and what shops answer. */
#include "program_file.h"

#include "base/utf8.h"
#include "core/benefit_life.h"
#include "core/benefit_way.h"
#include "wire/shop/benefit.h"

#define PAGE "deploy/programs/README.md"

static const struct kind {
	const char *name;
	const char *keys; /* keys that the kind needs */
} kinds[] = {
	{ "discount", "'percent':'12.5'," },
	{ "shipping", "" },
	{ "service", "" },
	{ "flag", "" },
};

enum {
	KINDS_OFF = 2, /* the kinds in front take something off an order */
};

#define WHEN_TIER "'when':{'tier':['gold']}"

/* Reads a program with a benefit of a kind that says more, after n others. */
static struct program
program_with(const struct kind *k, const char *more, size_t n)
{
	const char *others = "";

	for (size_t i = 0; i < n; i++)
		others = arena_printf(&arena,
		    "%s{'id':'b%zu','kind':'shipping'," WHEN_TIER "},", others,
		    i);
	return parsed(arena_printf(&arena,
	    FILE("'memberships':[{'id':'club','fee':{'sku':['CLUB']},"
	         "'price':'29.00','term':'1 year'}],"
	         "'tiers':{'metric':'spend','window':'year','levels':["
	         "{'id':'gold','from':'1.00'},{'id':'platinum','from':'2.00'}"
	         "]},'benefits':[%s{'id':'a',%s%s%s'kind':'%s'}]"),
	    others, k->keys, more, more[0] != '\0' ? "," : "", k->name));
}

/* ---- the tables of the page ---------------------------------------------- */

static void
assert_row(const char *row)
{
	const char *page = file_read(PAGE).data;

	if (strstr(page, arena_printf(&arena, "\n%s\n", row)) == NULL)
		fail_msg("%s has no row: %s", PAGE, row);
}

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(kinds); i++) {
		struct program p = program_with(&kinds[i], WHEN_TIER, 0);

		assert_row(arena_printf(&arena, "| `%s` | `%s` | `%s` |",
		    kinds[i].name,
		    benefit_form_name(benefit_form(&p, 0, PLATFORM_SHOPIFY)),
		    benefit_form_name(
		        benefit_form(&p, 0, PLATFORM_WOOCOMMERCE))));
	}
}

/* The things that benefits say, in variants that a platform can all make, or none
 * of them. */
static const struct {
	const char *says;
	bool is_of_lines; /* only discounts say it */
	const char *variants[8];
} conditions[] = {
	{ "`when` a `tier`, a `membership`, or both", false,
	    { WHEN_TIER, "'when':{'membership':['club']}",
	        "'when':{'tier':['gold','platinum'],'membership':['club']}" } },
	{ "`when` anything else, or nothing", false,
	    { "'when':{'channel':['pos']}",
	        "'when':{'tier':['gold'],'weekday':['mon']}",
	        "'when':{'not':{'tier':['gold']}}", "" } },
	{ "`minimum`", false, { WHEN_TIER ",'minimum':'20.00'" } },
	{ "`lines` of a `product`, by number", true,
	    { WHEN_TIER ",'lines':{'product':['12','7']}" } },
	{ "`lines` of a `sku`, without `*`", true,
	    { WHEN_TIER ",'lines':{'sku':['ABC-1']}" } },
	{ "`lines` of a `category`", true,
	    { WHEN_TIER ",'lines':{'category':['toys']}" } },
	{ "other `lines`, or of two of these keys", true,
	    { WHEN_TIER ",'lines':{'tag':['t']}",
	        WHEN_TIER ",'lines':{'on_sale':true}",
	        WHEN_TIER ",'lines':{'sku':['ABC-*']}",
	        WHEN_TIER ",'lines':{'product':['1'],'category':['c']}" } },
	{ "`not_lines`", true,
	    { WHEN_TIER ",'not_lines':{'product':['12']}",
	        WHEN_TIER ",'not_lines':{'tag':['t']}" } },
};

static bool
can(const struct kind *k, const char *const *variants)
{
	bool first = false;

	for (size_t i = 0; i < 8 && variants[i] != NULL; i++) {
		struct program p = program_with(k, variants[i], 0);
		bool now = benefit_cannot(&p, 0, PLATFORM_SHOPIFY) == NULL;

		if (i > 0 && now != first)
			fail_msg("%s: %s is not as %s", k->name, variants[i],
			    variants[0]);
		first = now;
		assert_null(benefit_cannot(&p, 0, PLATFORM_WOOCOMMERCE));
	}
	return first;
}

static void
test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < NITEMS(conditions); i++) {
		const char *cell = "";

		for (const struct kind *k = kinds; k < &kinds[KINDS_OFF]; k++)
			if (!(conditions[i].is_of_lines && k > kinds) &&
			    can(k, conditions[i].variants))
				cell = arena_printf(&arena, "%s%s`%s`", cell,
				    cell[0] != '\0' ? ", " : "", k->name);
		assert_row(arena_printf(&arena, "| %s | %s |",
		    conditions[i].says, cell[0] != '\0' ? cell : "–"));
	}
}

/* The 26th is not made, and says so. */
static void
test_most(void **state)
{
	struct program p = program_with(
	    &kinds[0], WHEN_TIER, BENEFITS_AUTOMATIC_MAX - 1);

	(void)state;
	assert_int_equal(benefit_form(&p, p.nbenefits - 1, PLATFORM_SHOPIFY),
	    BENEFIT_AUTOMATIC);
	p = program_with(&kinds[0], WHEN_TIER, BENEFITS_AUTOMATIC_MAX);
	assert_int_equal(
	    benefit_form(&p, p.nbenefits - 1, PLATFORM_SHOPIFY), BENEFIT_NONE);
	assert_string_equal(
	    benefit_cannot(&p, p.nbenefits - 1, PLATFORM_SHOPIFY),
	    "has at most 25 automatic discounts");
	assert_string_equal(
	    benefit_cannot(&p, 0, PLATFORM_EVENTS), "has no discounts");
}

/* ---- what is made ---------------------------------------------------------- */

static const char *
query_of(const char *when)
{
	struct program p = program_with(&kinds[1], when, 0);

	return benefit_segment_query(&arena, &p.benefits[0]);
}

static void
test_segment(void **state)
{
	(void)state;
	assert_string_equal(
	    query_of(WHEN_TIER), "customer_tags CONTAINS 'loyalty-tier:gold'");
	assert_string_equal(query_of("'when':{'tier':['gold','platinum'],"
	                             "'membership':['club']}"),
	    "customer_tags CONTAINS 'loyalty-tier:gold' AND "
	    "customer_tags CONTAINS 'loyalty-member:club' OR "
	    "customer_tags CONTAINS 'loyalty-tier:platinum' AND "
	    "customer_tags CONTAINS 'loyalty-member:club'");
}

/* A digest differs whenever something that is made does; and the first half if the
 * discount cannot be changed to it. */
static void
test_digest(void **state)
{
	static const struct {
		const char *more;
		bool is_like; /* the one before */
	} cases[] = {
		{ WHEN_TIER, false },
		{ WHEN_TIER ",'minimum':'10.00'", true },
		{ WHEN_TIER ",'minimum':'10.00','names':{'en':{'one':'Ten',"
		            "'other':'Ten'}}",
		    true },
		{ "'when':{'tier':['platinum']},'minimum':'10.00'", true },
		{ WHEN_TIER ",'lines':{'category':['toys']}", false },
		{ WHEN_TIER ",'lines':{'category':['toys','books']}", false },
		{ WHEN_TIER ",'lines':{'sku':['toys','books']}", false },
	};
	const char *digests[NITEMS(cases)];

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct program p = program_with(&kinds[0], cases[i].more, 0);

		digests[i] = benefit_digest(&arena, &p.benefits[0], "EUR");
		assert_int_equal(strlen(digests[i]), BENEFIT_DIGEST_SIZE - 1);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(digests[i], digests[k]);
		if (i > 0)
			assert_int_equal(
			    benefit_digest_is_like(digests[i], digests[i - 1]),
			    cases[i].is_like);
	}
}

/* ---- the calls that come next ------------------------------------------------ */

/* A shop, as it really is. */
struct shop_has {
	enum benefit_seen segment, discount;
};

/* Does an act at the shop, and checks that it may be done there. */
static void
shop_does(struct shop_has *s, struct benefit_life *l, enum benefit_act act)
{
	if (act == BENEFIT_SEGMENT_LOOK) {
		l->segment = s->segment;
		return;
	}
	if (act == BENEFIT_LOOK) {
		l->discount = s->discount;
		return;
	}
	/* A name is there once, and a segment that a discount has stays. */
	if (act == BENEFIT_SEGMENT_MAKE)
		assert_int_equal(s->segment, SEEN_ABSENT);
	if (act == BENEFIT_SEGMENT_REMOVE || act == BENEFIT_MAKE)
		assert_int_equal(s->discount, SEEN_ABSENT);
	if (act == BENEFIT_CHANGE)
		assert_int_equal(s->discount, SEEN_CHANGED);
	if (act == BENEFIT_MAKE || act == BENEFIT_CHANGE)
		assert_int_equal(s->segment, SEEN_RIGHT);
	if (act <= BENEFIT_SEGMENT_REMOVE)
		s->segment = act == BENEFIT_SEGMENT_REMOVE ? SEEN_ABSENT
		                                           : SEEN_RIGHT;
	else
		s->discount = act == BENEFIT_REMOVE ? SEEN_ABSENT : SEEN_RIGHT;
}

/* From whatever a shop has, and though the answer to any one call is lost, the end
 * is right, and is reached in few calls. */
static void
test_life(void **state)
{
	enum {
		CALLS = 12 /* push_benefit.c has as many for a chain */
	};
	static const enum benefit_seen seen[] = { SEEN_ABSENT, SEEN_OTHER,
		SEEN_CHANGED, SEEN_RIGHT };

	(void)state;
	for (int n = 0; n < 2 * 4 * 4 * (CALLS + 1); n++) {
		struct shop_has shop = { seen[n / 2 % 4], seen[n / 8 % 4] };
		bool wanted = n % 2 == 0;
		struct benefit_life l = { .wanted = wanted };
		enum benefit_act act;
		int lost = n / 32, calls = 0;

		while ((act = benefit_next(&l)) != BENEFIT_NOTHING) {
			assert_in_range(++calls, 1, 2 * CALLS);
			shop_does(&shop, &l, act);
			if (calls == lost) /* the next try looks anew */
				l = (struct benefit_life){ .wanted = wanted };
			else
				benefit_done(&l, act);
			if (lost == 0)
				assert_in_range(calls, 1, CALLS);
		}
		assert_int_equal(
		    shop.segment, wanted ? SEEN_RIGHT : SEEN_ABSENT);
		assert_int_equal(
		    shop.discount, wanted ? SEEN_RIGHT : SEEN_ABSENT);
	}
}

/* ---- answers ------------------------------------------------------------- */

#define MADE_SEGMENT(id, errors)                                  \
	"{\"data\":{\"segmentCreate\":{\"segment\":{\"id\":\"" id \
	"\"},\"userErrors\":[" errors "]}}}"
#define EUROS "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"

static struct benefit_answer
answer_to(const char *body)
{
	const struct benefit_make m = { .segment_name = "loyalty benefit vip",
		.segment_query = "customer_tags CONTAINS 'loyalty-tier:vip'" };
	const struct reward_reply reply = { 200, STR(""), str_of(body) };
	struct benefit_answer r;

	shop_shopify.benefit_read(BENEFIT_SEGMENT_MAKE, &reply, &m, &arena, &r);
	return r;
}

static void
test_ids(void **state)
{
	struct benefit_answer r = answer_to(MADE_SEGMENT("gid://5", ""));

	(void)state;
	assert_int_equal(r.outcome, PUSH_DONE);
	assert_string_equal(r.id, "gid://5");
	r = answer_to(MADE_SEGMENT("\\u0000gid://5", ""));
	assert_int_equal(r.outcome, PUSH_RETRY);
	assert_null(r.id);
	assert_non_null(strstr(r.why, "does not name"));
}

/* A reason that is too long ends before a character or behind it. */
static void
test_long_reason(void **state)
{
	const struct benefit_answer r = answer_to(MADE_SEGMENT("gid://5",
	    "{\"message\":\"" EUROS EUROS EUROS EUROS EUROS EUROS "\"}"));
	struct str why = str_of(r.why);

	(void)state;
	assert_int_equal(r.outcome, PUSH_RETRY);
	assert_non_null(strstr(r.why, EUROS));
	for (size_t n; why.len > 0; why.data += n, why.len -= n) {
		n = utf8_len(why);
		assert_int_not_equal(n, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_segment),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_long_reason),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}

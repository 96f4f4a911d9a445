/* SPDX-License-Identifier: MIT */
#include "core/benefit_way.h"
#include "core/reward_way.h"

struct reward
benefit_reward(const struct benefit *b)
{
	return (struct reward){
		.id = b->id,
		.names = b->names,
		.kind = b->kind == BENEFIT_SHIPPING ? REWARD_SHIPPING
		                                    : REWARD_DISCOUNT_PERCENT,
		.percent = b->percent,
		.minimum = b->minimum,
		.lines = b->lines,
		.way = WAY_COUPON,
	};
}

/* Finds why customers' tags do not tell whether a test holds; NULL: they do, or
 * the test is asked of the order by nobody. */
static const char *
cannot_test(const struct test *t)
{
	static const char *const asked[] = {
		[TEST_TIER] = "cannot look for customers outside a tier",
		[TEST_MEMBERSHIP] =
		    "cannot look for customers outside a membership",
		[TEST_CHANNEL] = "cannot look at the channel of an order",
		[TEST_BRAND] = "knows no brands",
		[TEST_SHIPPING] = "cannot look at the shipping method",
		[TEST_WEEKDAY] = "cannot look at the day of the week",
		[TEST_DATES] = "cannot begin and end a benefit by its dates",
		[TEST_SINCE] = "cannot look at how long an event is over",
		[TEST_CHOSEN_DAY] = "does not know the day that was chosen",
		[TEST_ATTRIBUTE] = "does not know members' attributes",
		[TEST_CUSTOMER] = "is not asked for its own customers' data",
		[TEST_FIELD] = "cannot look at events",
		[TEST_NUMBER] = "cannot look at events",
		[TEST_AMOUNT] = "has \"minimum\" for that, and no \"amount\"",
		[TEST_PIECES] = "cannot count the pieces of an order",
		[TEST_CODES] = "cannot look at discount codes",
		[TEST_NTH] = "cannot count members' orders",
		[TEST_CONSENT] = "does not know what members consent to",
		[TEST_AGE] = "does not know members' age",
	};

	if ((t->kind == TEST_TIER || t->kind == TEST_MEMBERSHIP) && !t->negated)
		return NULL;
	return asked[t->kind];
}

/* Finds why a segment of customers cannot be those for whom a benefit holds. */
static const char *
cannot_segment(const struct condition *when)
{
	for (size_t i = 0; i < when->n; i++) {
		const char *why = cannot_test(&when->tests[i]);

		if (why != NULL)
			return why;
	}
	return when->n == 0 ? "cannot tell members from other customers" : NULL;
}

static const char *
cannot_make(const struct benefit *b, enum platform platform)
{
	const struct reward r = benefit_reward(b);
	const char *why = cannot_segment(&b->when);

	return why != NULL ? why : reward_cannot(&r, platform);
}

static bool
is_told(const struct benefit *b)
{
	return b->kind != BENEFIT_DISCOUNT && b->kind != BENEFIT_SHIPPING;
}

const char *
benefit_cannot(const struct program *p, size_t benefit, enum platform platform)
{
	const struct benefit *b = &p->benefits[benefit];
	size_t made = 0;
	const char *why;

	if (is_told(b) || platform == PLATFORM_WOOCOMMERCE)
		return NULL;
	if (platform != PLATFORM_SHOPIFY)
		return "has no discounts";
	why = cannot_make(b, platform);
	if (why != NULL)
		return why;
	for (size_t i = 0; i < benefit; i++)
		made += !is_told(&p->benefits[i]) &&
		        cannot_make(&p->benefits[i], platform) == NULL;
	return made < BENEFITS_AUTOMATIC_MAX
	           ? NULL
	           : "has at most 25 automatic discounts";
}

enum benefit_form
benefit_form(const struct program *p, size_t benefit, enum platform platform)
{
	if (is_told(&p->benefits[benefit]))
		return BENEFIT_TOLD;
	if (benefit_cannot(p, benefit, platform) != NULL)
		return BENEFIT_NONE;
	return platform == PLATFORM_SHOPIFY ? BENEFIT_AUTOMATIC
	                                    : BENEFIT_VIRTUAL;
}

const char *
benefit_form_name(enum benefit_form form)
{
	static const char *const names[] = { [BENEFIT_NONE] = "none",
		[BENEFIT_AUTOMATIC] = "automatic",
		[BENEFIT_VIRTUAL] = "virtual",
		[BENEFIT_TOLD] = "told" };

	return names[form];
}

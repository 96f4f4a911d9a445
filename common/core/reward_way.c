/* SPDX-License-Identifier: MIT */
#include "core/reward_way.h"
#include "core/ratio.h"

/* Bits for what a platform can ask of the order in which a reward is used. */
enum {
	CAN_MINIMUM = 1,        /* a smallest order */
	CAN_LINES = 1 << 1,     /* only some goods */
	CAN_NOT_LINES = 1 << 2, /* all but some goods */
};

/* In which form a platform has a kind of reward. */
struct ability {
	enum reward_form form; /* 0: in none */
	int can;
};

struct abilities {
	bool virtual; /* a plugin of ours takes rewards off orders */
	struct ability kinds[REWARD_EXPERIENCE + 1];
};

/* WooCommerce takes an amount off a whole basket (fixed_cart), or the same amount
 * off each piece of some goods (fixed_product), but not once off some goods. */
static const struct abilities shops[PLATFORMS + 1] = {
	[PLATFORM_SHOPIFY] = {
	    .kinds = {
	        [REWARD_DISCOUNT_AMOUNT] = { FORM_COUPON,
	            CAN_MINIMUM | CAN_LINES },
	        [REWARD_DISCOUNT_PERCENT] = { FORM_COUPON,
	            CAN_MINIMUM | CAN_LINES },
	        [REWARD_SHIPPING] = { FORM_COUPON, CAN_MINIMUM },
	        [REWARD_PRODUCT] = { FORM_COUPON, CAN_MINIMUM },
	        [REWARD_GIFT_CARD] = { FORM_CARD, 0 },
	        [REWARD_STORE_CREDIT] = { FORM_CREDIT, 0 },
	    } },
	[PLATFORM_WOOCOMMERCE] = {
	    .virtual = true,
	    .kinds = {
	        [REWARD_DISCOUNT_AMOUNT] = { FORM_COUPON, CAN_MINIMUM },
	        [REWARD_DISCOUNT_PERCENT] = { FORM_COUPON,
	            CAN_MINIMUM | CAN_LINES | CAN_NOT_LINES },
	        [REWARD_SHIPPING] = { FORM_COUPON, CAN_MINIMUM },
	        [REWARD_PRODUCT] = { FORM_COUPON, CAN_MINIMUM },
	    } },
};

/* The form in which a platform has a kind of reward in the way that the reward
 * names, whatever its conditions are. */
static enum reward_form
form_of(const struct reward *r, enum platform platform)
{
	const struct abilities *shop = &shops[platform];

	if (r->kind == REWARD_CHARITY)
		return FORM_NOTHING;
	if (r->way == WAY_OWN)
		return FORM_OWN;
	if (r->kind == REWARD_EXPERIENCE)
		return FORM_TASK;
	if (r->way == WAY_VIRTUAL)
		return shop->virtual ? FORM_VIRTUAL : FORM_NONE;
	return shop->kinds[r->kind].form != 0 ? shop->kinds[r->kind].form
	                                      : FORM_NONE;
}

const char *
reward_form_name(enum reward_form form)
{
	static const char *const names[] = { [FORM_NONE] = "none",
		[FORM_COUPON] = "coupon",
		[FORM_VIRTUAL] = "virtual",
		[FORM_CREDIT] = "credit",
		[FORM_CARD] = "card",
		[FORM_TASK] = "task",
		[FORM_OWN] = "own",
		[FORM_NOTHING] = "nothing" };

	return names[form];
}

/* ---- what a platform cannot do ------------------------------------------- */

static const char *
lacks(const struct reward *r)
{
	if (r->way == WAY_VIRTUAL)
		return "has no way \"virtual\"";
	if (r->kind == REWARD_GIFT_CARD)
		return "has no gift cards";
	if (r->kind == REWARD_STORE_CREDIT)
		return "has no store credit";
	return "has no coupons";
}

static bool
is_pattern(const char *word)
{
	while (*word != '\0' && *word != '*')
		word++;
	return *word == '*';
}

#define GOODS(words)                                           \
	{                                                      \
		"cannot limit a discount to " words,           \
		    "cannot leave " words " out of a discount" \
	}

/* Finds why a platform cannot look at the goods that a test of a filter means,
 * by one of the keys; NULL: it can. */
static const char *
cannot_test(const struct line_test *t, int can)
{
	static const char *const goods[][2] = {
		[LINE_CATEGORY] = GOODS("categories"),
		[LINE_TAG] = GOODS("tags"),
		[LINE_VENDOR] = GOODS("vendors"),
		[LINE_TYPE] = GOODS("types"),
		[LINE_SKU] = GOODS("item numbers"),
		[LINE_PRODUCT] = GOODS("products"),
		[LINE_ON_SALE] = GOODS("what is on sale"),
		[LINE_GIFT_CARD] = GOODS("gift cards"),
		[LINE_FREE] = GOODS("what is free"),
		[LINE_PART] = GOODS("parts of bundles"),
		[LINE_BUNDLE] = GOODS("bundles"),
	};
	bool found = t->key == LINE_CATEGORY || t->key == LINE_PRODUCT ||
	             (t->key == LINE_SKU && !t->negated);

	if (!found || (t->negated && (can & CAN_NOT_LINES) == 0))
		return goods[t->key][t->negated];
	for (size_t i = 0; t->key == LINE_SKU && i < t->any.n; i++)
		if (is_pattern(t->any.list[i]))
			return "cannot look for item numbers with \"*\"";
	return NULL;
}

static const char *
cannot_lines(const struct reward *r, int can)
{
	size_t keys = 0;

	if (r->lines.n > 0 && (can & CAN_LINES) == 0)
		return r->kind == REWARD_DISCOUNT_AMOUNT
		           ? "cannot take an amount off some goods only"
		           : "cannot limit that kind to some goods";
	for (size_t i = 0; i < r->lines.n; i++) {
		const char *why = cannot_test(&r->lines.tests[i], can);

		if (why != NULL)
			return why;
		keys += !r->lines.tests[i].negated;
	}
	return keys > 1 ? "cannot limit a discount by two keys at once" : NULL;
}

/* Finds why a share of the order cannot become a smallest order
 * (reward_minimum()); NULL: it can. */
static const char *
cannot_share(const struct reward *r)
{
	if (r->most_percent == 0)
		return NULL;
	if (r->combines)
		return "cannot bound what several rewards pay together";
	if (r->kind == REWARD_PRODUCT)
		return "cannot compare a product with the order";
	if (r->kind == REWARD_DISCOUNT_PERCENT && r->percent > r->most_percent)
		return "would take off more than \"most_percent\"";
	return NULL;
}

const char *
reward_cannot(const struct reward *r, enum platform platform)
{
	enum reward_form form = form_of(r, platform);
	int can = shops[platform].kinds[r->kind].can;
	const char *why;

	if (form == FORM_NONE)
		return lacks(r);
	if (form != FORM_COUPON && form != FORM_CREDIT && form != FORM_CARD)
		return NULL;
	if (r->minimum > 0 && (can & CAN_MINIMUM) == 0)
		return "asks for no smallest order of that kind";
	why = cannot_lines(r, can);
	return why != NULL ? why : cannot_share(r);
}

enum reward_form
reward_form(const struct reward *r, enum platform platform)
{
	return reward_cannot(r, platform) == NULL ? form_of(r, platform)
	                                          : FORM_NONE;
}

int64_t
reward_minimum(const struct reward *r, int64_t units)
{
	wide amount = r->variable ? ratio_mul(r->amount, units / r->cost)
	                          : r->amount;
	int64_t least = 0;

	if (r->kind == REWARD_DISCOUNT_AMOUNT && r->most_percent > 0)
		least = ratio_ceil(
		    ratio_mul(amount, PERCENT_ALL), r->most_percent);
	return int64_max(least, r->minimum);
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cc.h"
#include "base/jsonw.h"
#include "base/money.h"

#include "slow_day.h"
#include "spec.h"

static const char *const window_words[] = { [WINDOW_LINE] = "line",
	[WINDOW_ORDER] = "order",
	[WINDOW_DAY] = "day",
	[WINDOW_MONTH] = "month",
	[WINDOW_QUARTER] = "quarter",
	[WINDOW_YEAR] = "year",
	[WINDOW_TIER_YEAR] = "tier_year",
	[WINDOW_LIFETIME] = "lifetime" };
static const char *const rounding_words[] = { [ROUND_FLOOR] = "floor",
	[ROUND_NEAREST] = "nearest",
	[ROUND_CEIL] = "ceil" };
static const char *const reversal_words[] = { [REVERSE_RESIDUAL] = "residual",
	[REVERSE_PROPORTIONAL] = "proportional",
	[REVERSE_NONE] = "none" };
static const char *const negative_words[] = { [NEGATIVE_DEBT] = "debt",
	[NEGATIVE_ALLOW] = "allow",
	[NEGATIVE_FORGIVE] = "forgive" };
static const char *const unit_words[] = { [UNIT_POINTS] = "points",
	[UNIT_MONEY] = "money",
	[UNIT_VOUCHERS] = "vouchers" };
static const char *const stack_words[] = { [STACK_BEST] = "best",
	[STACK_ADD] = "add",
	[STACK_MULTIPLY] = "multiply",
	[STACK_REPLACE] = "replace" };
static const char *const trigger_words[] = { [ON_ORDER] = "order",
	[ON_BIRTHDAY] = "birthday",
	[ON_TIER] = "tier",
	[ON_TIER_YEAR] = "tier_year",
	[ON_MEMBERSHIP] = "membership",
	[ON_MEMBERSHIP_PERIOD] = "membership_period",
	[ON_MEMBERSHIP_MONTH] = "membership_month",
	[ON_MONTH] = "month",
	[ON_QUARTER] = "quarter",
	[ON_YEAR] = "year",
	[ON_DATE] = "date",
	[ON_BALANCE] = "balance" };
static const char *const days[7] = { "mon", "tue", "wed", "thu", "fri", "sat",
	"sun" };
static const char *const patterns[3] = { "A-*", "B-1", "*-1" };
static const char *const vendors[2] = { "V", "W" };
static const char *const types[2] = { "T", "U" };
static const char *const ids[2] = { "101", "103" };

/* Renders a number as a text, which lives until the next call. */
static const char *
number(const char *fmt, int64_t n)
{
	static char text[64];
	static struct buf b;

	buf_init(&b, sizeof(text));
	if (strcmp(fmt, "money") == 0)
		buf_printf(&b, "%lld.%02lld", (long long)(n / 100),
		    (long long)(n % 100));
	else if (strcmp(fmt, "factor") == 0)
		buf_printf(&b, "%lld.%04lld", (long long)(n / FACTOR_ONE),
		    (long long)(n % FACTOR_ONE));
	else if (strcmp(fmt, "date") == 0)
		day_text(n, text);
	else
		buf_printf(
		    &b, "%lld %s%s", (long long)n, fmt, n == 1 ? "" : "s");
	if (b.len > 0)
		memcpy(text, b.data, b.len + 1);
	buf_fini(&b);
	return text;
}

static void
words(struct jsonw *w, const char *key, unsigned bits, const char *const *list,
    size_t n)
{
	if (bits == 0)
		return;
	jsonw_array(w, key);
	for (size_t i = 0; i < n; i++)
		if (bits >> i & 1)
			jsonw_text(w, NULL, list[i]);
	jsonw_array_end(w);
}

static void
filter(struct jsonw *w, const char *key, const struct spec_filter *f)
{
	static const struct spec_filter none;

	if (memcmp(f, &none, sizeof(none)) == 0)
		return;
	jsonw_object(w, key);
	words(w, "category", f->words[LINE_CATEGORY - 1], world_categories, 3);
	words(w, "tag", f->words[LINE_TAG - 1], world_tags, 2);
	words(w, "vendor", f->words[LINE_VENDOR - 1], vendors, 2);
	words(w, "type", f->words[LINE_TYPE - 1], types, 2);
	words(w, "sku", f->words[LINE_SKU - 1], patterns, 3);
	words(w, "product", f->words[LINE_PRODUCT - 1], ids, 2);
	if (f->on_sale)
		jsonw_bool(w, "on_sale", true);
	if (f->gift_card)
		jsonw_bool(w, "gift_card", true);
	if (f->free)
		jsonw_bool(w, "free", true);
	jsonw_object_end(w);
}

/* Writes a flag.  A flag that is false, which is the default, is left out half
 * the time. */
static void
flag(struct jsonw *w, struct dice *d, const char *key, bool value)
{
	if (value || dice_one_in(d, 2))
		jsonw_bool(w, key, value);
}

static void
word(struct jsonw *w, struct dice *d, const char *key, const char *value,
    const char *by_default)
{
	if (strcmp(value, by_default) != 0 || dice_one_in(d, 2))
		jsonw_text(w, key, value);
}

static void
base(struct jsonw *w, struct dice *d, const struct spec_base *b)
{
	jsonw_object(w, "base");
	word(w, d, "discounts", b->before ? "before" : "after", "after");
	flag(w, d, "tax", b->tax);
	flag(w, d, "shipping", b->shipping);
	flag(w, d, "fees", b->fees);
	flag(w, d, "gift_cards", b->gift_cards);
	filter(w, "lines", &b->lines);
	filter(w, "not_lines", &b->not_lines);
	words(w, b->not_tender ? "not_tender" : "tender", b->tender,
	    world_tenders, 2);
	jsonw_object_end(w);
}

static void
range(struct jsonw *w, const struct spec_test *t)
{
	if (t->low > 0)
		jsonw_int(w, "from", t->low);
	if (t->high != INT64_MAX || t->low == 0)
		jsonw_int(w, "below", t->high == INT64_MAX ? 1000 : t->high);
}

/* Writes a range of amounts.  Amounts are whole cents, so "above" an amount is
 * the same as "from" one cent more. */
static void
amounts(struct jsonw *w, struct dice *d, const struct spec_test *t)
{
	jsonw_object(w, "amount");
	if (t->low > 0 && dice_one_in(d, 2))
		jsonw_text(w, "above", number("money", t->low - 1));
	else
		jsonw_text(w, "from", number("money", t->low));
	if (t->high != INT64_MAX)
		jsonw_text(w, "below", number("money", t->high));
	jsonw_object_end(w);
}

static void
dates(struct jsonw *w, const struct spec_test *t)
{
	jsonw_text(w, "from", number("date", t->low));
	if (t->high != INT64_MAX)
		jsonw_text(w, "until", number("date", t->high));
}

static void
test(struct jsonw *w, struct dice *d, const struct spec_test *t)
{
	static const char *const prime[] = { "prime" };
	static const char *const health[] = { "health" };
	static const char *const coded[3] = { "Spring", "summ*", "*-7" };

	switch (t->kind) {
	case TEST_TIER:
		words(w, "tier", t->bits, world_levels, SPEC_LEVELS);
		break;
	case TEST_MEMBERSHIP:
		words(w, "membership", 1, prime, 1);
		break;
	case TEST_CHANNEL:
		words(w, "channel", t->bits, world_channels, 2);
		break;
	case TEST_BRAND:
		words(w, "brand", t->bits, world_brands, 2);
		break;
	case TEST_SHIPPING:
		words(w, "shipping_method", t->bits, world_shipping, 2);
		break;
	case TEST_WEEKDAY:
		words(w, "weekday", t->bits, days, 7);
		break;
	case TEST_DATES:
		dates(w, t);
		break;
	case TEST_SINCE:
		jsonw_object(w, "since");
		jsonw_text(w, "event", t->event);
		jsonw_text(w, "less_than", number("day", t->low));
		jsonw_object_end(w);
		break;
	case TEST_CHOSEN_DAY:
		jsonw_bool(w, "chosen_day", true);
		break;
	case TEST_ATTRIBUTE:
		jsonw_object(w, "attribute");
		words(w, "state", t->bits, world_states, 3);
		jsonw_object_end(w);
		break;
	case TEST_CUSTOMER:
		jsonw_object(w, "customer");
		words(w, "tag", t->bits, world_marks, 2);
		jsonw_object_end(w);
		break;
	case TEST_FIELD:
	case TEST_NUMBER:
		break; /* fields() writes all tests of both kinds */
	case TEST_AMOUNT:
		amounts(w, d, t);
		break;
	case TEST_PIECES:
		jsonw_object(w, "pieces");
		range(w, t);
		jsonw_object_end(w);
		break;
	case TEST_CODES:
		if (t->any)
			jsonw_text(w, "codes", "any");
		else
			words(w, "codes", t->bits, coded, 3);
		break;
	case TEST_NTH:
		jsonw_int(w, "nth", t->low);
		break;
	case TEST_CONSENT:
		words(w, "consent", 1, health, 1);
		break;
	case TEST_AGE:
		jsonw_object(w, "age");
		if (t->bits == 1)
			jsonw_text(w, "attribute", world_births[0]);
		else
			words(w, "attribute", t->bits, world_births, 2);
		range(w, t);
		jsonw_object_end(w);
		break;
	}
}

static void
fields(struct jsonw *w, const struct spec_when *when, bool negated)
{
	static const char *const stars[] = { "5", "4" };
	bool open = false;

	for (size_t i = 0; i < when->n; i++) {
		const struct spec_test *t = &when->list[i];

		if (t->negated != negated ||
		    (t->kind != TEST_FIELD && t->kind != TEST_NUMBER))
			continue;
		if (!open)
			jsonw_object(w, "field");
		open = true;
		if (t->kind == TEST_FIELD) {
			words(w, "stars", t->bits, stars, 2);
			continue;
		}
		jsonw_object(w, "score");
		range(w, t);
		jsonw_object_end(w);
	}
	if (open)
		jsonw_object_end(w);
}

static void
half(
    struct jsonw *w, struct dice *d, const struct spec_when *when, bool negated)
{
	for (size_t i = 0; i < when->n; i++)
		if (when->list[i].negated == negated)
			test(w, d, &when->list[i]);
	fields(w, when, negated);
}

static void
condition(struct jsonw *w, struct dice *d, const struct spec_when *when)
{
	bool any_negated = false;

	if (when->n == 0)
		return;
	jsonw_object(w, "when");
	half(w, d, when, false);
	for (size_t i = 0; i < when->n; i++)
		any_negated |= when->list[i].negated;
	if (any_negated) {
		jsonw_object(w, "not");
		half(w, d, when, true);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void
expiry(struct jsonw *w, const struct spec_expiry *x)
{
	static const struct spec_expiry none;

	if (memcmp(x, &none, sizeof(none)) == 0)
		return;
	jsonw_object(w, "expires");
	if (x->after_months > 0)
		jsonw_text(w, "after", number("month", x->after_months));
	if (x->after_days > 0)
		jsonw_text(w, "after", number("day", x->after_days));
	if (x->end_of != 0)
		jsonw_text(w, "end_of", window_words[x->end_of]);
	if (x->end_of != 0 && x->plus_years > 0)
		jsonw_text(w, "plus", number("year", x->plus_years));
	if (x->inactive_months > 0)
		jsonw_text(w, "inactive", number("month", x->inactive_months));
	if (x->on > 0)
		jsonw_text(w, "on", number("date", x->on));
	jsonw_object_end(w);
}

static void
wallets(struct jsonw *w, struct dice *d, const struct spec *s)
{
	jsonw_object(w, "wallets");
	for (size_t i = 0; i < s->nwallets; i++) {
		const struct spec_wallet *x = &s->wallets[i];

		jsonw_object(w, x->id);
		word(w, d, "unit", unit_words[x->unit], "points");
		word(w, d, "negative", negative_words[x->negative], "debt");
		expiry(w, &x->expires);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void
declared(struct jsonw *w, const struct spec_rule *r)
{
	char year[16];

	if (r->declared == 0)
		return;
	snprintf(year, sizeof(year), "%d", WORLD_DECLARED);
	jsonw_object(w, "declared");
	jsonw_text(w, year, number("money", r->declared));
	jsonw_object_end(w);
}

static void
give(struct jsonw *w, struct dice *d, const struct spec *s,
    const struct spec_rule *r)
{
	bool money = s->wallets[r->wallet].unit == UNIT_MONEY;

	jsonw_object(w, "give");
	if (money && r->by == PER_MONEY) {
		jsonw_text(w, "percent", number("money", r->units));
		declared(w, r);
	} else if (money) {
		jsonw_text(w, "amount", number("money", r->units));
	} else {
		jsonw_int(w, "points", r->units);
		if (r->by == PER_MONEY)
			jsonw_text(w, "per", number("money", r->per));
		else if (r->by == PER_ITEM)
			jsonw_text(w, "per", "item");
		else if (r->by == PER_COUNT)
			jsonw_text(w, "per", "count");
		else if (r->on == ON_ORDER || dice_one_in(d, 2))
			jsonw_text(w, "per", "event");
	}
	jsonw_object_end(w);
}

static void
limits(struct jsonw *w, const struct spec *s, const struct spec_rule *r)
{
	bool money = s->wallets[r->wallet].unit == UNIT_MONEY;

	if (r->nlimits == 0)
		return;
	if (r->nlimits > 1)
		jsonw_array(w, "limit");
	for (size_t i = 0; i < r->nlimits; i++) {
		const struct limit *l = &r->limits[i];

		jsonw_object(w, r->nlimits > 1 ? NULL : "limit");
		if (money)
			jsonw_text(w, "most", number("money", l->most));
		else
			jsonw_int(w, "most", l->most);
		jsonw_text(w, "per", window_words[l->window]);
		jsonw_object_end(w);
	}
	if (r->nlimits > 1)
		jsonw_array_end(w);
}

static void
take(struct jsonw *w, const struct spec *s, const struct spec_rule *r)
{
	jsonw_object(w, "take");
	jsonw_text(w, "wallet", s->wallets[0].id);
	jsonw_int(w, "each", r->take_each);
	if (r->closed)
		jsonw_bool(w, "closed", true);
	jsonw_object_end(w);
}

static void
rule(struct jsonw *w, struct dice *d, const struct spec *s,
    const struct spec_rule *r)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "id", r->id);
	jsonw_text(
	    w, "on", r->on == ON_EVENT ? r->event : trigger_words[r->on]);
	if (r->on == ON_DATE)
		jsonw_text(w, "date", "03-01");
	condition(w, d, &r->when);
	give(w, d, s, r);
	if (r->donates)
		jsonw_text(w, "donate", "wildlife");
	else
		word(w, d, "to", s->wallets[r->wallet].id, s->wallets[0].id);
	if (r->on == ON_ORDER)
		base(w, d, &r->base);
	if (r->on == ON_ORDER || r->on == ON_EVENT)
		word(w, d, "over", window_words[r->over], "order");
	word(w, d, "rounding", rounding_words[r->rounding], "floor");
	limits(w, s, r);
	if (r->replaces != 0) {
		jsonw_array(w, "replaces");
		for (size_t i = 0; i < s->nrules; i++)
			if (r->replaces >> i & 1)
				jsonw_text(w, NULL, s->rules[i].id);
		jsonw_array_end(w);
	}
	if (r->on == ON_ORDER || r->take_each > 0)
		word(
		    w, d, "on_refund", reversal_words[r->reversal], "residual");
	if (r->pending_days >= 0)
		jsonw_int(w, "pending_days", r->pending_days);
	if (r->fulfilled)
		jsonw_text(w, "pending_from", "fulfilled");
	if (r->has_expiry)
		expiry(w, &r->expires);
	if (r->take_each > 0)
		take(w, s, r);
	jsonw_object_end(w);
}

static void
multiplier(struct jsonw *w, struct dice *d, const struct spec *s,
    const struct spec_multiplier *m)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "id", m->id);
	jsonw_text(w, "times", number("factor", m->times));
	condition(w, d, &m->when);
	filter(w, "lines", &m->lines);
	word(w, d, "stack", stack_words[m->stack], "best");
	jsonw_array(w, "rules");
	for (size_t i = 0; i < s->nrules; i++)
		if (m->rules >> i & 1)
			jsonw_text(w, NULL, s->rules[i].id);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static const char *
tier_window(const struct spec_tiers *t)
{
	switch (t->window) {
	case TIER_YEAR:
		return "year";
	case TIER_ROLLING:
		return number("month", t->rolling_months);
	case TIER_LIFETIME:
		return "lifetime";
	case TIER_ANNIVERSARY:
		return "anniversary";
	}
	return "";
}

static const char *
tier_term(const struct spec_tiers *t)
{
	switch (t->term) {
	case TERM_FOREVER:
		return "forever";
	case TERM_REST_PLUS_NEXT:
		return "rest_of_year_plus_next";
	case TERM_REST:
		return "rest_of_year";
	case TERM_PERIOD:
		return number("month", t->term_months);
	case TERM_WHILE:
		return "while";
	}
	return "";
}

static void
levels(struct jsonw *w, struct dice *d, const struct spec_tiers *t)
{
	bool money = t->metric == METRIC_SPEND;

	jsonw_array(w, "levels");
	for (size_t i = 0; i < t->nlevels; i++) {
		const char *key = t->above ? "above" : "from";

		jsonw_object(w, NULL);
		jsonw_text(w, "id", world_levels[i]);
		if (t->when.n > 0 && i + 1 == t->nlevels)
			condition(w, d, &t->when);
		else if (money)
			jsonw_text(w, key, number("money", t->thresholds[i]));
		else
			jsonw_int(w, key, t->thresholds[i]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
tiers(struct jsonw *w, struct dice *d, const struct spec *s)
{
	static const char *const metrics[] = { [METRIC_SPEND] = "spend",
		[METRIC_EARNED] = "earned",
		[METRIC_ORDERS] = "orders",
		[METRIC_EVENTS] = "events" };
	static const char *const downgrades[] = {
		[DOWNGRADE_EVALUATE] = "evaluate",
		[DOWNGRADE_ONE] = "one_down",
		[DOWNGRADE_NONE] = "none"
	};
	static const char *const crossings[] = { [CROSSING_OLD] = "old",
		[CROSSING_NEW] = "new",
		[CROSSING_SPLIT] = "split" };
	const struct spec_tiers *t = &s->tiers;

	jsonw_object(w, "tiers");
	word(w, d, "metric", metrics[t->metric], "spend");
	if (t->metric == METRIC_SPEND)
		base(w, d, &t->base);
	if (t->metric == METRIC_EARNED) {
		jsonw_text(w, "wallet", s->wallets[0].id);
		flag(w, d, "pending_counts", t->pending_counts);
	}
	if (t->metric == METRIC_EVENTS)
		jsonw_text(w, "event", world_events[0]);
	word(w, d, "window", tier_window(t), "year");
	word(w, d, "term", tier_term(t), "rest_of_year_plus_next");
	if (t->grace_days > 0)
		jsonw_int(w, "grace_days", t->grace_days);
	word(w, d, "downgrade", downgrades[t->downgrade], "evaluate");
	word(w, d, "crossing", crossings[t->crossing], "old");
	word(w, d, "on_refund", t->at_term_end ? "at_term_end" : "immediate",
	    "immediate");
	levels(w, d, t);
	jsonw_object_end(w);
}

static void
memberships(struct jsonw *w, const struct spec *s)
{
	jsonw_array(w, "memberships");
	jsonw_object(w, NULL);
	jsonw_text(w, "id", "prime");
	jsonw_object(w, "fee");
	jsonw_array(w, "sku");
	jsonw_text(w, NULL, products[PRODUCT_FEE].sku);
	jsonw_array_end(w);
	jsonw_object_end(w);
	jsonw_text(w, "price", "25.00");
	jsonw_text(w, "term", s->membership_ever ? "ever" : "1 year");
	if (s->trial_days > 0)
		jsonw_int(w, "trial_days", s->trial_days);
	if (s->grace_days > 0)
		jsonw_int(w, "grace_days", s->grace_days);
	jsonw_text(w, "on_refund", s->membership_stays ? "stays" : "ends");
	jsonw_object_end(w);
	jsonw_array_end(w);
}

/* Writes the rewards for the redemptions of the histories.  Each wallet has one
 * reward, which costs any number of units. */
static void
rewards(struct jsonw *w, const struct spec *s)
{
	jsonw_array(w, "rewards");
	for (size_t i = 0; i < s->nwallets; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "id", s->wallets[i].id);
		jsonw_text(w, "kind", "amount");
		jsonw_text(w, "wallet", s->wallets[i].id);
		if (s->wallets[i].unit == UNIT_MONEY)
			jsonw_text(w, "cost", "0.01");
		else
			jsonw_int(w, "cost", 1);
		jsonw_text(w, "amount", "0.01");
		jsonw_bool(w, "variable", true);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void
birthday(struct jsonw *w, struct dice *d)
{
	jsonw_object(w, "birthday");
	jsonw_int(w, "lead_days", dice_between(d, 0, 20));
	jsonw_text(w, "feb29", dice_one_in(d, 2) ? "previous_day" : "next_day");
	jsonw_int(w, "lock_days", dice_between(d, 0, 60));
	jsonw_object_end(w);
}

/* Renders the currencies, and their rates in any order. */
static void
currencies(struct jsonw *w, const struct spec *s)
{
	char day[16], rate[MONEY_TEXT_MAX];

	if (s->nrates == 0)
		return;
	jsonw_object(w, "currencies");
	jsonw_object(w, "USD");
	for (size_t i = s->nrates; i-- > 0;) {
		day_text(s->rates[i].day, day);
		money_format(s->rates[i].hundredths, 2, rate);
		jsonw_text(w, day, rate);
	}
	jsonw_object_end(w);
	jsonw_object_end(w);
}

static void
program(struct jsonw *w, struct dice *d, const struct spec *s)
{
	jsonw_text(w, "name", "model");
	if (s->nwallets > 1 || !dice_one_in(d, 4) ||
	    s->wallets[0].negative != NEGATIVE_DEBT)
		wallets(w, d, s);
	jsonw_array(w, "rules");
	for (size_t i = 0; i < s->nrules; i++)
		rule(w, d, s, &s->rules[i]);
	jsonw_array_end(w);
	if (s->nmultipliers > 0) {
		jsonw_array(w, "multipliers");
		for (size_t i = 0; i < s->nmultipliers; i++)
			multiplier(w, d, s, &s->multipliers[i]);
		jsonw_array_end(w);
	}
	if (!s->shape.slow && dice_one_in(d, 3))
		birthday(w, d);
	if (s->tiers.nlevels > 0)
		tiers(w, d, s);
	if (s->membership)
		memberships(w, s);
	rewards(w, s);
	currencies(w, s);
	jsonw_array(w, "charities");
	jsonw_text(w, NULL, "wildlife");
	jsonw_array_end(w);
	if (s->consent) {
		jsonw_object(w, "consents");
		jsonw_object(w, "health");
		jsonw_text(w, "valid", "1 year");
		jsonw_object_end(w);
		jsonw_object_end(w);
	}
	if (s->pending_days > 0 || dice_one_in(d, 3))
		jsonw_int(w, "pending_days", s->pending_days);
}

void
spec_render(struct dice *d, const struct spec *s, struct buf *b)
{
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_object(&w, NULL);
	program(&w, d, s);
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		abort();
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cc.h"

#include "spec.h"

/* The products: a shoe, something on sale, a book, a gift card, and the
 * membership. */
const struct product products[PRODUCTS] = {
	{ 101, "A-1", "V", "T", 1, 1, false, false },
	{ 102, "A-2", "V", "U", 2, 0, true, false },
	{ 103, "B-1", "W", "T", 6, 2, false, false },
	{ 104, "GC", "W", "U", 0, 0, false, true },
	{ 105, "PRIME", "V", "U", 0, 0, false, false },
};
const char *const world_categories[3] = { "shoes", "beauty", "books" };
const char *const world_tags[2] = { "new", "eco" };
const char *const world_channels[2] = { "online", "pos" };
const char *const world_brands[2] = { "golf", "main" };
const char *const world_tenders[2] = { "card", "cash" };
const char *const world_states[3] = { "NY", "CA", "TX" };
const char *const world_codes[3] = { "spring", "SUMMER", "vip-7" };
const char *const world_marks[2] = { "vip", "B2B" };
const char *const world_births[2] = { "birthday", "child" };
const char *const world_shipping[2] = { "standard", "express" };
const char *const world_events[4] = { "review", "activity", "newsletter",
	"purchase_elsewhere" };
const char *const world_levels[SPEC_LEVELS] = { "bronze", "silver", "gold" };

/* Random dates are drawn from the three years that begin on 2024-01-01, in days
 * since 1970. */
enum {
	WORLD_DAY = 19723,
	WORLD_DAYS = 3 * 365,
};

static void
make_filter(struct dice *d, struct spec_filter *f)
{
	static const unsigned nwords[SPEC_KEYS] = { 3, 2, 2, 2, 3, 2 };
	size_t key = (size_t)dice_between(d, 0, SPEC_KEYS - 1);

	*f = (struct spec_filter){ 0 };
	f->words[key] = dice_some_of(d, nwords[key]);
	if (dice_one_in(d, 4)) {
		key = (size_t)dice_between(d, 0, SPEC_KEYS - 1);
		f->words[key] = dice_some_of(d, nwords[key]);
	}
	f->on_sale = dice_one_in(d, 8);
	f->free = dice_one_in(d, 12);
}

static void
make_base(struct dice *d, bool parts, struct spec_base *b)
{
	*b = (struct spec_base){ 0 };
	b->before = dice_one_in(d, 4);
	b->tax = dice_one_in(d, 3);
	b->gift_cards = dice_one_in(d, 4);
	if (parts) {
		b->shipping = dice_one_in(d, 5);
		b->fees = dice_one_in(d, 8);
	}
	if (dice_one_in(d, 4))
		make_filter(d, &b->lines);
	if (dice_one_in(d, 5))
		make_filter(d, &b->not_lines);
	if (parts && dice_one_in(d, 6)) {
		b->tender = (unsigned)dice_between(d, 1, 2);
		b->not_tender = dice_one_in(d, 3);
	}
}

static void
make_expiry(struct dice *d, struct spec_expiry *x)
{
	*x = (struct spec_expiry){ 0 };
	switch (dice_between(d, 0, 4)) {
	case 0:
		x->after_months = dice_between(d, 1, 18);
		break;
	case 1:
		x->after_days = dice_between(d, 1, 400);
		break;
	case 2:
		x->end_of = dice_one_in(d, 2) ? WINDOW_MONTH : WINDOW_YEAR;
		x->plus_years = dice_between(d, 0, 1);
		break;
	case 3:
		x->inactive_months = dice_between(d, 2, 12);
		break;
	default:
		x->on = WORLD_DAY + dice_between(d, 100, WORLD_DAYS);
		break;
	}
	if (x->inactive_months == 0 && dice_one_in(d, 6))
		x->inactive_months = dice_between(d, 2, 12);
}

/* The kinds of tests that a condition may have: of a rule on orders, on events
 * or on time, or of the highest level. */
static const enum test_kind order_tests[] = { TEST_CHANNEL, TEST_BRAND,
	TEST_SHIPPING, TEST_WEEKDAY, TEST_DATES, TEST_AMOUNT, TEST_PIECES,
	TEST_CODES, TEST_NTH, TEST_SINCE, TEST_ATTRIBUTE, TEST_CUSTOMER,
	TEST_CONSENT, TEST_AGE, TEST_TIER, TEST_MEMBERSHIP, TEST_CHOSEN_DAY };
static const enum test_kind event_tests[] = { TEST_CHANNEL, TEST_WEEKDAY,
	TEST_DATES, TEST_AMOUNT, TEST_ATTRIBUTE, TEST_CONSENT, TEST_FIELD,
	TEST_NUMBER, TEST_TIER };
static const enum test_kind time_tests[] = { TEST_WEEKDAY, TEST_DATES,
	TEST_ATTRIBUTE, TEST_CUSTOMER, TEST_TIER, TEST_MEMBERSHIP,
	TEST_CONSENT };

static const enum test_kind level_tests[] = { TEST_WEEKDAY, TEST_DATES,
	TEST_SINCE, TEST_ATTRIBUTE, TEST_CONSENT, TEST_AGE, TEST_MEMBERSHIP,
	TEST_CHOSEN_DAY };

static void
make_range(struct dice *d, struct spec_test *t, int64_t least, int64_t most)
{
	t->low = dice_between(d, least, most);
	t->high = INT64_MAX;
	if (dice_one_in(d, 3))
		t->high = t->low + dice_between(d, 1, most);
}

static void
make_test(struct dice *d, const struct spec *s, struct spec_test *t)
{
	switch (t->kind) {
	case TEST_TIER:
		t->bits = dice_some_of(d, (unsigned)s->tiers.nlevels);
		break;
	case TEST_MEMBERSHIP:
	case TEST_CONSENT:
	case TEST_CHOSEN_DAY:
		t->bits = 1;
		break;
	case TEST_CHANNEL:
	case TEST_BRAND:
	case TEST_SHIPPING:
		t->bits = (unsigned)dice_between(d, 1, 2);
		break;
	case TEST_WEEKDAY:
		t->bits = dice_some_of(d, 7);
		break;
	case TEST_DATES:
		t->low = WORLD_DAY + dice_between(d, 0, WORLD_DAYS - 1);
		t->high = t->low + dice_between(d, 0, WORLD_DAYS);
		if (dice_one_in(d, 4))
			t->high = INT64_MAX;
		break;
	case TEST_SINCE:
		t->event = dice_one_in(d, 2) ? "card_opened" : "enrolment";
		t->low = dice_between(d, 5, 300);
		break;
	case TEST_ATTRIBUTE:
		t->bits = dice_some_of(d, NITEMS(world_states));
		break;
	case TEST_CUSTOMER:
		t->bits = dice_some_of(d, NITEMS(world_marks));
		break;
	case TEST_FIELD:
		t->bits = dice_some_of(d, 2);
		break;
	case TEST_NUMBER:
		make_range(d, t, 0, 10);
		break;
	case TEST_AMOUNT:
		make_range(d, t, 0, 12000);
		break;
	case TEST_PIECES:
		make_range(d, t, 0, 8);
		break;
	case TEST_CODES:
		t->any = dice_one_in(d, 3);
		t->bits = t->any ? 7 : dice_some_of(d, NITEMS(world_codes));
		break;
	case TEST_NTH:
		t->low = dice_between(d, 1, 4);
		break;
	case TEST_AGE:
		t->bits = dice_some_of(d, NITEMS(world_births));
		make_range(d, t, 10, 40);
		break;
	}
}

/* Whether a condition may have a test of a kind.  The program must have the
 * tiers, membership or consent that the test asks for, and the program's shape
 * must allow the test. */
static bool
has_ground(const struct spec *s, enum test_kind k)
{
	if (k == TEST_TIER)
		return s->tiers.nlevels > 0;
	if (k == TEST_MEMBERSHIP)
		return s->membership && !s->shape.slow;
	if (k == TEST_CONSENT)
		return s->consent;
	return k != TEST_CHOSEN_DAY || !s->shape.slow;
}

static void
make_when(
    struct dice *d, const struct spec *s, enum trigger on, struct spec_when *w)
{
	const enum test_kind *kinds = time_tests;
	size_t n = NITEMS(time_tests);

	if (on == ON_ORDER) {
		kinds = order_tests;
		n = NITEMS(order_tests);
	} else if (on == ON_EVENT) {
		kinds = event_tests;
		n = NITEMS(event_tests);
	}
	*w = (struct spec_when){ .n = 0 };
	for (int tries = 0; tries < SPEC_TESTS && dice_one_in(d, 2); tries++) {
		struct spec_test *t = &w->list[w->n];
		bool twice = false;

		*t = (struct spec_test){
			.kind = kinds[dice_between(d, 0, (int64_t)n - 1)]
		};
		for (size_t i = 0; i < w->n; i++)
			twice |= w->list[i].kind == t->kind;
		if (twice || !has_ground(s, t->kind))
			continue;
		t->negated = dice_one_in(d, 4);
		make_test(d, s, t);
		w->n++;
	}
}

static void
make_wallets(struct dice *d, struct spec *s)
{
	static const char *const ids[SPEC_WALLETS] = { "points", "cash",
		"gifts" };
	static const enum wallet_unit units[SPEC_WALLETS] = { UNIT_POINTS,
		UNIT_MONEY, UNIT_VOUCHERS };

	s->nwallets = (size_t)dice_between(d, 1, SPEC_WALLETS);
	for (size_t i = 0; i < s->nwallets; i++) {
		struct spec_wallet *w = &s->wallets[i];

		*w = (struct spec_wallet){ .id = ids[i],
			.unit = units[i],
			.negative = (enum negative)dice_between(d, 1, 3) };
		if (s->shape.slow && w->negative == NEGATIVE_FORGIVE)
			w->negative = NEGATIVE_DEBT;
		if (!s->shape.undone && dice_one_in(d, 3))
			make_expiry(d, &w->expires);
	}
}

/* Makes the condition of the highest level.  All its tests are of kinds that
 * time or events can make true and false. */
static void
make_level(struct dice *d, const struct spec *s, struct spec_tiers *t)
{
	size_t last = NITEMS(level_tests) - 1;

	while (t->when.n < 2 && (t->when.n == 0 || dice_one_in(d, 2))) {
		struct spec_test *x = &t->when.list[t->when.n];

		*x = (struct spec_test){
			.kind = level_tests[dice_between(d, 0, (int64_t)last)]
		};
		if (!has_ground(s, x->kind) ||
		    (t->when.n > 0 && x->kind == t->when.list[0].kind))
			continue;
		x->negated = dice_one_in(d, 3);
		make_test(d, s, x);
		t->when.n++;
	}
}

static void
make_tiers(struct dice *d, const struct spec *s, struct spec_tiers *t)
{
	*t = (struct spec_tiers){ 0 };
	if (dice_one_in(d, 2))
		return;
	t->nlevels = (size_t)dice_between(d, 1, SPEC_LEVELS);
	t->metric = (enum tier_metric)dice_between(d, 1, 4);
	make_base(d, false, &t->base);
	t->window = (enum tier_window)dice_between(d, 1, 4);
	t->rolling_months = dice_between(d, 2, 14);
	t->term = (enum tier_term)dice_between(d, 1, 5);
	t->term_months = dice_between(d, 1, 14);
	t->grace_days = dice_one_in(d, 2) ? 0 : dice_between(d, 1, 40);
	if (t->term == TERM_FOREVER)
		t->grace_days = 0;
	t->downgrade = (enum downgrade)dice_between(d, 1, 3);
	t->crossing = (enum crossing)dice_between(d, 1, 3);
	t->at_term_end = dice_one_in(d, 3);
	t->pending_counts = dice_one_in(d, 2);
	t->above = dice_one_in(d, 2);
	for (size_t i = 0; i < t->nlevels; i++) {
		int64_t step = t->metric == METRIC_SPEND
		                   ? dice_between(d, 100, 30000)
		               : t->metric == METRIC_EARNED
		                   ? dice_between(d, 10, 200)
		                   : dice_between(d, 1, 4);

		t->thresholds[i] = step + (i > 0 ? t->thresholds[i - 1] : 0);
	}
	if (t->metric != METRIC_SPEND && t->metric != METRIC_ORDERS)
		t->crossing = CROSSING_OLD;
	if (s->shape.slow) {
		t->metric = METRIC_SPEND;
		t->term = TERM_WHILE;
		t->grace_days = 0;
		t->downgrade = DOWNGRADE_EVALUATE;
		t->crossing = CROSSING_OLD;
		t->at_term_end = false;
	}
	if (!s->shape.undone && dice_one_in(d, 3))
		make_level(d, s, t);
	if (s->shape.undone) {
		t->at_term_end = false;
		if (t->metric == METRIC_EVENTS)
			t->metric = METRIC_SPEND;
	}
}

/* The triggers of time, tiers and memberships. */
static const enum trigger triggers[] = { ON_BIRTHDAY, ON_TIER, ON_TIER_YEAR,
	ON_MEMBERSHIP, ON_MEMBERSHIP_PERIOD, ON_MEMBERSHIP_MONTH, ON_MONTH,
	ON_QUARTER, ON_YEAR, ON_DATE, ON_BALANCE };

static bool
can_happen(const struct spec *s, enum trigger on)
{
	if (on == ON_TIER || on == ON_TIER_YEAR)
		return s->tiers.nlevels > 0;
	if (on == ON_MEMBERSHIP || on == ON_MEMBERSHIP_PERIOD ||
	    on == ON_MEMBERSHIP_MONTH)
		return s->membership;
	/* A rule that a balance triggers takes units of the first wallet and
	 * gives units of another wallet. */
	if (on == ON_BALANCE)
		return s->nwallets > 1;
	return true;
}

static bool
is_calendar(enum trigger on)
{
	return on == ON_MONTH || on == ON_QUARTER || on == ON_YEAR ||
	       on == ON_DATE || on == ON_BALANCE;
}

/* Whether a program of this shape may have a trigger.  If refunds must undo
 * everything, time alone must not give units.  Time may only exchange units:
 * refunds undo what a rule gives for units that it takes. */
static bool
may_happen(const struct spec *s, enum trigger on)
{
	if (!can_happen(s, on))
		return false;
	return !s->shape.undone ||
	       (on != ON_BIRTHDAY && (!is_calendar(on) || s->nwallets > 1));
}

static void
make_trigger(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	r->on = ON_ORDER;
	if (dice_one_in(d, 2))
		return;
	if (!s->shape.undone) {
		r->on = ON_EVENT;
		r->event = world_events[dice_between(
		    d, 0, NITEMS(world_events) - 1)];
	}
	if (s->shape.slow || dice_one_in(d, 2))
		return;
	for (int tries = 0; tries < 4; tries++) {
		size_t i = (size_t)dice_between(d, 0, NITEMS(triggers) - 1);

		if (may_happen(s, triggers[i])) {
			r->on = triggers[i];
			r->event = NULL;
			return;
		}
	}
}

/* Makes the amount that a rule gives, in units of the rule's wallet. */
static void
make_amount(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	bool money = s->wallets[r->wallet].unit == UNIT_MONEY;

	r->per = 1;
	r->by = PER_EVENT;
	if (r->on == ON_ORDER && !dice_one_in(d, 6))
		r->by = money || !dice_one_in(d, 4) ? PER_MONEY : PER_ITEM;
	if (r->on == ON_EVENT && dice_one_in(d, 2))
		r->by = money || dice_one_in(d, 2) ? PER_MONEY : PER_COUNT;
	if (r->on == ON_BALANCE || (is_calendar(r->on) && dice_one_in(d, 2)))
		r->by = PER_EVENT;
	if (money && r->by == PER_MONEY) {
		r->units = dice_between(d, 25, 1500);
		if (dice_one_in(d, 5))
			r->declared = dice_between(d, 25, 1500);
		return;
	}
	if (money) {
		r->units = dice_between(d, 1, 2000);
		return;
	}
	r->units = dice_between(d, 1, 10);
	if (r->by == PER_MONEY)
		r->per = dice_one_in(d, 2) ? 100 : dice_between(d, 1, 10000);
}

static void
make_limits(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	static const enum window windows[] = { WINDOW_ORDER, WINDOW_DAY,
		WINDOW_MONTH, WINDOW_QUARTER, WINDOW_YEAR, WINDOW_LIFETIME,
		WINDOW_LINE };
	bool money = s->wallets[r->wallet].unit == UNIT_MONEY;
	bool by_line = r->on == ON_ORDER && r->by != PER_EVENT;

	while (r->nlimits < NITEMS(r->limits) && dice_one_in(d, 3)) {
		size_t i = (size_t)dice_between(
		    d, 0, (int64_t)NITEMS(windows) - !by_line - 1);
		enum window window = windows[i];

		if (r->nlimits > 0 && window == r->limits[0].window)
			continue;
		r->limits[r->nlimits].most = dice_between(
		    d, 1, money ? 2000 : 60);
		r->limits[r->nlimits].window = window;
		r->nlimits++;
	}
}

/* Makes the window over which a rule sums amounts, and a kind of reversal that
 * fits the window. */
static void
make_over(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	static const enum window windows[] = { WINDOW_LINE, WINDOW_DAY,
		WINDOW_MONTH, WINDOW_QUARTER, WINDOW_YEAR, WINDOW_LIFETIME,
		WINDOW_TIER_YEAR };
	size_t n = NITEMS(windows);

	r->over = WINDOW_ORDER;
	r->rounding = (enum rounding)dice_between(d, 1, 3);
	r->reversal = REVERSE_RESIDUAL;
	if (r->take_each > 0 && !s->shape.undone && dice_one_in(d, 3))
		r->reversal = REVERSE_NONE;
	if ((r->on != ON_ORDER && r->on != ON_EVENT) || r->take_each > 0)
		return;
	if (s->shape.slow || s->tiers.nlevels == 0)
		n--;
	if (r->by != PER_EVENT && dice_one_in(d, 2))
		r->over = windows[dice_between(d, 0, (int64_t)n - 1)];
	if (r->over == WINDOW_LINE && r->on != ON_ORDER)
		r->over = WINDOW_ORDER;
	if (r->on == ON_ORDER && dice_one_in(d, 4))
		r->reversal = s->shape.undone || dice_one_in(d, 2)
		                  ? REVERSE_PROPORTIONAL
		                  : REVERSE_NONE;
}

/* Lets a rule replace another rule, if no rule of the program replaces one
 * yet.  Chains of replacing rules are not tested. */
static void
make_replaces(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	size_t other;

	for (size_t i = 0; i < s->nrules; i++)
		if (s->rules[i].replaces != 0)
			return;
	if (r->on != ON_ORDER || s->nrules == 0 || !dice_one_in(d, 3))
		return;
	other = (size_t)dice_between(d, 0, (int64_t)s->nrules - 1);
	if (s->rules[other].on == ON_ORDER)
		r->replaces = 1u << other;
}

static void
make_rule(struct dice *d, const struct spec *s, struct spec_rule *r)
{
	static const char *const ids[SPEC_RULES] = { "a", "b", "c", "d", "e" };

	*r = (struct spec_rule){ .id = ids[s->nrules], .pending_days = -1 };
	r->wallet = (size_t)dice_between(d, 0, (int64_t)s->nwallets - 1);
	make_trigger(d, s, r);
	if (is_calendar(r->on) && s->nwallets > 1 &&
	    (r->on == ON_BALANCE || s->shape.undone || dice_one_in(d, 2))) {
		r->wallet = (size_t)dice_between(
		    d, 1, (int64_t)s->nwallets - 1);
		r->take_each = dice_between(d, 5, 120);
		r->closed = r->on != ON_BALANCE && dice_one_in(d, 2);
	}
	make_amount(d, s, r);
	make_when(d, s, r->on, &r->when);
	make_limits(d, s, r);
	make_over(d, s, r);
	if (r->on == ON_ORDER)
		make_base(
		    d, r->over != WINDOW_LINE && r->by != PER_ITEM, &r->base);
	/* No refund in the histories returns shipping or fees, so units that
	 * are given for shipping or fees could not be undone. */
	if (s->shape.undone)
		r->base.shipping = r->base.fees = false;
	make_replaces(d, s, r);
	if (dice_one_in(d, 5))
		r->pending_days = dice_between(d, 0, 60);
	r->fulfilled = r->on == ON_ORDER && dice_one_in(d, 6);
	if (!s->shape.undone && dice_one_in(d, 6)) {
		r->has_expiry = true;
		make_expiry(d, &r->expires);
		r->expires.inactive_months = 0;
		if (r->expires.after_months + r->expires.after_days +
		        r->expires.on ==
		    0)
			r->expires.after_days = 30;
	}
	if (s->wallets[r->wallet].unit == UNIT_MONEY && r->take_each == 0 &&
	    !r->has_expiry)
		r->donates = dice_one_in(d, 8);
}

/* Gives the set of rules that a multiplier can name and that the slow evaluator
 * knows.  `by_lines` is for a multiplier with a filter of lines. */
static unsigned
multiplied(const struct spec *s, bool by_lines)
{
	unsigned set = 0;

	for (size_t i = 0; i < s->nrules; i++) {
		const struct spec_rule *r = &s->rules[i];

		if (r->on != ON_ORDER && (by_lines || r->on != ON_EVENT))
			continue;
		if (by_lines && r->by == PER_EVENT)
			continue;
		set |= 1u << i;
	}
	return set;
}

static void
make_multiplier(struct dice *d, struct spec *s)
{
	static const int64_t times[] = { 15000, 20000, 30000, 12500, 25000 };
	static const char *const ids[SPEC_MULTIPLIERS] = { "m", "n", "o" };
	struct spec_multiplier *m = &s->multipliers[s->nmultipliers];
	bool by_lines = dice_one_in(d, 3);

	*m = (struct spec_multiplier){ .id = ids[s->nmultipliers],
		.times = times[dice_between(d, 0, NITEMS(times) - 1)],
		.stack = (enum stacking)dice_between(d, 1, 4) };
	if (by_lines)
		make_filter(d, &m->lines);
	make_when(d, s, ON_ORDER, &m->when);
	m->rules = multiplied(s, by_lines);
	if (m->rules != 0)
		s->nmultipliers++;
}

static void
make_rates(struct dice *d, struct spec *s)
{
	int64_t day = WORLD_DAY + dice_between(d, 0, WORLD_DAYS / 2);

	while (s->nrates < SPEC_RATES && !dice_one_in(d, 3)) {
		s->rates[s->nrates++] = (struct spec_rate){ day,
			dice_between(d, 1, 250) };
		day += dice_between(d, 1, WORLD_DAYS / 2);
	}
}

void
spec_make(struct dice *d, struct shape shape, struct spec *s)
{
	int64_t nrules = dice_between(d, 1, SPEC_RULES);

	*s = (struct spec){ .shape = shape };
	make_wallets(d, s);
	s->consent = !shape.undone && dice_one_in(d, 3);
	if (!shape.slow && dice_one_in(d, 3)) {
		s->membership = true;
		s->membership_ever = dice_one_in(d, 3);
		s->membership_stays = !shape.undone && dice_one_in(d, 3);
		s->grace_days = dice_between(d, 0, 10);
		s->trial_days = dice_between(d, 0, 30);
	}
	make_rates(d, s);
	make_tiers(d, s, &s->tiers);
	s->pending_days = dice_one_in(d, 2) ? 0 : dice_between(d, 1, 90);
	while (s->nrules < (size_t)nrules) {
		make_rule(d, s, &s->rules[s->nrules]);
		s->nrules++;
	}
	while (s->nmultipliers < SPEC_MULTIPLIERS && dice_one_in(d, 3))
		make_multiplier(d, s);
}

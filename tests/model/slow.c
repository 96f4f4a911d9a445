/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cc.h"
#include "base/instant.h"

#include "slow.h"
#include "slow_day.h"
#include "slow_worth.h"

enum {
	SLOW_ORDER_LINES = 16
};

struct world {
	const struct spec *spec;
	const struct zone *zone;
	const struct fact *facts;
	size_t n;
	int64_t now;
	bool plain; /* multipliers are ignored */
};

/* ---- orders ---- */

/* Whether an order is deleted, by the times of receipt alone.  The deletion of
 * a WooCommerce order ends if a delivery restores the order, or if a snapshot
 * comes two minutes after the deletion or later. */
static bool
is_deleted(const struct order *o)
{
	if (o->platform != PLATFORM_WOOCOMMERCE)
		return o->deleted_at != 0;
	return o->restored_at < o->deleted_at &&
	       o->told_at < o->deleted_at + 120 * INSTANT_SECOND;
}

/* Whether an order earns, or earned until it was undone. */
static bool
has_earned(const struct spec *s, const struct order *o)
{
	static const char *const paid[] = { "paid", "partially_refunded",
		"refunded", "processing", "completed" };

	if (o->test || part_sign(rate_of_order(s, o)) == 0)
		return false;
	if (strcmp(o->status, "cancelled") == 0 || is_deleted(o))
		return o->was_paid;
	for (size_t i = 0; i < NITEMS(paid); i++)
		if (strcmp(o->status, paid[i]) == 0)
			return true;
	return false;
}

static bool
earns_at(const struct spec *s, const struct order *o, int64_t at)
{
	if (!has_earned(s, o))
		return false;
	if (o->cancelled_at != 0)
		return at < o->cancelled_at;
	return !is_deleted(o) || at < o->deleted_at;
}

/* ---- conditions ---- */

static const char *
attribute(const struct world *w, const char *name, int64_t at)
{
	const char *value = NULL;

	for (size_t i = 0; i < w->n; i++) {
		const struct fact *f = &w->facts[i];

		if (f->kind == FACT_EVENT && f->at <= at &&
		    strcmp(f->type, "profile") == 0 &&
		    fact_field(f, name) != NULL)
			value = fact_field(f, name);
	}
	return value;
}

/* Gives the time when an event was undone, never before the event itself;
 * INT64_MAX: the event was not undone. */
static int64_t
undone_at(const struct world *w, const struct fact *f)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < w->n; i++) {
		const struct fact *u = &w->facts[i];

		if (u->kind == FACT_EVENT && u->of != NULL &&
		    strcmp(u->of, f->id) == 0 && u->at < at)
			at = u->at;
	}
	return at < f->at ? f->at : at;
}

static bool
happened_since(
    const struct world *w, const char *type, int64_t days, int64_t at)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct fact *f = &w->facts[i];

		if (f->kind == FACT_EVENT && f->at <= at &&
		    strcmp(f->type, type) == 0 && undone_at(w, f) > at &&
		    at < day_later(w->zone, f->at, days, 0))
			return true;
	}
	return false;
}

static bool
has_consent(const struct world *w, int64_t at)
{
	bool given = false;

	for (size_t i = 0; i < w->n; i++) {
		const struct fact *f = &w->facts[i];

		if (f->kind != FACT_EVENT || f->at > at ||
		    strcmp(f->type, "consent") != 0)
			continue;
		given = fact_field(f, "withdrawn") == NULL &&
		        at < day_later(w->zone, f->at, 0, 12);
	}
	return given;
}

static int
number_of(const char *s, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n && s[i] != '\0'; i++)
		value = value * 10 + (s[i] - '0');
	return value;
}

static bool
is_aged(const struct world *w, const struct spec_test *t, const char *name,
    int64_t at)
{
	const char *born = attribute(w, name, at);
	int y, m, d, years;

	if (born == NULL)
		return false;
	day_date(day_of(w->zone, at), &y, &m, &d);
	years = y - number_of(born, 4);
	if (m * 100 + d < number_of(born + 5, 2) * 100 + number_of(born + 8, 2))
		years--;
	return t->low <= years && years < t->high;
}

static bool
has_age(const struct world *w, const struct spec_test *t, int64_t at)
{
	bool any = false;

	for (size_t i = 0; i < NITEMS(world_births); i++)
		any |= (t->bits >> i & 1) != 0 &&
		       is_aged(w, t, world_births[i], at);
	return any;
}

static bool
has_field(const struct fact *f, const struct spec_test *t)
{
	const char *text = fact_field(
	    f, t->kind == TEST_FIELD ? "stars" : "score");
	int n;

	if (text == NULL)
		return false;
	n = number_of(text, strlen(text));
	if (t->kind == TEST_FIELD)
		return (t->bits & (n == 5 ? 1u : n == 4 ? 2u : 0)) != 0;
	return t->low <= n && n < (t->high == INT64_MAX ? 1000 : t->high);
}

static bool
is_word(const char *s, const char *const *list, size_t n, unsigned bits)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		if ((bits >> i & 1) != 0 && strcmp(s, list[i]) == 0)
			return true;
	return false;
}

/* Whether any of an order's lines was still there at a time. */
static bool
is_there(const struct world *w, const struct order *o, int64_t at)
{
	static const struct spec_base all = { .gift_cards = true };
	struct spec any = { .nwallets = w->spec->nwallets,
		.nrates = w->spec->nrates };
	const struct look k = {
		.spec = &any, .base = &all, .order = o, .until = at
	};

	memcpy(any.rates, w->spec->rates, sizeof(any.rates));
	return earns_at(w->spec, o, at) && part_sign(look_money(&k, false)) > 0;
}

/* Gives the number of an order among the member's orders of which something is
 * left, counted from 1; 0 for an event. */
static int64_t
nth(const struct world *w, const struct fact *of)
{
	int64_t n = 1;

	if (of->kind != FACT_ORDER)
		return 0;
	for (const struct fact *f = w->facts; f < of; f++)
		n += f->kind == FACT_ORDER && is_there(w, f->order, of->at);
	return n;
}

static int tier_at(const struct world *, int64_t at, int64_t told);

/* The amount and the number of pieces that a condition is compared with. */
struct asked {
	big amount, pieces;
};

static bool
has_code(const struct order *o, const struct spec_test *t)
{
	if (o == NULL || t->any)
		return o != NULL && o->codes.n > 0;
	for (size_t i = 0; i < o->codes.n; i++)
		for (size_t j = 0; j < NITEMS(world_codes); j++)
			if ((t->bits >> j & 1) != 0 &&
			    strcasecmp(o->codes.list[i], world_codes[j]) == 0)
				return true;
	return false;
}

/* Whether the customer has a tag, by the newest event that names the tag or
 * that lists all tags. */
static bool
has_mark(const struct world *w, size_t mark, const struct fact *of)
{
	bool has = false;

	for (const struct fact *f = w->facts; f < of; f++) {
		bool named = false;

		if (f->kind != FACT_EVENT ||
		    strncmp(f->type, "customer.tags", 13) != 0)
			continue;
		for (size_t i = 0; i < f->nfields; i++)
			named |= strcasecmp(f->fields[i].value,
			             world_marks[mark]) == 0;
		if (named || strcmp(f->type, "customer.tags") == 0)
			has = named &&
			      strcmp(f->type, "customer.tags_removed") != 0;
	}
	return has;
}

static bool
test_holds(const struct world *w, const struct spec_test *t,
    const struct fact *f, const struct asked *asked)
{
	const struct order *o = f->order;
	int64_t day = day_of(w->zone, f->at);
	int tier;

	switch (t->kind) {
	case TEST_TIER:
		tier = tier_at(w, f->at, f->at - 1);
		return tier >= 0 && (t->bits >> tier & 1) != 0;
	case TEST_CHANNEL:
		return is_word(o != NULL ? o->channel : f->channel,
		    world_channels, 2, t->bits);
	case TEST_BRAND:
		return is_word(f->brand, world_brands, 2, t->bits);
	case TEST_SHIPPING:
		return is_word(o != NULL ? o->shipping_method : NULL,
		    world_shipping, 2, t->bits);
	case TEST_WEEKDAY:
		return (t->bits >> day_weekday(day) & 1) != 0;
	case TEST_DATES:
		return t->low <= day && day <= t->high;
	case TEST_SINCE:
		return happened_since(w, t->event, t->low, f->at);
	case TEST_ATTRIBUTE:
		return is_word(
		    attribute(w, "state", f->at), world_states, 3, t->bits);
	case TEST_CUSTOMER:
		return (has_mark(w, 0, f) && (t->bits & 1) != 0) ||
		       (has_mark(w, 1, f) && (t->bits & 2) != 0);
	case TEST_FIELD:
	case TEST_NUMBER:
		return has_field(f, t);
	case TEST_AMOUNT:
		return t->low <= asked->amount && asked->amount < t->high;
	case TEST_PIECES:
		return t->low <= asked->pieces && asked->pieces < t->high;
	case TEST_CODES:
		return has_code(f->order, t);
	case TEST_NTH:
		return nth(w, f) == t->low;
	case TEST_CONSENT:
		return has_consent(w, f->at);
	case TEST_AGE:
		return has_age(w, t, f->at);
	case TEST_MEMBERSHIP:
	case TEST_CHOSEN_DAY:
		break;
	}
	abort();
}

static bool
holds(const struct world *w, const struct spec_when *when, const struct fact *f,
    const struct asked *asked)
{
	for (size_t i = 0; i < when->n; i++)
		if (test_holds(w, &when->list[i], f, asked) ==
		    when->list[i].negated)
			return false;
	return true;
}

/* ---- tiers ---- */

static int64_t
enrolled_at(const struct world *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->facts[i].kind == FACT_EVENT &&
		    strcmp(w->facts[i].type, "enrolment") == 0)
			return w->facts[i].at;
	return 0;
}

/* Whether money that was spent at one time counts for the tier at another
 * time. */
static bool
in_window(const struct world *w, int64_t spent, int64_t at)
{
	const struct spec_tiers *t = &w->spec->tiers;

	switch (t->window) {
	case TIER_YEAR:
		return day_window(w->zone, WINDOW_YEAR, spent) ==
		       day_window(w->zone, WINDOW_YEAR, at);
	case TIER_ROLLING:
		return at <
		       day_later(w->zone, spent, 0, (int)t->rolling_months);
	case TIER_LIFETIME:
		return true;
	case TIER_ANNIVERSARY:
		break;
	}
	/* The money counts if no anniversary of the enrolment is between the
	 * two times. */
	for (int years = 1;; years++) {
		int64_t day = day_later(w->zone, enrolled_at(w), 0, 12 * years);

		if (day > at)
			return true;
		if (day > spent)
			return false;
	}
}

/* Whether the condition of the highest level holds at the time `at`, if only
 * the facts until the time `told` are known. */
static bool
has_highest(const struct world *w, int64_t at, int64_t told)
{
	static const struct asked nothing;
	const struct fact moment = { .kind = FACT_EVENT, .at = at };
	struct world then = *w;

	for (then.n = 0; then.n < w->n && w->facts[then.n].at <= told;)
		then.n++;
	return w->spec->tiers.when.n > 0 &&
	       holds(&then, &w->spec->tiers.when, &moment, &nothing);
}

/* Gives the tier at the time `at`, if only the facts until the time `told` are
 * known. */
static int
tier_at(const struct world *w, int64_t at, int64_t told)
{
	const struct spec_tiers *t = &w->spec->tiers;
	int tier = SLOW_NO_TIER;
	big spent = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct fact *f = &w->facts[i];
		struct look k = { .spec = w->spec,
			.base = &t->base,
			.order = f->order,
			.until = told };

		if (f->kind != FACT_ORDER || f->at > told ||
		    !in_window(w, f->at, at) ||
		    !earns_at(w->spec, f->order, told))
			continue;
		spent += part_round(look_money(&k, false), ROUND_FLOOR);
	}
	if (has_highest(w, at, told))
		return (int)t->nlevels - 1;
	for (int i = 0; i < (int)t->nlevels - (t->when.n > 0); i++) {
		if (t->above ? spent > t->thresholds[i]
		             : spent >= t->thresholds[i])
			tier = i;
	}
	return tier;
}

/* ---- rules ---- */

/* A rule's view of an order, with the memory for the arrays of `look`. */
struct sight {
	struct look look;
	bool left_out[SLOW_ORDER_LINES];
	int64_t factor[SLOW_ORDER_LINES];
	int64_t event_factor; /* factor of the multipliers without a filter */
};

/* Gives the amount that conditions are compared with.  For an event, gives its
 * amount.  For an order, gives the amount of the lines that the base counts,
 * after refunds, or, if `whole`, before refunds. */
static big
asked_amount(const struct world *w, const struct fact *f,
    const struct spec_base *base, bool whole)
{
	const struct spec_base lines = { .before = base->before,
		.tax = base->tax,
		.gift_cards = base->gift_cards,
		.lines = base->lines,
		.not_lines = base->not_lines };
	const struct look k = { .spec = w->spec,
		.base = &lines,
		.order = f->order,
		.until = w->now };

	if (f->kind != FACT_ORDER)
		return f->amount;
	return part_round(look_money(&k, whole), ROUND_FLOOR);
}

/* Counts the pieces of the lines that the base counts.  Gives 0 if the order
 * was paid without any tender that the base counts, or if all money of the
 * lines was refunded. */
static big
asked_pieces(const struct world *w, const struct fact *f,
    const struct spec_base *base, bool whole)
{
	const struct spec_base paid = { .before = true,
		.gift_cards = true,
		.tender = base->tender,
		.not_tender = base->not_tender };
	struct look k = { .spec = w->spec,
		.base = base,
		.order = f->order,
		.until = w->now };
	struct part sum = { 0, 1 };

	if (f->kind != FACT_ORDER)
		return 0;
	if (!whole && part_sign(look_money(&k, true)) > 0 &&
	    part_sign(look_money(&k, false)) <= 0)
		return 0;
	for (size_t i = 0; i < f->order->nlines; i++)
		sum = part_add(sum, look_pieces(&k, i, whole));
	k.base = &paid;
	if (base->tender != 0 && part_sign(look_money(&k, true)) <= 0)
		return 0;
	return part_round(sum, ROUND_FLOOR);
}

/* Whether a condition holds for an event, or for an order as placed.  If
 * `again`, the condition must also hold for what refunds leave of the order. */
static bool
holds_still(const struct world *w, const struct spec_when *when,
    const struct fact *f, const struct spec_base *base, bool again)
{
	const struct asked whole = { asked_amount(w, f, base, true),
		asked_pieces(w, f, base, true) };
	const struct asked left = { asked_amount(w, f, base, false),
		asked_pieces(w, f, base, false) };

	return holds(w, when, f, &whole) &&
	       (!again || holds(w, when, f, &left));
}

static bool
is_whole(const struct spec_rule *r)
{
	return r->reversal != REVERSE_RESIDUAL;
}

/* Leaves out of `s` the lines that are counted by a rule which replaces the
 * rule `r`. */
static void
leave_out(const struct world *w, const struct fact *f,
    const struct spec_rule *r, struct sight *s)
{
	size_t index = (size_t)(r - w->spec->rules);

	for (size_t i = 0; i < w->spec->nrules; i++) {
		const struct spec_rule *x = &w->spec->rules[i];
		struct look k = { .spec = w->spec,
			.base = &x->base,
			.order = f->order,
			.until = w->now };

		if ((x->replaces >> index & 1) == 0 || x->on != ON_ORDER ||
		    !holds_still(w, &x->when, f, &x->base, false))
			continue;
		for (size_t l = 0; l < f->order->nlines; l++)
			s->left_out[l] |= line_counts(&k, l);
	}
}

/* Combines the multipliers of a line, or, if `l` is NULL, the multipliers
 * without a filter of lines.  The result is best x (1 + sum of (add - 1)) x
 * product of multiply.  If a multiplier replaces all others, the first such
 * multiplier is the result. */
static int64_t
factor_of(const struct world *w, const struct fact *f,
    const struct spec_rule *r, const struct order_line *l)
{
	static const struct spec_filter all;
	size_t index = (size_t)(r - w->spec->rules);
	big best = 0, sum = FACTOR_ONE, product = FACTOR_ONE;

	for (size_t i = 0; i < w->spec->nmultipliers && !w->plain; i++) {
		const struct spec_multiplier *m = &w->spec->multipliers[i];

		if ((m->rules >> index & 1) == 0 ||
		    !holds_still(w, &m->when, f, &r->base,
		        r->reversal == REVERSE_RESIDUAL))
			continue;
		if (memcmp(&m->lines, &all, sizeof(all)) != 0 &&
		    (l == NULL || !filter_means(&m->lines, l)))
			continue;
		if (m->stack == STACK_REPLACE)
			return m->times;
		if (m->stack == STACK_BEST && m->times > best)
			best = m->times;
		if (m->stack == STACK_ADD)
			sum += m->times - FACTOR_ONE;
		if (m->stack == STACK_MULTIPLY)
			product = product * m->times / FACTOR_ONE;
	}
	if (best == 0)
		best = FACTOR_ONE;
	return (int64_t)(best * sum / FACTOR_ONE * product / FACTOR_ONE);
}

static void
look_at(const struct world *w, const struct fact *f, const struct spec_rule *r,
    struct sight *s)
{
	*s = (struct sight){ .look = { .spec = w->spec,
		                 .base = &r->base,
		                 .order = f->order,
		                 .until = w->now } };
	if (f->kind == FACT_ORDER) {
		assert(f->order->nlines <= SLOW_ORDER_LINES);
		leave_out(w, f, r, s);
	}
	s->look.left_out = s->left_out;
	s->event_factor = factor_of(w, f, r, NULL);
	if (f->kind != FACT_ORDER)
		return;
	for (size_t i = 0; i < f->order->nlines; i++)
		s->factor[i] = factor_of(w, f, r, &f->order->lines[i]);
	s->look.factor = s->factor;
	s->look.rest_factor = s->event_factor;
}

static bool
is_meant(const struct world *w, const struct fact *f, const struct spec_rule *r)
{
	if (r->on == ON_ORDER &&
	    (f->kind != FACT_ORDER || !has_earned(w->spec, f->order)))
		return false;
	/* A rule with REVERSE_NONE counts an undone order, too. */
	if (r->on == ON_ORDER && r->reversal != REVERSE_NONE &&
	    !earns_at(w->spec, f->order, w->now))
		return false;
	if (r->on == ON_EVENT &&
	    (f->kind != FACT_EVENT || strcmp(f->type, r->event) != 0 ||
	        undone_at(w, f) <= w->now))
		return false;
	return holds_still(
	    w, &r->when, f, &r->base, r->reversal == REVERSE_RESIDUAL);
}

/* Whether a rule counts any money of the order. */
static bool
anything_counts(const struct sight *s, bool whole)
{
	struct look plain = s->look;

	plain.factor = NULL;
	return part_sign(look_money(&plain, whole)) > 0;
}

/* Whether all pieces count as returned because all of their money was
 * refunded.  Pieces that cost nothing never count as returned for this
 * reason. */
static bool
pieces_are_gone(const struct sight *s, bool whole)
{
	return !whole && anything_counts(s, true) && !anything_counts(s, false);
}

static struct part
order_counts(const struct spec_rule *r, const struct sight *s, bool whole)
{
	struct part sum = { 0, 1 };

	if (r->by == PER_MONEY)
		return look_money(&s->look, whole);
	if (r->by == PER_EVENT)
		return part_times((struct part){ anything_counts(s, whole), 1 },
		    s->event_factor, FACTOR_ONE);
	if (pieces_are_gone(s, whole))
		return sum;
	for (size_t i = 0; i < s->look.order->nlines; i++)
		sum = part_add(sum, look_pieces(&s->look, i, whole));
	return sum;
}

/* Gives the number from which a rule computes its units: minor units, pieces, a
 * count, or 1, each times the factor of the multipliers. */
static struct part
counts(const struct fact *f, const struct spec_rule *r, const struct sight *s)
{
	big n = 1;

	if (f->kind == FACT_ORDER)
		return order_counts(r, s, is_whole(r));
	if (r->by == PER_MONEY)
		n = f->amount;
	if (r->by == PER_COUNT)
		n = f->count;
	return part_times((struct part){ n, 1 }, s->event_factor, FACTOR_ONE);
}

/* Gives the percentage of a rule for the year of the order or event: the
 * percentage declared for that year, or else the usual one. */
static int64_t
percent_of(
    const struct world *w, const struct spec_rule *r, const struct fact *f)
{
	int y, m, d;

	day_date(day_of(w->zone, f->at), &y, &m, &d);
	return r->declared != 0 && y == WORLD_DECLARED ? r->declared : r->units;
}

/* Converts the number `p` of minor units, pieces or counts into the units that
 * a rule gives.  Units of a money wallet are thousandths of a cent. */
static struct part
rate(const struct world *w, const struct spec_rule *r, const struct fact *f,
    struct part p)
{
	bool money = w->spec->wallets[r->wallet].unit == UNIT_MONEY;

	if (money && r->by == PER_MONEY)
		return part_times(p, (big)percent_of(w, r, f) * MILLI, 10000);
	if (money)
		return part_times(p, (big)r->units * MILLI, 1);
	return part_times(p, r->units, r->by == PER_MONEY ? r->per : 1);
}

#define NO_MOST ((big)1 << 100)

static big
smaller(big a, big b)
{
	return a < b ? a : b;
}

/* Returns the largest number of units that the rule may give for one line. */
static big
most_of_line(const struct world *w, const struct spec_rule *r)
{
	bool money = w->spec->wallets[r->wallet].unit == UNIT_MONEY;

	for (size_t i = 0; i < r->nlimits; i++)
		if (r->limits[i].window == WINDOW_LINE)
			return (big)r->limits[i].most * (money ? MILLI : 1);
	return NO_MOST;
}

static big
lines_uncapped(const struct world *w, const struct spec_rule *r,
    const struct fact *f, const struct sight *s)
{
	bool whole = is_whole(r);
	big sum = 0;

	for (size_t i = 0; i < s->look.order->nlines; i++) {
		struct part p = r->by == PER_MONEY
		                    ? look_line(&s->look, i, whole)
		                    : look_pieces(&s->look, i, whole);

		if (r->by != PER_MONEY && pieces_are_gone(s, whole))
			continue;
		sum += smaller(part_round(rate(w, r, f, p), r->rounding),
		    most_of_line(w, r));
	}
	return sum;
}

/* Adds the numbers of the lines that count.  The number of a line is cut
 * at the number for which the line reaches its limit of units. */
static struct part
counts_by_line(const struct world *w, const struct spec_rule *r,
    const struct fact *f, const struct sight *s)
{
	const struct part most = { most_of_line(w, r), 1 };
	struct part one = rate(w, r, f, (struct part){ 1, 1 });
	struct part sum = counts(f, r, s);

	for (size_t i = 0; i < s->look.order->nlines; i++) {
		struct part p = r->by == PER_MONEY
		                    ? look_line(&s->look, i, is_whole(r))
		                    : look_pieces(&s->look, i, is_whole(r));
		struct part over = part_add(
		    part_times(p, one.n, one.d), part_times(most, -1, 1));

		if (r->by != PER_MONEY && pieces_are_gone(s, is_whole(r)))
			continue;
		if (part_sign(over) > 0)
			sum = part_add(sum, part_times(over, -one.d, one.n));
	}
	return part_sign(sum) < 0 ? (struct part){ 0, 1 } : sum;
}

/* Adds the numbers of the lines that count.  If the rule has a limit for each
 * line, each number is cut to this limit. */
static struct part
counts_at_most(const struct world *w, const struct spec_rule *r,
    const struct fact *f, const struct sight *s)
{
	return most_of_line(w, r) < NO_MOST ? counts_by_line(w, r, f, s)
	                                    : counts(f, r, s);
}

static bool
same_window(const struct world *w, enum window over, const struct fact *a,
    const struct fact *b)
{
	if (over == WINDOW_ORDER || over == WINDOW_LINE)
		return a == b;
	return day_window(w->zone, over, a->at) ==
	       day_window(w->zone, over, b->at);
}

/* Reduces units in proportion to the money that is left after refunds, or to
 * the pieces that are left if the pieces cost nothing. */
static big
proportional(const struct world *w, const struct spec_rule *r,
    const struct fact *f, big units, enum rounding rounding)
{
	struct sight s;
	struct part left, whole;

	look_at(w, f, r, &s);
	s.look.factor = NULL;
	left = look_money(&s.look, false);
	whole = look_money(&s.look, true);
	if (part_sign(whole) <= 0 && r->by == PER_ITEM) {
		left = order_counts(r, &s, false);
		whole = order_counts(r, &s, true);
	}
	if (part_sign(whole) <= 0)
		return 0;
	return part_round(part_times(left, units * whole.d, whole.n), rounding);
}

/* Gives the units of the window up to an order or event, minus the units of the
 * window before the order or event.  So fractions that rounding cut off are
 * carried to the next order. */
static big
window_uncapped(
    const struct world *w, const struct spec_rule *r, const struct fact *f)
{
	big before = 0, after = 0;

	for (const struct fact *x = w->facts; x <= f; x++) {
		struct sight s;
		big milli;

		if (!is_meant(w, x, r) || !same_window(w, r->over, x, f))
			continue;
		look_at(w, x, r, &s);
		milli = part_round(
		    part_times(counts_at_most(w, r, x, &s), 1000, 1),
		    ROUND_FLOOR);
		if (r->reversal == REVERSE_PROPORTIONAL)
			milli = proportional(w, r, x, milli, ROUND_FLOOR);
		before += x < f ? milli : 0;
		after += milli;
	}
	return part_round(
	           rate(w, r, f, (struct part){ after, 1000 }), r->rounding) -
	       part_round(
	           rate(w, r, f, (struct part){ before, 1000 }), r->rounding);
}

static big
uncapped(const struct world *w, const struct spec_rule *r, const struct fact *f)
{
	struct sight s;

	look_at(w, f, r, &s);
	if (r->over == WINDOW_LINE)
		return lines_uncapped(w, r, f, &s);
	if (r->over == WINDOW_ORDER)
		return part_round(
		    rate(w, r, f, counts_at_most(w, r, f, &s)), r->rounding);
	return window_uncapped(w, r, f);
}

static bool
is_summed(const struct spec_rule *r)
{
	return r->over != WINDOW_ORDER && r->over != WINDOW_LINE;
}

static big
capped(const struct world *w, const struct spec_rule *r, const struct fact *f,
    big units, const big *given)
{
	bool money = w->spec->wallets[r->wallet].unit == UNIT_MONEY;

	for (size_t i = 0; i < r->nlimits; i++) {
		const struct limit *l = &r->limits[i];
		big most = (big)l->most * (money ? MILLI : 1);

		if (l->window == WINDOW_LINE)
			continue;
		for (const struct fact *x = w->facts; x < f; x++)
			if (same_window(w, l->window, x, f))
				most -= given[x - w->facts];
		if (r->reversal == REVERSE_PROPORTIONAL && is_summed(r))
			most = proportional(w, r, f, most, r->rounding);
		if (units > most)
			units = most;
	}
	return units < 0 ? 0 : units;
}

/* Whether a multiplier applies to an order or event.  Units beyond the rule's
 * own are then the multiplier's. */
static bool
has_multiplier(
    const struct world *w, const struct spec_rule *r, const struct fact *f)
{
	size_t index = (size_t)(r - w->spec->rules);

	for (size_t i = 0; i < w->spec->nmultipliers; i++) {
		const struct spec_multiplier *m = &w->spec->multipliers[i];

		if ((m->rules >> index & 1) != 0 &&
		    holds_still(w, &m->when, f, &r->base, false))
			return true;
	}
	return false;
}

/* Gives how many of the given units are the rule's own; the rest are the
 * multipliers'. */
static big
own_part(const struct world *w, const struct spec_rule *r, const struct fact *f,
    big given)
{
	struct world plain = *w;
	big own;

	if (!has_multiplier(w, r, f))
		return given;
	plain.plain = true;
	own = uncapped(&plain, r, f);
	if (r->reversal == REVERSE_PROPORTIONAL && !is_summed(r))
		own = proportional(w, r, f, own, r->rounding);
	return own < given ? own : given;
}

static void
evaluate_rule(const struct world *w, size_t rule, struct slow *out)
{
	const struct spec_rule *r = &w->spec->rules[rule];
	big *given = calloc(w->n + 1, sizeof(*given));

	for (size_t i = 0; i < w->n; i++) {
		const struct fact *f = &w->facts[i];

		if (f->at > w->now || !is_meant(w, f, r))
			continue;
		given[i] = capped(w, r, f, uncapped(w, r, f), given);
		if (r->reversal == REVERSE_PROPORTIONAL && !is_summed(r))
			given[i] = proportional(w, r, f, given[i], r->rounding);
		assert(out->nlines < SLOW_LINES_MAX);
		out->lines[out->nlines++] = (struct slow_line){
			.fact = f,
			.rule = rule,
			.units = (int64_t)given[i],
			.own = (int64_t)own_part(w, r, f, given[i]),
		};
	}
	free(given);
}

void
slow_evaluate(const struct spec *s, const struct zone *z,
    const struct fact *facts, size_t n, int64_t now, struct slow *out)
{
	struct world w = { s, z, facts, n, now, false };

	out->nlines = 0;
	for (size_t i = 0; i < s->nrules; i++)
		evaluate_rule(&w, i, out);
	out->tier = tier_at(&w, now, now);
}

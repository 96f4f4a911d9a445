/* SPDX-License-Identifier: MIT */
/*
 * fuzz_program: checks that any program file is refused with a line, a column
 * and a sentence, or gives a program within bounds that refers only to things
 * in the program.  decide() must work with a plain program, and
 * program_explain() with every program.  The first byte of the input chooses
 * the currency's exponent.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "core/decide.h"
#include "core/fact.h"
#include "wire/explain/diff.h"
#include "wire/explain/explain.h"
#include "wire/program/program.h"

static const struct decide_ask euro = { .currency = "EUR" };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

#define MONEY_UNITS_MAX (MONEY_MAX * MILLI)

static void
check_refusal(struct str text, const struct err *e)
{
	size_t line = 0, column = 0, lines = 1;

	CHECK(e->fault == FAULT_REJECT);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	CHECK(sscanf(e->msg, "line %zu, column %zu: ", &line, &column) == 2);
	CHECK(line >= 1 && line <= lines);
	CHECK(column >= 1 && column <= text.len + 1);
	for (const char *p = e->msg; *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* ---- the parts of everything ---- */

static void
check_id(const char *id)
{
	CHECK(id != NULL && id[0] != '\0' && strlen(id) < RULE_ID_MAX);
}

static void
check_text(const char *s)
{
	CHECK(s != NULL && s[0] != '\0' && strlen(s) <= FACT_TEXT_MAX);
}

static void
check_words(const struct words *w)
{
	CHECK(w->n <= WORDS_MAX);
	for (size_t i = 0; i < w->n; i++)
		check_text(w->list[i]);
}

static void
check_names(const struct names *n)
{
	CHECK(n->n <= NAMES_MAX);
	for (size_t i = 0; i < n->n; i++) {
		CHECK(strlen(n->list[i].language) == 2);
		check_text(n->list[i].other);
	}
}

static void
check_period(struct period p)
{
	CHECK(p.n >= 1 && p.n <= 36500);
	CHECK(p.unit >= UNIT_DAY && p.unit <= UNIT_EVER);
}

static void
check_expiry(const struct expiry *x)
{
	if (x->after.n != 0)
		check_period(x->after);
	if (x->plus.n != 0)
		check_period(x->plus);
	if (x->inactive.n != 0)
		check_period(x->inactive);
	CHECK(x->plus.n == 0 || x->end_of != 0);
	CHECK(x->end_of == 0 || x->end_of == WINDOW_MONTH ||
	      x->end_of == WINDOW_YEAR);
	CHECK(x->on >= 0);
}

static void
check_filter(const struct filter *f)
{
	CHECK(f->n <= TESTS_MAX);
	for (size_t i = 0; i < f->n; i++) {
		const struct line_test *t = &f->tests[i];
		bool flag = !line_key_has_words(t->key);

		CHECK(t->key >= LINE_CATEGORY && t->key <= LINE_BUNDLE);
		CHECK((t->any.n == 0) == flag);
		check_words(&t->any);
	}
}

static bool
has_words(enum test_kind k)
{
	return k == TEST_TIER || k == TEST_MEMBERSHIP || k == TEST_CHANNEL ||
	       k == TEST_BRAND || k == TEST_SHIPPING || k == TEST_ATTRIBUTE ||
	       k == TEST_FIELD || k == TEST_CONSENT || k == TEST_AGE ||
	       k == TEST_CODES || k == TEST_CUSTOMER;
}

static bool
has_range(enum test_kind k)
{
	return k == TEST_DATES || k == TEST_NUMBER || k == TEST_AMOUNT ||
	       k == TEST_PIECES || k == TEST_AGE;
}

static void
check_condition(const struct program *p, const struct condition *c)
{
	CHECK(c->n <= TESTS_MAX);
	for (size_t i = 0; i < c->n; i++) {
		const struct test *t = &c->tests[i];

		CHECK(t->kind >= TEST_TIER && t->kind <= TEST_AGE);
		CHECK((t->any.n > 0) == has_words(t->kind));
		check_words(&t->any);
		for (size_t j = 0; t->kind == TEST_TIER && j < t->any.n; j++)
			CHECK(program_level(p, t->any.list[j]) != NONE);
		for (size_t j = 0; t->kind == TEST_MEMBERSHIP && j < t->any.n;
		     j++)
			CHECK(program_membership(p, t->any.list[j]) != NONE);
		if (has_range(t->kind))
			CHECK(t->low < t->high);
		if (t->kind == TEST_WEEKDAY)
			CHECK(t->low > 0 && t->low < 1 << 7);
		if (t->kind == TEST_NTH)
			CHECK(t->low >= 1);
		if (t->kind == TEST_SINCE)
			check_period(t->period);
		if (t->kind == TEST_SINCE || t->kind == TEST_ATTRIBUTE ||
		    t->kind == TEST_CUSTOMER || t->kind == TEST_FIELD ||
		    t->kind == TEST_NUMBER)
			check_text(t->name);
		if (t->otherwise != NULL)
			check_id(t->otherwise);
	}
}

/* ---- the nouns ---- */

static void
check_wallets(const struct program *p)
{
	CHECK(p->nwallets >= 1 && p->nwallets <= WALLETS_MAX + 1);
	CHECK(!p->wallets[0].charity);
	for (size_t i = 0; i < p->nwallets; i++) {
		const struct wallet *w = &p->wallets[i];

		check_id(w->id);
		CHECK(program_wallet(p, w->id) == i);
		CHECK(w->unit >= UNIT_POINTS && w->unit <= UNIT_VOUCHERS);
		CHECK(w->negative >= NEGATIVE_DEBT &&
		      w->negative <= NEGATIVE_FORGIVE);
		CHECK(w->worth >= 0 && w->worth <= MONEY_UNITS_MAX);
		check_names(&w->names);
		check_expiry(&w->expires);
		if (w->expires.inactive.n != 0)
			CHECK(w->active_by_earning || w->active_by_redeeming ||
			      w->active_by_order);
	}
}

static void
check_bases(const struct program *p)
{
	CHECK(p->nbases <= p->nrules + 1);
	for (size_t i = 0; i < p->nbases; i++) {
		check_filter(&p->bases[i].lines);
		check_words(&p->bases[i].tender);
	}
}

/* Checks a rule's trigger, window and condition. */
static void
check_trigger(const struct program *p, const struct rule *r)
{
	CHECK(r->on >= ON_ORDER && r->on <= ON_BALANCE);
	CHECK((r->event != NULL) == (r->on == ON_EVENT));
	if (r->on == ON_EVENT)
		check_id(r->event);
	CHECK((r->attribute != NULL) == (r->on == ON_BIRTHDAY));
	if (r->attribute != NULL)
		check_id(r->attribute);
	if (r->on == ON_DATE)
		CHECK(r->month >= 1 && r->month <= 12 && r->day >= 1 &&
		      r->day <= 31 && !(r->month == 2 && r->day == 29));
	if (r->on == ON_TIER || r->on == ON_TIER_YEAR ||
	    r->over == WINDOW_TIER_YEAR)
		CHECK(p->tiers.nlevels > 0);
	if (r->on >= ON_MEMBERSHIP && r->on <= ON_MEMBERSHIP_MONTH)
		CHECK(p->nmemberships > 0);
	CHECK(r->over >= WINDOW_LINE && r->over <= WINDOW_LIFETIME);
	CHECK(r->over != WINDOW_LINE || r->on == ON_ORDER);
	check_condition(p, &r->when);
}

static void
check_amount(const struct program *p, const struct rule *r)
{
	bool money = p->wallets[r->wallet].unit == UNIT_MONEY;

	CHECK(r->by >= PER_EVENT && r->by <= PER_COUNT);
	CHECK(r->units >= 1 && r->units <= (int64_t)RATE_MAX * MILLI);
	CHECK(money || r->units <= RATE_MAX);
	CHECK(r->per >= 1 && r->per <= RATE_MAX);
	CHECK(r->by != PER_ITEM || r->on == ON_ORDER);
	CHECK(r->by != PER_COUNT || r->on == ON_EVENT);
	CHECK(r->by != PER_MONEY || r->on == ON_ORDER || r->on == ON_EVENT ||
	      r->take_wallet != NONE);
	CHECK(r->rounding >= ROUND_FLOOR && r->rounding <= ROUND_CEIL);
	CHECK(r->ndeclared <= DECLARED_MAX);
	for (size_t i = 0; i < r->ndeclared; i++) {
		CHECK(r->declared[i].units >= 1 && r->declared[i].per >= 1);
		CHECK(i == 0 || r->declared[i].year > r->declared[i - 1].year);
	}
	CHECK(r->nlimits <= LIMITS_MAX);
	for (size_t i = 0; i < r->nlimits; i++) {
		CHECK(r->limits[i].most >= 1 &&
		      r->limits[i].most <= MONEY_UNITS_MAX);
		CHECK(r->limits[i].window >= WINDOW_LINE &&
		      r->limits[i].window <= WINDOW_LIFETIME);
	}
}

static void
check_take(const struct program *p, const struct rule *r)
{
	CHECK(r->on != ON_BALANCE || r->take_wallet != NONE);
	if (r->take_wallet == NONE)
		return;
	CHECK(r->take_wallet < p->nwallets && r->take_wallet != r->wallet);
	CHECK(!p->wallets[r->take_wallet].charity);
	CHECK(r->on >= ON_MONTH && r->on <= ON_BALANCE);
	CHECK(r->take_each >= 1 && r->take_each <= MONEY_UNITS_MAX);
	CHECK(r->take_least >= 0 && r->take_least <= MONEY_UNITS_MAX);
	CHECK(r->by == PER_EVENT || r->by == PER_MONEY);
}

static void
check_rules(const struct program *p)
{
	CHECK(p->nrules <= RULES_MAX);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];

		check_id(r->id);
		CHECK(program_rule(p, r->id) == i);
		CHECK(r->base < p->nbases && r->wallet < p->nwallets);
		CHECK((r->charity != NULL) == p->wallets[r->wallet].charity);
		if (r->charity != NULL)
			CHECK(words_have(&p->charities, r->charity));
		for (size_t j = 0; j < r->replaces.n; j++)
			CHECK(program_rule(p, r->replaces.list[j]) != NONE);
		CHECK(r->reversal >= REVERSE_RESIDUAL &&
		      r->reversal <= REVERSE_NONE);
		CHECK(r->pending_days >= -1 &&
		      r->pending_days <= PENDING_DAYS_MAX);
		CHECK(r->pending_from == FROM_PAID ||
		      (r->pending_from == FROM_FULFILLED && r->on == ON_ORDER));
		check_names(&r->names);
		check_expiry(&r->expires);
		check_trigger(p, r);
		check_amount(p, r);
		check_take(p, r);
	}
}

static void
check_multipliers(const struct program *p)
{
	CHECK(p->nmultipliers <= MULTIPLIERS_MAX);
	for (size_t i = 0; i < p->nmultipliers; i++) {
		const struct multiplier *m = &p->multipliers[i];

		check_id(m->id);
		CHECK(m->times >= 1 && m->times <= FACTOR_MAX);
		CHECK(m->stack >= STACK_BEST && m->stack <= STACK_REPLACE);
		CHECK(m->stack != STACK_ADD || m->times >= FACTOR_ONE);
		for (size_t j = 0; j < m->rules.n; j++)
			CHECK(program_rule(p, m->rules.list[j]) != NONE);
		check_condition(p, &m->when);
		check_filter(&m->lines);
	}
}

static void
check_tiers(const struct program *p)
{
	const struct tiers *t = &p->tiers;

	CHECK(t->nlevels <= LEVELS_MAX);
	if (t->nlevels == 0)
		return;
	CHECK(t->base < p->nbases && t->wallet < p->nwallets);
	CHECK((t->event != NULL) == (t->metric == METRIC_EVENTS));
	CHECK(t->metric >= METRIC_SPEND && t->metric <= METRIC_EVENTS);
	CHECK(t->window >= TIER_YEAR && t->window <= TIER_ANNIVERSARY);
	CHECK(t->term >= TERM_FOREVER && t->term <= TERM_WHILE);
	if (t->window == TIER_ROLLING)
		check_period(t->rolling);
	if (t->term == TERM_PERIOD)
		check_period(t->term_period);
	CHECK(t->grace_days >= 0 && t->grace_days <= PENDING_DAYS_MAX);
	for (size_t i = 0; i < t->nlevels; i++) {
		const struct level *l = &t->levels[i];

		check_id(l->id);
		CHECK(program_level(p, l->id) == i);
		CHECK(l->has_threshold == (l->when.n == 0));
		CHECK(l->threshold >= 0 && l->threshold <= MONEY_UNITS_MAX);
		check_names(&l->names);
		check_condition(p, &l->when);
	}
}

static void
check_memberships(const struct program *p)
{
	CHECK(p->nmemberships <= MEMBERSHIPS_MAX);
	for (size_t i = 0; i < p->nmemberships; i++) {
		const struct membership *m = &p->memberships[i];

		check_id(m->id);
		CHECK(program_membership(p, m->id) == i);
		check_period(m->term);
		check_filter(&m->fee);
		check_names(&m->names);
		CHECK(m->trial_days >= 0 && m->grace_days >= 0);
		CHECK(m->price >= 0 && m->price <= MONEY_MAX);
	}
}

static void
check_rewards(const struct program *p)
{
	CHECK(p->nrewards <= REWARDS_MAX && p->nbenefits <= BENEFITS_MAX);
	for (size_t i = 0; i < p->nrewards; i++) {
		const struct reward *r = &p->rewards[i];

		check_id(r->id);
		CHECK(program_reward(p, r->id) == i);
		CHECK(
		    r->wallet < p->nwallets && !p->wallets[r->wallet].charity);
		CHECK(r->cost >= 1 && r->cost <= MONEY_UNITS_MAX);
		CHECK(!r->variable || r->amount >= 1);
		CHECK(r->most == 0 || r->most >= r->least);
		CHECK(r->percent >= 0 && r->percent <= 10000);
		CHECK(r->kind != REWARD_PRODUCT || r->product != NULL);
		check_period(r->valid);
		check_filter(&r->lines);
		check_condition(p, &r->when);
	}
	for (size_t i = 0; i < p->nbenefits; i++) {
		const struct benefit *b = &p->benefits[i];

		check_id(b->id);
		CHECK(b->percent >= 0 && b->percent <= 10000);
		CHECK((b->count > 0) == (b->window != 0));
		check_filter(&b->lines);
		check_condition(p, &b->when);
	}
}

static void
check_awards(const struct program *p)
{
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct statuses *award = &p->award[i];

		CHECK(award->n <= STATUSES_MAX);
		for (size_t j = 0; j < award->n; j++)
			CHECK(award->list[j][0] != '\0' &&
			      strlen(award->list[j]) < ORDER_STATUS_MAX);
	}
	CHECK(p->award[PLATFORM_EVENTS].n == 3);
}

/* Checks that no rule gives negative units for the largest possible order. */
static void
check_decision(const struct program *p)
{
	struct order_line line = { .id = 1,
		.quantity = 1,
		.current = 1,
		.before = MONEY_MAX,
		.net = MONEY_MAX,
		.tax = MONEY_MAX };
	struct order o = { .id = 1,
		.platform = PLATFORM_WOOCOMMERCE,
		.modified_at = 1,
		.status = "completed",
		.currency = "EUR",
		.total = MONEY_MAX,
		.lines = &line,
		.nlines = 1 };
	struct award awards[RULES_MAX];
	struct decision d = { .awards = awards };

	decide(p, &euro, &o, &d);
	CHECK(d.nawards == p->nrules);
	for (size_t i = 0; i < d.nawards; i++)
		CHECK(d.awards[i].points >= 0);
}

static void
check_program(const struct program *p)
{
	CHECK(p->name[0] != '\0' && strlen(p->name) < 64);
	CHECK(p->pending_days >= 0 && p->pending_days <= PENDING_DAYS_MAX);
	CHECK(
	    p->nrules + p->nmemberships + p->tiers.nlevels + p->nbenefits > 0);
	CHECK(p->charities.n <= CHARITIES_MAX && p->nconsents <= CONSENTS_MAX);
	for (size_t i = 0; i < p->nconsents; i++)
		check_period(p->consents[i].valid);
	check_wallets(p);
	check_bases(p);
	check_rules(p);
	check_multipliers(p);
	check_tiers(p);
	check_memberships(p);
	check_rewards(p);
	check_awards(p);
	if (p->plain)
		check_decision(p);
}

/* Checks that a program can be explained in every language, and that comparing
 * the program with itself gives no difference. */
static void
check_sentences(const struct program *p)
{
	struct err e;
	struct buf b;

	buf_init(&b, EXPLAIN_MAX);
	for (size_t i = 0; explain_languages[i] != NULL; i++) {
		buf_reset(&b);
		CHECK(program_explain(p, explain_languages[i], &b, &e) == 0);
		CHECK(!buf_is_full(&b));
		CHECK(b.len > 0 && strlen(b.data) == b.len);
	}
	buf_reset(&b);
	CHECK(program_diff(p, p, &b) == 0);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_setting set = { .currency = "EUR" };
	struct err e = { .fault = FAULT_NONE };
	struct program p;
	struct arena a;
	struct str text;
	bool good = true;

	if (size == 0)
		return 0;
	text = (struct str){ (const char *)data + 1, size - 1 };
	set.exponent = data[0] % 5;
	arena_init(&a);
	if (program_parse(&a, text, &set, &p, &e) == -1) {
		check_refusal(text, &e);
		set.kept = true;
		good = program_parse(&a, text, &set, &p, &e) == 0;
	}
	if (good) {
		check_program(&p);
		check_sentences(&p);
		/* A file that is accepted as a new program is also accepted as
		 * a program that the database kept. */
		set.kept = true;
		CHECK(program_parse(&a, text, &set, &p, &e) == 0);
	}
	arena_fini(&a);
	return 0;
}

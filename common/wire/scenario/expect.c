/* SPDX-License-Identifier: MIT */
/* Reads what tests expect. */
#include <string.h>

#include "wire/scenario/internal.h"

/* The expectations of a step that is being read. */
struct expecting {
	struct draft_test *test;
	struct step *step;
	struct expectation *list;
	size_t n, room;
};

static struct expectation *
add(struct expecting *x, enum expect_kind kind, const char *key)
{
	struct expectation *one;

	x->list = arena_grow(
	    x->test->arena, x->list, x->n, &x->room, sizeof(*x->list));
	one = &x->list[x->n++];
	*one = (struct expectation){ .kind = kind };
	if (key != NULL)
		one->key = arena_strdup(x->test->arena, key);
	return one;
}

/* ---- one value ----------------------------------------------------------- */

static void
expect_units(struct expecting *x, const struct node *n, size_t wallet,
    struct expectation *one)
{
	const struct program *p = x->test->program;

	one->places = scenario_places(p, p->wallets[wallet].unit);
	scenario_units(x->test, n, wallet, &one->value);
}

static void
expect_money(struct expecting *x, const struct node *n, struct expectation *one)
{
	one->places = x->test->exponent;
	scenario_decimal(n, one->places, &one->value);
}

/* Reads a text; null stays NULL. */
static void
expect_text(struct expecting *x, const struct node *n, struct expectation *one)
{
	if (!node_is_null(n))
		scenario_text(x->test->arena, n, &one->text);
}

/* Reads the word for why something was not given or was refused.  The word must
 * be one that loyald or the program has for such reasons. */
static void
expect_word(struct expecting *x, const struct node *n, struct expectation *one)
{
	expect_text(x, n, one);
	if (one->text != NULL && x->test->has_all &&
	    !scenario_says(x->test, one->kind, one->text))
		node_refuse(n,
		    "is no word that anything says: \"%s\" (deploy/programs/"
		    "README.md, \"Why nothing\"; or a condition's own "
		    "\"otherwise\")",
		    one->text);
}

static void
expect_level(struct expecting *x, const struct node *n, struct expectation *one)
{
	expect_text(x, n, one);
	if (one->text != NULL &&
	    program_level(x->test->program, one->text) == NONE)
		scenario_refuse(x->test, n, "is no tier of this program");
}

static void
expect_shipping(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	struct str s;

	if (node_str(n, &s) && str_eq(s, STR("free")))
		one->text = "free";
	else
		expect_money(x, n, one);
}

static bool
is_benefit(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nbenefits; i++)
		if (strcmp(p->benefits[i].id, id) == 0)
			return true;
	return false;
}

static void
expect_benefits(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	if (node_words(n, x->test->arena, 0, LINE_WORDS_MAX, &one->words) == -1)
		return;
	for (size_t i = 0; i < one->words.n; i++) {
		struct node item = node_item(n, i);

		if (!is_benefit(x->test->program, one->words.list[i]))
			scenario_refuse(
			    x->test, &item, "is no benefit of this program");
	}
}

static void
expect_discounts(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	size_t lines = x->step->order->nlines;
	int64_t *values;

	if (node_check_list(n, lines, lines) == -1)
		return;
	values = arena_array(x->test->arena, lines, sizeof(*values));
	one->places = x->test->exponent;
	for (size_t i = 0; i < lines; i++) {
		struct node item = node_item(n, i);

		scenario_decimal(&item, one->places, &values[i]);
	}
	one->values = values;
	one->nvalues = lines;
}

/* ---- one value for each of several --------------------------------------- */

static void
expect_of_wallet(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	size_t wallet = program_wallet(x->test->program, one->key);

	if (wallet == NONE)
		scenario_refuse(x->test, n, "is no wallet of this program");
	else
		expect_units(x, n, wallet, one);
}

static void
expect_of_charity(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	const struct program *p = x->test->program;

	one->places = scenario_places(p, UNIT_MONEY);
	if (!words_have(&p->charities, one->key))
		scenario_refuse(x->test, n, "is no charity of this program");
	else
		scenario_decimal(n, one->places, &one->value);
}

static bool
is_multiplier(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nmultipliers; i++)
		if (strcmp(p->multipliers[i].id, id) == 0)
			return true;
	return false;
}

/* Returns the index of the rule that an entry names, "rule" or
 * "rule*multiplier".  If the program lacks the rule or the multiplier, refuses
 * the key and returns NONE. */
static size_t
entry_rule(struct expecting *x, const struct node *n, const char *key)
{
	const struct program *p = x->test->program;
	size_t len = strcspn(key, "*"), rule;
	bool is_bonus = key[len] == '*';

	rule = program_rule(p, arena_memdup(x->test->arena, key, len));
	if (rule == NONE) {
		scenario_refuse(x->test, n, "is no rule of this program");
		return NONE;
	}
	if (is_bonus && !is_multiplier(p, key + len + 1)) {
		scenario_refuse(x->test, n,
		    "names a multiplier this program does not have");
		return NONE;
	}
	return rule;
}

static void
expect_of_rule(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	const struct program *p = x->test->program;
	size_t rule = entry_rule(x, n, n->key);

	if (rule == NONE)
		return;
	if (p->rules[rule].charity == NULL) {
		expect_units(x, n, p->rules[rule].wallet, one);
		return;
	}
	one->places = scenario_places(p, UNIT_MONEY);
	scenario_decimal(n, one->places, &one->value);
}

static void
expect_of_membership(
    struct expecting *x, const struct node *n, struct expectation *one)
{
	if (program_membership(x->test->program, one->key) == NONE)
		scenario_refuse(x->test, n, "is no membership of this program");
	else
		scenario_text(x->test->arena, n, &one->text);
}

/* Reads the value of an expectation. */
static void
expect_value(struct expecting *x, const struct node *n, struct expectation *one)
{
	switch (one->kind) {
	case EXPECT_AVAILABLE:
	case EXPECT_PENDING:
	case EXPECT_RESERVED:
	case EXPECT_DEBT:
	case EXPECT_EARNED:
	case EXPECT_EARNS:
		expect_of_wallet(x, n, one);
		break;
	case EXPECT_CHARITY:
		expect_of_charity(x, n, one);
		break;
	case EXPECT_ENTRY:
		expect_of_rule(x, n, one);
		break;
	case EXPECT_MEMBERSHIP:
		expect_of_membership(x, n, one);
		break;
	case EXPECT_TIER:
		expect_level(x, n, one);
		break;
	case EXPECT_TIER_UNTIL:
		expect_text(x, n, one);
		break;
	case EXPECT_REASON:
	case EXPECT_REFUSED:
		expect_word(x, n, one);
		break;
	case EXPECT_BENEFITS:
		expect_benefits(x, n, one);
		break;
	case EXPECT_PAY:
		expect_money(x, n, one);
		break;
	case EXPECT_SHIPPING:
		expect_shipping(x, n, one);
		break;
	case EXPECT_DISCOUNTS:
		expect_discounts(x, n, one);
		break;
	}
}

/* ---- all expectations of a step ------------------------------------------ */

enum asked_of {
	OF_ANY = 1,
	OF_QUOTE,   /* only of a step that is a quote */
	OF_EARNING, /* only of a step that is an order or an event */
};

static const struct word {
	const char *key;
	enum expect_kind kind;
	bool several; /* the value is an object of several values */
	enum asked_of of;
} expect_words[] = {
	{ "pending", EXPECT_PENDING, true, OF_ANY },
	{ "reserved", EXPECT_RESERVED, true, OF_ANY },
	{ "debt", EXPECT_DEBT, true, OF_ANY },
	{ "earned", EXPECT_EARNED, true, OF_ANY },
	{ "charity", EXPECT_CHARITY, true, OF_ANY },
	{ "membership", EXPECT_MEMBERSHIP, true, OF_ANY },
	{ "entries", EXPECT_ENTRY, true, OF_EARNING },
	{ "earns", EXPECT_EARNS, true, OF_QUOTE },
	{ "pay", EXPECT_PAY, false, OF_QUOTE },
	{ "shipping", EXPECT_SHIPPING, false, OF_QUOTE },
	{ "discounts", EXPECT_DISCOUNTS, false, OF_QUOTE },
	{ "tier", EXPECT_TIER, false, OF_ANY },
	{ "tier_until", EXPECT_TIER_UNTIL, false, OF_ANY },
	{ "reason", EXPECT_REASON, false, OF_EARNING },
	{ "refused", EXPECT_REFUSED, false, OF_ANY },
	{ "benefits", EXPECT_BENEFITS, false, OF_ANY },
};

static const struct word *
word_find(const char *key)
{
	for (size_t i = 0; i < NITEMS(expect_words); i++)
		if (strcmp(expect_words[i].key, key) == 0)
			return &expect_words[i];
	return NULL;
}

/* Refuses an expectation that makes no sense for a step of this kind. */
static int
check_asked(
    const struct expecting *x, const struct word *w, const struct node *n)
{
	enum step_kind kind = x->step->kind;

	if (w->of == OF_QUOTE && kind != STEP_QUOTE)
		return node_refuse(n, "is of a \"quote\", and this is none");
	if (w->of == OF_EARNING && kind != STEP_FACT &&
	    (kind == STEP_QUOTE || x->step->order == NULL))
		return node_refuse(
		    n, "is of an order or an event, and this is neither");
	return 0;
}

static void
expect_several(struct expecting *x, const struct word *w, const struct node *n)
{
	struct node it = { 0 };

	if (node_check_object(n, NULL) == -1)
		return;
	x->step->all_entries |= w->kind == EXPECT_ENTRY;
	while (node_each(n, &it))
		expect_value(x, &it, add(x, w->kind, it.key));
	/* "entries": {} is no mistake: the step is expected to earn
	 * nothing. */
	if (it.value == NULL && w->kind != EXPECT_ENTRY)
		node_refuse(n, "expects nothing");
}

void
step_expect(struct draft_test *t, const struct node *n, struct step *s)
{
	struct expecting x = { .test = t, .step = s };
	struct node it = { 0 };

	if (node_check_object(n, NULL) == -1)
		return;
	while (node_each(n, &it)) {
		const struct word *w = word_find(it.key);

		if (w == NULL)
			expect_value(
			    &x, &it, add(&x, EXPECT_AVAILABLE, it.key));
		else if (check_asked(&x, w, &it) == -1)
			continue;
		else if (w->several)
			expect_several(&x, w, &it);
		else
			expect_value(&x, &it, add(&x, w->kind, NULL));
	}
	s->expects = x.list;
	s->nexpects = x.n;
	if (it.value == NULL)
		node_refuse(n, "expects nothing");
}

/* SPDX-License-Identifier: MIT */
/* What tests expect. */
#include <assert.h>
#include <string.h>

#include "wire/scenario/internal.h"

/* An expectation more of the step. */
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

/* ---- one value ------------------------------------------------------------- */

static int
expect_units(struct expecting *x, const struct node *n, size_t wallet,
    struct expectation *one, struct err *e)
{
	const struct program *p = x->test->program;

	one->places = scenario_places(p, p->wallets[wallet].unit);
	return scenario_units(x->test, n, wallet, &one->value, e);
}

static int
expect_money(struct expecting *x, const struct node *n, struct expectation *one,
    struct err *e)
{
	one->places = x->test->exponent;
	return scenario_decimal(n, one->places, &one->value, e);
}

/* A text, or null. */
static int
expect_text(struct expecting *x, const struct node *n, struct expectation *one,
    struct err *e)
{
	return node_is_null(n)
	           ? 0
	           : scenario_text(x->test->arena, n, &one->text, e);
}

/* Why something was not given or taken: a word that there is. */
static int
expect_word(struct expecting *x, const struct node *n, struct expectation *one,
    struct err *e)
{
	if (expect_text(x, n, one, e) == -1)
		return -1;
	if (one->text != NULL && !scenario_says(x->test, one->kind, one->text))
		return node_refuse(n, e,
		    "is no word that anything says: \"%s\" (deploy/programs/"
		    "README.md, \"Why nothing\"; or a condition's own "
		    "\"otherwise\")",
		    one->text);
	return 0;
}

static int
expect_level(struct expecting *x, const struct node *n, struct expectation *one,
    struct err *e)
{
	if (expect_text(x, n, one, e) == -1)
		return -1;
	if (one->text != NULL &&
	    program_level(x->test->program, one->text) == NONE)
		return node_refuse(n, e, "is no tier of this program");
	return 0;
}

static int
expect_shipping(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	struct str s;

	if (node_str(n, &s) == 0 && str_eq(s, STR("free"))) {
		one->text = "free";
		return 0;
	}
	return expect_money(x, n, one, e);
}

static int
expect_benefits(struct expecting *x, const struct node *up,
    struct expectation *one, struct err *e)
{
	const struct program *p = x->test->program;
	struct node list;

	if (scenario_words_in(x->test->arena, up, "benefits", &one->words, e) ==
	    -1)
		return -1;
	for (size_t i = 0; i < one->words.n; i++) {
		struct node item;
		size_t j = 0;

		while (j < p->nbenefits &&
		       strcmp(p->benefits[j].id, one->words.list[i]) != 0)
			j++;
		if (j < p->nbenefits)
			continue;
		(void)node_get(up, "benefits", &list);
		item = node_item(&list, i);
		return node_refuse(&item, e, "is no benefit of this program");
	}
	return 0;
}

static int
expect_discounts(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	size_t lines = x->step->order->nlines;
	int64_t *values;

	if (node_check_list(n, lines, lines, e) == -1)
		return -1;
	values = arena_array(x->test->arena, lines, sizeof(*values));
	one->places = x->test->exponent;
	for (size_t i = 0; i < lines; i++) {
		struct node item = node_item(n, i);

		if (scenario_decimal(&item, one->places, &values[i], e) == -1)
			return -1;
	}
	one->values = values;
	one->nvalues = lines;
	return 0;
}

static int
expect_one(struct expecting *x, const struct node *up, const struct node *n,
    struct expectation *one, struct err *e)
{
	switch (one->kind) {
	case EXPECT_TIER:
		return expect_level(x, n, one, e);
	case EXPECT_SHIPPING:
		return expect_shipping(x, n, one, e);
	case EXPECT_BENEFITS:
		return expect_benefits(x, up, one, e);
	case EXPECT_DISCOUNTS:
		return expect_discounts(x, n, one, e);
	case EXPECT_PAY:
		return expect_money(x, n, one, e);
	case EXPECT_TIER_UNTIL:
		return expect_text(x, n, one, e);
	case EXPECT_REASON:
	case EXPECT_REFUSED:
		return expect_word(x, n, one, e);
	case EXPECT_AVAILABLE:
	case EXPECT_PENDING:
	case EXPECT_RESERVED:
	case EXPECT_DEBT:
	case EXPECT_EARNED:
	case EXPECT_CHARITY:
	case EXPECT_ENTRY:
	case EXPECT_EARNS:
	case EXPECT_MEMBERSHIP:
		break;
	}
	return 0;
}

/* ---- one value for each of several ------------------------------------------ */

static int
expect_of_wallet(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	size_t wallet = program_wallet(x->test->program, one->key);

	if (wallet == NONE)
		return node_refuse(n, e, "is no wallet of this program");
	return expect_units(x, n, wallet, one, e);
}

static int
expect_of_charity(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	const struct program *p = x->test->program;

	if (!words_have(&p->charities, one->key))
		return node_refuse(n, e, "is no charity of this program");
	one->places = scenario_places(p, UNIT_MONEY);
	return scenario_decimal(n, one->places, &one->value, e);
}

static bool
is_multiplier(const struct program *p, const char *id)
{
	for (size_t i = 0; i < p->nmultipliers; i++)
		if (strcmp(p->multipliers[i].id, id) == 0)
			return true;
	return false;
}

/* "rule" or "rule*multiplier" */
static int
expect_of_rule(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	const struct program *p = x->test->program;
	char id[RULE_ID_MAX] = "";
	const char *star;
	size_t len, rule;

	assert(one->key != NULL);
	star = strchr(one->key, '*');
	len = star != NULL ? (size_t)(star - one->key) : strlen(one->key);
	if (len >= sizeof(id))
		return node_refuse(n, e, "is no rule of this program");
	memcpy(id, one->key, len);
	rule = program_rule(p, id);
	if (rule == NONE)
		return node_refuse(n, e, "is no rule of this program");
	if (star != NULL && !is_multiplier(p, star + 1))
		return node_refuse(
		    n, e, "names a multiplier this program does not have");
	if (p->rules[rule].charity == NULL)
		return expect_units(x, n, p->rules[rule].wallet, one, e);
	one->places = scenario_places(p, UNIT_MONEY);
	return scenario_decimal(n, one->places, &one->value, e);
}

static int
expect_of_membership(struct expecting *x, const struct node *n,
    struct expectation *one, struct err *e)
{
	if (program_membership(x->test->program, one->key) == NONE)
		return node_refuse(n, e, "is no membership of this program");
	return scenario_text(x->test->arena, n, &one->text, e);
}

static int
expect_of(struct expecting *x, const struct node *n, struct expectation *one,
    struct err *e)
{
	switch (one->kind) {
	case EXPECT_PENDING:
	case EXPECT_RESERVED:
	case EXPECT_DEBT:
	case EXPECT_EARNED:
	case EXPECT_EARNS:
	case EXPECT_AVAILABLE:
		return expect_of_wallet(x, n, one, e);
	case EXPECT_CHARITY:
		return expect_of_charity(x, n, one, e);
	case EXPECT_ENTRY:
		return expect_of_rule(x, n, one, e);
	case EXPECT_MEMBERSHIP:
		return expect_of_membership(x, n, one, e);
	case EXPECT_PAY:
	case EXPECT_SHIPPING:
	case EXPECT_TIER:
	case EXPECT_TIER_UNTIL:
	case EXPECT_REASON:
	case EXPECT_REFUSED:
	case EXPECT_BENEFITS:
	case EXPECT_DISCOUNTS:
		break;
	}
	return 0;
}

/* ---- all of them --------------------------------------------------------------- */

enum asked_of {
	OF_ANY = 1,
	OF_QUOTE,   /* only where a quote was asked for */
	OF_EARNING, /* only where an order or an event may have earned */
};

static const struct word {
	const char *key;
	enum expect_kind kind;
	bool several; /* an object, a value for each key */
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

static int
check_asked(const struct expecting *x, const struct word *w,
    const struct node *n, struct err *e)
{
	enum step_kind kind = x->step->kind;

	if (w->of == OF_QUOTE && kind != STEP_QUOTE)
		return node_refuse(n, e, "is of a \"quote\", and this is none");
	if (w->of == OF_EARNING && kind != STEP_FACT &&
	    (kind == STEP_QUOTE || x->step->order == NULL))
		return node_refuse(
		    n, e, "is of an order or an event, and this is neither");
	return 0;
}

static int
expect_several(struct expecting *x, const struct word *w, const struct node *n,
    struct err *e)
{
	struct node it = { 0 };

	if (!node_is_object(n))
		return node_refuse(n, e, "must be an object, {...}");
	x->step->all_entries |= w->kind == EXPECT_ENTRY;
	while (node_each(n, &it))
		if (expect_of(x, &it, add(x, w->kind, it.key), e) == -1)
			return -1;
	/* No entries are all of them. */
	if (it.value == NULL && w->kind != EXPECT_ENTRY)
		return node_refuse(n, e, "expects nothing");
	return 0;
}

int
step_expect(
    struct draft_test *t, const struct node *n, struct step *s, struct err *e)
{
	struct expecting x = { .test = t, .step = s };
	struct node it = { 0 };
	int rc = 0;

	if (!node_is_object(n))
		return node_refuse(n, e, "must be an object, {...}");
	while (rc == 0 && node_each(n, &it)) {
		const struct word *w = word_find(it.key);

		if (w == NULL)
			rc = expect_of(
			    &x, &it, add(&x, EXPECT_AVAILABLE, it.key), e);
		else if (check_asked(&x, w, &it, e) == -1)
			rc = -1;
		else if (w->several)
			rc = expect_several(&x, w, &it, e);
		else
			rc = expect_one(&x, n, &it, add(&x, w->kind, NULL), e);
	}
	s->expects = x.list;
	s->nexpects = x.n;
	if (rc == 0 && x.n == 0 && !s->all_entries)
		return node_refuse(n, e, "expects nothing");
	return rc;
}

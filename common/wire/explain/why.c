/* SPDX-License-Identifier: MIT */
/* The sentence that says how an amount in the ledger was computed. */
#include <string.h>

#include "core/ratio.h"
#include "wire/explain/explain.h"
#include "wire/explain/internal.h"

/* The sentence about one amount, while it is put together. */
struct telling {
	struct teller *t;
	const struct why *why;
	const struct rule *rule;
	const struct wallet *wallet; /* the wallet that the rule gives to */
	const char *text;
};

static void
add(struct telling *x, const char *s)
{
	x->text = tell_join(x->t, x->text, "; ", s);
}

static const char *
given(struct telling *x, int64_t units)
{
	return tell_units(x->t, x->wallet, units);
}

/* Says the number that a rule counted, with its unit: money, pieces or a count.
 * For a refund that takes back a share of the units, the number is money. */
static const char *
counted(struct telling *x, int64_t n)
{
	if (x->why->whole != 0)
		return tell_money(x->t, n);
	switch (x->rule->by) {
	case PER_MONEY:
		return tell_money(x->t, n);
	case PER_ITEM:
		return tell_count(x->t, n, FORMS_ITEM);
	case PER_COUNT:
		return tell_count(x->t, n, FORMS_COUNT);
	case PER_EVENT:
		break;
	}
	return tell_number(x->t, n);
}

/* Says the number that a rule counted, given in thousandths. */
static const char *
counted_milli(struct telling *x, int64_t n)
{
	return x->rule->by == PER_MONEY ? tell_milli(x->t, n)
	                                : tell_decimal(x->t, n, MILLI_PLACES);
}

/* ---- the number that a rule counts -------------------------------------- */

static void
say_base(struct telling *x)
{
	const struct why *w = x->why;

	if (w->currency != NULL && w->rate != NULL &&
	    (x->rule->by == PER_MONEY || w->whole != 0))
		add(x, tell(x->t, SAY_WHY_EXCHANGED, "x",
		           tell_money_in(x->t, w->currency, w->foreign), "code",
		           w->currency, "rate", tell_exchange(x->t, w->rate),
		           NULL));
	if (w->base_left != w->base)
		add(x, tell(x->t, SAY_WHY_LEFT, "x", counted(x, w->base_left),
		           "whole", counted(x, w->base), NULL));
	else if (x->rule->by != PER_EVENT)
		add(x,
		    tell(x->t, SAY_WHY_COUNTS, "x", counted(x, w->base), NULL));
}

static void
say_window(struct telling *x)
{
	const struct why *w = x->why;
	const char *window;

	if (w->over <= WINDOW_ORDER)
		return;
	window = tell_window(x->t, w->over, x->rule->on == ON_ORDER);
	if (w->window_from > 0)
		window = tell_then(x->t, window,
		    tell(x->t, SAY_WHY_SINCE, "date",
		        tell_date(x->t, w->window_from), NULL));
	add(x, tell(x->t, SAY_WHY_SUM, "x", counted_milli(x, w->sum_after),
	           "window", window, "before", counted_milli(x, w->sum_before),
	           NULL));
}

static void
say_multipliers(struct telling *x)
{
	const struct why *w = x->why;
	const char *list = "", *boosted = counted_milli(x, w->boosted);

	if (w->nmultipliers == 0)
		return;
	for (size_t i = 0; i < w->nmultipliers; i++)
		list = tell_join(x->t, list, ", ", w->multipliers[i]);
	add(x, w->factor == FACTOR_ONE
	           ? tell(x->t, SAY_WHY_BOOSTED, "list", list, "boosted",
	                 boosted, NULL)
	           : tell(x->t, SAY_WHY_TIMES, "x",
	                 tell_decimal(x->t, w->factor, FACTOR_PLACES), "list",
	                 list, "boosted", boosted, NULL));
}

/* ---- how much is given -------------------------------------------------- */

/* Says the product of the counted number and the rate, and its rounding. */
static void
say_product(struct telling *x)
{
	static const enum piece pieces[] = {
		[ROUND_FLOOR] = SAY_WHY_FLOOR,
		[ROUND_NEAREST] = SAY_WHY_NEAREST,
		[ROUND_CEIL] = SAY_WHY_CEIL,
	};
	const struct why *w = x->why;
	wide n = ratio_mul(w->boosted, w->units);
	wide d = (wide)w->per * MILLI;

	add(x, tell(x->t, SAY_WHY_PRODUCT, "x",
	           tell_fraction(x->t, x->wallet, n, d), NULL));
	if (n % d != 0)
		add(x, tell(x->t, pieces[x->rule->rounding], "x",
		           given(x, w->given_after), NULL));
}

static void
say_result(struct telling *x)
{
	const struct why *w = x->why;

	if (w->whole != 0)
		add(x, tell(x->t, SAY_WHY_SHARE, "whole", given(x, w->whole),
		           "x", given(x, w->given_after), NULL));
	else if (w->over == WINDOW_LINE)
		add(x, tell(x->t, SAY_WHY_BY_LINE, "x",
		           given(x, w->given_after), NULL));
	else if (x->rule->by != PER_EVENT || w->nmultipliers > 0)
		say_product(x);
	if (w->given_before != 0 && w->uncapped != 0)
		add(x, tell(x->t, SAY_WHY_LESS, "before",
		           given(x, w->given_before), "x",
		           given(x, w->uncapped), NULL));
	if (w->limit != 0)
		add(x, tell(x->t, SAY_WHY_LIMIT, "limit", given(x, w->limit),
		           "x", given(x, w->passed), NULL));
	else if (w->passed != w->uncapped)
		add(x,
		    tell(x->t, SAY_WHY_MOVED, "x", given(x, w->passed), NULL));
	if (w->bonus != 0)
		add(x,
		    tell(x->t, SAY_WHY_BONUS, "x", given(x, w->bonus), NULL));
}

static void
say_earned(struct telling *x)
{
	const struct why *w = x->why;

	say_base(x);
	say_window(x);
	add(x, tell_rate(x->t, x->rule, w->units, w->per));
	say_multipliers(x);
	say_result(x);
}

/* Says the arithmetic of a rule that takes from another wallet. */
static void
say_taken(struct telling *x)
{
	const struct why *w = x->why;
	const struct wallet *from = &x->t->program
	                                 ->wallets[x->rule->take_wallet];
	const char *rate = x->rule->by == PER_MONEY
	                       ? tell_rate(x->t, x->rule, w->units, w->per)
	                       : tell(x->t, SAY_WHY_EACH, "units",
	                             given(x, w->units), "x",
	                             tell_units(x->t, from, w->per), NULL);

	add(x,
	    tell(x->t, SAY_WHY_TAKEN, "taken", tell_units(x->t, from, w->base),
	        "wallet", tell_wallet(x->t, from), NULL));
	add(x, rate);
	if (w->given_before != 0)
		add(x, tell(x->t, SAY_WHY_LESS, "before",
		           given(x, w->given_before), "x",
		           given(x, w->uncapped), NULL));
}

/* ---- why nothing was given ---------------------------------------------- */

/* Says why nothing was given.  The word of the reason comes first, so that
 * people can search for it.  The rule's conditions follow if one of them failed
 * or the word is the merchant's own; else the sentence for the word
 * follows. */
static void
say_reason(struct telling *x)
{
	const char *word = x->why->reason, *more = "";
	enum reason reason;
	bool known = reason_find(word, &reason);

	if (!known || reason_is_of(reason, REASON_OF_CONDITION))
		more = tell_condition(x->t, &x->rule->when);
	if (known && more[0] == '\0')
		more = language_reason(x->t->language, reason);
	if (more[0] != '\0' && more[strlen(more) - 1] == '.')
		more = arena_memdup(x->t->arena, more, strlen(more) - 1);
	add(x, more[0] == '\0' ? word
	                       : tell_all(x->t, word, " (", more, ")", NULL));
}

/* ---- the whole sentence ------------------------------------------------- */

/* Finds the rule of an entry: the entry "order*gold-day" is of rule "order". */
static const struct rule *
rule_of(const struct program *p, const char *id)
{
	size_t n = strcspn(id, "*");

	for (size_t i = 0; i < p->nrules; i++)
		if (strlen(p->rules[i].id) == n &&
		    strncmp(p->rules[i].id, id, n) == 0)
			return &p->rules[i];
	return NULL;
}

static const char *
why_told(struct teller *t, const struct why *why)
{
	struct telling x = { .t = t, .why = why, .text = "" };
	const char *id = why->rule != NULL ? why->rule : "";
	const char *reason = why->reason != NULL ? why->reason : "";
	bool is_given = strcmp(reason, "earned") == 0 ||
	                strcmp(reason, "settled") == 0;

	x.rule = rule_of(t->program, id);
	if (x.rule == NULL)
		return tell_join(t, id, ": ", reason);
	x.wallet = &t->program->wallets[x.rule->wallet];
	if (strcmp(reason, "taken") == 0 && x.rule->take_wallet != NONE)
		say_taken(&x);
	else if (why->per > 0)
		say_earned(&x);
	if (!is_given && strcmp(reason, "taken") != 0 && reason[0] != '\0')
		say_reason(&x);
	return tell(t, SAY_WHY, "rule",
	    tell_name(t, &x.rule->names, x.rule->id), "x",
	    tell(t, SAY_WHY_NUMBER, "x", given(&x, why->passed), "how", x.text,
	        NULL),
	    NULL);
}

const char *
reason_sentence(const char *word, const char *language)
{
	const struct language *l = language_find(language);
	enum reason reason;

	return l != NULL && reason_find(word, &reason)
	           ? language_reason(l, reason)
	           : NULL;
}

int
why_text(const struct why *why, const struct program *p, const char *language,
    struct buf *to, struct err *e)
{
	const struct language *l = language_find(language);
	struct arena arena;
	struct teller t;

	if (l == NULL)
		return language_refuse(language, e);
	arena_init(&arena);
	teller_init(&t, &arena, l, p);
	buf_puts(to, why_told(&t, why));
	teller_fini(&t);
	arena_fini(&arena);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Sentences about rules and multipliers. */
#include <string.h>

#include "core/ratio.h"
#include "wire/explain/internal.h"

enum {
	SHARE_PLACES = 6 /* most decimals of a percentage */
};

static const struct wallet *
wallet_of(const struct teller *t, const struct rule *r)
{
	return &t->program->wallets[r->wallet];
}

/* ---- when --------------------------------------------------------------- */

static const char *
trigger(struct teller *t, const void *thing)
{
	const struct rule *r = thing;

	switch (r->on) {
	case ON_ORDER:
		return tell(t, SAY_ON_ORDER, NULL);
	case ON_EVENT:
		return tell_event(t, r->event);
	case ON_BIRTHDAY:
		return strcmp(r->attribute, BIRTHDAY) == 0
		           ? tell(t, SAY_ON_BIRTHDAY, NULL)
		           : tell(t, SAY_ON_BIRTHDAY_OF, "name", r->attribute,
		                 NULL);
	case ON_TIER:
		return tell(t, SAY_ON_TIER, NULL);
	case ON_TIER_YEAR:
		return tell(t, SAY_ON_TIER_YEAR, NULL);
	case ON_MEMBERSHIP:
		return tell(t, SAY_ON_MEMBERSHIP, NULL);
	case ON_MEMBERSHIP_PERIOD:
		return tell(t, SAY_ON_MEMBERSHIP_PERIOD, NULL);
	case ON_MEMBERSHIP_MONTH:
		return tell(t, SAY_ON_MEMBERSHIP_MONTH, NULL);
	case ON_MONTH:
		return tell(t, SAY_ON_MONTH, NULL);
	case ON_QUARTER:
		return tell(t, SAY_ON_QUARTER, NULL);
	case ON_YEAR:
		return tell(t, SAY_ON_YEAR, NULL);
	case ON_DATE:
		return tell(t, SAY_ON_DATE, "date",
		    tell_day_of_year(t, r->month, r->day), NULL);
	case ON_BALANCE:
		return tell(t, SAY_ON_BALANCE, NULL);
	}
	return "";
}

/* ---- how much ----------------------------------------------------------- */

/* Says the rate of a rule that gives money for money, as a percentage; "" if
 * the percentage has more than six decimals. */
static const char *
share(struct teller *t, const struct rule *r, int64_t units, int64_t per)
{
	wide n = (wide)units * 100, d = per;

	if (r->take_wallet == NONE)
		d *= MILLI;
	for (int i = 0; i < SHARE_PLACES; i++)
		n *= 10;
	if (n % d != 0)
		return NULL;
	return tell(t, SAY_PERCENT, "x",
	    tell_decimal(t, ratio_floor(n, d), SHARE_PLACES), NULL);
}

const char *
tell_rate(struct teller *t, const struct rule *r, int64_t units, int64_t per)
{
	const struct wallet *w = wallet_of(t, r);
	const char *given = tell_units(t, w, units), *percent;

	switch (r->by) {
	case PER_EVENT:
		return given;
	case PER_ITEM:
		return tell(t, SAY_PER, "units", given, "x",
		    tell_each(t, per, FORMS_ITEM), NULL);
	case PER_COUNT:
		return tell(t, SAY_PER, "units", given, "x",
		    tell_each(t, per, FORMS_COUNT), NULL);
	case PER_MONEY:
		break;
	}
	if (w->unit == UNIT_MONEY &&
	    (percent = share(t, r, units, per)) != NULL)
		return percent;
	return tell(t, SAY_PER, "units", given, "x", tell_money(t, per), NULL);
}

static const char *
amount(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	const struct wallet *w = wallet_of(t, r);
	const char *s = tell_rate(t, r, r->units, r->per);

	if (r->by == PER_MONEY && w->unit == UNIT_MONEY)
		s = tell(t,
		    r->take_wallet == NONE ? SAY_PERCENT_OF_AMOUNT
		                           : SAY_PERCENT_OF_TAKEN,
		    "x", s, NULL);
	if (r->charity != NULL)
		return tell(
		    t, SAY_DONATED, "x", s, "charity", r->charity, NULL);
	if (w->unit == UNIT_MONEY)
		s = tell(
		    t, SAY_INTO, "x", s, "wallet", tell_wallet(t, w), NULL);
	return s;
}

static const char *
taken(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	const struct wallet *from;
	const char *s;

	if (r->take_wallet == NONE)
		return "";
	from = &t->program->wallets[r->take_wallet];
	s = tell(t, r->by == PER_MONEY ? SAY_TAKES_ALL : SAY_TAKES, "taken",
	    tell_units(t, from, r->take_each), "wallet", tell_wallet(t, from),
	    NULL);
	if (r->take_least != 0)
		s = tell_then(t, s,
		    tell(t, SAY_TAKES_LEAST, "x",
		        tell_units(t, from, r->take_least), NULL));
	if (r->take_closed)
		s = tell_then(t, s, tell(t, SAY_TAKES_CLOSED, NULL));
	return s;
}

static const char *
declared(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	const char *list = "";

	for (size_t i = 0; i < r->ndeclared; i++) {
		const struct declared *d = &r->declared[i];
		list = tell_join(t, list, ", ",
		    tell(t, SAY_DECLARED_YEAR, "year", tell_plain(t, d->year),
		        "rate", tell_rate(t, r, d->units, d->per), NULL));
	}
	return list[0] == '\0' ? "" : tell(t, SAY_DECLARED, "list", list, NULL);
}

static const char *
rounding_word(struct teller *t, const struct rule *r)
{
	static const enum piece pieces[] = {
		[ROUND_FLOOR] = SAY_FLOOR,
		[ROUND_NEAREST] = SAY_NEAREST,
		[ROUND_CEIL] = SAY_CEIL,
	};
	const char *s = tell(t, pieces[r->rounding], NULL);

	if (wallet_of(t, r)->unit == UNIT_MONEY)
		s = tell(t, SAY_TO_MILLI, "x", s, NULL);
	return s;
}

/* Says how a rule rounds.  A fixed amount with the default rounding needs no
 * sentence, since there is nothing to round. */
static const char *
rounding(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	const char *window = tell_window(t, r->over, r->on == ON_ORDER);

	if (r->over > WINDOW_ORDER)
		return tell(t, SAY_CARRIED, "window", window, "rounding",
		    rounding_word(t, r), NULL);
	if (r->by != PER_MONEY && r->rounding == ROUND_FLOOR &&
	    r->over == WINDOW_ORDER)
		return "";
	return tell(t, SAY_ROUNDED, "window", window, "rounding",
	    rounding_word(t, r), NULL);
}

static const char *
base(struct teller *t, const void *thing)
{
	const struct rule *r = thing;

	return tell_base(t, &t->program->bases[r->base]);
}

static const char *
limits(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	const char *s = "";

	for (size_t i = 0; i < r->nlimits; i++) {
		const struct limit *l = &r->limits[i];

		s = tell_then(t, s,
		    tell(t, l->of_program ? SAY_LIMIT_ALL : SAY_LIMIT, "units",
		        tell_units(t, wallet_of(t, r), l->most), "window",
		        tell_window(t, l->window, r->on == ON_ORDER), NULL));
	}
	return s;
}

static const char *
replaces(struct teller *t, const void *thing)
{
	const struct rule *r = thing;

	if (r->replaces.n == 0)
		return "";
	return tell(t, SAY_REPLACES, "list", tell_rules(t, &r->replaces), NULL);
}

/* ---- what becomes of the units ------------------------------------------ */

static const char *
pending(struct teller *t, const void *thing)
{
	const struct rule *r = thing;
	int64_t days = r->pending_days >= 0 ? r->pending_days
	                                    : t->program->pending_days;

	if (r->pending_from == FROM_FULFILLED)
		return days == 0 ? tell(t, SAY_PENDING_SENT, NULL)
		                 : tell(t, SAY_PENDING_SENT_DAYS, "period",
		                       tell_days(t, days), NULL);
	if (days == 0)
		return "";
	return tell(t, r->on == ON_ORDER ? SAY_PENDING_PAID : SAY_PENDING_LATER,
	    "period", tell_days(t, days), NULL);
}

static const char *
expiry(struct teller *t, const void *thing)
{
	const struct rule *r = thing;

	return r->has_expiry ? tell_expiry(t, &r->expires, NULL) : "";
}

static const char *
reversal(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[REVERSE_RESIDUAL] = SAY_RESIDUAL,
		[REVERSE_PROPORTIONAL] = SAY_PROPORTIONAL,
		[REVERSE_NONE] = SAY_KEPT,
	};
	const struct rule *r = thing;

	if (r->on != ON_ORDER && r->reversal == REVERSE_RESIDUAL)
		return "";
	return tell(t, pieces[r->reversal], NULL);
}

static const char *
wallet(struct teller *t, const void *thing)
{
	return wallet_of(t, thing)->id;
}

static const char *
rule_head(struct teller *t, const void *thing)
{
	const struct rule *r = thing;

	return tell(t, SAY_RULE, "name", tell_name(t, &r->names, r->id),
	    "trigger", trigger(t, r), "amount", amount(t, r), NULL);
}

static const struct aspect rule_aspects[] = {
	{ "", trigger, 0, ASPECT_HEAD },
	{ "", amount, 0, ASPECT_HEAD },
	{ "wallet", wallet, 0, ASPECT_INNER },
	{ "", taken, 0, ASPECT_LINE },
	{ "", declared, 0, ASPECT_LINE },
	{ "", tell_condition, offsetof(struct rule, when), ASPECT_LINE },
	{ "", base, 0, ASPECT_LINE },
	{ "", rounding, 0, ASPECT_LINE },
	{ "", limits, 0, ASPECT_LINE },
	{ "", replaces, 0, ASPECT_LINE },
	{ "", pending, 0, ASPECT_LINE },
	{ "", expiry, 0, ASPECT_LINE },
	{ "", reversal, 0, ASPECT_LINE },
	{ "names", tell_all_names, offsetof(struct rule, names), ASPECT_INNER },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_rules = {
	.noun = "rule",
	.heading = SAY_HEAD_RULES,
	.gone = "what it gave stays",
	.list = offsetof(struct program, rules),
	.n = offsetof(struct program, nrules),
	.size = sizeof(struct rule),
	.head = rule_head,
	.aspects = rule_aspects,
};

/* ---- multipliers -------------------------------------------------------- */

static const char *
factor(struct teller *t, const void *thing)
{
	const struct multiplier *m = thing;

	return tell_decimal(t, m->times, FACTOR_PLACES);
}

static const char *
multiplied(struct teller *t, const void *thing)
{
	const struct multiplier *m = thing;

	return m->rules.n > 0 ? tell_rules(t, &m->rules)
	                      : tell(t, SAY_ALL_RULES, NULL);
}

static const char *
stacking(struct teller *t, const void *thing)
{
	static const enum piece pieces[] = {
		[STACK_BEST] = SAY_STACK_BEST,
		[STACK_ADD] = SAY_STACK_ADD,
		[STACK_MULTIPLY] = SAY_STACK_MULTIPLY,
		[STACK_REPLACE] = SAY_STACK_REPLACE,
	};

	return tell(t, pieces[((const struct multiplier *)thing)->stack], NULL);
}

static const char *
multiplier_head(struct teller *t, const void *thing)
{
	const struct multiplier *m = thing;

	return tell(t, SAY_MULTIPLIER, "name", m->id, "times", factor(t, m),
	    "rules", multiplied(t, m), NULL);
}

static const struct aspect multiplier_aspects[] = {
	{ "\u00d7", factor, 0, ASPECT_HEAD },
	{ "for", multiplied, 0, ASPECT_HEAD },
	{ "", tell_condition, offsetof(struct multiplier, when), ASPECT_LINE },
	{ "", tell_filter, offsetof(struct multiplier, lines), ASPECT_LINE },
	{ "", stacking, 0, ASPECT_LINE },
	{ NULL, NULL, 0, ASPECT_INNER },
};

const struct kind explain_multipliers = {
	.noun = "multiplier",
	.heading = SAY_HEAD_MULTIPLIERS,
	.gone = "what it gave stays",
	.list = offsetof(struct program, multipliers),
	.n = offsetof(struct program, nmultipliers),
	.size = sizeof(struct multiplier),
	.head = multiplier_head,
	.aspects = multiplier_aspects,
};

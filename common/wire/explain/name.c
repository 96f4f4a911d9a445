/* SPDX-License-Identifier: MIT */
/* The names that a program gives to wallets, rules, tiers and so on. */
#include <string.h>

#include "wire/explain/say.h"

static const struct name *
name_in(const struct names *names, const char *language)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i].language, language) == 0)
			return &names->list[i];
	return NULL;
}

static const struct name *
name_of(const struct teller *t, const struct names *names)
{
	const struct name *n = name_in(names, t->language->code);

	return n != NULL ? n : name_in(names, "en");
}

const char *
tell_name(struct teller *t, const struct names *names, const char *id)
{
	const struct name *n = name_of(t, names);

	return n != NULL && !t->by_id ? n->other : id;
}

const char *
tell_wallet(struct teller *t, const struct wallet *w)
{
	const struct name *n = name_of(t, &w->names);

	if (n == NULL || t->by_id)
		return w->id;
	/* In Czech, `other` is a genitive, and `few` is the plural. */
	return n->few != NULL ? n->few : n->other;
}

const char *
tell_all_names(struct teller *t, const void *field)
{
	const struct names *names = field;

	for (size_t i = 0; i < names->n; i++) {
		const struct name *n = &names->list[i];
		const char *const forms[] = { n->one, n->few, n->many,
			n->other };
		const char *between = " ";

		buf_printf(&t->scratch, "%s%s", i > 0 ? ", " : "", n->language);
		for (size_t j = 0; j < NITEMS(forms); j++) {
			if (forms[j] == NULL)
				continue;
			buf_printf(&t->scratch, "%s%s", between, forms[j]);
			between = "/";
		}
	}
	return teller_told(t);
}

static const char *
tell_quoted(struct teller *t, const char *s)
{
	return tell(t, SAY_QUOTED, "x", s, NULL);
}

const char *
tell_noun(struct teller *t, const struct wallet *w, int64_t n, bool fraction)
{
	const struct name *name = name_in(&w->names, t->language->code);
	const struct language *l = t->language;

	if (name == NULL && w->unit == UNIT_POINTS &&
	    strcmp(w->id, "points") == 0)
		return language_form(
		    l, language_forms(l, FORMS_POINT), n, fraction);
	if (name == NULL && (name = name_in(&w->names, "en")) != NULL)
		l = language_find("en");
	if (name != NULL) {
		const char *const forms[PLURALS] = { name->one, name->few,
			name->many, name->other };

		return language_form(l, forms, n, fraction);
	}
	if (w->unit == UNIT_VOUCHERS)
		return tell_join(t,
		    language_form(
		        l, language_forms(l, FORMS_VOUCHER), n, fraction),
		    " ", tell_quoted(t, w->id));
	return w->id;
}

/* Lists the names of the words; with SAY_OR as `last`: "a, b or c". */
static const char *
list_of(struct teller *t, const struct words *w, enum piece last,
    const char *(*name)(struct teller *, const char *))
{
	const char *s = "";

	for (size_t i = 0; i < w->n; i++)
		s = tell_join(t, s,
		    i + 1 < w->n ? ", " : language_piece(t->language, last),
		    name(t, w->list[i]));
	return s;
}

static const char *
as_it_is(struct teller *, const char *s)
{
	return s;
}

static const char *
level_name(struct teller *t, const char *id)
{
	size_t i = program_level(t->program, id);

	return i == NONE ? id
	                 : tell_name(t, &t->program->tiers.levels[i].names, id);
}

static const char *
membership_name(struct teller *t, const char *id)
{
	size_t i = program_membership(t->program, id);

	return i == NONE ? id
	                 : tell_name(t, &t->program->memberships[i].names, id);
}

static const char *
rule_name(struct teller *t, const char *id)
{
	size_t i = program_rule(t->program, id);

	return i == NONE ? id : tell_name(t, &t->program->rules[i].names, id);
}

const char *
tell_words(struct teller *t, const struct words *w)
{
	return list_of(t, w, SAY_OR, as_it_is);
}

const char *
tell_levels(struct teller *t, const struct words *w)
{
	return list_of(t, w, SAY_OR, level_name);
}

const char *
tell_memberships(struct teller *t, const struct words *w)
{
	return list_of(t, w, SAY_OR, membership_name);
}

const char *
tell_rules(struct teller *t, const struct words *w)
{
	return list_of(t, w, SAY_AND, rule_name);
}

const char *
tell_event(struct teller *t, const char *type)
{
	static const struct {
		const char *type;
		enum piece piece;
	} known[] = {
		{ "enrolment", SAY_EVENT_ENROLMENT },
		{ "newsletter", SAY_EVENT_NEWSLETTER },
		{ "review", SAY_EVENT_REVIEW },
		{ "social", SAY_EVENT_SOCIAL },
		{ "referral", SAY_EVENT_REFERRAL },
		{ "referred", SAY_EVENT_REFERRED },
		{ "survey", SAY_EVENT_SURVEY },
		{ "activity", SAY_EVENT_ACTIVITY },
		{ "trade_in", SAY_EVENT_TRADE_IN },
		{ "purchase_elsewhere", SAY_EVENT_PURCHASE_ELSEWHERE },
		{ "prescription", SAY_EVENT_PRESCRIPTION },
		{ "card_opened", SAY_EVENT_CARD_OPENED },
		{ "membership_payment", SAY_EVENT_MEMBERSHIP_PAYMENT },
	};

	for (size_t i = 0; i < NITEMS(known); i++)
		if (strcmp(known[i].type, type) == 0)
			return tell(t, known[i].piece, NULL);
	return tell_quoted(t, type);
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/cc.h"
#include "base/log.h"
#include "wire/explain/internal.h"

/* ---- languages -------------------------------------------------------------- */

static enum plural
plural_one_other(int64_t whole, bool has_fraction)
{
	return whole == 1 && !has_fraction ? PLURAL_ONE : PLURAL_OTHER;
}

static enum plural
plural_cs(int64_t whole, bool has_fraction)
{
	if (has_fraction)
		return PLURAL_MANY;
	if (whole == 1)
		return PLURAL_ONE;
	return whole >= 2 && whole <= 4 ? PLURAL_FEW : PLURAL_OTHER;
}

static const struct language languages[] = {
	{
	    .code = "en",
	    .plural = plural_one_other,
	    .pieces = {
#define PIECE(name, en, de, cs) [SAY_##name] = (en),
#define FORMS(...)
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	    .forms = {
#define PIECE(...)
#define FORMS(name, en1, en2, de1, de2, cs1, cs2, cs3, cs4) \
	[FORMS_##name] = { (en1), NULL, NULL, (en2) },
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	},
	{
	    .code = "de",
	    .plural = plural_one_other,
	    .pieces = {
#define PIECE(name, en, de, cs) [SAY_##name] = (de),
#define FORMS(...)
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	    .forms = {
#define PIECE(...)
#define FORMS(name, en1, en2, de1, de2, cs1, cs2, cs3, cs4) \
	[FORMS_##name] = { (de1), NULL, NULL, (de2) },
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	},
	{
	    .code = "cs",
	    .plural = plural_cs,
	    .pieces = {
#define PIECE(name, en, de, cs) [SAY_##name] = (cs),
#define FORMS(...)
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	    .forms = {
#define PIECE(...)
#define FORMS(name, en1, en2, de1, de2, cs1, cs2, cs3, cs4) \
	[FORMS_##name] = { (cs1), (cs2), (cs3), (cs4) },
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	    },
	},
};

const struct language *
language_find(const char *code)
{
	for (size_t i = 0; i < NITEMS(languages); i++)
		if (strcmp(languages[i].code, code) == 0)
			return &languages[i];
	return NULL;
}

/* ---- sentences --------------------------------------------------------------- */

void
teller_init(struct teller *t, struct arena *a, const struct language *l,
    const struct program *p)
{
	*t = (struct teller){ .arena = a, .language = l, .program = p };
	buf_init(&t->scratch, TELL_MAX);
}

void
teller_fini(struct teller *t)
{
	buf_fini(&t->scratch);
}

/* What is in the scratch buffer, to keep. */
const char *
teller_told(struct teller *t)
{
	const char *s;

	if (buf_is_full(&t->scratch))
		die("explain: a sentence of more than %d bytes", TELL_MAX);
	s = arena_memdup(t->arena, t->scratch.data, t->scratch.len);
	buf_reset(&t->scratch);
	return s;
}

static const char *
slot_value(const char *name, size_t len, va_list pairs)
{
	const char *key;

	while ((key = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		if (strlen(key) == len && memcmp(key, name, len) == 0)
			return value;
	}
	die("explain: nothing for the slot {%.*s}", (int)len, name);
}

const char *
tell(struct teller *t, enum piece piece, ...)
{
	const char *s = t->language->pieces[piece];
	va_list pairs, copy;
	size_t n;

	va_start(pairs, piece);
	for (; *s != '\0'; s++) {
		n = strcspn(s, "{");
		buf_add(&t->scratch, s, n);
		s += n;
		if (*s == '\0')
			break;
		n = strcspn(s, "}");
		va_copy(copy, pairs);
		buf_puts(&t->scratch, slot_value(s + 1, n - 1, copy));
		va_end(copy);
		s += n;
	}
	va_end(pairs);
	return teller_told(t);
}

const char *
tell_all(struct teller *t, ...)
{
	const char *s;
	va_list texts;

	va_start(texts, t);
	while ((s = va_arg(texts, const char *)) != NULL)
		buf_puts(&t->scratch, s);
	va_end(texts);
	return teller_told(t);
}

const char *
tell_join(struct teller *t, const char *a, const char *between, const char *b)
{
	if (a[0] == '\0')
		return b;
	if (b[0] == '\0')
		return a;
	return tell_all(t, a, between, b, NULL);
}

const char *
tell_then(struct teller *t, const char *a, const char *b)
{
	return tell_join(t, a, " ", b);
}

/* ---- names ----------------------------------------------------------------------- */

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
	/* In Czech `other` is a genitive; `few` is the plural. */
	return n->few != NULL ? n->few : n->other;
}

const char *
tell_all_names(struct teller *t, const struct names *names)
{
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
tell_form(const struct language *l, const char *const forms[PLURALS], int64_t n,
    bool has_fraction)
{
	enum plural p = l->plural(n < 0 ? -n : n, has_fraction);

	return forms[p] != NULL ? forms[p] : forms[PLURAL_OTHER];
}

const char *
tell_noun(struct teller *t, const struct wallet *w, int64_t n, bool fraction)
{
	const struct name *name = name_in(&w->names, t->language->code);
	const struct language *l = t->language;

	if (name == NULL && w->unit == UNIT_POINTS &&
	    strcmp(w->id, "points") == 0)
		return tell_form(l, l->forms[FORMS_POINT], n, fraction);
	if (name == NULL && (name = name_in(&w->names, "en")) != NULL)
		l = language_find("en");
	if (name != NULL) {
		const char *const forms[PLURALS] = { name->one, name->few,
			name->many, name->other };

		return tell_form(l, forms, n, fraction);
	}
	if (w->unit == UNIT_VOUCHERS)
		return tell_join(t,
		    tell_form(l, l->forms[FORMS_VOUCHER], n, fraction), " ",
		    tell_quoted(t, w->id));
	return w->id;
}

const char *
tell_units(struct teller *t, const struct wallet *w, int64_t units)
{
	if (w->unit == UNIT_MONEY)
		return tell_milli(t, units);
	return tell(t, SAY_COUNTED, "n", tell_number(t, units), "x",
	    tell_noun(t, w, units, false), NULL);
}

/* a, b or c, each by `name`. */
static const char *
list_of(struct teller *t, const struct words *w, enum piece last,
    const char *(*name)(struct teller *, const char *))
{
	const char *s = "";

	for (size_t i = 0; i < w->n; i++)
		s = tell_join(t, s,
		    i + 1 < w->n ? ", " : t->language->pieces[last],
		    name(t, w->list[i]));
	return s;
}

static const char *
as_it_is(struct teller *t, const char *s)
{
	(void)t;
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

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/explain/language.h"

/* ---- the tables, a column for each language ----------------------------- */

static const char *const pieces[PIECES][LANGUAGES] = {
#define PIECE(name, ...) [SAY_##name] = { __VA_ARGS__ },
#include "wire/explain/explain.def"
};

static const char *const forms[FORMS_KINDS][LANGUAGES][PLURALS] = {
#define FORMS(name, en1, en2, de1, de2, cs1, cs2, cs3, cs4) \
	[FORMS_##name] = {                                  \
		{ en1, NULL, NULL, en2 },                   \
		{ de1, NULL, NULL, de2 },                   \
		{ cs1, cs2, cs3, cs4 },                     \
	},
#include "wire/explain/explain.def"
};

static const char *const reasons[REASONS][LANGUAGES] = {
#define REASON(name, word, use, ...)    [REASON_##name] = { __VA_ARGS__ },
#define UNREADABLE(field, word, ...)    [REASON_UNKNOWN_##field] = { __VA_ARGS__ },
#define CONDITION(test, word, not, ...) [REASON_IF_##test] = { __VA_ARGS__ },
#include "core/reason.def"
};

/* ---- the languages ------------------------------------------------------ */

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

static const struct language languages[LANGUAGES] = {
	{ "en", plural_one_other },
	{ "de", plural_one_other },
	{ "cs", plural_cs },
};

const struct language *
language_find(const char *code)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (strcmp(languages[i].code, code) == 0)
			return &languages[i];
	return NULL;
}

int
language_refuse(const char *code, struct err *e)
{
	return err_set(e, FAULT_REJECT,
	    "there is no language \"%.16s\": en, de or cs", code);
}

const char *
language_piece(const struct language *l, enum piece piece)
{
	return pieces[piece][l - languages];
}

const char *
language_reason(const struct language *l, enum reason reason)
{
	return reasons[reason][l - languages];
}

const char *const *
language_forms(const struct language *l, enum forms noun)
{
	return forms[noun][l - languages];
}

const char *
language_form(const struct language *l, const char *const of[PLURALS],
    int64_t n, bool has_fraction)
{
	enum plural p = l->plural(n < 0 ? -n : n, has_fraction);

	return of[p] != NULL ? of[p] : of[PLURAL_OTHER];
}

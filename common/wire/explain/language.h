/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "core/reason.h"

/*
 * language: the languages of explanations, with the tables of their texts:
 * pieces of sentences and nouns (explain.def), and reasons (core/reason.def).
 * Every text is static.
 */

enum piece {
#define PIECE(name, ...) SAY_##name,
#include "wire/explain/explain.def"
	PIECES,
};

enum forms {
#define FORMS(name, ...) FORMS_##name,
#include "wire/explain/explain.def"
	FORMS_KINDS,
};

/* CLDR's plural categories.  A language has no forms for categories that it
 * does not need. */
enum plural {
	PLURAL_ONE = 0,
	PLURAL_FEW,
	PLURAL_MANY,
	PLURAL_OTHER,
	PLURALS,
};

enum {
	LANGUAGES = 3 /* columns of the tables: en, de, cs */
};

struct language {
	const char *code;
	enum plural (*plural)(int64_t whole, bool has_fraction);
};

/* Finds the language with this code; NULL if there is none. */
const struct language *language_find(const char *code);
/* Sets the error that no language has this code.  Returns -1. */
int language_refuse(const char *code, struct err *);

const char *language_piece(const struct language *, enum piece);
const char *language_reason(const struct language *, enum reason);
/* Returns the forms of a noun, by enum plural; NULL for a form that the
 * language lacks. */
const char *const *language_forms(const struct language *, enum forms);
/* Returns the form of a noun after the number n; has_fraction: after a number
 * with decimals whose whole part is n. */
const char *language_form(const struct language *,
    const char *const forms[PLURALS], int64_t n, bool has_fraction);

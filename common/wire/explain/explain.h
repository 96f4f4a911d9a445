/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "core/fold/fold.h"
#include "core/program.h"

/*
 * explain: writes a program, or the reason for an amount in the ledger, as
 * sentences for customers.
 *
 * Every sentence is made from the parsed program, so that the terms which
 * customers read cannot differ from what the engine does.  The words are in
 * tables with a column for each language (explain.def).  The code in this
 * folder fills in the words, chooses plural forms by CLDR's categories, and
 * formats amounts as the language does.
 */

enum {
	/* Bytes of the explanation of one program, which may have 256 rules
	 * that each name 256 other rules. */
	EXPLAIN_MAX = 32 * 1024 * 1024
};

/* The codes of the supported languages, "en" first; NULL ends the list. */
extern const char *const explain_languages[];

/* Explains a whole program: paragraphs with a heading each, one sentence per
 * line.  REJECT if the language is not supported. */
int program_explain(const struct program *, const char *language, struct buf *,
    struct err *) MUST_CHECK;

/* Explains one ledger entry in one line, without a line feed: the rule and the
 * arithmetic that give exactly this amount, or why nothing was given.  The
 * program must be the version by which the entry was made.  REJECT if the
 * language is not supported. */
int why_text(const struct why *, const struct program *, const char *language,
    struct buf *, struct err *) MUST_CHECK;

/* Returns the sentence for a reason (core/reason.h), without capital or full
 * stop: "the limit is reached".  NULL if the word is the merchant's own,
 * or if the language is not supported. */
const char *reason_sentence(const char *word, const char *language);

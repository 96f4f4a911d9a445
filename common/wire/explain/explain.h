/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_EXPLAIN_H
#define WIRE_EXPLAIN_EXPLAIN_H

#include "base/buf.h"
#include "base/err.h"
#include "core/fold/fold.h"
#include "core/program.h"

/*
 * explain: writes a program, or the reason for an amount in the ledger, as
 * sentences for customers.
 *
 * Everything is made from the parsed program, so that the terms and the
 * engine cannot disagree.  The words are tables with a column for each
 * language (explain.def); the code here only fills them in
 * and chooses plural forms by CLDR's categories.  Amounts are written as the
 * language writes them.
 */

enum {
	/* Bytes of a program's sentences: 256 rules, each of which may name
	 * 256 others. */
	EXPLAIN_MAX = 32 * 1024 * 1024
};

/* The codes of the languages there are, "en" first; NULL ends the list. */
extern const char *const explain_languages[];

/* Writes paragraphs with a heading each, one sentence per line.  REJECT if
 * there is no such language. */
int program_explain(const struct program *, const char *language, struct buf *,
    struct err *) MUST_CHECK;

/* Writes one line, without a line feed: the rule and the arithmetic that give
 * exactly this number, or why nothing was given.  The program is the one by
 * which the entry was made.  REJECT if there is no such language. */
int why_text(const struct why *, const struct program *, const char *language,
    struct buf *, struct err *) MUST_CHECK;

/* Returns the sentence of a reason (core/reason.h), without capital or full
 * stop: "the limit is reached".  NULL if the word is a program's own, or if
 * there is no such language. */
const char *reason_sentence(const char *word, const char *language);

#endif /* WIRE_EXPLAIN_EXPLAIN_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "core/fold/fold.h"
#include "core/profile.h"

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
	EXPLAIN_MAX = 32 * 1024 * 1024,
	EXPLAIN_LANGUAGES_MAX = 8, /* more than are supported */
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

/* The texts that a page prints of a member.  A text is "" where there is nothing
 * to say. */
struct member_texts {
	const char *balance;   /* "350 points" */
	const char *pending;   /* "20 points from 3 December 2026" */
	const char *expiring;  /* "100 points until 31 December 2026" */
	const char *tier;      /* "Silver" */
	const char *next_tier; /* "30 points more to Gold" */
};
/* Writes the texts, in the arena, in a language that is supported. */
void member_tell(struct arena *, const struct profile *, int64_t available,
    const struct program *, const char *language, struct member_texts *);
/* Lists the supported languages in which a program names its wallets, tiers and
 * memberships, the first one first; "en" if there is none.  Returns how many they
 * are, at most LANGUAGES. */
size_t program_languages(
    const struct program *, const char *out[EXPLAIN_LANGUAGES_MAX]);

/* Returns the sentence for a reason (core/reason.h), without capital or full
 * stop: "the limit is reached".  NULL if the word is the merchant's own,
 * or if the language is not supported. */
const char *reason_sentence(const char *word, const char *language);

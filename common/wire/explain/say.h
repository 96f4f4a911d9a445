/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_SAY_H
#define WIRE_EXPLAIN_SAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/program.h"
#include "core/ratio.h"
#include "wire/explain/language.h"

/*
 * say: pieces of sentences, numbers and names, in one language, for one
 * program.
 *
 * A function that says something returns a text that is the arena's, "" if
 * there is nothing to say.  Sentences begin with a capital and end with a full
 * stop; everything else is a part of a sentence.
 */

struct teller {
	struct arena *arena;
	const struct language *language;
	const struct program *program;
	/* For the merchant, not for customers: things by their ids, and
	 * conditions with what is said when they fail. */
	bool by_id;
	struct buf scratch; /* teller_fini() it */
};

enum {
	TELL_MAX = 8 * 1024 * 1024 /* bytes of one sentence: a file is less */
};

void teller_init(struct teller *, struct arena *, const struct language *,
    const struct program *);
void teller_fini(struct teller *);

/* A piece, its slots filled: pairs of a slot's name and a text; NULL ends
 * them. */
const char *tell(struct teller *, enum piece, ...) __attribute__((sentinel));
/* Texts one behind the other; NULL ends them. */
const char *tell_all(struct teller *, ...) __attribute__((sentinel));
/* a, what comes between, b; or the one that is not empty. */
const char *tell_join(
    struct teller *, const char *a, const char *between, const char *b);
/* Sentences with a blank between them. */
const char *tell_then(struct teller *, const char *a, const char *b);

/* What is in the scratch buffer, to keep. */
const char *teller_told(struct teller *);

/* ---- numbers -------------------------------------------------------------- */

const char *tell_number(struct teller *, int64_t);
const char *tell_plain(struct teller *, int); /* without grouping: a year */
/* n / 10^places, without zeros at the end. */
const char *tell_decimal(struct teller *, int64_t n, int places);
const char *tell_count(struct teller *, int64_t n, enum forms);
/* What comes behind "per": the noun alone for one. */
const char *tell_each(struct teller *, int64_t n, enum forms);
const char *tell_money(struct teller *, int64_t minor);
const char *tell_money_in(struct teller *, const char *code, int64_t minor);
/* A rate of exchange, as the file says it, in a sentence. */
const char *tell_exchange(struct teller *, const char *rate);
/* Thousandths of the minor unit, as far as there are any. */
const char *tell_milli(struct teller *, int64_t milli);
/* x 100 */
const char *tell_percent(struct teller *, int64_t);
const char *tell_period(struct teller *, struct period);
const char *tell_days(struct teller *, int64_t days);
/* The local day an instant is in. */
const char *tell_date(struct teller *, int64_t at);
const char *tell_day_of_year(struct teller *, int month, int day);
/* "5 points", "$3.20", "2 vouchers" */
const char *tell_units(struct teller *, const struct wallet *, int64_t units);
/* n / d units, to six decimals; "..." if there are more. */
const char *tell_fraction(
    struct teller *, const struct wallet *, wide n, wide d);

/* ---- names ------------------------------------------------------------------ */

/* A thing's name in this language, or in English, or its id. */
const char *tell_name(struct teller *, const struct names *, const char *id);
const char *tell_wallet(struct teller *, const struct wallet *);
/* What a wallet's units are called, by n of them. */
const char *tell_noun(
    struct teller *, const struct wallet *, int64_t n, bool has_fraction);
/* All of them: "en point/points, cs bod/body/bodu/bodů". */
const char *tell_all_names(struct teller *, const struct names *);
/* The ids of tiers, memberships or rules, by their names. */
const char *tell_levels(struct teller *, const struct words *);
const char *tell_memberships(struct teller *, const struct words *);
const char *tell_rules(struct teller *, const struct words *);
/* a, b or c */
const char *tell_words(struct teller *, const struct words *);
/* "a review", or the type in quotation marks. */
const char *tell_event(struct teller *, const char *type);

#endif /* WIRE_EXPLAIN_SAY_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "core/program.h"
#include "core/ratio.h"
#include "wire/explain/language.h"

/*
 * say: writes pieces of sentences, numbers and names, in one language, for one
 * program.
 *
 * The functions return texts in the arena; "" if there is nothing to say.
 * Sentences begin with a capital and end with a full stop; any other text is a
 * part of a sentence.
 */

struct teller {
	struct arena *arena;
	const struct language *language;
	const struct program *program;
	/* The text is for the merchant, not for customers.  A merchant's text
	 * has ids in place of names, and shows for each test the reason that
	 * customers read if the test fails (test.otherwise). */
	bool by_id;
	struct buf scratch; /* freed by teller_fini() */
};

enum {
	/* Bytes of one sentence: more than the largest program file has. */
	TELL_MAX = 8 * 1024 * 1024
};

void teller_init(struct teller *, struct arena *, const struct language *,
    const struct program *);
void teller_fini(struct teller *);

/* Returns a piece with its slots filled.  The arguments are pairs of a slot's
 * name and its text; NULL ends them. */
const char *tell(struct teller *, enum piece, ...) __attribute__((sentinel));
/* Joins the texts without anything between them; NULL ends the list. */
const char *tell_all(struct teller *, ...) __attribute__((sentinel));
/* Joins a and b with a text between them; if one is empty, the other is the
 * result. */
const char *tell_join(
    struct teller *, const char *a, const char *between, const char *b);
/* Joins sentences with a blank. */
const char *tell_then(struct teller *, const char *a, const char *b);

/* Takes the text out of the scratch buffer. */
const char *teller_told(struct teller *);

/* ---- numbers ------------------------------------------------------------ */

const char *tell_number(struct teller *, int64_t);
/* Says a number without groups of digits, as a year is written. */
const char *tell_plain(struct teller *, int);
/* Writes n / 10^places, without zeros at the end. */
const char *tell_decimal(struct teller *, int64_t n, int places);
const char *tell_count(struct teller *, int64_t n, enum forms);
/* Says a count that follows "per": for 1, only the noun, as in "per point". */
const char *tell_each(struct teller *, int64_t n, enum forms);
const char *tell_money(struct teller *, int64_t minor);
const char *tell_money_in(struct teller *, const char *code, int64_t minor);
/* Says a rate of exchange as an amount of money.  The rate is given as the
 * program's file has it. */
const char *tell_exchange(struct teller *, const char *rate);
/* Says money that is in thousandths of the minor unit; decimals beyond the
 * currency's are only written if they are not zero. */
const char *tell_milli(struct teller *, int64_t milli);
/* Says a percentage that is in hundredths: 250 is "2.5%". */
const char *tell_percent(struct teller *, int64_t);
const char *tell_period(struct teller *, struct period);
const char *tell_period_of(struct teller *, const void *period);
const char *tell_days(struct teller *, int64_t days);
/* Says the day of an instant in the program's time zone. */
const char *tell_date(struct teller *, int64_t at);
const char *tell_day_of_year(struct teller *, int month, int day);
/* Says units of a wallet: "5 points", "$3.20", "2 vouchers". */
const char *tell_units(struct teller *, const struct wallet *, int64_t units);
/* Says n / d units, with six decimals at most; "..." replaces further
 * decimals. */
const char *tell_fraction(
    struct teller *, const struct wallet *, wide n, wide d);

/* ---- names -------------------------------------------------------------- */

/* Says a thing's name in this language, else its English name, else its id. */
const char *tell_name(struct teller *, const struct names *, const char *id);
const char *tell_wallet(struct teller *, const struct wallet *);
/* Says the name of a wallet's units, in the form that goes with n. */
const char *tell_noun(
    struct teller *, const struct wallet *, int64_t n, bool has_fraction);
/* Says names in all languages: "en point/points, cs bod/body/bodu/bodů". */
const char *tell_all_names(struct teller *, const void *names);
/* Lists the names of the tiers, memberships or rules with these ids. */
const char *tell_levels(struct teller *, const struct words *);
const char *tell_memberships(struct teller *, const struct words *);
const char *tell_rules(struct teller *, const struct words *);
/* Lists words as they are: "a, b or c". */
const char *tell_words(struct teller *, const struct words *);
/* Says an event's type in words: "a review".  An unknown type is written in
 * quotation marks. */
const char *tell_event(struct teller *, const char *type);

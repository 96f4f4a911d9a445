/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_INTERNAL_H
#define WIRE_EXPLAIN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/program.h"
#include "core/ratio.h"

/*
 * explain_say: the words of explain, program_diff and why_text, in one
 * language, for one program.
 *
 * What says something returns a text that is the arena's, "" if there is
 * nothing to say.  Sentences begin with a capital and end with a full stop;
 * everything else is a part of one.
 */

enum piece {
#define PIECE(name, ...) SAY_##name,
#define FORMS(...)
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	PIECES,
};

enum forms {
#define PIECE(...)
#define FORMS(name, ...) FORMS_##name,
#include "wire/explain/explain.def"
#undef PIECE
#undef FORMS
	FORMS_KINDS,
};

/* CLDR's categories; a language has those it needs. */
enum plural {
	PLURAL_ONE = 0,
	PLURAL_FEW,
	PLURAL_MANY,
	PLURAL_OTHER,
	PLURALS,
};

struct language {
	const char *code;
	enum plural (*plural)(int64_t whole, bool has_fraction);
	const char *pieces[PIECES];
	const char *forms[FORMS_KINDS][PLURALS];
};

/* NULL for one there is not. */
const struct language *language_find(const char *code);
/* Says so; -1. */
int explain_refuse(const char *language, struct err *);

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

/* The form of a noun that goes with n. */
const char *tell_form(const struct language *, const char *const forms[PLURALS],
    int64_t n, bool has_fraction);
/* What a wallet's units are called, by n of them. */
const char *tell_noun(
    struct teller *, const struct wallet *, int64_t n, bool has_fraction);

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

/* ---- names ------------------------------------------------------------------ */

/* A thing's name in this language, or in English, or its id. */
const char *tell_name(struct teller *, const struct names *, const char *id);
/* "5 points", "$3.20", "2 vouchers" */
const char *tell_units(struct teller *, const struct wallet *, int64_t units);
/* n / d units, to six decimals; "..." if there are more. */
const char *tell_fraction(
    struct teller *, const struct wallet *, wide n, wide d);
const char *tell_wallet(struct teller *, const struct wallet *);
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

/* ---- what aspects are made of (when.c) ------------------------------- */

/* What the order or member is called to be, as sentences. */
const char *tell_condition(struct teller *, const struct condition *);
const char *tell_filter(struct teller *, const struct filter *);
/* As tell_filter(), for the lines that pay for a membership. */
const char *tell_fee(struct teller *, const struct filter *);
const char *tell_base(struct teller *, const struct base *);
/* When it is gone, "" if never; `w` says what activity is, if not NULL. */
const char *tell_expiry(
    struct teller *, const struct expiry *, const struct wallet *);
/* "per order"; on something else than an order: "each time". */
const char *tell_window(struct teller *, enum window, bool of_order);

/* ---- aspects ------------------------------------------------------------------ */

/* One thing that a program says of something. */
struct aspect {
	const char *name; /* for program_diff: "limit" */
	const char *(*say)(struct teller *, const void *);
	enum {
		ASPECT_LINE = 1, /* explain says it, after the head */
		ASPECT_HEAD,     /* part of the head */
		ASPECT_INNER,    /* the merchant's affair: only in a diff */
	} where;
};

/* A kind of things, each of which begins with its id: the rules, the
 * rewards ... */
struct kind {
	const char *noun; /* "rule" */
	enum piece heading;
	const char *gone; /* what becomes of it if one is taken out */
	const void *(*list)(const struct program *, size_t *n);
	size_t size;                                        /* of one */
	const char *(*head)(struct teller *, const void *); /* a sentence */
	const struct aspect *aspects; /* without say: the last */
};

/* In the order they are told; NULL is the last. */
extern const struct kind *const explain_kinds[];

extern const struct kind explain_wallets, explain_rules, explain_multipliers;
extern const struct kind explain_levels, explain_memberships;
extern const struct kind explain_rewards, explain_benefits, explain_consents;

/* Of the tiers together, and of the program itself. */
extern const struct aspect explain_tiers[];
extern const struct aspect explain_terms[];

const char *thing_id(const void *);
/* All that is told of it, in one line. */
const char *tell_thing(struct teller *, const struct kind *, const void *);

/* The rate of a rule: "1 point per $1.00", "2% of the amount". */
const char *tell_rate(
    struct teller *, const struct rule *, int64_t units, int64_t per);

#endif /* WIRE_EXPLAIN_INTERNAL_H */

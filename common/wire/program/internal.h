/* SPDX-License-Identifier: MIT */
#ifndef WIRE_PROGRAM_INTERNAL_H
#define WIRE_PROGRAM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "base/err.h"
#include "core/program.h"
#include "wire/node.h"
#include "wire/program/program.h"

/*
 * program_parts: what the files that read a program file share.
 *
 * The file is read twice: first the ids of everything that is referred to,
 * so that its keys may stand in any order, then all of it.  Failures are
 * REJECT, with the place (wire/node.h).  A function named after a key reads
 * the member of `up` of that name and leaves its output, then the default,
 * as it is if there is none.
 */

/* A program in the making; all it points to is the arena's. */
struct draft {
	struct arena *arena;
	struct program p;
	/* The lists of p, while they are written. */
	struct base *bases; /* has room for one per rule, and the tiers' */
	struct wallet *wallets;
	struct rule *rules;
	struct multiplier *multipliers;
	struct membership *memberships;
	struct reward *rewards;
	struct benefit *benefits;
	struct consent *consents;
	size_t charity; /* the wallet of what is owed to them; or NONE */
	/* The file is a version that was published (wire/program/program.h).
	 * Only without this flag are words refused that were not always. */
	bool kept;
};

/* The wallet that donations are counted in; no file may have one of this
 * name. */
#define CHARITY_WALLET "charity"

extern const int64_t money_bounds[2]; /* above nothing */
extern const int64_t days_bounds[2];

/* ---- value.c: what every part is made of ------------------- */

/* What an id may refer to. */
enum ref {
	REF_WALLET = 1,
	REF_RULE,
	REF_LEVEL,
	REF_MEMBERSHIP,
	REF_CHARITY,
	REF_CONSENT,
};

int read_ref(struct draft *, const struct node *up, const char *key, enum ref,
    size_t *, struct err *) MUST_CHECK;
int read_refs(struct draft *, const struct node *up, const char *key, enum ref,
    struct words *, struct err *) MUST_CHECK;

/* The ids of a list of objects, or of the keys of an object: different ones,
 * 1 to `most`. */
int read_ids(struct draft *, const struct node *, size_t most, struct words *,
    struct err *) MUST_CHECK;

int text_of(struct draft *, const struct node *, const char **,
    struct err *) MUST_CHECK;
int draft_text(struct draft *, const struct node *up, const char *key,
    const char **, struct err *) MUST_CHECK;
int words_of(struct draft *, const struct node *, struct words *,
    struct err *) MUST_CHECK;
int read_words(struct draft *, const struct node *up, const char *key,
    struct words *, struct err *) MUST_CHECK;
int read_names(struct draft *, const struct node *up, struct names *,
    struct err *) MUST_CHECK;

int money_of(const struct draft *, const struct node *, const int64_t bounds[2],
    int64_t *, struct err *) MUST_CHECK;
int read_minor(const struct draft *, const struct node *up, const char *key,
    int64_t *, struct err *) MUST_CHECK;
/* Units of a wallet: a whole number, or money as text, which comes out in
 * MILLI. */
int units_of(const struct draft *, const struct node *, size_t wallet,
    int64_t least, int64_t *, struct err *) MUST_CHECK;
int read_units(const struct draft *, const struct node *up, const char *key,
    size_t wallet, int64_t *, struct err *) MUST_CHECK;
/* A decimal number as text, above 0, at most `most`, which is in units of
 * 10^-places, as the output is. */
int decimal_of(const struct node *, int places, int64_t most, int64_t *,
    struct err *) MUST_CHECK;

bool period_is(const struct node *, struct period *);
int read_period(const struct node *up, const char *key, struct period *,
    struct err *) MUST_CHECK;
/* A local date; its first instant, or with `end` the one behind its last. */
int date_of(const struct draft *, const struct node *, bool end, int64_t *,
    struct err *) MUST_CHECK;

/* The key must not be there, because ... */
int refuse_key(const struct node *up, const char *key, const char *because,
    struct err *) MUST_CHECK;

/* ---- trigger.c: when a rule fires ---------------------------------------- */

/* The trigger of a word; ON_EVENT of a word that is the type of an event. */
enum trigger trigger_of(const char *word);
/* Whether the word is a trigger that no event is the type of. */
bool trigger_is_ours(const char *word);
/* A period to count over, as a word; `first` is the shortest. */
int read_window(const struct draft *, const struct node *up, const char *key,
    enum window first, enum window *, struct err *) MUST_CHECK;

/* ---- the nouns ----------------------------------------------------------- */

/* lines and not_lines of an object. */
int read_filter(struct draft *, const struct node *up, struct filter *,
    struct err *) MUST_CHECK;
/* A filter that stands by itself, and says something. */
int read_lines(struct draft *, const struct node *up, const char *key,
    struct filter *, struct err *) MUST_CHECK;
/* What of an order counts, as the index of a base. */
int read_base(
    struct draft *, const struct node *up, size_t *, struct err *) MUST_CHECK;

int read_when(struct draft *, const struct node *up, struct condition *,
    struct err *) MUST_CHECK;
/* A condition that asks for what is not there when it is asked. */
int when_refuse(const struct node *up, const char *const keys[],
    const char *because, struct err *) MUST_CHECK;

/* Tell (never.c) whether a test can never hold together with the
 * tests before it, and whether no line can pass a filter. */
bool test_never_holds(const struct test *before, size_t n, const struct test *);
bool filter_never_has(const struct filter *);
/* The condition of `up`, of a rule or (NULL) of something else, that names
 * no day, or excludes what the trigger is. */
int refuse_never(const struct draft *, const struct node *up,
    const struct condition *, const struct rule *, struct err *) MUST_CHECK;
int refuse_multiplier(const struct draft *, const struct node *,
    const struct multiplier *, struct err *) MUST_CHECK;
/* Rules with a cent between their amounts that none of them is for. */
int refuse_cents(
    const struct draft *, const struct node *list, struct err *) MUST_CHECK;

int read_wallets(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_expiry(struct draft *, const struct node *up, struct expiry *,
    struct wallet *, struct err *) MUST_CHECK;

int read_rules(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
/* Once the rule's wallet and what it takes from are known. */
int read_give(struct draft *, const struct node *rule, struct rule *,
    struct err *) MUST_CHECK;
int read_limits(struct draft *, const struct node *rule, struct rule *,
    struct err *) MUST_CHECK;
int read_multipliers(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;

int read_tiers(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_memberships(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_rewards(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_benefits(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_currencies(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;
int read_award(
    struct draft *, const struct node *file, struct err *) MUST_CHECK;

#endif /* WIRE_PROGRAM_INTERNAL_H */

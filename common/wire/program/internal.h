/* SPDX-License-Identifier: MIT */
#ifndef WIRE_PROGRAM_INTERNAL_H
#define WIRE_PROGRAM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cc.h"
#include "core/program.h"
#include "wire/node.h"
#include "wire/node_value.h"
#include "wire/program/program.h"

/*
 * What the files that read a program file share.
 *
 * The file is read twice: first the ids of everything that is referred to,
 * so that the keys of the file may stand in any order, then all of it.
 *
 * A reader refuses what is wrong (wire/node.h) and goes on.  Two things keep
 * one mistake from being told twice: a reader returns -1 if it has refused
 * what it reads, and its caller then judges nothing by that; and what is left
 * unset (a rule's trigger, a wallet's unit, a metric: 0) is not judged.
 *
 * A function named after a key reads the member of `up` of that name; without
 * the member its output, then the default, stays as it is.
 */

enum {
	EVENTS_OWN_MAX = 64, /* types that a file declares */
};

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
	size_t charity; /* the wallet of what charities are owed; or NONE */
	struct words events; /* types of the shop's own */
	/* All ids of the file could be read: an id that is not among them is
	 * no id. */
	bool has_ids;
	/* The file is a version that was published (wire/program/program.h).
	 * Words that only newer versions refuse are taken, and nothing is
	 * warned of. */
	bool kept;
};

/* The wallet that donations are counted in; no file may have one of this
 * name. */
#define CHARITY_WALLET "charity"

extern const int64_t days_bounds[2];

/* ---- value.c: what every part is made of --------------------------------- */

/* What an id may refer to. */
enum ref {
	REF_WALLET = 1,
	REF_RULE,
	REF_LEVEL,
	REF_MEMBERSHIP,
	REF_CHARITY,
	REF_CONSENT,
};

int read_ref(
    struct draft *, const struct node *up, const char *key, enum ref, size_t *);
int read_refs(struct draft *, const struct node *up, const char *key, enum ref,
    struct words *);

int text_of(struct draft *, const struct node *, const char **);
/* An id, or a word that is written like one. */
int id_of(struct draft *, const struct node *, const char **);
/* A list of different texts. */
int words_of(struct draft *, const struct node *, struct words *);
int read_words(
    struct draft *, const struct node *up, const char *key, struct words *);
int read_names(struct draft *, const struct node *up, struct names *);

int read_minor(
    const struct draft *, const struct node *up, const char *key, int64_t *);
/* Units of a wallet: a whole number, or money as text, which comes out in
 * MILLI. */
int units_of(const struct draft *, const struct node *, size_t wallet,
    int64_t least, int64_t *);
int read_units(const struct draft *, const struct node *up, const char *key,
    size_t wallet, int64_t *);

bool period_is(const struct node *, struct period *);
int read_period(const struct node *up, const char *key, struct period *);
/* A local date; its first instant, or with `end` the one behind its last. */
int date_of(const struct draft *, const struct node *, bool end, int64_t *);

/* ---- ids.c: what can be referred to -------------------------------------- */

/* Things with ids in a file. */
struct listed {
	const char *key;
	bool by_key; /* in an object, whose keys are the ids; else in a list */
	size_t most;
	size_t size; /* bytes of one thing, whose struct begins with its id */
};

/* Room for each of them, with its id in front, "" for an id that was
 * refused; *n is how many there are. */
void *declare(
    struct draft *, const struct node *up, const struct listed *, size_t *n);
/* A list that has nothing but 1 to `most` different ids. */
void read_id_list(struct draft *, const struct node *up, const char *key,
    size_t most, struct words *);

/* ---- trigger.c: when a rule fires ---------------------------------------- */

/* The trigger of a word; ON_EVENT of a word that is the type of an event. */
enum trigger trigger_of(const char *word);
/* Warns of the type of an event that is none of loyald's, and that the file
 * does not declare. */
void warn_of_event(const struct draft *, const struct node *, const char *type);
/* Reads the type of an event, which no trigger may be. */
int event_of(struct draft *, const struct node *, const char **);
/* A period to count over, as a word; `first` is the shortest. */
int read_window(const struct draft *, const struct node *up, const char *key,
    enum window first, enum window *);

/* ---- the nouns ----------------------------------------------------------- */

/* lines and not_lines of an object. */
void read_filter(struct draft *, const struct node *up, struct filter *);
/* A filter that stands by itself, and says something. */
void read_lines(
    struct draft *, const struct node *up, const char *key, struct filter *);
/* What of an order counts, as the index of a base. */
void read_base(struct draft *, const struct node *up, size_t *);

int read_when(struct draft *, const struct node *up, struct condition *);
/* Refuses these keys of the condition, and of its "not". */
void when_refuse(
    const struct node *up, const char *const keys[], const char *because);

/* Whether a test can never hold together with the tests before it. */
bool test_never_holds(const struct test *before, size_t n, const struct test *);
/* Whether no line can pass a filter. */
bool filter_never_has(const struct filter *);
/* Refuses the condition of `up`, of a rule or (NULL) of something else, that
 * names no day, or excludes what the trigger is. */
void refuse_never(const struct draft *, const struct node *up,
    const struct condition *, const struct rule *);
void refuse_multiplier(
    const struct draft *, const struct node *, const struct multiplier *);
/* Refuses rules with a cent between their amounts that none of them is for. */
void refuse_cents(const struct draft *, const struct node *list);

/* Makes the wallets, of which only the ids are known yet. */
void wallets_declare(struct draft *, const struct node *file);
void read_wallets(struct draft *, const struct node *file);
void read_expiry(
    struct draft *, const struct node *up, struct expiry *, struct wallet *);

void read_rules(struct draft *, const struct node *file);
/* Once the rule's wallet, and the wallet it takes from, are known. */
void read_give(struct draft *, const struct node *rule, struct rule *);
void read_limits(struct draft *, const struct node *rule, struct rule *);
void read_multipliers(struct draft *, const struct node *file);

void read_tiers(struct draft *, const struct node *file);
void read_memberships(struct draft *, const struct node *file);
void read_rewards(struct draft *, const struct node *file);
void read_benefits(struct draft *, const struct node *file);
void read_currencies(struct draft *, const struct node *file);
void read_award(struct draft *, const struct node *file);

#endif /* WIRE_PROGRAM_INTERNAL_H */

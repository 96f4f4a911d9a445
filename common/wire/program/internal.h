/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/program.h"
#include "wire/node.h"
#include "wire/node_value.h"
#include "wire/program/program.h"

/*
 * internal: the parts that the files of this folder share.
 *
 * The program file is read twice: first all ids that other keys may refer to,
 * then everything.  The keys of the file may therefore stand in any order.
 *
 * A reader refuses what is wrong (wire/node.h) and goes on.  To report no
 * mistake twice, a reader returns -1 if it has refused its value, and its
 * caller then checks nothing that depends on the value.  A value that could not
 * be read stays 0 (a rule's trigger, a wallet's unit, a metric), and 0 is not
 * checked.
 *
 * A function x_read() reads the member "x" of the object `up`.  If the object
 * lacks the member, the output keeps its value, which is the default.
 */

enum {
	EVENTS_OWN_MAX = 64, /* types of events that one file may declare */
};

/* A program that is being read.  Whatever the struct points to is in the
 * arena. */
struct draft {
	struct arena *arena;
	struct program p;
	/* The lists of p, writable while they are being read. */
	struct base
	    *bases; /* room for one base per rule, and one for the tiers */
	struct wallet *wallets;
	struct rule *rules;
	struct multiplier *multipliers;
	struct membership *memberships;
	struct reward *rewards;
	struct benefit *benefits;
	struct consent *consents;
	/* Index of the wallet with the debts to charities; NONE: no
	 * charities. */
	size_t charity;
	struct words events; /* types of events that the file declares */
	/* True: every id of the file could be read.  False: an unknown id may
	 * be one that could not be read, so references to unknown ids are not
	 * refused. */
	bool has_ids;
	/* True: the file was published once (struct program_setting).  Checks
	 * that were added to loyald later do not refuse such a file, and there
	 * are no warnings. */
	bool kept;
};

/* The id of the internal wallet that counts donations.  No file may have a
 * wallet with this id. */
#define CHARITY_WALLET "charity"

extern const int64_t days_bounds[2];

/* ---- value.c: ids, texts, numbers, times --------------------------------- */

/* The kinds of things that an id may refer to. */
enum ref {
	REF_WALLET = 1,
	REF_RULE,
	REF_LEVEL,
	REF_MEMBERSHIP,
	REF_CHARITY,
	REF_CONSENT,
};

int ref_read(
    struct draft *, const struct node *up, const char *key, enum ref, size_t *);
int refs_read(struct draft *, const struct node *up, const char *key, enum ref,
    struct words *);

int text_of(struct draft *, const struct node *, const char **);
/* Reads an id, or another word of the characters that ids may have. */
int id_of(struct draft *, const struct node *, const char **);
/* Reads a list of texts that are all different. */
int words_of(struct draft *, const struct node *, struct words *);
int words_read(
    struct draft *, const struct node *up, const char *key, struct words *);
int names_read(struct draft *, const struct node *up, struct names *);

int minor_read(
    const struct draft *, const struct node *up, const char *key, int64_t *);
/* Read units of a wallet, from `least` or 1 on: a whole number, or for a money
 * wallet an amount as text, which comes out in MILLI. */
int units_of(const struct draft *, const struct node *, size_t wallet,
    int64_t least, int64_t *);
int units_read(const struct draft *, const struct node *up, const char *key,
    size_t wallet, int64_t *);

bool period_is(const struct node *, struct period *);
int period_read(const struct node *up, const char *key, struct period *);
/* Reads a local date: the first instant of the day, or with `end` the first
 * instant after the day. */
int date_of(const struct draft *, const struct node *, bool end, int64_t *);

/* ---- ids.c: the ids of a file -------------------------------------------- */

/* A kind of thing that has ids, and where the file lists it. */
struct listed {
	const char *key;
	bool by_key; /* true: an object whose keys are the ids; false: a list */
	size_t most;
	size_t size; /* bytes of one thing; its first member is the id */
};

/* Makes room for all things of a kind, with their ids filled in; an id that
 * was refused is "".  *n is the number of things. */
void *ids_declare(
    struct draft *, const struct node *up, const struct listed *, size_t *n);
/* Reads a list of 1 to `most` different ids. */
void id_list_read(struct draft *, const struct node *up, const char *key,
    size_t most, struct words *);

/* ---- trigger.c: when a rule fires ---------------------------------------- */

/* Finds the trigger that a word names.  Any other word is the type of an event:
 * the trigger is ON_EVENT. */
enum trigger trigger_of(const char *word);
/* Warns of a type of event that loyald does not know and the file does not
 * declare. */
void event_warn(const struct draft *, const struct node *, const char *type);
/* Reads the type of an event; refuses the word of a trigger. */
int event_of(struct draft *, const struct node *, const char **);
/* Reads the word of a period, such as "month"; periods shorter than `first` are
 * refused. */
int window_read(const struct draft *, const struct node *up, const char *key,
    enum window first, enum window *);

/* ---- the parts of a file ------------------------------------------------- */

/* Reads "lines" and "not_lines" of an object into one filter. */
void filter_read(struct draft *, const struct node *up, struct filter *);
/* Reads one filter, which is the member `key`; a filter without tests is
 * refused. */
void lines_read(
    struct draft *, const struct node *up, const char *key, struct filter *);
/* Reads "base": the part of an order that counts.  The output is an index into
 * draft.bases. */
void base_read(struct draft *, const struct node *up, size_t *);

int when_read(struct draft *, const struct node *up, struct condition *);
/* Refuses the keys in the condition "when" of an object, and in the
 * condition's "not". */
void when_refuse(
    const struct node *up, const char *const keys[], const char *because);

/* Whether a test can never be true, alone or together with one of the n tests
 * before it. */
bool test_never_holds(const struct test *before, size_t n, const struct test *);
/* Whether no line can pass a filter. */
bool filter_never_has(const struct filter *);
/* Refuses a condition that is true on no day.  With a rule, also refuses a
 * condition whose "not" excludes every occasion on which the rule fires. */
void never_refuse(const struct draft *, const struct node *up,
    const struct condition *, const struct rule *);
void multiplier_refuse(
    const struct draft *, const struct node *, const struct multiplier *);
/* Refuses two rules that together miss one amount: one rule is for less than
 * 50.00, the other for more than 50.00. */
void cents_refuse(const struct draft *, const struct node *list);

/* Makes the wallets with their ids; wallets_read() reads the rest of them. */
void wallets_declare(struct draft *, const struct node *file);
void wallets_read(struct draft *, const struct node *file);
void expiry_read(
    struct draft *, const struct node *up, struct expiry *, struct wallet *);

void rules_read(struct draft *, const struct node *file);
/* Reads what the rule gives.  The rule's wallet, and the wallet from which the
 * rule takes, must have been read before. */
void give_read(struct draft *, const struct node *rule, struct rule *);
void limits_read(struct draft *, const struct node *rule, struct rule *);
void multipliers_read(struct draft *, const struct node *file);

void tiers_read(struct draft *, const struct node *file);
void memberships_read(struct draft *, const struct node *file);
void rewards_read(struct draft *, const struct node *file);
void benefits_read(struct draft *, const struct node *file);
void currencies_read(struct draft *, const struct node *file);
void award_read(struct draft *, const struct node *file);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/program.h"
#include "wire/explain/say.h"

/* explain/internal: what the files of this folder share: the tables of what
 * explanations say about rules, wallets and so on, and sentences for
 * conditions. */

/* ---- what aspects are made of (when.c) ---------------------------------- */

/* Return the tests of a condition, or of a filter of order lines, as
 * sentences. */
const char *tell_condition(struct teller *, const void *condition);
const char *tell_filter(struct teller *, const void *filter);
/* Says a filter that tells which order lines pay for a membership. */
const char *tell_fee(struct teller *, const void *filter);
const char *tell_base(struct teller *, const struct base *);
/* Says when units expire; "" if they never do.  If the wallet is not NULL, also
 * says which activity of the member keeps the units from expiring. */
const char *tell_expiry(
    struct teller *, const struct expiry *, const struct wallet *);
/* Says how often something is counted or limited: "per order", "per month".
 * For a rule that is not about orders, "each time" replaces "per order". */
const char *tell_window(struct teller *, enum window, bool of_order);

/* Says a number of what the program's tiers count: "$20.00", "3 orders". */
const char *tell_metric(struct teller *, int64_t);

/* ---- aspects ------------------------------------------------------------ */

/* An aspect is one property that a program gives to a rule, a tier or the like,
 * for example the limit of a rule. */
struct aspect {
	const char *name; /* name of the aspect in a diff: "limit" */
	/* Says the field of the thing that is at this offset; 0: the thing. */
	const char *(*say)(struct teller *, const void *);
	size_t at;
	enum {
		ASPECT_LINE = 1, /* a sentence of its own after the first */
		ASPECT_HEAD,     /* a part of the first sentence */
		ASPECT_INNER,    /* shown to the merchant only, in a diff */
	} where;
};

/* A kind of thing in a program: rules, rewards and so on.  The struct of each
 * thing begins with its id. */
struct kind {
	const char *noun; /* name of one thing: "rule" */
	enum piece heading;
	const char *gone; /* a diff's word for a removed thing */
	/* The offsets of the list in a struct program, and of its length. */
	size_t list, n;
	size_t size; /* bytes of one thing in the list */
	/* The first sentence about a thing. */
	const char *(*head)(struct teller *, const void *);
	const struct aspect *aspects; /* the last aspect has no `say` */
};

/* All kinds, in the order in which an explanation shows them; NULL ends the
 * list. */
extern const struct kind *const explain_kinds[];

extern const struct kind explain_wallets, explain_rules, explain_multipliers;
extern const struct kind explain_levels, explain_memberships;
extern const struct kind explain_rewards, explain_benefits, explain_consents;

/* Aspects of all tiers together (struct tiers), and of the program as a
 * whole. */
extern const struct aspect explain_tiers[];
extern const struct aspect explain_terms[];

static inline const char *
aspect_say(struct teller *t, const struct aspect *a, const void *thing)
{
	return a->say(t, (const char *)thing + a->at);
}

/* Returns the first thing of a kind that a program has, and how many there
 * are. */
const char *things_of(const struct kind *, const struct program *, size_t *n);
const char *thing_id(const void *);
/* Returns all sentences about a thing, in one line. */
const char *tell_thing(struct teller *, const struct kind *, const void *);

/* Says the rate of a rule: "1 point per $1.00", "2% of the amount". */
const char *tell_rate(
    struct teller *, const struct rule *, int64_t units, int64_t per);

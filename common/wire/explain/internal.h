/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_INTERNAL_H
#define WIRE_EXPLAIN_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/program.h"
#include "wire/explain/say.h"

/* explain/internal: the aspects of things that explanations show, and the
 * sentences of conditions, which several files of this folder need. */

/* ---- what aspects are made of (when.c) ---------------------------------- */

/* The tests of a condition, or of a filter of lines, as sentences. */
const char *tell_condition(struct teller *, const struct condition *);
const char *tell_filter(struct teller *, const struct filter *);
/* Says a filter as tell_filter() does, for the lines that pay for a
 * membership. */
const char *tell_fee(struct teller *, const struct filter *);
const char *tell_base(struct teller *, const struct base *);
/* Says when units expire; "" if they never do.  The wallet says what counts as
 * activity, if it is not NULL. */
const char *tell_expiry(
    struct teller *, const struct expiry *, const struct wallet *);
/* Says the window in words: "per order", or "each time" of a rule that is not
 * about orders. */
const char *tell_window(struct teller *, enum window, bool of_order);

/* ---- aspects ------------------------------------------------------------ */

/* An aspect is a single thing that a program says of a rule, a tier or the
 * like. */
struct aspect {
	const char *name; /* name of the aspect in a diff: "limit" */
	const char *(*say)(struct teller *, const void *);
	enum {
		ASPECT_LINE = 1, /* a sentence of its own after the head */
		ASPECT_HEAD,     /* a part of the head */
		ASPECT_INNER,    /* shown to the merchant only, in a diff */
	} where;
};

/* A kind of things, as the rules or the rewards.  The struct of each thing
 * begins with its id. */
struct kind {
	const char *noun; /* name of one thing: "rule" */
	enum piece heading;
	const char *gone; /* a diff's word for a removed thing */
	const void *(*list)(const struct program *, size_t *n);
	size_t size; /* bytes of one thing */
	/* The first sentence about a thing. */
	const char *(*head)(struct teller *, const void *);
	const struct aspect *aspects; /* the last aspect has no `say` */
};

/* All kinds, in the order of an explanation; NULL ends the list. */
extern const struct kind *const explain_kinds[];

extern const struct kind explain_wallets, explain_rules, explain_multipliers;
extern const struct kind explain_levels, explain_memberships;
extern const struct kind explain_rewards, explain_benefits, explain_consents;

/* Aspects of the tiers together (struct tiers), and of the program. */
extern const struct aspect explain_tiers[];
extern const struct aspect explain_terms[];

const char *thing_id(const void *);
/* The head and all sentences of a thing, in one line. */
const char *tell_thing(struct teller *, const struct kind *, const void *);

/* The rate of a rule: "1 point per $1.00", "2% of the amount". */
const char *tell_rate(
    struct teller *, const struct rule *, int64_t units, int64_t per);

#endif /* WIRE_EXPLAIN_INTERNAL_H */

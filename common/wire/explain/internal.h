/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_INTERNAL_H
#define WIRE_EXPLAIN_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/program.h"
#include "wire/explain/say.h"

/*
 * What the files of this folder share: the aspects of which a program is
 * told, and the sentences of conditions that several of them need.
 */

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

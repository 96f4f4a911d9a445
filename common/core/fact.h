/* SPDX-License-Identifier: MIT */
#ifndef CORE_FACT_H
#define CORE_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/order.h"
#include "core/program.h"

/*
 * fact: something that happened to one member, at its own time.
 *
 * All facts of a member, in the order of fact_compare(), are the timeline
 * that core/fold/fold.h works on.  In which order they became known, and how
 * often they were told, does not matter: a fact is known by its kind, store
 * and id.
 */

enum {
	FACTS_MAX = 20000,   /* of one member */
	FIELDS_MAX = 32,     /* of one event */
	TAGS_MAX = 256,      /* of one customer; the platforms have fewer */
	FACT_TEXT_MAX = 255, /* bytes of an id, a type, a field's value */
};

enum fact_kind {
	FACT_ORDER = 1,
	FACT_EVENT,   /* `type` says what; see below */
	FACT_REDEEM,  /* units of a wallet were taken for a reward */
	FACT_CAPTURE, /* the reserved units of redemption `of` are used */
	FACT_RELEASE, /* redemption `of` is undone, reserved or captured */
	FACT_ADJUST,  /* somebody added or took units, with a reason */
};

/* The types of events the fold itself knows; every other type is a rule's
 * own affair.  Their fields:
 *
 *  "enrolment"            the member joined the program
 *  "profile"              every field is an attribute of the member from
 *                         now on ("birthday": "1990-02-29")
 *  "consent"              consent: its id; withdrawn: "true"
 *  "chosen_day"           day: "2025-08-15"
 *  "membership_started"   membership: its id; trial: "true"
 *  "membership_payment"   membership: its id
 *  "membership_cancelled" membership: its id
 *  "card_opened"          as any other; TEST_SINCE finds it
 *
 * And what platforms tell of their customers; nobody else can, nor can a
 * rule be about them, since no type has a point in it.  Of each store by
 * itself; fields of one name may be several:
 *
 *  "customer.tags"           tag: all there are from now on
 *  "customer.tags_added"     tag: these, too
 *  "customer.tags_removed"   tag: these no more
 *  "customer.role"           role: the only one from now on
 *  "customer.company"        company: who belongs to it is told of, too
 *  "customer.company_left"   company: no more
 */

/* And of an event that undoes the one whose id is `of`. */
#define EVENT_UNDO "event.undo"

#define CUSTOMER_TAGS         "customer.tags"
#define CUSTOMER_TAGS_ADDED   "customer.tags_added"
#define CUSTOMER_TAGS_REMOVED "customer.tags_removed"
#define CUSTOMER_ROLE         "customer.role"
#define CUSTOMER_COMPANY      "customer.company"
#define CUSTOMER_COMPANY_LEFT "customer.company_left"

/* How an event tells of its customer. */
struct trait_event {
	const char *type;
	const char *name; /* of its fields */
	bool all;         /* the customer has the values told and no others */
	bool gone;        /* the customer has the values told no more */
};

struct field {
	const char *name, *value;
};

struct fact {
	enum fact_kind kind;
	int64_t at;
	int64_t store_id;
	const char *id;    /* of its kind and store: the idempotency key, the
			   order's number */
	const char *brand; /* the store's; NULL: none */
	const struct program *program; /* in effect for it, frozen */
	int32_t version_id;            /* that program's */

	const struct order *order; /* FACT_ORDER; refunds by `at` */
	bool held;     /* FACT_ORDER: of a guest nobody has verified; pending */
	int64_t since; /* FACT_ORDER: its store's start; 0: none */

	/* FACT_EVENT */
	const char *type;
	const char *channel;
	int64_t amount; /* minor units, or what is `finer` as an order's are */
	int finer;
	int64_t count; /* 1 if not told */
	const struct field *fields;
	size_t nfields;
	const char *tied_to; /* the shop's id of the order that it counts
				with; NULL: with none */
	/* Set for a referral by core/referral.h, and not kept: why the referral
	 * gives nothing, and when what it gave was undone. */
	const char *nothing; /* NULL: it gives */
	int64_t undone_at;   /* 0: it was not */

	/* FACT_REDEEM: `units` of `wallet` for `reward` (ids).  FACT_ADJUST:
	 * plus or minus.  FACT_CAPTURE, FACT_RELEASE, EVENT_UNDO: `of`.
	 * `amount` of a redemption: what the goods it is for come to, if that
	 * is told. */
	const char *wallet, *reward;
	int64_t units;
	bool amount_told;    /* FACT_REDEEM: 0 may be told, too */
	bool reserve;        /* FACT_REDEEM: to be captured or released later */
	const char *charity; /* FACT_REDEEM: whom it is given to */
	const char *of;
	bool taken; /* FACT_RELEASE: taken in, so that a payout that became
		       known later does not refuse it any more */
	const char *reason; /* FACT_ADJUST: why, and who */
};

/* By time, then kind, store and id: there are no two equal ones. */
int fact_compare(const struct fact *, const struct fact *);

enum happened {
	NEVER_HAPPENED = 1, /* it was never paid, or can earn nothing */
	HAPPENED,
	UNDONE_LATER, /* it was paid, and then cancelled, refunded as a whole
			 or deleted: undone when that was said */
};

/* Whether an order counts at all; *reason is reason.def's word. */
enum happened order_happened(const struct fact *, const char **reason);

/* An order that was placed before its store's start. */
bool fact_is_before(const struct fact *);

/* The value of a field, or NULL. */
const char *fact_field(const struct fact *, const char *name);

/* NULL: an event of the type tells nothing of its customer. */
const struct trait_event *trait_event(const char *type);

#endif /* CORE_FACT_H */

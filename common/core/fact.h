/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/order.h"
#include "core/program.h"

/*
 * fact: something that happened to one member at a known instant.
 *
 * All facts of a member, in the order of fact_compare(), are the timeline that
 * core/fold/fold.h works on.  The order in which facts became known, and how
 * often each arrived, do not matter: a fact is identified by its kind, store
 * and id, and a use of a redemption also by the redemption.
 */

enum {
	FACTS_MAX = 1000000, /* facts of one member */
	FIELDS_MAX = 32,     /* fields of one event */
	TAGS_MAX = 256,      /* tags of one customer; platforms allow fewer */
	FACT_TEXT_MAX = 255, /* bytes of an id, a type, a field's value */
};

enum fact_kind {
	FACT_ORDER = 1,
	FACT_EVENT,   /* an event; the types are described below */
	FACT_REDEEM,  /* units of a wallet were taken for a reward */
	FACT_CAPTURE, /* the reserved units of redemption `of` are used */
	FACT_RELEASE, /* redemption `of` is undone, reserved or captured */
	FACT_ADJUST,  /* somebody added or took units, with a reason */
	/* The order `id` used the reward of redemption `of`.  No fact of this kind
	 * or the next is kept: the ledger makes them of what orders say. */
	FACT_USE,
	FACT_UNUSE, /* the order `id` was cancelled or refunded, see `how` */
};

/* How an order that used a reward was undone. */
enum unuse {
	UNUSE_CANCELLED = 1,
	UNUSE_REFUNDED, /* in full */
};

/*
 * The types of events that mean something to fold() itself, with their fields.
 * All other types mean something only to rules.
 *
 *  "enrolment"            the member joined the program
 *  "profile"              every field is an attribute of the member from
 *                         now on ("birthday": "1990-02-29")
 *  "consent"              consent: its id; withdrawn: "true"
 *  "chosen_day"           day: "2025-08-15"
 *  "membership_started"   membership: its id; trial: "true"
 *  "membership_payment"   membership: its id
 *  "membership_cancelled" membership: its id
 *
 * Only platforms send the types below, which describe their customers.  No rule
 * can name these types, since a type in a rule has no '.' in it.  What one
 * store says of a customer does not change what another store has said.
 * Several fields of an event may have the same name:
 *
 *  "customer.tags"           tag: all tags from now on
 *  "customer.tags_added"     tag: more tags
 *  "customer.tags_removed"   tag: tags that are gone
 *  "customer.role"           role: the only role from now on
 *  "customer.company"        company: one more company
 *  "customer.company_left"   company: a company that was left
 */

/* The type of an event that undoes the event with the id `of`. */
#define EVENT_UNDO "event.undo"

#define CUSTOMER_TAGS         "customer.tags"
#define CUSTOMER_TAGS_ADDED   "customer.tags_added"
#define CUSTOMER_TAGS_REMOVED "customer.tags_removed"
#define CUSTOMER_ROLE         "customer.role"
#define CUSTOMER_COMPANY      "customer.company"
#define CUSTOMER_COMPANY_LEFT "customer.company_left"

/* How the events of one type describe a customer of a platform. */
struct trait_event {
	const char *type;
	const char *name; /* the name of the fields that hold the values */
	bool all;         /* the values replace all older values */
	bool gone;        /* the values are taken away */
};

struct field {
	const char *name, *value;
};

struct fact {
	enum fact_kind kind;
	int64_t at;
	int64_t store_id;
	/* Unique within kind and store, as an idempotency key or the number of
	 * an order. */
	const char *id;
	const char *brand; /* the store's brand; NULL: the store has none */
	const struct program *program; /* the version that the fact follows */
	int32_t version_id;            /* the version of `program` */

	const struct order *order; /* FACT_ORDER; refunds are sorted by `at` */
	bool held;     /* FACT_ORDER: pending, for a guest not yet verified */
	int64_t since; /* FACT_ORDER: the start of its store; 0: not set */

	/* Members of a FACT_EVENT: */
	const char *type;
	const char *channel;
	int64_t amount; /* in minor units times 10^-finer */
	int finer;
	int64_t count; /* 1 if the event has none */
	const struct field *fields;
	size_t nfields;
	/* The shop's id of an order, without which the event gives nothing;
	 * NULL: none. */
	const char *tied_to;
	/* Set by core/referral.h, not kept in the ledger: why a referral gives
	 * nothing, and when its gift was undone. */
	const char *nothing; /* NULL: the referral gives something */
	int64_t undone_at;   /* 0: the gift was not undone */

	/* FACT_REDEEM: `units` of `wallet` for `reward` (ids); `amount` is the
	 * price of the goods that the redemption is for.  FACT_ADJUST: `units`
	 * were added or, below zero, taken.  FACT_CAPTURE, FACT_RELEASE,
	 * FACT_USE, FACT_UNUSE, EVENT_UNDO: `of` is the id of the redemption or
	 * event that the fact changes. */
	const char *wallet, *reward;
	int64_t units;
	bool amount_told; /* FACT_REDEEM: `amount` is known, maybe 0 */
	bool reserve;     /* FACT_REDEEM: to be captured or released later */
	/* FACT_REDEEM: the reward is to be made at the shop, and an order will
	 * use it.  Until then the units are reserved, whatever `reserve` says. */
	bool issue;
	bool cart; /* with `issue`: it waits in a cart, and not for long */
	const char *charity; /* FACT_REDEEM: the charity that gets the gift */
	const char *of;
	/* FACT_RELEASE: the release was accepted before, so a payout to the
	 * charity that becomes known later does not refuse it. */
	bool taken;
	enum unuse how;     /* FACT_UNUSE */
	const char *reason; /* FACT_ADJUST: why, and by whom */
};

/* The type of a FACT_RELEASE of a reward that is gone at the shop. */
#define RELEASE_GONE  "gone"
/* The type of a FACT_CAPTURE of a reward that the shop gave and never takes back. */
#define CAPTURE_GIVEN "given"

/* Compares by time, then kind, store and id, and then `of`.  No two facts are
 * equal. */
int fact_compare(const struct fact *, const struct fact *);

/* Whether facts of this kind use a reward, or undo a use. */
bool fact_is_use(const struct fact *);

enum happened {
	NEVER_HAPPENED = 1, /* was never paid, or can earn nothing */
	HAPPENED,
	/* Was paid, and then cancelled, refunded as a whole or deleted. */
	UNDONE_LATER,
};

/* Whether the order of a fact happened, and was not undone.  Sets *reason to
 * the word that says why an order earns nothing. */
enum happened order_happened(const struct fact *, const char **reason);

/* Whether the fact is an order that was placed before its store's start. */
bool fact_is_before(const struct fact *);

/* Finds the instant at which a fact happens.  An order that was placed before
 * its store's start happens at the start, so that nothing which time alone
 * brings about comes before the start. */
int64_t fact_happens_at(const struct fact *, int64_t now);

/* Finds the value of a field; NULL: the event has no such field. */
const char *fact_field(const struct fact *, const char *name);

/* Finds how events of a type describe a customer; NULL: events of this type do
 * not describe customers. */
const struct trait_event *trait_event(const char *type);

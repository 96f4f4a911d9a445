/* SPDX-License-Identifier: MIT */
#pragma once

#include "core/fact.h"
#include "core/program.h"

/*
 * match: whether a condition holds, and which lines a filter means.
 */

struct attribute {
	const char *name, *value;
	int64_t at; /* the value holds from this instant on */
};

/* A tag, role or company that a shop says of its customer. */
struct trait {
	int64_t store_id;
	const char *name, *value;
};

/* The newest event of a type. */
struct last_event {
	const char *type;
	int64_t at;
};

/* A member as conditions see them at one moment. */
struct member_view {
	const char *tier;         /* the level's id; NULL: none */
	int64_t tier_since;       /* 0: in no tier */
	const char **memberships; /* ids of the active memberships */
	size_t nmemberships;
	const char *chosen_day; /* "2025-08-15"; NULL: none */
	struct attribute *attributes;
	size_t nattributes;
	struct trait *traits;
	size_t ntraits;
	struct attribute
	    /* Name: the consent's id; at: when it was given; value: unused. */
	    *consents;
	size_t nconsents;
	struct last_event *events;
	size_t nevents;
	int64_t orders; /* the member's earlier orders that earn */
};

/* An order or event as conditions see it. */
struct occasion {
	int64_t at;
	const char *channel, *brand, *shipping_method;
	int64_t amount; /* the amount for TEST_AMOUNT */
	int64_t pieces; /* the number of pieces for TEST_PIECES */
	struct words codes;
	int unreadable; /* fields of an order that cannot be read, as bits */
	const struct field *fields;
	size_t nfields;
	/* For TEST_NTH: how many orders of the member earn, this order
	 * included; 0: the occasion is no order. */
	int64_t nth;
};

/* Whether a condition holds.  If not, *why_not is the failing test's
 * `otherwise`, or the word for its kind ("not_tier", "excluded_state" ...),
 * borrowed from the condition. */
bool condition_holds(const struct condition *, const struct program *,
    const struct member_view *, const struct occasion *, const char **why_not);

/* Whether a condition has a test of the member's tier. */
bool condition_asks_tier(const struct condition *);

/* The most steps (core/steps.h) that condition_holds() takes. */
size_t condition_width(const struct condition *, const struct member_view *,
    const struct occasion *);

/* The next instant after `now` at which time alone may change whether a
 * condition holds; INSTANT_NEVER: none. */
int64_t condition_due_at(const struct condition *, const struct program *,
    const struct member_view *, int64_t now);

/* The newest attribute of a name, or NULL. */
const struct attribute *attribute_newest(
    const struct attribute *list, size_t n, const char *name);
/* The instant of the newest event of a type until `now`; INT64_MIN: there was
 * none. */
int64_t event_newest_at(
    const struct member_view *, const char *type, int64_t now);
/* The time for which a consent lasts by the program. */
struct period consent_period(const struct program *, const char *id);

/* Whether a filter means a line.  An empty filter means every line. */
bool filter_has(const struct filter *, const struct order_line *);

/* Whether a filter also means lines that cost nothing. */
bool filter_means_free(const struct filter *);

/* The fields that a filter asks of a line and that cannot be read, as bits of
 * enum unreadable. */
int filter_unreadable(const struct filter *, const struct order_line *);

/* Whether a filter asks something of a line that only the line's product says,
 * while that product is not known yet. */
bool filter_is_unknown(const struct filter *, const struct order_line *);

struct letters letters_of(const char *);
/* Whether a text matches a pattern, in which * stands for any characters. */
bool pattern_matches(const char *pattern, const char *text);
/* pattern_matches() without regard to capital letters. */
bool pattern_matches_nocase(const char *pattern, const char *text);

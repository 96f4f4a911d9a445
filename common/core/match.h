/* SPDX-License-Identifier: MIT */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fact.h"
#include "core/program.h"

/*
 * match: whether a condition holds, and which lines a filter means.
 */

struct attribute {
	const char *name, *value;
	int64_t at; /* since when */
};

/* A word that a shop says of its customer. */
struct trait {
	int64_t store_id;
	const char *name, *value;
};

/* The newest event of a type. */
struct last_event {
	const char *type;
	int64_t at;
};

/* What conditions may ask of a member, as of one moment. */
struct member_view {
	const char *tier;         /* level's id; NULL: none */
	int64_t tier_since;       /* 0: in none */
	const char **memberships; /* active ones */
	size_t nmemberships;
	const char *chosen_day; /* "2025-08-15"; NULL: none */
	struct attribute *attributes;
	size_t nattributes;
	struct trait *traits;
	size_t ntraits;
	struct attribute *consents; /* name: its id; value unused; at: since */
	size_t nconsents;
	struct last_event *events;
	size_t nevents;
	int64_t orders; /* that earn, before this one */
};

/* What happens, as conditions see it. */
struct occasion {
	int64_t at;
	const char *channel, *brand, *shipping_method;
	int64_t amount; /* TEST_AMOUNT */
	int64_t pieces; /* TEST_PIECES */
	struct words codes;
	int unreadable; /* of an order: what a condition may ask in vain */
	const struct field *fields;
	size_t nfields;
	int64_t nth; /* TEST_NTH; 0: no order */
};

/* If it does not hold, *why_not is the failing test's `otherwise`, or the
 * word for its kind ("not_tier", "excluded_state" ...). */
bool condition_holds(const struct condition *, const struct program *,
    const struct member_view *, const struct occasion *, const char **why_not);

/* How many things condition_holds() may have to look at. */
size_t condition_width(const struct condition *, const struct member_view *,
    const struct occasion *);

/* The next instant after `now` at which time alone may make it begin to hold
 * or cease to; INSTANT_NEVER. */
int64_t condition_due_at(const struct condition *, const struct program *,
    const struct member_view *, int64_t now);

/* The newest attribute of that name, or NULL. */
const struct attribute *attribute_newest(
    const struct attribute *list, size_t n, const char *name);
/* The instant of the newest event of a type until `now`; INT64_MIN: there was
 * none. */
int64_t event_newest_at(
    const struct member_view *, const char *type, int64_t now);
/* The time for which a consent lasts. */
struct period consent_period(const struct program *, const char *id);

/* An empty filter means every line. */
bool filter_has(const struct filter *, const struct order_line *);

/* Whether a filter says that lines that cost nothing are meant, too. */
bool filter_means_free(const struct filter *);

/* The fields that a filter asks of a line and that cannot be read, as bits. */
int filter_unreadable(const struct filter *, const struct order_line *);

/* Whether a filter asks something of a line that only the line's product says,
 * of which nobody has told yet. */
bool filter_is_unknown(const struct filter *, const struct order_line *);

/* Whether a text is what a pattern says; * is any characters. */
bool pattern_matches(const char *pattern, const char *text);
/* Whether it does so, whether letters are small or capital. */
bool pattern_matches_nocase(const char *pattern, const char *text);

#endif /* CORE_MATCH_H */

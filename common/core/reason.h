/* SPDX-License-Identifier: MIT */
#ifndef CORE_REASON_H
#define CORE_REASON_H

#include <stdbool.h>

/*
 * reason: why something has the number it has, earned nothing, or was
 * refused.  The table is core/reason.def: every word that the core says, and
 * its sentence in all languages (which wire/explain/language.h gives).  The
 * words stand in the ledger, so they never change.
 */

enum reason {
#define REASON(name, ...)      REASON_##name,
#define UNREADABLE(field, ...) REASON_UNKNOWN_##field,
#define CONDITION(test, ...)   REASON_IF_##test,
#include "core/reason.def"
	REASONS,
};

/* What may have a reason, a bit each. */
enum reason_use {
	REASON_OF_GIVEN = 0,
	REASON_OF_NOTHING = 1 << 0, /* what earned nothing */
	REASON_OF_REFUSED = 1 << 1,
	REASON_OF_EITHER = REASON_OF_NOTHING | REASON_OF_REFUSED,
	REASON_OF_CONDITION = REASON_OF_EITHER | 1 << 2,
};

/* The reason's word, "earned"; of a condition the word for one that does not
 * hold. */
const char *reason_text(enum reason);
/* Whether the word is one of the core's, and of which reason; REASON_NONE if
 * it is none. */
bool reason_find(const char *word, enum reason *);
bool reason_is_of(enum reason, enum reason_use);

/* The reason for the first of these fields (enum unreadable, as bits), which
 * cannot be read; REASON_NONE without bits. */
enum reason reason_unreadable(int bits);

#endif /* CORE_REASON_H */

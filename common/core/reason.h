/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

/* reason: why something has its number of units, earned nothing, or was
 * refused.  The table core/reason.def has every word that the core uses for
 * that, and a sentence for each word in all languages (wire/explain/language.h
 * reads the sentences).  The ledger stores the words, so they never change. */

enum reason {
#define REASON(name, ...)      REASON_##name,
#define UNREADABLE(field, ...) REASON_UNKNOWN_##field,
#define CONDITION(test, ...)   REASON_IF_##test,
#include "core/reason.def"
	REASONS,
};

/* Bits that say what a reason may explain. */
enum reason_use {
	REASON_OF_GIVEN = 0,
	REASON_OF_NOTHING = 1 << 0, /* for earning nothing */
	REASON_OF_REFUSED = 1 << 1,
	REASON_OF_EITHER = REASON_OF_NOTHING | REASON_OF_REFUSED,
	REASON_OF_CONDITION = REASON_OF_EITHER | 1 << 2,
};

/* The reason's word, such as "earned".  A condition has two words; this
 * function returns the word for a condition that does not hold. */
const char *reason_text(enum reason);
/* Finds the reason with this word; false, and REASON_NONE, if the core has no
 * such word. */
bool reason_find(const char *word, enum reason *);
bool reason_is_of(enum reason, enum reason_use);

/* The reason for a field that cannot be read.  The bits are those of enum
 * unreadable.  Of several bits the first in the table counts; without bits the
 * answer is REASON_NONE. */
enum reason reason_unreadable(int bits);

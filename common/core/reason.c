/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/order.h"
#include "core/reason.h"

static const struct {
	const char *word;
	enum reason_use use;
	int unreadable;       /* the field's bit; 0 for any other reason */
	const char *excluded; /* the word of a negated condition, or NULL */
} reasons[REASONS] = {
#define REASON(name, text, of, ...) \
	[REASON_##name] = { text, REASON_OF_##of, 0, NULL },
#define UNREADABLE(field, text, ...) \
	[REASON_UNKNOWN_##field] = { \
		text,                \
		REASON_OF_EITHER,    \
		UNREADABLE_##field,  \
		NULL,                \
	},
#define CONDITION(test, text, not, ...) \
	[REASON_IF_##test] = { text, REASON_OF_CONDITION, 0, not },
#include "core/reason.def"
};

const char *
reason_text(enum reason r)
{
	return reasons[r].word;
}

bool
reason_find(const char *word, enum reason *out)
{
	for (size_t i = 0; i < REASONS; i++) {
		const char *excluded = reasons[i].excluded;

		if (strcmp(reasons[i].word, word) != 0 &&
		    (excluded == NULL || strcmp(excluded, word) != 0))
			continue;
		*out = (enum reason)i;
		return true;
	}
	*out = REASON_NONE;
	return false;
}

bool
reason_is_of(enum reason r, enum reason_use use)
{
	return (reasons[r].use & use) == use;
}

enum reason
reason_unreadable(int bits)
{
	for (size_t i = 0; i < REASONS; i++)
		if ((reasons[i].unreadable & bits) != 0)
			return (enum reason)i;
	return REASON_NONE;
}

/* SPDX-License-Identifier: MIT */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

#include "base/str.h"

/*
 * near: of the words that there are, which somebody meant who typed another.
 * Each is offered; the nearest stays, if any is near: a few letters apart, or
 * the one a part of the other.
 */

enum {
	NEAR_WORD_MAX = 64,      /* bytes; a longer word is near to none */
	NEAR_TEXT_MAX = 64 + 32, /* of near_text() */
};

struct near {
	struct str typed;
	char word[NEAR_WORD_MAX]; /* empty: none is near */
	size_t away;
};

void near_init(struct near *, struct str typed);
void near_offer(struct near *, const char *word);
/* " (did you mean WORD?)", or nothing. */
void near_text(const struct near *, char text[NEAR_TEXT_MAX]);

#endif /* BASE_NEAR_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * near: guesses which word was meant when somebody typed a word that does not
 * exist.  The caller offers each word that exists, and the nearest is kept.  A
 * word is near if a few letters differ, or if one of the two words is a part of
 * the other.
 */

enum {
	NEAR_WORD_MAX = 64,      /* bytes; a longer word is near to no word */
	NEAR_TEXT_MAX = 64 + 32, /* bytes of near_text()'s text */
};

struct near {
	struct str typed;
	char word[NEAR_WORD_MAX]; /* the nearest word; empty: no word is near */
	size_t away;
};

void near_init(struct near *, struct str typed);
void near_offer(struct near *, const char *word);
/* Writes " (did you mean WORD?)", or nothing. */
void near_text(const struct near *, char text[NEAR_TEXT_MAX]);

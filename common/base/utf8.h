/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/* utf8: finds the characters of a text that a platform sent.  The text may be
 * cut off inside a character, or may not be UTF-8 at all. */

/* Counts the bytes of the character at the beginning; 0 if the text does not
 * begin with a valid character.  Overlong forms, surrogates and numbers beyond
 * U+10FFFF are not valid. */
size_t utf8_len(struct str);

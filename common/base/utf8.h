/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/str.h"

/* utf8: the characters of a text that a platform sent, which may be cut off or
 * be no text at all. */

/* Counts the bytes of the character at the beginning; 0 if the text does not
 * begin with one.  Overlong forms, surrogates and numbers beyond U+10FFFF are
 * none. */
size_t utf8_len(struct str);

#endif /* BASE_UTF8_H */

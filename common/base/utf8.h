/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/str.h"

/* utf8: the characters of a text that a platform sent, which may be cut off or
 * be no text at all. */

/* The bytes of the character at the beginning, or 0 if there is none: no
 * overlong forms, no surrogates, nothing beyond U+10FFFF. */
size_t utf8_len(struct str);

#endif /* BASE_UTF8_H */

/* SPDX-License-Identifier: MIT */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/* utf8: what a platform sent may be cut off or be no text at all, and
 * neither JSON nor PostgreSQL takes that. */

/* The bytes of the character at the beginning, or 0 if there is none: no
 * overlong forms, no surrogates, nothing beyond U+10FFFF. */
size_t utf8_len(struct str);

/* A copy that any of them takes: what is no UTF-8, and zero bytes, become
 * question marks. */
char *utf8_clean(struct arena *, struct str);

#endif /* BASE_UTF8_H */

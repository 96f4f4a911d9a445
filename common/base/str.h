/* SPDX-License-Identifier: MIT */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cc.h"

/*
 * str: bytes that somebody else owns, with their number; a terminating zero is
 * not promised.  And the few readings of text that every floor needs, all of
 * them strict: the whole text is a number, or base64, or it is refused.
 */

struct str {
	const char *data;
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

struct str str_of(const char *); /* an empty text for NULL */
bool str_eq(struct str, struct str);
/* Ignores the case of ASCII letters. */
bool str_eq_nocase(struct str, struct str);
char str_lower(char); /* ASCII letters only */
/* Takes off the blanks and tabs at both ends. */
struct str str_trim(struct str);

/* Reads a decimal number, with or without a sign, and nothing before or
 * behind. */
int str_int64(struct str, int64_t *) MUST_CHECK;

/* A list of words; the texts live as long as the thing that the words
 * describe. */
struct words {
	const char *const *list;
	size_t n;
};

bool words_have(const struct words *, const char *word);
/* Whether both lists have a word in common. */
bool words_common(const struct words *, const struct words *);

/* Reads exactly n bytes from standard base64 with padding. */
int base64_decode(struct str, uint8_t *out, size_t n) MUST_CHECK;

/* Reads base64url without padding (RFC 4648, section 5), as tokens have it.
 * Returns the number of bytes, or -1 if the text is no base64url or has more
 * than max bytes. */
long base64url_decode(struct str, uint8_t *out, size_t max) MUST_CHECK;

/* Writes 4 * ((n + 2) / 3) characters and a zero. */
void base64_encode(const uint8_t *, size_t n, char *out);
/* Writes base64url without padding: at most as many characters, and a zero. */
void base64url_encode(const uint8_t *, size_t n, char *out);

/* Writes 2 * n lower-case digits and a zero. */
void hex_encode(const uint8_t *, size_t n, char *out);
/* Reads a digit of either case; -1: no such digit. */
int hex_digit(char);
/* Reads exactly n bytes from 2 * n digits of either case. */
int hex_decode(struct str, uint8_t *out, size_t n) MUST_CHECK;

#endif /* BASE_STR_H */

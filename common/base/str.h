/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cc.h"

/*
 * str: bytes that somebody else owns, and their number; there may be no
 * terminating zero.  The functions that read a number, base64 or hexadecimal
 * digits are strict: they fail if any part of the text is something else.
 */

struct str {
	const char *data;
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

struct str str_of(const char *); /* an empty text for NULL */
bool str_eq(struct str, struct str);
/* Compares bytes, like memcmp(); a text comes before those that begin with
 * it. */
int str_cmp(struct str, struct str);
/* Ignores the case of ASCII letters. */
bool str_eq_nocase(struct str, struct str);
char str_lower(char); /* ASCII letters only */
/* Takes off the blanks and tabs at both ends. */
struct str str_trim(struct str);

/* Reads a text that is a decimal number, with or without a sign, and nothing
 * else. */
int str_int64(struct str, int64_t *) MUST_CHECK;

/* A list of words.  Somebody else owns the texts of the words. */
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

/* Writes 4 * ((n + 2) / 3) characters and a terminating zero byte. */
void base64_encode(const uint8_t *, size_t n, char *out);
/* Writes base64url without padding: at most as many characters as
 * base64_encode(), and a terminating zero byte. */
void base64url_encode(const uint8_t *, size_t n, char *out);

/* Writes 2 * n lower-case hexadecimal digits and a zero. */
void hex_encode(const uint8_t *, size_t n, char *out);
/* Returns the value of a hexadecimal digit of either case; -1: no such
 * digit. */
int hex_digit(char);
/* Reads exactly n bytes from 2 * n hexadecimal digits of either case. */
int hex_decode(struct str, uint8_t *out, size_t n) MUST_CHECK;

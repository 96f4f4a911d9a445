/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * coder: turns values into bytes and back by the same functions, so that writer
 * and reader cannot differ.  The bytes are for the program that wrote the
 * bytes, and for nobody else.
 *
 * A coder that writes grows its bytes in the arena.  A text that is read lies in
 * the bytes that are read.  Bytes that cannot be read set `is_bad`, and every
 * value that is read later is zero.
 */
struct coder {
	struct arena *arena;
	uint8_t *bytes;
	size_t n, room; /* bytes written, or to read */
	size_t at;      /* the next byte to read */
	bool reads, is_bad;
};

/* Writes a number and returns it, or reads the next number and returns that. */
int64_t coder_number(struct coder *, int64_t);
/* Writes a variable, or sets the variable to the next number. */
#define CODE(c, place) \
	((place) = (__typeof__(place))coder_number((c), (int64_t)(place)))
/* Writes or reads an instant, as its distance from the instant `to`. */
void coder_near(struct coder *, int64_t *at, int64_t to);
/* Writes or reads the number of items of a list.  Each item must have at least
 * one byte, so a number above that of the bytes that are left is bad. */
size_t coder_count(struct coder *, size_t n);
/* Writes or reads a text, which may be NULL. */
void coder_text(struct coder *, const char **);
/* Writes or reads a text that often equals `before`, and may not be NULL. */
void coder_text_like(struct coder *, const char **, const char *before);

/* Makes a coder that reads the bytes. */
struct coder coder_read(struct arena *, struct str);
/* Returns the bytes that were written. */
static inline struct str
coder_bytes(const struct coder *c)
{
	return (struct str){ (const char *)c->bytes, c->n };
}
/* Whether all bytes were read, and none of them was bad. */
static inline bool
coder_is_done(const struct coder *c)
{
	return !c->is_bad && c->at == c->n;
}

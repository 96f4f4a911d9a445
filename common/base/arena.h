/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/str.h"

/*
 * arena: the memory of one unit of work.
 *
 * Everything that is read from a message, a row or a JSON body lives in an
 * arena until arena_reset(), which keeps up to 64 MB for the next unit of work:
 * memory that goes back to the kernel after each unit costs more than most units
 * do.  Allocation does not fail: where memory is short the process ends, and the
 * message that the process was working on is still pending in the stream.
 */

struct arena_block;

struct arena {
	struct arena_block *first; /* the list of all blocks */
	struct arena_block *head;  /* the block being filled */
	size_t used;               /* bytes of `head` that are given out */
	size_t size;               /* bytes of all blocks */
};

void arena_init(struct arena *);
void arena_fini(struct arena *);
void arena_reset(struct arena *);
/* The bytes that the arena holds, given out or not. */
size_t arena_size(const struct arena *);

/* Returns zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *, size_t);
/* Returns memory that is not zeroed, for what is written before it is read. */
void *arena_take(struct arena *, size_t);

/* Returns n zeroed items of `size` bytes each.  If n x size overflows, the
 * process ends. */
void *arena_array(struct arena *, size_t n, size_t size);

/*
 * Returns `list`, whose first n items are in use, with room for at least one
 * item more.  *room is how many items of `size` bytes fit into the list.  A new
 * list is NULL, with a *room of 0.  A full list is copied into a larger one:
 * pointers into the old list stay valid, but a change made through them does
 * not reach the new list.
 */
void *arena_grow(
    struct arena *, void *list, size_t n, size_t *room, size_t size);

/* Copy bytes or a text into the arena, with a terminating zero behind the
 * copy. */
char *arena_memdup(struct arena *, const void *, size_t);
char *arena_strdup(struct arena *, const char *);
/* Returns a copy that JSON and PostgreSQL take: bytes that are not UTF-8, and
 * zero bytes, become question marks. */
char *arena_utf8(struct arena *, struct str);
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3);

/* SPDX-License-Identifier: MIT */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/cc.h"
#include "base/str.h"

/*
 * arena: the memory of one unit of work.
 *
 * Everything read from a message, a row or a JSON body lives here until
 * arena_reset(), which keeps the first block for the next unit of work.
 * Allocation does not fail: out of memory ends the process, and the message
 * it was working on is still pending in the stream.
 */

struct arena_block;

struct arena {
	struct arena_block *head; /* the block being filled */
	size_t used;              /* bytes of it given out */
};

void arena_init(struct arena *);
void arena_fini(struct arena *);
void arena_reset(struct arena *);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *, size_t);

/* n items of size each; an overflowing product ends the process. */
void *arena_array(struct arena *, size_t n, size_t size);

/*
 * `list`, whose first n items are in use, with room for at least one more;
 * *room is how many items of `size` bytes fit into it.  NULL and 0 begin a
 * list.  A list that is full is copied: pointers into the old one stay valid,
 * and point to items that are no longer the list's.
 */
void *arena_grow(
    struct arena *, void *list, size_t n, size_t *room, size_t size);

/* A copy with a terminating zero behind it. */
char *arena_memdup(struct arena *, const void *, size_t);
char *arena_strdup(struct arena *, const char *);
/* A copy that JSON and PostgreSQL take: bytes that are no UTF-8, and zero bytes,
 * are question marks in it. */
char *arena_utf8(struct arena *, struct str);
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3);

#endif /* BASE_ARENA_H */

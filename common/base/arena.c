/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/utf8.h"

/* Under ASan, bytes that are not given out may not be touched. */
#if HAS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum {
	BLOCK_MIN = 64 * 1024,
	KEPT_MAX = 64 * 1024 * 1024, /* bytes kept by arena_reset() */
	ALIGN = _Alignof(max_align_t),
};

/* The blocks before the head are full, those behind the head are kept for
 * later. */
struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(max_align_t) char data[];
};

/* Makes a block and puts it into the list behind `prev`, if there is one. */
static struct arena_block *
block_new(size_t size, struct arena_block *prev)
{
	struct arena_block *b = NULL;

	if (size <= PTRDIFF_MAX)
		b = malloc(sizeof(*b) + size);
	if (b == NULL)
		die("out of memory for %zu bytes", size);
	b->size = size;
	b->next = prev == NULL ? NULL : prev->next;
	if (prev != NULL)
		prev->next = b;
	ASAN_POISON_MEMORY_REGION(b->data, size);
	return b;
}

static void
blocks_free(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
		free(b);
		b = next;
	}
}

void
arena_init(struct arena *a)
{
	a->first = a->head = block_new(BLOCK_MIN, NULL);
	a->used = 0;
	a->size = BLOCK_MIN;
}

void
arena_fini(struct arena *a)
{
	blocks_free(a->first);
	a->first = a->head = NULL;
}

/* Frees the blocks behind the first KEPT_MAX bytes. */
static void
trim(struct arena *a)
{
	struct arena_block *last = a->first;
	size_t kept = last->size;

	ASAN_POISON_MEMORY_REGION(last->data, last->size);
	for (; last->next != NULL && kept + last->next->size <= KEPT_MAX;
	     last = last->next) {
		kept += last->next->size;
		ASAN_POISON_MEMORY_REGION(last->next->data, last->next->size);
	}
	blocks_free(last->next);
	last->next = NULL;
	a->size = kept;
}

void
arena_reset(struct arena *a)
{
	/* Walking through a thousand blocks that lie far apart takes 0.1 ms. */
	if (HAS_ASAN || a->size > KEPT_MAX)
		trim(a);
	a->head = a->first;
	a->used = 0;
}

size_t
arena_size(const struct arena *a)
{
	return a->size;
}

/* Makes the smallest kept block that has room for n bytes the head; if there is
 * none, a new block. */
static void
head_move(struct arena *a, size_t n)
{
	struct arena_block **best = NULL, *b;

	for (struct arena_block **at = &a->head->next; *at != NULL;
	     at = &(*at)->next) {
		if ((*at)->size < n)
			continue;
		if (best == NULL || (*at)->size < (*best)->size)
			best = at;
		if ((*best)->size == BLOCK_MIN)
			break;
	}
	if (best == NULL) {
		b = block_new(n > BLOCK_MIN ? n : BLOCK_MIN, a->head);
		a->size += b->size;
	} else {
		b = *best;
		*best = b->next;
		b->next = a->head->next;
		a->head->next = b;
	}
	a->head = b;
	a->used = 0;
}

void *
arena_take(struct arena *a, size_t n)
{
	void *p;

	/* A size near SIZE_MAX is not rounded up, since rounding would overflow
	 * and give a small size. */
	if (n <= PTRDIFF_MAX)
		n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (n > a->head->size - a->used)
		head_move(a, n);
	p = a->head->data + a->used;
	a->used += n;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_take(a, n), 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		die("an array of %zu items of %zu bytes", n, size);
	return arena_alloc(a, bytes);
}

void *
arena_grow(struct arena *a, void *list, size_t n, size_t *room, size_t size)
{
	void *all;

	if (n < *room)
		return list;
	*room = n * 2 + 8;
	all = arena_array(a, *room, size);
	if (n > 0)
		memcpy(all, list, n * size);
	return all;
}

char *
arena_memdup(struct arena *a, const void *data, size_t n)
{
	char *p = arena_take(a, n + 1);

	if (n > 0)
		memcpy(p, data, n);
	p[n] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s));
}

char *
arena_utf8(struct arena *a, struct str text)
{
	char *out = arena_memdup(a, text.data, text.len);

	for (size_t i = 0; i < text.len;) {
		size_t len = utf8_len(
		    (struct str){ text.data + i, text.len - i });

		if (len == 0 || out[i] == '\0')
			out[i] = '?';
		i += len == 0 ? 1 : len;
	}
	return out;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("a format that cannot be printed: %s", fmt);

	p = arena_take(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

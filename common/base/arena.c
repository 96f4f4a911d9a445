/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/utf8.h"

enum {
	BLOCK_MIN = 64 * 1024,
	ALIGN = _Alignof(max_align_t),
};

struct arena_block {
	struct arena_block *prev;
	size_t size;
	_Alignas(max_align_t) char data[];
};

static struct arena_block *
block_new(size_t size, struct arena_block *prev)
{
	struct arena_block *b = NULL;

	if (size <= PTRDIFF_MAX)
		b = malloc(sizeof(*b) + size);
	if (b == NULL)
		die("out of memory for %zu bytes", size);
	b->prev = prev;
	b->size = size;
	return b;
}

void
arena_init(struct arena *a)
{
	a->head = block_new(BLOCK_MIN, NULL);
	a->used = 0;
}

void
arena_fini(struct arena *a)
{
	struct arena_block *prev;

	for (struct arena_block *b = a->head; b != NULL; b = prev) {
		prev = b->prev;
		free(b);
	}
	a->head = NULL;
}

void
arena_reset(struct arena *a)
{
	while (a->head->prev != NULL) {
		struct arena_block *prev = a->head->prev;

		free(a->head);
		a->head = prev;
	}
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p;

	/* A size near SIZE_MAX is not rounded up, since rounding would overflow
	 * and give a small size. */
	if (n <= PTRDIFF_MAX)
		n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (n > a->head->size - a->used) {
		a->head = block_new(n > BLOCK_MIN ? n : BLOCK_MIN, a->head);
		a->used = 0;
	}
	p = a->head->data + a->used;
	a->used += n;
	return memset(p, 0, n);
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
	char *p = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(p, data, n);
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

	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

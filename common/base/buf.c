/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

enum {
	CAP_MIN = 256
};

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
	b->cap = max < CAP_MIN ? max : CAP_MIN;
	b->data = malloc(b->cap + 1);
	if (b->data == NULL)
		die("out of memory for a buffer");
	b->data[0] = '\0';
}

void
buf_fini(struct buf *b)
{
	free(b->data);
	b->data = NULL;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = false;
	b->data[0] = '\0';
}

/* Makes room for n more bytes.  If there is none, returns false and marks the
 * buffer as full. */
static bool
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *data;

	if (n > b->max - b->len) {
		b->full = true;
		return false;
	}
	if (n <= cap - b->len)
		return true;

	while (cap < b->len + n)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	data = realloc(b->data, cap + 1);
	if (data == NULL)
		die("out of memory for a buffer of %zu bytes", cap);
	b->data = data;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("a format that cannot be printed: %s", fmt);
	if (!buf_room(b, (size_t)n))
		return;

	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

bool
buf_is_full(const struct buf *b)
{
	assert(b->len <= b->max);
	return b->full;
}

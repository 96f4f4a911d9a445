/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/coder.h"

static void
put_byte(struct coder *c, uint8_t byte)
{
	c->bytes = arena_grow(c->arena, c->bytes, c->n, &c->room, 1);
	c->bytes[c->n++] = byte;
}

static uint64_t
get_number(struct coder *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; c->at < c->n && shift < 64; shift += 7) {
		uint8_t byte = c->bytes[c->at++];

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	c->is_bad = true;
	return 0;
}

int64_t
coder_number(struct coder *c, int64_t v)
{
	uint64_t n = v < 0 ? ~((uint64_t)v << 1) : (uint64_t)v << 1;

	if (c->reads) {
		n = c->is_bad ? 0 : get_number(c);
		return (int64_t)(n >> 1 ^ (~(n & 1) + 1));
	}
	for (; n >= 0x80; n >>= 7)
		put_byte(c, (uint8_t)(n | 0x80));
	put_byte(c, (uint8_t)n);
	return v;
}

void
coder_near(struct coder *c, int64_t *at, int64_t to)
{
	uint64_t apart = (uint64_t)*at - (uint64_t)to;

	CODE(c, apart);
	*at = (int64_t)((uint64_t)to + apart);
}

size_t
coder_count(struct coder *c, size_t n)
{
	CODE(c, n);
	if (c->reads && n > c->n - c->at) {
		c->is_bad = true;
		n = 0;
	}
	return n;
}

void
coder_text(struct coder *c, const char **s)
{
	size_t n = coder_count(c, *s == NULL ? 0 : strlen(*s) + 1);

	if (c->reads) {
		*s = n == 0 ? NULL : (const char *)c->bytes + c->at;
		c->is_bad |= n > 0 && (*s)[n - 1] != '\0';
		c->at += n;
		if (c->is_bad)
			*s = NULL;
		return;
	}
	for (size_t i = 0; i < n; i++)
		put_byte(c, (uint8_t)(*s)[i]);
}

void
coder_text_like(struct coder *c, const char **s, const char *before)
{
	bool same = !c->reads && before != NULL && strcmp(*s, before) == 0;

	CODE(c, same);
	if (same)
		*s = before;
	else
		coder_text(c, s);
	c->is_bad |= *s == NULL;
}

struct coder
coder_read(struct arena *a, struct str bytes)
{
	return (struct coder){
		.arena = a,
		.bytes = (uint8_t *)(uintptr_t)bytes.data,
		.n = bytes.len,
		.reads = true,
	};
}

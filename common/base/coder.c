/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/coder.h"
#include "base/instant.h"

void
coder_put(struct coder *c, const void *bytes, size_t n)
{
	if (n > c->room - c->n) {
		uint8_t *more;

		c->room = 2 * c->room + n;
		more = arena_take(c->arena, c->room);
		if (c->n > 0)
			memcpy(more, c->bytes, c->n);
		c->bytes = more;
	}
	if (n > 0)
		memcpy(c->bytes + c->n, bytes, n);
	c->n += n;
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
	uint8_t bytes[10]; /* of 7 bits each */
	size_t size = 0;

	if (c->reads) {
		n = c->is_bad ? 0 : get_number(c);
		return (int64_t)(n >> 1 ^ (~(n & 1) + 1));
	}
	for (; n >= 0x80; n >>= 7)
		bytes[size++] = (uint8_t)(n | 0x80);
	bytes[size++] = (uint8_t)n;
	coder_put(c, bytes, size);
	return v;
}

bool
coder_more(struct coder *c, bool more)
{
	return CODE(c, more);
}

/* Codes twice the distance, or 1 for INSTANT_NEVER. */
void
coder_instant(struct coder *c, int64_t *at)
{
	uint64_t apart = (uint64_t)*at - (uint64_t)c->instant;
	int64_t v = *at == INSTANT_NEVER ? 1 : (int64_t)(apart << 1);

	CODE(c, v);
	if (v == 1)
		*at = INSTANT_NEVER;
	else
		*at = c->instant += v / 2;
}

void *
coder_list(struct coder *c, void *list, size_t *n, size_t *room, size_t size)
{
	CODE(c, *n);
	if (!c->reads)
		return list;
	if (*n > c->n - c->at) {
		c->is_bad = true;
		*n = 0;
	}
	*room = *n + 1;
	return arena_array(c->arena, *room, size);
}

/* Reads a text of so many bytes, a zero at its end among them. */
static const char *
get_text(struct coder *c, size_t n)
{
	const char *s = (const char *)c->bytes + c->at;

	if (n > c->n - c->at || s[n - 1] != '\0') {
		c->is_bad = true;
		return NULL;
	}
	c->at += n;
	return s;
}

/* Codes 0 for NULL, the place of a text that was coded lately, from 1 on, or,
 * above these, the size of a new text. */
void
coder_text(struct coder *c, const char **s)
{
	size_t at = 0, k = 0;

	for (; !c->reads && *s != NULL && at < CODER_TEXTS; at++)
		if (c->texts[at] != NULL && strcmp(c->texts[at], *s) == 0)
			break;
	if (!c->reads && *s != NULL)
		k = at < CODER_TEXTS ? at + 1 : at + strlen(*s) + 1;
	CODE(c, k);
	if (k == 0) {
		*s = NULL;
		return;
	}
	at = k > CODER_TEXTS ? CODER_TEXTS - 1 : k - 1;
	if (k > CODER_TEXTS && !c->reads)
		coder_put(c, *s, k - CODER_TEXTS);
	else
		*s = k > CODER_TEXTS ? get_text(c, k - CODER_TEXTS)
		                     : c->texts[at];
	memmove(&c->texts[1], &c->texts[0], at * sizeof(c->texts[0]));
	c->texts[0] = *s;
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

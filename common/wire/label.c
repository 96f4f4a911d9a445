/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/utf8.h"
#include "wire/label.h"

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static struct str
trim(struct str s)
{
	for (; s.len > 0 && is_blank(*s.data); s.len--)
		s.data++;
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* How many bytes of the text fit into LABEL_MAX, in whole characters. */
static size_t
fitting(struct str s)
{
	size_t n = 0;

	while (n < s.len) {
		size_t len = utf8_len((struct str){ s.data + n, s.len - n });

		len = len == 0 ? 1 : len;
		if (n + len > LABEL_MAX)
			break;
		n += len;
	}
	return n;
}

const char *
label_of(struct arena *a, struct str text)
{
	struct str s = trim(text);
	char *out;

	s.len = fitting(s);
	s = trim(s);
	if (s.len == 0)
		return NULL;
	out = arena_utf8(a, s);
	for (char *p = out; *p != '\0'; p++)
		if (is_blank(*p))
			*p = ' ';
	return out;
}

void
labels_init(struct labels *l, struct arena *a, size_t room)
{
	if (room > LINE_WORDS_MAX)
		room = LINE_WORDS_MAX;
	*l = (struct labels){ .arena = a, .room = room };
	l->list = arena_array(a, room, sizeof(*l->list));
}

void
labels_add(struct labels *l, struct str text)
{
	const char *label;

	if (l->n == l->room)
		return;
	label = label_of(l->arena, text);
	if (label == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->list[i], label) == 0)
			return;
	l->list[l->n++] = label;
}

void
labels_add_parts(struct labels *l, struct str s)
{
	while (s.len > 0) {
		const char *comma = memchr(s.data, ',', s.len);
		size_t n = comma == NULL ? s.len : (size_t)(comma - s.data);

		labels_add(l, (struct str){ s.data, n });
		n += comma != NULL;
		s.data += n;
		s.len -= n;
	}
}

struct words
labels_words(const struct labels *l)
{
	return (struct words){ l->n > 0 ? l->list : NULL, l->n };
}

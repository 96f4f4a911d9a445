/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "wire/explain/say.h"

void
teller_init(struct teller *t, struct arena *a, const struct language *l,
    const struct program *p)
{
	*t = (struct teller){ .arena = a, .language = l, .program = p };
	buf_init(&t->scratch, TELL_MAX);
}

void
teller_fini(struct teller *t)
{
	buf_fini(&t->scratch);
}

const char *
teller_told(struct teller *t)
{
	const char *s;

	if (buf_is_full(&t->scratch))
		die("explain: a sentence of more than %d bytes", TELL_MAX);
	s = arena_memdup(t->arena, t->scratch.data, t->scratch.len);
	buf_reset(&t->scratch);
	return s;
}

static const char *
slot_value(const char *name, size_t len, va_list pairs)
{
	const char *key;

	while ((key = va_arg(pairs, const char *)) != NULL) {
		const char *value = va_arg(pairs, const char *);

		if (strlen(key) == len && memcmp(key, name, len) == 0)
			return value;
	}
	die("explain: nothing for the slot {%.*s}", (int)len, name);
}

const char *
tell(struct teller *t, enum piece piece, ...)
{
	const char *s = language_piece(t->language, piece);
	va_list pairs, copy;
	size_t n;

	va_start(pairs, piece);
	for (; *s != '\0'; s++) {
		n = strcspn(s, "{");
		buf_add(&t->scratch, s, n);
		s += n;
		if (*s == '\0')
			break;
		n = strcspn(s, "}");
		va_copy(copy, pairs);
		buf_puts(&t->scratch, slot_value(s + 1, n - 1, copy));
		va_end(copy);
		s += n;
	}
	va_end(pairs);
	return teller_told(t);
}

const char *
tell_all(struct teller *t, ...)
{
	const char *s;
	va_list texts;

	va_start(texts, t);
	while ((s = va_arg(texts, const char *)) != NULL)
		buf_puts(&t->scratch, s);
	va_end(texts);
	return teller_told(t);
}

const char *
tell_join(struct teller *t, const char *a, const char *between, const char *b)
{
	if (a[0] == '\0')
		return b;
	if (b[0] == '\0')
		return a;
	return tell_all(t, a, between, b, NULL);
}

const char *
tell_then(struct teller *t, const char *a, const char *b)
{
	return tell_join(t, a, " ", b);
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/log.h"
#include "wire/record/internal.h"

int64_t
record_number(const char *place)
{
	int64_t n;

	memcpy(&n, place, sizeof(n));
	return n;
}

int
record_int(const char *place)
{
	int n;

	memcpy(&n, place, sizeof(n));
	return n;
}

struct words
record_texts(const struct record_field *f, const char *base)
{
	const char *place = base + f->offset;
	struct words words = { .n = 0 };

	if (f->kind == RECORD_WORDS) {
		memcpy(&words, place, sizeof(words));
		return words;
	}
	words.list = (const char *const *)(const void *)place;
	memcpy(&words.n, base + f->count_offset, sizeof(words.n));
	return words;
}

void
record_texts_set(
    const struct record_field *f, char *base, const struct words *words)
{
	if (f->kind == RECORD_WORDS) {
		memcpy(base + f->offset, words, sizeof(*words));
		return;
	}
	memcpy(base + f->offset, words->list, words->n * sizeof(*words->list));
	memcpy(base + f->count_offset, &words->n, sizeof(words->n));
}

const char *
record_items(const struct record_field *f, const char *base, size_t *n)
{
	const char *items;

	memcpy(&items, base + f->offset, sizeof(items));
	memcpy(n, base + f->count_offset, sizeof(*n));
	return items;
}

void
record_items_set(
    const struct record_field *f, char *base, const char *items, size_t n)
{
	memcpy(base + f->offset, &items, sizeof(items));
	memcpy(base + f->count_offset, &n, sizeof(n));
}

static bool
has_text(const char *place)
{
	const char *text;

	memcpy(&text, place, sizeof(text));
	return text != NULL && text[0] != '\0';
}

static bool
has_any(const struct record_field *f, const char *base)
{
	for (; f->key != NULL; f++)
		if (record_has(f, base))
			return true;
	return false;
}

bool
record_has(const struct record_field *f, const char *base)
{
	static const uint8_t no_hash[RECORD_HASH_SIZE];
	const char *place = base + f->offset;
	size_t n;

	switch (f->kind) {
	case RECORD_NUMBER:
		return record_number(place) != 0;
	case RECORD_INT:
	case RECORD_WORD:
		return record_int(place) != 0;
	case RECORD_TRUTH:
		return *(const bool *)place;
	case RECORD_CHARS:
		return place[0] != '\0';
	case RECORD_TEXT:
		return has_text(place);
	case RECORD_WORDS:
	case RECORD_TEXTS:
		return record_texts(f, base).n > 0;
	case RECORD_HASH:
		return memcmp(place, no_hash, RECORD_HASH_SIZE) != 0;
	case RECORD_LIST:
		(void)record_items(f, base, &n);
		return n > 0;
	case RECORD_PART:
		return has_any(f->part, place);
	}
	die("record: a field of no kind");
}

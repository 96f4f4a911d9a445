/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "wire/record/internal.h"

enum {
	NUMBER_SIZE_MAX = 10, /* bytes of a number of 64 bits */
};

/* Whether the bytes are a text of fewer than `size` bytes: UTF-8, and no zero
 * in it. */
static bool
is_text(struct str s, size_t size)
{
	if (s.len == 0 || s.len >= size)
		return false;
	while (s.len > 0) {
		bool ascii = *(const signed char *)s.data > 0;
		size_t n = ascii ? 1 : *s.data == '\0' ? 0 : utf8_len(s);

		if (n == 0)
			return false;
		s.data += n;
		s.len -= n;
	}
	return true;
}

/* Whether a word of an enum, or a number, is in its bounds. */
static bool
is_within(const struct record_field *f, int64_t n)
{
	int64_t words = 0;

	if (f->kind == RECORD_NUMBER)
		return n >= f->least && n <= f->most;
	if (f->kind == RECORD_INT)
		return n >= INT_MIN && n <= INT_MAX;
	while (words < n && f->words[words + 1] != NULL)
		words++;
	return n > 0 && n == words;
}

/* ---- writing ------------------------------------------------------------- */

static int put_struct(
    struct buf *, const struct record_field *, const char *base);

static void
put_number(struct buf *b, uint64_t n)
{
	uint8_t bytes[NUMBER_SIZE_MAX];
	size_t size = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[size++] = (uint8_t)(n | 0x80);
	bytes[size++] = (uint8_t)n;
	buf_add(b, bytes, size);
}

static int
put_signed(struct buf *b, const struct record_field *f, int64_t n)
{
	uint64_t twice = (uint64_t)n << 1;

	if (!is_within(f, n))
		return -1;
	put_number(b, n < 0 ? ~twice : twice);
	return 0;
}

static int
put_text(struct buf *b, const char *text, size_t size)
{
	struct str s = { text, text == NULL ? 0 : strnlen(text, size) };

	if (!is_text(s, size))
		return -1;
	put_number(b, s.len);
	buf_add(b, s.data, s.len);
	return 0;
}

static int
put_texts(struct buf *b, const struct record_field *f, const char *base)
{
	const struct words words = record_texts(f, base);

	if (words.n > (size_t)f->most)
		return -1;
	put_number(b, words.n);
	for (size_t i = 0; i < words.n; i++)
		if (put_text(b, words.list[i], f->size) == -1)
			return -1;
	return 0;
}

static int
put_list(struct buf *b, const struct record_field *f, const char *base)
{
	size_t n;
	const char *item = record_items(f, base, &n);

	if (n > (size_t)f->most)
		return -1;
	put_number(b, n);
	for (; n > 0; n--, item += f->size)
		if (put_struct(b, f->part, item) == -1)
			return -1;
	return 0;
}

static int
put_field(struct buf *b, const struct record_field *f, const char *base)
{
	const char *place = base + f->offset, *text;

	switch (f->kind) {
	case RECORD_NUMBER:
		return put_signed(b, f, record_number(place));
	case RECORD_INT:
		return put_signed(b, f, record_int(place));
	case RECORD_TRUTH:
		return 0;
	case RECORD_CHARS:
		return put_text(b, place, f->size);
	case RECORD_TEXT:
		memcpy(&text, place, sizeof(text));
		return put_text(b, text, f->size);
	case RECORD_WORDS:
	case RECORD_TEXTS:
		return put_texts(b, f, base);
	case RECORD_HASH:
		buf_add(b, place, RECORD_HASH_SIZE);
		return 0;
	case RECORD_WORD:
		if (!is_within(f, record_int(place)))
			return -1;
		put_number(b, (uint64_t)record_int(place));
		return 0;
	case RECORD_LIST:
		return put_list(b, f, base);
	case RECORD_PART:
		return put_struct(b, f->part, place);
	}
	return -1;
}

static int
put_struct(struct buf *b, const struct record_field *fields, const char *base)
{
	uint64_t told = 0;

	for (size_t i = 0; fields[i].key != NULL; i++)
		if (record_has(&fields[i], base))
			told |= UINT64_C(1) << i;
	put_number(b, told);
	for (; told != 0; told >>= 1, fields++)
		if ((told & 1) != 0 && put_field(b, fields, base) == -1)
			return -1;
	return 0;
}

int
record_put(struct buf *b, const struct record_field *fields, const void *base)
{
	const uint8_t version = RECORD_VERSION;

	buf_add(b, &version, 1);
	return put_struct(b, fields, base) == -1 || buf_is_full(b) ? -1 : 0;
}

/* ---- reading ------------------------------------------------------------- */

struct record_bytes {
	struct arena *arena;
	struct str rest; /* the bytes that are still to be read */
	int depth;
	bool peeks; /* reading ends at a list */
};

static int get_struct(
    struct record_bytes *, const struct record_field *, char *base);

/* Takes n bytes off the rest; NULL if there are fewer. */
static const char *
take(struct record_bytes *r, size_t n)
{
	const char *bytes = r->rest.data;

	if (n > r->rest.len)
		return NULL;
	r->rest.data += n;
	r->rest.len -= n;
	return bytes;
}

/* Reads a number that has no byte too many. */
static int
get_number(struct record_bytes *r, uint64_t *n)
{
	*n = 0;
	if (r->rest.len > 0 && *(const signed char *)r->rest.data >= 0) {
		*n = (uint8_t)*take(r, 1);
		return 0;
	}
	for (unsigned shift = 0; shift < 64; shift += 7) {
		const char *p = take(r, 1);
		uint64_t bits;

		if (p == NULL)
			return -1;
		bits = (uint8_t)*p & 0x7f;
		if (shift == 63 && bits > 1)
			return -1;
		*n |= bits << shift;
		if (((uint8_t)*p & 0x80) == 0)
			return bits == 0 && shift > 0 ? -1 : 0;
	}
	return -1;
}

/* Reads a count of things that have at least a byte each. */
static int
get_count(struct record_bytes *r, size_t most, size_t *n)
{
	uint64_t count;

	if (get_number(r, &count) == -1 || count > most || count > r->rest.len)
		return -1;
	*n = (size_t)count;
	return 0;
}

static int
get_signed(struct record_bytes *r, const struct record_field *f, int64_t *n)
{
	uint64_t twice;

	if (get_number(r, &twice) == -1)
		return -1;
	*n = (int64_t)((twice >> 1) ^ (0 - (twice & 1)));
	return is_within(f, *n) ? 0 : -1;
}

static int
get_int(struct record_bytes *r, const struct record_field *f, char *place)
{
	int64_t n;
	int small;

	if (get_signed(r, f, &n) == -1)
		return -1;
	small = (int)n;
	memcpy(place, &small, sizeof(small));
	return 0;
}

static int
get_word(struct record_bytes *r, const struct record_field *f, char *place)
{
	uint64_t n;
	int word;

	if (get_number(r, &n) == -1 || n > INT_MAX || !is_within(f, (int64_t)n))
		return -1;
	word = (int)n;
	memcpy(place, &word, sizeof(word));
	return 0;
}

static int
get_bytes(struct record_bytes *r, size_t size, struct str *out)
{
	if (get_count(r, size - 1, &out->len) == -1)
		return -1;
	out->data = take(r, out->len);
	return is_text(*out, size) ? 0 : -1;
}

static int
get_chars(struct record_bytes *r, size_t size, char *place)
{
	struct str s;

	if (get_bytes(r, size, &s) == -1)
		return -1;
	memcpy(place, s.data, s.len);
	return 0;
}

static int
get_text(struct record_bytes *r, size_t size, char *place)
{
	const char *text;
	struct str s;

	if (get_bytes(r, size, &s) == -1)
		return -1;
	text = arena_memdup(r->arena, s.data, s.len);
	memcpy(place, &text, sizeof(text));
	return 0;
}

static int
get_texts(struct record_bytes *r, const struct record_field *f, char *base)
{
	struct words words;
	const char **list;

	if (get_count(r, (size_t)f->most, &words.n) == -1)
		return -1;
	words.list = list = arena_array(r->arena, words.n, sizeof(*list));
	for (size_t i = 0; i < words.n; i++)
		if (get_text(r, f->size, (char *)&list[i]) == -1)
			return -1;
	record_texts_set(f, base, &words);
	return 0;
}

static int
get_list(struct record_bytes *r, const struct record_field *f, char *base)
{
	size_t size = f->size, n;
	char *items;

	if (r->peeks || get_count(r, (size_t)f->most, &n) == -1)
		return -1;
	items = arena_array(r->arena, n, size);
	for (size_t i = 0; i < n; i++)
		if (get_struct(r, f->part, items + i * size) == -1)
			return -1;
	record_items_set(f, base, items, n);
	return 0;
}

static int
get_hash(struct record_bytes *r, char *place)
{
	const char *hash = take(r, RECORD_HASH_SIZE);

	if (hash == NULL)
		return -1;
	memcpy(place, hash, RECORD_HASH_SIZE);
	return 0;
}

static int
get_part(struct record_bytes *r, const struct record_field *f, char *base)
{
	struct str bytes = r->rest;

	if (get_struct(r, f->part, base + f->offset) == -1)
		return -1;
	bytes.len -= r->rest.len;
	if (f->bytes_offset != 0)
		memcpy(base + f->bytes_offset, &bytes, sizeof(bytes));
	return 0;
}

static int
get_field(struct record_bytes *r, const struct record_field *f, char *base)
{
	char *place = base + f->offset;
	int64_t n;

	switch (f->kind) {
	case RECORD_NUMBER:
		if (get_signed(r, f, &n) == -1)
			return -1;
		memcpy(place, &n, sizeof(n));
		return 0;
	case RECORD_INT:
		return get_int(r, f, place);
	case RECORD_TRUTH:
		*(bool *)place = true;
		return 0;
	case RECORD_CHARS:
		return get_chars(r, f->size, place);
	case RECORD_TEXT:
		return get_text(r, f->size, place);
	case RECORD_WORDS:
	case RECORD_TEXTS:
		return get_texts(r, f, base);
	case RECORD_HASH:
		return get_hash(r, place);
	case RECORD_WORD:
		return get_word(r, f, place);
	case RECORD_LIST:
		return get_list(r, f, base);
	case RECORD_PART:
		return get_part(r, f, base);
	}
	return -1;
}

/* Reads a struct.  A field that is told and has no value is refused, since it
 * could have been left out. */
static int
get_struct(
    struct record_bytes *r, const struct record_field *fields, char *base)
{
	uint64_t told;

	if (r->depth == RECORD_DEPTH_MAX || get_number(r, &told) == -1)
		return -1;
	r->depth++;
	for (; told != 0; told >>= 1, fields++)
		if (fields->key == NULL ||
		    ((told & 1) != 0 && (get_field(r, fields, base) == -1 ||
		                            !record_has(fields, base))))
			return -1;
	r->depth--;
	return 0;
}

int
record_get(struct arena *a, struct str s, const struct record_field *fields,
    void *base)
{
	struct record_bytes r = { .arena = a, .rest = s };
	const char *version = take(&r, 1);

	if (version == NULL || *version != RECORD_VERSION)
		return -1;
	return get_struct(&r, fields, base) == -1 || r.rest.len > 0 ? -1 : 0;
}

void
record_peek(struct arena *a, struct str s, const struct record_field *fields,
    void *base)
{
	struct record_bytes r = { .arena = a, .rest = s, .peeks = true };
	const char *version = take(&r, 1);

	if (version != NULL && *version == RECORD_VERSION)
		(void)get_struct(&r, fields, base);
}

/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/jsonw.h"
#include "wire/record/internal.h"

/* ---- writing ------------------------------------------------------------- */

static void put_fields(
    struct jsonw *, const struct record_field *, const char *);

static void
put_list(struct jsonw *w, const struct record_field *f, const char *base)
{
	size_t n;
	const char *item = record_items(f, base, &n);

	assert(n <= (size_t)f->most);
	jsonw_array(w, f->key);
	for (; n > 0; n--, item += f->size)
		record_write(w, NULL, f->part, item);
	jsonw_array_end(w);
}

static void
put_hash(struct jsonw *w, const char *key, const char *place)
{
	char hex[2 * RECORD_HASH_SIZE + 1];

	hex_encode((const uint8_t *)place, RECORD_HASH_SIZE, hex);
	jsonw_text(w, key, hex);
}

static void
put_texts(struct jsonw *w, const struct record_field *f, const char *base)
{
	const struct words words = record_texts(f, base);

	assert(words.n <= (size_t)f->most);
	jsonw_array(w, f->key);
	for (size_t i = 0; i < words.n; i++) {
		assert(strlen(words.list[i]) < f->size);
		jsonw_text(w, NULL, words.list[i]);
	}
	jsonw_array_end(w);
}

static void
put_text(struct jsonw *w, const struct record_field *f, const char *place)
{
	const char *text;

	memcpy(&text, place, sizeof(text));
	assert(strlen(text) < f->size);
	jsonw_text(w, f->key, text);
}

static void
put_field(struct jsonw *w, const struct record_field *f, const char *base)
{
	const char *place = base + f->offset;

	switch (f->kind) {
	case RECORD_NUMBER:
		jsonw_int(w, f->key, record_number(place));
		return;
	case RECORD_INT:
		jsonw_int(w, f->key, record_int(place));
		return;
	case RECORD_TRUTH:
		jsonw_bool(w, f->key, true);
		return;
	case RECORD_CHARS:
		jsonw_text(w, f->key, place);
		return;
	case RECORD_TEXT:
		put_text(w, f, place);
		return;
	case RECORD_WORDS:
	case RECORD_TEXTS:
		put_texts(w, f, base);
		return;
	case RECORD_HASH:
		put_hash(w, f->key, place);
		return;
	case RECORD_WORD:
		jsonw_text(w, f->key, f->words[record_int(place)]);
		return;
	case RECORD_LIST:
		put_list(w, f, base);
		return;
	case RECORD_PART:
		record_write(w, f->key, f->part, place);
		return;
	}
}

static void
put_fields(struct jsonw *w, const struct record_field *f, const char *base)
{
	for (; f->key != NULL; f++)
		if (record_has(f, base))
			put_field(w, f, base);
}

void
record_write(struct jsonw *w, const char *key,
    const struct record_field *fields, const void *base)
{
	jsonw_object(w, key);
	put_fields(w, fields, base);
	jsonw_object_end(w);
}

struct str
record_render(struct arena *a, const struct record_field *fields,
    const void *base, size_t max)
{
	struct jsonw w;
	struct buf b;
	struct str s;

	buf_init(&b, max);
	jsonw_init(&w, &b);
	record_write(&w, NULL, fields, base);
	assert(jsonw_is_done(&w));
	s = (struct str){ arena_memdup(a, b.data, b.len), b.len };
	buf_fini(&b);
	return s;
}

/* ---- reading ------------------------------------------------------------- */

struct record_reader {
	struct arena *arena;
	/* The key of the innermost value that could not be read. */
	char wrong[RECORD_WRONG_MAX];
};

static int get_object(
    struct record_reader *, json_t *, const struct record_field *, char *);

static int
get_list(struct record_reader *r, json_t *v, const struct record_field *f,
    char *base)
{
	size_t n = json_array_size(v);
	char *items;

	if (!json_is_array(v) || n > (size_t)f->most)
		return -1;
	if (n == 0)
		return 0;
	items = arena_array(r->arena, n, f->size);
	for (size_t i = 0; i < n; i++)
		if (get_object(r, json_array_get(v, i), f->part,
		        items + i * f->size) == -1)
			return -1;
	record_items_set(f, base, items, n);
	return 0;
}

static int
get_number(const json_t *v, int64_t least, int64_t most, int64_t *n)
{
	*n = json_integer_value(v);
	return json_is_integer(v) && *n >= least && *n <= most ? 0 : -1;
}

static int
get_chars(const json_t *v, char *place, size_t size)
{
	size_t n = json_string_length(v);

	if (!json_is_string(v) || n >= size)
		return -1;
	memcpy(place, json_string_value(v), n);
	return 0;
}

static struct str
str_of_json(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

static int
get_word(const json_t *v, const char *const *words, char *place)
{
	for (int n = 1; json_is_string(v) && words[n] != NULL; n++)
		if (strcmp(words[n], json_string_value(v)) == 0) {
			memcpy(place, &n, sizeof(n));
			return 0;
		}
	return -1;
}

/* Copies a text into the arena; NULL if the value is no text that
 * record_render() writes. */
static const char *
text_of(struct record_reader *r, const json_t *v, size_t size)
{
	size_t n = json_string_length(v);

	return n > 0 && n < size
	           ? arena_memdup(r->arena, json_string_value(v), n)
	           : NULL;
}

static int
get_text(struct record_reader *r, const json_t *v, size_t size, char *place)
{
	const char *text = text_of(r, v, size);

	memcpy(place, &text, sizeof(text));
	return text != NULL ? 0 : -1;
}

/* Copies a list of texts into the arena; NULL if the value is no list that
 * record_render() writes. */
static const char **
texts_of(struct record_reader *r, const json_t *v, const struct record_field *f)
{
	size_t n = json_array_size(v);
	const char **list;

	if (!json_is_array(v) || n > (size_t)f->most)
		return NULL;
	list = arena_array(r->arena, n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		list[i] = text_of(r, json_array_get(v, i), f->size);
		if (list[i] == NULL)
			return NULL;
	}
	return list;
}

static int
get_texts(struct record_reader *r, const json_t *v,
    const struct record_field *f, char *base)
{
	struct words words = { texts_of(r, v, f), json_array_size(v) };

	if (words.list == NULL || (f->kind == RECORD_TEXTS && words.n == 0))
		return -1;
	record_texts_set(f, base, &words);
	return 0;
}

static int
get_field(struct record_reader *r, json_t *v, const struct record_field *f,
    char *base)
{
	char *place = base + f->offset;
	int64_t n;
	int small;

	switch (f->kind) {
	case RECORD_NUMBER:
		if (get_number(v, f->least, f->most, &n) == -1)
			return -1;
		memcpy(place, &n, sizeof(n));
		return 0;
	case RECORD_INT:
		if (get_number(v, INT_MIN, INT_MAX, &n) == -1)
			return -1;
		small = (int)n;
		memcpy(place, &small, sizeof(small));
		return 0;
	case RECORD_TRUTH:
		*(bool *)place = json_is_true(v);
		return json_is_boolean(v) ? 0 : -1;
	case RECORD_CHARS:
		return get_chars(v, place, f->size);
	case RECORD_TEXT:
		return get_text(r, v, f->size, place);
	case RECORD_WORDS:
	case RECORD_TEXTS:
		return get_texts(r, v, f, base);
	case RECORD_HASH:
		return hex_decode(
		    str_of_json(v), (uint8_t *)place, RECORD_HASH_SIZE);
	case RECORD_WORD:
		return get_word(v, f->words, place);
	case RECORD_LIST:
		return get_list(r, v, f, base);
	case RECORD_PART:
		return get_object(r, v, f->part, place);
	}
	return -1;
}

static int
get_object(struct record_reader *r, json_t *o,
    const struct record_field *fields, char *base)
{
	const struct record_field *f;
	const char *key;
	json_t *v;

	if (!json_is_object(o))
		return -1;
	json_object_foreach(o, key, v)
	{
		for (f = fields; f->key != NULL; f++)
			if (strcmp(f->key, key) == 0)
				break;
		if (f->key != NULL && get_field(r, v, f, base) == 0)
			continue;
		if (r->wrong[0] == '\0')
			(void)snprintf(r->wrong, sizeof(r->wrong), "%s", key);
		return -1;
	}
	return 0;
}

int
record_parse(struct arena *a, struct str s, const struct record_field *fields,
    void *base, char wrong[RECORD_WRONG_MAX])
{
	struct record_reader r = { .arena = a };
	json_t *root = json_loadb(s.data, s.len, JSON_REJECT_DUPLICATES, NULL);
	int rc = -1;

	if (root != NULL)
		rc = get_object(&r, root, fields, base);
	json_decref(root);
	memcpy(wrong, r.wrong, sizeof(r.wrong));
	return rc;
}

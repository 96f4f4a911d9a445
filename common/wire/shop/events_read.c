/* SPDX-License-Identifier: MIT */
/*
 * Values in the bodies of POST /events, which are read more strictly than the
 * bodies of shops.
 */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "wire/node.h"
#include "wire/shop/events.h"
#include "wire/shop/internal.h"

enum {
	KEYS_TEXT_MAX = 200
};

void
reader_refuse_here(struct reader *r, const char *sentence)
{
	size_t len = strlen(r->at);

	/* The path to the object ends in a dot, as in "order.lines[2].". */
	if (len > 0)
		r->at[len - 1] = '\0';
	reader_refuse(r, "", sentence);
	if (len > 0)
		r->at[len - 1] = '.';
}

void
keys_check(struct reader *r, const json_t *o, const char *what,
    const char *const keys[])
{
	char text[KEYS_TEXT_MAX] = "has a key besides ";
	size_t len = strlen(text);
	const char *key;
	json_t *v;

	/* jansson wants an object that it may change, and does not change it.
	 * The complaint does not show the unknown key, which may be
	 * anything. */
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		if (word_is_one_of(key, keys))
			continue;
		for (size_t i = 0; keys[i] != NULL && len < sizeof(text); i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", i > 0 ? ", " : "", keys[i]);
		if (what == NULL)
			reader_refuse_here(r, text);
		else
			reader_refuse(r, what, text);
		return;
	}
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return false;
	return true;
}

const char *
read_given(struct reading *in, const json_t *o, const char *key, enum need need)
{
	struct reader *r = &in->r;
	const json_t *v = json_object_get(o, key);
	struct str s = read_text(r, o, key, need);

	if (r->failed || v == NULL || json_is_null(v))
		return NULL;
	if (s.len == 0 || s.len > FACT_TEXT_MAX || !is_printable(s)) {
		reader_refuse(
		    r, key, "is not 1 to 255 bytes of printable text");
		return NULL;
	}
	return arena_memdup(in->arena, s.data, s.len);
}

const char *
read_given_id(
    struct reading *in, const json_t *o, const char *key, enum need need)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v))
		return arena_printf(
		    in->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return read_given(in, o, key, need);
}

bool
is_type(struct str s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (s.len == 0 || s.len > EVENT_TYPE_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (memchr(letters, s.data[i], sizeof(letters) - 1) == NULL)
			return false;
	return true;
}

const char *
read_type(struct reading *in, const json_t *o, const char *key, enum need need)
{
	struct reader *r = &in->r;
	const json_t *v = json_object_get(o, key);
	struct str s = read_text(r, o, key, need);

	if (r->failed || v == NULL || json_is_null(v))
		return NULL;
	if (!is_type(s)) {
		reader_refuse(r, key, "is not 1 to 31 of a-z 0-9 _ -");
		return NULL;
	}
	return arena_memdup(in->arena, s.data, s.len);
}

int64_t
read_given_money(
    struct reader *r, const json_t *o, const char *key, enum need need)
{
	int64_t amount = read_money(r, o, key, need);

	if (amount < 0)
		reader_refuse(r, key, "is below zero");
	return amount;
}

int64_t
read_moment(
    struct reading *in, const json_t *o, const char *key, enum need need)
{
	int64_t at = read_instant(&in->r, o, key, need);

	if (at > in->message->received_at &&
	    at - in->message->received_at > INSTANT_DAY)
		reader_refuse(&in->r, key, "is more than a day ahead of now");
	return at;
}

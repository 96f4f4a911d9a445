/* SPDX-License-Identifier: MIT */
/*
 * Values in the bodies of POST /events, which are read more strictly than the
 * bodies of shops.
 */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "wire/shop/events.h"
#include "wire/shop/internal.h"

enum {
	KEYS_TEXT_MAX = 200
};

void
reader_refuse_here(struct reader *r, const char *sentence)
{
	reader_refuse(r, "", sentence);
}

static bool
is_one_of(struct str key, const char *const keys[])
{
	for (size_t i = 0; keys[i] != NULL; i++)
		if (str_eq(key, str_of(keys[i])))
			return true;
	return false;
}

void
keys_check(struct reader *r, struct value o, const char *what,
    const char *const keys[])
{
	char text[KEYS_TEXT_MAX] = "has a key besides ";
	size_t len = strlen(text);
	struct value v = { 0 };

	/* The complaint does not show the unknown key, which may be
	 * anything. */
	while (value_next(o, &v)) {
		if (is_one_of(value_key(v), keys))
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
read_given(struct reading *in, struct value o, const char *key, enum need need)
{
	struct reader *r = &in->r;
	struct value v = value_get(o, key);
	struct str s = read_text(r, o, key, need);

	if (r->failed || !value_is_set(v))
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
    struct reading *in, struct value o, const char *key, enum need need)
{
	struct value v = value_get(o, key);

	struct str digits = value_digits(v);

	if (value_is(v, VALUE_INT))
		return arena_memdup(in->arena, digits.data, digits.len);
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
read_type(struct reading *in, struct value o, const char *key, enum need need)
{
	struct reader *r = &in->r;
	struct value v = value_get(o, key);
	struct str s = read_text(r, o, key, need);

	if (r->failed || !value_is_set(v))
		return NULL;
	if (!is_type(s)) {
		reader_refuse(r, key, "is not 1 to 31 of a-z 0-9 _ -");
		return NULL;
	}
	return arena_memdup(in->arena, s.data, s.len);
}

int64_t
read_given_money(
    struct reader *r, struct value o, const char *key, enum need need)
{
	int64_t amount = read_money(r, o, key, need);

	if (amount < 0)
		reader_refuse(r, key, "is below zero");
	return amount;
}

int64_t
read_moment(struct reading *in, struct value o, const char *key, enum need need)
{
	int64_t at = read_instant(&in->r, o, key, need);

	if (at > in->message->received_at &&
	    at - in->message->received_at > INSTANT_DAY)
		reader_refuse(&in->r, key, "is more than a day ahead of now");
	return at;
}

/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/utf8.h"

void
jsonw_init(struct jsonw *j, struct buf *to)
{
	*j = (struct jsonw){ .to = to };
}

bool
jsonw_is_done(const struct jsonw *j)
{
	return j->depth == 0 && !buf_is_full(j->to);
}

/* Counts the bytes before the first that needs an escape: nearly always all. */
static size_t
plain_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.data[n] >= 0x20 && s.data[n] < 0x7f &&
	       s.data[n] != '"' && s.data[n] != '\\')
		n++;
	return n;
}

static void
put_escaped(struct buf *b, unsigned char c)
{
	if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", c);
	else
		buf_printf(b, "\\u%04x", (unsigned)c);
}

static void
put_string(struct buf *b, struct str s)
{
	buf_add(b, "\"", 1);
	for (size_t n; s.len > 0; s.data += n, s.len -= n) {
		size_t len;

		n = plain_len(s);
		buf_add(b, s.data, n);
		if (n > 0)
			continue;
		len = utf8_len(s);
		n = len == 0 ? 1 : len;
		if (len == 0)
			buf_puts(b, "\xef\xbf\xbd");
		else if (len == 1)
			put_escaped(b, (unsigned char)s.data[0]);
		else
			buf_add(b, s.data, len);
	}
	buf_add(b, "\"", 1);
}

/* Begins a value: writes a comma if one is needed, and the key. */
static void
put_key(struct jsonw *j, const char *key)
{
	if (j->comma)
		buf_puts(j->to, ",");
	j->comma = true;
	if (key != NULL) {
		put_string(j->to, str_of(key));
		buf_puts(j->to, ":");
	}
}

static void
open_level(struct jsonw *j, const char *key, const char *bracket)
{
	put_key(j, key);
	buf_puts(j->to, bracket);
	j->depth++;
	j->comma = false;
}

static void
close_level(struct jsonw *j, const char *bracket)
{
	assert(j->depth > 0);
	buf_puts(j->to, bracket);
	j->depth--;
	j->comma = true;
}

static void
begin(struct jsonw *j, const char *open, const char *closing)
{
	jsonw_init(j, &j->own);
	buf_init(&j->own, JSONW_MAX);
	open_level(j, NULL, open);
	j->closing = closing;
}

void
jsonw_begin(struct jsonw *j)
{
	begin(j, "{", "}");
}

void
jsonw_begin_list(struct jsonw *j)
{
	begin(j, "[", "]");
}

void
jsonw_end(struct jsonw *j, FILE *to)
{
	close_level(j, j->closing);
	if (to != NULL && !jsonw_is_done(j))
		die("JSON of more than %d bytes, or not closed", JSONW_MAX);
	if (to != NULL)
		fprintf(to, "%s\n", j->own.data);
	buf_fini(&j->own);
}

void
jsonw_object(struct jsonw *j, const char *key)
{
	open_level(j, key, "{");
}

void
jsonw_object_end(struct jsonw *j)
{
	close_level(j, "}");
}

void
jsonw_array(struct jsonw *j, const char *key)
{
	open_level(j, key, "[");
}

void
jsonw_array_end(struct jsonw *j)
{
	close_level(j, "]");
}

void
jsonw_str(struct jsonw *j, const char *key, struct str s)
{
	put_key(j, key);
	put_string(j->to, s);
}

void
jsonw_text(struct jsonw *j, const char *key, const char *s)
{
	put_key(j, key);
	if (s == NULL)
		buf_puts(j->to, "null");
	else
		put_string(j->to, str_of(s));
}

void
jsonw_number(struct jsonw *j, const char *key, const char *number)
{
	put_key(j, key);
	buf_puts(j->to, number);
}

void
jsonw_int(struct jsonw *j, const char *key, int64_t n)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char text[24], *p = text + sizeof(text);

	/* Writes the digits without printf(), which takes 150 ns for each of
	 * the dozens of numbers in an order. */
	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (n < 0)
		*--p = '-';
	put_key(j, key);
	buf_add(j->to, p, (size_t)(text + sizeof(text) - p));
}

void
jsonw_bool(struct jsonw *j, const char *key, bool b)
{
	put_key(j, key);
	buf_puts(j->to, b ? "true" : "false");
}

void
jsonw_instant(struct jsonw *j, const char *key, int64_t at)
{
	char text[INSTANT_TEXT_MAX];

	if (at == 0 || at == INSTANT_NEVER) {
		jsonw_text(j, key, NULL);
		return;
	}
	instant_format(at, text);
	jsonw_text(j, key, text);
}

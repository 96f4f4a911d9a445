/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>

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

static void
put_ascii(struct buf *b, unsigned char c)
{
	char text[2] = { (char)c };

	if (c == '"' || c == '\\')
		buf_puts(b, "\\");
	if (c < 0x20 || c == 0x7f)
		buf_printf(b, "\\u%04x", (unsigned)c);
	else
		buf_puts(b, text);
}

static void
put_string(struct buf *b, struct str s)
{
	buf_puts(b, "\"");
	while (s.len > 0) {
		size_t len = utf8_len(s), step = len == 0 ? 1 : len;

		if (len == 0)
			buf_puts(b, "\xef\xbf\xbd");
		else if (len == 1)
			put_ascii(b, (unsigned char)s.data[0]);
		else
			buf_add(b, s.data, len);
		s.data += step;
		s.len -= step;
	}
	buf_puts(b, "\"");
}

void
jsonw_print(const struct jsonw *j, FILE *to)
{
	if (!jsonw_is_done(j))
		die("JSON of more than %zu bytes, or not closed", j->to->max);
	fprintf(to, "%s\n", j->to->data);
}

/* What stands before a value: a comma, its key. */
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
jsonw_int(struct jsonw *j, const char *key, int64_t n)
{
	put_key(j, key);
	buf_printf(j->to, "%lld", (long long)n);
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

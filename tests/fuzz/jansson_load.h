/* SPDX-License-Identifier: MIT */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "wire/tape.h"

/*
 * jansson_load: reads a text to jansson's values by the rules of wire/tape.h,
 * whose oracle it is.  Bodies were read like this before there was a tape: by
 * recursion, with a copy of each text and a table for each object.
 *
 * A number that is no int64_t becomes a text: a NUMBER_MARK, the digits, and the
 * exponent after a small e.  A value in doubt becomes a double.
 */

#define NUMBER_MARK "\x01"
#define UNREADABLE  "\xef\xbf\xbd" /* U+FFFD */

struct loader {
	const char *start, *at, *end;
	bool strict;
	int depth;
	struct buf text;   /* the string being read */
	const char *wrong; /* the first fault; NULL: none so far */
};

static json_t *load_value(struct loader *);

/* Notes a fault, unless there was one before.  Returns NULL. */
static json_t *
wrong(struct loader *l, const char *sentence)
{
	if (l->wrong == NULL)
		l->wrong = sentence;
	return NULL;
}

static json_t *
not_json(struct loader *l)
{
	return wrong(l, l->at == l->end ? "ends too early" : "is not JSON");
}

/* Ends the process if jansson made no value, which means that memory ran
 * out. */
static void
must(bool done)
{
	if (!done)
		die("out of memory for a body");
}

static json_t *
made(json_t *v)
{
	must(v != NULL);
	return v;
}

/* Makes the double that replaces a doubtful value (rule 3). */
static json_t *
untold(void)
{
	return made(json_real(0));
}

static void
skip_blanks(struct loader *l)
{
	while (l->at < l->end && (*l->at == ' ' || *l->at == '\t' ||
	                             *l->at == '\n' || *l->at == '\r'))
		l->at++;
}

static bool
take(struct loader *l, char c)
{
	if (l->at == l->end || *l->at != c)
		return false;
	l->at++;
	return true;
}

/* ---- texts --------------------------------------------------------------- */

/* Writes U+FFFD in place of bytes that are no character (rule 4); a strict
 * reading refuses such bytes. */
static bool
replace(struct loader *l, const char *sentence)
{
	if (l->strict) {
		(void)wrong(l, sentence);
		return false;
	}
	buf_puts(&l->text, UNREADABLE);
	return true;
}

/* Returns the number that the four hexadecimal digits after \u make; -1 if
 * there are no four digits. */
static int
hex4(struct loader *l)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		int c = l->at < l->end ? (unsigned char)*l->at : ' ';
		int digit = c >= '0' && c <= '9' ? c - '0'
		            : (c | 32) >= 'a' && (c | 32) <= 'f'
		                ? (c | 32) - 'a' + 10
		                : -1;

		if (digit < 0)
			return -1;
		n = n * 16 + digit;
		l->at++;
	}
	return n;
}

static void
add_character(struct buf *b, unsigned c)
{
	unsigned char out[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(first[n] | c);
	buf_add(b, out, n);
}

/* Reads an escape like \u00e9, or two escapes that together make one
 * character. */
static bool
load_unicode(struct loader *l)
{
	int c = hex4(l), low;
	const char *behind = l->at;

	if (c == -1) {
		(void)not_json(l);
		return false;
	}
	if (c < 0xd800 || c > 0xdfff) {
		add_character(&l->text, (unsigned)c);
		return true;
	}
	if (c < 0xdc00 && take(l, '\\') && take(l, 'u')) {
		low = hex4(l);
		if (low >= 0xdc00 && low <= 0xdfff) {
			add_character(
			    &l->text, 0x10000 + ((unsigned)(c & 0x3ff) << 10) +
			                  (unsigned)(low & 0x3ff));
			return true;
		}
	}
	/* The half is replaced alone: the characters after it are read as
	 * usual. */
	l->at = behind;
	return replace(l, "has half a character");
}

static bool
load_escape(struct loader *l)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (take(l, 'u'))
		return load_unicode(l);
	name = l->at == l->end ? NULL : strchr(names, *l->at);
	if (name == NULL || *name == '\0') {
		(void)not_json(l);
		return false;
	}
	buf_add(&l->text, &means[name - names], 1);
	l->at++;
	return true;
}

/* Reads the plain ASCII of a string, up to a quote, a backslash, a control
 * character or a character of several bytes. */
static void
load_plain(struct loader *l)
{
	const char *from = l->at;

	while (l->at < l->end && (unsigned char)*l->at < 0x80 &&
	       *l->at != '"' && *l->at != '\\' && *l->at >= ' ')
		l->at++;
	buf_add(&l->text, from, (size_t)(l->at - from));
}

static bool
load_character(struct loader *l)
{
	struct str rest = { l->at, (size_t)(l->end - l->at) };
	size_t n = utf8_len(rest);

	if (n == 0) {
		l->at++;
		return replace(l, "is not UTF-8");
	}
	if (l->strict && n == 1) { /* a control character */
		(void)wrong(l, "is not JSON");
		return false;
	}
	buf_add(&l->text, l->at, n);
	l->at += n;
	return true;
}

/* Empties l->text, and reads a string into it, from the byte after the first
 * quote on. */
static bool
load_text(struct loader *l)
{
	bool ok = true;

	buf_reset(&l->text);
	while (ok) {
		load_plain(l);
		if (take(l, '"'))
			return true;
		if (l->at == l->end)
			(void)not_json(l);
		ok = l->at < l->end &&
		     (take(l, '\\') ? load_escape(l) : load_character(l));
	}
	return false;
}

static json_t *
load_string(struct loader *l)
{
	if (!load_text(l))
		return NULL;
	return made(json_stringn_nocheck(l->text.data, l->text.len));
}

/* ---- numbers ------------------------------------------------------------- */

static bool
digits(struct loader *l)
{
	const char *from = l->at;

	while (l->at < l->end && *l->at >= '0' && *l->at <= '9')
		l->at++;
	return l->at > from;
}

/* Reads a number; a number that does not fit into an int64_t is kept as a text
 * (rule 2). */
static json_t *
load_number(struct loader *l)
{
	struct str s = { l->at, 0 };
	const char *exponent;
	int64_t n;
	bool ok;

	(void)take(l, '-');
	ok = take(l, '0') || digits(l);
	if (ok && take(l, '.'))
		ok = digits(l);
	exponent = l->at;
	if (ok && (take(l, 'e') || take(l, 'E'))) {
		if (!take(l, '+'))
			(void)take(l, '-');
		ok = digits(l);
	}
	if (!ok)
		return not_json(l);
	s.len = (size_t)(l->at - s.data);
	if (str_int64(s, &n) == 0)
		return made(json_integer(n));
	buf_reset(&l->text);
	buf_puts(&l->text, NUMBER_MARK);
	buf_add(&l->text, s.data, (size_t)(exponent - s.data));
	if (l->at > exponent)
		buf_puts(&l->text, "e");
	if (l->at > exponent)
		buf_add(&l->text, exponent + 1, (size_t)(l->at - exponent - 1));
	return made(json_stringn_nocheck(l->text.data, l->text.len));
}

/* ---- lists and objects --------------------------------------------------- */

/* Skips the rest of a list or object that is nested too deep (rule 3), and
 * whose first bracket was read.  The skipping looks at brackets and strings
 * alone. */
static json_t *
skip_nested(struct loader *l)
{
	size_t open = 1;

	if (l->strict)
		return wrong(l, "is nested too deep");
	while (open > 0 && l->at < l->end) {
		char c = *l->at++;

		if (c == '"' && !load_text(l))
			return NULL;
		open += c == '[' || c == '{';
		open -= c == ']' || c == '}';
	}
	return open > 0 ? not_json(l) : untold();
}

/* Reads the entries of a list, from the byte after its bracket on. */
static json_t *
load_list(struct loader *l)
{
	json_t *list = made(json_array()), *v;

	skip_blanks(l);
	if (take(l, ']'))
		return list;
	do {
		v = load_value(l);
		if (v == NULL)
			break;
		must(json_array_append_new(list, v) == 0);
		skip_blanks(l);
		if (take(l, ']'))
			return list;
	} while (take(l, ','));
	json_decref(list);
	return not_json(l);
}

/* Adds a name and its value to the object. */
static void
put(struct loader *l, json_t *o, const json_t *name, json_t *value)
{
	const char *key = json_string_value(name);

	if (strlen(key) < json_string_length(name)) {
		json_decref(value);
		if (l->strict)
			(void)wrong(l, "has a zero byte in a key");
		return;
	}
	if (json_object_get(o, key) != NULL) {
		json_decref(value);
		value = untold();
		if (l->strict)
			(void)wrong(l, "names a key twice");
	}
	must(json_object_set_new_nocheck(o, key, value) == 0);
}

static bool
load_member(struct loader *l, json_t *o)
{
	json_t *name, *value;

	skip_blanks(l);
	name = take(l, '"') ? load_string(l) : NULL;
	skip_blanks(l);
	value = name != NULL && take(l, ':') ? load_value(l) : NULL;
	if (value != NULL)
		put(l, o, name, value);
	json_decref(name);
	return value != NULL && l->wrong == NULL;
}

static json_t *
load_object(struct loader *l)
{
	json_t *o = made(json_object());

	skip_blanks(l);
	if (take(l, '}'))
		return o;
	while (load_member(l, o)) {
		skip_blanks(l);
		if (take(l, '}'))
			return o;
		if (!take(l, ','))
			break;
	}
	json_decref(o);
	return not_json(l);
}

/* ---- values -------------------------------------------------------------- */

static json_t *
load_nested(struct loader *l, bool list)
{
	json_t *v;

	if (l->depth == NESTED_MAX)
		return skip_nested(l);
	l->depth++;
	v = list ? load_list(l) : load_object(l);
	l->depth--;
	return v;
}

static bool
take_word(struct loader *l, struct str word)
{
	if ((size_t)(l->end - l->at) < word.len ||
	    memcmp(l->at, word.data, word.len) != 0)
		return false;
	l->at += word.len;
	return true;
}

static json_t *
load_value(struct loader *l)
{
	skip_blanks(l);
	if (take(l, '"'))
		return load_string(l);
	if (take(l, '{'))
		return load_nested(l, false);
	if (take(l, '['))
		return load_nested(l, true);
	if (take_word(l, STR("null")))
		return made(json_null());
	if (take_word(l, STR("true")))
		return made(json_true());
	if (take_word(l, STR("false")))
		return made(json_false());
	return load_number(l);
}

/* Refuses the body, with the line and column where the reading stopped. */
static int
refuse(const struct loader *l, struct err *e)
{
	const char *line = l->start;
	int lines = 1;

	for (const char *p = l->start; p < l->at; p++)
		if (*p == '\n') {
			line = p + 1;
			lines++;
		}
	return err_set(e, FAULT_REJECT,
	    "unparsable: the body %s (line %d, column %d)", l->wrong, lines,
	    (int)(l->at - line) + (l->at < l->end));
}

/* Reads a text, whose root may be any value; NULL, with the same complaint as
 * tape_read(), for a text that is refused. */
static json_t *
jansson_load(struct str body, bool strict, struct err *e)
{
	const char *text = body.len > 0 ? body.data : "";
	struct loader l = { .start = text,
		.at = text,
		.end = text + body.len,
		.strict = strict };
	json_t *root;

	/* A byte that is replaced by U+FFFD (rule 4) becomes three bytes at
	 * most. */
	buf_init(&l.text, 3 * body.len + sizeof(NUMBER_MARK));
	root = load_value(&l);
	buf_fini(&l.text);
	skip_blanks(&l);
	if (root != NULL && l.at < l.end)
		(void)wrong(&l, "goes on after its end");
	if (l.wrong == NULL)
		return root;
	json_decref(root);
	(void)refuse(&l, e);
	return NULL;
}

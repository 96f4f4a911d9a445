/* SPDX-License-Identifier: MIT */
/* The file of a node: its text, places in the text, and faults. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "wire/node.h"

enum {
	PATH_TEXT_MAX = 256,
	MSG_MAX = sizeof(((struct err *)0)->msg),
};

/*
 * jansson reports the line of a syntax error, and of nothing else.  But jansson
 * keeps members in the order of the file: the n-th child of a value is also the
 * n-th child in the text.  Places are found by walking through the text, which
 * is known to be JSON.
 */

/* ---- places -------------------------------------------------------------- */

static const char *
skip_blank(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

static const char *
skip_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

/* Goes from the start of a member or item to the comma, brace or bracket
 * behind it. */
static const char *
skip_member(const char *p)
{
	for (size_t depth = 0;;) {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		if (depth == 0 && (*p == ',' || *p == '}' || *p == ']'))
			return p;
		if (*p == '{' || *p == '[')
			depth++;
		if (*p == '}' || *p == ']')
			depth--;
		p++;
	}
}

/* The place of a node: where its value starts, or the key of a member. */
static const char *
node_start(const struct node *n)
{
	const char *p;

	if (n->up == NULL)
		return skip_blank(n->file->text);
	p = node_start(n->up);
	if (n->up->key != NULL)
		p = skip_blank(skip_blank(skip_string(p)) + 1);
	p = skip_blank(p + 1);
	for (size_t i = 0; i < n->nth; i++)
		p = skip_blank(skip_member(p) + 1);
	return p;
}

struct position {
	size_t line, column;
};

static struct position
place_of(const char *text, const char *start)
{
	struct position at = { 1, 1 };

	for (const char *p = text; p < start; p++) {
		/* A character may have several bytes; only its first byte
		 * counts as a column.  The other bytes are 10xxxxxx. */
		at.column += (*p & 0xc0) != 0x80;
		if (*p == '\n')
			at = (struct position){ at.line + 1, 1 };
	}
	return at;
}

/* Writes the path "rules[0].give.per"; a path that is too long ends with
 * "...". */
static size_t
node_path(const struct node *n, char out[PATH_TEXT_MAX])
{
	size_t at, room;
	int len;

	out[0] = '\0';
	if (n->up == NULL)
		return 0;
	at = node_path(n->up, out);
	room = PATH_TEXT_MAX - sizeof("...");
	if (at >= room)
		return at;
	room -= at;
	if (n->key == NULL)
		len = snprintf(out + at, room, "[%zu]", n->nth);
	else
		len = snprintf(
		    out + at, room, "%s%s", at > 0 ? "." : "", n->key);
	if (len < 0 || (size_t)len >= room)
		(void)snprintf(out + at, PATH_TEXT_MAX - at, "...");
	return strlen(out);
}

size_t
node_line(const struct node *n)
{
	return place_of(n->file->text, node_start(n)).line;
}

/* ---- faults -------------------------------------------------------------- */

/* Replaces control characters: text from the file must not steer the terminal
 * of the person who reads the sentence. */
static void
defuse(char *p)
{
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

/* Adds a fault in the order of places, unless the same sentence is there
 * already. */
static void
fault_put(struct node_file *f, size_t at, const struct err *e)
{
	struct faults *all = &f->faults;
	size_t i = all->n;

	for (size_t j = 0; j < all->n; j++)
		if (f->at[j] == at && strcmp(all->of[j].msg, e->msg) == 0)
			return;
	while (i > 0 && f->at[i - 1] > at)
		i--;
	if (all->n == FAULTS_MAX) {
		f->has_more = true;
		if (i == FAULTS_MAX)
			return;
		all->n--;
	}
	memmove(&all->of[i + 1], &all->of[i], (all->n - i) * sizeof(*e));
	memmove(&f->at[i + 1], &f->at[i], (all->n - i) * sizeof(f->at[0]));
	all->of[i] = *e;
	f->at[i] = at;
	all->n++;
}

PRINTF(3, 0)
static void
fault_say(const struct node *n, enum fault fault, const char *fmt, va_list ap)
{
	const char *start = node_start(n);
	struct position at = place_of(n->file->text, start);
	char path[PATH_TEXT_MAX], sentence[MSG_MAX];
	struct err e;

	if (node_path(n, path) == 0)
		(void)snprintf(path, sizeof(path), "the file");
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	(void)err_set(&e, fault, "line %zu, column %zu: %s %s", at.line,
	    at.column, path, sentence);
	defuse(e.msg);
	fault_put(n->file, (size_t)(start - n->file->text), &e);
}

int
node_refuse(const struct node *n, const char *fmt, ...)
{
	va_list ap;

	n->file->nrefused++;
	va_start(ap, fmt);
	fault_say(n, FAULT_REJECT, fmt, ap);
	va_end(ap);
	return -1;
}

void
node_warn(const struct node *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_say(n, FAULT_NONE, fmt, ap);
	va_end(ap);
}

bool
node_is_wrong(const struct node *n)
{
	const struct node_file *f = n->file;
	size_t start, end;

	if (f->faults.n == 0 || f->has_more)
		return f->has_more;
	if (n->up == NULL)
		return faults_stop(&f->faults);
	start = (size_t)(node_start(n) - f->text);
	end = (size_t)(skip_member(f->text + start) - f->text);
	for (size_t i = 0; i < f->faults.n; i++)
		if (f->faults.of[i].fault != FAULT_NONE && f->at[i] >= start &&
		    f->at[i] < end)
			return true;
	return false;
}

/* ---- the file ------------------------------------------------------------ */

/* Finds the first comment or trailing comma before `end`: both are allowed in
 * other languages, but not in JSON.  Returns the sentence for it, or NULL. */
static const char *
find_foreign(const char *text, const char *end, const char **at)
{
	for (const char *p = text; p < end; p++) {
		if (*p == '"') {
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\';
			continue;
		}
		*at = p;
		if (*p == '#' ||
		    (*p == '/' && end - p > 1 && (p[1] == '/' || p[1] == '*')))
			return "a comment, which JSON does not have: take it "
			       "out";
		if (*p != ',')
			continue;
		for (p++; p < end && strchr(" \t\r\n", *p) != NULL;)
			p++;
		if (p < end && (*p == '}' || *p == ']'))
			return "a trailing comma: nothing follows, so take it "
			       "out";
		p--;
	}
	return NULL;
}

/* Adds the fault of a text that jansson cannot read.  For a comment or a
 * trailing comma the sentence is loyald's own, else jansson's. */
static int
refuse_text(struct node_file *f, struct str s, const json_error_t *je)
{
	const char *at = s.data, *foreign;
	struct position place = { (size_t)je->line,
		je->column > 0 ? (size_t)je->column : 1 };
	struct err e;

	foreign = find_foreign(s.data, s.data + s.len, &at);
	/* jansson stops right after the first fault, so a comment or comma
	 * after that point is not the fault. */
	if (foreign != NULL && at - s.data <= je->position) {
		place = place_of(s.data, at);
		(void)err_set(&e, FAULT_REJECT, "line %zu, column %zu: %s",
		    place.line, place.column, foreign);
	} else {
		(void)err_set(&e, FAULT_REJECT,
		    "line %zu, column %zu: no JSON: %s", place.line,
		    place.column, je->text);
	}
	defuse(e.msg);
	fault_put(f, 0, &e);
	return -1;
}

int
node_parse(struct str s, struct node_file *f, struct node *out)
{
	static const char *const marks[] = { "\xef\xbb\xbf", "\xff\xfe",
		"\xfe\xff" };
	json_error_t je;
	struct err e;
	json_t *v;

	f->text = s.data;
	f->faults.n = 0;
	f->has_more = false;
	f->nrefused = 0;
	for (size_t i = 0; i < NITEMS(marks); i++) {
		if (s.len < strlen(marks[i]) ||
		    memcmp(s.data, marks[i], strlen(marks[i])) != 0)
			continue;
		(void)err_set(&e, FAULT_REJECT,
		    "line 1, column 1: a byte order mark, which JSON does not "
		    "have: save the file as UTF-8 without it");
		fault_put(f, 0, &e);
		return -1;
	}
	v = json_loadb(s.data, s.len, JSON_REJECT_DUPLICATES, &je);
	if (v == NULL)
		return refuse_text(f, s, &je);
	*out = (struct node){ .file = f, .value = v };
	return 0;
}

void
node_free(struct node *n)
{
	json_decref(n->value);
	n->value = NULL;
}

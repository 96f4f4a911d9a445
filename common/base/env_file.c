/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/env_file.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
begins_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_of_name(char c)
{
	return begins_name(c) || (c >= '0' && c <= '9');
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		s = (struct str){ s.data + 1, s.len - 1 };
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* Removes the text before the first c, and this c, from s.  Returns the
 * text. */
static struct str
cut(struct str *s, char c)
{
	const char *at = s->len == 0 ? NULL : memchr(s->data, c, s->len);
	size_t n = at == NULL ? s->len : (size_t)(at - s->data);
	struct str head = { s->data, n };

	if (at != NULL)
		n++;
	*s = (struct str){ s->data + n, s->len - n };
	return head;
}

static char
char_at(struct str s, size_t i)
{
	if (i >= s.len)
		return '\0';
	return s.data[i];
}

static bool
is_name(struct str s)
{
	if (s.len == 0 || !begins_name(s.data[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_of_name(s.data[i]))
			return false;
	return true;
}

/* Says why systemd and Docker read a value outside single quotes differently;
 * NULL: both read the same value. */
static const char *
disputed(struct str s, bool quoted)
{
	for (size_t i = 0; i < s.len; i++) {
		char next = char_at(s, i + 1);

		if (s.data[i] == '\\')
			return "a backslash is read in many ways: put the "
			       "whole value into single quotes";
		if (s.data[i] == '~' && i == 0 && !quoted)
			return "a ~ is not expanded in this file: write the "
			       "whole path";
		if (s.data[i] == '$' && (next == '{' || begins_name(next)))
			return "nothing is expanded in this file: write the "
			       "value itself, or put it into single quotes if "
			       "the $ is meant";
		if (!quoted && is_blank(s.data[i]) && next == '#')
			return "a # behind a blank may begin a comment: put "
			       "that on a line of its own, or the value into "
			       "quotes";
	}
	return NULL;
}

/* Takes the quotes off a value.  Returns NULL, or why the value cannot be
 * read. */
static const char *
unquote(struct str *s)
{
	char quote = char_at(*s, 0);
	bool quoted = quote == '\'' || quote == '"';
	const char *why = quote == '\'' ? NULL : disputed(*s, quoted);
	struct str behind;

	if (!quoted || why != NULL)
		return why;
	behind = (struct str){ s->data + 1, s->len - 1 };
	*s = cut(&behind, quote);
	if (s->data + s->len == behind.data)
		return "a quote is opened and not closed on the same line";
	if (behind.len > 0)
		return "something stands behind the closing quote: quotes go "
		       "around the whole value";
	return NULL;
}

/* Reads a line.  Returns 1 if the line has a name, 0 if it is empty or a
 * comment, -1 and the reason if it cannot be read. */
static int
line_parse(
    struct arena *a, struct str s, struct env_line *out, const char **why)
{
	const struct str export = STR("export ");
	struct str name;
	bool has_equals;

	s = trim(s);
	if (s.len == 0 || s.data[0] == '#')
		return 0;
	if (s.len > export.len && memcmp(s.data, export.data, export.len) == 0)
		s = trim(
		    (struct str){ s.data + export.len, s.len - export.len });
	has_equals = memchr(s.data, '=', s.len) != NULL;
	name = cut(&s, '=');
	s = trim(s);
	if (has_equals && is_name(name)) {
		out->name = arena_printf(a, "%.*s", (int)name.len, name.data);
		*why = memchr(s.data, '\0', s.len) == NULL
		           ? unquote(&s)
		           : "it holds a zero byte";
	} else if (has_equals && is_name(trim(name))) {
		*why = "there must be no blank before the =";
	} else {
		*why = "it is no NAME=VALUE, and no comment, which begins "
		       "with #";
	}
	if (*why != NULL)
		return -1;
	out->value = arena_printf(a, "%.*s", (int)s.len, s.data);
	return 1;
}

const struct env_line *
env_file_find(const struct env_file *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->lines[i].name, name) == 0)
			return &f->lines[i];
	return NULL;
}

static void
line_add(struct env_file *f, const struct env_line *line, struct faults *faults)
{
	const struct env_line *first = env_file_find(f, line->name);

	if (first != NULL)
		faults_add(faults, FAULT_CONFIG,
		    "%s, line %u: %s is on line %u, too: take one of them out",
		    f->path, line->line, line->name, first->line);
	else if (f->n == ENV_LINES_MAX)
		faults_add(faults, FAULT_CONFIG,
		    "%s, line %u: a file has at most %d names", f->path,
		    line->line, ENV_LINES_MAX);
	else
		f->lines[f->n++] = *line;
}

/* Adds a fault if the text begins with a byte order mark, which Notepad and
 * PowerShell write.  Returns the text behind the mark, or nothing if the text
 * is UTF-16. */
static struct str
mark_drop(struct str text, const char *path, struct faults *faults)
{
	static const struct {
		struct str mark;
		bool utf8;
	} marks[] = {
		{ { "\xef\xbb\xbf", 3 }, true },
		{ { "\xff\xfe", 2 }, false },
		{ { "\xfe\xff", 2 }, false },
	};

	for (size_t i = 0; i < NITEMS(marks); i++) {
		size_t n = marks[i].mark.len;

		if (text.len < n ||
		    memcmp(text.data, marks[i].mark.data, n) != 0)
			continue;
		faults_add(faults, FAULT_CONFIG,
		    "%s begins with a byte order mark, as editors of Windows "
		    "write it: save it as UTF-8 without one",
		    path);
		n = marks[i].utf8 ? n : text.len;
		return (struct str){ text.data + n, text.len - n };
	}
	return text;
}

void
env_file_parse(struct arena *a, const char *path, struct str text,
    struct env_file *out, struct faults *faults)
{
	*out = (struct env_file){
		.path = path,
		.lines = arena_array(a, ENV_LINES_MAX, sizeof(*out->lines)),
	};
	text = mark_drop(text, path, faults);
	for (unsigned n = 1; text.len > 0; n++) {
		struct env_line line = { .line = n };
		const char *why;
		int rc = line_parse(a, cut(&text, '\n'), &line, &why);

		if (rc == 1)
			line_add(out, &line, faults);
		else if (rc == -1)
			faults_add(faults, FAULT_CONFIG, "%s, line %u: %s%s%s",
			    path, n, line.name != NULL ? line.name : "",
			    line.name != NULL ? ": " : "", why);
	}
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "wire/node.h"

enum {
	PATH_TEXT_MAX = 96,
	MSG_MAX = 224,
};

/*
 * jansson knows lines of syntax errors only.  But it keeps the members of an
 * object in the file's order, so that the n-th child of a value is the n-th
 * in the text as well; and the text is known to be JSON.
 */

static json_t *
json_of(const struct node *n)
{
	return n->value;
}

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

/* From the start of a member to the start of the one behind it. */
static const char *
skip_member(const char *p)
{
	for (size_t depth = 0; depth > 0 || *p != ',';) {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		if (*p == '}' || *p == ']')
			depth--;
		p++;
	}
	return skip_blank(p + 1);
}

/* Where the value starts, or in an object its key. */
static const char *
node_start(const struct node *n)
{
	const char *p;

	if (n->up == NULL)
		return skip_blank(n->text);
	p = node_start(n->up);
	if (n->up->key != NULL)
		p = skip_blank(skip_blank(skip_string(p)) + 1);
	p = skip_blank(p + 1);
	for (size_t i = 0; i < n->nth; i++)
		p = skip_member(p);
	return p;
}

struct position {
	size_t line, column;
};

static struct position
node_place(const struct node *n)
{
	const char *start = node_start(n);
	struct position at = { 1, 1 };

	for (const char *p = n->text; p < start; p++) {
		/* The bytes that continue a character are none by themselves. */
		at.column += (*p & 0xc0) != 0x80;
		if (*p == '\n')
			at = (struct position){ at.line + 1, 1 };
	}
	return at;
}

/* "rules[0].give.per" */
static size_t
node_path(const struct node *n, char out[PATH_TEXT_MAX])
{
	size_t at;

	out[0] = '\0';
	if (n->up == NULL)
		return 0;
	at = node_path(n->up, out);
	if (n->key == NULL)
		(void)snprintf(out + at, PATH_TEXT_MAX - at, "[%zu]", n->nth);
	else
		(void)snprintf(out + at, PATH_TEXT_MAX - at, "%s%s",
		    at > 0 ? "." : "", n->key);
	return strlen(out);
}

/* What a file's author wrote must not steer the reader's terminal. */
static int
defuse(struct err *e)
{
	for (char *p = e->msg; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return -1;
}

int
node_refuse(const struct node *n, struct err *e, const char *fmt, ...)
{
	char path[PATH_TEXT_MAX], msg[MSG_MAX];
	struct position at = node_place(n);
	va_list ap;

	if (node_path(n, path) == 0)
		(void)snprintf(path, sizeof(path), "the file");
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	(void)err_set(e, FAULT_REJECT, "line %zu, column %zu: %s %s", at.line,
	    at.column, path, msg);
	return defuse(e);
}

int
node_parse(struct str s, struct node *out, struct err *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	json_error_t je;
	json_t *v;

	if (s.len >= sizeof(mark) - 1 &&
	    memcmp(s.data, mark, sizeof(mark) - 1) == 0)
		return err_set(e, FAULT_REJECT,
		    "line 1, column 1: a byte order mark, which JSON does not "
		    "have: save the file as UTF-8 without it");
	v = json_loadb(s.data, s.len, JSON_REJECT_DUPLICATES, &je);

	if (v == NULL) {
		(void)err_set(e, FAULT_REJECT,
		    "line %d, column %d: no JSON: %s", je.line,
		    je.column > 0 ? je.column : 1, je.text);
		return defuse(e);
	}
	*out = (struct node){ .value = v, .text = s.data };
	return 0;
}

void
node_free(struct node *n)
{
	json_decref(json_of(n));
	n->value = NULL;
}

bool
node_get(const struct node *up, const char *key, struct node *out)
{
	size_t nth = 0;
	const char *name;
	json_t *v;

	json_object_foreach(json_of(up), name, v)
	{
		if (strcmp(name, key) == 0) {
			*out = (struct node){ up, key, nth, v, up->text };
			return true;
		}
		nth++;
	}
	return false;
}

int
node_need(const struct node *up, const char *key, const char *what,
    struct node *out, struct err *e)
{
	if (node_get(up, key, out))
		return 0;
	return node_refuse(up, e, "lacks \"%s\", %s", key, what);
}

bool
node_each(const struct node *up, struct node *it)
{
	json_t *object = json_of(up);
	void *at = it->value == NULL ? json_object_iter(object)
	                             : json_object_iter_next(object,
	                                   json_object_key_to_iter(it->key));
	size_t nth = it->value == NULL ? 0 : it->nth + 1;

	if (at == NULL)
		return false;
	*it = (struct node){ up, json_object_iter_key(at), nth,
		json_object_iter_value(at), up->text };
	return true;
}

bool
node_is_object(const struct node *n)
{
	return json_is_object(json_of(n));
}

bool
node_is_list(const struct node *n)
{
	return json_is_array(json_of(n));
}

bool
node_is_null(const struct node *n)
{
	return json_is_null(json_of(n));
}

size_t
node_line(const struct node *n)
{
	return node_place(n).line;
}

size_t
node_count(const struct node *n)
{
	return json_array_size(json_of(n));
}

int
node_str(const struct node *n, struct str *out)
{
	if (!json_is_string(json_of(n)))
		return -1;
	*out = (struct str){ json_string_value(json_of(n)),
		json_string_length(json_of(n)) };
	return 0;
}

struct node
node_item(const struct node *up, size_t nth)
{
	return (struct node){ up, NULL, nth, json_array_get(json_of(up), nth),
		up->text };
}

bool
word_is_one_of(const char *word, const char *const words[])
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* "a, b, c" */
static void
join(const char *const words[], char out[MSG_MAX])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; words[i] != NULL && at < MSG_MAX - 1; i++) {
		(void)snprintf(out + at, MSG_MAX - at, "%s%s",
		    i > 0 ? ", " : "", words[i]);
		at = strlen(out);
	}
}

int
node_check_object(const struct node *n, const char *const keys[], struct err *e)
{
	size_t nth = 0;
	const char *name;
	char list[MSG_MAX];
	json_t *v;

	if (!json_is_object(json_of(n)))
		return node_refuse(n, e, "must be an object, {...}");
	json_object_foreach(json_of(n), name, v)
	{
		struct node child = { n, name, nth++, v, n->text };

		if (word_is_one_of(name, keys))
			continue;
		join(keys, list);
		return node_refuse(
		    &child, e, "is unknown; what can be said here: %s", list);
	}
	return 0;
}

int
node_check_list(const struct node *n, size_t least, size_t most, struct err *e)
{
	if (!json_is_array(json_of(n)))
		return node_refuse(n, e, "must be a list, [...]");
	if (json_array_size(json_of(n)) < least ||
	    json_array_size(json_of(n)) > most)
		return node_refuse(n, e, "must have %zu to %zu items, not %zu",
		    least, most, json_array_size(json_of(n)));
	return 0;
}

int
node_bool(const struct node *up, const char *key, bool *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (!json_is_boolean(json_of(&n)))
		return node_refuse(&n, e, "must be true or false");
	*out = json_is_true(json_of(&n));
	return 0;
}

int
node_int(
    const struct node *n, const int64_t bounds[2], int64_t *out, struct err *e)
{
	if (!json_is_integer(json_of(n)) ||
	    json_integer_value(json_of(n)) < bounds[0] ||
	    json_integer_value(json_of(n)) > bounds[1])
		return node_refuse(n, e,
		    "must be a whole number from %lld to %lld",
		    (long long)bounds[0], (long long)bounds[1]);
	*out = json_integer_value(json_of(n));
	return 0;
}

int
node_number(const struct node *up, const char *key, const int64_t bounds[2],
    int64_t *out, struct err *e)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return node_int(&n, bounds, out, e);
}

int
node_word(const struct node *up, const char *key, const char *const words[],
    int *out, struct err *e)
{
	char list[MSG_MAX];
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	for (int i = 0; json_is_string(json_of(&n)) && words[i] != NULL; i++)
		if (strcmp(json_string_value(json_of(&n)), words[i]) == 0) {
			*out = i;
			return 0;
		}
	join(words, list);
	return node_refuse(&n, e, "must be one of these words: %s", list);
}

static int
text_check(
    const struct node *n, const char *allowed, size_t size, struct err *e)
{
	size_t len = json_string_length(json_of(n));
	const char *s = json_string_value(json_of(n));

	if (!json_is_string(json_of(n)) || len == 0 || len >= size)
		return node_refuse(
		    n, e, "must be a text of 1 to %zu bytes", size - 1);
	if (allowed != NULL && strspn(s, allowed) != len)
		return node_refuse(
		    n, e, "may only have the letters a-z, digits, - and _");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return node_refuse(n, e, "has a control character");
	return 0;
}

int
node_text(const struct node *n, const char *allowed, char *out, size_t size,
    struct err *e)
{
	if (text_check(n, allowed, size, e) == -1)
		return -1;
	memcpy(out, json_string_value(json_of(n)),
	    json_string_length(json_of(n)) + 1);
	return 0;
}

int
node_text_new(const struct node *n, struct arena *a, const char *allowed,
    size_t size, const char **out, struct err *e)
{
	if (text_check(n, allowed, size, e) == -1)
		return -1;
	*out = arena_strdup(a, json_string_value(json_of(n)));
	return 0;
}

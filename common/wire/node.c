/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/cc.h"
#include "base/near.h"
#include "wire/node.h"

enum {
	PATH_TEXT_MAX = 256,
	MSG_MAX = sizeof(((struct err *)0)->msg),
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

static struct node
child_of(const struct node *up, const char *key, size_t nth, json_t *v)
{
	return (struct node){ up->file, up, key, nth, v };
}

/* ---- places ---------------------------------------------------------------- */

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

/* From the start of a member or item to the comma, brace or bracket behind
 * it. */
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

/* Where the value starts, or in an object its key. */
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
		/* The bytes that continue a character are none by themselves. */
		at.column += (*p & 0xc0) != 0x80;
		if (*p == '\n')
			at = (struct position){ at.line + 1, 1 };
	}
	return at;
}

/* "rules[0].give.per"; the end of a longer path is "...". */
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

/* ---- what is wrong --------------------------------------------------------- */

/* What a file's author wrote must not steer the reader's terminal. */
static void
defuse(char *p)
{
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

/* Puts a fault among those of the file, by its place; once. */
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

/* ---- the file -------------------------------------------------------------- */

/* The first thing that JSON does not have and other languages do, before
 * `end`; NULL: there is none, and `at` stays. */
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

/* Says of a text that jansson refused what a person would call the fault. */
static int
refuse_text(struct node_file *f, struct str s, const json_error_t *je)
{
	const char *at = s.data, *foreign;
	struct position place = { (size_t)je->line,
		je->column > 0 ? (size_t)je->column : 1 };
	struct err e;

	foreign = find_foreign(s.data, s.data + s.len, &at);
	/* jansson has read at least what it complains of. */
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
	json_decref(json_of(n));
	n->value = NULL;
}

/* ---- what is in it --------------------------------------------------------- */

bool
node_get(const struct node *up, const char *key, struct node *out)
{
	size_t nth = 0;
	const char *name;
	json_t *v;

	json_object_foreach(json_of(up), name, v)
	{
		if (strcmp(name, key) == 0) {
			*out = child_of(up, key, nth, v);
			return true;
		}
		nth++;
	}
	return false;
}

/* Whether a key that was refused is a misspelling of this one. */
static bool
is_misspelt(const struct node *up, const char *key)
{
	for (struct node it = { 0 }; node_each(up, &it);) {
		struct near near;

		near_init(&near, str_of(it.key));
		near_offer(&near, key);
		if (near.word[0] != '\0' && node_is_wrong(&it))
			return true;
	}
	return false;
}

int
node_need(
    const struct node *up, const char *key, const char *what, struct node *out)
{
	if (node_get(up, key, out))
		return 0;
	if (is_misspelt(up, key))
		return -1;
	return node_refuse(up, "lacks \"%s\", %s", key, what);
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
	*it = child_of(
	    up, json_object_iter_key(at), nth, json_object_iter_value(at));
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
	return place_of(n->file->text, node_start(n)).line;
}

size_t
node_count(const struct node *n)
{
	return json_array_size(json_of(n));
}

bool
node_str(const struct node *n, struct str *out)
{
	if (!json_is_string(json_of(n)))
		return false;
	*out = (struct str){ json_string_value(json_of(n)),
		json_string_length(json_of(n)) };
	return true;
}

struct node
node_item(const struct node *up, size_t nth)
{
	return child_of(up, NULL, nth, json_array_get(json_of(up), nth));
}

/* ---- what it may be -------------------------------------------------------- */

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
node_check_object(const struct node *n, const char *const keys[])
{
	char list[MSG_MAX];

	if (!node_is_object(n))
		return node_refuse(n, "must be an object, {...}");
	for (struct node it = { 0 }; node_each(n, &it);) {
		if (word_is_one_of(it.key, keys))
			continue;
		join(keys, list);
		node_refuse(&it, "is unknown; what can be said here: %s", list);
	}
	return 0;
}

int
node_check_list(const struct node *n, size_t least, size_t most)
{
	size_t count = node_count(n);

	if (!node_is_list(n))
		return node_refuse(n, "must be a list, [...]");
	if (count < least || count > most)
		return node_refuse(n, "must have %zu to %zu items, not %zu",
		    least, most, count);
	return 0;
}

int
node_refuse_key(const struct node *up, const char *key, const char *because)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	return node_refuse(&n, "cannot be said here: %s", because);
}

int
node_bool(const struct node *up, const char *key, bool *out)
{
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	if (!json_is_boolean(json_of(&n)))
		return node_refuse(&n, "must be true or false");
	*out = json_is_true(json_of(&n));
	return 0;
}

int
node_int(const struct node *n, const int64_t bounds[2], int64_t *out)
{
	int64_t v = json_integer_value(json_of(n));

	if (!json_is_integer(json_of(n)) || v < bounds[0] || v > bounds[1])
		return node_refuse(n,
		    "must be a whole number from %lld to %lld",
		    (long long)bounds[0], (long long)bounds[1]);
	*out = v;
	return 0;
}

int
node_number(const struct node *up, const char *key, const int64_t bounds[2],
    int64_t *out)
{
	struct node n;

	return node_get(up, key, &n) ? node_int(&n, bounds, out) : 0;
}

int
node_word(
    const struct node *up, const char *key, const char *const words[], int *out)
{
	char list[MSG_MAX];
	struct str s = { 0 };
	struct node n;

	if (!node_get(up, key, &n))
		return 0;
	for (int i = 0; node_str(&n, &s) && words[i] != NULL; i++)
		if (str_eq(s, str_of(words[i]))) {
			*out = i;
			return 0;
		}
	join(words, list);
	return node_refuse(&n, "must be one of these words: %s", list);
}

static int
text_check(
    const struct node *n, const char *allowed, size_t size, struct str *s)
{
	if (!node_str(n, s) || s->len == 0 || s->len >= size)
		return node_refuse(
		    n, "must be a text of 1 to %zu bytes", size - 1);
	if (allowed != NULL && strspn(s->data, allowed) != s->len)
		return node_refuse(
		    n, "may only have the letters a-z, digits, - and _");
	for (size_t i = 0; i < s->len; i++)
		if ((unsigned char)s->data[i] < 0x20 || s->data[i] == 0x7f)
			return node_refuse(n, "has a control character");
	return 0;
}

int
node_text(const struct node *n, const char *allowed, char *out, size_t size)
{
	struct str s;

	if (text_check(n, allowed, size, &s) == -1)
		return -1;
	memcpy(out, s.data, s.len + 1);
	return 0;
}

int
node_text_new(const struct node *n, struct arena *a, const char *allowed,
    size_t size, const char **out)
{
	struct str s;

	if (text_check(n, allowed, size, &s) == -1)
		return -1;
	*out = arena_strdup(a, s.data);
	return 0;
}

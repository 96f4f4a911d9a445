/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/near.h"
#include "wire/node.h"

enum {
	MSG_MAX = sizeof(((struct err *)0)->msg),
};

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

/* ---- members and items --------------------------------------------------- */

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

/* Whether the object has a refused key that looks like a misspelling of this
 * key. */
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
node_count(const struct node *n)
{
	return json_array_size(json_of(n));
}

size_t
node_members(const struct node *n)
{
	return json_object_size(json_of(n));
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

/* ---- checks of a value --------------------------------------------------- */

bool
word_is_one_of(const char *word, const char *const words[])
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Joins the words to "a, b, c". */
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
		if (keys == NULL || word_is_one_of(it.key, keys))
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
	struct str s = { 0 };

	if (text_check(n, allowed, size, &s) == -1)
		return -1;
	memcpy(out, s.data, s.len + 1);
	return 0;
}

int
node_text_new(const struct node *n, struct arena *a, const char *allowed,
    size_t size, const char **out)
{
	struct str s = { 0 };

	if (text_check(n, allowed, size, &s) == -1)
		return -1;
	*out = arena_strdup(a, s.data);
	return 0;
}

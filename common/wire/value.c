/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wire/value.h"

static bool
is_nested(struct value v)
{
	return value_is(v, VALUE_LIST) || value_is(v, VALUE_OBJECT);
}

size_t
value_size(struct value v)
{
	return is_nested(v) ? v.node->len : 0;
}

static inline bool
is_key(const struct tape *t, const struct tape_node *node, struct str key,
    uint32_t hash)
{
	return node->hash == hash && node->len == key.len &&
	       memcmp(tape_text(t, node).data, key.data, key.len) == 0;
}

struct value
value_get(struct value o, const char *key)
{
	struct str wanted = str_of(key);
	uint32_t hash = key_hash(wanted);
	const struct tape_node *k, *end;

	if (!value_is(o, VALUE_OBJECT))
		return (struct value){ 0 };
	end = nested_end(o.node);
	if (o.node->at == TABLE_NODES) {
		const uint16_t *slots = (const void *)end;
		uint32_t i = hash;

		do
			k = o.node + slots[i++ % TABLE_SLOTS];
		while (k > o.node && !is_key(o.tape, k, wanted, hash));
		return k > o.node ? (struct value){ o.tape, k + 1 }
		                  : (struct value){ 0 };
	}
	for (k = o.node + 1; k < end; k = key_next(k))
		if (is_key(o.tape, k, wanted, hash))
			return (struct value){ o.tape, k + 1 };
	return (struct value){ 0 };
}

bool
value_next(struct value in, struct value *v)
{
	const struct tape_node *node, *end;

	if (!is_nested(in))
		return false;
	end = nested_end(in.node);
	node = v->node == NULL ? in.node + 1 : v->node + v->node->span;
	while (node < end && node->kind == NODE_LEFT_OUT)
		node += 1 + node[1].span;
	*v = (struct value){ 0 };
	if (node >= end)
		return false;
	node += node->kind == NODE_KEY;
	*v = (struct value){ in.tape, node };
	return true;
}

struct value
value_at(struct value list, size_t i)
{
	struct value v = { 0 };

	if (!value_is(list, VALUE_LIST) || i >= value_size(list))
		return v;
	while (value_next(list, &v) && i > 0)
		i--;
	return v;
}

struct str
value_key(struct value v)
{
	return tape_text(v.tape, v.node - 1);
}

struct str
value_text(struct value v)
{
	return value_is(v, VALUE_TEXT) ? tape_text(v.tape, v.node) : STR("");
}

struct str
value_digits(struct value v)
{
	return value_is(v, VALUE_INT) || value_is(v, VALUE_NUMBER)
	           ? tape_text(v.tape, v.node)
	           : STR("");
}

int64_t
value_int(struct value v)
{
	int64_t n;

	return value_is(v, VALUE_INT) && str_int64(value_digits(v), &n) == 0
	           ? n
	           : 0;
}

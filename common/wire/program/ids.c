/* SPDX-License-Identifier: MIT */
/* Reads the ids of a file, before the things that the ids name are read. */
#include <string.h>

#include "wire/program/internal.h"

static int
listed_check(const struct node *n, const struct listed *l)
{
	size_t members = node_members(n);

	if (!l->by_key)
		return node_check_list(n, 1, l->most);
	if (node_check_object(n, NULL) == -1)
		return -1;
	if (members == 0 || members > l->most)
		return node_refuse(
		    n, "must have 1 to %zu keys, not %zu", l->most, members);
	return 0;
}

static const char *
key_id(struct draft *d, const struct node *it)
{
	size_t len = strlen(it->key);

	if (len > 0 && len < RULE_ID_MAX &&
	    strspn(it->key, PROGRAM_ID_CHARS) == len)
		return arena_strdup(d->arena, it->key);
	node_refuse(it, "is no id: 1 to %d of the letters a-z, digits, - and _",
	    RULE_ID_MAX - 1);
	return "";
}

static const char *
item_id(struct draft *d, const struct node *item)
{
	const char *text = "";
	struct node id;

	if (node_check_object(item, NULL) == 0 &&
	    node_need(item, "id", "its name for ever", &id) == 0)
		id_of(d, &id, &text);
	return text;
}

void *
ids_declare(
    struct draft *d, const struct node *up, const struct listed *l, size_t *n)
{
	struct words ids = { 0 };
	const char **texts;
	struct node list, it = { 0 };
	size_t count;
	char *things;

	*n = 0;
	if (!node_get(up, l->key, &list) || listed_check(&list, l) == -1)
		return arena_alloc(d->arena, l->size);
	count = l->by_key ? node_members(&list) : node_count(&list);
	texts = arena_array(d->arena, count, sizeof(*texts));
	things = arena_array(d->arena, count, l->size);
	ids.list = texts;
	while (l->by_key ? node_each(&list, &it) : ids.n < count) {
		const char *id;

		if (!l->by_key)
			it = node_item(&list, ids.n);
		id = l->by_key ? key_id(d, &it) : item_id(d, &it);
		if (id[0] != '\0' && words_have(&ids, id))
			node_refuse(&it, "has the id of another: \"%s\"", id);
		memcpy(things + ids.n * l->size, &id, sizeof(id));
		texts[ids.n++] = id;
	}
	*n = ids.n;
	return things;
}

void
id_list_read(struct draft *d, const struct node *file, const char *key,
    size_t most, struct words *out)
{
	const char **list;
	struct node n;

	if (!node_get(file, key, &n) || node_check_list(&n, 1, most) == -1)
		return;
	list = arena_array(d->arena, node_count(&n), sizeof(*list));
	out->list = list;
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);
		const char *id = "";

		if (id_of(d, &item, &id) == 0 && words_have(out, id))
			node_refuse(&item, "is said twice");
		list[out->n++] = id;
	}
}

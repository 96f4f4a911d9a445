/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/tool.h"
#include "store_paths.h"
#include "wire/address.h"

/* One line of what is printed: a topic, and where it belongs. */
struct line {
	const char *topic, *name;
	char path[ADDRESS_PATH_MAX];
};

/* The nth topic of a store, those of one address together; false behind the
 * last. */
static bool
line_at(const struct address_key *k, const struct store *s, size_t nth,
    struct line *out)
{
	for (int i = ADDRESS_ORDERS; i <= ADDRESS_EVENTS; i++) {
		enum address a = (enum address)i;
		size_t n = 0;

		while (
		    (out->topic = address_topic(s->platform, a, n)) != NULL &&
		    n < nth)
			n++;
		if (out->topic == NULL) {
			nth -= n;
			continue;
		}
		out->name = address_name(a);
		address_path(
		    k, s->store_id, str_of(s->webhook_token), a, out->path);
		return true;
	}
	return false;
}

static void
json_paths(struct jsonw *w, const struct store *s, const struct master_key *key)
{
	struct address_key *k = address_key_new(key);
	const char *last = NULL;
	struct line l;

	jsonw_object(w, "webhook_paths");
	for (size_t i = 0; line_at(k, s, i, &l); i++) {
		if (l.name != last)
			jsonw_text(w, l.name, l.path);
		last = l.name;
	}
	jsonw_object_end(w);
	jsonw_object(w, "webhook_topics");
	for (size_t i = 0; line_at(k, s, i, &l); i++)
		jsonw_text(w, l.topic, l.path);
	jsonw_object_end(w);
	address_key_free(k);
}

void
store_paths_json(
    struct jsonw *w, const struct store *s, const struct master_key *key)
{
	char path[ADDRESS_PATH_MAX];

	address_path(
	    NULL, s->store_id, str_of(s->webhook_token), ADDRESS_SINGLE, path);
	jsonw_text(w, "webhook_path", path);
	if (key != NULL) {
		json_paths(w, s, key);
		return;
	}
	jsonw_text(w, "webhook_paths", NULL);
	jsonw_text(w, "webhook_topics", NULL);
}

void
store_paths_print(
    struct arena *a, const struct store *s, const struct master_key *key)
{
	static const char *const names[] = { "TOPIC", "ADDRESS", "PATH", NULL };
	struct address_key *k = address_key_new(key);
	struct table t;
	struct line l;

	table_init(&t, a, names);
	for (size_t i = 0; line_at(k, s, i, &l); i++)
		table_add(&t, (const char *const[]){ l.topic, l.name, l.path });
	table_print(&t, stdout);
	address_key_free(k);
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/tool.h"
#include "store_paths.h"
#include "wire/address.h"

enum {
	URL_COLUMN = 2 /* the column where the addresses begin */
};

/* A line of the list: a topic, and the address that the topic belongs to. */
struct path_line {
	enum address address;
	const char *topic, *name;
	char path[ADDRESS_PATH_MAX];
};

/* Finds the nth topic of a store, in an order in which topics of the same
 * address follow each other.  Returns false if there are fewer topics. */
static bool
line_at(const struct address_key *k, const struct store *s, size_t nth,
    struct path_line *out)
{
	for (int i = 1; i < ADDRESS_END; i++) {
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
		out->address = a;
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
	struct path_line l;

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

static enum platform
platform_of(const struct store *s, enum address a)
{
	return address_is_events(a) ? PLATFORM_EVENTS : s->platform;
}

const char *
store_paths_base(struct arena *a, const char *public_url)
{
	size_t len = public_url ? strlen(public_url) : 0;

	while (len > 0 && public_url[len - 1] == '/')
		len--;
	return arena_memdup(a, public_url, len);
}

void
store_paths_print(struct arena *a, const struct store *s,
    const struct master_key *key, const char *public_url,
    const struct arrival_list *arrivals)
{
	const char *const names[] = { "TOPIC", "ADDRESS",
		public_url ? "URL" : "PATH",
		arrivals ? "LAST DELIVERY THERE" : NULL, NULL };
	const char *base = store_paths_base(a, public_url);
	struct address_key *k = address_key_new(key);
	struct table t;
	struct path_line l;

	table_init(&t, a, names);
	t.whole = URL_COLUMN;
	for (size_t i = 0; line_at(k, s, i, &l); i++) {
		const char *cells[] = { l.topic, l.name,
			arena_printf(a, "%s%s", base, l.path), NULL };

		if (arrivals != NULL)
			cells[3] = cell_instant(
			    a, arrivals_at(arrivals, s->store_id,
			           platform_of(s, l.address), l.address));
		table_add(&t, cells);
	}
	table_print(&t, stdout);
	address_key_free(k);
}

void
store_paths_json_last(
    struct jsonw *w, const struct store *s, const struct arrival_list *arrivals)
{
	jsonw_object(w, "last_delivery_at");
	for (int i = 1; i < ADDRESS_END; i++) {
		enum address a = (enum address)i;

		if (address_topic(s->platform, a, 0) != NULL)
			jsonw_instant(w, address_name(a),
			    arrivals_at(
			        arrivals, s->store_id, platform_of(s, a), a));
	}
	jsonw_object_end(w);
}

/* ---- use of the old path ------------------------------------------------- */

enum {
	USES = 2
};
static const char *const use_names[USES] = { "webhooks", "events" };

static enum platform
platform_of_use(const struct store *s, size_t use)
{
	return use == 0 ? s->platform : PLATFORM_EVENTS;
}

const char *
store_old_path_uses(struct arena *a, const struct store *s,
    const struct arrival_list *arrivals, int64_t now)
{
	const char *uses = NULL;

	for (size_t i = 0; i < USES; i++)
		if (arrivals_use_old(
		        arrivals, s->store_id, platform_of_use(s, i), now))
			uses = arena_printf(a, "%s%s%s", uses ? uses : "",
			    uses ? ", " : "", use_names[i]);
	return uses;
}

void
store_old_path_json(struct jsonw *w, const struct store *s,
    const struct arrival_list *arrivals, int64_t now)
{
	jsonw_object(w, "old_path");
	for (size_t i = 0; i < USES; i++) {
		enum platform p = platform_of_use(s, i);

		jsonw_object(w, use_names[i]);
		jsonw_bool(
		    w, "used", arrivals_use_old(arrivals, s->store_id, p, now));
		jsonw_instant(w, "last_delivery_at",
		    arrivals_at(arrivals, s->store_id, p, ADDRESS_SINGLE));
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

void
store_old_path_print(struct arena *a, const struct store *s,
    const struct arrival_list *arrivals, int64_t now)
{
	const char *uses = store_old_path_uses(a, s, arrivals, now);

	printf("old path      " ADDRESS_WEBHOOKS_PATH "%s: %s%s\n",
	    s->webhook_token, uses ? "still used by " : "not used",
	    uses ? uses : "");
	for (size_t i = 0; i < USES; i++) {
		const char *last = cell_instant(
		    a, arrivals_at(arrivals, s->store_id, platform_of_use(s, i),
		           ADDRESS_SINGLE));

		if (last != NULL)
			printf("              %s last came there %s\n",
			    use_names[i], last);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Rules for the tables of struct body, which say by what keys the body of each
 * kind of topic is known.  A table lists a key only if every delivery of that
 * kind has had the key, in every version of the platform's API, and no other
 * topic has it.  The other topics include those that loyald does not read.
 *
 *  1. The body of a deletion has no other keys than the platform's published
 *     sample: WooCommerce's is {"id":N}.  The body of an order, customer or
 *     product that still exists always has more keys.
 *  2. Any other body has at least one of its kind's own keys.  A single key is
 *     enough, since plugins may remove keys.  The readers complain of each key
 *     that they need and miss.
 *  3. Plugins may add any key, except the keys by which another kind of body is
 *     known: a body that has a key listed as `never` is refused.
 *  4. If a body of Shopify has a global id, the id's type fits the topic.
 *  5. Some topics cannot be told apart by their bodies: an order that was
 *     created or restored, tags that were added or removed, a contact who is in
 *     a company or left, and all deletions that have only an id.  For these,
 *     the address to which the delivery came decides.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "wire/shop/internal.h"
#include "wire/shop/shape.h"

enum {
	WANTS_MAX = 256 /* bytes of the text that says what a topic wants */
};

static bool
has_any(struct value body, const char *const keys[BODY_KEYS_MAX])
{
	for (size_t i = 0; i < BODY_KEYS_MAX && keys[i] != NULL; i++)
		if (value_exists(value_get(body, keys[i])))
			return true;
	return false;
}

/* 1. Whether the body has no other keys than these. */
static bool
has_only(struct value body, const char *const keys[BODY_KEYS_MAX])
{
	size_t known = 0;

	for (size_t i = 0; i < BODY_KEYS_MAX && keys[i] != NULL; i++)
		known += value_exists(value_get(body, keys[i]));
	return known == value_size(body);
}

/* 4. Whether the body's global id, if it has one, is of the topic's type. */
static bool
is_of_type(struct value body, const char *gid)
{
	struct value v = value_get(body, "admin_graphql_api_id");
	struct str told = value_text(v), begin = str_of(gid);

	return gid == NULL || !value_is_set(v) ||
	       (told.len >= begin.len &&
	           memcmp(told.data, begin.data, begin.len) == 0);
}

static bool
fits(const struct body *s, struct value body)
{
	return (s->only[0] == NULL || has_only(body, s->only)) &&
	       (s->own[0] == NULL || has_any(body, s->own)) &&
	       !has_any(body, s->never) && is_of_type(body, s->gid);
}

const struct body *
body_find(const struct shop *shop, enum topic_kind kind)
{
	for (size_t i = 0; i < shop->nbodies; i++)
		for (size_t j = 0; j < BODY_KINDS_MAX; j++)
			if (shop->bodies[i].kinds[j] == kind)
				return &shop->bodies[i];
	return NULL;
}

/* Says in words which kind of body this seems to be, for the person who reads
 * the dead letter. */
static const char *
looks_like(const struct shop *shop, struct value body)
{
	for (size_t i = 0; i < shop->nbodies; i++) {
		const struct body *s = &shop->bodies[i];

		if (!fits(s, body))
			continue;
		if (s->only[0] == NULL)
			return s->what;
		if (value_exists(value_get(body, "id")))
			return value_size(body) == 1 ? "an id alone" : s->what;
	}
	return value_exists(value_get(body, "idempotency_key"))
	           ? "an event of POST /events"
	           : "nothing that loyald knows";
}

static void
list(struct buf *b, const char *before, const char *const keys[BODY_KEYS_MAX],
    const char *between)
{
	for (size_t i = 0; i < BODY_KEYS_MAX && keys[i] != NULL; i++)
		buf_printf(b, "%s%s", i == 0 ? before : between, keys[i]);
}

int
shape_check(const struct shop *shop, enum topic_kind kind, struct value body,
    struct err *e)
{
	const struct body *s = body_find(shop, kind);
	struct buf wants;
	int ret;

	assert(s != NULL);
	if (fits(s, body))
		return 0;
	buf_init(&wants, WANTS_MAX);
	buf_puts(&wants, s->what);
	if (is_of_type(body, s->gid)) {
		list(&wants, ", which has nothing but ", s->only, ", ");
		list(&wants, ", which has ", s->own, " or ");
		list(&wants, ", without ", s->never, " and ");
	} else {
		buf_puts(&wants, ", and not what admin_graphql_api_id names");
	}
	ret = err_set(e, FAULT_REJECT,
	    "misdirected: the body is %s, and the topic wants %s",
	    looks_like(shop, body), wants.data);
	buf_fini(&wants);
	return ret;
}

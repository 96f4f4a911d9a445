/* SPDX-License-Identifier: MIT */
#include "wire/shop/internal.h"
#include "wire/shop/shape.h"

const struct shop *
shop_find(enum platform p)
{
	static const struct shop *const shops[PLATFORMS + 1] = {
#define PLATFORM(number, NAME, name, ...) [number] = &shop_##name,
#include "base/platform.def"
#undef PLATFORM
	};

	return platform_is_known((int)p) ? shops[p] : NULL;
}

bool
shop_shares_secrets(const struct shop *shop)
{
	return shop->ask != NULL;
}

const struct topic *
topic_find(const struct shop *shop, struct str name)
{
	for (size_t i = 0; i < shop->ntopics; i++)
		if (str_eq(str_of(shop->topics[i].name), name))
			return &shop->topics[i];
	return NULL;
}

/* Reads a body that is known to fit its topic.  If an amount needs a finer unit
 * of money, the whole body is read again in that unit. */
static int
read_body(const struct shop *shop, struct reading *in, struct value json,
    struct event *out, struct err *e)
{
	const struct body *body = body_find(shop, in->kind);
	int finer = 0, most = FINER_MAX;
	struct event ev;
	struct err wrong;

	do {
		ev = (struct event){ .order.platform = shop->platform,
			.order.finer = finer };
		reader_init(&in->r, &wrong);
		in->r.strict = shop->strict;
		in->r.finer = finer;
		body->read(in, json, &ev);
	} while (reader_again(&in->r, &finer, &most));
	if (reader_end(&in->r) == -1) {
		*e = wrong;
		return -1;
	}
	*out = ev;
	return 0;
}

int
shop_parse(struct arena *a, const struct message *m,
    const struct master_key *key, const char *currency, struct event *out,
    struct err *e)
{
	const struct shop *shop = shop_find(m->platform);
	const struct topic *topic = topic_find(shop, m->topic);
	struct reading in = {
		.arena = a, .message = m, .key = key, .currency = currency
	};
	struct arena tape;
	struct value json;
	int ret = -1;

	if (topic == NULL)
		return err_set(e, FAULT_REJECT,
		    "unparsable: loyald has no use for this topic");
	in.kind = topic->kind;
	/* A tape can take 20 times the memory of its body, and a batch has many
	 * bodies: a tape does not stay until the batch ends. */
	arena_init(&tape);
	json = shop->strict ? body_load_strict(&tape, m->body, e)
	                    : body_load(&tape, m->body, e);
	if (value_exists(json) &&
	    (shop->refuse == NULL || shop->refuse(json, e) == 0) &&
	    shape_check(shop, topic->kind, json, e) == 0)
		ret = read_body(shop, &in, json, out, e);
	arena_fini(&tape);
	return ret;
}

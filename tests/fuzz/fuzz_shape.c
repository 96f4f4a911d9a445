/* SPDX-License-Identifier: MIT */
/*
 * fuzz_shape: checks that a body counts as a deletion only if all its keys are
 * keys of a deletion, and that such a body counts as nothing else.  A
 * WooCommerce order must not count as a customer or a product, nor an event of
 * POST /events as a webhook.  A body that a reader accepts must have the shape
 * of its topic.  Input: the body.
 */
#include <stddef.h>
#include <stdint.h>

#include "parsed.h"
#include "wire/json.h"
#include "wire/shop/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
is_shaped(const struct shop *s, enum topic_kind kind, struct value body)
{
	struct err e = { .fault = FAULT_NONE };

	if (shape_check(s, kind, body, &e) == 0) {
		CHECK(e.fault == FAULT_NONE);
		return true;
	}
	CHECK(e.fault == FAULT_REJECT);
	CHECK(strncmp(e.msg, "misdirected: ", 13) == 0);
	/* The error message is complete and repeats nothing of the body. */
	CHECK(strlen(e.msg) < sizeof(e.msg) - 1);
	for (const char *c = e.msg; *c != '\0'; c++)
		CHECK(*c >= ' ' && *c <= '~');
	return false;
}

static bool
is_deletion(enum topic_kind kind)
{
	return kind == TOPIC_ORDER_GONE || kind == TOPIC_CUSTOMER_GONE ||
	       kind == TOPIC_PRODUCT_GONE;
}

static bool
has(struct value body, const char *key)
{
	return value_exists(value_get(body, key));
}

/* Counts the keys of a body that a deletion may have.  The list of keys is
 * written here again, so that the tested table is not compared with itself. */
static size_t
keys_of_deletions(const struct shop *s, enum topic_kind kind, struct value body)
{
	size_t n = has(body, "id");

	if (s->platform == PLATFORM_WOOCOMMERCE)
		return n;
	n += has(body, "admin_graphql_api_id");
	if (kind == TOPIC_CUSTOMER_GONE)
		n += (size_t)has(body, "phone") + has(body, "addresses") +
		     has(body, "tax_exemptions") +
		     has(body, "email_marketing_consent") +
		     has(body, "sms_marketing_consent");
	return n;
}

static void
check_shapes(const struct shop *s, struct value body)
{
	bool deletion = false, state = false;

	for (size_t i = 0; i < s->ntopics; i++) {
		enum topic_kind kind = s->topics[i].kind;
		bool shaped = is_shaped(s, kind, body);

		if (shaped && is_deletion(kind))
			CHECK(keys_of_deletions(s, kind, body) ==
			      value_size(body));
		deletion |= shaped && is_deletion(kind);
		state |= shaped && !is_deletion(kind);
	}
	CHECK(!deletion || !state || !has(body, "id"));
	if (s->platform == PLATFORM_WOOCOMMERCE &&
	    is_shaped(s, TOPIC_ORDER, body))
		CHECK(!is_shaped(s, TOPIC_CUSTOMER, body) &&
		      !is_shaped(s, TOPIC_PRODUCT, body));
}

/* Checks for each topic that a body which becomes an event has the topic's
 * shape. */
static void
check_readers(
    struct arena *a, const struct shop *s, struct str text, struct value body)
{
	static const struct master_key key = { .bytes = "a key for tests" };

	for (size_t i = 0; i < s->ntopics; i++) {
		const struct message m = { .platform = s->platform,
			.store_id = 1,
			.received_at = INT64_C(1795305600000000),
			.topic = str_of(s->topics[i].name),
			.body = text };
		struct event ev = { .kind = EVENT_NOTHING };
		struct err e;

		if (shop_parse(a, &m, &key, "EUR", &ev, &e) == 0)
			CHECK(is_shaped(s, s->topics[i].kind, body));
	}
}

/* Checks that a good event of POST /events does not have the shape of any
 * webhook. */
static void
check_event_alone(struct arena *a, struct str text, struct value body)
{
	static const struct master_key key = { .bytes = "a key for tests" };
	const struct message m = { .platform = PLATFORM_EVENTS,
		.store_id = 1,
		.received_at = INT64_C(1795305600000000),
		.topic = STR("event"),
		.body = text };
	struct event ev;
	struct err e;

	if (shop_parse(a, &m, &key, "EUR", &ev, &e) == -1)
		return;
	for (int i = 1; i <= PLATFORMS; i++) {
		const struct shop *s = shop_find((enum platform)i);

		for (size_t j = 0;
		     platform_is_shop(s->platform) && j < s->ntopics; j++)
			CHECK(!is_shaped(s, s->topics[j].kind, body));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct err e;
	struct value body;
	struct arena a;

	arena_init(&a);
	body = body_load(&a, text, &e);
	for (int i = 1; value_exists(body) && i <= PLATFORMS; i++) {
		if (!platform_is_shop((enum platform)i))
			continue;
		check_shapes(shop_find((enum platform)i), body);
		check_readers(&a, shop_find((enum platform)i), text, body);
	}
	if (value_exists(body))
		check_event_alone(&a, text, body);
	arena_fini(&a);
	return 0;
}

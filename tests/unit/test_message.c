/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/test.h"
#include "base/message.h"

static const struct message sample = {
	.platform = PLATFORM_WOOCOMMERCE,
	.address = ADDRESS_ORDERS,
	.installation = 0x1112131415161718,
	.store_id = 0x0102030405060708,
	.received_at = 1795330501123456,
	.topic = { "order.updated", 13 },
	.delivery_id = { "75d52d5cdd", 10 },
	.body = { "{\"id\":\0\n}", 9 },
	.is_record = true,
	.mark = "0123456789abcde",
};

/* Checks that the encoding is byte for byte as the header file describes it,
 * because messages in the spool and the stream outlive the process that
 * wrote them. */
static void
test_format(void **state)
{
	static const char want[] = "L\x03\x02\x02\x0d\x00\x00\x01"
	                           "\x08\x07\x06\x05\x04\x03\x02\x01"
	                           "\x80\x1d\xc6\xf4\xd7\x60\x06\x00"
	                           "\x0a\x00\x00\x00\x09\x00\x00\x00"
	                           "\x18\x17\x16\x15\x14\x13\x12\x11"
	                           "0123456789abcde\x00"
	                           "order.updated75d52d5cdd{\"id\":\0\n}";
	struct buf b;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&sample, &b);
	assert_false(buf_is_full(&b));
	assert_int_equal(b.len, sizeof(want) - 1);
	assert_memory_equal(b.data, want, sizeof(want) - 1);
	buf_fini(&b);
}

static void
assert_same(const struct message *a, const struct message *b)
{
	assert_int_equal(a->platform, b->platform);
	assert_int_equal(a->address, b->address);
	assert_int_equal(a->installation, b->installation);
	assert_int_equal(a->store_id, b->store_id);
	assert_int_equal(a->received_at, b->received_at);
	assert_true(str_eq(a->topic, b->topic));
	assert_true(str_eq(a->delivery_id, b->delivery_id));
	assert_true(str_eq(a->body, b->body));
	assert_int_equal(a->is_record, b->is_record);
	assert_int_equal(a->is_sealed, b->is_sealed);
	assert_memory_equal(a->mark, b->mark, MARK_SIZE);
}

/* Checks that a message of an earlier version, left in a stream or a spool, can
 * be read, and that a part of the message cannot. */
static void
assert_old(struct str bytes, struct message want)
{
	struct message back;
	struct err e;

	want.is_record = false;
	memset(want.mark, 0, sizeof(want.mark));
	assert_int_equal(message_decode(bytes, &back, &e), 0);
	assert_same(&want, &back);
	assert_int_equal(message_installation(bytes), want.installation);
	for (size_t n = 0; n < bytes.len; n++)
		assert_int_equal(
		    message_decode((struct str){ bytes.data, n }, &back, &e),
		    -1);
}

static void
test_version_2(void **state)
{
	static const char old[] = "L\x02\x02\x02\x0d\x00\x00\x00"
	                          "\x08\x07\x06\x05\x04\x03\x02\x01"
	                          "\x80\x1d\xc6\xf4\xd7\x60\x06\x00"
	                          "\x0a\x00\x00\x00\x09\x00\x00\x00"
	                          "\x18\x17\x16\x15\x14\x13\x12\x11"
	                          "order.updated75d52d5cdd{\"id\":\0\n}";

	(void)state;
	assert_old((struct str){ old, sizeof(old) - 1 }, sample);
}

static void
test_version_1(void **state)
{
	static const char old[] = "L\x01\x02\x00\x0d\x00\x00\x00"
	                          "\x08\x07\x06\x05\x04\x03\x02\x01"
	                          "\x80\x1d\xc6\xf4\xd7\x60\x06\x00"
	                          "\x0a\x00\x00\x00\x09\x00\x00\x00"
	                          "order.updated75d52d5cdd{\"id\":\0\n}";
	struct message want = sample;

	(void)state;
	want.address = (enum address)0;
	want.installation = 0;
	assert_old((struct str){ old, sizeof(old) - 1 }, want);
}

/* Checks that the number of the installation is read without decoding the
 * message, and is 0 for bytes that are no message. */
static void
test_installation(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&sample, &b);
	assert_int_equal(message_installation((struct str){ b.data, b.len }),
	    sample.installation);
	assert_int_equal(
	    message_installation((struct str){ b.data, MESSAGE_HEADER - 1 }),
	    0);
	assert_int_equal(message_installation(STR("garbage")), 0);
	assert_int_equal(message_installation(STR("")), 0);
	buf_fini(&b);
}

static void
test_round_trip(void **state)
{
	static char topic[TOPIC_MAX], id[DELIVERY_ID_MAX], body[70000];
	const struct message messages[] = {
		sample,
		{ .platform = PLATFORM_SHOPIFY,
		    .address = ADDRESS_REPLAYED,
		    .installation = INT64_MAX,
		    .store_id = INT64_MAX,
		    .received_at = INT64_MIN },
		{ .platform = PLATFORM_SHOPIFY,
		    .store_id = 1,
		    .received_at = 1,
		    .topic = { topic, sizeof(topic) },
		    .delivery_id = { id, sizeof(id) },
		    .body = { body, sizeof(body) } },
		{ .platform = PLATFORM_SHOPIFY, .is_sealed = true },
		{ .platform = PLATFORM_SHOPIFY,
		    .is_record = true,
		    .is_sealed = true,
		    .mark = { [MARK_SIZE - 1] = 0xff } },
	};

	(void)state;
	memset(topic, 0xff, sizeof(topic));
	memset(body, 0xfe, sizeof(body));
	for (size_t i = 0; i < NITEMS(messages); i++) {
		struct message back;
		struct err e;
		struct buf b;

		buf_init(&b, MESSAGE_MAX);
		message_encode(&messages[i], &b);
		assert_int_equal(
		    message_decode((struct str){ b.data, b.len }, &back, &e),
		    0);
		assert_same(&messages[i], &back);
		assert_string_equal(back.stream_id, "");
		buf_fini(&b);
	}
}

/* Checks that an encoded message is refused if it is cut off anywhere or has a
 * byte too many. */
static void
test_lengths(void **state)
{
	struct message back;
	struct err e;
	struct buf b;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&sample, &b);
	for (size_t n = 0; n <= b.len + 1; n++) {
		int rc = message_decode((struct str){ b.data, n }, &back, &e);

		assert_int_equal(rc, n == b.len ? 0 : -1);
		if (rc == -1)
			assert_int_equal(e.fault, FAULT_REJECT);
	}
	buf_fini(&b);
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *rule;
		size_t at;
		uint8_t byte;
	} cases[] = {
		{ "another magic", 0, 'M' },
		{ "another version", 1, 4 },
		{ "version 0", 1, 0 },
		{ "a negative version", 1, 0xff },
		{ "version 1 with an address", 1, 1 },
		{ "version 2 with a record", 1, 2 },
		{ "a body of no known kind", 7, 4 },
		{ "a body of a negative kind", 7, 0x80 },
		{ "a mark without a record", 7, 0 },
		{ "no platform", 2, 0 },
		{ "an unknown platform", 2, 4 },
		{ "a negative platform", 2, 0xff },
		{ "an unknown address", 3, ADDRESS_END },
		{ "a negative address", 3, 0xff },
		{ "a topic too long", 4, TOPIC_MAX + 1 },
		{ "a topic far too long", 6, 0x80 },
		{ "a delivery id too long", 24, DELIVERY_ID_MAX + 1 },
		{ "a delivery id far too long", 27, 0xff },
		{ "a body too long", 28, 10 },
		{ "a body far too long", 31, 0x7f },
	};

	(void)state;
	for (size_t i = 0; i < NITEMS(cases); i++) {
		struct message back = { .store_id = 4711 };
		struct err e;
		struct buf b;

		buf_init(&b, MESSAGE_MAX);
		message_encode(&sample, &b);
		b.data[cases[i].at] = (char)cases[i].byte;
		if (message_decode((struct str){ b.data, b.len }, &back, &e) !=
		    -1)
			fail_msg("%s was taken", cases[i].rule);
		assert_int_equal(back.store_id, 4711);
		buf_fini(&b);
	}
}

/* Checks that a topic or an id beyond its bound is refused, although all
 * lengths add up. */
static void
test_bounds(void **state)
{
	static const struct {
		size_t at;
		uint8_t most;
	} lengths[] = { { 4, TOPIC_MAX }, { 24, DELIVERY_ID_MAX } };

	(void)state;
	for (size_t i = 0; i < NITEMS(lengths); i++)
		for (uint8_t n = 0; n < 2; n++) {
			char bytes[MESSAGE_HEADER + DELIVERY_ID_MAX + 1] = {
				'L', 3, PLATFORM_SHOPIFY
			};
			size_t len = (size_t)lengths[i].most + n;
			struct message m;
			struct err e;

			bytes[lengths[i].at] = (char)len;
			assert_int_equal(
			    message_decode(
			        (struct str){ bytes, MESSAGE_HEADER + len }, &m,
			        &e),
			    n == 0 ? 0 : -1);
		}
}

/* Checks that messages one behind another are told apart, and that half a
 * message has no size. */
static void
test_size(void **state)
{
	static const char old[] = "L\x01\x02\x00\x01\x00\x00\x00"
	                          "\x08\x07\x06\x05\x04\x03\x02\x01"
	                          "\x80\x1d\xc6\xf4\xd7\x60\x06\x00"
	                          "\x01\x00\x00\x00\x01\x00\x00\x00tdb";
	size_t first, rest = sizeof(old) - 1;
	struct buf b;

	(void)state;
	buf_init(&b, MESSAGE_MAX);
	message_encode(&sample, &b);
	first = b.len;
	buf_add(&b, old, rest);
	assert_int_equal(message_size((struct str){ b.data, b.len }), first);
	assert_int_equal(
	    message_size((struct str){ b.data + first, rest }), rest);
	for (size_t n = 0; n < first; n++)
		assert_int_equal(message_size((struct str){ b.data, n }), 0);
	b.data[4] = TOPIC_MAX + 1;
	assert_int_equal(message_size((struct str){ b.data, b.len }), 0);
	buf_fini(&b);
}

/* Checks that a message which does not fit leaves nothing in the buffer. */
static void
test_full(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 88 + 3);
	buf_puts(&b, "abc");
	message_encode(&sample, &b);
	assert_false(buf_is_full(&b));
	buf_reset(&b);
	buf_puts(&b, "abcd");
	message_encode(&sample, &b);
	assert_true(buf_is_full(&b));
	assert_string_equal(b.data, "abcd");
	buf_fini(&b);
}

static void
test_platforms(void **state)
{
	(void)state;
	assert_int_equal(platform_parse(STR("shopify")), PLATFORM_SHOPIFY);
	assert_int_equal(
	    platform_parse(STR("woocommerce")), PLATFORM_WOOCOMMERCE);
	assert_int_equal(platform_parse(STR("events")), PLATFORM_EVENTS);
	assert_int_equal(platform_parse(STR("Shopify")), 0);
	assert_int_equal(platform_parse(STR("")), 0);
	assert_string_equal(platform_name(PLATFORM_SHOPIFY), "shopify");
	assert_string_equal(platform_name(PLATFORM_WOOCOMMERCE), "woocommerce");
	assert_string_equal(platform_name(PLATFORM_EVENTS), "events");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_version_2),
		cmocka_unit_test(test_installation),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_platforms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * fuzz_message: checks that any bytes of a stream or a spool are either no
 * message or the only encoding of a message.  Encoding the message again must
 * give the same bytes.  Only bytes of version 1 give other bytes, of the same
 * meaning.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

/* Whether a slice lies inside the whole. */
static bool
is_inside(struct str slice, struct str whole)
{
	return slice.data >= whole.data &&
	       slice.data + slice.len <= whole.data + whole.len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct err e = { .fault = FAULT_NONE };
	struct message m;
	struct buf b;

	if (message_decode(in, &m, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return 0;
	}
	CHECK(m.topic.len <= TOPIC_MAX);
	CHECK(m.delivery_id.len <= DELIVERY_ID_MAX);
	CHECK(m.body.len <= BODY_MAX_LIMIT);
	CHECK(is_inside(m.topic, in) && is_inside(m.delivery_id, in) &&
	      is_inside(m.body, in));
	CHECK(platform_parse(str_of(platform_name(m.platform))) == m.platform);

	buf_init(&b, size + MESSAGE_HEADER);
	message_encode(&m, &b);
	CHECK(!buf_is_full(&b));
	if (data[1] == 2)
		CHECK(b.len == size && memcmp(b.data, data, size) == 0);
	else
		CHECK(message_decode((struct str){ b.data, b.len }, &m, &e) ==
		          0 &&
		      m.address == 0 && m.installation == 0);
	CHECK(message_installation((struct str){ b.data, b.len }) ==
	      m.installation);
	buf_fini(&b);
	return 0;
}

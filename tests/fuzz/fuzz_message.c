/* SPDX-License-Identifier: MIT */
/*
 * fuzz_message: checks that any bytes of a stream or a spool are either no
 * message or the only encoding of a message.  Encoding the message again must
 * give the same bytes.  Only bytes of an earlier version give other bytes, of
 * the same meaning.
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

/* Checks a message of version 1 or 2 against the encoding of today. */
static void
check_old(const struct message *m, struct str today, int version)
{
	struct message back;
	struct err e;

	CHECK(!m->is_record && !m->is_sealed);
	CHECK(version == 2 || (m->address == 0 && m->installation == 0));
	CHECK(message_decode(today, &back, &e) == 0);
	CHECK(str_eq(back.topic, m->topic) && str_eq(back.body, m->body) &&
	      str_eq(back.delivery_id, m->delivery_id));
	CHECK(back.platform == m->platform && back.address == m->address &&
	      back.installation == m->installation &&
	      back.store_id == m->store_id &&
	      back.received_at == m->received_at && !back.is_record &&
	      !back.is_sealed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct err e = { .fault = FAULT_NONE };
	struct message m;
	struct buf b;

	CHECK(message_size(in) <= size);
	if (message_decode(in, &m, &e) == -1) {
		CHECK(e.fault == FAULT_REJECT);
		return 0;
	}
	CHECK(message_size(in) == size);
	CHECK(m.topic.len <= TOPIC_MAX);
	CHECK(m.delivery_id.len <= DELIVERY_ID_MAX);
	CHECK(m.body.len <= MESSAGE_BODY_MAX);
	CHECK(is_inside(m.topic, in) && is_inside(m.delivery_id, in) &&
	      is_inside(m.body, in));
	CHECK(platform_parse(str_of(platform_name(m.platform))) == m.platform);

	buf_init(&b, size + MESSAGE_HEADER);
	message_encode(&m, &b);
	CHECK(!buf_is_full(&b));
	if (data[1] == 3)
		CHECK(b.len == size && memcmp(b.data, data, size) == 0);
	else
		check_old(&m, (struct str){ b.data, b.len }, data[1]);
	CHECK(message_installation((struct str){ b.data, b.len }) ==
	      m.installation);
	buf_fini(&b);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/little.h"
#include "base/message.h"

enum {
	VERSION_NOW = 3,
	IS_RECORD = 1,
	IS_SEALED = 2,
};

static bool
address_is_known(int address)
{
	return address >= 0 && address < ADDRESS_END;
}

/* Whether the message has a mark only if it is a record. */
static bool
mark_fits(const struct message *m)
{
	static const uint8_t none[MARK_SIZE];

	return m->is_record || memcmp(m->mark, none, MARK_SIZE) == 0;
}

void
message_encode(const struct message *m, struct buf *b)
{
	uint8_t head[MESSAGE_HEADER] = { 'L', VERSION_NOW };
	size_t size = sizeof(head) + m->topic.len + m->delivery_id.len +
	              m->body.len;

	assert(platform_is_known((int)m->platform));
	assert(address_is_known((int)m->address));
	assert(mark_fits(m));
	assert(m->topic.len <= TOPIC_MAX);
	assert(m->delivery_id.len <= DELIVERY_ID_MAX);
	assert(m->body.len <= MESSAGE_BODY_MAX);

	/* Appends nothing if the message does not fit: behind half a message no
	 * reader could find the next. */
	if (size > b->max - b->len) {
		b->full = true;
		return;
	}
	head[2] = (uint8_t)m->platform;
	head[3] = (uint8_t)m->address;
	little_put(head + 4, m->topic.len, 3);
	head[7] = (uint8_t)((m->is_record ? IS_RECORD : 0) |
	                    (m->is_sealed ? IS_SEALED : 0));
	little_put(head + 8, (uint64_t)m->store_id, 8);
	little_put(head + 16, (uint64_t)m->received_at, 8);
	little_put(head + 24, m->delivery_id.len, 4);
	little_put(head + 28, m->body.len, 4);
	little_put(head + 32, (uint64_t)m->installation, 8);
	memcpy(head + 40, m->mark, MARK_SIZE);
	buf_add(b, head, sizeof(head));
	buf_add(b, m->topic.data, m->topic.len);
	buf_add(b, m->delivery_id.data, m->delivery_id.len);
	buf_add(b, m->body.data, m->body.len);
}

/* Finds the length of the header; 0 if the bytes do not begin with a header. */
static size_t
header_size(struct str s)
{
	static const size_t sizes[VERSION_NOW + 1] = { 0, MESSAGE_HEADER_1,
		MESSAGE_HEADER_2, MESSAGE_HEADER };
	size_t version = s.len < 8 || s.data[0] != 'L' ? 0 : (uint8_t)s.data[1];

	if (version > VERSION_NOW || s.len < sizes[version])
		return 0;
	if ((version == 1 && s.data[3] != 0) ||
	    (version < 3 && version > 0 && s.data[7] != 0))
		return 0;
	return sizes[version];
}

int64_t
message_installation(struct str s)
{
	return header_size(s) >= MESSAGE_HEADER_2
	           ? (int64_t)little_get(s.data + 32, 8)
	           : 0;
}

/* Reads what only version 3 has: REJECT if it is not what this version
 * writes. */
static int
decode_body(struct str s, struct message *m, struct err *e)
{
	uint8_t kind = (uint8_t)s.data[7];

	if (kind > (IS_RECORD | IS_SEALED))
		return err_set(
		    e, FAULT_REJECT, "a message with a body of no known kind");
	m->is_record = (kind & IS_RECORD) != 0;
	m->is_sealed = (kind & IS_SEALED) != 0;
	memcpy(m->mark, s.data + 40, MARK_SIZE);
	if (!mark_fits(m))
		return err_set(
		    e, FAULT_REJECT, "a message with a mark and no record");
	return 0;
}

size_t
message_size(struct str s)
{
	size_t size = header_size(s), topic, delivery, body;

	if (size == 0)
		return 0;
	topic = little_get(s.data + 4, 3);
	delivery = little_get(s.data + 24, 4);
	body = little_get(s.data + 28, 4);
	if (topic > TOPIC_MAX || delivery > DELIVERY_ID_MAX ||
	    body > MESSAGE_BODY_MAX)
		return 0;
	size += topic + delivery + body;
	return size <= s.len ? size : 0;
}

int
message_decode(struct str s, struct message *m, struct err *e)
{
	size_t header = header_size(s), topic, delivery;
	const char *p = s.data;
	struct message out;

	if (header == 0)
		return err_set(
		    e, FAULT_REJECT, "not a message of version 1, 2 or 3");
	if (!platform_is_known(p[2]) || !address_is_known(p[3]))
		return err_set(e, FAULT_REJECT,
		    "no platform %d with address %d", p[2], p[3]);
	if (message_size(s) != s.len)
		return err_set(
		    e, FAULT_REJECT, "a message whose lengths do not add up");

	topic = header + little_get(p + 4, 3);
	delivery = topic + little_get(p + 24, 4);
	out = (struct message){
		.platform = (enum platform)p[2],
		.address = (enum address)p[3],
		.installation = message_installation(s),
		.store_id = (int64_t)little_get(p + 8, 8),
		.received_at = (int64_t)little_get(p + 16, 8),
		.topic = { p + header, topic - header },
		.delivery_id = { p + topic, delivery - topic },
		.body = { p + delivery, s.len - delivery },
	};
	if (header == MESSAGE_HEADER && decode_body(s, &out, e) == -1)
		return -1;
	*m = out;
	return 0;
}

bool
message_is_with(const struct message *a, const struct message *b)
{
	return a->stream == b->stream &&
	       strcmp(a->stream_id, b->stream_id) == 0;
}

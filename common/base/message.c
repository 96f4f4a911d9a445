/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/little.h"
#include "base/message.h"

enum {
	FORMAT = 2
};

static bool
address_is_known(int address)
{
	return address >= 0 && address < ADDRESS_END;
}

void
message_encode(const struct message *m, struct buf *b)
{
	uint8_t head[MESSAGE_HEADER] = { 'L', FORMAT };
	size_t size = sizeof(head) + m->topic.len + m->delivery_id.len +
	              m->body.len;

	assert(platform_is_known((int)m->platform));
	assert(address_is_known((int)m->address));
	assert(m->topic.len <= TOPIC_MAX);
	assert(m->delivery_id.len <= DELIVERY_ID_MAX);
	assert(m->body.len <= BODY_MAX_LIMIT);

	/* Appends nothing if the message does not fit: behind half a message no
	 * reader could find the next. */
	if (size > b->max - b->len) {
		b->full = true;
		return;
	}
	head[2] = (uint8_t)m->platform;
	head[3] = (uint8_t)m->address;
	little_put(head + 4, m->topic.len, 4);
	little_put(head + 8, (uint64_t)m->store_id, 8);
	little_put(head + 16, (uint64_t)m->received_at, 8);
	little_put(head + 24, m->delivery_id.len, 4);
	little_put(head + 28, m->body.len, 4);
	little_put(head + 32, (uint64_t)m->installation, 8);
	buf_add(b, head, sizeof(head));
	buf_add(b, m->topic.data, m->topic.len);
	buf_add(b, m->delivery_id.data, m->delivery_id.len);
	buf_add(b, m->body.data, m->body.len);
}

/* Finds the length of the header; 0 if the bytes do not begin with a header. */
static size_t
header_size(struct str s)
{
	if (s.len >= MESSAGE_HEADER && s.data[0] == 'L' && s.data[1] == FORMAT)
		return MESSAGE_HEADER;
	if (s.len >= MESSAGE_HEADER_1 && s.data[0] == 'L' && s.data[1] == 1 &&
	    s.data[3] == 0)
		return MESSAGE_HEADER_1;
	return 0;
}

int64_t
message_installation(struct str s)
{
	return header_size(s) == MESSAGE_HEADER
	           ? (int64_t)little_get(s.data + 32, 8)
	           : 0;
}

int
message_decode(struct str s, struct message *m, struct err *e)
{
	size_t header = header_size(s), topic, delivery, body;
	const char *p = s.data;

	if (header == 0)
		return err_set(
		    e, FAULT_REJECT, "not a message of version 1 or 2");
	if (!platform_is_known(p[2]) || !address_is_known(p[3]))
		return err_set(e, FAULT_REJECT,
		    "no platform %d with address %d", p[2], p[3]);
	topic = little_get(p + 4, 4);
	delivery = little_get(p + 24, 4);
	body = little_get(p + 28, 4);
	if (topic > TOPIC_MAX || delivery > DELIVERY_ID_MAX ||
	    body > BODY_MAX_LIMIT || s.len != header + topic + delivery + body)
		return err_set(
		    e, FAULT_REJECT, "a message whose lengths do not add up");

	*m = (struct message){
		.platform = (enum platform)p[2],
		.address = (enum address)p[3],
		.installation = message_installation(s),
		.store_id = (int64_t)little_get(p + 8, 8),
		.received_at = (int64_t)little_get(p + 16, 8),
		.topic = { p + header, topic },
		.delivery_id = { p + header + topic, delivery },
		.body = { p + header + topic + delivery, body },
	};
	return 0;
}

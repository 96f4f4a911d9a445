/* SPDX-License-Identifier: MIT */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/err.h"
#include "base/str.h"

/*
 * message: one delivery on its way from receive to work: an envelope and
 * the body exactly as it was signed.
 *
 * Its one encoding is both the field in the Redis stream and the record in
 * the spool, so that draining the spool is copying bytes.  It lives on the
 * lowest floor because io/ carries it and wire/ reads it, and neither may
 * know the other.
 *
 *	offset	size
 *	0	1	'L'
 *	1	1	version, 1
 *	2	1	enum platform
 *	3	1	zero
 *	4	4	length of topic
 *	8	8	store id
 *	16	8	received at, microseconds since 1970
 *	24	4	length of delivery id
 *	28	4	length of body
 *	32		topic, delivery id, body
 *
 * Numbers are little endian.
 */

enum {
	BODY_MAX_DEFAULT = 2 * 1024 * 1024, /* LOYALD_BODY_MAX */
	BODY_MAX_LIMIT = 64 * 1024 * 1024,
	TOPIC_MAX = 64,
	DELIVERY_ID_MAX = 128,
	MESSAGE_HEADER = 32,
	MESSAGE_MAX = MESSAGE_HEADER + TOPIC_MAX + DELIVERY_ID_MAX +
	              BODY_MAX_LIMIT,
	STREAM_ID_MAX = 48, /* "18446744073709551615-18446744073709551615" */
};

enum platform {
	PLATFORM_SHOPIFY = 1,
	PLATFORM_WOOCOMMERCE,
	PLATFORM_EVENTS, /* no shop: what was sent to POST /events/{token} */
};

const char *platform_name(enum platform);
/* 0 for what is no platform. */
enum platform platform_parse(struct str);

struct message {
	enum platform platform;
	int64_t store_id;
	int64_t received_at;
	struct str topic;
	struct str delivery_id; /* for people; nothing is decided by it */
	struct str body;

	/* Where it came from; empty until it was read from a stream. */
	unsigned stream;
	char stream_id[STREAM_ID_MAX];
	int64_t deliveries; /* how often it was given to a worker */
};

/* Appends the encoding; if it does not fit, nothing, and the buffer is
 * full. */
void message_encode(const struct message *, struct buf *);

/* The slices point into the bytes given.  REJECT if they are no message. */
int message_decode(struct str, struct message *, struct err *) MUST_CHECK;

#endif /* BASE_MESSAGE_H */

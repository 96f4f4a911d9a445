/* SPDX-License-Identifier: MIT */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/err.h"
#include "base/platform.h"
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
 *	1	1	version, 2
 *	2	1	enum platform
 *	3	1	enum address
 *	4	4	length of topic
 *	8	8	store id
 *	16	8	received at, microseconds since 1970
 *	24	4	length of delivery id
 *	28	4	length of body
 *	32	8	installation
 *	40		topic, delivery id, body
 *
 * Numbers are little endian.  Version 1, which is still read, had a zero in
 * place of the address, and no installation.
 */

enum {
	BODY_MAX_DEFAULT = 2 * 1024 * 1024, /* LOYALD_BODY_MAX */
	BODY_MAX_LIMIT = 64 * 1024 * 1024,
	TOPIC_MAX = 64,
	DELIVERY_ID_MAX = 128,
	MESSAGE_HEADER = 40,
	MESSAGE_HEADER_1 = 32, /* of version 1 */
	MESSAGE_MAX = MESSAGE_HEADER + TOPIC_MAX + DELIVERY_ID_MAX +
	              BODY_MAX_LIMIT,
	STREAM_ID_MAX = 48, /* "18446744073709551615-18446744073709551615" */
};

/*
 * Where a delivery came in.  Only its body is signed: what its headers say
 * it is about is believed only if this address is for that.  0: it was
 * queued by a version that did not know addresses.
 */
enum address {
	ADDRESS_SINGLE = 1, /* the one for everything, webhook_path */
	ADDRESS_ORDERS,     /* orders as they are, and all that is of them */
	ADDRESS_ORDERS_DELETED,
	ADDRESS_ORDERS_RESTORED,
	ADDRESS_CUSTOMERS,
	ADDRESS_CUSTOMERS_DELETED,
	ADDRESS_PRODUCTS,
	ADDRESS_PRODUCTS_DELETED,
	ADDRESS_PRODUCTS_RESTORED,
	ADDRESS_EVENTS,   /* POST /events */
	ADDRESS_REPLAYED, /* a dead letter that an operator vouches for */
	ADDRESS_END,      /* behind the last */
};

struct message {
	enum platform platform;
	enum address address;
	/* The number of its owner (ledger/stores.h): another installation
	 * on the same Redis leaves the message alone.  0: the message does
	 * not tell, and whoever reads it may post it. */
	int64_t installation;
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
/* The installation of an encoded message; 0 if it does not tell. */
int64_t message_installation(struct str encoded);

#endif /* BASE_MESSAGE_H */

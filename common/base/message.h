/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/platform.h"

/*
 * message: a delivery on its way from `loyald receive` to `loyald work`: an
 * envelope, and what the delivery says: the body with exactly the bytes that the
 * sender signed, or a record of what receive read in the body.
 *
 * A message has the same encoding in the Redis stream and in the spool, so that
 * its bytes are copied from one to the other.  The header is in base/ because
 * io/ carries messages and wire/ reads them, and neither of the two may use the
 * other.
 *
 *	offset	size
 *	0	1	'L'
 *	1	1	version, 3
 *	2	1	enum platform
 *	3	1	enum address
 *	4	3	length of topic
 *	7	1	1: the body is a record; 2: it is sealed; 3: both
 *	8	8	store id
 *	16	8	received at, microseconds since 1970
 *	24	4	length of delivery id
 *	28	4	length of body
 *	32	8	installation
 *	40	16	mark
 *	56		topic, delivery id, body
 *
 * Numbers are little endian.  Versions 1 and 2 are still read, as spools and
 * streams may be old.  Version 2 has a zero at 7, and no mark.  Version 1 also
 * has a zero in place of the address, and no installation.
 */

enum {
	/* The default of LOYALD_BODY_MAX, in bytes. */
	BODY_MAX_LIMIT = 64 * 1024 * 1024,
	TOPIC_MAX = 64,
	DELIVERY_ID_MAX = 128,
	MARK_SIZE = 16,
	MESSAGE_HEADER = 56,
	MESSAGE_HEADER_2 = 40, /* bytes of the header in version 2 */
	MESSAGE_HEADER_1 = 32, /* in version 1 */
	/* Bytes of what a message carries: sealing makes a body longer. */
	MESSAGE_BODY_MAX = BODY_MAX_LIMIT + 64,
	MESSAGE_MAX = MESSAGE_HEADER + TOPIC_MAX + DELIVERY_ID_MAX +
	              MESSAGE_BODY_MAX,
	/* Room for "18446744073709551615-18446744073709551615". */
	STREAM_ID_MAX = 48,
	/* Messages of one entry of a stream, which stand one behind another in
	 * the entry's field.  Divided by so many messages, the cost of the
	 * entry itself is small. */
	PARCEL_MAX = 32,
};

/*
 * The address of a store at which a delivery came in.  Only the body of a
 * delivery is signed, so a topic in the headers is believed only at the address
 * for that topic (wire/address.h).  0 stands for a message of version 1, which
 * has no address.
 */
enum address {
	/* The store's old address for all topics, webhook_path. */
	ADDRESS_SINGLE = 1,
	ADDRESS_ORDERS, /* states of orders, refunds, payments */
	ADDRESS_ORDERS_DELETED,
	ADDRESS_ORDERS_RESTORED,
	ADDRESS_CUSTOMERS,
	ADDRESS_CUSTOMERS_DELETED,
	ADDRESS_PRODUCTS,
	ADDRESS_PRODUCTS_DELETED,
	ADDRESS_PRODUCTS_RESTORED,
	ADDRESS_EVENTS,   /* POST /events */
	ADDRESS_REPLAYED, /* no address: an operator replays a dead letter */
	ADDRESS_END,      /* the end, behind the last address */
};

struct message {
	enum platform platform;
	enum address address;
	/* The number of the installation that took the message (ledger/
	 * stores.h); another installation on the same Redis leaves the message
	 * alone.  0: the message names no installation, and any installation
	 * may post the message. */
	int64_t installation;
	int64_t store_id;
	int64_t received_at;
	struct str topic;
	struct str delivery_id; /* only shown to people */
	struct str body;
	/* The body is a record (wire/event_record.h); false: it is as it was
	 * signed. */
	bool is_record;
	/* The body is sealed (wire/travel.h). */
	bool is_sealed;
	/* Of a record: equal for deliveries whose signed bodies are equal.  Else
	 * zeros. */
	uint8_t mark[MARK_SIZE];

	/* The message's place in a stream; empty if the message was not read
	 * from a stream. */
	unsigned stream;
	char stream_id[STREAM_ID_MAX];
	unsigned part; /* the message's number in its entry, from 0 */
	/* Other messages of the entry are parked (io/stream/stream.h): the entry
	 * is not acknowledged before those are posted. */
	bool stays;
	/* Of a parked message: the lowest turn comes first (wire/fair.h). */
	int64_t turn;
	int64_t deliveries; /* how often a worker got the message */
	bool again;         /* the process has read the entry before */
};

/* Appends the encoding of a message; if there is no room, appends nothing and
 * marks the buffer as full. */
void message_encode(const struct message *, struct buf *);

/* Decodes a message, whose texts point into the bytes given.  Fails with
 * FAULT_REJECT if the bytes are no message. */
int message_decode(struct str, struct message *, struct err *) MUST_CHECK;
/* Reads the installation of an encoded message; 0 if the message names none. */
int64_t message_installation(struct str encoded);
/* Reads how many bytes the message at the beginning has; 0 if the bytes do not
 * begin with a whole message. */
size_t message_size(struct str);
/* Whether two messages were read from one entry of a stream. */
bool message_is_with(const struct message *, const struct message *);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/message.h"
#include "io/pg/pg.h"
#include "ledger/world.h"

/*
 * dead: dead letters, which are messages that could not become events, or whose
 * events could not be posted.  A letter keeps what the message had (the raw body
 * or, if receive could read the body, the record of it), sealed, with a class and
 * a reason, until an operator replays or discards the letter.
 *
 * If messages of a store have the same class, topic and body, they share one
 * letter.  The letter counts these messages, and is open again when another of
 * them is buried.  The topic matters because a body may say little without it:
 * {"id":7} is a deletion of whatever the topic names.
 *
 * Anybody who has seen one delivery can cause letters of the class
 * "misdirected", by sending the delivery to another address.  Letters of this
 * class alone are therefore deleted after some time.
 *
 * Classes: unparsable (the body is not what the topic says), platform (the
 * platform sent an error of its own), foreign (the body is another shop's),
 * misdirected (the topic is not believed with this body, or at the address that
 * the message came to), poison (the message was tried too often), refused (the
 * ledger's constraints refused it).
 */

enum {
	/* How many messages a letter remembers as counted, by their places in
	 * the streams.  Two batches together have fewer messages, so no message
	 * is counted twice if a batch is tried again. */
	DEAD_PLACES_MAX = 1024,
	/* Days from the time when a message was last added to the letter, to
	 * the letter's deletion. */
	DEAD_MISDIRECTED_DAYS = 90,
	DEAD_EXPIRE_MAX = 1000, /* letters deleted at a time */
	DEAD_OPEN_MAX = 100000, /* letters are counted only up to this number */
	DEAD_TALLY_MAX = 8, /* pairs of store and class that a tally names */
};

extern const char *const dead_classes[]; /* ends with NULL */
bool dead_is_class(const char *);

/* A message that is to become a dead letter. */
struct burial {
	int64_t tenant_id; /* 0: the message's store does not exist */
	const struct message *message;
	const char *why_class, *reason;
};

/* Makes dead letters of messages, in the caller's transaction.  A message that
 * is given twice is counted once.  RETRY if another process buries one of the
 * messages at this moment. */
int dead_bury(const struct world *, const struct burial *, size_t n,
    struct err *) MUST_CHECK;

/* How many messages became dead letters, by store and class, for one line of
 * the log. */
struct dead_tally {
	struct dead_count {
		int64_t store_id;
		const char *why_class;
		int64_t n;
	} of[DEAD_TALLY_MAX];
	size_t nof;
	int64_t all;
};

void dead_tally_add(
    struct dead_tally *, int64_t store_id, const char *why_class, int64_t n);
void dead_tally_join(struct dead_tally *, const struct dead_tally *);
/* Writes "3 unparsable of store 1, 2 foreign of store 7, 9 others". */
const char *dead_tally_text(struct arena *, const struct dead_tally *);

struct dead_letter {
	int64_t tenant_id, dead_id, store_id;
	enum platform platform;
	const char *stream_id, *topic, *delivery_id, *why_class, *reason;
	/* When the newest of the letter's messages was received. */
	int64_t received_at;
	int64_t times; /* messages buried in this letter */
	int64_t died_at, last_died_at;
	int64_t replayed_at, discarded_at;
	/* The members below are set only by dead_get(), and only if the caller
	 * gave the master key, with which the body is sealed. */
	struct str body;
	bool is_record; /* the body is the whole message, which has a record */
};

/* The choice of letters to list, the newest first. */
struct dead_query {
	int64_t store_id;      /* 0: the letters of all stores */
	const char *why_class; /* NULL: letters of any class */
	bool all; /* include letters that were replayed or discarded */
	/* Only letters with a smaller dead_id than this; 0: begin with the
	 * newest. */
	int64_t before;
	size_t max;
};
int dead_list(struct pg *, struct arena *, const struct dead_query *,
    struct dead_letter **, size_t *n, struct err *) MUST_CHECK;
/* Gets one letter.  If the key is not NULL, also unseals the letter's body.
 * REJECT if there is no such letter, or if its body cannot be unsealed. */
int dead_get(struct pg *, struct arena *, const struct master_key *,
    int64_t dead_id, struct dead_letter *, struct err *) MUST_CHECK;
/* Makes a message from a letter, as it was received, but with the address
 * ADDRESS_REPLAYED: an operator who replays the letter vouches for its topic.
 * An older version of loyald may have buried a message in an encoding that it
 * did not know.  Then the letter's body is the encoded message, and the result
 * has that message's address.  REJECT if that body cannot be decoded either.
 */
int dead_message(
    const struct dead_letter *, struct message *, struct err *) MUST_CHECK;
/* Marks a letter as replayed or as discarded.  A letter stays open if its
 * message was buried again after the letter was read. */
int dead_mark(struct pg *, struct arena *, const struct dead_letter *,
    bool is_replayed, struct err *) MUST_CHECK;

/* Counts the open letters, up to DEAD_OPEN_MAX. */
int dead_open(struct pg *, struct arena *, int64_t *, struct err *) MUST_CHECK;
/* Deletes some of the misdirected letters that are older than
 * DEAD_MISDIRECTED_DAYS; *n is 0 when there are no more. */
int dead_expire(
    struct pg *, struct arena *, size_t *n, struct err *) MUST_CHECK;

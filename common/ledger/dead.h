/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_DEAD_H
#define LEDGER_DEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "io/pg/pg.h"
#include "ledger/world.h"
#include "wire/sign.h"

/*
 * dead: messages that could not become events, kept with their raw body
 * (sealed), a class and a reason, until an operator replays or discards
 * them.  However often the same comes, a store has one letter of a class, a
 * topic and a body, which counts, and is open again when it dies again.
 * (The topic is part of what a delivery says: {"id":7} is a deletion of
 * whatever its topic names, and of two topics one letter would lose one.)
 *
 * Misdirected letters can be made by whoever has seen one delivery, so that
 * class alone has an end of life.
 *
 * Classes: unparsable (the body is not what the topic says), platform (the
 * platform sent an error of its own), foreign (the body is another shop's),
 * misdirected (its topic is not believed with this body or at the address it
 * came to), poison (it was tried too often), refused (the ledger's
 * constraints did).
 */

enum {
	/* Places in the streams that a letter remembers as counted: two
	 * batches' and more, so that one that is tried again counts no message
	 * twice. */
	DEAD_PLACES_MAX = 1024,
	DEAD_MISDIRECTED_DAYS = 90, /* since such a letter died last */
	DEAD_EXPIRE_MAX = 1000,     /* deleted at a time */
	DEAD_OPEN_MAX = 100000,     /* counted */
	DEAD_TALLY_MAX = 8,         /* stores and classes told of by name */
};

extern const char *const dead_classes[]; /* behind the last NULL */
bool dead_is_class(const char *);

/* A message on its way to the dead letters. */
struct burial {
	int64_t tenant_id; /* 0: there is no such store */
	const struct message *message;
	const char *why_class, *reason;
};

/* Within the caller's transaction; the same message twice is counted once.
 * RETRY if another process buries one of them at this moment. */
int dead_bury(const struct world *, const struct burial *, size_t n,
    struct err *) MUST_CHECK;

/* How many died of what, for one line of the log. */
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
/* "3 unparsable of store 1, 2 foreign of store 7, 9 others". */
const char *dead_tally_text(struct arena *, const struct dead_tally *);

struct dead_letter {
	int64_t tenant_id, dead_id, store_id;
	enum platform platform;
	const char *stream_id, *topic, *delivery_id, *why_class, *reason;
	int64_t received_at; /* the newest of those it counts */
	int64_t times;       /* how often it died */
	int64_t died_at, last_died_at;
	int64_t replayed_at, discarded_at;
	struct str body; /* dead_get() with a key only */
};

/* Which of them; newest first. */
struct dead_query {
	int64_t store_id;      /* 0: of all stores */
	const char *why_class; /* NULL: any */
	bool all;              /* also those replayed or discarded */
	int64_t before;        /* dead_id below this; 0: from the newest */
	size_t max;
};
int dead_list(struct pg *, struct arena *, const struct dead_query *,
    struct dead_letter **, size_t *n, struct err *) MUST_CHECK;
/* One, with its body in the open if the key is not NULL.  REJECT if there
 * is none, or its body does not open. */
int dead_get(struct pg *, struct arena *, const struct master_key *,
    int64_t dead_id, struct dead_letter *, struct err *) MUST_CHECK;
/* As a message, as it was received; that it is replayed is an operator's
 * word for its topic (ADDRESS_REPLAYED).  What a version that did not know its
 * encoding buried whole is the message that it holds, at its own address.
 * REJECT if that cannot be read either. */
int dead_message(
    const struct dead_letter *, struct message *, struct err *) MUST_CHECK;
/* A letter that died again since it was read stays open. */
int dead_mark_replayed(struct pg *, struct arena *, const struct dead_letter *,
    struct err *) MUST_CHECK;
int dead_mark_discarded(struct pg *, struct arena *, const struct dead_letter *,
    struct err *) MUST_CHECK;

/* How many are open, up to DEAD_OPEN_MAX. */
int dead_open(struct pg *, struct arena *, int64_t *, struct err *) MUST_CHECK;
/* Deletes some that have come to the end of their life; *n is 0 when there
 * are no more. */
int dead_expire(
    struct pg *, struct arena *, size_t *n, struct err *) MUST_CHECK;

#endif /* LEDGER_DEAD_H */

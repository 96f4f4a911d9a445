/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_DEAD_H
#define LEDGER_DEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/message.h"
#include "io/pg.h"
#include "wire/sign.h"

/*
 * dead: messages that could not become events, kept with their raw body
 * (sealed), a class and a reason, until an operator replays or discards
 * them.
 *
 * Classes: unparsable (the body is not what the topic says), platform (the
 * platform sent an error of its own), foreign (the body is another shop's),
 * misdirected (its topic is not believed with this body or at the address it
 * came to), poison (it was tried too often), refused (the ledger's
 * constraints did).
 */

bool dead_is_class(const char *);

/* Within the caller's transaction; the same message twice is kept once. */
int dead_bury(struct pg *, struct arena *, const struct master_key *,
    int64_t tenant_id, const struct message *, const char *why_class,
    const char *reason, struct err *) MUST_CHECK;

struct dead_letter {
	int64_t tenant_id, dead_id, store_id;
	enum platform platform;
	const char *stream_id, *topic, *delivery_id, *why_class, *reason;
	int64_t received_at, died_at, replayed_at, discarded_at;
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
 * word for its topic (ADDRESS_REPLAYED). */
void dead_message(const struct dead_letter *, struct message *);
int dead_mark_replayed(struct pg *, struct arena *, const struct dead_letter *,
    struct err *) MUST_CHECK;
int dead_mark_discarded(struct pg *, struct arena *, const struct dead_letter *,
    struct err *) MUST_CHECK;

#endif /* LEDGER_DEAD_H */

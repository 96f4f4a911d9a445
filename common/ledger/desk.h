/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_DESK_H
#define LEDGER_DESK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/err.h"
#include "base/key.h"
#include "io/pg.h"
#include "ledger/timeline.h"

/* desk: what an operator's tool works with, opened at once. */

struct desk {
	struct arena arena;
	struct pg *pg; /* as loyald_operator */
	struct master_key key;
};

/*
 * Checks the settings, connects and checks the schema.  The exit status
 * (base/log.h) the tool should end with: EXIT_STOPPED if all is well, else
 * the err says why.  To be closed in either case.
 */
int desk_open(struct desk *, const struct config *, bool with_key,
    struct err *) MUST_CHECK;
void desk_close(struct desk *);

/* The stores and their programs, for looking at timelines as of `now`. */
int desk_world(struct desk *, int64_t now, struct timeline_world *,
    struct err *) MUST_CHECK;
/* Those of one merchant, which there may be many of. */
int desk_world_of(struct desk *, int64_t tenant_id, int64_t now,
    struct timeline_world *, struct err *) MUST_CHECK;

/* The exit status for a tool whose work failed: what the operator asked for
 * is refused, the world is in the way, or we are wrong. */
int desk_status(const struct err *);

#endif /* LEDGER_DESK_H */

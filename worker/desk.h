/* SPDX-License-Identifier: MIT */
#ifndef WORKER_DESK_H
#define WORKER_DESK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/key.h"
#include "base/tool.h"
#include "io/pg.h"
#include "ledger/timeline/timeline.h"

/*
 * desk: what an operator's tool works with, opened at once, and closed with
 * the exit status (base/log.h).  It says itself what went wrong.
 */

struct desk {
	struct arena arena;
	struct pg *pg; /* as loyald_operator */
	struct master_key key;
};

/*
 * Says what is wrong with the settings (tool_settle()), connects and checks the schema.  EXIT_STOPPED if all
 * is well; else the status the tool should end with, and nothing is open.
 */
int desk_open(struct desk *, struct tool_call *, const struct config *,
    bool with_key) MUST_CHECK;
/* tool_read() and that, for tools that have nothing to ask in between. */
int desk_begin(struct desk *, struct tool_call *, const struct option_spec *,
    bool with_key) MUST_CHECK;

/* Closes.  The err is of the work that failed: what the operator asked for
 * is refused, the world is in the way, or we are wrong; NULL: all is done. */
int desk_end(struct desk *, const struct err *);
void desk_close(struct desk *);

/* One of the stores.  NULL with a sentence if there is none. */
const struct store *desk_store(
    struct desk *, int64_t store_id, struct err *) MUST_CHECK;

/* The stores and their programs, for looking at timelines as of `now`. */
int desk_world(struct desk *, int64_t now, struct timeline_world *,
    struct err *) MUST_CHECK;
/* Those of one merchant, which there may be many of. */
int desk_world_of(struct desk *, int64_t tenant_id, int64_t now,
    struct timeline_world *, struct err *) MUST_CHECK;

#endif /* WORKER_DESK_H */

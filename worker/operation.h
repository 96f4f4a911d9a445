/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/key.h"
#include "base/tool.h"
#include "io/pg/pg.h"
#include "ledger/timeline/timeline.h"

/*
 * operation: the connection, memory and master key of one call of an operator's
 * tool.  operation_open() and operation_end() print on standard error why they
 * failed.
 */

struct operation {
	struct arena arena;
	struct pg *pg; /* connected with the role loyald_operator */
	struct master_key key;
};

/*
 * Says what is wrong with the settings (tool_say_faults()), connects, and
 * checks the schema.  Returns EXIT_STOPPED if all is well.  Otherwise nothing
 * is open, and the tool must exit with the returned status.
 */
int operation_open(struct operation *, struct tool_call *,
    const struct config *, bool with_key) MUST_CHECK;
/* Calls tool_read() and then operation_open(). */
int operation_begin(struct operation *, struct tool_call *,
    const struct option_spec *, bool with_key) MUST_CHECK;

/* Closes the connection, and prints the error of work that failed; NULL: the
 * work succeeded.  Returns the exit status. */
int operation_end(struct operation *, const struct err *);
void operation_close(struct operation *);

/* Finds a store.  If there is none, prints a sentence and returns NULL. */
const struct store *operation_store(
    struct operation *, int64_t store_id, struct err *) MUST_CHECK;

/* Loads the stores of a tenant and their programs, for looking at timelines as
 * they are at the time `now`.  With tenant_id 0, loads the stores of all
 * tenants, of which there may be many. */
int operation_world(struct operation *, int64_t tenant_id, int64_t now,
    struct world *, struct err *) MUST_CHECK;

/* SPDX-License-Identifier: MIT */
#ifndef WORKER_PROBE_H
#define WORKER_PROBE_H

#include "base/err.h"

/*
 * probe: whether what a process needs is there and lets it in, found out as
 * its first connection finds it out, for loyald config check.
 *
 * 0: all is well.  -1, and in the err a whole sentence that says what is
 * wrong, of what, and what to do: CONFIG if an operator must mend it, RETRY if
 * it is away and may come back by itself.  Nothing is changed anywhere, and
 * each comes back within a few seconds of its bounds (PG_HASTY_CONNECT_SECONDS,
 * REDIS_CONNECT_MS, REDIS_COMMAND_MS) and the resolver's.
 */

/* `role` is "loyald_work", NULL for the login as it is: connects, takes on the
 * role, and looks at the schema. */
int probe_postgres(
    const char *database_url, const char *role, struct err *) MUST_CHECK;

/* Connects, AUTH, SELECT, then whether it is a master that throws nothing
 * away and lets its user do what these do (enum stream_use of io/stream/stream.h).
 * Settings that the promise needs beside that are warned of in the log. */
int probe_redis(const char *redis_url, unsigned uses, struct err *) MUST_CHECK;

/* Whether the folder is there and may be written in by who runs this.  A
 * receive that has it already is no fault. */
int probe_spool(const char *dir, struct err *) MUST_CHECK;

#endif /* WORKER_PROBE_H */

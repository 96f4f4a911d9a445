/* SPDX-License-Identifier: MIT */
#ifndef WORKER_PROBE_H
#define WORKER_PROBE_H

#include "base/err.h"

/*
 * probe: finds out, for loyald config check, whether a service that a process
 * needs answers and accepts the login.  Each function does what the process's
 * own first connection would do.
 *
 * A function returns 0 if all is well.  If it returns -1, the err is a whole
 * sentence that says what is wrong with what, and what to do: the fault is
 * CONFIG if an operator must mend something, and RETRY if the service is away
 * and may come back by itself.  Nothing is changed anywhere.  Each function
 * returns within a few seconds (PG_HASTY_CONNECT_SECONDS, REDIS_CONNECT_MS,
 * REDIS_COMMAND_MS) and the time that the resolver takes.
 */

/* Connects, takes on the role ("loyald_work"; NULL: none), and checks the
 * schema. */
int probe_postgres(
    const char *database_url, const char *role, struct err *) MUST_CHECK;

/* Connects, and checks that the server is a master that evicts nothing and that
 * its user may do what `uses` name (enum stream_use of io/stream/stream.h).
 * Logs a warning for every other setting of the server that could lose
 * messages. */
int probe_redis(const char *redis_url, unsigned uses, struct err *) MUST_CHECK;

/* Checks that the folder is there and that this user may write in it.  The
 * check can be made while a receive uses the folder. */
int probe_spool(const char *dir, struct err *) MUST_CHECK;

#endif /* WORKER_PROBE_H */

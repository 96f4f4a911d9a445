/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"

/*
 * probe: finds out, for loyald config check, whether a service that a process
 * needs answers and accepts the login.  Each function does what the process's
 * own first connection would do.
 *
 * A function returns 0 if all is well.  If it returns -1, the error is a whole
 * sentence that says what is wrong with the service, and what to do.  The fault
 * is CONFIG if an operator must mend something, and RETRY if the service is
 * away and may come back by itself.  No function changes anything.  Each
 * function returns within a few seconds (PG_HASTY_CONNECT_SECONDS,
 * REDIS_CONNECT_MS, REDIS_COMMAND_MS), plus the time that name resolution
 * takes.
 */

/* Connects, takes on the role ("loyald_work"; NULL: none), and checks the
 * schema. */
int probe_postgres(
    const char *database_url, const char *role, struct err *) MUST_CHECK;

/* Connects, and checks that the server is a master which evicts nothing.  Also
 * checks that the user may do what the bits of `uses` stand for (enum
 * stream_use of io/stream/stream.h).  Logs a warning for every other setting of
 * the server that could lose messages. */
int probe_redis(const char *redis_url, unsigned uses, struct err *) MUST_CHECK;

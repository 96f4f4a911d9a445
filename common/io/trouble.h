/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * trouble: logs a failure whose end a long-running process waits for.  A
 * failure is logged at once, and again from time to time.  Thus the log
 * explains every wait, and no wait floods the log, even if several failures
 * alternate.
 *
 * A process waits for a service that is away (RETRY), even when the process
 * starts.  A fault that an operator must mend (CONFIG) ends a process that
 * starts.  A process that ran well before waits for the operator, and then goes
 * on by itself.  For example, an operator may change a password in loyald first
 * and in the service later.
 */

enum {
	TROUBLE_AGAIN_MS = 30 * 1000, /* time between equal lines in the log */
	TROUBLE_OTHER_MS = 2 * 1000,  /* time between lines that differ */
	TROUBLE_TOLD_MAX = 4,         /* latest lines that are remembered */
};

/* A trouble.  All zeros mean that the process has not run well yet. */
struct trouble {
	bool was_well;
	bool is_on;
	bool is_told;  /* the log has a line about the trouble */
	int64_t since; /* when the trouble began, by clock_mono() */
	struct trouble_told {
		int64_t at; /* when logged, by clock_mono(); 0: never */
		struct err what;
	} told[TROUBLE_TOLD_MAX]; /* lines in the log, the newest first */
	struct err now;
};

/* Whether a failure of this kind ends the process. */
bool trouble_ends(const struct trouble *, const struct err *);

/* Begins or continues a trouble.  Logs a line if it is time to, at level error
 * if an operator must mend the fault.  `meanwhile` says in a few words how the
 * process goes on meanwhile, or is NULL. */
void trouble_is(struct trouble *, const struct err *, const char *meanwhile);

/* Ends a trouble.  Logs the end if the trouble itself was logged. */
void trouble_over(struct trouble *, const char *what);

/* Says for /readyz why the process is not ready; NULL if it is ready. */
const char *trouble_why(const struct trouble *);

/* SPDX-License-Identifier: MIT */
#ifndef IO_TROUBLE_H
#define IO_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * trouble: a failure that a long-running process waits out, in the log: at
 * once, and again from time to time, so that every wait is explained and none
 * floods the log, also where several failures alternate.
 *
 * A process waits for another one that is away (RETRY), also at its start.  A
 * fault that an operator must mend (CONFIG) ends a process at its start.  A
 * process that ran well before waits for the operator, and then goes on by
 * itself: a password may be changed here before it is changed there.
 */

enum {
	TROUBLE_AGAIN_MS = 30 * 1000, /* between lines that are the same */
	TROUBLE_OTHER_MS = 2 * 1000,  /* between lines that differ */
	TROUBLE_TOLD_MAX = 4,         /* sentences that are remembered */
};

/* A trouble, which begins as all zeros: the process has not run well yet. */
struct trouble {
	bool was_well;
	bool is_on;
	bool is_told;  /* the log has a line about the trouble */
	int64_t since; /* when the trouble began; monotonic */
	struct trouble_told {
		int64_t at; /* monotonic; 0: never */
		struct err what;
	} told[TROUBLE_TOLD_MAX]; /* in the log, the newest first */
	struct err now;
};

/* Whether a failure like this ends the process. */
bool trouble_ends(const struct trouble *, const struct err *);

/* Begins or continues a trouble: logs a line if it is time, at level error if
 * an operator must mend the fault.  `meanwhile` says in a few words how the
 * process goes on until then, or is NULL. */
void trouble_is(struct trouble *, const struct err *, const char *meanwhile);

/* Ends a trouble, with a line in the log if there was one before. */
void trouble_over(struct trouble *, const char *what);

/* Says why the process is not ready, for /readyz; NULL if it is. */
const char *trouble_why(const struct trouble *);

#endif /* IO_TROUBLE_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_TROUBLE_H
#define IO_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * trouble: what a long-running process waits for, said in the log: at once, and
 * then now and then, so that no wait is without words and none floods, also
 * where several things are in the way by turns.
 *
 * The world in the way (RETRY) is waited for from the start.  A fault that an
 * operator must mend (CONFIG) ends a process at its start, since nobody else
 * will; a process that was well before waits, and goes on by itself when it is
 * mended: a password may be changed here before it is changed there.
 */

enum {
	TROUBLE_AGAIN_MS = 30 * 1000, /* between lines that are the same */
	TROUBLE_OTHER_MS = 2 * 1000,  /* and lines that are not */
	TROUBLE_TOLD_MAX = 4,         /* sentences that are remembered */
};

/* Begins as all zeros: never well so far. */
struct trouble {
	bool was_well;
	bool is_on;
	bool is_told;  /* the log has a line about it */
	int64_t since; /* when it began; monotonic */
	struct trouble_told {
		int64_t at; /* monotonic; 0: never */
		struct err what;
	} told[TROUBLE_TOLD_MAX]; /* in the log, the newest first */
	struct err now;
};

/* Whether a failure like this ends the process. */
bool trouble_ends(const struct trouble *, const struct err *);

/* Begins or goes on with a trouble: a line in the log, if it is time, and an
 * error if it is an operator's to mend.  `meanwhile` is what happens in the
 * meantime, in a few words, or NULL. */
void trouble_is(struct trouble *, const struct err *, const char *meanwhile);

/* Ends a trouble: a line in the log, if it had one before. */
void trouble_over(struct trouble *, const char *what);

/* Why the process is not ready, for /readyz; NULL if all is well. */
const char *trouble_why(const struct trouble *);

#endif /* IO_TROUBLE_H */

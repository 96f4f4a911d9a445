/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/cc.h"

/*
 * err: why a call failed, and what to do about the failure.
 *
 * A function that can fail takes a struct err last and returns 0 or -1.  On -1
 * the function has filled the err; on 0 it has not touched the err.  The
 * function that finds a fault also sets the kind of the fault, because no
 * caller knows better.  Callers do not log: they add what they were doing by
 * err_wrap(), and the loop that handles the message logs once.
 */

enum fault {
	FAULT_NONE = 0,
	/* Something that loyald needs is not available; the same input may work
	 * later. */
	FAULT_RETRY,
	FAULT_REJECT, /* the input is wrong and will never work */
	FAULT_FATAL,  /* loyald has a bug, and stops before doing harm */
	/* A password, a name or a right that an operator has to provide is
	 * wrong or missing, and trying again is of no use before somebody mends
	 * it.  A process that is starting ends with this fault; a process that
	 * has run well before waits (io/trouble.h). */
	FAULT_CONFIG,
};

struct err {
	enum fault fault;
	/* A sentence, with room for names of hosts, logins and folders. */
	char msg[512];
};

/* err_set() and err_wrap() always return -1, so that a caller can `return
 * err_set(...)`.  A sentence that is too long ends with a whole word and
 * "...". */
int err_set(struct err *, enum fault, const char *fmt, ...) PRINTF(3, 4);
int err_wrap(struct err *, const char *fmt, ...) PRINTF(2, 3);
/* Adds a text to the end of the err's sentence. */
void err_add(struct err *, const char *fmt, ...) PRINTF(2, 3);

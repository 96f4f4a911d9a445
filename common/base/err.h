/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/cc.h"

/*
 * err: why it did not work, and what to do about it.
 *
 * A function that can fail takes a struct err last and returns 0 or -1.
 * On -1 it has filled the err; on 0 it has not touched it.  The one who
 * finds the fault also says what kind it is, because nobody further up
 * will know better.  Nobody logs on the way up: they add what they were
 * doing with err_wrap(), and the loop that owns the message logs once.
 */

enum fault {
	FAULT_NONE = 0,
	FAULT_RETRY, /* the world is in the way; the same input may work later */
	FAULT_REJECT, /* the input is wrong; it will never work */
	FAULT_FATAL,  /* we are wrong; stop before doing harm */
	/* An operator's part (a password, a name, a right) is wrong or not
	 * done yet: no use before it is mended.  A process that starts ends
	 * with it; one that was well before waits (io/trouble.h). */
	FAULT_CONFIG,
};

struct err {
	enum fault fault;
	char msg[512]; /* names of hosts, logins and folders are in it */
};

/* Both always return -1, so that a caller can `return err_set(...)`.  What is
 * too long ends with a whole word and "...". */
int err_set(struct err *, enum fault, const char *fmt, ...) PRINTF(3, 4);
int err_wrap(struct err *, const char *fmt, ...) PRINTF(2, 3);
/* Adds to the sentence. */
void err_add(struct err *, const char *fmt, ...) PRINTF(2, 3);

#endif /* BASE_ERR_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * child: forks a process that waits for answers for which the parent must not
 * wait.  Parent and child talk through a pair of sockets that keep messages
 * apart (SOCK_SEQPACKET).  If a process reads the end of the file, the other
 * process is gone.
 *
 * The child ends when its parent ends, for whatever reason.  The child ignores
 * SIGTERM and SIGINT, which are for the parent: the parent first finishes its
 * work.
 */

struct child {
	pid_t pid; /* 0: not running */
	int fd;    /* the parent's socket; does not block */
};

/* Does the child's work with its socket, which blocks.  Of the parent's files
 * the child has 0 to 2 and no others.  The child ends with the status that this
 * function returns. */
typedef int child_run(void *arg, int fd);

/* Forks a child.  RETRY if the system refuses. */
int child_start(
    struct child *, child_run *, void *arg, struct err *) MUST_CHECK;
/* Ends the child, if it runs.  Returns its exit status, or -1 if it was
 * killed. */
int child_stop(struct child *);

enum {
	/* A longer message travels as a file without a name. */
	CHILD_INLINE_MAX = 20 * 1024,
};

/* Sends a message, from either side: a head of a few bytes, and `more`, as
 * large as memory allows.  false if the other side is gone or cannot take the
 * message. */
bool child_send(int fd, const void *head, size_t n, struct str more);
/* Takes the next message, whose head must have n bytes.  Returns 1, with the
 * rest of the message in *more; 0 if there is no message yet; -1 if the other
 * side is gone, or its message has another form. */
int child_next(
    int fd, void *head, size_t n, struct arena *, struct str *more) MUST_CHECK;

/* SPDX-License-Identifier: MIT */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * child: a process of our own that waits for what its parent must not wait
 * for.  The two talk through a pair of sockets that keep messages apart
 * (SOCK_SEQPACKET); who reads the end of the conversation is alone.
 *
 * The child ends when its parent ends, however that ends, and is asked to
 * stop by nobody else: SIGTERM and SIGINT are for the parent, which finishes
 * what is under way first.
 */

struct child {
	pid_t pid; /* 0: not running */
	int fd;    /* the parent's socket; does not block */
};

/* The child's work with its socket, which blocks; of the parent's files the
 * child has 0 to 2 and no others.  When this function returns, the child ends
 * with the status that it returns. */
typedef int child_run(void *arg, int fd);

/* RETRY if the system refuses. */
int child_start(
    struct child *, child_run *, void *arg, struct err *) MUST_CHECK;
/* Ends it, if it runs; the exit status it had, or -1 if it was killed. */
int child_stop(struct child *);

enum {
	/* A message that is longer travels as a file without a name. */
	CHILD_INLINE_MAX = 20 * 1024,
};

/* A message, from either side: a head of a few bytes, and more, as large as
 * memory allows.  false if the other side is gone or cannot take it. */
bool child_send(int fd, const void *head, size_t n, struct str more);
/* The next message, if its head has n bytes: 1, and what came with it in
 * *more.  0: there is none yet.  -1: the other side is gone, or says what
 * nobody understands. */
int child_next(
    int fd, void *head, size_t n, struct arena *, struct str *more) MUST_CHECK;

#endif /* IO_CHILD_H */

/* SPDX-License-Identifier: MIT */
#ifndef WORKER_ASKER_H
#define WORKER_ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "io/child.h"

/*
 * asker: questions of an event loop, which waits for nobody, to a child
 * process, which has the database and waits for it.
 *
 * The child is asked one question at a time, and the others wait for their
 * turn.  Each question is answered after ASKER_ANSWER_MS at the latest, if need
 * be with status 0: the answer is not known.  Questions are answered with
 * status 0 at once while the child has no database, or has been at one question
 * for longer than that.
 */

enum {
	ASKER_ANSWER_MS = 2000,
	/* A child that says nothing for so long is ended and started again: it
	 * may wait for the resolver, whose time has no bound. */
	ASKER_STUCK_MS = 30000,
	ASKER_REPORT_MS = 5000, /* the child says how it is at least so often */
};

/* ---- the loop's side ----------------------------------------------------- */

struct event_base;
struct asker;

/* Receives an answer.  The text is gone when this function returns. */
typedef void asker_done(void *arg, int status, struct str text);

/* Starts the child, which runs run(arg, fd).  A child that ends with EXIT_FATAL
 * or EXIT_CONFIG is not started again, and the loop is broken. */
struct asker *asker_new(struct event_base *, child_run *, void *arg);
/* Ends the child.  Questions that wait get no answer any more. */
void asker_free(struct asker *);

/* Asks a question.  `text` must stay until the answer; `kind` means something
 * to the caller and the child only. */
void asker_ask(
    struct asker *, int kind, struct str text, asker_done *, void *arg);
/* Whether the child has the database, and if not, whether an operator must mend
 * something first. */
bool asker_is_ready(const struct asker *);
bool asker_is_refused(const struct asker *);
/* EXIT_STOPPED while the child may run; else the status with which it ended for
 * good. */
int asker_status(const struct asker *);

/* ---- the child's side ---------------------------------------------------- */

struct asker_question {
	uint64_t id;
	int kind;
	struct str text;
};

enum asker_word {
	ASKER_AWAY = 0,
	ASKER_READY,
	ASKER_REFUSED, /* away until an operator has mended something */
};

/* Says how the child is.  false: the parent is gone. */
bool asker_report(int fd, enum asker_word);
/* Takes the next question: 1.  0: there is none; -1: the parent is gone. */
int asker_next(int fd, struct arena *, struct asker_question *) MUST_CHECK;
/* Answers a question.  Status 0: the answer could not be found out.  false: the
 * parent is gone. */
bool asker_answer(
    int fd, const struct asker_question *, int status, struct str text);

#endif /* WORKER_ASKER_H */

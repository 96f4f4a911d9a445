/* SPDX-License-Identifier: MIT */
#ifndef WORKER_ASKER_H
#define WORKER_ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "io/child.h"

/*
 * asker: questions to a child process, which has the database and waits for
 * it, asked by a loop that waits for nobody.
 *
 * The child is asked one question at a time; the others wait for their turn.
 * Each is answered after ASKER_ANSWER_MS at the latest, if need be with a
 * status of 0: nobody knows.  As long as the child has not got the database,
 * or has been at one question for so long, that is the answer at once.
 */

enum {
	ASKER_ANSWER_MS = 2000,
	/* A child that says nothing for so long is ended, and started again:
	 * it waits for what knows no bound. */
	ASKER_STUCK_MS = 30000,
	ASKER_REPORT_MS = 5000, /* and says something so often, or oftener */
};

/* ---- the loop's side ----------------------------------------------------- */

struct event_base;
struct asker;

/* An answer; the text is gone when this returns. */
typedef void asker_done(void *arg, int status, struct str text);

/* Starts the child, which runs run(arg, fd).  If that returns EXIT_FATAL or
 * EXIT_CONFIG it is
 * not started again, and the loop is broken. */
struct asker *asker_new(struct event_base *, child_run *, void *arg);
/* Ends the child; questions that wait get no answer any more. */
void asker_free(struct asker *);

/* `text` must stay until the answer.  `kind` is the caller's. */
void asker_ask(
    struct asker *, int kind, struct str text, asker_done *, void *arg);
/* Whether the child has the database; if not, whether that is for somebody to
 * mend. */
bool asker_is_ready(const struct asker *);
bool asker_is_refused(const struct asker *);
/* EXIT_STOPPED, or with what the child ended for good. */
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
	ASKER_REFUSED, /* away until somebody has mended something */
};

/* false: nobody hears it any more. */
bool asker_report(int fd, enum asker_word);
/* 1; 0: there is none; -1: nobody asks any more. */
int asker_next(int fd, struct arena *, struct asker_question *) MUST_CHECK;
/* Status 0: it could not be found out. */
bool asker_answer(
    int fd, const struct asker_question *, int status, struct str text);

#endif /* WORKER_ASKER_H */

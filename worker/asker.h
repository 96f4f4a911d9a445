/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/child.h"

/*
 * asker: lets an event loop, which must not wait, ask the database: a child
 * process has the connection to the database, and waits for the answers.
 *
 * The child gets one question at a time, while other questions wait for their
 * turn.  Each question is answered after ASKER_ANSWER_MS at the latest: with
 * status 0 if the answer is not known by then.  All questions are answered with
 * status 0 at once while the child has no connection to the database, or has
 * been working on one question for longer than ASKER_ANSWER_MS.
 */

enum {
	ASKER_ANSWER_MS = 2000,
	/* A child that sends nothing for this long is ended and started again:
	 * the child may be waiting for name resolution, which may take any
	 * time. */
	ASKER_STUCK_MS = 30000,
	/* The child reports its state at least this often. */
	ASKER_REPORT_MS = 5000,
};

/* ---- the loop's side ----------------------------------------------------- */

struct event_base;
struct asker;

/* Receives an answer.  The text is valid only until this function returns. */
typedef void asker_done(void *arg, int status, struct str text);

/* Starts the child, which runs run(arg, fd).  A child that ends with EXIT_FATAL
 * or EXIT_CONFIG is not started again, and the loop is broken. */
struct asker *asker_new(struct event_base *, child_run *, void *arg);
/* Ends the child.  Open questions are not answered any more. */
void asker_free(struct asker *);

/* Asks a question.  `text` must stay valid until the answer.  `kind` has a
 * meaning only for the caller and the child. */
void asker_ask(
    struct asker *, int kind, struct str text, asker_done *, void *arg);
/* asker_is_ready(): whether the child is connected to the database.
 * asker_is_refused(): whether the child can connect only after an operator has
 * mended something. */
bool asker_is_ready(const struct asker *);
bool asker_is_refused(const struct asker *);
/* Returns EXIT_STOPPED while the child may run, else the status with which the
 * child ended for good. */
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
	/* The database refuses this process until an operator mends something.
	 */
	ASKER_REFUSED,
};

/* Reports the child's state.  Returns false if the parent is gone. */
bool asker_report(int fd, enum asker_word);
/* Takes the next question.  Returns 1 if there was one, 0 if there is none, and
 * -1 if the parent is gone. */
int asker_next(int fd, struct arena *, struct asker_question *) MUST_CHECK;
/* Answers a question; status 0 says that the answer could not be found out.
 * Returns false if the parent is gone. */
bool asker_answer(
    int fd, const struct asker_question *, int status, struct str text);

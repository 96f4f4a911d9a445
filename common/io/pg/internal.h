/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"
#include "io/pg/refusal.h"

/* internal: one connection, shared by the files of this folder: asking (pg.c),
 * becoming connected (connect.c), the server's answers (answer.c), what is sent
 * before an answer is read (pipeline.c). */

/* libpq's PGconn and PGresult, declared without libpq's header. */
struct pg_conn;
struct pg_result;

enum {
	PG_WAITING_MAX = 64,
	PG_PREPARES_NONE = -1,
};

/* A command that was sent, and whose answer was not read yet. */
struct pg_waiting {
	const char *what;
	int prepares; /* the statement that this prepares, or PG_PREPARES_NONE */
	struct pg_result **answer; /* NULL: nobody needs the answer */
};

struct pg {
	char *dsn, *role, *app;
	const struct sql_stmt *stmts;
	size_t nstmts;
	struct pg_conn *conn;
	int64_t session; /* how many connections there were so far */
	bool *prepared;  /* for each statement: was it prepared here */
	bool in_transaction;
	struct pg_waiting waiting[PG_WAITING_MAX];
	size_t nwaiting;
	bool hears; /* LISTEN was sent on this connection */
	int connect_s, statement_ms;
	bool by_key, patient;
	int lock_ms; /* wait for locks; 0: half of statement_ms */
	bool hurries;
	bool busy;     /* another session's lock failed the last call */
	bool taken;    /* another row of the same key failed the last call */
	bool has_role; /* the connection has taken the role */
	bool warned;
};

void pg_close(struct pg *);

/* Finds where libpq connects.  The texts are valid as long as the
 * connection. */
struct pg_place pg_place_of(const struct pg *);

/* Sets the err for a result that failed, or, if it is NULL, for the connection,
 * which is closed if it is gone or half gone.  Always -1. */
int pg_fail(
    struct pg *, const struct pg_result *, const char *what, struct err *);
/* Takes the last result of a command, which may be an error; NULL: there is
 * none.  RETRY, and the connection is closed, if the server says nothing in
 * time. */
int pg_last(struct pg *, const char *what, struct pg_result **,
    struct err *) MUST_CHECK;
/* Waits for the last result of what was sent; `sent` is libpq's answer to the
 * sending.  -1 if the server refuses, or says nothing in time.  A connection
 * that is gone, or half gone, is closed: the next call that needs one connects
 * again. */
int pg_result(struct pg *, int sent, const char *what, struct pg_result **,
    struct err *) MUST_CHECK;
/* Runs SQL whose rows are not needed. */
int pg_exec(struct pg *, const char *sql, struct err *) MUST_CHECK;

/* Makes room for n statements, so that what is sent for them is sent at once. */
int pg_make_room(struct pg *, size_t n, struct err *) MUST_CHECK;
/* Send a text of one command, and a statement, without waiting for answers.
 * pg_collect() sets *answer, unless it is NULL. */
int pg_send_text(struct pg *, const char *sql, struct pg_result **answer,
    struct err *) MUST_CHECK;
int pg_send(struct pg *, int stmt, const struct pg_params *,
    struct pg_result **answer, struct err *) MUST_CHECK;
/* Reads all answers that are waited for.  -1 if a command has failed; the err
 * is then the first one's, and there are no answers. */
int pg_collect(struct pg *, struct err *) MUST_CHECK;
/* Does the same, and then leaves the pipeline, for what is sent otherwise. */
int pg_leave(struct pg *, struct err *) MUST_CHECK;

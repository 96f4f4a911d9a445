/* SPDX-License-Identifier: MIT */
#ifndef IO_PG_INTERNAL_H
#define IO_PG_INTERNAL_H

#include "io/pg/pg.h"
#include "io/pg/refusal.h"

/* internal: one connection, shared by the files of this folder: statements
 * (pg.c), connecting (connect.c), the server's answers (answer.c). */

/* libpq's PGconn and PGresult, declared without libpq's header. */
struct pg_conn;
struct pg_result;

struct pg {
	char *dsn, *role, *app;
	const struct sql_stmt *stmts;
	size_t nstmts;
	struct pg_conn *conn;
	int64_t session; /* how many connections there were so far */
	bool *prepared;  /* for each statement: was it prepared here */
	bool in_transaction;
	bool hears; /* LISTEN was sent on this connection */
	int connect_s, statement_ms;
	bool by_key, patient;
	int lock_ms; /* wait for locks; 0: half of statement_ms */
	bool hurries;
	bool busy;     /* another session's lock failed the last call */
	bool has_role; /* the connection has taken the role */
	bool warned;
};

void pg_close(struct pg *);

/* Finds where libpq connects.  The texts are valid as long as the
 * connection. */
struct pg_place pg_place_of(const struct pg *);

/* Waits for the last result of a command.  `sent` is what libpq's sending
 * function returned.  Returns -1 if the server refuses, or does not answer in
 * time.  A connection that is lost, or whose server is stopping or became a
 * standby, is closed.  The next call that needs a connection connects again. */
int pg_result(struct pg *, int sent, const char *what, struct pg_result **,
    struct err *) MUST_CHECK;
/* Runs SQL whose rows are not needed. */
int pg_exec(struct pg *, const char *sql, struct err *) MUST_CHECK;

#endif /* IO_PG_INTERNAL_H */

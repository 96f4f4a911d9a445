/* SPDX-License-Identifier: MIT */
#ifndef IO_PG_INTERNAL_H
#define IO_PG_INTERNAL_H

#include "io/pg/pg.h"
#include "io/pg/refusal.h"

/* internal: one connection, shared by the files of this folder: asking (pg.c),
 * becoming connected (connect.c), the server's answers (answer.c). */

/* libpq's PGconn and PGresult, by the names of the structs. */
struct pg_conn;
struct pg_result;

struct pg {
	char *dsn, *role, *app;
	const struct sql_stmt *stmts;
	size_t nstmts;
	struct pg_conn *conn;
	bool *prepared; /* by statement: prepared on this connection */
	bool in_transaction;
	bool hears; /* LISTEN was sent on this connection */
	int connect_s, statement_ms;
	bool by_key, patient;
	int lock_ms; /* wait for locks; 0: half of statement_ms */
	bool hurries;
	bool busy;     /* the last call failed for another's lock */
	bool has_role; /* the connection has taken the role */
	bool warned;
};

void pg_close(struct pg *);

/* Finds where libpq connects; the texts live as long as the connection. */
struct pg_place pg_place_of(const struct pg *);

/* Waits for the last result of what was sent; `sent` is libpq's answer to the
 * sending.  -1 if the server refuses, or says nothing in time.  A connection
 * that is gone, or half gone, is closed: the next call that needs one connects
 * again. */
int pg_result(struct pg *, int sent, const char *what, struct pg_result **,
    struct err *) MUST_CHECK;
/* Runs SQL whose answer nobody reads. */
int pg_exec(struct pg *, const char *sql, struct err *) MUST_CHECK;

#endif /* IO_PG_INTERNAL_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_PG_PG_H
#define IO_PG_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * pg: one connection to PostgreSQL and the statements prepared on it.
 *
 * The statements are a table that is given at the start; the floors above ask
 * them by number, and a statement is prepared when it is first used.  Only
 * migrations and settings are text.  Every SQLSTATE is judged here: a server
 * that is away or busy is RETRY (the next pg_begin() or pg_ask() connects
 * again), a value that the schema refuses is REJECT, a right that the login
 * lacks is CONFIG, and a table that does not exist is FATAL.  io/pg/refusal.h
 * judges failures to connect.
 */

struct sql_stmt {
	const char *name;
	int nin;         /* parameters, counted from the text */
	const char *out; /* the columns, as the .sql file names them */
	const char *text;
};

struct pg;

enum {
	/* Time to connect to each address that the URL leads to.  libpq has no
	 * bound for the time that looking up the name takes. */
	PG_CONNECT_SECONDS = 5,
	PG_HASTY_CONNECT_SECONDS = 2, /* the least that libpq accepts */
	/* A statement that takes longer, or waits for a lock half as long,
	 * fails with RETRY.  The default of LOYALD_CLAIM_IDLE_MS is several
	 * times as long. */
	PG_STATEMENT_MS = 10000,
	PG_HURRY_MS = 50,
};

/* Writes "user@host:port/database", for sentences, with libpq's defaults for
 * the parts that the URL leaves out, and without the password.  Cut if it is
 * long; "?" if the text is no URL. */
enum {
	PG_WHERE_MAX = 256
};
void pg_where(const char *dsn, char out[PG_WHERE_MAX]);

/* Checks a URL.  CONFIG if libpq cannot read it as a URI or a conninfo string,
 * or reads a piece of the password as another part; the sentence repeats
 * nothing of the text. */
int pg_url_check(const char *dsn, struct err *) MUST_CHECK;

/*
 * Makes a connection, which connects when it is first used.  `role` is taken by
 * SET ROLE after connecting, if the database has the role and the login may;
 * NULL: no role.  `app` is the application_name.
 */
struct pg *pg_new(const char *dsn, const char *role, const char *app,
    const struct sql_stmt *, size_t n);
void pg_free(struct pg *);

/*
 * Makes plans use indexes whatever the statistics say, from the next connection
 * on, for processes that only look up rows by their keys, a batch at a time.
 * Without it, a table that was empty when a statement was planned is read from
 * end to end for each batch until the table is analyzed (measured: 110 ms
 * instead of 2 for a batch of 200 at 20,000 members).
 */
void pg_by_key(struct pg *);

/*
 * Waits for answers without a time limit, for migrate and verify.  Without this
 * call the wait ends after 1.2 times the time that a statement may take.  By
 * then the server itself has given the statement up, unless the server is
 * frozen or cut off.  The connection is then closed: RETRY.
 */
void pg_patient(struct pg *);
/* Shortens all waits from the next connection on, for processes with clients
 * that wait: a statement may take statement_ms, and connecting to an address
 * PG_HASTY_CONNECT_SECONDS. */
void pg_hasty(struct pg *, int statement_ms);

/* Sets how long a statement waits for another's lock before it fails with
 * RETRY, from the next connection on; the default is half of a statement's
 * time. */
void pg_lock_ms(struct pg *, int ms);
/* true: from the next transaction on, statements wait for locks at most
 * PG_HURRY_MS; false: as long as before. */
void pg_hurry(struct pg *, bool);
/* Whether the last failure was a lock that another session had. */
bool pg_was_busy(const struct pg *);

/* Connects, unless there is a connection.  RETRY if the server is away; CONFIG
 * if the login, its password, its rights or the database is wrong. */
int pg_connect(struct pg *, struct err *) MUST_CHECK;
bool pg_is_connected(const struct pg *);
/* Writes "the database loyald at db:5432", for sentences; needs a
 * connection. */
enum {
	PG_NAME_MAX = 256
};
void pg_name(const struct pg *, char out[PG_NAME_MAX]);
/* Finds the socket on which to wait for notifications; -1 without a
 * connection. */
int pg_socket(const struct pg *);
/* pg_listen() sends LISTEN; pg_was_notified(): whether a notification has come
 * since its last call. */
int pg_listen(struct pg *, const char *channel, struct err *) MUST_CHECK;
bool pg_was_notified(struct pg *);
/* Connects, and sends LISTEN once for each connection, as soon as its server is
 * a primary.  For readers, which may be on a standby, where LISTEN fails: they
 * call pg_hear() each time before they poll the database. */
int pg_hear(struct pg *, const char *channel, struct err *) MUST_CHECK;

int pg_begin(struct pg *, struct err *) MUST_CHECK;
/* Commits.  RETRY if the answer was lost: the transaction may be committed. */
int pg_commit(struct pg *, struct err *) MUST_CHECK;
void pg_rollback(struct pg *);
/* Commits if `done`.  Else rolls the transaction back, and returns -1 with the
 * err as it is. */
int pg_end(struct pg *, bool done, struct err *) MUST_CHECK;

/* ---- parameters: built in order, all by pg_*; owned by the arena ------ */

enum {
	PG_PARAMS_MAX = 24
};

struct pg_params {
	struct arena *arena;
	int n;
	const char *value[PG_PARAMS_MAX];
	int length[PG_PARAMS_MAX];
	int format[PG_PARAMS_MAX]; /* 0 text, 1 binary */
};

void pg_params(struct pg_params *, struct arena *);
void pg_bigint(struct pg_params *, int64_t);
void pg_bool(struct pg_params *, bool);
void pg_text(struct pg_params *, const char *); /* NULL is SQL's NULL */
void pg_str(struct pg_params *, struct str);    /* text of a given length */
void pg_bytes(struct pg_params *, struct str);  /* bytea; data NULL is NULL */
void pg_instant(struct pg_params *, int64_t);   /* timestamptz; 0 is NULL,
						   INSTANT_NEVER infinity */
void pg_null(struct pg_params *);

/* Add arrays in the binary format, for the statements that take a batch through
 * unnest(). */
void pg_bigints(struct pg_params *, const int64_t *, size_t n);
void pg_ints(struct pg_params *, const int32_t *, size_t n);
void pg_bools(struct pg_params *, const bool *, size_t n);
void pg_strs(struct pg_params *, const struct str *, size_t n); /* text[];
						    data NULL is NULL */
void pg_byteas(struct pg_params *, const struct str *, size_t n);
void pg_instants(struct pg_params *, const int64_t *, size_t n);

/* ---- answers ---------------------------------------------------------- */

/* The rows of one answer; ended by pg_done(). */
struct pg_rows {
	void *result; /* a PGresult; higher floors do not know libpq */
	int n;        /* rows returned, or touched if none are returned */
};

/* Runs a statement; the params are NULL if it has none. */
int pg_ask(struct pg *, int stmt, const struct pg_params *, struct pg_rows *,
    struct err *) MUST_CHECK;
/* pg_ask() for a statement whose rows nobody reads. */
int pg_tell(
    struct pg *, int stmt, const struct pg_params *, struct err *) MUST_CHECK;
/* pg_ask() for a statement of which only the number of rows is read, and for
 * one that answers with one number; 0 if it answers with no row. */
int pg_ask_count(struct pg *, int stmt, const struct pg_params *, size_t *n,
    struct err *) MUST_CHECK;
int pg_ask_bigint(struct pg *, int stmt, const struct pg_params *, int64_t *,
    struct err *) MUST_CHECK;
void pg_done(struct pg_rows *);

/* Read a column by its position in the .sql file's "out:".  The database
 * answers in text.  A column of another type ends the process, since only a
 * statement and its C code that do not match can cause it.  NULL is 0, false or
 * an empty str with data NULL. */
bool pg_is_null(const struct pg_rows *, int row, int col);
int64_t pg_get_bigint(const struct pg_rows *, int row, int col);
bool pg_get_bool(const struct pg_rows *, int row, int col);
struct str pg_get_str(const struct pg_rows *, int row, int col); /* until
								    pg_done */
struct str pg_get_bytes(
    struct arena *, const struct pg_rows *, int row, int col);
int64_t pg_get_instant(const struct pg_rows *, int row, int col);

/* ---- migrations ------------------------------------------------------- */

/* Runs several statements given as text: the migrations, and never a text from
 * outside. */
int pg_script(struct pg *, const char *sql, struct err *) MUST_CHECK;

#endif /* IO_PG_PG_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/*
 * pg: one connection to PostgreSQL and the statements prepared on it.
 *
 * The statements are a table that is given to pg_new().  Callers run a
 * statement by its number in the table, and a statement is prepared when it is
 * first used.  Only migrations and session settings are given as SQL text.
 * Every SQLSTATE becomes a fault.  A server that is away or busy is RETRY (the
 * next pg_begin() or pg_ask() connects again).  A value that the schema refuses
 * is REJECT, a right that the login lacks is CONFIG, and a table that does not
 * exist is FATAL.  io/pg/refusal.h judges failures to connect.
 */

struct sql_stmt {
	const char *name;
	int nin;         /* number of parameters */
	const char *out; /* the columns, as the .sql file names them */
	const char *text;
};

struct pg;

#define PG_HURRY_MS 50

enum {
	/* Time to connect to each address of the host in the URL.  libpq has no
	 * limit for the time that looking up the host's name takes. */
	PG_CONNECT_SECONDS = 5,
	PG_HASTY_CONNECT_SECONDS = 2, /* the least that libpq takes */
	/* A statement that takes longer, or waits for a lock half as long,
	 * fails with RETRY.  The default of LOYALD_CLAIM_IDLE_MS is several
	 * times as long. */
	PG_STATEMENT_MS = 10000,
};

/* Writes "user@host:port/database" for messages to people, without the
 * password.  libpq's defaults stand for the parts that the URL leaves out.  A
 * long text is cut; "?" if the URL cannot be read. */
enum {
	PG_WHERE_MAX = 256
};
void pg_where(const char *dsn, char out[PG_WHERE_MAX]);

/* Checks a URL.  Fails with CONFIG if libpq cannot read it as a URI or a
 * conninfo string, or takes a piece of the password for another part.  The
 * error repeats no part of the URL. */
int pg_url_check(const char *dsn, struct err *) MUST_CHECK;

/*
 * Makes a pg, which connects when it is first used.  After connecting, SET ROLE
 * changes to `role`, if the role exists and the login may take it; NULL: no
 * role.  `app` is the application_name.
 */
struct pg *pg_new(const char *dsn, const char *role, const char *app,
    const struct sql_stmt *, size_t n);
void pg_free(struct pg *);

/*
 * From the next connection on, makes plans use indexes whatever the statistics
 * say.  For processes that only look up rows by their keys, a batch at a time.
 * Without this call, a statement that was planned when its table was empty
 * reads the whole table for each batch until the table is analyzed (measured:
 * 110 ms instead of 2 for a batch of 200 at 20,000 members).
 */
void pg_by_key(struct pg *);

/*
 * Waits for answers without a time limit, for migrate and verify.  Without this
 * call, the wait ends after 1.2 times the time that a statement may take.  By
 * then the server itself has given the statement up, unless the server is
 * frozen or cut off.  The connection is then closed: RETRY.
 */
void pg_patient(struct pg *);
/* Shortens all waits from the next connection on, for processes whose clients
 * wait.  A statement may take statement_ms, and connecting to an address
 * PG_HASTY_CONNECT_SECONDS. */
void pg_hasty(struct pg *, int statement_ms);

/* Sets how long a statement waits for a lock of another session before it fails
 * with RETRY, from the next connection on.  The default is half of the time
 * that a statement may take. */
void pg_lock_ms(struct pg *, int ms);
/* true: from the next transaction on, statements wait for locks at most
 * PG_HURRY_MS.  false: locks are waited for as long as before. */
void pg_hurry(struct pg *, bool);
/* Whether the last call failed because another session had a lock. */
bool pg_was_busy(const struct pg *);

/* Connects, unless connected.  Fails with RETRY if the server is away, with
 * CONFIG if the login, its password, its rights or the database is wrong. */
int pg_connect(struct pg *, struct err *) MUST_CHECK;
bool pg_is_connected(const struct pg *);
/* A number for the connection: each later connection has a higher one. 0: there
 * was none yet. */
int64_t pg_session(const struct pg *);
/* Writes "the database loyald at db:5432" for messages to people.  Needs a
 * connection. */
enum {
	PG_NAME_MAX = 256
};
void pg_name(const struct pg *, char out[PG_NAME_MAX]);
/* Returns the socket on which to wait for notifications; -1 if not
 * connected. */
int pg_socket(const struct pg *);
/* pg_listen() sends LISTEN for a channel.  pg_was_notified() says whether a
 * notification has come since pg_was_notified() was last called. */
int pg_listen(struct pg *, const char *channel, struct err *) MUST_CHECK;
bool pg_was_notified(struct pg *);
/* Connects, and sends LISTEN once for each connection, as soon as its server is
 * a primary.  For processes that only read: their server may be a standby,
 * where LISTEN fails.  The process calls pg_hear() each time before it polls
 * the database. */
int pg_hear(struct pg *, const char *channel, struct err *) MUST_CHECK;

/* Begins a transaction.  In a transaction pg_tell() does not wait for the
 * server, and neither does pg_begin(): an error of theirs is that of the next
 * pg_ask() or of pg_commit(), and its sentence names the statement. */
int pg_begin(struct pg *, struct err *) MUST_CHECK;
/* Commits.  Fails with RETRY if the answer was lost: the transaction may be
 * committed. */
int pg_commit(struct pg *, struct err *) MUST_CHECK;
void pg_rollback(struct pg *);
/* Commits if `done`.  Otherwise rolls back, leaves the err unchanged, and
 * returns -1. */
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
/* A text or bytea of a given length; data NULL is SQL's NULL. */
void pg_str(struct pg_params *, struct str);
void pg_instant(struct pg_params *, int64_t); /* timestamptz; 0 is NULL,
						   INSTANT_NEVER infinity */

/* Add arrays in the binary format, for statements that unnest() a whole
 * batch. */
void pg_bigints(struct pg_params *, const int64_t *, size_t n);
void pg_ints(struct pg_params *, const int32_t *, size_t n);
void pg_bools(struct pg_params *, const bool *, size_t n);
void pg_strs(struct pg_params *, const struct str *, size_t n); /* text[];
						    data NULL is NULL */
void pg_byteas(struct pg_params *, const struct str *, size_t n);
void pg_instants(struct pg_params *, const int64_t *, size_t n);

/* ---- answers ---------------------------------------------------------- */

/* The rows of one answer; pg_done() frees them. */
struct pg_rows {
	void *result; /* a PGresult, for callers without libpq */
	int n;        /* rows returned or, if none are, rows changed */
};

/* Runs a statement.  The params are NULL if the statement has no parameters. */
int pg_ask(struct pg *, int stmt, const struct pg_params *, struct pg_rows *,
    struct err *) MUST_CHECK;
/* Runs a statement of a transaction that adds rows.  If another session has added
 * one of the same key meanwhile, the transaction goes on as if the statement had
 * not been run: *taken is true, and there are no rows. */
int pg_ask_unless_taken(struct pg *, int stmt, const struct pg_params *,
    struct pg_rows *, bool *taken, struct err *) MUST_CHECK;
/* Runs several statements; in a transaction, all are sent before the answer to
 * the first is read.  Either all have rows, or, with -1, none. */
struct pg_question {
	int stmt;
	const struct pg_params *params;
	struct pg_rows *rows;
};
enum {
	PG_QUESTIONS_MAX = 16
};
int pg_ask_all(
    struct pg *, const struct pg_question *, size_t n, struct err *) MUST_CHECK;
/* Runs a statement whose rows are not needed. */
int pg_tell(
    struct pg *, int stmt, const struct pg_params *, struct err *) MUST_CHECK;
/* Run a statement.  pg_ask_count() gives the number of its rows.
 * pg_ask_bigint() gives the number in its only row, or 0 if there is no row. */
int pg_ask_count(struct pg *, int stmt, const struct pg_params *, size_t *n,
    struct err *) MUST_CHECK;
int pg_ask_bigint(struct pg *, int stmt, const struct pg_params *, int64_t *,
    struct err *) MUST_CHECK;
void pg_done(struct pg_rows *);

/* Read a column by its position in the "out:" line of the .sql file.  A column of
 * another type ends the process: the statement and its C code do not match.
 * NULL is read as 0, false or an empty str with data NULL; pg_get_str() reads
 * bytes, too. */
bool pg_is_null(const struct pg_rows *, int row, int col);
int64_t pg_get_bigint(const struct pg_rows *, int row, int col);
bool pg_get_bool(const struct pg_rows *, int row, int col);
struct str pg_get_str(const struct pg_rows *, int row, int col); /* until
								    pg_done */
int64_t pg_get_instant(const struct pg_rows *, int row, int col);

/* ---- migrations ------------------------------------------------------- */

/* Runs several statements given as text: only for migrations, never for a text
 * from outside. */
int pg_script(struct pg *, const char *sql, struct err *) MUST_CHECK;

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
 * What the processes can ask is the table given at the start; the floors
 * above ask by number, and a statement is prepared when it is first used.
 * Only migrations and settings are text.  Every SQLSTATE is judged here: the
 * world in the way is RETRY (the connection is reopened by the next pg_begin()
 * or pg_ask()), a value the schema refuses is REJECT, a right that the login
 * lacks is CONFIG, and a schema that is not there FATAL.  What is wrong with a
 * connection is io/pg/refusal.h's.
 */

struct sql_stmt {
	const char *name;
	int nin;         /* parameters, counted from the text */
	const char *out; /* columns, as the .sql file promises */
	const char *text;
};

struct pg;

enum {
	/* To take a connection, for each address that the URL comes to; what
	 * libpq knows no bound for is the resolver's own time. */
	PG_CONNECT_SECONDS = 5,
	PG_HASTY_CONNECT_SECONDS = 2, /* libpq knows no less */
	/* A statement that takes longer, or a lock that takes half of it, is
	 * the world in the way; LOYALD_CLAIM_IDLE_MS is set with this in
	 * mind. */
	PG_STATEMENT_MS = 10000,
	PG_HURRY_MS = 50,
};

/* "user@host:port/database", for sentences, with what libpq adds to the URL;
 * never a password.  Cut if it is long; "?" if it is no URL. */
enum {
	PG_WHERE_MAX = 256
};
void pg_where(const char *dsn, char out[PG_WHERE_MAX]);

/* CONFIG if it is no URI or conninfo string that libpq reads, or reads as if it
 * had a piece of the password elsewhere; the sentence repeats none of it. */
int pg_url_check(const char *dsn, struct err *) MUST_CHECK;

/*
 * Connects lazily.  `role` is taken on by SET ROLE after connecting, if the
 * database has it and the login may; NULL: none.  `app` is the
 * application_name.
 */
struct pg *pg_new(const char *dsn, const char *role, const char *app,
    const struct sql_stmt *, size_t n);
void pg_free(struct pg *);

/*
 * For processes that only ever look up rows by their keys, a batch at a
 * time: from the next connection on plans go by index whatever the
 * statistics say.  A table that was empty when a statement was planned is
 * otherwise read from end to end for each batch until somebody analyzes it
 * (measured: 110 ms instead of 2 for a batch of 200 at 20,000 members).
 */
void pg_by_key(struct pg *);

/*
 * For migrate and verify, whose statements may take as long as they take.
 * Everybody else waits for an answer for a fifth longer than a statement may
 * take, when the server would have given it up itself: a server that is frozen
 * or was cut off says nothing at all.  Then the connection is closed: RETRY.
 */
void pg_patient(struct pg *);
/* For those that somebody waits for: from the next connection on a statement
 * may take statement_ms and an address PG_HASTY_CONNECT_SECONDS. */
void pg_hasty(struct pg *, int statement_ms);

/* From the next connection on: how long a statement waits for a lock of
 * somebody else's before it is RETRY, instead of half a statement's time. */
void pg_lock_ms(struct pg *, int ms);
/* From the next transaction on, or not any more: no longer than
 * PG_HURRY_MS. */
void pg_hurry(struct pg *, bool);
/* Whether what failed last was that. */
bool pg_was_busy(const struct pg *);

/* Connects, if it is not connected.  RETRY if the server is away; CONFIG if the
 * login, its password, its rights or the database is wrong. */
int pg_connect(struct pg *, struct err *) MUST_CHECK;
bool pg_is_connected(const struct pg *);
/* "the database loyald at db:5432", for sentences; while it is connected. */
enum {
	PG_NAME_MAX = 256
};
void pg_name(const struct pg *, char out[PG_NAME_MAX]);
/* The socket, to wait on for notifications; -1 if not connected. */
int pg_socket(const struct pg *);
/* LISTEN; and whether a notification came since the last call. */
int pg_listen(struct pg *, const char *channel, struct err *) MUST_CHECK;
bool pg_was_notified(struct pg *);
/* For readers, who may be on a standby, where LISTEN fails: connects, and
 * says LISTEN once for each connection, as soon as its server is a primary.
 * Whoever calls this before each look looks from time to time anyway. */
int pg_hear(struct pg *, const char *channel, struct err *) MUST_CHECK;

int pg_begin(struct pg *, struct err *) MUST_CHECK;
/* RETRY if the answer was lost: what was posted may stand. */
int pg_commit(struct pg *, struct err *) MUST_CHECK;
void pg_rollback(struct pg *);
/* Commits if what the transaction is for is done; else rolls it back, and -1
 * with the err as it is. */
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
void pg_str(struct pg_params *, struct str);    /* text, with its length */
void pg_bytes(struct pg_params *, struct str);  /* bytea; data NULL is NULL */
void pg_instant(struct pg_params *, int64_t);   /* timestamptz; 0 is NULL,
						   INSTANT_NEVER infinity */
void pg_null(struct pg_params *);

/* Arrays, for the statements that take a batch through unnest(); binary.
 * `null` may be NULL: no element is. */
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
	void *result; /* a PGresult, which stops at this door */
	int n;        /* rows returned, or touched if none are returned */
};

/* Without parameters: NULL. */
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

/* Column by position, as the .sql file's "out:" has them.  The database
 * answers in text; a column that is not what is asked for ends the process,
 * since only a statement out of step with its C can do that.  NULL gives
 * 0, false or an empty str with data NULL. */
bool pg_is_null(const struct pg_rows *, int row, int col);
int64_t pg_get_bigint(const struct pg_rows *, int row, int col);
bool pg_get_bool(const struct pg_rows *, int row, int col);
struct str pg_get_str(const struct pg_rows *, int row, int col); /* until
								    pg_done */
struct str pg_get_bytes(
    struct arena *, const struct pg_rows *, int row, int col);
int64_t pg_get_instant(const struct pg_rows *, int row, int col);

/* ---- migrations ------------------------------------------------------- */

/* Several statements as they stand: the migrations.  Nothing that came from
 * outside goes in here. */
int pg_script(struct pg *, const char *sql, struct err *) MUST_CHECK;

#endif /* IO_PG_PG_H */

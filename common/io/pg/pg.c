/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/log.h"
#include "io/clock.h"
#include "io/pg/internal.h"

struct pg *
pg_new(const char *dsn, const char *role, const char *app,
    const struct sql_stmt *stmts, size_t n)
{
	struct pg *pg = calloc(1, sizeof(*pg));

	if (pg == NULL)
		die("out of memory for a database connection");
	pg->dsn = strdup(dsn);
	pg->role = role ? strdup(role) : NULL;
	pg->app = strdup(app);
	pg->stmts = stmts;
	pg->nstmts = n;
	pg->connect_s = PG_CONNECT_SECONDS;
	pg->statement_ms = PG_STATEMENT_MS;
	pg->prepared = calloc(n + 1, sizeof(*pg->prepared));
	if (pg->dsn == NULL || pg->app == NULL || pg->prepared == NULL ||
	    (role != NULL && pg->role == NULL))
		die("out of memory for a database connection");
	return pg;
}

void
pg_close(struct pg *pg)
{
	if (pg->conn != NULL)
		PQfinish(pg->conn);
	pg->conn = NULL;
	pg->in_transaction = pg->hears = pg->has_role = false;
	memset(pg->prepared, 0, (pg->nstmts + 1) * sizeof(*pg->prepared));
}

void
pg_free(struct pg *pg)
{
	if (pg == NULL)
		return;
	pg_close(pg);
	free(pg->dsn);
	free(pg->role);
	free(pg->app);
	free(pg->prepared);
	free(pg);
}

void
pg_by_key(struct pg *pg)
{
	pg->by_key = true;
}

void
pg_patient(struct pg *pg)
{
	pg->patient = true;
}

void
pg_hasty(struct pg *pg, int statement_ms)
{
	pg->connect_s = PG_HASTY_CONNECT_SECONDS;
	pg->statement_ms = statement_ms;
}

/* The server would have answered by then. */
static int
answer_ms(const struct pg *pg)
{
	return pg->statement_ms + pg->statement_ms / 5;
}

void
pg_lock_ms(struct pg *pg, int ms)
{
	pg->lock_ms = ms;
}

void
pg_hurry(struct pg *pg, bool hurries)
{
	pg->hurries = hurries;
}

bool
pg_was_busy(const struct pg *pg)
{
	return pg->busy;
}

/* ---- what an error means ---------------------------------------------- */

#define LOCKED    "55P03" /* the lock is not available */
#define FORBIDDEN "42501" /* insufficient privilege */

/* By SQLSTATE or its class (PostgreSQL's appendix A); the first that fits.
 * What is not here is ours: FATAL. */
static const struct {
	const char *state;
	enum fault fault;
} faults[] = {
	{ "25006", FAULT_RETRY }, /* read only: a primary that was */
	{ "40", FAULT_RETRY },    /* serialization, deadlock */
	{ LOCKED, FAULT_RETRY }, { "55006", FAULT_RETRY }, /* object in use */
	{ "57", FAULT_RETRY },    /* cancelled, shutting down, starting */
	{ "53", FAULT_RETRY },    /* out of disk, memory, connections */
	{ "58", FAULT_RETRY },    /* its disk */
	{ "08", FAULT_RETRY },    /* the connection */
	{ "25P02", FAULT_RETRY }, /* a transaction that failed before */
	{ "22", FAULT_REJECT },   /* a value that cannot be */
	{ "23", FAULT_REJECT },   /* a constraint */
	{ "21000", FAULT_REJECT },
	{ "54", FAULT_REJECT }, /* too much of something */
};

static enum fault
fault_of(const char *state)
{
	for (size_t i = 0; i < NITEMS(faults); i++)
		if (strncmp(state, faults[i].state, strlen(faults[i].state)) ==
		    0)
			return faults[i].fault;
	return FAULT_FATAL;
}

/* libpq's sentences end in a line feed, and go on after it with hints. */
static int
first_line(const char *s)
{
	return (int)strcspn(s, "\n");
}

int
pg_fail(struct pg *pg, const PGresult *r, const char *what, struct err *e)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	struct pg_place place = pg_place_of(pg);
	const char *text = NULL;

	pg->busy = state != NULL && strcmp(state, LOCKED) == 0;
	if (r != NULL)
		text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	if (text == NULL)
		text = PQerrorMessage(pg->conn);
	if (state != NULL && strcmp(state, FORBIDDEN) == 0)
		(void)pg_forbidden(
		    &place, pg->role, pg->has_role, what, text, e);
	else
		err_set(e, state ? fault_of(state) : FAULT_RETRY,
		    "PostgreSQL, %s: %.*s%s%s", what, first_line(text), text,
		    state ? " SQLSTATE " : "", state ? state : "");
	if (PQstatus(pg->conn) != CONNECTION_OK ||
	    (state != NULL &&
	        (strncmp(state, "57P", 3) == 0 || strcmp(state, "25006") == 0)))
		pg_close(pg);
	return -1;
}

/* ---- waiting ------------------------------------------------------------ */

/* Until the socket can be read (or written, if there is something to say);
 * false if the time is over. */
static bool
pg_wait(const struct pg *pg, bool writing, int64_t until)
{
	struct pollfd p = { .fd = PQsocket(pg->conn),
		.events = writing ? POLLIN | POLLOUT : POLLIN };
	int64_t left = until - clock_mono();
	int ms = pg->patient ? -1 : left > 0 ? (int)(left / 1000) + 1 : 0;

	/* A signal is seen by whoever called, when the answer is there. */
	return poll(&p, 1, ms) != 0 || pg->patient;
}

/* The next result of what was sent, or NULL after the last; false if the
 * server says nothing. */
static bool
pg_next(struct pg *pg, int64_t until, PGresult **r)
{
	int unsent;

	while ((unsent = PQflush(pg->conn)) > 0) {
		if (!pg_wait(pg, true, until))
			return false;
		if (PQconsumeInput(pg->conn) == 0)
			break;
	}
	while (unsent == 0 && PQisBusy(pg->conn)) {
		if (!pg_wait(pg, false, until))
			return false;
		if (PQconsumeInput(pg->conn) == 0)
			break; /* PQgetResult() says why */
	}
	*r = PQgetResult(pg->conn);
	return true;
}

int
pg_result(
    struct pg *pg, int sent, const char *what, PGresult **last, struct err *e)
{
	int64_t until = clock_mono() + answer_ms(pg) * INT64_C(1000);
	PGresult *r = NULL;

	*last = NULL;
	while (sent == 1) {
		if (!pg_next(pg, until, &r)) {
			PQclear(*last);
			pg_close(pg);
			return err_set(e, FAULT_RETRY,
			    "PostgreSQL, %s: no answer for %d ms", what,
			    answer_ms(pg));
		}
		if (r == NULL)
			break;
		PQclear(*last);
		*last = r;
		if (PQstatus(pg->conn) == CONNECTION_BAD)
			break;
	}
	return 0;
}

/* ---- text of ours ----------------------------------------------------- */

int
pg_exec(struct pg *pg, const char *sql, struct err *e)
{
	ExecStatusType status;
	PGresult *r;
	int ret = 0;

	if (pg_result(pg, PQsendQuery(pg->conn, sql), sql, &r, e) == -1)
		return -1;
	status = PQresultStatus(r);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		ret = pg_fail(pg, r, sql, e);
	PQclear(r);
	return ret;
}

bool
pg_is_connected(const struct pg *pg)
{
	return pg->conn != NULL;
}

int
pg_socket(const struct pg *pg)
{
	return pg->conn ? PQsocket(pg->conn) : -1;
}

int
pg_listen(struct pg *pg, const char *channel, struct err *e)
{
	char sql[128];

	if (pg_connect(pg, e) == -1)
		return -1;
	(void)snprintf(sql, sizeof(sql), "LISTEN %s", channel);
	if (pg_exec(pg, sql, e) == -1)
		return -1;
	pg->hears = true;
	return 0;
}

/* The server says so by itself, also when that changes. */
static bool
is_standby(const struct pg *pg)
{
	const char *says = PQparameterStatus(pg->conn, "in_hot_standby");

	return says != NULL && strcmp(says, "on") == 0;
}

int
pg_hear(struct pg *pg, const char *channel, struct err *e)
{
	if (pg_connect(pg, e) == -1)
		return -1;
	if (pg->hears || is_standby(pg))
		return 0;
	return pg_listen(pg, channel, e);
}

bool
pg_was_notified(struct pg *pg)
{
	bool was = false;
	PGnotify *n;

	if (pg->conn == NULL)
		return false;
	if (PQconsumeInput(pg->conn) == 0) {
		pg_close(pg);
		return false;
	}
	while ((n = PQnotifies(pg->conn)) != NULL) {
		was = true;
		PQfreemem(n);
	}
	return was;
}

/* ---- transactions ----------------------------------------------------- */

int
pg_begin(struct pg *pg, struct err *e)
{
	char local[64];

	assert(!pg->in_transaction);
	(void)snprintf(local, sizeof(local),
	    "BEGIN; SET LOCAL lock_timeout = %d", PG_HURRY_MS);
	if (pg_connect(pg, e) == -1 ||
	    pg_exec(pg, pg->hurries ? local : "BEGIN", e) == -1)
		return -1;
	pg->in_transaction = true;
	return 0;
}

int
pg_commit(struct pg *pg, struct err *e)
{
	PGresult *r;

	assert(pg->in_transaction);
	pg->in_transaction = false;
	if (pg_result(pg, PQsendQuery(pg->conn, "COMMIT"), "COMMIT", &r, e) ==
	    -1)
		return -1;
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		pg_fail(pg, r, "COMMIT", e);
		PQclear(r);
		return -1;
	}
	/* COMMIT of a failed transaction "succeeds" as a ROLLBACK. */
	if (strcmp(PQcmdStatus(r), "COMMIT") != 0) {
		PQclear(r);
		return err_set(
		    e, FAULT_RETRY, "PostgreSQL rolled back instead");
	}
	PQclear(r);
	return 0;
}

void
pg_rollback(struct pg *pg)
{
	struct err ignored; /* pg_fail() has closed what could not roll back */

	if (pg->conn == NULL || !pg->in_transaction)
		return;
	pg->in_transaction = false;
	if (pg_exec(pg, "ROLLBACK", &ignored) == -1)
		pg_close(pg);
}

/* ---- asking ------------------------------------------------------------ */

static int
pg_prepare(struct pg *pg, int stmt, struct err *e)
{
	const struct sql_stmt *s = &pg->stmts[stmt];
	PGresult *r;

	if (pg->prepared[stmt])
		return 0;
	if (pg_result(pg, PQsendPrepare(pg->conn, s->name, s->text, 0, NULL),
	        s->name, &r, e) == -1)
		return -1;
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		pg_fail(pg, r, s->name, e);
		PQclear(r);
		return -1;
	}
	PQclear(r);
	pg->prepared[stmt] = true;
	return 0;
}

int
pg_ask(struct pg *pg, int stmt, const struct pg_params *p, struct pg_rows *rows,
    struct err *e)
{
	const struct sql_stmt *s = &pg->stmts[stmt];
	ExecStatusType status;
	PGresult *r;
	int sent;

	assert(stmt >= 0 && (size_t)stmt < pg->nstmts);
	assert(p->n == s->nin);
	if (pg_connect(pg, e) == -1 || pg_prepare(pg, stmt, e) == -1)
		return -1;
	sent = PQsendQueryPrepared(
	    pg->conn, s->name, p->n, p->value, p->length, p->format, 0);
	if (pg_result(pg, sent, s->name, &r, e) == -1)
		return -1;
	status = PQresultStatus(r);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		pg_fail(pg, r, s->name, e);
		PQclear(r);
		return -1;
	}
	rows->result = r;
	rows->n = status == PGRES_TUPLES_OK ? PQntuples(r)
	                                    : atoi(PQcmdTuples(r));
	return 0;
}

int
pg_tell(struct pg *pg, int stmt, const struct pg_params *p, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	pg_done(&rows);
	return 0;
}

void
pg_done(struct pg_rows *rows)
{
	PQclear(rows->result);
	rows->result = NULL;
}

int
pg_script(struct pg *pg, const char *sql, struct err *e)
{
	PGresult *r;
	ExecStatusType status;

	if (pg_connect(pg, e) == -1)
		return -1;
	if (pg_result(pg, PQsendQuery(pg->conn, sql), "a script", &r, e) == -1)
		return -1;
	status = PQresultStatus(r);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		pg_fail(pg, r, "a script", e);
		PQclear(r);
		return -1;
	}
	PQclear(r);
	return 0;
}

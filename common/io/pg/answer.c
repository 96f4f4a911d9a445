/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>

#include <libpq-fe.h>

#include "io/clock.h"
#include "io/pg/internal.h"

/* answer: waits for the answers of the server, judges its errors, and closes
 * the connection. */

static const char *
text_or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

struct pg_place
pg_place_of(const struct pg *pg)
{
	return (struct pg_place){
		.host = text_or_empty(PQhost(pg->conn)),
		.port = text_or_empty(PQport(pg->conn)),
		.database = text_or_empty(PQdb(pg->conn)),
		.login = text_or_empty(PQuser(pg->conn)),
	};
}

void
pg_close(struct pg *pg)
{
	if (pg->conn != NULL)
		PQfinish(pg->conn);
	pg->conn = NULL;
	pg->in_transaction = pg->hears = pg->has_role = false;
	pg->nwaiting = 0;
	memset(pg->prepared, 0, (pg->nstmts + 1) * sizeof(*pg->prepared));
}

/* ---- what an error means ---------------------------------------------- */

#define LOCKED    "55P03" /* the lock is not available */
#define FORBIDDEN "42501" /* insufficient privilege */
#define TAKEN     "23505" /* unique violation */

/* Faults by SQLSTATE or its class (PostgreSQL's appendix A).  The first row
 * that fits is used.  Any other SQLSTATE is a bug in loyald: FATAL. */
static const struct {
	const char *state;
	enum fault fault;
} faults[] = {
	{ "25006", FAULT_RETRY }, /* read only: the primary became a standby */
	{ "40", FAULT_RETRY },    /* serialization, deadlock */
	{ LOCKED, FAULT_RETRY }, { "55006", FAULT_RETRY }, /* object in use */
	{ "57", FAULT_RETRY },    /* cancelled, shutting down, starting */
	{ "53", FAULT_RETRY },    /* out of disk, memory, connections */
	{ "58", FAULT_RETRY },    /* an error of the server's disk */
	{ "08", FAULT_RETRY },    /* a broken connection */
	{ "25P02", FAULT_RETRY }, /* after an error in the transaction */
	{ "22", FAULT_REJECT },   /* a value out of range or malformed */
	{ "23", FAULT_REJECT },   /* a violated constraint */
	{ "21000", FAULT_REJECT },
	{ "54", FAULT_REJECT }, /* a limit of the server was exceeded */
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

/* Measures the first line of libpq's text; hints may follow in further
 * lines. */
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
	pg->taken = state != NULL && strcmp(state, TAKEN) == 0;
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

/* The longest wait for an answer, in ms: longer than the server's own limit for
 * a statement. */
static int
answer_ms(const struct pg *pg)
{
	return pg->statement_ms + pg->statement_ms / 5;
}

/* Waits until the socket can be read, or written if there is something to send;
 * false if the time is over. */
static bool
pg_wait(const struct pg *pg, bool writing, int64_t until)
{
	struct pollfd p = { .fd = PQsocket(pg->conn),
		.events = writing ? POLLIN | POLLOUT : POLLIN };
	int64_t left = until - clock_mono();
	int ms = pg->patient ? -1 : left > 0 ? (int)(left / 1000) + 1 : 0;

	/* A signal does not end the wait: the caller looks at its stop flag
	 * after the answer. */
	return poll(&p, 1, ms) != 0 || pg->patient;
}

/* Takes the next result of the command that was sent; NULL after the last
 * result.  Returns false if the server does not answer in time. */
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
			break; /* PQgetResult() returns the failure */
	}
	*r = PQgetResult(pg->conn);
	return true;
}

int
pg_last(struct pg *pg, const char *what, PGresult **out, struct err *e)
{
	int64_t until = clock_mono() + answer_ms(pg) * INT64_C(1000);
	PGresult *r = NULL, *last = NULL;

	for (;;) {
		if (!pg_next(pg, until, &r)) {
			PQclear(last);
			pg_close(pg);
			return err_set(e, FAULT_RETRY,
			    "PostgreSQL, %s: no answer for %d ms", what,
			    answer_ms(pg));
		}
		if (r == NULL)
			break;
		PQclear(last);
		last = r;
		if (PQstatus(pg->conn) == CONNECTION_BAD)
			break;
	}
	*out = last;
	return 0;
}

int
pg_result(
    struct pg *pg, int sent, const char *what, PGresult **out, struct err *e)
{
	PGresult *last = NULL;
	ExecStatusType status;

	if (sent == 1 && pg_last(pg, what, &last, e) == -1)
		return -1;
	status = PQresultStatus(last);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		(void)pg_fail(pg, last, what, e);
		PQclear(last);
		return -1;
	}
	*out = last;
	return 0;
}

int
pg_exec(struct pg *pg, const char *sql, struct err *e)
{
	PGresult *r = NULL;

	if (pg_result(pg, PQsendQuery(pg->conn, sql), sql, &r, e) == -1)
		return -1;
	PQclear(r);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/pg/internal.h"

struct pg *
pg_new(const char *dsn, const char *role, const char *app,
    const struct sql_stmt *stmts, size_t n)
{
	struct pg *pg = mem_new(sizeof(*pg), "a database connection");

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

/* ---- the connection ---------------------------------------------------- */

bool
pg_is_connected(const struct pg *pg)
{
	return pg->conn != NULL;
}

int64_t
pg_session(const struct pg *pg)
{
	return pg->session;
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

/* Whether the server is a standby.  The server sends in_hot_standby to libpq at
 * the start of a session and after every change. */
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

#define TEXT_OF(number) #number
#define SET_LOCK_MS(ms) "SET LOCAL lock_timeout = " TEXT_OF(ms)
#define HURRY           SET_LOCK_MS(PG_HURRY_MS)

int
pg_begin(struct pg *pg, struct err *e)
{
	assert(!pg->in_transaction);
	if (pg_connect(pg, e) == -1 ||
	    pg_send_text(pg, "BEGIN", NULL, e) == -1 ||
	    (pg->hurries && pg_send_text(pg, HURRY, NULL, e) == -1))
		return -1;
	pg->in_transaction = true;
	return 0;
}

int
pg_commit(struct pg *pg, struct err *e)
{
	bool committed;
	PGresult *r;

	assert(pg->in_transaction);
	/* The server skips COMMIT if a statement before it has failed. */
	if (pg_send_text(pg, "COMMIT", &r, e) == -1 ||
	    pg_collect(pg, e) == -1) {
		pg_rollback(pg);
		return -1;
	}
	pg->in_transaction = false;
	/* COMMIT of a failed transaction "succeeds" as a ROLLBACK. */
	committed = strcmp(PQcmdStatus(r), "COMMIT") == 0;
	PQclear(r);
	if (pg_leave(pg, e) == -1)
		return -1;
	return committed
	           ? 0
	           : err_set(e, FAULT_RETRY, "PostgreSQL rolled back instead");
}

void
pg_rollback(struct pg *pg)
{
	struct err ignored; /* a connection that failed is closed already */

	if (pg->conn == NULL || !pg->in_transaction)
		return;
	pg->in_transaction = false;
	/* Nobody needs the answers that the pipeline still has. */
	if (pg_leave(pg, &ignored) == -1 && pg->conn == NULL)
		return;
	if (pg_exec(pg, "ROLLBACK", &ignored) == -1)
		pg_close(pg);
}

int
pg_end(struct pg *pg, bool done, struct err *e)
{
	if (done)
		return pg_commit(pg, e);
	pg_rollback(pg);
	return -1;
}

/* ---- asking ------------------------------------------------------------ */

/* The parameters of a statement that may have none. */
static const struct pg_params *
params_of(const struct pg *pg, int stmt, const struct pg_params *p)
{
	static const struct pg_params none;

	p = p != NULL ? p : &none;
	assert(stmt >= 0 && (size_t)stmt < pg->nstmts);
	assert(p->n == pg->stmts[stmt].nin);
	return p;
}

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
	PQclear(r);
	pg->prepared[stmt] = true;
	return 0;
}

/* Asks outside a transaction. */
static int
ask_alone(struct pg *pg, int stmt, const struct pg_params *p, PGresult **r,
    struct err *e)
{
	const struct sql_stmt *s = &pg->stmts[stmt];
	int sent;

	if (pg_connect(pg, e) == -1 || pg_prepare(pg, stmt, e) == -1)
		return -1;
	sent = PQsendQueryPrepared(
	    pg->conn, s->name, p->n, p->value, p->length, p->format, 1);
	return pg_result(pg, sent, s->name, r, e);
}

static struct pg_rows
rows_of(PGresult *r)
{
	int64_t touched;

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return (struct pg_rows){ r, PQntuples(r) };
	if (str_int64(str_of(PQcmdTuples(r)), &touched) == -1)
		touched = 0;
	return (struct pg_rows){ r, (int)touched };
}

int
pg_ask(struct pg *pg, int stmt, const struct pg_params *p, struct pg_rows *rows,
    struct err *e)
{
	PGresult *r;

	p = params_of(pg, stmt, p);
	if (pg->in_transaction) {
		if (pg_send(pg, stmt, p, &r, e) == -1 ||
		    pg_collect(pg, e) == -1)
			return -1;
	} else if (ask_alone(pg, stmt, p, &r, e) == -1) {
		return -1;
	}
	*rows = rows_of(r);
	return 0;
}

int
pg_ask_unless_taken(struct pg *pg, int stmt, const struct pg_params *p,
    struct pg_rows *rows, bool *taken, struct err *e)
{
	PGresult *r;

	*taken = false;
	if (pg_send_text(pg, "SAVEPOINT adding", NULL, e) == -1 ||
	    pg_send(pg, stmt, params_of(pg, stmt, p), &r, e) == -1 ||
	    pg_send_text(pg, "RELEASE adding", NULL, e) == -1)
		return -1;
	if (pg_collect(pg, e) == 0) {
		*rows = rows_of(r);
		return 0;
	}
	/* There is no savepoint if a statement before it has failed. */
	*taken = pg->conn != NULL && pg->taken &&
	         pg_send_text(pg, "ROLLBACK TO adding", NULL, e) == 0 &&
	         pg_collect(pg, e) == 0;
	return *taken ? 0 : -1;
}

static int
ask_each(struct pg *pg, const struct pg_question *all, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (pg_ask(pg, all[i].stmt, all[i].params, all[i].rows, e) == 0)
			continue;
		while (i > 0)
			pg_done(all[--i].rows);
		return -1;
	}
	return 0;
}

int
pg_ask_all(
    struct pg *pg, const struct pg_question *all, size_t n, struct err *e)
{
	PGresult *r[PG_QUESTIONS_MAX];

	assert(n <= PG_QUESTIONS_MAX);
	if (n == 0)
		return 0;
	if (!pg->in_transaction)
		return ask_each(pg, all, n, e);
	if (pg_make_room(pg, n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (pg_send(pg, all[i].stmt,
		        params_of(pg, all[i].stmt, all[i].params), &r[i],
		        e) == -1)
			return -1;
	if (pg_collect(pg, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		*all[i].rows = rows_of(r[i]);
	return 0;
}

int
pg_tell(struct pg *pg, int stmt, const struct pg_params *p, struct err *e)
{
	size_t ignored;

	return pg->in_transaction
	           ? pg_send(pg, stmt, params_of(pg, stmt, p), NULL, e)
	           : pg_ask_count(pg, stmt, p, &ignored, e);
}

int
pg_ask_count(struct pg *pg, int stmt, const struct pg_params *p, size_t *n,
    struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	*n = (size_t)rows.n;
	pg_done(&rows);
	return 0;
}

int
pg_ask_bigint(struct pg *pg, int stmt, const struct pg_params *p, int64_t *out,
    struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, stmt, p, &rows, e) == -1)
		return -1;
	*out = rows.n > 0 ? pg_get_bigint(&rows, 0, 0) : 0;
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

	if (pg_connect(pg, e) == -1 || pg_leave(pg, e) == -1 ||
	    pg_result(pg, PQsendQuery(pg->conn, sql), "a script", &r, e) == -1)
		return -1;
	PQclear(r);
	return 0;
}

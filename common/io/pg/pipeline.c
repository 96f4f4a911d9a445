/* SPDX-License-Identifier: MIT */
/*
 * pipeline: the statements of a transaction are sent one after the other, and
 * the server's answers are read when a statement is asked whose rows somebody
 * needs, or at the end.  A batch then waits a few times for the server, and not
 * once for each statement.
 *
 * The server skips everything behind a statement that fails, so the first error
 * among the answers is the one that says why.
 */
#include <libpq-fe.h>

#include "io/pg/internal.h"

static int
wait_for(struct pg *pg, int sent, struct pg_waiting of, struct err *e)
{
	if (sent != 1) {
		/* Callers that wait for answers will get this error. */
		for (size_t i = 0; i < pg->nwaiting; i++)
			pg->waiting[i].answer = NULL;
		return pg_fail(pg, NULL, of.what, e);
	}
	pg->waiting[pg->nwaiting++] = of;
	return 0;
}

int
pg_make_room(struct pg *pg, size_t n, struct err *e)
{
	/* A statement may have to be prepared first. */
	if (pg->nwaiting + 2 * n > PG_WAITING_MAX && pg_collect(pg, e) == -1)
		return -1;
	if (PQpipelineStatus(pg->conn) == PQ_PIPELINE_OFF &&
	    PQenterPipelineMode(pg->conn) != 1)
		return pg_fail(pg, NULL, "a pipeline", e);
	return 0;
}

int
pg_send_text(struct pg *pg, const char *sql, PGresult **answer, struct err *e)
{
	const struct pg_waiting of = {
		.what = sql,
		.prepares = PG_PREPARES_NONE,
		.answer = answer,
	};

	if (pg_make_room(pg, 1, e) == -1)
		return -1;
	return wait_for(pg,
	    PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0), of,
	    e);
}

int
pg_send(struct pg *pg, int stmt, const struct pg_params *p, PGresult **answer,
    struct err *e)
{
	const struct sql_stmt *s = &pg->stmts[stmt];
	struct pg_waiting of = { .what = s->name, .prepares = stmt };

	if (pg_make_room(pg, 1, e) == -1)
		return -1;
	if (!pg->prepared[stmt]) {
		if (wait_for(pg,
		        PQsendPrepare(pg->conn, s->name, s->text, 0, NULL), of,
		        e) == -1)
			return -1;
		pg->prepared[stmt] = true;
	}
	of.prepares = PG_PREPARES_NONE;
	of.answer = answer;
	return wait_for(pg,
	    PQsendQueryPrepared(
	        pg->conn, s->name, p->n, p->value, p->length, p->format, 1),
	    of, e);
}

/* Reads the answer to one command.  Sets the err if the command itself has
 * failed, and not one before it. */
static int
read_one(struct pg *pg, const struct pg_waiting *of, struct err *e)
{
	PGresult *r;
	ExecStatusType status;

	if (pg_last(pg, of->what, &r, e) == -1)
		return -1;
	status = PQresultStatus(r);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		if (of->answer != NULL)
			*of->answer = r;
		else
			PQclear(r);
		return 0;
	}
	if (of->prepares != PG_PREPARES_NONE)
		pg->prepared[of->prepares] = false;
	if (status != PGRES_PIPELINE_ABORTED)
		(void)pg_fail(pg, r, of->what, e);
	PQclear(r);
	return -1;
}

/* Reads the end of the pipeline, behind which the server takes commands
 * again. */
static int
read_sync(struct pg *pg, struct err *e)
{
	static const char what[] = "the end of a pipeline";
	bool is_sync;
	PGresult *r;

	if (pg_last(pg, what, &r, e) == -1)
		return -1;
	is_sync = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
	/* The server may end the pipeline with an error of its own: because
	 * the time for a statement is over, for example. */
	if (!is_sync) {
		(void)pg_fail(pg, r, what, e);
		pg_close(pg);
	}
	PQclear(r);
	return is_sync ? 0 : -1;
}

int
pg_collect(struct pg *pg, struct err *e)
{
	const size_t n = pg->nwaiting;
	struct pg_waiting *all = pg->waiting;
	struct err ignored;
	int ret = 0;

	pg->nwaiting = 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].answer != NULL)
			*all[i].answer = NULL;
	if (PQpipelineSync(pg->conn) != 1)
		return pg_fail(pg, NULL, "the end of a pipeline", e);
	for (size_t i = 0; i < n && pg->conn != NULL; i++)
		if (read_one(pg, &all[i], ret == 0 ? e : &ignored) == -1)
			ret = -1;
	if (pg->conn != NULL && read_sync(pg, ret == 0 ? e : &ignored) == -1)
		ret = -1;
	for (size_t i = 0; i < n && ret == -1; i++)
		if (all[i].answer != NULL) {
			PQclear(*all[i].answer);
			*all[i].answer = NULL;
		}
	return ret;
}

int
pg_leave(struct pg *pg, struct err *e)
{
	int ret = 0;

	if (PQpipelineStatus(pg->conn) == PQ_PIPELINE_OFF)
		return 0;
	if (pg->nwaiting > 0)
		ret = pg_collect(pg, e);
	if (pg->conn != NULL && PQexitPipelineMode(pg->conn) != 1)
		return pg_fail(pg, NULL, "the end of a pipeline", e);
	return ret;
}

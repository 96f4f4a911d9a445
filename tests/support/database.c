/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/log.h"
#include "database.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"

enum {
	DSN_MAX = 1024,
	NAME_MAX_BYTES = 64,
	SQL_MAX = 4096,
};

static char name[NAME_MAX_BYTES];
static char dsn[DSN_MAX];
static PGconn *conn; /* connected to the test's database */

static const char *
server(void)
{
	const char *text = getenv("TEST_PG");

	if (text == NULL)
		die("TEST_PG is not set: make check-integration sets it");
	return text;
}

static void
run_on(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	ExecStatusType status = PQresultStatus(r);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		die("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
}

/* Makes or drops the database, on a connection to another database. */
static void
run_on_server(const char *verb, const char *how)
{
	PGconn *c = PQconnectdb(server());
	char sql[2 * NAME_MAX_BYTES];

	if (PQstatus(c) != CONNECTION_OK)
		die("%s", PQerrorMessage(c));
	(void)snprintf(sql, sizeof(sql), "%s DATABASE %s%s", verb, name, how);
	run_on(c, sql);
	PQfinish(c);
}

static void
applied(void *arg, int number, const char *migration)
{
	(void)arg;
	(void)number;
	(void)migration;
}

const char *
database_new(void)
{
	struct arena a;
	struct err e;
	struct pg *pg;

	(void)snprintf(name, sizeof(name), "test_%d", (int)getpid());
	run_on_server("CREATE", "");
	/* If TEST_PG has a dbname, too, PostgreSQL uses the last of the two. */
	if ((size_t)snprintf(dsn, sizeof(dsn), "%s dbname=%s", server(),
	        name) >= sizeof(dsn))
		die("TEST_PG is too long");
	pg = database_pg(NULL);
	arena_init(&a);
	if (schema_migrate(pg, &a, applied, NULL, &e) == -1)
		die("%s", e.msg);
	arena_fini(&a);
	pg_free(pg);
	conn = PQconnectdb(dsn);
	if (PQstatus(conn) != CONNECTION_OK)
		die("%s", PQerrorMessage(conn));
	run_on(conn, "SET client_min_messages = error");
	return dsn;
}

void
database_drop(void)
{
	PQfinish(conn);
	conn = NULL;
	/* FORCE is needed when a failed test has left a connection open. */
	run_on_server("DROP", " WITH (FORCE)");
}

struct pg *
database_pg(const char *role)
{
	return pg_new(dsn, role, "test", sql_stmts, SQL__MAX);
}

/* Formats a statement.  The text lives until the next call. */
PRINTF(1, 0)
static const char *
sql_of(const char *fmt, va_list ap)
{
	static char sql[SQL_MAX];

	if ((size_t)vsnprintf(sql, sizeof(sql), fmt, ap) >= sizeof(sql))
		die("%s: is too long", fmt);
	return sql;
}

void
database_run(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	run_on(conn, sql_of(fmt, ap));
	va_end(ap);
}

int64_t
database_number(const char *fmt, ...)
{
	va_list ap;
	const char *sql;
	PGresult *r;
	int64_t n;

	va_start(ap, fmt);
	sql = sql_of(fmt, ap);
	va_end(ap);
	r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		die("%s: %s", sql, PQerrorMessage(conn));
	if (str_int64(str_of(PQgetvalue(r, 0, 0)), &n) == -1)
		die("%s: %s is no number", sql, PQgetvalue(r, 0, 0));
	PQclear(r);
	return n;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/log.h"
#include "io/pg/internal.h"

/* connect: checks the URL, connects, and sets the role and the session's
 * settings. */

/* Runs a query about the role that answers with one row. */
static int
role_ask(struct pg *pg, const char *sql, PGresult **r, struct err *e)
{
	const char *args[] = { pg->role };
	int sent = PQsendQueryParams(
	    pg->conn, sql, 1, NULL, args, NULL, NULL, 0);

	return pg_result(pg, sent, "looking for the role", r, e);
}

/* Accepts a login that may not SET ROLE to the role, if the login has all
 * rights of the role, as the owner of the tables has. */
static int
role_spare(struct pg *pg, bool exists, struct err *e)
{
	static const char lacking[] =
	    "WITH r AS (SELECT oid FROM pg_roles WHERE rolname = $1) "
	    "SELECT (SELECT min(c.relname) FROM r, pg_class c,"
	    " aclexplode(c.relacl) a WHERE a.grantee = r.oid"
	    " AND c.relkind IN ('r', 'p', 'v')"
	    " AND NOT has_table_privilege(c.oid, a.privilege_type)),"
	    " (SELECT min(t.attrelid::regclass::text)"
	    " FROM r, pg_attribute t, aclexplode(t.attacl) a"
	    " WHERE a.grantee = r.oid AND NOT"
	    " has_column_privilege(t.attrelid, t.attnum, a.privilege_type))";
	struct pg_place place = pg_place_of(pg);
	char said[160];
	PGresult *r;
	int ret = 0;

	if (role_ask(pg, lacking, &r, e) == -1)
		return -1;
	if (!PQgetisnull(r, 0, 0) || !PQgetisnull(r, 0, 1)) {
		(void)snprintf(said, sizeof(said),
		    "the login has neither the role nor its rights, for one on "
		    "the table %.60s",
		    PQgetvalue(r, 0, PQgetisnull(r, 0, 0)));
		ret = pg_forbidden(
		    &place, pg->role, false, "SET ROLE", said, e);
	} else if (!pg->warned) {
		log_warn("the database login %s may not take the role %s%s "
		         "and works with its own rights%s%s%s%s",
		    place.login, pg->role,
		    exists ? "" : ", which the server does not have,",
		    exists ? ": GRANT " : "", exists ? pg->role : "",
		    exists ? " TO " : "", exists ? place.login : "");
		pg->warned = true;
	}
	PQclear(r);
	return ret;
}

/* Changes to the role by SET ROLE, if the role exists and the login may take
 * it. */
static int
pg_set_role(struct pg *pg, struct err *e)
{
	char sql[128];
	bool exists, may;
	PGresult *r;

	if (role_ask(pg,
	        "SELECT count(*) > 0,"
	        " coalesce(bool_or(pg_has_role(current_user, oid, 'MEMBER')),"
	        " false) FROM pg_roles WHERE rolname = $1",
	        &r, e) == -1)
		return -1;
	exists = PQgetvalue(r, 0, 0)[0] == 't';
	may = PQgetvalue(r, 0, 1)[0] == 't';
	PQclear(r);
	if (!may)
		return role_spare(pg, exists, e);
	(void)snprintf(sql, sizeof(sql), "SET ROLE %s", pg->role);
	if (pg_exec(pg, sql, e) == -1)
		return -1;
	pg->has_role = true;
	return 0;
}

/* Keeps notices, which libpq would print, off standard error. */
static void
on_notice(void *, const PGresult *r)
{
	const char *severity = PQresultErrorField(
	    r, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if (severity != NULL && text != NULL &&
	    strcmp(severity, "WARNING") == 0)
		log_warn("PostgreSQL: %s", text);
}

void
pg_name(const struct pg *pg, char out[PG_NAME_MAX])
{
	struct pg_place place = pg_place_of(pg);
	char where[PG_PLACE_MAX];

	pg_place_text(&place, where);
	(void)snprintf(out, PG_NAME_MAX, "the database %.64s at %s",
	    place.database, where);
}

static const char *
option_of(const PQconninfoOption *options, const char *name)
{
	while (options->keyword != NULL && strcmp(options->keyword, name) != 0)
		options++;
	return options->val == NULL ? "" : options->val;
}

/* Refuses a URL that libpq cannot read.  libpq's own sentence would quote the
 * text, and with it a password. */
int
pg_url_check(const char *dsn, struct err *e)
{
	bool is_uri = strstr(dsn, "://") != NULL, is_sane;
	PQconninfoOption *options;

	/* A single word is the name of a database, as for PQconnectdb().  A
	 * text with one of these characters may be a URI that lacks its //, and
	 * may hold a password. */
	if (strpbrk(dsn, "=:/@") == NULL)
		return 0;
	options = PQconninfoParse(dsn, NULL);
	if (options == NULL)
		return err_set(e, FAULT_CONFIG,
		    "LOYALD_DATABASE_URL is no libpq URI or conninfo string, "
		    "like postgresql://user:password@host:5432/database");
	is_sane = !is_uri || pg_place_is_sane(&(struct pg_place){
	                         .host = option_of(options, "host"),
	                         .port = option_of(options, "port"),
	                         .database = option_of(options, "dbname"),
	                     });
	PQconninfoFree(options);
	if (is_sane)
		return 0;
	return err_set(e, FAULT_CONFIG,
	    "LOYALD_DATABASE_URL reads as if a piece of the password were the "
	    "host, the port or the database: write %%40 for @, %%2F for / and "
	    "%%3A for : in user and password");
}

/*
 * Connects, and blocks meanwhile: only libpq's blocking call tries the next of
 * several addresses when one does not answer.  After a refusal, connects a
 * second time to learn the SQLSTATE, which is the same in all languages.  libpq
 * shows the SQLSTATE only if PQERRORS_VERBOSE is set, which needs a connection
 * object.
 */
static int
conn_open(struct pg *pg, struct err *e)
{
	const char *keys[] = { "dbname", "fallback_application_name",
		"connect_timeout", NULL };
	char seconds[16];
	const char *values[] = { pg->dsn, pg->app, seconds, NULL };
	struct str state, said;
	struct pg_place place;

	(void)snprintf(seconds, sizeof(seconds), "%d", pg->connect_s);
	pg->conn = PQconnectdbParams(keys, values, 1);
	if (pg->conn == NULL)
		die("out of memory for a database connection");
	if (PQstatus(pg->conn) != CONNECTION_OK &&
	    pg_server_said(PQerrorMessage(pg->conn), &state, &said)) {
		(void)PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
		PQreset(pg->conn);
		(void)PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
	}
	if (PQstatus(pg->conn) == CONNECTION_OK)
		return 0;
	place = pg_place_of(pg);
	(void)pg_refused(&place, PQerrorMessage(pg->conn), e);
	pg_close(pg);
	return -1;
}

int
pg_connect(struct pg *pg, struct err *e)
{
	const char *encoding;
	char set[512];

	if (pg->conn != NULL)
		return 0;
	if (pg_url_check(pg->dsn, e) == -1 || conn_open(pg, e) == -1)
		return -1;
	/* Sending must not wait for a server that reads nothing. */
	(void)PQsetnonblocking(pg->conn, 1);
	PQsetNoticeReceiver(pg->conn, on_notice, NULL);
	/* The texts of values must not depend on what a database or a login has
	 * set for its programs. */
	encoding = PQparameterStatus(pg->conn, "server_encoding");
	(void)snprintf(set, sizeof(set),
	    "SET client_encoding = '%.32s'; SET datestyle = 'ISO';"
	    "SET bytea_output = 'hex'; SET standard_conforming_strings = on;"
	    "SET statement_timeout = %d; SET lock_timeout = %d;"
	    "SET idle_in_transaction_session_timeout = %d;"
	    /* The server finds out in two minutes that this machine is gone,
	     * and gives back the session's locks. */
	    "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10;"
	    "SET tcp_keepalives_count = 6; SET tcp_user_timeout = 120000;"
	    "SET timezone = 'UTC'; SET synchronous_commit = on",
	    encoding != NULL ? encoding : "UTF8", pg->statement_ms,
	    pg->lock_ms > 0 ? pg->lock_ms : pg->statement_ms / 2,
	    2 * pg->statement_ms);
	if (pg_exec(pg, set, e) == -1)
		goto fail;
	if (pg->by_key &&
	    pg_exec(pg,
	        "SET enable_seqscan = off; SET enable_hashjoin = off;"
	        "SET enable_mergejoin = off; SET enable_material = off;"
	        "SET plan_cache_mode = force_generic_plan; SET jit = off",
	        e) == -1)
		goto fail;
	if (pg->role != NULL && pg_set_role(pg, e) == -1)
		goto fail;
	pg->session++;
	return 0;
fail:
	pg_close(pg);
	return -1;
}

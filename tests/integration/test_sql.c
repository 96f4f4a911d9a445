/* SPDX-License-Identifier: MIT */
/* Checks that PostgreSQL prepares every statement in common/ledger/sql on the
 * migrated schema.  Each statement must have the parameters and columns that
 * the comments in its file list, and columns of the types that io/pg reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "../support/database.h"
#include "../support/test.h"
#include "ledger/stmts.h"

enum {
	COLUMNS_TEXT_MAX = 1024
};

/* Whether io/pg reads columns of a type: bool, bytea, int8, int2, int4, text,
 * timestamptz. */
static bool
is_read(Oid type)
{
	static const Oid read[] = { 16, 17, 20, 21, 23, 25, 1184 };

	for (size_t i = 0; i < NITEMS(read); i++)
		if (read[i] == type)
			return true;
	return false;
}

static void
test_every_statement(void **state)
{
	PGconn *c = *state;

	for (int i = 0; i < SQL__MAX; i++) {
		const struct sql_stmt *s = &sql_stmts[i];
		char out[COLUMNS_TEXT_MAX] = "";
		size_t n = 0;
		PGresult *r;

		r = PQprepare(c, s->name, s->text, 0, NULL);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			fail_msg("%s: %s", s->name, PQresultErrorMessage(r));
		PQclear(r);

		r = PQdescribePrepared(c, s->name);
		assert_int_equal(PQnparams(r), s->nin);
		for (int j = 0; j < PQnfields(r); j++) {
			if (!is_read(PQftype(r, j)))
				fail_msg(
				    "%s: type of %s", s->name, PQfname(r, j));
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s",
			    j > 0 ? " " : "", PQfname(r, j));
		}
		assert_in_range(n, 0, sizeof(out) - 1);
		assert_string_equal(out, s->out);
		PQclear(r);
	}
}

/* Checks that many rows of one member are found one by one, not each by looking at
 * all rows of the member. */
static void
test_rows_of_a_member(void **state)
{
	static const enum sql stmts[] = { SQL_ORDER_FOLDED, SQL_FACT_FOLDED };
	PGconn *c = *state;

	PQclear(PQexec(c, "SET enable_seqscan = off; SET plan_cache_mode = "
	                  "force_generic_plan"));
	for (size_t i = 0; i < NITEMS(stmts); i++) {
		const struct sql_stmt *s = &sql_stmts[stmts[i]];
		char ask[128];
		int n = snprintf(
		    ask, sizeof(ask), "EXPLAIN EXECUTE %s(NULL", s->name);
		PGresult *r;

		for (int j = 1; j < s->nin; j++)
			n += snprintf(
			    ask + n, sizeof(ask) - (size_t)n, ",NULL");
		(void)snprintf(ask + n, sizeof(ask) - (size_t)n, ")");
		r = PQexec(c, ask);
		assert_int_equal(PQresultStatus(r), PGRES_TUPLES_OK);
		for (int row = 0; row < PQntuples(r); row++)
			assert_null(
			    strstr(PQgetvalue(r, row, 0), "_by_member"));
		PQclear(r);
	}
}

static int
setup(void **state)
{
	*state = PQconnectdb(database_new());
	return PQstatus(*state) == CONNECTION_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	PQfinish(*state);
	database_drop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_statement),
		cmocka_unit_test(test_rows_of_a_member),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: MIT */
/* loyald migrate: bring the database to what this binary needs. */
#include <stdio.h>

#include "base/config.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "loop.h"

static void
say(void *arg, int number, const char *name)
{
	int *n = arg;

	(void)number;
	printf("applied %s\n", name);
	++*n;
}

int
cmd_migrate(struct tool_call *call)
{
	struct config c;
	struct arena a;
	struct err e;
	struct pg *pg;
	int n = 0, ret = tool_read(call, NULL, &c, NULL, NULL);
	if (ret != EXIT_STOPPED)
		return ret;

	arena_init(&a);
	pg = pg_new(
	    c.database_url, NULL, "loyald migrate", sql_stmts, SQL__MAX);
	pg_patient(pg);
	if (schema_migrate(pg, &a, say, &n, &e) == -1)
		ret = loop_end(&e, EXIT_FATAL);
	else
		printf("the schema is up to date, %d applied\n", n);
	pg_free(pg);
	arena_fini(&a);
	return ret;
}

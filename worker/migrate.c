/* SPDX-License-Identifier: MIT */
/* loyald migrate: brings the database to the schema that this binary needs. */
#include <inttypes.h>
#include <stdio.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/trouble.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "loop.h"

enum {
	WAIT_S = 60, /* the same number is in the help of the command */
	WAIT_MAX_S = 24 * 60 * 60,
	TRY_MS = 500,
};

static void
say(void *arg, int, const char *name)
{
	int *n = arg;

	printf("applied %s\n", name);
	++*n;
}

/* Waits for a database that is started together with this command, for example
 * by docker compose.  If the database refuses the login, the wait ends at once.
 */
static int
await(struct pg *pg, int64_t seconds, struct err *e)
{
	int64_t until = clock_mono() + seconds * 1000000;
	struct trouble trouble = { 0 };
	char meanwhile[64];

	(void)snprintf(meanwhile, sizeof(meanwhile),
	    "waiting for it, up to %" PRId64 " s", seconds);
	while (pg_connect(pg, e) == -1) {
		if (trouble_ends(&trouble, e) || seconds == 0)
			return -1;
		if (clock_mono() >= until)
			return err_set(e, e->fault,
			    "%s It did not come within %" PRId64
			    " s (--wait SECONDS)",
			    e->msg, seconds);
		trouble_is(&trouble, e, meanwhile);
		clock_sleep_ms(TRY_MS);
	}
	trouble_over(&trouble, "PostgreSQL answers");
	return 0;
}

int
cmd_migrate(struct tool_call *call)
{
	int64_t seconds = WAIT_S;
	const struct option_spec options[] = {
		{ "--wait", "SECONDS",
		    "for PostgreSQL, if it is not there yet; 0: not at all",
		    .number = &seconds, .most = WAIT_MAX_S, .or_none = true,
		    .preset = "60" },
		{ 0 },
	};
	struct config c;
	struct arena a;
	struct err e;
	struct pg *pg;
	int n = 0, ret = tool_read(call, options, &c, NULL, NULL);
	if (ret != EXIT_STOPPED)
		return ret;

	arena_init(&a);
	pg = pg_new(
	    c.database_url, NULL, "loyald migrate", sql_stmts, SQL__MAX);
	pg_patient(pg);
	if (await(pg, seconds, &e) == -1 ||
	    schema_migrate(pg, &a, say, &n, &e) == -1)
		ret = loop_end(&e, EXIT_FATAL);
	else
		printf(n == 0 ? "the schema is up to date already: nothing is "
		                "changed\n"
		              : "the schema is up to date, %d applied\n",
		    n);
	pg_free(pg);
	arena_fini(&a);
	return ret;
}

/* SPDX-License-Identifier: MIT */
/* loyald verify: checks every invariant of the ledger. */
#include <inttypes.h>
#include <stdio.h>

#include "base/config/config.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "ledger/verify.h"
#include "loop.h"

static void
print_json(const struct verification *v)
{
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_bool(&w, "ok", v->nproblems == 0);
	jsonw_int(&w, "members", v->members);
	jsonw_int(&w, "transactions", v->transactions);
	jsonw_int(&w, "entries", v->entries);
	jsonw_array(&w, "problems");
	for (size_t i = 0; i < v->nproblems; i++) {
		const struct problem *p = &v->problems[i];

		jsonw_object(&w, NULL);
		jsonw_text(&w, "check", p->check);
		jsonw_int(&w, "tenant_id", p->tenant_id);
		jsonw_text(&w, "what", p->what);
		jsonw_text(&w, "detail", p->detail);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_end(&w, stdout);
}

static void
print_text(const struct verification *v)
{
	printf("%" PRId64 " members, %" PRId64 " transactions, %" PRId64
	       " entries: %s\n",
	    v->members, v->transactions, v->entries,
	    v->nproblems == 0 ? "every invariant holds" : "NOT in order");
	for (size_t i = 0; i < v->nproblems; i++)
		printf("%s: %s (tenant %" PRId64 "): %s\n",
		    v->problems[i].check, v->problems[i].what,
		    v->problems[i].tenant_id, v->problems[i].detail);
}

int
cmd_verify(struct tool_call *call)
{
	bool json = false;
	const struct option_spec options[] = {
		OPTION_JSON(&json),
		{ 0 },
	};
	struct config c;
	struct verification v;
	struct arena a;
	struct err e;
	struct pg *pg;
	int ret;
	ret = tool_read(call, options, &c, NULL, NULL);
	if (ret != EXIT_STOPPED)
		return ret;

	arena_init(&a);
	pg = pg_new(c.database_url, "loyald_operator", "loyald verify",
	    sql_stmts, SQL__MAX);
	pg_patient(pg);
	if (schema_check(pg, &e) == -1 || ledger_verify(pg, &a, &v, &e) == -1) {
		ret = loop_end(&e, EXIT_FATAL);
	} else {
		(json ? print_json : print_text)(&v);
		ret = v.nproblems == 0 ? EXIT_STOPPED : EXIT_NO;
	}
	pg_free(pg);
	arena_fini(&a);
	return ret;
}

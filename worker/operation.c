/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/log.h"
#include "io/key_file.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "operation.h"

static int
status_of(const struct err *e)
{
	switch (e->fault) {
	case FAULT_RETRY:
		return EXIT_WORLD;
	case FAULT_REJECT:
		return EXIT_NO;
	case FAULT_CONFIG:
		return EXIT_CONFIG;
	case FAULT_NONE:
	case FAULT_FATAL:
		break;
	}
	return EXIT_FATAL;
}

/* Loads the key and connects.  Returns EXIT_STOPPED, or the exit status of the
 * failure. */
static int
open_all(
    struct operation *op, const struct config *c, bool with_key, struct err *e)
{
	if (with_key && (config_need(c, CONFIG_KEY, e) == -1 ||
	                    key_load(c->key_file, &op->key, e) == -1))
		return e->fault == FAULT_RETRY ? EXIT_WORLD : EXIT_CONFIG;
	op->pg = pg_new(c->database_url, "loyald_operator", "loyald operator",
	    sql_stmts, SQL__MAX);
	if (schema_check(op->pg, e) == -1)
		return status_of(e);
	return EXIT_STOPPED;
}

int
operation_open(struct operation *op, struct tool_call *call,
    const struct config *c, bool with_key)
{
	struct err e;
	int status = tool_say_faults(call);

	if (status != EXIT_STOPPED)
		return status;
	*op = (struct operation){ 0 };
	arena_init(&op->arena);
	status = open_all(op, c, with_key, &e);
	if (status == EXIT_STOPPED)
		return status;
	operation_close(op);
	log_error("%s", e.msg);
	return status;
}

int
operation_begin(struct operation *op, struct tool_call *call,
    const struct option_spec *options, bool with_key)
{
	struct config c;
	int status = tool_read(call, options, &c, NULL, NULL);

	return status != EXIT_STOPPED ? status
	                              : operation_open(op, call, &c, with_key);
}

int
operation_end(struct operation *op, const struct err *e)
{
	operation_close(op);
	if (e == NULL)
		return EXIT_STOPPED;
	log_error("%s", e->msg);
	return status_of(e);
}

void
operation_close(struct operation *op)
{
	pg_free(op->pg);
	arena_fini(&op->arena);
	explicit_bzero(&op->key, sizeof(op->key));
}

const struct store *
operation_store(struct operation *op, int64_t store_id, struct err *e)
{
	struct store *stores;
	size_t n;

	if (stores_load(op->pg, &op->arena, NULL, &stores, &n, e) == -1)
		return NULL;
	return stores_need(stores, n, store_id, e);
}

int
operation_world(struct operation *op, int64_t tenant_id, int64_t now,
    struct world *w, struct err *e)
{
	struct store *stores;
	size_t n, kept = 0;

	*w = (struct world){
		.pg = op->pg,
		.arena = &op->arena,
		.now = now,
	};
	if (stores_load(op->pg, &op->arena, NULL, &stores, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tenant_id == 0 || stores[i].tenant_id == tenant_id)
			stores[kept++] = stores[i];
	w->stores = stores;
	w->nstores = kept;
	return programs_load(w, &op->arena, e);
}

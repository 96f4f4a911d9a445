/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/log.h"
#include "desk.h"
#include "io/key_file.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"

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

/* EXIT_CONFIG is what the operator set, not what was asked for. */
static int
open_all(struct desk *d, const struct config *c, bool with_key, struct err *e)
{
	if (with_key && (config_need(c, CONFIG_KEY, e) == -1 ||
	                    key_load(c->key_file, &d->key, e) == -1))
		return e->fault == FAULT_RETRY ? EXIT_WORLD : EXIT_CONFIG;
	d->pg = pg_new(c->database_url, "loyald_operator", "loyald operator",
	    sql_stmts, SQL__MAX);
	if (schema_check(d->pg, &d->arena, e) == -1)
		return status_of(e);
	return EXIT_STOPPED;
}

int
desk_open(struct desk *d, struct tool_call *call, const struct config *c,
    bool with_key)
{
	struct err e;
	int status = tool_settle(call);

	if (status != EXIT_STOPPED)
		return status;
	*d = (struct desk){ 0 };
	arena_init(&d->arena);
	status = open_all(d, c, with_key, &e);
	if (status == EXIT_STOPPED)
		return status;
	desk_close(d);
	log_error("%s", e.msg);
	return status;
}

int
desk_begin(struct desk *d, struct tool_call *call,
    const struct option_spec *options, bool with_key)
{
	struct config c;
	int status = tool_read(call, options, &c, NULL, NULL);

	return status != EXIT_STOPPED ? status
	                              : desk_open(d, call, &c, with_key);
}

int
desk_end(struct desk *d, const struct err *e)
{
	desk_close(d);
	if (e == NULL)
		return EXIT_STOPPED;
	log_error("%s", e->msg);
	return status_of(e);
}

void
desk_close(struct desk *d)
{
	pg_free(d->pg);
	arena_fini(&d->arena);
	explicit_bzero(&d->key, sizeof(d->key));
}

const struct store *
desk_store(struct desk *d, int64_t store_id, struct err *e)
{
	struct store *stores;
	size_t n;

	if (stores_load(d->pg, &d->arena, NULL, &stores, &n, e) == -1)
		return NULL;
	return stores_need(stores, n, store_id, e);
}

/* tenant_id 0: everybody's. */
static int
world_load(struct desk *d, int64_t tenant_id, int64_t now,
    struct timeline_world *w, struct err *e)
{
	struct program_version *programs;
	struct store *stores;
	size_t n, kept = 0;

	*w = (struct timeline_world){
		.pg = d->pg,
		.arena = &d->arena,
		.now = now,
	};
	if (stores_load(d->pg, &d->arena, NULL, &stores, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tenant_id == 0 || stores[i].tenant_id == tenant_id)
			stores[kept++] = stores[i];
	if (programs_load(d->pg, &d->arena, stores, kept, &programs,
	        &w->nprograms, e) == -1)
		return -1;
	w->stores = stores;
	w->nstores = kept;
	w->programs = programs;
	return 0;
}

int
desk_world(struct desk *d, int64_t now, struct timeline_world *w, struct err *e)
{
	return world_load(d, 0, now, w, e);
}

int
desk_world_of(struct desk *d, int64_t tenant_id, int64_t now,
    struct timeline_world *w, struct err *e)
{
	return world_load(d, tenant_id, now, w, e);
}

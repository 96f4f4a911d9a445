/* SPDX-License-Identifier: MIT */
#include "ledger/catalog.h"
#include "io/clock.h"
#include "ledger/schema.h"

void
catalog_init(struct catalog *c, struct pg *pg, const struct master_key *key)
{
	*c = (struct catalog){ .pg = pg, .key = key };
	arena_init(&c->arena);
}

void
catalog_fini(struct catalog *c)
{
	arena_fini(&c->arena);
}

struct world
catalog_world(const struct catalog *c, struct arena *a, int64_t now)
{
	return (struct world){
		.pg = c->pg,
		.arena = a,
		.key = c->key,
		.stores = c->stores,
		.nstores = c->nstores,
		.programs = c->programs,
		.nprograms = c->nprograms,
		.now = now,
	};
}

int64_t
catalog_due_ms(const struct catalog *c)
{
	int64_t most = c->reads ? CATALOG_READER_MS + (int64_t)c->nstores
	                        : CATALOG_MS;

	return most - (clock_mono() - c->loaded_at) / 1000;
}

bool
catalog_is_due(struct catalog *c)
{
	/* The notification is read before the lists are loaded, so that a
	 * change during the load leads to another load. */
	if (pg_was_notified(c->pg) || !pg_is_connected(c->pg) ||
	    catalog_due_ms(c) <= 0)
		c->loaded_at = 0;
	return c->loaded_at == 0;
}

static int
load(struct catalog *c, struct err *e)
{
	struct world w;

	arena_reset(&c->arena);
	c->is_unmigrated = false;
	if (!c->reads && pg_listen(c->pg, STORES_CHANNEL, e) == -1)
		return -1;
	if (schema_check(c->pg, &c->arena, e) == -1) {
		c->is_unmigrated = e->fault == FAULT_CONFIG;
		return -1;
	}
	if (stores_load(c->pg, &c->arena, c->key, &c->stores, &c->nstores, e) ==
	    -1)
		return err_wrap(e, "load the stores");
	if (!c->has_programs)
		return 0;
	w = catalog_world(c, NULL, 0);
	if (programs_load(&w, &c->arena, e) == -1)
		return -1;
	c->programs = w.programs;
	c->nprograms = w.nprograms;
	return 0;
}

int
catalog_renew(struct catalog *c, bool *renewed, struct err *e)
{
	bool is_due = catalog_is_due(c);

	*renewed = false;
	if (c->reads && pg_hear(c->pg, STORES_CHANNEL, e) == -1)
		return -1;
	if (!is_due)
		return 0;
	if (load(c, e) == -1) {
		c->nstores = c->nprograms = 0;
		return -1;
	}
	c->loaded_at = clock_mono();
	*renewed = true;
	return 0;
}

void
catalog_forget(struct catalog *c)
{
	c->loaded_at = 0;
}

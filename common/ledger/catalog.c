/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "io/clock.h"
#include "ledger/catalog.h"
#include "ledger/schema.h"

enum {
	/* Bytes of rows that are gone, which a catalog of few stores may keep. */
	GONE_MAX = 256 * 1024,
};

void
catalog_init(struct catalog *c, struct pg *pg, const struct master_key *key)
{
	*c = (struct catalog){ .pg = pg, .key = key };
	arena_init(&c->turns[0]);
	arena_init(&c->turns[1]);
	c->arena = &c->turns[0];
	arena_init(&c->kept);
	arena_init(&c->zone_arena);
	zone_table_init(&c->zones, &c->zone_arena);
}

void
catalog_fini(struct catalog *c)
{
	arena_fini(&c->turns[0]);
	arena_fini(&c->turns[1]);
	arena_fini(&c->kept);
	arena_fini(&c->zone_arena);
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
	    c->session != pg_session(c->pg) || catalog_due_ms(c) <= 0)
		c->loaded_at = 0;
	return c->loaded_at == 0;
}

/* Forgets everything, so that all rows are loaded. */
static void
forget_all(struct catalog *c)
{
	c->nstores = c->nprograms = 0;
	c->session = 0;
	/* The arena itself is ended, so that its size is what is in use. */
	arena_fini(&c->kept);
	arena_init(&c->kept);
}

/* Forgets everything if the rows may be another database's, if a zone has
 * changed, or if too much is kept of rows that are gone. */
static void
forget_old(struct catalog *c)
{
	bool moved = zone_table_is_stale(&c->zones);

	if (moved) {
		arena_reset(&c->zone_arena);
		zone_table_init(&c->zones, &c->zone_arena);
	}
	if (moved || c->session != pg_session(c->pg) ||
	    arena_size(&c->kept) > c->kept_most)
		forget_all(c);
}

/* Takes the lists over from a load that has changed at least one of them.  A
 * list that stays the same is copied, since its arena is for the next load. */
static void
lists_take(struct catalog *c, struct arena *a, const struct world *w)
{
	struct store *stores;
	struct program_version *programs;

	stores = arena_array(a, w->nstores, sizeof(*stores));
	programs = arena_array(a, w->nprograms, sizeof(*programs));
	if (w->nstores > 0)
		memcpy(stores, w->stores, w->nstores * sizeof(*stores));
	if (w->nprograms > 0)
		memcpy(programs, w->programs, w->nprograms * sizeof(*programs));
	c->stores = stores;
	c->nstores = w->nstores;
	c->programs = programs;
	c->nprograms = w->nprograms;
	c->arena = a;
	c->changes++;
}

static int
load(struct catalog *c, struct err *e)
{
	struct arena *a = &c->turns[c->arena == &c->turns[0]];
	bool is_first, stores, programs = false;
	struct world w;

	arena_reset(a);
	c->is_unmigrated = false;
	if (!c->reads && pg_listen(c->pg, STORES_CHANNEL, e) == -1)
		return -1;
	if (schema_check(c->pg, e) == -1) {
		c->is_unmigrated = e->fault == FAULT_CONFIG;
		return -1;
	}
	forget_old(c);
	is_first = c->session == 0;
	w = catalog_world(c, a, 0);
	if (stores_renew(&w, &c->kept, &stores, e) == -1)
		return err_wrap(e, "load the stores");
	if (c->has_programs &&
	    programs_renew(&w, &c->kept, &c->zones, &programs, e) == -1)
		return -1;
	if (is_first || stores || programs)
		lists_take(c, a, &w);
	if (is_first)
		c->kept_most = 2 * arena_size(&c->kept) + GONE_MAX;
	c->session = pg_session(c->pg);
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
		forget_all(c);
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

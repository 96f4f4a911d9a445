/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>

#include "base/log.h"
#include "io/clock.h"
#include "ledger/catalog.h"
#include "ledger/stmts.h"
#include "ledger/store_cache.h"
#include "store_feed.h"

struct feed {
	const struct store_feed *of;
	int fd;
	struct catalog catalog;
	struct arena arena; /* memory for one look at the database */
	uint8_t digest[32]; /* digest of the stores that were last sent */
	/* The catalog's, and the number of the installation, at that time. */
	int64_t changes, installation;
	bool has_sent, has_kept;
	bool is_unkept; /* a warning has said that the copy cannot be written */
};

/* Writes the copy of the stores to a file.  If that fails, this process goes
 * on.  But a receive that is started again while the database is away will then
 * know no stores. */
static void
feed_keep(struct feed *f, const struct store_list *list)
{
	struct err e;

	f->has_kept = store_cache_save(
	                  f->of->dir, f->of->key, &f->arena, list, &e) == 0;
	if (!f->has_kept && !f->is_unkept)
		log_warn("the stores cannot be kept, so that without the "
		         "database no receiver can be started here: %s",
		    e.msg);
	f->is_unkept = !f->has_kept;
}

/* Looks at the stores.  If they differ from what was last sent, *text becomes
 * the stores as they are now, and the copy in the file is written anew. */
static int
feed_turn(struct feed *f, struct str *text, struct err *e)
{
	struct catalog *c = &f->catalog;
	struct store_list list;
	uint8_t digest[32];
	bool is_new;

	catalog_forget(c);
	if (catalog_renew(c, &is_new, e) == -1)
		return -1;
	if (installation_load(c->pg, &list.installation, e) == -1)
		return err_wrap(e, "load the stores");
	if (f->has_sent && f->has_kept && f->changes == c->changes &&
	    f->installation == list.installation)
		return 0;
	list.stores = c->stores;
	list.n = c->nstores;
	*text = store_cache_render(&f->arena, &list);
	sha256(*text, digest);
	is_new = !f->has_sent || memcmp(digest, f->digest, sizeof(digest)) != 0;
	if (is_new || !f->has_kept)
		feed_keep(f, &list);
	if (!is_new)
		*text = (struct str){ NULL, 0 };
	memcpy(f->digest, digest, sizeof(digest));
	f->changes = c->changes;
	f->installation = list.installation;
	f->has_sent = true;
	return 0;
}

/* Waits until a store has changed, or until it is time to look anyway. */
static void
feed_wait(struct feed *f)
{
	struct catalog *c = &f->catalog;
	struct pollfd p = { .fd = pg_socket(c->pg), .events = POLLIN };

	/* catalog_is_due() is called before poll(): if a notification came
	 * while the stores were loaded, it has been read from the socket
	 * already, and poll() would not report it. */
	while (!catalog_is_due(c))
		(void)poll(&p, 1, (int)catalog_due_ms(c) + 1);
}

/* Looks at the stores once, and waits until it is time for the next look.
 * Returns false if the parent is gone. */
static bool
feed_look(struct feed *f)
{
	struct feed_look look = { .began_at = clock_mono() };
	struct str text = { NULL, 0 };
	struct err e;

	arena_reset(&f->arena);
	if (feed_turn(f, &text, &e) == -1) {
		look.word = FEED_AWAY;
		look.fault = e.fault;
		look.is_early = !f->has_sent && f->catalog.is_unmigrated;
		text = str_of(e.msg);
	} else {
		look.word = text.data == NULL ? FEED_SAME : FEED_NEW;
	}
	if (!child_send(f->fd, &look, sizeof(look), text))
		return false;
	if (look.word != FEED_AWAY)
		feed_wait(f);
	else
		clock_sleep_ms(
		    look.fault == FAULT_RETRY ? FEED_RETRY_MS : FEED_MEND_MS);
	return true;
}

static int
feed_run(void *arg, int fd)
{
	struct feed f = { .of = arg, .fd = fd };
	struct pg *pg = pg_new(f.of->database_url, "loyald_receive",
	    "loyald receive", sql_stmts, SQL__MAX);

	pg_hasty(pg, FEED_STATEMENT_MS);
	catalog_init(&f.catalog, pg, f.of->key);
	f.catalog.reads = true;
	arena_init(&f.arena);
	log_context("part=stores");
	while (feed_look(&f))
		;
	return EXIT_STOPPED;
}

int
store_feed_start(struct store_feed *f, struct err *e)
{
	return child_start(&f->child, feed_run, f, e);
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/key_file.h"
#include "ledger/batch/batch.h"
#include "ledger/durability.h"
#include "ledger/stmts.h"
#include "work_post.h"

enum {
	/* A message is set aside if another process holds a lock for longer
	 * than this.  Normally locks are held for a shorter time. */
	LOCK_MS = 1000,
	/* Time between two log lines about dead letters. */
	DEAD_LOG_MS = 60 * 1000,
};

int
work_post_init(
    struct work_post *p, const struct config *c, struct arena *a, struct err *e)
{
	if (key_load(c->key_file, &p->key, e) == -1)
		return -1;
	p->arena = a;
	p->most = (size_t)c->batch;
	p->pg = pg_new(
	    c->database_url, "loyald_work", "loyald work", sql_stmts, SQL__MAX);
	pg_by_key(p->pg);
	pg_lock_ms(p->pg, LOCK_MS);
	catalog_init(&p->catalog, p->pg, &p->key);
	p->catalog.has_programs = true;
	return 0;
}

void
work_post_fini(struct work_post *p)
{
	catalog_fini(&p->catalog);
	pg_free(p->pg);
}

/* ---- loading ------------------------------------------------------------- */

/* Refuses a database that now belongs to another installation: the messages in
 * this process's streams belong to the installation that it started with. */
static int
installation_check(struct work_post *p, int64_t installation, struct err *e)
{
	if (p->installation != 0 && p->installation != installation)
		return err_set(e, FAULT_FATAL,
		    "the database has become another installation's: start "
		    "work again");
	p->installation = installation;
	return 0;
}

/* Logs which settings of PostgreSQL differ from those that README.md requires,
 * if that has changed. */
static int
durability_log(struct work_post *p, struct err *e)
{
	static const struct {
		enum durability_lack lack;
		int64_t *figure;
		const char *setting, *what;
	} table[] = {
		{ DURABILITY_LACKS_FSYNC, &metrics.unsafe_fsync, "fsync",
		    "does not sync what is committed: ALTER SYSTEM SET fsync "
		    "= on" },
		{ DURABILITY_LACKS_SYNC, &metrics.unsafe_standby,
		    "synchronous_standby_names",
		    "has a standby that no commit waits for: what that does "
		    "not have yet is lost in a failover. ALTER SYSTEM SET "
		    "synchronous_standby_names = '*'" },
	};
	struct durability d;
	unsigned now;

	if (durability_load(p->pg, &d, e) == -1)
		return -1;
	now = durability_lacks(&d);
	for (size_t i = 0; i < NITEMS(table); i++) {
		bool is = (now & table[i].lack) != 0;
		bool was = (p->lacks & table[i].lack) != 0;

		*table[i].figure = is;
		if (is && !was)
			log_warn("PostgreSQL %s", table[i].what);
		else if (was && !is)
			log_info("PostgreSQL: %s is as it should be",
			    table[i].setting);
	}
	p->lacks = now;
	return 0;
}

/* Asks PostgreSQL after a failure, because PostgreSQL does not report that a
 * commit waits for a standby.  Later transactions only find that rows are
 * locked. */
bool
work_post_is_stuck(struct work_post *p)
{
	struct durability d;
	struct err ignored; /* the caller logs its own failure */

	return durability_load(p->pg, &d, &ignored) == 0 &&
	       durability_is_stuck(&d);
}

static bool
is_unknown(const struct work_post *p, const struct message *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].platform != (enum platform)0 &&
		    stores_find(p->catalog.stores, p->catalog.nstores,
		        m[i].store_id) == NULL)
			return true;
	return false;
}

int
work_post_renew(
    struct work_post *p, const struct message *m, size_t n, struct err *e)
{
	int64_t installation;
	bool renewed;

	if (is_unknown(p, m, n))
		catalog_forget(&p->catalog);
	if (catalog_renew(&p->catalog, &renewed, e) == -1)
		return -1;
	if (renewed && (installation_load(p->pg, &installation, e) == -1 ||
	                   installation_check(p, installation, e) == -1 ||
	                   durability_log(p, e) == -1)) {
		catalog_forget(&p->catalog);
		return -1;
	}
	p->world = catalog_world(
	    &p->catalog, p->arena, p->now != 0 ? p->now : clock_now());
	return 0;
}

/* ---- a batch ------------------------------------------------------------- */

static int
post(struct work_post *p, const struct message *m, size_t n, struct err *e)
{
	struct batch_result result;
	int64_t started = clock_mono(), took;

	if (work_post_renew(p, m, n, e) == -1)
		return -1;
	hold_moved(p->hold);
	if (batch_post(&p->world, m, n, &result, e) == -1)
		return -1;
	took = clock_mono() - started;
	histogram_add(&metrics.work_batch, took);
	metrics.work_batches++;
	metrics.work_entries += (int64_t)result.entries;
	metrics.work_dead += (int64_t)result.dead;
	metrics.work_misdirected += (int64_t)result.misdirected;
	dead_tally_join(&p->died, &result.died);
	metrics.work_unchanged += (int64_t)result.unchanged;
	metrics.work_aside += (int64_t)result.aside;
	log_debug("batch of %zu: %zu entries, %zu dead, %zu unchanged in "
	          "%" PRId64 " us",
	    n, result.entries, result.dead, result.unchanged, took);
	return 0;
}

/* Whether the failure is only that another process has held a lock for too
 * long. */
static bool
is_busy(struct work_post *p, const struct err *e)
{
	return e->fault == FAULT_RETRY && pg_was_busy(p->pg) &&
	       !work_post_is_stuck(p);
}

/* Posts a batch.  If the batch is refused, or needs a lock that another process
 * holds, posts its halves, down to a single message. */
static int
post_or_halve(
    struct work_post *p, const struct message *m, size_t n, struct err *e)
{
	char why[sizeof(e->msg)];
	bool busy;

	if (post(p, m, n, e) == 0)
		return 0;
	busy = is_busy(p, e);
	if (e->fault != FAULT_REJECT && !busy)
		return -1;
	/* From now on, wait only briefly for each lock. */
	if (busy)
		pg_hurry(p->pg, true);
	if (n > 1) {
		if (post_or_halve(p, m, n / 2, e) == -1)
			return -1;
		return post_or_halve(p, m + n / 2, n - n / 2, e);
	}
	if (busy) {
		p->waits[m - p->batch] = true;
		return 0;
	}
	memcpy(why, e->msg, sizeof(why));
	if (batch_bury(&p->world, m, "refused", why, e) == -1)
		return -1;
	metrics.work_dead++;
	dead_tally_add(&p->died, m->store_id, "refused", 1);
	return 0;
}

/* Posts messages that were delivered often one by one.  If such a message
 * crashes the process, no other message is affected, and the number of its
 * deliveries shows which message it was. */
int
work_post_all(struct work_post *p, const struct message *m, size_t n,
    bool *waits, struct err *e)
{
	size_t i = 0;

	p->batch = m;
	p->waits = waits;
	memset(waits, 0, n * sizeof(*waits));
	while (i < n) {
		size_t end = i + 1;

		while (end < n && end - i < p->most &&
		       m[i].deliveries <= DELIVERIES_SUSPECT &&
		       m[end].deliveries <= DELIVERIES_SUSPECT)
			end++;
		if (post_or_halve(p, m + i, end - i, e) == -1)
			return -1;
		i = end;
	}
	return 0;
}

/* ---- dead letters -------------------------------------------------------- */

/* Logs how many messages became dead letters since the last such line in the
 * log.  Does nothing if that line is newer than DEAD_LOG_MS, unless `at_once`. */
void
work_post_log_dead(struct work_post *p, bool at_once)
{
	int64_t now = clock_mono();

	if (p->died.all == 0 ||
	    (!at_once && p->died_logged_at != 0 &&
	        now - p->died_logged_at < DEAD_LOG_MS * INT64_C(1000)))
		return;
	log_warn("new dead letters: %s; loyald dlq list says why: mend it, "
	         "then loyald dlq replay, or discard",
	    dead_tally_text(p->arena, &p->died));
	p->died = (struct dead_tally){ 0 };
	p->died_logged_at = now;
}

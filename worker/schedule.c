/* SPDX-License-Identifier: MIT */
/*
 * loyald schedule: does what is due because time has passed.
 *
 *  - Lots whose pending days are over become available.
 *  - Members who are due are folded, and the difference to the ledger is
 *    posted.  A member is due when lots vest or expire, a period begins, a tier
 *    ends, or an operator's tool has saved a fact.  Members whose fold takes
 *    long were set aside earlier, and are due, too.  A member is also due if a
 *    process whose clock was ahead has posted too early.
 *  - Payouts to charities are posted.
 *  - Open dead letters are counted, and old misdirected ones deleted.
 *
 * Any number of schedule processes may run at once.  Work that fails for the
 * moment (RETRY) is tried again.  schedule reads no input from outside, so a
 * refusal (REJECT) is a mistake in loyald and ends the process.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/config/config.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/trouble.h"
#include "ledger/catalog.h"
#include "ledger/charities.h"
#include "ledger/dead.h"
#include "ledger/rewards.h"
#include "ledger/stmts.h"
#include "ledger/timeline/timeline.h"
#include "ledger/vest.h"
#include "loop.h"

enum {
	TURN_MS = 1000, /* time between two looks at what is due */
	/* Time between two looks while another process works on the lots and
	 * members that are due. */
	BUSY_MS = 50,
	ALONE_WAIT_MS = 5 * 1000, /* most time between two folds alone */
	/* Time between two looks at the dead letters. */
	DEAD_LOOK_MS = 5 * 1000,
	/* Time between two measurements of the figures that only metrics show.
	 */
	LOOK_MS = 5 * 1000,
	/* With more stores than this, the metrics have no figures for single
	 * stores. */
	STORES_SHOWN_MAX = 100,
	/* With --once, gives up after the number of due lots and members has
	 * not gone down for this long. */
	ONCE_PATIENCE_MS = 30 * 1000,
};

struct schedule {
	struct config config;
	struct pg *pg;
	struct loop_health *health;
	struct arena arena; /* memory for one turn */
	struct catalog catalog;
	struct world world;
	/* When the dead letters were last looked at; monotonic; 0: never. */
	int64_t dead_at;
	int64_t began_at; /* when this turn began; monotonic */
	int64_t alone_at; /* fold_alone() waits until then; monotonic */
	int64_t shown_at; /* when show() last looked; monotonic; 0: never */
	int64_t now;      /* from --now; 0: the clock's time */
	bool once;
	struct trouble trouble;
};

static const char *const figures[] = { "loyald_schedule_", "loyald_store_",
	NULL };

/* Loads the stores and programs if they have changed, and sets the time. */
static int
world_renew(struct schedule *s, struct err *e)
{
	bool renewed;

	if (catalog_renew(&s->catalog, &renewed, e) == -1)
		return -1;
	s->world = catalog_world(
	    &s->catalog, &s->arena, s->now != 0 ? s->now : clock_now());
	return 0;
}

/* ---- metrics ------------------------------------------------------------- */

static void
sample_add(struct family *f, struct sample *list, int64_t store_id, int64_t at)
{
	struct sample *to = &list[f->n];

	if (at == 0)
		return;
	(void)snprintf(
	    to->labels, sizeof(to->labels), "store=\"%" PRId64 "\"", store_id);
	to->value = at / INSTANT_SECOND;
	f->list = list;
	f->n++;
}

/* Shows when each store last sent a delivery and last took a balance, unless
 * there are too many stores. */
static int
show_stores(struct schedule *s, struct err *e)
{
	static struct sample delivered[STORES_SHOWN_MAX];
	static struct sample pushed[STORES_SHOWN_MAX];
	struct store_heard *list;
	size_t n = 0;

	for (size_t i = 0; i < s->world.nstores; i++)
		n += !s->world.stores[i].disabled;
	metrics.schedule_stores = (int64_t)n;
	if (n <= STORES_SHOWN_MAX && stores_heard(s->pg, &s->arena,
	                                 STORES_SHOWN_MAX, &list, &n, e) == -1)
		return err_wrap(e, "when the stores were last heard of");
	metrics.store_delivery = (struct family){ 0 };
	metrics.store_push = (struct family){ 0 };
	for (size_t i = 0; n <= STORES_SHOWN_MAX && i < n; i++) {
		sample_add(&metrics.store_delivery, delivered, list[i].store_id,
		    list[i].delivered_at);
		sample_add(&metrics.store_push, pushed, list[i].store_id,
		    list[i].pushed_at);
	}
	return 0;
}

/* Measures the figures that only metrics show, if a measurement is due. */
static int
show(struct schedule *s, struct err *e)
{
	int64_t at, age, now = s->now != 0 ? s->now : clock_now();

	if (!clock_is_due(&s->shown_at, LOOK_MS))
		return 0;
	arena_reset(&s->arena);
	if (timeline_due_oldest(&s->world, &at, e) == -1)
		return err_wrap(e, "the oldest that is due");
	age = at == 0 ? 0 : (now - at) / INSTANT_SECOND;
	metrics.schedule_due_oldest = age > 0 ? age : 0;
	return show_stores(s, e);
}

/* Answers requests and updates the figures in the middle of a turn that takes
 * long. */
static int
breathe(struct schedule *s, struct err *e)
{
	if (clock_mono() - s->began_at < LOOK_MS * INT64_C(1000))
		return 0;
	loop_health_poll(s->health, 0);
	return show(s, e);
}

/* ---- the work of a turn -------------------------------------------------- */

static int
vest(struct schedule *s, struct err *e)
{
	size_t n = 0;

	do {
		arena_reset(&s->arena);
		if (vest_batch(&s->world, &n, e) == -1)
			return err_wrap(e, "vesting");
		metrics.schedule_vested += (int64_t)n;
		if (n > 0)
			log_info("%zu lots became available", n);
		if (breathe(s, e) == -1)
			return -1;
	} while (n > 0 && !loop_is_stopping());
	return 0;
}

/* Looks at rewards that ended, or whose points are spent or go back. */
static int
rewards(struct schedule *s, struct err *e)
{
	size_t n = 0;

	do {
		arena_reset(&s->arena);
		if (rewards_wake(s->pg, &s->arena, s->world.now, &n, e) == -1)
			return err_wrap(e, "rewards");
		if (breathe(s, e) == -1)
			return -1;
	} while (n > 0 && !loop_is_stopping());
	return 0;
}

static void
log_folded(const struct timeline_result *r)
{
	for (size_t i = 0; i < r->nrefused; i++)
		log_info("%s of store %" PRId64 " is refused: %s",
		    r->refused[i].fact_id, r->refused[i].store_id,
		    r->refused[i].reason);
	for (size_t i = 0; i < r->nstuck; i++)
		log_error("member %" PRId64 " is left for a day: %s",
		    r->stuck[i].member_id, r->stuck[i].reason);
	for (size_t i = 0; i < r->naside; i++)
		log_info("member %" PRId64 " is set aside, to be looked at "
		         "alone: %s",
		    r->aside[i].member_id, r->aside[i].reason);
	metrics.schedule_stuck += (int64_t)r->nstuck;
	metrics.schedule_aside += (int64_t)r->naside;
	metrics.schedule_entries += (int64_t)r->entries;
}

static int
fold_due(struct schedule *s, struct err *e)
{
	struct timeline_result r;

	do {
		arena_reset(&s->arena);
		if (timeline_due(&s->world, &r, e) == -1)
			return err_wrap(e, "members' timelines");
		log_folded(&r);
		if (r.ahead > 0)
			log_warn("%zu members had been looked at by a clock "
			         "that was ahead of this one, and are as they "
			         "are now again: is the time right on every "
			         "machine that runs work or schedule?",
			    r.ahead);
		metrics.schedule_ahead += (int64_t)r.ahead;
		metrics.schedule_folded += (int64_t)r.members;
		if (r.members > 0)
			log_info("%zu members were looked at, %zu entries "
			         "posted",
			    r.members, r.entries);
		if (breathe(s, e) == -1)
			return -1;
	} while (r.members > 0 && !loop_is_stopping());
	return 0;
}

/* Folds one member that was set aside.  All other due members are folded before
 * the next member that was set aside.  After a fold alone, waits as long as the fold
 * took, at most ALONE_WAIT_MS: more orders are posted by the next one then. */
static int
fold_alone(struct schedule *s, struct err *e)
{
	int64_t started = clock_mono(), took;
	struct timeline_result r;

	if (started < s->alone_at && !s->once)
		return 0;
	arena_reset(&s->arena);
	if (timeline_alone(&s->world, &r, e) == -1)
		return err_wrap(e, "a long timeline");
	log_folded(&r);
	took = clock_mono() - started;
	s->alone_at = started + took +
	              int64_min(took, ALONE_WAIT_MS * INT64_C(1000));
	metrics.schedule_alone += (int64_t)r.members;
	if (r.members > 0)
		log_info("a member that was set aside was looked at alone for "
		         "%" PRId64 " ms, %zu entries posted",
		    took / 1000, r.entries);
	return 0;
}

static int
pay(struct schedule *s, struct err *e)
{
	size_t n = 0;

	do {
		arena_reset(&s->arena);
		if (payouts_post(s->pg, &s->arena, &n, e) == -1)
			return err_wrap(e, "charities");
		if (n > 0)
			log_info("%zu payouts to charities were posted", n);
		if (breathe(s, e) == -1)
			return -1;
	} while (n > 0 && !loop_is_stopping());
	return 0;
}

/* Deletes old misdirected letters and counts the open ones.  Goes by the
 * database's clock and not by --now, because the letters are dated by the
 * database's clock. */
static int
dead(struct schedule *s, struct err *e)
{
	size_t n;

	if (s->dead_at != 0 &&
	    clock_mono() - s->dead_at < DEAD_LOOK_MS * INT64_C(1000))
		return 0;
	do {
		arena_reset(&s->arena);
		if (dead_expire(s->pg, &s->arena, &n, e) == -1)
			return err_wrap(e, "old dead letters");
		metrics.schedule_dead_expired += (int64_t)n;
		if (n > 0)
			log_info("%zu dead letters of the class misdirected "
			         "were deleted: they died last more than %d "
			         "days ago",
			    n, DEAD_MISDIRECTED_DAYS);
	} while (n > 0 && !loop_is_stopping());
	if (dead_open(s->pg, &s->arena, &metrics.schedule_dead_open, e) == -1)
		return err_wrap(e, "open dead letters");
	s->dead_at = clock_mono();
	return 0;
}

/* Does all the work that is due.  Sets *left to the number of lots and members
 * that are still due because other processes work on them. */
static int
turn(struct schedule *s, int64_t *left, struct err *e)
{
	int64_t nlots, nmembers;

	s->began_at = clock_mono();
	arena_reset(&s->arena);
	if (world_renew(s, e) == -1 || vest(s, e) == -1 ||
	    rewards(s, e) == -1 || fold_due(s, e) == -1 || pay(s, e) == -1 ||
	    fold_alone(s, e) == -1 || dead(s, e) == -1 || show(s, e) == -1 ||
	    vest_due(&s->world, &nlots, e) == -1 ||
	    timeline_due_count(&s->world, &nmembers, e) == -1)
		return -1;
	*left = nlots + nmembers;
	return 0;
}

static int
run(struct schedule *s)
{
	int64_t started = clock_mono(), left = 0, before = 0;
	struct backoff backoff = { 0 };
	struct err e;

	while (!loop_is_stopping()) {
		int64_t wait_ms = TURN_MS;

		if (turn(s, &left, &e) == 0) {
			if (s->once && left == 0)
				return EXIT_STOPPED;
			if (left != before)
				started = clock_mono();
			before = left;
			err_set(&e, FAULT_RETRY,
			    "%" PRId64 " lots or members are with another "
			    "process that does not finish them",
			    left);
			if (left > 0)
				wait_ms = BUSY_MS;
			trouble_over(&s->trouble, "PostgreSQL answers");
			backoff_reset(&backoff);
		} else if (trouble_ends(&s->trouble, &e)) {
			return loop_end(&e, EXIT_FATAL);
		} else {
			trouble_is(&s->trouble, &e, NULL);
			metrics.schedule_due_oldest = METRIC_UNKNOWN;
			s->shown_at = 0;
			wait_ms = backoff_next(&backoff);
		}
		if (s->once &&
		    clock_mono() - started > ONCE_PATIENCE_MS * INT64_C(1000))
			return loop_end(&e, EXIT_FATAL);
		loop_health_poll(s->health, wait_ms);
	}
	return EXIT_STOPPED;
}

int
cmd_schedule(struct tool_call *call)
{
	static struct schedule s;
	const struct option_spec options[] = {
		{ "--once", NULL, "do what is due, then exit",
		    .flag = &s.once },
		{ "--now", "INSTANT", "as if it were then", .instant = &s.now,
		    .with = "--once", .preset = "now" },
		{ 0 },
	};
	int ret = loop_begin(call, options, &s.config);

	if (ret != EXIT_STOPPED)
		return ret;
	arena_init(&s.arena);
	loop_signals();
	s.pg = pg_new(s.config.database_url, "loyald_schedule",
	    "loyald schedule", sql_stmts, SQL__MAX);
	pg_by_key(s.pg);
	catalog_init(&s.catalog, s.pg, NULL);
	s.catalog.has_programs = true;
	s.health = loop_health_new(
	    &s.config, figures, loop_is_untroubled, &s.trouble);
	ret = run(&s);
	loop_health_free(s.health);
	catalog_fini(&s.catalog);
	pg_free(s.pg);
	arena_fini(&s.arena);
	return ret;
}

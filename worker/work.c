/* SPDX-License-Identifier: MIT */
/*
 * loyald work: messages from the stream become ledger entries.
 *
 * Take a batch, post it in one transaction, then acknowledge it.  What the
 * world is in the way of stays pending and is tried again; a message that
 * is refused is found by halving the batch and goes to the dead letters;
 * anything else is our fault and stops the process, with its messages still
 * pending for whoever is started next.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config/config.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/hold.h"
#include "io/key_file.h"
#include "io/slot.h"
#include "io/stream/stream.h"
#include "io/trouble.h"
#include "later.h"
#include "ledger/arrivals.h"
#include "ledger/batch.h"
#include "ledger/catalog.h"
#include "ledger/durability.h"
#include "ledger/stmts.h"
#include "loop.h"

enum {
	WAIT_MS = 200, /* for messages: as long as /healthz may wait */
	DRAIN_PATIENCE_MS = 30 * 1000, /* with nothing moving */
	DRAIN_QUIET_MS = 250, /* a receiver may still be emptying its spool */
	WORKERS_MAX = 256,    /* on one machine */
	DEAD_SAY_MS = 60 * 1000, /* between lines about dead letters */
	/* For a lock of somebody else's: then that message waits by itself.
	 * A process that works as usual is done by then. */
	LOCK_MS = 1000,
	SIZE_MS = 5 * 1000, /* between looks at how much waits in the streams */
	HOLD_MS = 2 * 60 * 1000, /* a batch: longer than all its transactions */
};

struct work {
	struct config config;
	struct pg *pg;
	struct stream *stream;
	struct hold *hold;
	struct later later;          /* what waits for somebody else's lock */
	const struct message *batch; /* that is posted */
	bool *waits;                 /* of it, by index: goes to later */
	struct loop_health *health;
	struct arena arena; /* of the batch */
	struct master_key key;
	struct catalog catalog;
	struct world world; /* of the batch at hand */
	struct arrivals *arrivals;
	int64_t installation; /* 0: not loaded yet */
	unsigned lacks;       /* enum durability_lack, as was said in the log */
	int64_t measured_at;  /* the streams; monotonic, 0: never */
	struct trouble trouble;
	bool waits_for_standby; /* PostgreSQL does */
	int64_t now;            /* given; 0: the clock's */
	bool drain;
	struct dead_tally died; /* and not told of yet */
	int64_t died_said_at;   /* monotonic; 0: never */
};

static const char *const figures[] = { "loyald_work_", NULL };

static bool
is_ready(void *arg, const char **why_not)
{
	const struct work *w = arg;

	*why_not = w->waits_for_standby ? "PostgreSQL waits for a standby"
	                                : trouble_why(&w->trouble);
	return *why_not == NULL;
}

/* ---- what is loaded ------------------------------------------------------------ */

/* The streams are named by it, so it is told once. */
static int
installation_is(struct work *w, int64_t installation, struct err *e)
{
	if (w->installation == 0)
		stream_installation(w->stream, installation);
	else if (w->installation != installation)
		return err_set(e, FAULT_FATAL,
		    "the database has become another installation's: start "
		    "work again");
	w->installation = installation;
	return 0;
}

/* Says what the promise needs of PostgreSQL and lacks, when that changes. */
static int
durability_tell(struct work *w, struct err *e)
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

	if (durability_load(w->pg, &w->arena, &d, e) == -1)
		return -1;
	now = durability_lacks(&d);
	for (size_t i = 0; i < NITEMS(table); i++) {
		bool is = (now & table[i].lack) != 0;
		bool was = (w->lacks & table[i].lack) != 0;

		*table[i].figure = is;
		if (is && !was)
			log_warn("PostgreSQL %s", table[i].what);
		else if (was && !is)
			log_info("PostgreSQL: %s is as it should be",
			    table[i].setting);
	}
	w->lacks = now;
	return 0;
}

/* A commit that waits for a standby says nothing, and those that come after
 * it only that a row is locked. */
static bool
is_standby_gone(struct work *w)
{
	struct durability d;
	struct err ignored; /* the failure at hand is told anyway */

	return durability_load(w->pg, &w->arena, &d, &ignored) == 0 &&
	       durability_is_stuck(&d);
}

static bool
is_unknown(const struct work *w, const struct message *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].platform != (enum platform)0 &&
		    stores_find(w->catalog.stores, w->catalog.nstores,
		        m[i].store_id) == NULL)
			return true;
	return false;
}

/* Looks at the database as it is now, also if a message names a store that is
 * not known. */
static int
renew(struct work *w, const struct message *m, size_t n, struct err *e)
{
	int64_t installation;
	bool renewed;

	if (is_unknown(w, m, n))
		catalog_forget(&w->catalog);
	if (catalog_renew(&w->catalog, &renewed, e) == -1)
		return -1;
	if (renewed &&
	    (installation_load(w->pg, &w->arena, &installation, e) == -1 ||
	        installation_is(w, installation, e) == -1 ||
	        durability_tell(w, e) == -1)) {
		catalog_forget(&w->catalog);
		return -1;
	}
	w->world = catalog_world(
	    &w->catalog, &w->arena, w->now != 0 ? w->now : clock_now());
	return 0;
}

/* ---- dead letters ------------------------------------------------------------- */

/* However many die, this is a line a minute; the first at once. */
static void
say_dead(struct work *w, bool at_once)
{
	int64_t now = clock_mono();

	if (w->died.all == 0 ||
	    (!at_once && w->died_said_at != 0 &&
	        now - w->died_said_at < DEAD_SAY_MS * INT64_C(1000)))
		return;
	log_warn("new dead letters: %s; loyald dlq list says why: mend it, "
	         "then loyald dlq replay, or discard",
	    dead_tally_text(&w->arena, &w->died));
	w->died = (struct dead_tally){ 0 };
	w->died_said_at = now;
}

/* ---- a batch -------------------------------------------------------------------- */

static int
post(struct work *w, const struct message *m, size_t n, struct err *e)
{
	struct batch_result result;
	int64_t started = clock_mono(), took;

	if (renew(w, m, n, e) == -1)
		return -1;
	hold_moved(w->hold);
	if (batch_post(&w->world, m, n, &result, e) == -1)
		return -1;
	took = clock_mono() - started;
	histogram_add(&metrics.work_batch, took);
	metrics.work_batches++;
	metrics.work_entries += (int64_t)result.entries;
	metrics.work_dead += (int64_t)result.dead;
	metrics.work_misdirected += (int64_t)result.misdirected;
	dead_tally_join(&w->died, &result.died);
	metrics.work_unchanged += (int64_t)result.unchanged;
	metrics.work_aside += (int64_t)result.aside;
	log_debug("batch of %zu: %zu entries, %zu dead, %zu unchanged in "
	          "%" PRId64 " us",
	    n, result.entries, result.dead, result.unchanged, took);
	return 0;
}

/* Whether somebody else has a lock for long, and that is all. */
static bool
is_busy(struct work *w, const struct err *e)
{
	return e->fault == FAULT_RETRY && pg_was_busy(w->pg) &&
	       !is_standby_gone(w);
}

/* All or, if something in it is refused, or waits for somebody else, its
 * halves, down to the one. */
static int
post_or_halve(struct work *w, const struct message *m, size_t n, struct err *e)
{
	char why[sizeof(e->msg)];
	bool busy;

	if (post(w, m, n, e) == 0)
		return 0;
	busy = is_busy(w, e);
	if (e->fault != FAULT_REJECT && !busy)
		return -1;
	/* A single lock held for long is enough to wait for. */
	if (busy)
		pg_hurry(w->pg, true);
	if (n > 1) {
		if (post_or_halve(w, m, n / 2, e) == -1)
			return -1;
		return post_or_halve(w, m + n / 2, n - n / 2, e);
	}
	if (busy) {
		w->waits[m - w->batch] = true;
		return 0;
	}
	memcpy(why, e->msg, sizeof(why));
	if (batch_bury(&w->world, m, "refused", why, e) == -1)
		return -1;
	metrics.work_dead++;
	dead_tally_add(&w->died, m->store_id, "refused", 1);
	return 0;
}

/* Messages that were given out often are worked on one by one: the one that
 * kills us takes no others along, and is found by its count. */
static int
post_all(struct work *w, const struct message *m, size_t n, struct err *e)
{
	size_t i = 0;

	w->batch = m;
	w->waits = arena_array(&w->arena, n, sizeof(*w->waits));
	while (i < n) {
		size_t end = i + 1;

		while (end < n && m[i].deliveries <= DELIVERIES_SUSPECT &&
		       m[end].deliveries <= DELIVERIES_SUSPECT)
			end++;
		if (post_or_halve(w, m + i, end - i, e) == -1)
			return -1;
		i = end;
	}
	return 0;
}

/* Where the messages came in.  That is for an operator to look at, and no
 * message waits for it. */
static void
note(struct work *w, const struct message *m, size_t n)
{
	const struct world *world = &w->world;
	struct err e;

	if (arrivals_note(w->arrivals, w->pg, &w->arena, world->stores,
	        world->nstores, m, n, &e) == -1)
		log_warn("where deliveries came in is not written down yet: %s",
		    e.msg);
}

/* From now on nobody else takes these over, nor what is kept for later,
 * whatever we wait for. */
static void
keep(struct work *w, const struct message *m, size_t n)
{
	static struct message all[HOLD_MAX];
	struct err e;

	if (n > 0)
		memcpy(all, m, n * sizeof(*m));
	if (w->later.n > 0)
		memcpy(all + n, w->later.list, w->later.n * sizeof(*all));
	if (hold_set(w->hold, w->installation, all, n + w->later.n, &e) == -1)
		log_warn("%s", e.msg);
}

/* Acknowledges what is posted; what waits for somebody else is kept. */
static int
ack(struct work *w, const struct message *m, size_t n, struct err *e)
{
	struct message *done = arena_array(&w->arena, n + 1, sizeof(*done));
	size_t ndone = 0, nwaits = 0;

	for (size_t i = 0; i < n; i++)
		if (w->waits[i])
			nwaits++;
		else
			done[ndone++] = m[i];
	if (ndone > 0 && stream_ack(w->stream, done, ndone, e) == -1)
		return -1;
	metrics.work_messages += (int64_t)ndone;
	note(w, done, ndone);
	for (size_t i = 0; i < n; i++)
		if (w->waits[i])
			later_add(&w->later, &m[i]);
	if (nwaits > 0)
		log_info("%zu messages wait for a lock that somebody else has "
		         "in PostgreSQL; the others are posted",
		    nwaits);
	metrics.work_waiting = (int64_t)w->later.n;
	return 0;
}

/* How much waits in the streams, and for how long.  A Redis that is away is
 * told of by whoever reads from it. */
static void
measure(struct work *w)
{
	int64_t now = clock_mono(), entries, ms = 0, age;
	struct err ignored;

	if (w->measured_at != 0 &&
	    now - w->measured_at < SIZE_MS * INT64_C(1000))
		return;
	w->measured_at = now;
	metrics.work_stream_entries = METRIC_UNKNOWN;
	metrics.work_stream_oldest = METRIC_UNKNOWN;
	if (stream_backlog(w->stream, &entries, &ignored) == -1)
		return;
	metrics.work_stream_entries = entries;
	if (entries > 0 && stream_oldest(w->stream, &ms, &ignored) == -1)
		return;
	age = ms == 0 ? 0 : (clock_now() / 1000 - ms) / 1000;
	if (ms != -1)
		metrics.work_stream_oldest = age > 0 ? age : 0;
}

static void
all_is_well(struct work *w)
{
	w->waits_for_standby = false;
	trouble_over(&w->trouble, "Redis and PostgreSQL answer");
}

/*
 * Until the batch is posted and acknowledged, or we are asked to stop.
 * -1 is FATAL, or the drain's patience is over.
 */
static int
work_batch(struct work *w, const struct message *m, size_t n, struct err *e)
{
	struct backoff backoff = { 0 };
	int64_t started = clock_mono();
	bool posted = false;
	char again[64];

	while (!loop_is_stopping()) {
		keep(w, m, n);
		pg_hurry(w->pg, false);
		posted = posted || post_all(w, m, n, e) == 0;
		if (posted && ack(w, m, n, e) == 0) {
			keep(w, NULL, 0);
			all_is_well(w);
			return 0;
		}
		if (e->fault != FAULT_REJECT && trouble_ends(&w->trouble, e))
			return -1;
		w->waits_for_standby = !posted && is_standby_gone(w);
		if (w->waits_for_standby)
			err_set(e, FAULT_CONFIG,
			    "PostgreSQL keeps every commit waiting: "
			    "synchronous_standby_names asks for a standby, and "
			    "none is connected. Bring it back; or, if it is "
			    "gone for good and the risk is yours, ALTER SYSTEM "
			    "SET synchronous_standby_names = ''");
		metrics.work_retries++;
		if (w->drain &&
		    clock_mono() - started > DRAIN_PATIENCE_MS * INT64_C(1000))
			return -1;
		(void)snprintf(
		    again, sizeof(again), "%zu messages are tried again", n);
		trouble_is(&w->trouble, e, again);
		measure(w);
		loop_health_poll(w->health, backoff_next(&backoff));
	}
	return 0;
}

/* ---- the loop --------------------------------------------------------------------- */

/* Whether a drain is done; it waits for what other workers have. */
static int
is_drained(struct work *w, int64_t idle_since, bool *done, struct err *e)
{
	int64_t left, patience = w->config.claim_idle_ms + DRAIN_PATIENCE_MS;

	*done = false;
	if (!w->drain)
		return 0;
	if (stream_backlog(w->stream, &left, e) == -1)
		return -1;
	*done = left == 0 && clock_mono() - idle_since >= DRAIN_QUIET_MS * 1000;
	if (left > 0 && clock_mono() - idle_since > patience * 1000)
		return err_set(e, FAULT_RETRY,
		    "%" PRId64 " messages are with other workers that do not "
		    "finish them",
		    left);
	return 0;
}

/* Tries the messages that wait for somebody else, one at a time, as long as
 * each of them can be posted now. */
static int
try_later(struct work *w, int64_t *idle_since, struct err *e)
{
	while (later_is_due(&w->later) && !loop_is_stopping()) {
		const struct message *m = &w->later.list[0];

		arena_reset(&w->arena);
		keep(w, NULL, 0);
		pg_hurry(w->pg, true);
		if (post_all(w, m, 1, e) == -1)
			return -1;
		if (w->waits[0]) {
			later_again(&w->later);
			return 0;
		}
		if (stream_ack(w->stream, m, 1, e) == -1)
			return -1;
		metrics.work_messages++;
		note(w, m, 1);
		later_done(&w->later);
		metrics.work_waiting = (int64_t)w->later.n;
		*idle_since = clock_mono();
	}
	keep(w, NULL, 0);
	return 0;
}

static int
turn(struct work *w, int64_t *idle_since, bool *done, struct err *e)
{
	struct stream_batch b = { .arena = &w->arena };
	size_t most = (size_t)w->config.batch;

	if (try_later(w, idle_since, e) == -1)
		return -1;
	measure(w);
	arena_reset(&w->arena);
	if (later_room(&w->later) < most)
		most = later_room(&w->later);
	if (most == 0) {
		loop_health_poll(w->health, WAIT_MS);
		return 0;
	}
	b.msgs = arena_array(&w->arena, most, sizeof(*b.msgs));
	b.max = most;
	if (stream_next(w->stream, w->drain ? 0 : WAIT_MS, &b, e) == -1)
		return -1;
	metrics.work_reclaimed = stream_reclaimed(w->stream);
	if (b.n == 0) {
		all_is_well(w); /* Redis answered */
		if (is_drained(w, *idle_since, done, e) == -1)
			return -1;
		if (w->drain && !*done)
			clock_sleep_ms(DRAIN_QUIET_MS / 4);
		loop_health_poll(w->health, 0);
		return 0;
	}
	if (work_batch(w, b.msgs, b.n, e) == -1)
		return -1;
	*idle_since = clock_mono();
	/* A batch that was not full: the next one is fuller a little later,
	 * and costs less for each message. */
	loop_health_poll(
	    w->health, b.n < most && !w->drain ? w->config.linger_ms : 0);
	return 0;
}

static int
run(struct work *w)
{
	int64_t idle_since = clock_mono();
	struct backoff backoff = { 0 };
	bool done = false;
	struct err e;

	while (!loop_is_stopping() && !done) {
		if (turn(w, &idle_since, &done, &e) == 0) {
			say_dead(w, false);
			backoff_reset(&backoff);
			continue;
		}
		if (trouble_ends(&w->trouble, &e))
			return loop_end(&e, EXIT_FATAL);
		if (w->drain && clock_mono() - idle_since >
		                    DRAIN_PATIENCE_MS * INT64_C(1000))
			return loop_end(&e, EXIT_FATAL);
		stream_again(w->stream);
		trouble_is(&w->trouble, &e, NULL);
		loop_health_poll(w->health, backoff_next(&backoff));
	}
	return EXIT_STOPPED;
}

/* ---- starting ------------------------------------------------------------------------ */

/* The name under which pending messages are found again after a restart. */
static int
consumer_name(const struct config *c, char out[128], struct err *e)
{
	char host[64] = "";
	unsigned slot;

	if (c->consumer != NULL) {
		(void)snprintf(out, 128, "%s", c->consumer);
		return 0;
	}
	slot = slot_take("work", WORKERS_MAX);
	if (slot == 0)
		return err_set(e, FAULT_FATAL,
		    "no free number for a worker on this machine: set "
		    "LOYALD_CONSUMER");
	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(out, 128, "%s-%u", host, slot);
	return 0;
}

static int
start(struct work *w, struct err *e)
{
	struct redis_url redis;
	char consumer[128];

	if (key_load(w->config.key_file, &w->key, e) == -1 ||
	    redis_url_parse(w->config.redis_url, &redis, e) == -1 ||
	    consumer_name(&w->config, consumer, e) == -1)
		return -1;
	w->pg = pg_new(w->config.database_url, "loyald_work", "loyald work",
	    sql_stmts, SQL__MAX);
	pg_by_key(w->pg);
	pg_lock_ms(w->pg, LOCK_MS);
	later_init(&w->later);
	w->stream = stream_new(&redis, (unsigned)w->config.streams, consumer,
	    w->config.claim_idle_ms);
	w->hold = hold_new(&redis, (unsigned)w->config.streams, consumer,
	    w->config.claim_idle_ms, HOLD_MS);
	catalog_init(&w->catalog, w->pg, &w->key);
	w->catalog.has_programs = true;
	metrics.work_stream_entries = METRIC_UNKNOWN;
	metrics.work_stream_oldest = METRIC_UNKNOWN;
	w->health = loop_health_new(&w->config, figures, is_ready, w);
	log_info("working as %s", consumer);
	return 0;
}

/* The policy that may evict what was answered for is found before the first
 * message; away is another matter.  Redis may have let us in long before
 * PostgreSQL comes. */
static int
check(struct work *w, struct err *e)
{
	struct backoff backoff = { 0 };
	int64_t started = clock_mono();
	bool had_redis = false;

	while (!loop_is_stopping()) {
		bool has_redis = stream_check(w->stream, e) == 0;

		if (has_redis && renew(w, NULL, 0, e) == 0) {
			all_is_well(w);
			return 0;
		}
		w->trouble.was_well = had_redis && !has_redis;
		had_redis |= has_redis;
		if (trouble_ends(&w->trouble, e) ||
		    (w->drain && clock_mono() - started >
		                     DRAIN_PATIENCE_MS * INT64_C(1000)))
			return -1;
		trouble_is(&w->trouble, e, NULL);
		loop_health_poll(w->health, backoff_next(&backoff));
		arena_reset(&w->arena);
	}
	return 0;
}

int
cmd_work(struct tool_call *call)
{
	static struct work w;
	const struct option_spec options[] = {
		{ "--drain", NULL, "do what is waiting, then exit",
		    .flag = &w.drain },
		{ "--now", "INSTANT", "as if it were then", .instant = &w.now,
		    .with = "--drain", .preset = "now" },
		{ 0 },
	};
	struct err e;
	int ret = loop_begin(call, options, &w.config);

	if (ret != EXIT_STOPPED)
		return ret;
	arena_init(&w.arena);
	w.arrivals = arrivals_new();
	loop_signals();
	if (start(&w, &e) == -1)
		ret = loop_end(&e, EXIT_CONFIG);
	else if (check(&w, &e) == -1)
		ret = loop_end(&e, EXIT_FATAL);
	else
		ret = run(&w);
	say_dead(&w, true);
	loop_health_free(w.health);
	hold_free(w.hold);
	later_fini(&w.later);
	stream_free(w.stream);
	catalog_fini(&w.catalog);
	pg_free(w.pg);
	arrivals_free(w.arrivals);
	arena_fini(&w.arena);
	return ret;
}

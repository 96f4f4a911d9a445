/* SPDX-License-Identifier: MIT */
/*
 * loyald work: turns messages from the streams into ledger entries.
 *
 * A batch is posted in one transaction, and acknowledged after that.  Messages
 * that cannot be posted for the moment (RETRY) stay pending in their stream and
 * are tried again.  A message that is refused (REJECT) is found by halving the
 * batch, and becomes a dead letter.  Any other failure is a mistake in loyald
 * and ends the process; the messages stay pending for the next process.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "io/hold.h"
#include "io/slot.h"
#include "io/stream/stream.h"
#include "io/trouble.h"
#include "later.h"
#include "ledger/arrivals.h"
#include "ledger/timeline/timeline.h"
#include "loop.h"
#include "wire/fair.h"
#include "wire/travel.h"
#include "work_post.h"

enum {
	/* The longest wait for messages.  A request for /healthz may have to
	 * wait for the same time. */
	WAIT_MS = 200,
	/* With --drain, work gives up after this time without progress. */
	DRAIN_PATIENCE_MS = 30 * 1000,
	/* With --drain, work ends after this time without messages.  It does
	 * not end at once, since loyald receive may still be sending messages
	 * from its spool. */
	DRAIN_QUIET_MS = 250,
	WORKERS_MAX = 256,       /* workers on one machine */
	SIZE_MS = 5 * 1000,      /* time between measurements of the streams */
	HOLD_MS = 2 * 60 * 1000, /* longer than posting takes */
	/* Batches after which parked messages have their turn, however many
	 * others wait. */
	PARKED_TURN = 2,
	PARKED_TURN_FULL = 16, /* while more messages wait than were read */
	/* The longest wait for messages while a fold alone is posted. */
	ALONE_WAIT_MS = 20,
};

struct work {
	struct config config;
	struct stream *stream;
	struct hold *hold;
	struct work_post post;
	struct later later; /* messages that wait for another process's lock */
	struct fair fair;
	bool parked_due;  /* parked messages are next */
	bool hinders;     /* timeline_alone_hinder() */
	bool took;        /* messages were read in the turn */
	unsigned batches; /* since parked messages had their turn */
	struct loop_health *health;
	struct arena arena; /* memory for one batch */
	struct arrivals *arrivals;
	/* When the streams were last measured; monotonic; 0: never. */
	int64_t measured_at;
	struct trouble trouble;
	/* PostgreSQL keeps commits waiting for a standby. */
	bool waits_for_standby;
	bool drain;
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

/* ---- a batch ------------------------------------------------------------- */

/* Saves at which address each message came in, for the operator.  If that
 * fails, a warning is logged and the work goes on. */
static void
note(struct work *w, const struct message *m, size_t n)
{
	const struct world *world = &w->post.world;
	struct err e;

	if (arrivals_note(w->arrivals, world, m, n, &e) == -1)
		log_warn("where deliveries came in is not written down yet: %s",
		    e.msg);
}

/* Prevents other workers from claiming these messages, and those that wait for
 * a lock, however long posting takes. */
static void
keep(struct work *w, const struct message *m, size_t n)
{
	static struct message all[HOLD_MAX];
	struct err e;

	if (n > 0)
		memcpy(all, m, n * sizeof(*m));
	if (w->later.n > 0)
		memcpy(all + n, w->later.list, w->later.n * sizeof(*all));
	if (hold_set(w->hold, w->post.installation, all, n + w->later.n, &e) ==
	    -1)
		log_warn("%s", e.msg);
}

/* Sets aside the messages that wait for a lock, and acknowledges the entries of
 * which all messages are posted. */
static int
ack(struct work *w, const struct message *m, size_t n, const bool *waits,
    struct err *e)
{
	struct message *posted = arena_array(&w->arena, n + 1, sizeof(*m));
	struct message *done = arena_array(&w->arena, n + 1, sizeof(*m));
	size_t nposted = 0, ndone = 0, nwaits = 0;

	for (size_t i = 0; i < n; i++)
		if (waits[i] && m[i].stays) {
			stream_park_more(w->stream, &m[i]);
		} else if (waits[i]) {
			later_add(&w->later, &m[i]);
			nwaits++;
		} else {
			posted[nposted++] = m[i];
		}
	for (size_t i = 0; i < nposted; i++)
		if (!posted[i].stays &&
		    (nwaits == 0 || !later_has(&w->later, 0, &posted[i])))
			done[ndone++] = posted[i];
	if (ndone > 0 && stream_ack(w->stream, done, ndone, e) == -1)
		return -1;
	metrics.work_messages += (int64_t)nposted;
	note(w, posted, nposted);
	if (nwaits > 0)
		log_info("%zu messages wait for a lock that somebody else has "
		         "in PostgreSQL; the others are posted",
		    nwaits);
	metrics.work_waiting = (int64_t)w->later.n;
	return 0;
}

/* Measures how many messages wait in the streams, and for how long, if a
 * measurement is due.  A failure is ignored: stream_next() says when Redis is
 * away. */
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

/* Ends what take() has begun with timeline_alone_hinder(). */
static void
alone_let(struct work *w)
{
	if (w->hinders)
		w->hinders = !timeline_alone_let(w->post.pg);
}

/*
 * Posts and acknowledges a batch, and tries again until that succeeds or the
 * process is asked to stop.  Returns -1 if the fault ends the process, or if
 * posting takes too long with --drain.
 */
static int
work_batch(struct work *w, const struct message *m, size_t n, struct err *e)
{
	struct backoff backoff = { 0 };
	int64_t started = clock_mono();
	bool *waits = arena_array(&w->arena, n, sizeof(*waits));
	bool posted = false;
	char again[64];

	while (!loop_is_stopping()) {
		keep(w, m, n);
		pg_hurry(w->post.pg, false);
		posted = posted || work_post_all(&w->post, m, n, waits, e) == 0;
		alone_let(w);
		if (posted && ack(w, m, n, waits, e) == 0) {
			keep(w, NULL, 0);
			all_is_well(w);
			return 0;
		}
		if (e->fault != FAULT_REJECT && trouble_ends(&w->trouble, e))
			return -1;
		w->waits_for_standby = !posted && work_post_is_stuck(&w->post);
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

/* ---- the loop ------------------------------------------------------------ */

/* Sets *done if --drain is given and its work is finished.  The work is not
 * finished while other workers still have messages. */
static int
is_drained(struct work *w, int64_t idle_since, bool *done, struct err *e)
{
	int64_t left, patience = w->config.claim_idle_ms + DRAIN_PATIENCE_MS;

	*done = false;
	if (!w->drain)
		return 0;
	if (stream_backlog(w->stream, &left, e) == -1)
		return -1;
	*done = left == 0 &&
	        clock_mono() - idle_since >= DRAIN_QUIET_MS * INT64_C(1000);
	if (left > 0 && clock_mono() - idle_since > patience * 1000)
		return err_set(e, FAULT_RETRY,
		    "%" PRId64 " messages are with other workers that do not "
		    "finish them",
		    left);
	return 0;
}

/* Tries the messages that wait for a lock of another process, one by one, and
 * stops at the first that still has to wait. */
static int
try_later(struct work *w, int64_t *idle_since, struct err *e)
{
	while (later_is_due(&w->later) && !loop_is_stopping()) {
		const struct message *m = &w->later.list[0];
		bool waits;

		arena_reset(&w->arena);
		keep(w, NULL, 0);
		pg_hurry(w->post.pg, true);
		if (work_post_all(&w->post, m, 1, &waits, e) == -1)
			return -1;
		if (waits) {
			later_again(&w->later);
			return 0;
		}
		if (!later_has(&w->later, 1, m) &&
		    stream_ack(w->stream, m, 1, e) == -1)
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
take_parked(struct work *w, struct stream_batch *b, struct err *e)
{
	struct stream_unparked out;

	w->parked_due = false;
	w->batches = 0;
	if (stream_unpark(w->stream, b, &out, e) == -1)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		travel_open(&w->arena, &w->post.key, &b->msgs[i]);
	fair_back(&w->fair, out.slots, out.n, out.turn);
	return 0;
}

/* Takes messages from the streams, and parks some of them.  Parked messages are
 * due when no others wait, or others have had PARKED_TURN batches, or
 * PARKED_TURN_FULL. */
static int
take_next(struct work *w, int wait_ms, struct stream_batch *b, bool *is_full,
    struct err *e)
{
	uint16_t *slots;

	if (stream_next(w->stream, wait_ms, b, e) == -1)
		return -1;
	metrics.work_reclaimed = stream_reclaimed(w->stream);
	*is_full = b->n >= b->max || b->bytes >= STREAM_BATCH_BYTES ||
	           b->n + PARCEL_MAX > b->room;
	for (size_t i = 0; i < b->n; i++)
		travel_open(&w->arena, &w->post.key, &b->msgs[i]);
	slots = arena_array(&w->arena, b->n + 1, sizeof(*slots));
	if (stream_parked(w->stream) == 0)
		fair_reset(&w->fair);
	if (fair_pick(&w->fair, &w->arena, b->msgs, b->n, slots) > 0 &&
	    stream_park(w->stream, b, slots, e) == -1)
		return -1;
	w->batches += b->n > 0;
	w->parked_due = (b->n == 0 && !*is_full) ||
	                w->batches >=
	                    (*is_full ? PARKED_TURN_FULL : PARKED_TURN);
	return 0;
}

/* Takes the messages of the next batch.  While `schedule` posts what it has folded
 * alone, parked messages are left parked, since they may need the same member's
 * lock.  Where no further entry can be parked, all others wait; parked messages that
 * wait for a lock, too, take no more than half of the room for such messages. */
static int
take(struct work *w, struct stream_batch *b, bool *is_full, struct err *e)
{
	size_t parked = stream_parked(w->stream);
	bool must = parked + b->room > STREAM_PARKED_MAX;
	bool may = parked > 0 &&
	           (must || later_room(&w->later) >= LATER_MAX / 2);
	bool due = may && (must || w->parked_due);
	int wait_ms = may || w->drain ? 0 : WAIT_MS, ret = 0;

	*is_full = true;
	if (due && !w->hinders &&
	    timeline_alone_hinder(w->post.pg, &w->hinders, e) == -1)
		return -1;
	w->took = true;
	if (due && w->hinders)
		ret = take_parked(w, b, e);
	else if (must)
		loop_health_poll(w->health, ALONE_WAIT_MS);
	else
		ret = take_next(
		    w, due ? ALONE_WAIT_MS : wait_ms, b, is_full, e);
	metrics.work_parked = (int64_t)stream_parked(w->stream);
	*is_full |= metrics.work_parked > 0;
	return ret;
}

static int
turn(struct work *w, int64_t *idle_since, bool *done, struct err *e)
{
	struct stream_batch b = { .arena = &w->arena };
	size_t most = (size_t)w->config.batch;
	bool is_full;

	if (try_later(w, idle_since, e) == -1)
		return -1;
	measure(w);
	arena_reset(&w->arena);
	if (later_room(&w->later) < PARCEL_MAX) {
		loop_health_poll(w->health, WAIT_MS);
		return 0;
	}
	b.room = later_room(&w->later);
	b.max = most < b.room ? most : b.room;
	b.msgs = arena_array(&w->arena, b.room, sizeof(*b.msgs));
	if (take(w, &b, &is_full, e) == -1)
		return -1;
	if (b.n == 0) {
		/* Nothing failed, so earlier trouble is over. */
		all_is_well(w);
		if (is_drained(w, *idle_since, done, e) == -1)
			return -1;
		/* Parked messages are next, unless many wait for a lock. */
		if (w->drain && !*done &&
		    (metrics.work_parked == 0 ||
		        later_room(&w->later) < LATER_MAX / 2))
			clock_sleep_ms(DRAIN_QUIET_MS / 4);
		loop_health_poll(w->health, 0);
		return 0;
	}
	if (work_batch(w, b.msgs, b.n, e) == -1)
		return -1;
	*idle_since = clock_mono();
	/* After a batch that was not full, wait a little.  The next batch then
	 * has more messages, which is cheaper per message. */
	loop_health_poll(
	    w->health, is_full || w->drain ? 0 : w->config.linger_ms);
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
		int ret;

		w->took = false;
		ret = turn(w, &idle_since, &done, &e);
		alone_let(w);
		if (ret == 0) {
			work_post_log_dead(&w->post, false);
			backoff_reset(&backoff);
			continue;
		}
		if (trouble_ends(&w->trouble, &e))
			return loop_end(&e, EXIT_FATAL);
		if (w->drain && clock_mono() - idle_since >
		                    DRAIN_PATIENCE_MS * INT64_C(1000))
			return loop_end(&e, EXIT_FATAL);
		/* Without this condition, parked messages would be read and
		 * parked again and again while PostgreSQL is away. */
		if (w->took)
			stream_again(w->stream);
		trouble_is(&w->trouble, &e, NULL);
		loop_health_poll(w->health, backoff_next(&backoff));
	}
	return EXIT_STOPPED;
}

/* ---- starting ------------------------------------------------------------ */

/* Makes the name under which this worker finds its pending messages again after
 * a restart. */
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

	if (work_post_init(&w->post, &w->config, &w->arena, e) == -1 ||
	    redis_url_parse(w->config.redis_url, &redis, e) == -1 ||
	    consumer_name(&w->config, consumer, e) == -1)
		return -1;
	later_init(&w->later);
	w->stream = stream_new(&redis, (unsigned)w->config.streams, consumer,
	    w->config.claim_idle_ms);
	w->hold = hold_new(&redis, (unsigned)w->config.streams, consumer,
	    w->config.claim_idle_ms, HOLD_MS, w->stream);
	w->post.hold = w->hold;
	metrics.work_stream_entries = METRIC_UNKNOWN;
	metrics.work_stream_oldest = METRIC_UNKNOWN;
	w->health = loop_health_new(&w->config, figures, is_ready, w);
	log_info("working as %s", consumer);
	return 0;
}

/* Waits for Redis and PostgreSQL at the start, and refuses a Redis that may
 * evict messages.  Each try checks Redis again, since its settings may change
 * while this process waits for PostgreSQL. */
static int
check(struct work *w, struct err *e)
{
	struct backoff backoff = { 0 };
	int64_t started = clock_mono();
	bool had_redis = false;

	while (!loop_is_stopping()) {
		bool has_redis = stream_check(w->stream, e) == 0;

		if (has_redis && work_post_renew(&w->post, NULL, 0, e) == 0) {
			stream_installation(w->stream, w->post.installation);
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
		{ "--now", "INSTANT", "as if it were then",
		    .instant = &w.post.now, .with = "--drain",
		    .preset = "now" },
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
	work_post_log_dead(&w.post, true);
	loop_health_free(w.health);
	hold_free(w.hold);
	later_fini(&w.later);
	stream_free(w.stream);
	work_post_fini(&w.post);
	arrivals_free(w.arrivals);
	arena_fini(&w.arena);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/message.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/keep.h"
#include "io/redis/parcels.h"
#include "io/redis/pool.h"
#include "io/redis/watch.h"
#include "io/spool/spool.h"
#include "io/timer.h"
#include "io/trouble.h"

enum {
	/* Records are moved to Redis slowly: new deliveries come first. */
	MOVE_TURN_MS = 10,
	MOVE_PER_TURN = 20, /* records each MOVE_TURN_MS: 2000 a second */
	MOVE_IN_FLIGHT = 64,
	MOVE_PAUSE_MS = 500, /* after Redis refused a record */
	MOVE_IDLE_MS = 100,  /* while Redis is away */
	WARN_MS = 60 * 1000, /* between warnings that the spool is in use */
	LOOK_MS = 5000,      /* between looks at the spool's folder */
	PEEK_MS = 1000,      /* between looks at the oldest record's age */
	TAIL_MARK = 4 << 20, /* bytes of the tail (below) that need a mark */
};

#define KNOWN_FILE "redis.known"

struct keep {
	struct redis_pool *pool;
	struct parcels *parcels;
	struct spool *spool; /* NULL: the spool could not be opened */
	const char *spool_dir;
	int64_t spool_max_bytes;
	struct trouble bad;   /* the last open, sync or append failed */
	struct trouble moved; /* the folder of the spool was moved away */

	struct item *group; /* messages for the next sync of the spool */
	struct item **group_end;
	struct event *sync;
	int64_t corrupt;   /* number of damaged places that were logged */
	int64_t warned_at; /* monotonic: when has_warned was last set */

	/* The tail: messages that Redis has acknowledged, but whose mark
	 * (io/redis/watch.h) it has not; the oldest first.  marked: the newest
	 * message that the mark under way covers.  due: messages to add to
	 * Redis again, which the spool does not take. */
	struct item *tail, *tail_last, *marked, *due;
	size_t tail_bytes;
	unsigned tail_moved; /* messages of the tail that are in the spool */

	struct event *move, *look;
	unsigned moving; /* spool records sent and not yet answered */
	uint64_t oldest; /* number of the spool's oldest record */
	int64_t since;   /* when record `oldest` was received; 0: unknown */
	int64_t peeked_at;
	struct str held; /* if is_held: a record that the pool refused */
	uint64_t held_number;

	bool had_spool;   /* the folder of the spool was there once */
	bool has_warned;  /* the log has a warning that the spool is in use */
	bool must_rewind; /* rewind the spool when no record is in flight */
	bool is_held, is_stopping;
};

/* A message to be made durable, or a record on its way from spool to Redis. */
struct item {
	struct item *next;
	struct keep *keep;
	struct parcel_part part; /* on its way to Redis */
	keep_done *done;         /* NULL: no caller waits */
	void *arg;
	uint64_t number; /* number of the spool's record; 0: none */
	bool is_refused; /* the spool did not take the message */
	size_t len;
	char bytes[];
};

static struct item *
item_new(struct keep *k, struct str bytes)
{
	struct item *i = malloc(sizeof(*i) + bytes.len);

	if (i == NULL)
		die("out of memory for a message of %zu bytes", bytes.len);
	*i = (struct item){ .keep = k, .len = bytes.len };
	memcpy(i->bytes, bytes.data, bytes.len);
	return i;
}

static void
item_tell(struct item *i, enum kept kept)
{
	if (i->done != NULL)
		i->done(i->arg, kept);
	i->done = NULL;
}

static void
spool_emptied(struct keep *k)
{
	if (k->has_warned)
		log_info("the spool is empty again, all of it is in Redis");
	k->has_warned = false;
}

/* Frees a message that is in Redis for good, and its record in the spool. */
static void
item_free(struct keep *k, struct item *i)
{
	if (i->number != 0) {
		metrics.spool_drained++;
		spool_taken(k->spool, i->number);
		if (spool_records(k->spool) == 0)
			spool_emptied(k);
	}
	free(i);
}

static void
move_in(struct keep *k, int ms)
{
	if (!k->is_stopping && !evtimer_pending(k->move, NULL))
		timer_in(k->move, ms);
}

/* ---- into the spool --------------------------------------------------- */

/* Logs any failure of the spool as a CONFIG error, even a RETRY, since an
 * operator must look at the disk. */
static void
spool_failed(struct keep *k, const struct err *e)
{
	struct err bad = *e;

	bad.fault = FAULT_CONFIG;
	trouble_is(&k->bad, &bad, "deliveries are refused while Redis is away");
	metrics.spool_unusable = 1;
}

static void
spool_mended(struct keep *k)
{
	trouble_over(&k->bad, "the spool takes deliveries");
	metrics.spool_unusable = 0;
}

static int
spool_start(struct keep *k, struct err *e)
{
	char path[PATH_MAX];

	k->spool = spool_open(
	    k->spool_dir, k->spool_max_bytes, &spool_disk_real, e);
	if (k->spool == NULL)
		return -1;
	k->had_spool = true;
	(void)snprintf(path, sizeof(path), "%s/" KNOWN_FILE, k->spool_dir);
	redis_watch_remember(redis_pool_watch(k->pool), path);
	k->oldest = 0; /* another spool may use the same numbers */
	if (spool_records(k->spool) > 0)
		log_info("%lld bytes in the spool wait for Redis",
		    (long long)spool_bytes(k->spool));
	move_in(k, 0);
	return 0;
}

/* Opens the spool again.  Makes its folder again if the folder was removed.  A
 * folder that was never there is not made, since its name may be a mistake. */
static void
spool_again(struct keep *k)
{
	struct err e;
	int r = spool_start(k, &e);

	if (r == -1 && e.fault == FAULT_CONFIG && k->had_spool &&
	    spool_make(k->spool_dir, &e) == 0)
		r = spool_start(k, &e);
	if (r == -1)
		spool_failed(k, &e);
	else
		spool_mended(k);
}

/* Closes an empty spool whose folder was moved away, and opens the folder that
 * has its name now.  A removed folder is noticed when a write to it fails. */
static void
on_look(evutil_socket_t, short, void *arg)
{
	struct keep *k = arg;
	struct err e;

	timer_in(k->look, LOOK_MS);
	if (k->spool == NULL) {
		spool_again(k);
	} else if (spool_in_place(k->spool, k->spool_dir, &e) == 0) {
		trouble_over(&k->moved, "the spool's folder is in its place");
	} else if (k->group != NULL || spool_records(k->spool) > 0) {
		trouble_is(&k->moved, &e, NULL);
	} else if (k->bad.is_on || !spool_is_gone(k->spool)) {
		spool_close(k->spool);
		k->spool = NULL;
		spool_again(k);
	}
}

/* Refuses a message.  If no caller waits for it, tries again later. */
static void
item_refused(struct keep *k, struct item *i)
{
	if (i->done != NULL) {
		item_tell(i, KEPT_UNSURE);
		free(i);
		return;
	}
	i->next = k->due;
	k->due = i;
	move_in(k, MOVE_IDLE_MS);
}

static void on_added_last(void *arg, bool ok);

/* Tells whether the spool took the message.  If not, adds it to Redis, even to
 * a server that should not get deliveries yet. */
static void
item_stored(struct keep *k, struct item *i, bool ok)
{
	if (ok) {
		item_tell(i, KEPT_IN_SPOOL);
		free(i);
	} else if (k->is_stopping ||
	           !redis_pool_add_last(k->pool,
	               (struct str){ i->bytes, i->len }, on_added_last, i)) {
		item_refused(k, i);
	}
}

/* Syncs the group.  Afterwards all of its messages are on the disk, or all are
 * refused. */
static void
on_sync(evutil_socket_t, short, void *arg)
{
	struct keep *k = arg;
	struct item *i = k->group, *next;
	bool ok = true, is_refused = false;
	struct err e;

	k->group = NULL;
	k->group_end = &k->group;
	if (k->spool != NULL && spool_sync(k->spool, &e) == -1) {
		spool_failed(k, &e);
		ok = false;
	}
	for (; i != NULL; i = next) {
		next = i->next;
		is_refused |= i->is_refused;
		metrics.received_to_spool += ok && !i->is_refused &&
		                             i->done != NULL;
		item_stored(k, i, ok && !i->is_refused);
	}
	if (ok && !is_refused && k->bad.is_on)
		spool_mended(k);
	if (k->spool != NULL && spool_records(k->spool) > 0)
		move_in(k, MOVE_TURN_MS);
}

/* Warns once in an outage that the spool is in use. */
static void
spool_used(struct keep *k)
{
	const char *why = redis_pool_error(k->pool);

	if (!clock_is_due(&k->warned_at, WARN_MS))
		return;
	k->has_warned = true;
	log_warn("deliveries go to the spool, Redis takes no more now%s%s",
	    why[0] == '\0' ? "" : ": ", why);
}

/* Puts a message into the group.  A timer syncs the group at the end of this
 * turn of the loop, when all sockets were read. */
static void
spool_put(struct keep *k, struct item *i)
{
	struct err e;

	i->is_refused = k->spool == NULL;
	if (!i->is_refused &&
	    spool_add(k->spool, (struct str){ i->bytes, i->len }, &e) == -1) {
		spool_failed(k, &e);
		i->is_refused = true;
	}
	if (!i->is_refused)
		spool_used(k);
	if (k->group == NULL)
		timer_in(k->sync, 0);
	i->next = NULL;
	*k->group_end = i;
	k->group_end = &i->next;
}

/* ---- into Redis ------------------------------------------------------- */

/* Keeps an acknowledged message until Redis acknowledges the next mark. */
static void
tail_add(struct keep *k, struct item *i)
{
	if (!redis_watch_is_marking(redis_pool_watch(k->pool))) {
		item_free(k, i);
		return;
	}
	i->next = NULL;
	if (k->tail == NULL)
		k->tail = i;
	else
		k->tail_last->next = i;
	k->tail_last = i;
	k->tail_moved += i->number != 0;
	k->tail_bytes += i->len;
	if (k->tail_bytes > TAIL_MARK)
		redis_watch_mark(redis_pool_watch(k->pool));
}

static void
on_mark(void *arg, bool is_acknowledged)
{
	struct keep *k = arg;
	struct item *i, *last = k->marked;

	if (!is_acknowledged) {
		k->marked = k->tail == NULL ? NULL : k->tail_last;
		return;
	}
	k->marked = NULL;
	while (last != NULL && (i = k->tail) != NULL) {
		k->tail = i->next;
		k->tail_bytes -= i->len;
		k->tail_moved -= i->number != 0;
		if (i == last)
			last = NULL;
		item_free(k, i);
	}
}

/* Redis is another server now, which may lack the messages after the last mark:
 * moves these messages to it by way of the spool.  A duplicate does no harm. */
static void
on_again(void *arg)
{
	struct keep *k = arg;
	struct item *i = k->tail, *next;

	k->tail = k->marked = NULL;
	k->tail_bytes = 0;
	k->tail_moved = 0;
	for (; i != NULL; i = next) {
		next = i->next;
		if (i->number == 0) {
			spool_put(k, i);
			continue;
		}
		k->must_rewind = true;
		move_in(k, MOVE_PAUSE_MS);
		free(i);
	}
}

static void
on_added(void *arg, bool ok)
{
	struct item *i = arg;
	struct keep *k = i->keep;

	if (ok) {
		metrics.received_to_redis += i->done != NULL;
		item_tell(i, KEPT_IN_REDIS);
		tail_add(k, i);
		return;
	}
	/* The message may be in Redis, too, which does no harm. */
	metrics.redis_errors++;
	spool_put(k, i);
}

static void
on_added_last(void *arg, bool ok)
{
	struct item *i = arg;

	if (ok) {
		on_added(i, true);
		return;
	}
	metrics.redis_errors++;
	item_refused(i->keep, i);
}

void
keep_put(struct keep *k, struct str message, keep_done *done, void *arg)
{
	struct item *i = item_new(k, message);

	i->done = done;
	i->arg = arg;
	if (!parcels_add(k->parcels, &i->part, (struct str){ i->bytes, i->len },
	        on_added, i))
		spool_put(k, i);
}

/* ---- from the spool to Redis ------------------------------------------ */

static void
on_moved(void *arg, bool ok)
{
	struct item *i = arg;
	struct keep *k = i->keep;

	k->moving--;
	if (ok) {
		tail_add(k, i);
		return;
	}
	metrics.redis_errors++;
	k->must_rewind = true;
	free(i);
}

/* Finds the next record to move: first the one that the pool did not take.
 * Returns false if there is none. */
static bool
record_next(struct keep *k)
{
	struct err e;
	int n;

	if (k->is_held)
		return true;
	n = spool_next(k->spool, &k->held, &k->held_number, &e);
	if (n == -1)
		log_error("cannot read the spool: %s", e.msg);
	k->is_held = n == 1;
	return k->is_held;
}

static void
move_some(struct keep *k)
{
	for (int i = 0; i < MOVE_PER_TURN && k->moving < MOVE_IN_FLIGHT; i++) {
		struct item *m;

		if (!record_next(k))
			return;
		m = item_new(k, STR(""));
		m->number = k->held_number;
		if (!redis_pool_add(k->pool, k->held, on_moved, m)) {
			free(m);
			return;
		}
		k->is_held = false;
		k->moving++;
	}
}

/* Tries again to store the messages that must be added to Redis once more and
 * that the spool did not take. */
static void
due_some(struct keep *k)
{
	struct item *i;

	while ((i = k->due) != NULL) {
		struct item *next = i->next;

		if (k->bad.is_on &&
		    !redis_pool_add(
		        k->pool, (struct str){ i->bytes, i->len }, on_added, i))
			break;
		k->due = next;
		if (!k->bad.is_on)
			spool_put(k, i);
	}
	if (k->due != NULL)
		move_in(k, MOVE_IDLE_MS);
}

static void
damage_report(struct keep *k)
{
	int64_t found = spool_corrupt(k->spool);

	if (found > k->corrupt)
		log_error("%lld places in the spool were damaged and are set "
		          "aside in %s as *.corrupt; ask the platforms for "
		          "what is missing",
		    (long long)(found - k->corrupt), k->spool_dir);
	k->corrupt = found;
}

static void
on_move(evutil_socket_t, short, void *arg)
{
	struct keep *k = arg;

	due_some(k);
	if (k->spool == NULL || spool_records(k->spool) == 0)
		return;
	damage_report(k);
	if (k->must_rewind) {
		/* Redis must first answer what is in flight, and the mark. */
		if (k->moving == 0 && k->tail_moved == 0) {
			spool_rewind(k->spool);
			k->must_rewind = k->is_held = false;
		}
		move_in(k, MOVE_PAUSE_MS);
		return;
	}
	if (!redis_pool_is_ready(k->pool)) {
		move_in(k, MOVE_IDLE_MS);
		return;
	}
	move_some(k);
	damage_report(k);
	move_in(k, MOVE_TURN_MS);
}

/* ---- for its owner ---------------------------------------------------- */

struct keep *
keep_new(struct event_base *base, const struct keep_options *o, struct err *e)
{
	struct keep *k = mem_new(sizeof(*k), "the keep");

	k->group_end = &k->group;
	k->spool_dir = o->spool_dir;
	k->spool_max_bytes = o->spool_max_bytes;
	k->sync = timer_new(base, on_sync, k);
	k->move = timer_new(base, on_move, k);
	k->look = timer_new(base, on_look, k);
	timer_in(k->look, LOOK_MS);
	k->pool = redis_pool_new(
	    base, &o->redis, o->nconnections, o->nstreams, o->deadline_ms);
	k->parcels = parcels_new(base, k->pool, o->nstreams);
	redis_watch_on(redis_pool_watch(k->pool),
	    &(struct redis_mark_hooks){ on_mark, on_again, k });
	if (spool_start(k, e) == 0)
		return k;
	if (e->fault == FAULT_RETRY || e->fault == FAULT_CONFIG) {
		keep_free(k);
		return NULL;
	}
	spool_failed(k, e);
	return k;
}

static void
items_free(struct item *i)
{
	while (i != NULL) {
		struct item *next = i->next;

		free(i);
		i = next;
	}
}

void
keep_free(struct keep *k)
{
	if (k == NULL)
		return;
	k->is_stopping = true;
	/* Free the pool first: its messages in flight go to the spool. */
	redis_pool_free(k->pool);
	parcels_free(k->parcels);
	if (k->group != NULL)
		on_sync(-1, 0, k);
	items_free(k->tail);
	items_free(k->due);
	event_free(k->sync);
	event_free(k->move);
	event_free(k->look);
	spool_close(k->spool);
	free(k);
}

void
keep_stop_moving(struct keep *k)
{
	k->is_stopping = true;
	(void)evtimer_del(k->move);
}

uint64_t
keep_server(const struct keep *k)
{
	return redis_pool_is_ready(k->pool)
	           ? redis_watch_server(redis_pool_watch(k->pool))
	           : 0;
}

bool
keep_is_redis_refused(const struct keep *k)
{
	return redis_pool_is_refused(k->pool);
}

bool
keep_is_ready(const struct keep *k)
{
	return redis_pool_is_ready(k->pool) || !k->bad.is_on ||
	       redis_pool_has_last(k->pool);
}

const char *
keep_trouble(const struct keep *k)
{
	return k->bad.is_on ? k->bad.now.msg : "";
}

/* Finds when the oldest delivery in the spool was received, at most once in
 * PEEK_MS: while the spool drains, the oldest delivery changes all the time. */
static void
oldest_look(struct keep *k)
{
	uint64_t number = spool_oldest(k->spool);
	struct message m;
	struct str bytes;
	struct err ignored; /* reading the record to move it logs the error */

	if (number == 0 || number == k->oldest ||
	    !clock_is_due(&k->peeked_at, PEEK_MS))
		return;
	k->oldest = number;
	k->since = 0;
	if (spool_peek(k->spool, number, &bytes, &ignored) == 1 &&
	    message_decode(bytes, &m, &ignored) == 0)
		k->since = m.received_at;
}

static int64_t
oldest_seconds(struct keep *k)
{
	int64_t age;

	if (spool_records(k->spool) == 0)
		return 0;
	oldest_look(k);
	if (k->since == 0)
		return METRIC_UNKNOWN;
	age = (clock_now() - k->since) / INSTANT_SECOND;
	return age > 0 ? age : 0;
}

void
keep_measure(struct keep *k)
{
	metrics.redis_connected = redis_pool_connected(k->pool);
	metrics.redis_in_flight = redis_pool_in_flight(k->pool);
	metrics.spool_oldest = METRIC_UNKNOWN;
	if (k->spool == NULL)
		return;
	/* oldest_seconds() may find damage, which changes the rest. */
	metrics.spool_oldest = oldest_seconds(k);
	metrics.spool_records = spool_records(k->spool);
	metrics.spool_bytes = spool_bytes(k->spool);
	metrics.spool_corrupt = spool_corrupt(k->spool);
	metrics.spool_sync_errors = spool_faults(k->spool);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/metrics.h"
#include "io/clock.h"
#include "io/keep.h"
#include "io/redis_pool.h"
#include "io/spool.h"

enum {
	/* Moving the spool to Redis must not starve what comes in. */
	MOVE_TURN_MS = 10,
	MOVE_PER_TURN = 20, /* 2000 a second */
	MOVE_IN_FLIGHT = 64,
	MOVE_PAUSE_MS = 500, /* after Redis refused one */
	MOVE_IDLE_MS = 100,  /* while Redis is away */
	WARN_EVERY_S = 60,   /* that the spool is in use */
};

struct keep {
	struct redis_pool *pool;
	struct spool *spool;
	const char *spool_dir;

	struct item *group; /* what waits for the next sync of the spool */
	struct item **group_end;
	struct event *sync;
	bool is_spool_bad; /* the last sync or append failed */
	int64_t corrupt;   /* of the spool, as far as it was reported */
	int64_t warned_at; /* monotonic: that the spool is in use */
	bool has_warned;   /* and not yet that it is empty again */

	struct event *move;
	unsigned moving;  /* in flight */
	bool must_rewind; /* when nothing is in flight any more */
	bool is_held;     /* a record the pool did not take */
	struct str held;
	uint64_t held_number;
	bool is_stopping;
};

/* A message on its way to be durable. */
struct item {
	struct item *next;
	struct keep *keep;
	keep_done *done;
	void *arg;
	bool is_refused; /* by the spool */
	size_t len;
	char bytes[];
};

/* A record on its way from the spool to Redis. */
struct moved {
	struct keep *keep;
	uint64_t number;
};

static void
item_end(struct item *i, bool ok)
{
	i->done(i->arg, ok);
	free(i);
}

/* ---- into the spool --------------------------------------------------- */

static void
spool_failed(struct keep *k, const struct err *e)
{
	if (!k->is_spool_bad)
		log_error("deliveries are refused while Redis is away, since "
		          "the spool does not take them: %s",
		    e->msg);
	k->is_spool_bad = true;
}

static void
move_in(struct keep *k, int ms)
{
	struct timeval tv = { .tv_usec = ms * 1000L };

	if (!k->is_stopping && !evtimer_pending(k->move, NULL) &&
	    evtimer_add(k->move, &tv) == -1)
		die("libevent refuses a timer");
}

/* The group is as safe as the disk makes it, or refused as a whole. */
static void
on_sync(evutil_socket_t fd, short what, void *arg)
{
	struct keep *k = arg;
	struct item *i = k->group, *next;
	bool ok = true, is_refused = false;
	struct err e;

	(void)fd;
	(void)what;
	k->group = NULL;
	k->group_end = &k->group;
	if (spool_sync(k->spool, &e) == -1) {
		spool_failed(k, &e);
		ok = false;
	}
	for (; i != NULL; i = next) {
		next = i->next;
		is_refused |= i->is_refused;
		metrics.received_to_spool += ok && !i->is_refused;
		item_end(i, ok && !i->is_refused);
	}
	if (ok && !is_refused && k->is_spool_bad) {
		log_info("the spool takes deliveries again");
		k->is_spool_bad = false;
	}
	if (spool_records(k->spool) > 0)
		move_in(k, MOVE_TURN_MS);
}

/* Once for an outage, however many deliveries come meanwhile. */
static void
spool_used(struct keep *k)
{
	const char *why = redis_pool_error(k->pool);

	if (k->warned_at != 0 &&
	    clock_mono() - k->warned_at < WARN_EVERY_S * 1000000L)
		return;
	k->warned_at = clock_mono();
	k->has_warned = true;
	log_warn("deliveries go to the spool, Redis takes no more now%s%s",
	    why[0] == '\0' ? "" : ": ", why);
}

static void
spool_emptied(struct keep *k)
{
	if (k->has_warned)
		log_info("the spool is empty again, all of it is in Redis");
	k->has_warned = false;
}

/* Into the group that is synced once, when this turn of the loop is over:
 * timers run after sockets. */
static void
spool_put(struct keep *k, struct item *i)
{
	struct timeval at_once = { 0 };
	struct err e;

	if (spool_add(k->spool, (struct str){ i->bytes, i->len }, &e) == -1) {
		spool_failed(k, &e);
		i->is_refused = true;
	} else {
		spool_used(k);
	}
	if (k->group == NULL && evtimer_add(k->sync, &at_once) == -1)
		die("libevent refuses a timer");
	i->next = NULL;
	*k->group_end = i;
	k->group_end = &i->next;
}

/* ---- into Redis ------------------------------------------------------- */

static void
on_added(void *arg, bool ok)
{
	struct item *i = arg;

	if (ok) {
		metrics.received_to_redis++;
		item_end(i, true);
		return;
	}
	/* It may be there as well; twice is right, not at all is not. */
	metrics.redis_errors++;
	spool_put(i->keep, i);
}

void
keep_put(struct keep *k, struct str message, keep_done *done, void *arg)
{
	struct item *i = malloc(sizeof(*i) + message.len);

	if (i == NULL)
		die("out of memory for a message of %zu bytes", message.len);
	*i = (struct item){
		.keep = k, .done = done, .arg = arg, .len = message.len
	};
	memcpy(i->bytes, message.data, message.len);
	if (!redis_pool_is_ready(k->pool) ||
	    !redis_pool_add(k->pool, message, on_added, i))
		spool_put(k, i);
}

/* ---- from the spool to Redis ------------------------------------------ */

static void
on_moved(void *arg, bool ok)
{
	struct moved *m = arg;
	struct keep *k = m->keep;

	k->moving--;
	if (ok) {
		metrics.spool_drained++;
		spool_taken(k->spool, m->number);
		if (spool_records(k->spool) == 0)
			spool_emptied(k);
	} else {
		metrics.redis_errors++;
		k->must_rewind = true;
	}
	free(m);
}

/* The next record, or the one the pool did not take; false if there is
 * none. */
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
		struct moved *m;

		if (!record_next(k))
			return;
		m = malloc(sizeof(*m));
		if (m == NULL)
			die("out of memory for a record of the spool");
		*m = (struct moved){ k, k->held_number };
		if (!redis_pool_add(k->pool, k->held, on_moved, m)) {
			free(m);
			return;
		}
		k->is_held = false;
		k->moving++;
	}
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
on_move(evutil_socket_t fd, short what, void *arg)
{
	struct keep *k = arg;

	(void)fd;
	(void)what;
	damage_report(k);
	if (spool_records(k->spool) == 0)
		return;
	if (k->must_rewind) {
		/* What is in flight may still be taken. */
		if (k->moving == 0) {
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

static struct event *
timer_new(struct keep *k, struct event_base *base, event_callback_fn f)
{
	struct event *ev = evtimer_new(base, f, k);

	if (ev == NULL)
		die("out of memory for a timer");
	return ev;
}

struct keep *
keep_new(struct event_base *base, const struct keep_options *o, struct err *e)
{
	struct keep *k = calloc(1, sizeof(*k));

	if (k == NULL)
		die("out of memory");
	k->group_end = &k->group;
	k->spool_dir = o->spool_dir;
	k->spool = spool_open(
	    o->spool_dir, o->spool_max_bytes, &spool_disk_real, e);
	if (k->spool == NULL) {
		free(k);
		return NULL;
	}
	k->sync = timer_new(k, base, on_sync);
	k->move = timer_new(k, base, on_move);
	k->pool = redis_pool_new(
	    base, &o->redis, o->nconnections, o->nstreams, o->deadline_ms);
	if (spool_records(k->spool) > 0)
		log_info("%lld bytes in the spool wait for Redis",
		    (long long)spool_bytes(k->spool));
	move_in(k, 0);
	return k;
}

void
keep_free(struct keep *k)
{
	if (k == NULL)
		return;
	k->is_stopping = true;
	/* First who calls us: what was in flight goes to the spool. */
	redis_pool_free(k->pool);
	if (k->group != NULL)
		on_sync(-1, 0, k);
	event_free(k->sync);
	event_free(k->move);
	spool_close(k->spool);
	free(k);
}

void
keep_stop_moving(struct keep *k)
{
	k->is_stopping = true;
	(void)evtimer_del(k->move);
}

bool
keep_is_redis_ready(const struct keep *k)
{
	return redis_pool_is_ready(k->pool);
}

bool
keep_is_ready(const struct keep *k)
{
	return redis_pool_is_ready(k->pool) || !k->is_spool_bad;
}

void
keep_measure(const struct keep *k)
{
	metrics.redis_connected = redis_pool_connected(k->pool);
	metrics.redis_in_flight = redis_pool_in_flight(k->pool);
	metrics.spool_records = spool_records(k->spool);
	metrics.spool_bytes = spool_bytes(k->spool);
	metrics.spool_corrupt = spool_corrupt(k->spool);
	metrics.spool_sync_errors = spool_faults(k->spool);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/clock.h"
#include "io/timer.h"
#include "io/trouble.h"
#include "ledger/store_cache.h"
#include "store_feed.h"
#include "store_watch.h"

enum {
	RESTART_MS = 2000
};

struct store_watch {
	struct event_base *base;
	struct keyring *keyring;
	uint64_t lists; /* store_watch_lists() */
	int64_t installation;
	struct store_feed feed;
	struct event *read, *restart;
	/* When the database was last asked; if never, when the process started.
	 * Monotonic. */
	int64_t asked_at;
	bool went_through; /* whether the last look at the database succeeded */
	/* Trouble with the database, until a list has been loaded. */
	struct trouble trouble;
	/* Why no list can be loaded; FAULT_NONE: there is a list, or there may
	 * be one soon. */
	struct err failed;
};

static void
list_take(struct store_watch *w, const struct store_list *list)
{
	keyring_free(w->keyring);
	w->keyring = keyring_new(list->stores, list->n, w->feed.key);
	w->lists++;
	w->installation = list->installation;
	log_info("stores known: %zu%s", list->n,
	    list->n == 0 ? "; loyald store add adds one" : "");
}

static void
list_load(struct store_watch *w)
{
	struct store_list list;
	struct arena a;
	struct err e;

	arena_init(&a);
	if (store_cache_load(w->feed.dir, w->feed.key, &a, &list, &e) == 0)
		list_take(w, &list);
	else if (e.fault == FAULT_RETRY)
		log_info("no stores are known from before: %s", e.msg);
	else
		log_warn(
		    "the stores kept from before are of no use: %s", e.msg);
	arena_fini(&a);
}

/* Waits until the child process sends the result of its next look. */
static void
feed_await(struct store_watch *w)
{
	int64_t ms = WATCH_STUCK_MS + (int64_t)keyring_size(w->keyring);
	struct timeval tv = { .tv_sec = ms / 1000 };

	if (event_add(w->read, &tv) == -1)
		die("libevent refuses an event");
}

static void
feed_stop(struct store_watch *w)
{
	event_free(w->read);
	w->read = NULL;
	w->went_through = false;
	log_warn("the process that loads the stores is stuck or ended, with "
	         "status %d; it is started again, and the stores known so "
	         "far go on",
	    child_stop(&w->feed.child));
	timer_in(w->restart, RESTART_MS);
}

/* Decides what happens after a failed look.  If there is a list, receive goes
 * on with the list until an operator has mended the fault.  Without a list,
 * receive waits only for a database that is away or not migrated yet, since
 * receive may be started before the database.  Any other fault ends receive. */
static void
look_failed(struct store_watch *w, const struct feed_look *look, struct str why)
{
	bool has_list = w->keyring != NULL;
	struct err e;

	err_set(&e, look->fault, "%.*s", (int)why.len, why.data);
	w->trouble.was_well = has_list || look->is_early;
	if (look->fault != FAULT_RETRY && has_list)
		e.fault = FAULT_CONFIG;
	if (trouble_ends(&w->trouble, &e)) {
		w->failed = e;
		(void)event_base_loopbreak(w->base);
		return;
	}
	trouble_is(&w->trouble, &e,
	    has_list ? "going on with the stores known so far" : NULL);
}

/* Reads what the child process has sent.  Returns -1 if the data is not valid.
 */
static int
look_take(struct store_watch *w, const struct feed_look *look, struct arena *a,
    struct str text)
{
	struct store_list list;
	struct err e;

	w->went_through = look->word != FEED_AWAY;
	if (!w->went_through) {
		look_failed(w, look, text);
		return 0;
	}
	if (look->word == FEED_NEW) {
		if (store_cache_parse(a, text, &list, &e) == -1) {
			log_error("the stores that were loaded: %s", e.msg);
			return -1;
		}
		list_take(w, &list);
	}
	w->asked_at = look->began_at;
	trouble_over(&w->trouble, "the stores can be loaded");
	return 0;
}

static void
on_feed(evutil_socket_t fd, short, void *arg)
{
	struct store_watch *w = arg;
	struct feed_look look;
	struct arena a;
	struct str text;

	arena_init(&a);
	/* If no message has come, the child has ended or sent nothing for too
	 * long. */
	if (child_next(fd, &look, sizeof(look), &a, &text) == 1 &&
	    look_take(w, &look, &a, text) == 0)
		feed_await(w);
	else
		feed_stop(w);
	arena_fini(&a);
}

static void
on_restart(evutil_socket_t, short, void *arg)
{
	struct store_watch *w = arg;
	struct err e;

	if (store_feed_start(&w->feed, &e) == -1) {
		log_warn("%s", e.msg);
		timer_in(w->restart, RESTART_MS);
		return;
	}
	w->read = event_new(w->base, w->feed.child.fd, EV_READ, on_feed, w);
	if (w->read == NULL)
		die("out of memory for an event");
	feed_await(w);
}

struct store_watch *
store_watch_new(struct event_base *base, const char *database_url,
    const char *dir, const struct master_key *key)
{
	struct store_watch *w = mem_new(sizeof(*w), "the stores");

	*w = (struct store_watch){
		.base = base,
		.feed = { .database_url = database_url,
		    .dir = dir,
		    .key = key },
		.asked_at = clock_mono(),
	};
	w->restart = timer_new(base, on_restart, w);
	list_load(w);
	on_restart(-1, 0, w);
	return w;
}

void
store_watch_free(struct store_watch *w)
{
	if (w == NULL)
		return;
	if (w->read != NULL)
		event_free(w->read);
	(void)child_stop(&w->feed.child);
	event_free(w->restart);
	keyring_free(w->keyring);
	free(w);
}

bool
store_watch_is_confirmed(const struct store_watch *w)
{
	int64_t most = WATCH_CONFIRMED_MS +
	               2 * (int64_t)keyring_size(w->keyring);

	return w->went_through && store_watch_age_ms(w) <= most;
}

int64_t
store_watch_age_ms(const struct store_watch *w)
{
	return (clock_mono() - w->asked_at) / 1000;
}

const struct keyring *
store_watch_keyring(const struct store_watch *w)
{
	return w->keyring;
}

uint64_t
store_watch_lists(const struct store_watch *w)
{
	return w->lists;
}

const struct err *
store_watch_failed(const struct store_watch *w)
{
	return w->failed.fault != FAULT_NONE ? &w->failed : NULL;
}

bool
store_watch_is_refused(const struct store_watch *w)
{
	return w->trouble.is_on && w->trouble.now.fault == FAULT_CONFIG;
}

int64_t
store_watch_installation(const struct store_watch *w)
{
	return w->installation;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/arena.h"
#include "base/log.h"
#include "ledger/store_cache.h"
#include "ledger/store_feed.h"
#include "ledger/store_watch.h"

enum {
	RESTART_SECONDS = 2
};

struct store_watch {
	struct event_base *base;
	const char *database_url, *dir;
	const struct master_key *key;
	struct keyring *keyring;
	int64_t installation;
	struct store_feed feed;
	struct event *read, *restart;
	bool is_fresh;
};

/* What is known stays in use if there is nothing better. */
static void
keyring_renew(struct store_watch *w)
{
	struct store_list list;
	struct arena a;
	struct err e;

	arena_init(&a);
	if (store_cache_load(w->dir, w->key, &a, &list, &e) == -1) {
		if (e.fault == FAULT_RETRY)
			log_info("no stores are known from before: %s", e.msg);
		else
			log_warn(
			    "the stores kept from before are of no use: %s",
			    e.msg);
	} else {
		keyring_free(w->keyring);
		w->keyring = keyring_new(list.stores, list.n, w->key);
		w->installation = list.installation;
		log_info("stores known: %zu", list.n);
	}
	arena_fini(&a);
}

static void
restart_later(struct store_watch *w)
{
	struct timeval tv = { .tv_sec = RESTART_SECONDS };

	if (evtimer_add(w->restart, &tv) == -1)
		die("libevent refuses a timer");
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct store_watch *w = arg;
	char bytes[64];
	ssize_t n;

	(void)what;
	do
		n = read(fd, bytes, sizeof(bytes));
	while (n == sizeof(bytes));
	if (n > 0) {
		w->is_fresh = true;
		keyring_renew(w);
	}
	if (n != 0)
		return;
	event_free(w->read);
	w->read = NULL;
	log_warn("the process that loads the stores ended with status %d; it "
	         "is started again, and the stores known so far go on",
	    store_feed_stop(&w->feed));
	restart_later(w);
}

static void
on_restart(evutil_socket_t fd, short what, void *arg)
{
	struct store_watch *w = arg;
	struct err e;

	(void)fd;
	(void)what;
	if (store_feed_start(&w->feed, w->database_url, w->dir, w->key, &e) ==
	    -1) {
		log_warn("%s", e.msg);
		restart_later(w);
		return;
	}
	w->read = event_new(
	    w->base, w->feed.fd, EV_READ | EV_PERSIST, on_readable, w);
	if (w->read == NULL || event_add(w->read, NULL) == -1)
		die("libevent refuses an event");
}

struct store_watch *
store_watch_new(struct event_base *base, const char *database_url,
    const char *dir, const struct master_key *key)
{
	struct store_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		die("out of memory for the stores");
	*w = (struct store_watch){
		.base = base,
		.database_url = database_url,
		.dir = dir,
		.key = key,
	};
	w->restart = evtimer_new(base, on_restart, w);
	if (w->restart == NULL)
		die("out of memory for a timer");
	keyring_renew(w);
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
	(void)store_feed_stop(&w->feed);
	event_free(w->restart);
	keyring_free(w->keyring);
	free(w);
}

bool
store_watch_is_fresh(const struct store_watch *w)
{
	return w->is_fresh;
}

const struct keyring *
store_watch_keyring(const struct store_watch *w)
{
	return w->keyring;
}

int64_t
store_watch_installation(const struct store_watch *w)
{
	return w->installation;
}

/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/redis/internal.h"
#include "io/redis/lookup.h"
#include "io/redis/watch.h"
#include "io/trouble.h"

enum {
	LINKS_MAX = 64,
};

struct redis_pool {
	struct redis_link_common common;
	struct redis_watch *watch;
	struct redis_link *links[LINKS_MAX];
	unsigned nlinks, turn;
	unsigned nstreams;
	struct trouble trouble;
	char error[512];
	bool ending;
};

/* Logs why a connection was lost, unless another connection is up. */
static void
pool_trouble(void *arg, const struct err *e, bool late)
{
	struct redis_pool *p = arg;

	(void)snprintf(p->error, sizeof(p->error), "%s", e->msg);
	if (!p->ending && !late &&
	    (e->fault == FAULT_CONFIG || !redis_pool_is_ready(p)))
		trouble_is(&p->trouble, e,
		    e->fault == FAULT_RETRY
		        ? "is it up, and is LOYALD_REDIS_URL right? It is "
		          "given nothing meanwhile"
		        : "it is given nothing meanwhile");
	for (unsigned i = 0; i < p->nlinks && late; i++)
		redis_link_doubt(p->links[i]);
}

/* ---- what the watch needs ---------------------------------------------- */

static struct redis_link *
watch_pick(void *arg, const char *run)
{
	struct redis_pool *p = arg;
	struct redis_link *best = NULL;

	for (unsigned i = 0; i < p->nlinks; i++) {
		struct redis_link *l = p->links[i];

		if (redis_link_is_open(l) &&
		    strcmp(redis_link_run(l), run) == 0 &&
		    (best == NULL ||
		        redis_link_load(l) < redis_link_load(best)))
			best = l;
	}
	return best;
}

static void
watch_moved(void *arg, const char *run)
{
	struct redis_pool *p = arg;

	for (unsigned i = 0; i < p->nlinks; i++)
		if (strcmp(redis_link_run(p->links[i]), run) != 0)
			redis_link_retire(p->links[i],
			    "its address leads to another server now");
}

static void
watch_trouble(void *arg, const char *what)
{
	struct redis_pool *p = arg;

	/* The watch has logged the trouble. */
	(void)snprintf(p->error, sizeof(p->error), "%s", what);
}

static void
pool_well(struct redis_pool *p)
{
	trouble_over(&p->trouble, "Redis takes deliveries");
}

static void
link_greeted(void *arg, struct redis_link *l, const struct redis_facts *facts)
{
	struct redis_pool *p = arg;

	redis_watch_greeted(p->watch, l, facts);
	if (redis_pool_is_ready(p))
		pool_well(p);
}

static void
link_wrote(void *arg)
{
	struct redis_pool *p = arg;

	redis_watch_wrote(p->watch);
	pool_well(p);
}

static bool
link_fit(void *arg, const char *run)
{
	const struct redis_pool *p = arg;

	return redis_watch_is_fit(p->watch, run) ||
	       (p->common.is_last && redis_watch_is_held(p->watch, run));
}

struct redis_pool *
redis_pool_new(struct event_base *base, const struct redis_url *url,
    unsigned nconnections, unsigned nstreams, int64_t deadline_ms)
{
	struct redis_pool *p = mem_new(sizeof(*p), "the connections to Redis");

	assert(nconnections >= 1 && nconnections <= LINKS_MAX);
	assert(nstreams >= 1 && nstreams <= STREAMS_MAX && deadline_ms > 0);
	p->common = (struct redis_link_common){
		.base = base,
		.names = redis_names_new(base, url),
		.url = *url,
		.deadline_ms = deadline_ms,
		.trouble = pool_trouble,
		.greeted = link_greeted,
		.wrote = link_wrote,
		.is_fit = link_fit,
		.arg = p,
	};
	p->watch = redis_watch_new(base, &p->common.url,
	    &(struct redis_watch_hooks){
	        watch_pick, watch_moved, watch_trouble, p });
	p->nstreams = nstreams;
	for (; p->nlinks < nconnections; p->nlinks++)
		p->links[p->nlinks] = redis_link_new(&p->common);
	return p;
}

void
redis_pool_free(struct redis_pool *p)
{
	if (p == NULL)
		return;
	p->ending = true;
	while (p->nlinks > 0)
		redis_link_free(p->links[--p->nlinks]);
	redis_watch_free(p->watch);
	redis_names_free(p->common.names);
	explicit_bzero(&p->common.url, sizeof(p->common.url));
	free(p);
}

bool
redis_pool_is_ready(const struct redis_pool *p)
{
	for (unsigned i = 0; i < p->nlinks; i++)
		if (redis_link_has_room(p->links[i]))
			return true;
	return false;
}

unsigned
redis_pool_connected(const struct redis_pool *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->nlinks; i++)
		n += redis_link_is_up(p->links[i]);
	return n;
}

unsigned
redis_pool_in_flight(const struct redis_pool *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->nlinks; i++)
		n += redis_link_load(p->links[i]);
	return n;
}

/* Picks the link with the fewest entries in flight; equal links take turns.
 * NULL if no link has room. */
static struct redis_link *
pool_pick(struct redis_pool *p)
{
	struct redis_link *best = NULL;

	assert(p->nlinks > 0);
	for (unsigned i = 0; i < p->nlinks; i++) {
		struct redis_link *l = p->links[(p->turn + i) % p->nlinks];

		if (!redis_link_has_room(l))
			continue;
		if (best == NULL || redis_link_load(l) < redis_link_load(best))
			best = l;
		if (redis_link_load(best) == 0)
			break;
	}
	p->turn = (p->turn + 1) % p->nlinks;
	return best;
}

bool
redis_pool_add(
    struct redis_pool *p, struct str encoded, redis_added *added, void *arg)
{
	char key[STREAM_NAME_MAX];
	struct redis_link *l;

	if (p->ending)
		return false;
	l = pool_pick(p);
	if (l == NULL)
		return false;
	stream_name(message_installation(encoded),
	    stream_pick(encoded, p->nstreams), key);
	redis_link_add(l, key, encoded, added, arg);
	return true;
}

struct redis_watch *
redis_pool_watch(const struct redis_pool *p)
{
	return p->watch;
}

bool
redis_pool_is_refused(const struct redis_pool *p)
{
	return p->trouble.is_on && p->trouble.now.fault == FAULT_CONFIG;
}

const char *
redis_pool_error(const struct redis_pool *p)
{
	return p->error;
}

bool
redis_pool_add_last(
    struct redis_pool *p, struct str encoded, redis_added *added, void *arg)
{
	bool taken;

	p->common.is_last = true;
	taken = redis_pool_add(p, encoded, added, arg);
	p->common.is_last = false;
	return taken;
}

bool
redis_pool_has_last(struct redis_pool *p)
{
	bool has;

	p->common.is_last = true;
	has = redis_pool_is_ready(p);
	p->common.is_last = false;
	return has;
}

/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_LINK_H
#define IO_REDIS_LINK_H

#include "io/redis_pool.h"

/*
 * redis_link: one connection of the pool: it comes up by itself, again and
 * again, carries XADDs, and has a deadline for each.
 *
 * It is up when the server has answered AUTH, SELECT and INFO, and what that
 * says of eviction is noeviction; a hung server takes connections and
 * answers nothing.  Until it has answered a first XADD
 * it is trusted with one only, so that a server that can greet but not sync
 * keeps few deliveries waiting.
 */

enum {
	LINK_QUEUED_MAX = 8 * 1024 * 1024, /* bytes not taken by the socket */
	LINK_REPLY_MAX = 64 * 1024,        /* Redis never says so much to us */
	LINK_BYTES_PER_MS = 16 * 1024,     /* a slow disk, for the deadline */
	LINK_CONNECT_MS = 2000, /* name, connection, greeting: each */
	LINK_BACKOFF_MIN_MS = 100,
	LINK_BACKOFF_MAX_MS = 2000,
};

struct evdns_base;
struct redis_link;

/* Called when a connection was lost or an entry refused, before what was in
 * flight is reported; late: the server did not answer in time. */
typedef void redis_link_trouble(void *arg, const char *what, bool late);

/* What all links of a pool have in common; outlives them. */
struct redis_link_common {
	struct event_base *base;
	struct evdns_base *names; /* io/redis_lookup.h */
	struct redis_url url;
	int64_t deadline_ms;
	redis_link_trouble *trouble;
	void *arg;
};

struct redis_link *redis_link_new(const struct redis_link_common *);
/* What is in flight is reported as not ok. */
void redis_link_free(struct redis_link *);

bool redis_link_is_up(const struct redis_link *);
bool redis_link_has_room(const struct redis_link *);
unsigned redis_link_load(const struct redis_link *); /* in flight */

/* The link must have room. */
void redis_link_add(struct redis_link *, const char *key, struct str encoded,
    redis_added *, void *arg);

/* Another link's server did not answer in time, and it is the same server:
 * nothing more goes this way until an answer has come. */
void redis_link_doubt(struct redis_link *);

#endif /* IO_REDIS_LINK_H */

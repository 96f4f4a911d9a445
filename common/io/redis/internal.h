/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/redis_state.h"
#include "io/redis/flights.h"

/*
 * internal: redis_link, one connection of the pool.  A link sends XADDs with a
 * deadline each, and connects again by itself whenever its connection is lost.
 *
 * A link is open when the server has answered AUTH, SELECT and INFO.  Being
 * connected is not enough, since a server that hangs accepts connections, too.
 * A link is up when it is open and io/redis/watch.h lets deliveries be given to
 * its server.  A link is given a single entry until its server has answered a
 * first XADD.  The limit keeps few deliveries waiting for a server that answers
 * INFO but cannot sync.
 */

enum {
	LINK_QUEUED_MAX = 8 * 1024 * 1024, /* bytes that wait for the socket */
	LINK_REPLY_MAX = 64 * 1024,        /* bytes; no reply has more */
	LINK_BYTES_PER_MS = 16 * 1024, /* a slow disk's speed, for deadlines */
	LINK_CONNECT_MS = 2000,        /* for lookup, connect, greeting each */
	LINK_BACKOFF_MIN_MS = 100,
	LINK_BACKOFF_MAX_MS = 2000,
};

struct evdns_base;
struct redis_link;

/* Called when a connection was lost or an entry was refused, before the
 * callbacks of the entries in flight.  late: the server did not answer in
 * time. */
typedef void redis_link_trouble(void *arg, const struct err *, bool late);

/* Called when a connection is open, with the server's answer to INFO. */
typedef void redis_link_greeted(
    void *arg, struct redis_link *, const struct redis_facts *);
/* Called when an entry was acknowledged by a server that may get deliveries. */
typedef void redis_link_wrote(void *arg);
/* Whether the Redis process with this run_id may be given deliveries. */
typedef bool redis_link_fit(void *arg, const char *run);

/* Data that all links of a pool share.  The pool keeps the data until all links
 * are freed. */
struct redis_link_common {
	struct event_base *base;
	struct evdns_base *names; /* the resolver (io/redis/lookup.h) */
	struct redis_url url;
	int64_t deadline_ms;
	bool is_last; /* redis_pool_add_last() adds an entry, which may go to
			 any server that is up */
	redis_link_trouble *trouble;
	redis_link_greeted *greeted;
	redis_link_wrote *wrote;
	redis_link_fit *is_fit;
	void *arg;
};

struct redis_link *redis_link_new(const struct redis_link_common *);
/* Frees a link, after calling the callbacks of all entries in flight with ok =
 * false. */
void redis_link_free(struct redis_link *);

bool redis_link_is_up(const struct redis_link *);
bool redis_link_has_room(const struct redis_link *);
/* Returns the number of entries in flight. */
unsigned redis_link_load(const struct redis_link *);

/* redis_link_is_open(): whether redis_link_ask() may be called; the link need
 * not be up.  redis_link_run(): the run_id of the Redis process that the link
 * leads to. */
bool redis_link_is_open(const struct redis_link *);
const char *redis_link_run(const struct redis_link *);
/* Sends a command other than XADD on an open link.  The function is called
 * once, after redis_link_ask() has returned.  The answer is valid during that
 * call. */
void redis_link_ask(
    struct redis_link *, int n, const char *words[], redis_told *, void *arg);
/* Gives the link no more entries, since the address of Redis leads to another
 * server now.  Closes the link after the last answer.  `why` is a literal. */
void redis_link_retire(struct redis_link *, const char *why);

/* Adds an entry to a link that has room. */
void redis_link_add(struct redis_link *, const char *key, struct str encoded,
    redis_added *, void *arg);

/* Gives the link no more entries until it has answered, since the same server
 * did not answer another link in time. */
void redis_link_doubt(struct redis_link *);

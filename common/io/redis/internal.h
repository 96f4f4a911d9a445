/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_INTERNAL_H
#define IO_REDIS_INTERNAL_H

#include "base/redis_state.h"
#include "io/redis/flights.h"

/*
 * internal: redis_link, one connection of the pool.  A link connects again by
 * itself whenever it is lost, sends XADDs, and has a deadline for each.
 *
 * A link is open when the server has answered AUTH, SELECT and INFO: a server
 * that hangs takes connections and answers nothing.  A link is up when it is
 * open and io/redis/watch.h lets deliveries be given to its server.  A server
 * gets only one entry until it has answered a first XADD, so that a server that
 * answers INFO but cannot sync keeps few deliveries waiting.
 */

enum {
	LINK_QUEUED_MAX = 8 * 1024 * 1024, /* bytes that wait for the socket */
	LINK_REPLY_MAX = 64 * 1024,        /* bytes; no reply has more */
	LINK_BYTES_PER_MS = 16 * 1024, /* speed of a slow disk, for deadlines */
	LINK_CONNECT_MS = 2000,        /* for each: lookup, connect, greeting */
	LINK_BACKOFF_MIN_MS = 100,
	LINK_BACKOFF_MAX_MS = 2000,
};

struct evdns_base;
struct redis_link;

/* Called when a connection was lost or an entry refused, before the functions
 * of the entries in flight are called.  late: the server did not answer in
 * time. */
typedef void redis_link_trouble(void *arg, const struct err *, bool late);

/* Called when a connection is open, with the server's answer to INFO. */
typedef void redis_link_greeted(
    void *arg, struct redis_link *, const struct redis_facts *);
/* Called when an entry was acknowledged by a process that is fit. */
typedef void redis_link_wrote(void *arg);
/* Whether the process with this run_id may be given deliveries. */
typedef bool redis_link_fit(void *arg, const char *run);

/* The data that all links of a pool share; the pool keeps them until all links
 * are freed. */
struct redis_link_common {
	struct event_base *base;
	struct evdns_base *names; /* the resolver (io/redis/lookup.h) */
	struct redis_url url;
	int64_t deadline_ms;
	bool is_last; /* no spool takes entries: they are added to any server
			 that is up, as many as there is room for */
	redis_link_trouble *trouble;
	redis_link_greeted *greeted;
	redis_link_wrote *wrote;
	redis_link_fit *is_fit;
	void *arg;
};

struct redis_link *redis_link_new(const struct redis_link_common *);
/* Frees a link, after calling the functions of all entries in flight with
 * ok = false. */
void redis_link_free(struct redis_link *);

bool redis_link_is_up(const struct redis_link *);
bool redis_link_has_room(const struct redis_link *);
/* Returns the number of entries in flight. */
unsigned redis_link_load(const struct redis_link *);

/* redis_link_is_open(): whether a question can be asked on the link, which need
 * not be up.  redis_link_run(): the run_id of the process at its other end. */
bool redis_link_is_open(const struct redis_link *);
const char *redis_link_run(const struct redis_link *);
/* Asks a question on an open link.  The function is called once, never from
 * inside redis_link_ask(); the answer lives during the call. */
void redis_link_ask(
    struct redis_link *, int n, const char *words[], redis_told *, void *arg);
/* Gives the link no more entries, and closes it when it is empty, since the
 * address leads to another server now.  `why` is a literal. */
void redis_link_retire(struct redis_link *, const char *why);

/* Adds an entry to a link that has room. */
void redis_link_add(struct redis_link *, const char *key, struct str encoded,
    redis_added *, void *arg);

/* Gives the link no more entries until it has answered, since the same server
 * did not answer another link in time. */
void redis_link_doubt(struct redis_link *);

#endif /* IO_REDIS_INTERNAL_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_INTERNAL_H
#define IO_REDIS_INTERNAL_H

#include "base/redis_state.h"
#include "io/redis/flights.h"

/*
 * redis_link: one connection of the pool: it comes up by itself, again and
 * again, carries XADDs, and has a deadline for each.
 *
 * A link is open when the server has answered AUTH, SELECT and INFO (a hung
 * server takes connections and answers nothing), and up when it is also one
 * that may be given deliveries, which io/redis/watch.h decides.  Until it has
 * answered a first XADD it is trusted with one only, so that a server that
 * can greet but not sync keeps few deliveries waiting.
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
typedef void redis_link_trouble(void *arg, const struct err *, bool late);

/* Called when a connection is open, with what its server says of itself. */
typedef void redis_link_greeted(
    void *arg, struct redis_link *, const struct redis_facts *);
/* Called when an entry was acknowledged by a process that is fit. */
typedef void redis_link_wrote(void *arg);
/* Whether that process may be given deliveries. */
typedef bool redis_link_fit(void *arg, const char *run);

/* What all links of a pool have in common; outlives them. */
struct redis_link_common {
	struct event_base *base;
	struct evdns_base *names; /* io/redis/lookup.h */
	struct redis_url url;
	int64_t deadline_ms;
	bool is_last; /* there is no other place: entries are added also where
			 they had better wait, and as many as there is room */
	redis_link_trouble *trouble;
	redis_link_greeted *greeted;
	redis_link_wrote *wrote;
	redis_link_fit *is_fit;
	void *arg;
};

struct redis_link *redis_link_new(const struct redis_link_common *);
/* What is in flight is reported as not ok. */
void redis_link_free(struct redis_link *);

bool redis_link_is_up(const struct redis_link *);
bool redis_link_has_room(const struct redis_link *);
unsigned redis_link_load(const struct redis_link *); /* in flight */

/* A question can be asked of it, also if it is not up; of which process. */
bool redis_link_is_open(const struct redis_link *);
const char *redis_link_run(const struct redis_link *);
/* The link must be open.  The function is called once, never from inside
 * this one; the answer lives during the call. */
void redis_link_ask(
    struct redis_link *, int n, const char *words[], redis_told *, void *arg);
/* Gives the link no more, and closes it when it is empty: the address leads
 * elsewhere now.  `why` is a literal. */
void redis_link_retire(struct redis_link *, const char *why);

/* The link must have room. */
void redis_link_add(struct redis_link *, const char *key, struct str encoded,
    redis_added *, void *arg);

/* Another link's server did not answer in time, and it is the same server:
 * nothing more goes this way until an answer has come. */
void redis_link_doubt(struct redis_link *);

#endif /* IO_REDIS_INTERNAL_H */

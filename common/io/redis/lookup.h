/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/socket.h>

#include "io/redis/redis.h"

/*
 * lookup: finds the address of a host's name by libevent.  getaddrinfo() would
 * stop the event loop, and with it all deliveries, for seconds.
 */

struct event_base;
struct evdns_base;
struct redis_lookup;

/* Makes a resolver; NULL for a Unix socket, which has no name. */
struct evdns_base *redis_names_new(
    struct event_base *, const struct redis_url *);
void redis_names_free(struct evdns_base *);

/* Called with the address, or with NULL and the reason.  The arguments are
 * valid during the call. */
typedef void redis_found(
    void *arg, const struct sockaddr *, socklen_t, const char *why_not);

/* Begins a lookup, and keeps it in *slot until it ends.  The function may be
 * called before redis_lookup_start() returns.  If the name has n addresses,
 * address number `turn` modulo n is taken. */
void redis_lookup_start(struct redis_lookup **slot, struct evdns_base *,
    const struct redis_url *, unsigned turn, redis_found *, void *arg);

/* Gives a lookup up: its function is not called any more. */
void redis_lookup_drop(struct redis_lookup **slot);

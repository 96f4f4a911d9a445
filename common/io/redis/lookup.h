/* SPDX-License-Identifier: MIT */
#ifndef IO_REDIS_LOOKUP_H
#define IO_REDIS_LOOKUP_H

#include <sys/socket.h>

#include "io/redis/redis.h"

/*
 * redis_lookup: the address behind the host's name, looked up by libevent,
 * since getaddrinfo() would stop the loop, and with it every delivery, for
 * seconds.
 */

struct event_base;
struct evdns_base;
struct redis_lookup;

/* NULL for a Unix socket, which has no name. */
struct evdns_base *redis_names_new(
    struct event_base *, const struct redis_url *);
void redis_names_free(struct evdns_base *);

/* The address, or NULL and why not; both live during the call. */
typedef void redis_found(
    void *arg, const struct sockaddr *, socklen_t, const char *why_not);

/* Begins; *slot is what is under way.  The function may be called before
 * this returns.  Of several addresses, turn says which, modulo. */
void redis_lookup_start(struct redis_lookup **slot, struct evdns_base *,
    const struct redis_url *, unsigned turn, redis_found *, void *arg);

/* The function will not be called any more. */
void redis_lookup_drop(struct redis_lookup **slot);

#endif /* IO_REDIS_LOOKUP_H */

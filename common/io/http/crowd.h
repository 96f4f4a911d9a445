/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * http_crowd: decides which connection gives way, that is, is closed, when
 * there is no room for all of them.
 *
 * A server's connections share two bounds: the number of connections, and the
 * bytes that are held for their requests and answers.  A single source may use
 * a part of each bound (HTTP_SOURCE_PARTS) and no more.  Where a bound is
 * reached, the newcomer is not turned away.  Instead, the connection that has
 * waited the longest for its client gives way: a connection of the source if
 * the source is beyond its part, else any connection.  If bytes are short, the
 * largest of those that have waited the longest gives way (crowd.c).
 *
 * The longest wait decides, and not the size or the speed.  An honest request
 * is complete within a few round trips, and gives way only if as many new
 * connections as the bound allows came in that time.  An attacker who holds
 * connections open waits longer than an honest client, however slowly the bytes
 * trickle in, and from however many addresses.  An attacker who keeps
 * connecting and sends as much as possible holds more bytes than an honest
 * order needs.
 *
 * A source is an IPv4 address or an IPv6 /64, as the socket reports it; headers
 * of proxies are ignored.  Behind a proxy all clients are a single source, and
 * the bounds of the proxy keep its clients apart.
 */

struct conn;
struct http_server;
struct sockaddr;

TAILQ_HEAD(conn_queue, conn);

enum http_wait {
	HTTP_WAIT_NONE = 0, /* the connection does not wait for its client */
	HTTP_WAIT_IDLE,     /* between requests, or after the last answer */
	HTTP_WAIT_SLOW,     /* in the middle of a request or of an answer */
	HTTP_WAIT__MAX,
};

/* A connection is in two crowds: all connections, and those of its source. */
enum http_crowd_kind {
	HTTP_ALL = 0,
	HTTP_SOURCE,
	HTTP_CROWDS
};

enum {
	HTTP_ADDRESS_SIZE = 16
};

struct http_crowd {
	unsigned char address[HTTP_ADDRESS_SIZE]; /* IPv6, or mapped IPv4 */
	enum http_crowd_kind kind;
	/* A queue for each enum http_wait.  The connection that has waited the
	 * longest is first. */
	struct conn_queue waiting[HTTP_WAIT__MAX];
	unsigned nconns;
	size_t bytes;
};

void crowd_init(struct http_crowd *, enum http_crowd_kind);

/* Finds or makes the crowd of the source that an address belongs to.  The crowd
 * lasts until its last connection leaves, or until crowd_forget() if no
 * connection joined. */
struct http_crowd *crowd_of(struct http_server *, const struct sockaddr *);
void crowd_forget(struct http_server *, struct http_crowd *);

/* Adds a new connection, which waits as HTTP_WAIT_IDLE. */
void crowd_join(struct conn *, struct http_crowd *source);
void crowd_leave(struct conn *);
/* Sets how the connection waits from now on. */
void crowd_wait(struct conn *, enum http_wait);
/* Notes that the memory of a connection has changed from `was` to `is`
 * bytes. */
void crowd_hold(struct conn *, size_t was, size_t is);

/* Finds the connection to close because the crowds of `c` hold too many bytes;
 * NULL if they do not.  The connection found may be `c` itself, if `c` waits
 * for its client. */
struct conn *crowd_yields_bytes(const struct conn *c);
/* Finds the crowd that has no room for one more connection; NULL if both have
 * room. */
const struct http_crowd *crowd_full(
    const struct http_server *, const struct http_crowd *source);
/* Finds the connection to close to make room for a new one; NULL if none can be
 * closed. */
struct conn *crowd_longest(const struct http_crowd *);

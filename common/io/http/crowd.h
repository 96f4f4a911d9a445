/* SPDX-License-Identifier: MIT */
#ifndef IO_HTTP_CROWD_H
#define IO_HTTP_CROWD_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * http_crowd: who gives way when there is no room for all.
 *
 * A server's connections share two bounds: how many there may be, and how
 * many bytes may be held for their requests and answers.  One source may
 * have its part of either (HTTP_SOURCE_PARTS) and no more.  Where a bound is
 * reached, the newcomer is not turned away: the one gives way that has been
 * waiting for its client the longest; one of the source if the source is
 * beyond its part, else one of all.  Of bytes, it is the one that holds the
 * most among a few of those (crowd.c).
 *
 * The longest, and not the largest or the slowest: an honest request is
 * whole within a few round trips, so it only gives way if a whole bound's
 * worth of others began after it did.  Whoever holds on to what they have
 * is older than that, however they trickle, and from however many addresses.
 * And who comes again at once, with as much as goes, holds more than an order
 * does.
 *
 * A source is an IPv4 address or an IPv6 /64, as the socket has it.  No
 * header is believed.  Behind a proxy all come from one source, and the
 * proxy's own bounds tell its clients apart.
 */

struct conn;
struct http_server;
struct sockaddr;

TAILQ_HEAD(conn_queue, conn);

enum http_wait {
	HTTP_WAIT_NONE = 0, /* not for the client */
	HTTP_WAIT_IDLE,     /* between requests, or before it goes */
	HTTP_WAIT_SLOW,     /* in the middle of a request or of an answer */
	HTTP_WAIT__MAX,
};

/* A connection is in two: that of all, and that of its source. */
enum http_crowd_kind {
	HTTP_ALL = 0,
	HTTP_SOURCE,
	HTTP_CROWDS
};

enum {
	HTTP_ADDRESS_SIZE = 16
};

struct http_crowd {
	unsigned char address[HTTP_ADDRESS_SIZE]; /* IPv6, or IPv4 in it */
	enum http_crowd_kind kind;
	/* By enum http_wait; first who has waited the longest. */
	struct conn_queue waiting[HTTP_WAIT__MAX];
	unsigned nconns;
	size_t bytes;
};

void crowd_init(struct http_crowd *, enum http_crowd_kind);

/* The crowd of an address's source; it lasts until its last connection
 * leaves, or until crowd_forget() if there was none. */
struct http_crowd *crowd_of(struct http_server *, const struct sockaddr *);
void crowd_forget(struct http_server *, struct http_crowd *);

/* A new connection waits idly. */
void crowd_join(struct conn *, struct http_crowd *source);
void crowd_leave(struct conn *);
/* From now on it waits for this. */
void crowd_wait(struct conn *, enum http_wait);
/* Counts that a connection holds more bytes, or fewer. */
void crowd_hold(struct conn *, size_t was, size_t is);

/* Finds the connection whose bytes are to be given back, as `c` holds too many
 * with the others; NULL: none.  It may be `c`, if `c` itself waits. */
struct conn *crowd_yields_bytes(const struct conn *c);
/* Finds in which of the two there is no room for a connection more; NULL:
 * there is room. */
const struct http_crowd *crowd_full(
    const struct http_server *, const struct http_crowd *source);
/* Finds the connection to close if there must be one less; NULL: none can. */
struct conn *crowd_longest(const struct http_crowd *);

#endif /* IO_HTTP_CROWD_H */

/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include <netinet/in.h>

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "io/http/internal.h"

enum {
	NET_SIZE = 8,   /* bytes of an IPv6 /64, the network of one customer */
	IDLE_LOOKS = 8, /* most idle connections that a search looks at */
	/* When memory is short, the largest of the first SLOW_LOOKS slow
	 * connections is closed.  Fewer honest clients than that send a body at
	 * any one time, and looking at so many takes a few microseconds. */
	SLOW_LOOKS = 128,
};

void
crowd_init(struct http_crowd *crowd, enum http_crowd_kind kind)
{
	crowd->kind = kind;
	for (size_t i = 0; i < HTTP_WAIT__MAX; i++)
		TAILQ_INIT(&crowd->waiting[i]);
}

/* ---- sources ---------------------------------------------------------- */

static int
address_compare(const void *a, const void *b)
{
	return memcmp(a, b, HTTP_ADDRESS_SIZE);
}

static void
address_set(unsigned char to[HTTP_ADDRESS_SIZE], const struct sockaddr *from)
{
	struct in6_addr in6 = IN6ADDR_ANY_INIT;

	if (from->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, from, sizeof(in));
		in6.s6_addr[10] = in6.s6_addr[11] = 0xff;
		memcpy(&in6.s6_addr[12], &in.sin_addr, sizeof(in.sin_addr));
	} else if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 whole;

		memcpy(&whole, from, sizeof(whole));
		in6 = whole.sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&in6))
			memset(&in6.s6_addr[NET_SIZE], 0,
			    HTTP_ADDRESS_SIZE - NET_SIZE);
	}
	memcpy(to, &in6, HTTP_ADDRESS_SIZE);
}

struct http_crowd *
crowd_of(struct http_server *s, const struct sockaddr *from)
{
	unsigned char address[HTTP_ADDRESS_SIZE];
	struct http_crowd *source;
	void *found;

	address_set(address, from);
	found = tfind(address, &s->sources, address_compare);
	if (found != NULL)
		return *(struct http_crowd **)found;
	source = mem_new(sizeof(*source), "a connection");
	crowd_init(source, HTTP_SOURCE);
	memcpy(source->address, address, sizeof(address));
	if (tsearch(source, &s->sources, address_compare) == NULL)
		die("out of memory for a connection");
	return source;
}

void
crowd_forget(struct http_server *s, struct http_crowd *source)
{
	if (source->nconns > 0)
		return;
	(void)tdelete(source, &s->sources, address_compare);
	free(source);
}

/* ---- connections ------------------------------------------------------ */

void
crowd_join(struct conn *c, struct http_crowd *source)
{
	c->crowds[HTTP_ALL] = &c->server->crowd;
	c->crowds[HTTP_SOURCE] = source;
	for (int k = 0; k < HTTP_CROWDS; k++)
		c->crowds[k]->nconns++;
	metrics.http_connections++;
	crowd_wait(c, HTTP_WAIT_IDLE);
}

void
crowd_leave(struct conn *c)
{
	crowd_wait(c, HTTP_WAIT_NONE);
	for (int k = 0; k < HTTP_CROWDS; k++)
		c->crowds[k]->nconns--;
	metrics.http_connections--;
	crowd_forget(c->server, c->crowds[HTTP_SOURCE]);
}

void
crowd_wait(struct conn *c, enum http_wait wait)
{
	for (int k = 0; k < HTTP_CROWDS; k++) {
		struct conn_queue *waiting = c->crowds[k]->waiting;

		if (c->wait != HTTP_WAIT_NONE)
			TAILQ_REMOVE(&waiting[c->wait], c, among[k]);
		if (wait != HTTP_WAIT_NONE)
			TAILQ_INSERT_TAIL(&waiting[wait], c, among[k]);
	}
	c->wait = wait;
}

void
crowd_hold(struct conn *c, size_t was, size_t is)
{
	for (int k = 0; k < HTTP_CROWDS; k++)
		c->crowds[k]->bytes += is - was;
	c->held += is - was;
	metrics.http_bytes += (int64_t)is - (int64_t)was;
}

/* ---- the one to close ------------------------------------------------- */

static struct conn *
largest_of_the_longest(const struct http_crowd *crowd)
{
	struct conn *c = TAILQ_FIRST(&crowd->waiting[HTTP_WAIT_SLOW]);
	struct conn *largest = c;

	for (int looks = 0; c != NULL && looks < SLOW_LOOKS; looks++) {
		if (c->held > largest->held)
			largest = c;
		c = TAILQ_NEXT(c, among[crowd->kind]);
	}
	return largest;
}

struct conn *
crowd_yields_bytes(const struct conn *c)
{
	size_t max = c->server->bytes_max;
	const struct http_crowd *source = c->crowds[HTTP_SOURCE];
	const struct http_crowd *all = c->crowds[HTTP_ALL];

	if (source->bytes > max / HTTP_SOURCE_PARTS)
		return largest_of_the_longest(source);
	if (all->bytes > max)
		return largest_of_the_longest(all);
	return NULL;
}

const struct http_crowd *
crowd_full(const struct http_server *s, const struct http_crowd *source)
{
	if (source->nconns >= s->connections_max / HTTP_SOURCE_PARTS)
		return source;
	return s->crowd.nconns >= s->connections_max ? &s->crowd : NULL;
}

/* Whether a connection has bytes that were not read yet, which would be lost if
 * the connection were closed. */
static bool
has_unread(const struct conn *c)
{
	char byte;

	return c->state == CONN_HEAD &&
	       recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* Prefers an idle connection, whose client loses nothing by connecting
 * again. */
struct conn *
crowd_longest(const struct http_crowd *crowd)
{
	struct conn *c = TAILQ_FIRST(&crowd->waiting[HTTP_WAIT_IDLE]);

	for (int looks = 0; c != NULL && looks < IDLE_LOOKS; looks++) {
		if (!has_unread(c))
			return c;
		c = TAILQ_NEXT(c, among[crowd->kind]);
	}
	return TAILQ_FIRST(&crowd->waiting[HTTP_WAIT_SLOW]);
}

/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/listener.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/clock.h"
#include "io/http/internal.h"
#include "io/port.h"
#include "io/timer.h"

enum {
	BACKLOG = 1024,
	RETRY_MS = 100, /* pause after on_accept_error() */
	WARN_EVERY_MS = 60 * 1000,
};

static void
on_accept(struct evconnlistener *, evutil_socket_t fd, struct sockaddr *from,
    int, void *arg)
{
	struct http_server *s = arg;
	struct http_crowd *source = crowd_of(s, from);
	const struct http_crowd *full = crowd_full(s, source);
	int one = 1;

	if (full != NULL && !conn_close_longest(full)) {
		crowd_forget(s, source);
		close(fd);
		return;
	}
	/* Send each answer, which is a single write, at once, even if it does
	 * not fill a packet. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn_new(s, fd, source);
}

/* Whether a client waits to be accepted.  Without a free descriptor accept(2)
 * fails even if no client waits. */
static bool
is_somebody_there(struct evconnlistener *l)
{
	struct pollfd p = { .fd = evconnlistener_get_fd(l), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Closes a connection if no file descriptor is left.  If none can be closed, or
 * after another error, listens again RETRY_MS later. */
static void
on_accept_error(struct evconnlistener *l, void *arg)
{
	struct http_server *s = arg;
	int error = EVUTIL_SOCKET_ERROR();

	if ((error == EMFILE || error == ENFILE) &&
	    (!is_somebody_there(l) || conn_close_longest(&s->crowd)))
		return;
	/* Until a connection ends, trying again at once would only use up the
	 * processor. */
	if (clock_is_due(&s->warned_at, WARN_EVERY_MS))
		log_warn("cannot take a connection on %s: %s", s->address,
		    strerror(error));
	(void)evconnlistener_disable(l);
	timer_in(s->retry, RETRY_MS);
}

static void
on_retry(evutil_socket_t, short, void *arg)
{
	struct http_server *s = arg;

	if (s->listener != NULL)
		(void)evconnlistener_enable(s->listener);
}

static int
address_find(struct http_server *s, int fd, struct err *e)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char host[64], port[8];

	if (getsockname(fd, (struct sockaddr *)&addr, &len) == -1 ||
	    getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), port,
	        sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(e, FAULT_FATAL,
		    "cannot tell the address that is listened on");
	(void)snprintf(s->address, sizeof(s->address),
	    strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
	return 0;
}

static int
listener_open(struct http_server *s, const char *listen, struct err *e)
{
	struct addrinfo *found;
	int why;

	if (port_find(listen, &found, e) == -1)
		return -1;
	s->listener = evconnlistener_new_bind(s->base, on_accept, s,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	    BACKLOG, found->ai_addr, (int)found->ai_addrlen);
	why = errno;
	freeaddrinfo(found);
	if (s->listener == NULL)
		return port_refused(listen, why, e);
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	return address_find(s, evconnlistener_get_fd(s->listener), e);
}

/* Raises the limit of open files as far as allowed, since the default of 1024
 * is too low.  Returns the number of connections that the limit leaves room
 * for. */
static unsigned
connections_allowed(void)
{
	struct rlimit limit;
	rlim_t left;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return HTTP_CONNECTIONS_MAX;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	left = limit.rlim_cur / 2;
	if (left > HTTP_FILES_LEFT)
		left = HTTP_FILES_LEFT;
	left = limit.rlim_cur - left;
	return left < HTTP_CONNECTIONS_MAX ? (unsigned)left
	                                   : HTTP_CONNECTIONS_MAX;
}

struct http_server *
http_server_new(struct event_base *base, const char *listen,
    http_handler *handler, void *arg, struct err *e)
{
	struct http_server *s = mem_new(sizeof(*s), "a server");

	s->base = base;
	s->handler = handler;
	s->arg = arg;
	LIST_INIT(&s->conns);
	crowd_init(&s->crowd, HTTP_ALL);
	http_server_tighten(s, connections_allowed(), HTTP_BUFFERED_MAX);
	s->retry = timer_new(base, on_retry, s);
	if (listener_open(s, listen, e) == -1) {
		http_server_free(s);
		return NULL;
	}
	return s;
}

void
http_server_free(struct http_server *s)
{
	struct conn *c;

	if (s == NULL)
		return;
	while ((c = LIST_FIRST(&s->conns)) != NULL)
		conn_free(c);
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	event_free(s->retry);
	free(s);
}

const char *
http_server_address(const struct http_server *s)
{
	return s->address;
}

void
http_server_stop(struct http_server *s)
{
	s->is_stopping = true;
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	s->listener = NULL;
}

unsigned
http_server_busy(const struct http_server *s)
{
	return s->busy;
}

void
http_server_on_refusal(struct http_server *s, void (*count)(int status))
{
	s->on_refusal = count;
}

void
http_server_hurry(struct http_server *s, int ms)
{
	s->hurry_ms = ms;
}

void
http_server_tighten(struct http_server *s, unsigned connections, size_t bytes)
{
	s->connections_max = connections;
	s->bytes_max = bytes;
}

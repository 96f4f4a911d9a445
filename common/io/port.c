/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/hostport.h"
#include "base/str.h"
#include "io/port.h"

#define QUESTION "GET /healthz HTTP/1.0\r\n\r\n"

enum {
	ANSWER_MAX = 512 /* bytes of an answer to /healthz */
};

/* Makes a socket on which each call waits at most PORT_ASK_MS; -1 on
 * failure. */
static int
hasty_socket(const struct addrinfo *at)
{
	struct timeval most = { .tv_sec = PORT_ASK_MS / 1000,
		.tv_usec = PORT_ASK_MS % 1000 * INT64_C(1000) };
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd != -1 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most,
	                     sizeof(most)) == -1 ||
	                    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most,
	                        sizeof(most)) == -1)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Whether the program that listens on an address answers "200" and "ok", as a
 * loyald does. */
static bool
is_ours(const struct addrinfo *at)
{
	const char ok[] = "\r\n\r\nok\n";
	char answer[ANSWER_MAX];
	size_t n = 0;
	ssize_t got = 1;
	int fd = hasty_socket(at);

	if (fd == -1)
		return false;
	if (connect(fd, at->ai_addr, at->ai_addrlen) == 0 &&
	    send(fd, QUESTION, sizeof(QUESTION) - 1, MSG_NOSIGNAL) ==
	        (ssize_t)sizeof(QUESTION) - 1) {
		while (got > 0 && n < sizeof(answer)) {
			got = recv(fd, answer + n, sizeof(answer) - n, 0);
			n += got > 0 ? (size_t)got : 0;
		}
	}
	(void)close(fd);
	return n > 12 && memcmp(answer, "HTTP/1.", 7) == 0 &&
	       memcmp(answer + 8, " 200", 4) == 0 &&
	       memmem(answer, n, ok, sizeof(ok) - 1) != NULL;
}

/* Tries to listen on an address.  Returns 0, or the errno of the failure. */
static int
bind_try(const struct addrinfo *at)
{
	int one = 1, why = 0;
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* SO_REUSEADDR, as loyald's servers have it: connections that have
	 * ended do not keep the port in use. */
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, at->ai_addr, at->ai_addrlen) == -1 || listen(fd, 1) == -1)
		why = errno;
	if (fd != -1)
		(void)close(fd);
	return why;
}

int
port_find(const char *listen, struct addrinfo **out, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	char host[HOST_SIZE], port[PORT_SIZE];
	int why;

	if (hostport_split(listen, host, port, e) == -1)
		return -1;
	why = getaddrinfo(host, port, &hints, out);
	if (why == 0)
		return 0;
	return err_set(e, FAULT_CONFIG,
	    "cannot listen on %s: %s. Write an address of this machine, or "
	    "0.0.0.0 for all of them",
	    listen, gai_strerror(why));
}

/* Hints for an operator, by errno of bind() or listen(). */
static const struct {
	int why;
	enum fault fault;
	const char *hint;
} hints[] = {
	/* RETRY, since the program that has the port may be about to end. */
	{ EADDRINUSE, FAULT_RETRY,
	    ". Another program does: end it, or choose another port (ss -ltnp "
	    "tells whose it is)" },
	{ EADDRNOTAVAIL, FAULT_CONFIG,
	    ". Write an address of this machine, or 0.0.0.0 for all of them" },
	{ EACCES, FAULT_CONFIG, ". Choose a port from 1024 on" },
};

int
port_refused(const char *listen, int why, struct err *e)
{
	for (size_t i = 0; i < NITEMS(hints); i++)
		if (hints[i].why == why)
			return err_set(e, hints[i].fault,
			    "cannot listen on %s: %s%s", listen, strerror(why),
			    hints[i].hint);
	return err_set(
	    e, FAULT_CONFIG, "cannot listen on %s: %s", listen, strerror(why));
}

int
port_look(const char *listen, enum port_state *out, struct err *e)
{
	struct addrinfo *found;
	bool ours;
	int why;

	if (port_find(listen, &found, e) == -1)
		return -1;
	why = bind_try(found);
	ours = why == EADDRINUSE && is_ours(found);
	freeaddrinfo(found);
	if (why != 0 && !ours)
		return port_refused(listen, why, e);
	*out = ours ? PORT_OURS : PORT_FREE;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef IO_PORT_H
#define IO_PORT_H

#include "base/cc.h"
#include "base/err.h"

/* port: finds addresses to listen on, says why nobody can listen on an address,
 * and tries whether a process can. */

struct addrinfo;

/* Finds the addresses of "host:port", which freeaddrinfo() frees.  CONFIG if
 * there is no address. */
int port_find(const char *listen, struct addrinfo **, struct err *) MUST_CHECK;
/* Says why nobody can listen on an address, by the errno of bind() or listen(),
 * and what to do: RETRY if another program has the port, else CONFIG.
 * Returns -1. */
int port_refused(const char *listen, int why, struct err *);

enum port_state {
	PORT_FREE = 1,
	PORT_OURS, /* a loyald listens there already, and answers /healthz */
};

enum {
	PORT_ASK_MS = 1000 /* for each step of asking who listens */
};

/* Tries to listen on an address, and stops listening at once.  -1, with the
 * words of port_refused(), if nobody can. */
int port_look(const char *listen, enum port_state *, struct err *) MUST_CHECK;

#endif /* IO_PORT_H */

/* SPDX-License-Identifier: MIT */
#ifndef IO_PORT_H
#define IO_PORT_H

#include "base/cc.h"
#include "base/err.h"

/* port: addresses to listen on: finding them, saying why one cannot be had, and
 * trying whether one can. */

struct addrinfo;

/* Finds the addresses of "host:port", which freeaddrinfo() frees.  CONFIG if
 * there is none. */
int port_find(const char *listen, struct addrinfo **, struct err *) MUST_CHECK;
/* Says why nobody can listen on an address, by the errno of bind() or listen(),
 * and what to do: RETRY if another program has the port, else CONFIG.  Always
 * -1. */
int port_refused(const char *listen, int why, struct err *);

enum port_state {
	PORT_FREE = 1,
	PORT_OURS, /* a loyald listens there already, and answers /healthz */
};

enum {
	PORT_ASK_MS = 1000 /* for each step of asking the program there */
};

/* Tries to listen on an address, and stops at once.  -1 as port_refused(). */
int port_look(const char *listen, enum port_state *, struct err *) MUST_CHECK;

#endif /* IO_PORT_H */

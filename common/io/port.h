/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"

/* port: finds addresses to listen on, tries whether a process can listen there,
 * and explains a failure. */

struct addrinfo;

/* Finds the addresses of "host:port", which freeaddrinfo() frees.  Fails with
 * CONFIG if there is no address. */
int port_find(const char *listen, struct addrinfo **, struct err *) MUST_CHECK;
/* Fills the err for a failure to listen, by the errno of bind() or listen(),
 * with what to do: RETRY if another program has the port, else CONFIG.  Returns
 * -1. */
int port_refused(const char *listen, int why, struct err *);

enum port_state {
	PORT_FREE = 1,
	PORT_OURS, /* a loyald listens there already, and answers /healthz */
};

enum {
	PORT_ASK_MS = 1000 /* limit for each step of asking /healthz */
};

/* Tries to listen on an address, and stops listening at once.  If the address
 * cannot be used, returns -1 with the err of port_refused(). */
int port_look(const char *listen, enum port_state *, struct err *) MUST_CHECK;

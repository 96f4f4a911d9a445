/* SPDX-License-Identifier: MIT */
#ifndef IO_PORT_H
#define IO_PORT_H

#include "base/cc.h"
#include "base/err.h"

/* port: whether an address can be listened on, tried and let go again. */

enum port_state {
	PORT_FREE = 1,
	PORT_OURS, /* a loyald listens there already, and answers /healthz */
};

enum {
	PORT_ASK_MS = 1000 /* for each step of asking who listens */
};

/* 0, or -1: CONFIG if it cannot be listened on here, RETRY if another program
 * has it. */
int port_look(const char *listen, enum port_state *, struct err *) MUST_CHECK;

#endif /* IO_PORT_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"

/* hostport: an address to listen on, "host:port" or "[::1]:port". */

enum {
	HOST_SIZE = 128,
	PORT_SIZE = 8,
	PORT_MAX = 65535,
};

/* Splits an address.  Fails with FAULT_CONFIG if the text is no address. */
int hostport_split(const char *text, char host[HOST_SIZE], char port[PORT_SIZE],
    struct err *) MUST_CHECK;

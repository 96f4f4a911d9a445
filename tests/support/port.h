/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * port: a TCP port of 127.0.0.1 for a server that must be told its port.
 *
 * The port is below the range from which the kernel gives ports to clients.  In
 * that range a server could fail to bind, because a connection of any test,
 * even a closed one, may still have the port.
 *
 * The port is free when port_free() returns.  A caller that can should still
 * try another port if the server does not start.
 */
int port_free(void);

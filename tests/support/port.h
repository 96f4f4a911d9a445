/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PORT_H
#define TESTS_PORT_H

/*
 * port: a TCP port of 127.0.0.1 for a server that must be told its port.
 *
 * The port is below the ports that the kernel gives to clients: any connection
 * of a test, also one closed long ago, may have one of the kernel's ports, to
 * which no server can bind then.  The port is free when port_free() returns; a
 * caller that can should still try another port if the server does not start.
 */
int port_free(void);

#endif /* TESTS_PORT_H */

/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PORT_H
#define TESTS_PORT_H

/*
 * port: a TCP port of 127.0.0.1 for a server that must be told its port.
 *
 * The port is below those that the kernel gives to clients: any connection
 * that a test makes, also one that is long closed, may have one of those, and
 * then the server cannot bind.  Nobody else has the port when this returns;
 * whoever can should still try another when a server does not start.
 */
int port_free(void);

#endif /* TESTS_PORT_H */

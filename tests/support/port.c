/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "port.h"

enum {
	/* Linux gives clients ports from 32768 on, and a node of a Redis
	 * cluster also takes the port 10000 above its own. */
	PORT_FIRST = 12000,
	PORTS = 8000,
	TRIES = 1000,
};

static int
is_free(int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_ANY) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), is;

	if (fd == -1)
		die("no socket: %s", strerror(errno));
	is = bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
	(void)close(fd);
	return is;
}

int
port_free(void)
{
	for (int i = 0; i < TRIES; i++) {
		uint16_t r;
		int port;

		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			die("no random bytes: %s", strerror(errno));
		port = PORT_FIRST + r % PORTS;
		if (is_free(port))
			return port;
	}
	die("no free port from %d on", PORT_FIRST);
}

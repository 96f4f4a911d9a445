/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/slot.h"

unsigned
slot_take(const char *what, unsigned max)
{
	for (unsigned slot = 1; slot <= max; slot++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		int n = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1,
		    "loyald-%s-%u", what, slot);

		if (fd == -1 || n < 0)
			return 0;
		/* Leave the descriptor open until the process ends. */
		if (bind(fd, (struct sockaddr *)&at,
		        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		                    (size_t)n)) == 0)
			return slot;
		close(fd);
	}
	return 0;
}

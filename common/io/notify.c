/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/notify.h"

enum {
	STATUS_MAX = 512, /* bytes of "STATUS=" and a sentence */
};

static struct sockaddr_un manager;
static socklen_t manager_len; /* 0: there is no manager */
static pid_t owner;           /* the process that called notify_init() */

static bool is_ready; /* the manager was told that the process is ready */
static char status[STATUS_MAX];

void
notify_init(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t n = name == NULL ? 0 : strlen(name);

	manager_len = 0;
	is_ready = false;
	status[0] = '\0';
	/* The name is a path, or an abstract socket with @ in place of NUL. */
	if (n < 2 || n >= sizeof(manager.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return;
	manager = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(manager.sun_path, name, n);
	if (name[0] == '@')
		manager.sun_path[0] = '\0';
	manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	owner = getpid();
}

/* Sends a text to the service manager; false if it was not sent.
 * Async-signal-safe, and never waits for a manager that does not read. */
static bool
tell(const char *text, size_t n)
{
	int before = errno, fd;
	bool is_sent = false;

	if (manager_len == 0 || getpid() != owner)
		return false;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		is_sent = sendto(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT,
		              (const struct sockaddr *)&manager,
		              manager_len) != -1;
		close(fd);
	}
	errno = before;
	return is_sent;
}

void
notify_ready(void)
{
	static const char text[] = "READY=1";

	if (!is_ready)
		is_ready = tell(text, sizeof(text) - 1);
}

void
notify_stopping(void)
{
	static const char text[] = "STOPPING=1";

	(void)tell(text, sizeof(text) - 1);
}

void
notify_status(const char *sentence)
{
	char text[STATUS_MAX];

	(void)snprintf(text, sizeof(text), "STATUS=%s", sentence);
	/* The manager would read a second line as another assignment. */
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, status) != 0 && tell(text, strlen(text)))
		memcpy(status, text, sizeof(status));
}

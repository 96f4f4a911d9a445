/* SPDX-License-Identifier: MIT */
/* Checks the messages to the service manager.  The test itself listens at the
 * manager's socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/test.h"
#include "io/notify.h"

enum {
	TEXT_MAX = 4096,
	FULL_MAX = 100000, /* datagrams: more than the kernel holds */
};

static char path[128];
static int fd;

/* Listens at a socket, whose name is a path or "@...", and tells the name to
 * the tested functions. */
static void
manager_new(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n = strlen(name);

	assert_true(n < sizeof(at.sun_path));
	memcpy(at.sun_path, name, n);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&at,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
	    0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	notify_init();
}

/* Returns the messages that have come, a line for each datagram. */
static const char *
told(void)
{
	static char text[TEXT_MAX];
	size_t n = 0;
	ssize_t got;

	while ((got = recv(fd, text + n, sizeof(text) - n - 2, MSG_DONTWAIT)) >=
	       0) {
		n += (size_t)got;
		text[n++] = '\n';
	}
	text[n] = '\0';
	return text;
}

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(
	    path, sizeof(path), "/tmp/loyald-notify.%d", (int)getpid());
	fd = -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (fd != -1)
		close(fd);
	(void)unlink(path);
	return unsetenv("NOTIFY_SOCKET");
}

static void
test_told(void **state)
{
	(void)state;
	manager_new(path);
	notify_status("not ready: starting");
	assert_string_equal(told(), "STATUS=not ready: starting\n");
	notify_status("not ready: starting");
	assert_string_equal(told(), "");
	notify_ready();
	notify_status("ready");
	notify_ready();
	notify_status("ready");
	assert_string_equal(told(), "READY=1\nSTATUS=ready\n");
	notify_stopping();
	assert_string_equal(told(), "STOPPING=1\n");
}

static void
test_name_of_the_kernels(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "@loyald-notify.%d", (int)getpid());
	manager_new(name);
	notify_ready();
	assert_string_equal(told(), "READY=1\n");
}

/* Checks that a status is sent as one line of bounded length, whatever its
 * text. */
static void
test_sentence(void **state)
{
	char longer[2000];

	(void)state;
	manager_new(path);
	notify_status("away\nMAINPID=1");
	assert_string_equal(told(), "STATUS=away\n");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	notify_status(longer);
	assert_true(strlen(told()) < 600);
}

/* Checks that a forked child sends nothing, since the manager knows only its
 * parent as the service. */
static void
test_child(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	manager_new(path);
	pid = fork();
	if (pid == 0) {
		notify_status("of a child");
		notify_ready();
		notify_stopping();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(told(), "");
}

static void
test_nobody(void **state)
{
	char longer[300] = "/";
	const char *names[] = { "", "/", "relative", "vsock:2:1", longer };

	(void)state;
	memset(longer + 1, 'x', sizeof(longer) - 2);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		notify_init();
		notify_ready();
		notify_status("ready");
		notify_stopping();
	}
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	notify_init();
	notify_ready();
}

/* Checks that a manager that does not read its messages does not block us, and
 * gets the message later. */
static void
test_later(void **state)
{
	char number[32];
	unsigned n = 0;

	(void)state;
	manager_new(path);
	for (n = 0; n < FULL_MAX; n++) {
		(void)snprintf(number, sizeof(number), "%u", n);
		notify_status(number);
	}
	notify_status("last");
	notify_ready();
	while (recv(fd, number, sizeof(number), MSG_DONTWAIT) != -1)
		assert_null(strstr(number, "last"));
	notify_status("last");
	notify_ready();
	assert_string_equal(told(), "STATUS=last\nREADY=1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_name_of_the_kernels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_sentence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_child, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_later, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* loyald key: the master key, which encrypts what stores entrust to us. */
#include <stdio.h>

#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/key_file.h"
#include "loop.h"

static int
key_new(int argc, char *argv[])
{
	const char *path = NULL;
	struct config c;
	struct err e;
	int n = 1, status;

	status = tool_read(&c, NULL, argc, argv, &path, &n);
	if (status != EXIT_STOPPED)
		return status;
	if (n == 0) {
		fprintf(stderr, "usage: loyald key new FILE\n");
		return EXIT_USAGE;
	}
	if (key_create(path, &e) == -1)
		return loop_end(&e, EXIT_CONFIG);
	printf("%s holds the new master key: keep a copy of it apart from the "
	       "database's, for without it the stores' secrets are lost\n",
	    path);
	return EXIT_STOPPED;
}

int
cmd_key(int argc, char *argv[])
{
	static const struct tool_verb verbs[] = {
		{ "new", key_new, "FILE: makes a master key, once" },
		{ 0 },
	};

	log_init("key", LOG_INFO);
	return tool_run(verbs, argc, argv);
}

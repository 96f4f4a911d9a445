/* SPDX-License-Identifier: MIT */
/* loyald key: the master key, which encrypts what stores entrust to us. */
#include <stdio.h>

#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/key_file.h"
#include "loop.h"

static int
key_new(struct tool_call *call)
{
	char *path = NULL;
	struct config c;
	struct err e;
	int n = 1, status;

	status = tool_read(call, NULL, &c, &path, &n);
	if (status != EXIT_STOPPED)
		return status;
	if (n == 0)
		return tool_usage(call, "%s wants a FILE", call->argv[0]);
	if (key_create(path, &e) == -1)
		return loop_end(&e, EXIT_CONFIG);
	printf("%s holds the new master key: keep a copy of it apart from the "
	       "database's, for without it the stores' secrets are lost\n",
	    path);
	return EXIT_STOPPED;
}

int
cmd_key(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "new", key_new, "makes a master key, once", .words = "FILE" },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}

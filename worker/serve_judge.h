/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SERVE_JUDGE_H
#define WORKER_SERVE_JUDGE_H

#include <stdbool.h>

#include "base/key.h"

/*
 * serve_judge: the child process of serve, which has the database.  It judges
 * who asks, and looks up what they may know.
 */

/* The kind of a question: what is asked for, and how the asker proves who they
 * are. */
enum {
	ASKED_BALANCE = 1,
	/* Set if the text of the question is a token.  Else the text is a query
	 * that Shopify has signed. */
	ASKED_BY_TOKEN = 0x100,
};

struct serve_judge {
	const char *database_url;
	const struct master_key *key;
	bool was_well; /* an earlier child had the database (io/trouble.h) */
};

/* A child_run of asker.h.  arg is a struct serve_judge. */
int serve_judge(void *arg, int fd);

#endif /* WORKER_SERVE_JUDGE_H */

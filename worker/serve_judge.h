/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SERVE_JUDGE_H
#define WORKER_SERVE_JUDGE_H

#include <stdbool.h>

#include "base/key.h"

/*
 * serve_judge: the child process of serve, which has the database: judges who
 * asks, and looks up what they may know.
 */

enum asked_by {
	ASKED_BY_PROXY = 1, /* the text is a query, signed by Shopify */
	ASKED_BY_TOKEN,     /* the text is a token */
};

struct serve_judge {
	const char *database_url;
	const struct master_key *key;
	bool was_well; /* one of these had the database: trouble.h */
};

/* A child_run of asker.h; arg is a struct serve_judge. */
int serve_judge(void *arg, int fd);

#endif /* WORKER_SERVE_JUDGE_H */

/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/key.h"

/*
 * serve_judge: the child process of serve, which has the connection to the
 * database.  The child checks the identity of the asker, and looks up the
 * answer.
 */

/* The kind of a question: what is asked for, and how the asker proves their
 * identity. */
enum {
	ASKED_BALANCE = 1,
	/* Set if the text of the question is a token.  If this bit is not set,
	 * the text is a query that Shopify has signed. */
	ASKED_BY_TOKEN = 0x100,
};

struct serve_judge {
	const char *database_url;
	const struct master_key *key;
	/* An earlier child reached the database (io/trouble.h). */
	bool was_well;
};

/* A child_run of asker.h.  arg is a struct serve_judge. */
int serve_judge(void *arg, int fd);

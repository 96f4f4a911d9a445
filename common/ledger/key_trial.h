/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/key.h"
#include "io/pg/pg.h"

/*
 * key_trial: tries to open all secrets that a database has sealed with a master
 * key, to find out whether this is the key of the database.  Nothing that was
 * opened is kept.
 */

struct key_trial {
	size_t stores;
	size_t secrets, secrets_open; /* current and previous secrets */
	size_t tokens, tokens_open;
	/* Only the newest open dead letter is tried: 0 or 1. */
	size_t letters, letters_open;
};

int key_trial_run(struct pg *, struct arena *, const struct master_key *,
    struct key_trial *, struct err *) MUST_CHECK;
/* Whether every value that was tried could be opened; true if there was none.
 */
bool key_trial_fits(const struct key_trial *);

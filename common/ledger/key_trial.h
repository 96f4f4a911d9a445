/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_KEY_TRIAL_H
#define LEDGER_KEY_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/key.h"
#include "io/pg/pg.h"

/*
 * key_trial: whether a master key is the one of a database: how much of what
 * is sealed there it opens.  Nothing that was opened leaves.
 */

struct key_trial {
	size_t stores;
	size_t secrets, secrets_open; /* current and previous ones */
	size_t tokens, tokens_open;
	size_t letters, letters_open; /* the newest open dead letter, if any */
};

int key_trial_run(struct pg *, struct arena *, const struct master_key *,
    struct key_trial *, struct err *) MUST_CHECK;
/* Whether all of it opened; also if there was nothing. */
bool key_trial_fits(const struct key_trial *);

#endif /* LEDGER_KEY_TRIAL_H */

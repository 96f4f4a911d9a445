/* SPDX-License-Identifier: MIT */
#ifndef LEDGER_PROGRAM_EDIT_H
#define LEDGER_PROGRAM_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "io/pg/pg.h"

/*
 * program_edit: versions of programs, as an operator publishes and sees
 * them.
 *
 * A version is never changed: it has its file, the file's SHA-256 and the
 * time from which it is in effect, and versions come into effect in the
 * order of their numbers.  Its wallets get their numbers here.
 */

struct program_new {
	int64_t tenant_id, store_id;
	const char *currency, *timezone; /* the store's */
	struct str file;
	int64_t effective_from; /* 0: now; the first is so since ever */
};

struct program_added {
	int32_t version;
	bool fresh; /* else it is the newest's, which is this file already */
	int64_t effective_from; /* of that one */
};

/*
 * Within the caller's transaction, which holds the store.  REJECT if the file
 * is no program, or is to come into effect before another does.
 */
int program_add(struct pg *, struct arena *, const struct program_new *,
    struct program_added *, struct err *) MUST_CHECK;

/*
 * The same in a transaction of its own, for the store of that number, which
 * says the tenant, the currency and the time zone; tells the processes.
 * Whether the file's own tests pass is for the caller to see.
 */
int program_publish(struct pg *, struct arena *, const struct program_new *,
    struct program_added *, struct err *) MUST_CHECK;

struct program_row {
	int32_t version_id;
	int64_t effective_from; /* 0: since ever */
	int64_t created_at;
	const char *sha256; /* hexadecimal */
	struct str file;
};
/* A store's versions, the newest first. */
int programs_list(struct pg *, struct arena *, int64_t store_id,
    struct program_row **, size_t *n, struct err *) MUST_CHECK;

#endif /* LEDGER_PROGRAM_EDIT_H */

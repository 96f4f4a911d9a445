/* SPDX-License-Identifier: MIT */
#pragma once

#include "io/pg/pg.h"

/*
 * program_edit: versions of programs, as an operator publishes and sees them.
 *
 * A version consists of its file, the file's SHA-256 and the time from which it
 * is in effect.  A version never changes.  Versions come into effect in the
 * order of their numbers.  When a program is published, its wallets get their
 * numbers.
 */

struct program_new {
	int64_t tenant_id, store_id;
	const char *currency, *timezone; /* the same as the store has */
	struct str file;
	/* When the version takes effect; 0: now.  A store's first version is
	 * always in effect for all time. */
	int64_t effective_from;
};

struct program_added {
	int32_t version;
	/* False: nothing was added, because the newest version has the same
	 * file.  In that case this struct describes the newest version. */
	bool fresh;
	int64_t effective_from; /* when the version takes effect */
};

/*
 * Adds a version, in the caller's transaction, which has locked the store.
 * REJECT if the file is no program, or there is a version that comes into
 * effect later than this one.
 */
int program_add(struct pg *, struct arena *, const struct program_new *,
    struct program_added *, struct err *) MUST_CHECK;

/*
 * Adds a version in a transaction of its own, and notifies the processes.  The
 * function reads only store_id, file and effective_from of the program_new;
 * tenant, currency and time zone are the store's.  The caller has run the tests
 * that the file includes.
 */
int program_publish(struct pg *, struct arena *, const struct program_new *,
    struct program_added *, struct err *) MUST_CHECK;

struct program_row {
	int32_t version_id;
	int64_t effective_from; /* 0: in effect for all time */
	int64_t created_at;
	const char *sha256; /* in hexadecimal */
	struct str file;
};
/* Lists a store's versions, the newest first. */
int programs_list(struct pg *, struct arena *, int64_t store_id,
    struct program_row **, size_t *n, struct err *) MUST_CHECK;

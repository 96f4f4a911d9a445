/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "core/program.h"

/* programs: the versions of the stores' programs, and questions about them. */

struct world;
struct zone_table;

/* A version of a store's program. */
struct program_version {
	/* A number of the row in the database, which each change of the row
	 * changes. */
	int64_t row_version;
	int64_t tenant_id, store_id;
	int32_t version_id;
	int64_t effective_from;
	/* Whether any version of the tenant's programs looks beyond one order:
	 * then all members of the tenant have timelines. */
	bool timeline;
	/* Whether any version of the store's programs asks for a property of
	 * products, such as a tag. */
	bool products;
	/* Whether this version has a rule on referrals, for the referrer or the
	 * friend. */
	bool referrals;
	/* Versions with equal files may share a program. */
	const struct program *program;
};
/* Loads all versions of the programs of the world's stores into the arena
 * given, sorted by (store_id, effective_from, version_id). */
int programs_load(struct world *, struct arena *, struct err *) MUST_CHECK;
/*
 * Brings the world's list of programs up to date.  The list may be empty at
 * first; the stores must be up to date already.  A version is loaded and parsed
 * only if it is new, if its row has changed, or if its store has another
 * currency or time zone now.  *changed says whether there is a new list, which
 * is then in the world's arena.  The programs of both lists are in `kept`; the
 * zones must outlive the programs.
 */
int programs_renew(struct world *, struct arena *kept, struct zone_table *,
    bool *changed, struct err *) MUST_CHECK;
/* Finds the versions of a store's program; *of is how many they are. */
const struct program_version *programs_of(
    const struct program_version *, size_t n, int64_t store_id, size_t *of);
/* Finds a version of a store's program by its number or, if version_id is 0,
 * the version in effect at an instant.  NULL: there is none. */
const struct program_version *programs_find(const struct program_version *,
    size_t n, int64_t store_id, int32_t version_id, int64_t at);
/* Whether any program of the list lets members give to charities. */
bool programs_give_away(const struct program_version *, size_t n);
/* Whether any program of the list has rewards. */
bool programs_have_rewards(const struct program_version *, size_t n);
/* Whether any program of the list has a rule on referrals. */
bool programs_ask_referrals(const struct program_version *, size_t n);
/* Whether any version of the store's program asks for a property of products,
 * such as a tag. */
bool programs_ask_products(
    const struct program_version *, size_t n, int64_t store_id);
/* Whether all members of the store's tenant have timelines. */
bool programs_look_back(
    const struct program_version *, size_t n, int64_t store_id);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/shop/reward.h"

/*
 * benefit: the calls by which a shop has a benefit as a discount for a segment of
 * customers (core/benefit_life.h).
 *
 * The discount and the segment have names of their own at the shop, by which they are found when
 * their ids are not known.  Of each name a shop has one, so that a call whose answer
 * was lost makes nothing a second time.
 */

struct benefit_make {
	/* The discount: its kind, title, percent, minimum, goods, `made_as`. */
	struct reward_make as;
	const char *known_title; /* the title it was made with; NULL: none */
	const char *segment_name, *segment_query;
	const char *segment_as; /* the platform's id; NULL: not known */
	/* The goods, or the kind, are others than those of the discount that
	 * is there: it must be made anew. */
	bool is_other;
};

/* Writes the names, and the query by which customers with the tags of push are in
 * the segment.  NULL: the query is too long for a shop. */
const char *benefit_title(struct arena *, const struct benefit *);
const char *benefit_segment_name(struct arena *, const char *id);
const char *benefit_segment_query(struct arena *, const struct benefit *);

enum {
	BENEFIT_DIGEST_SIZE = 32 + 1 + 32 + 1 /* with the end */
};
/* Writes a digest of what is wanted of a benefit: of its kind and goods, a dash, and
 * of the rest. */
const char *benefit_digest(
    struct arena *, const struct benefit *, const char *currency);
/* Whether two digests are of the same kind and goods. */
bool benefit_digest_is_like(const char *, const char *);

struct benefit_answer {
	/* As in struct reward_answer. */
	enum push_outcome outcome;
	int64_t wait_ms;
	bool throttled;
	char why[PUSH_WHY_MAX];

	enum benefit_seen seen; /* of BENEFIT_LOOK and BENEFIT_SEGMENT_LOOK */
	const char *id;         /* of what was found or made; NULL: none */
};

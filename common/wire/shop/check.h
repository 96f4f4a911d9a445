/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SHOP_CHECK_H
#define WIRE_SHOP_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * shop_check: whether a store's API address and token are right for what
 * `push` does, found out by calls that change nothing.  Pure: the calls are
 * made elsewhere (struct shop's check_call), and their answers are put here
 * for the platform to read (check_read).
 *
 * Findings are whole sentences for the operator, and say what to do; no token
 * is in them, and of the shop's answers only names, codes and addresses.
 */

enum {
	CHECK_CALLS_MAX = 3,
	CHECK_FINDINGS_MAX = 10,
};

/* The store as the operator told it. */
struct check_store {
	int64_t store_id;
	const char *domain, *currency, *timezone, *api_url;
};

struct check_answer {
	int status; /* 0: it was not asked, or did not answer */
	struct str body;
	struct str redirect; /* the URL it sends on to, or empty */
};

enum finding_kind {
	FINDING_OK = 1,
	FINDING_WARNING, /* works, but is perhaps not what is meant */
	FINDING_WRONG,   /* nothing is pushed like this */
};

struct finding {
	enum finding_kind kind;
	const char *text;
};

struct shop_check {
	struct arena *arena;
	struct check_store store;
	struct check_answer answers[CHECK_CALLS_MAX]; /* by the calls' number */
	struct finding findings[CHECK_FINDINGS_MAX];
	size_t n;
};

void shop_check_find(
    struct shop_check *, enum finding_kind, const char *fmt, ...) PRINTF(3, 4);
/* Whether no finding is FINDING_WRONG. */
bool shop_check_is_ok(const struct shop_check *);
/* The name of a kind: "ok", "warning", "wrong". */
const char *finding_kind_name(enum finding_kind);

/* ---- for the platforms' files ------------------------------------------- */

/* The shop's own description; fields that it does not tell are NULL. */
struct json_t;

struct check_told {
	const char *name, *domain, *currency, *timezone;
};

/* A text of the shop's, fit to be shown; NULL if there is none. */
const char *shop_check_text(
    const struct shop_check *, const struct json_t *, const char *key);

/* Says who answers, and where that differs from the store. */
void shop_check_compare(struct shop_check *, const struct check_told *);

/* Says what is wrong with an answer that any web server may give instead of the
 * API: a redirect, a page, trouble.  Its body is no JSON, or the platform has
 * no better sentence for its status. */
void shop_check_answered(struct shop_check *, const struct check_answer *);

#endif /* WIRE_SHOP_CHECK_H */

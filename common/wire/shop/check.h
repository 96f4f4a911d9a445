/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/arena.h"
#include "wire/value.h"

/*
 * check: whether a store's API address and token are right, found out by calls
 * that change nothing.
 *
 * struct shop has two functions for a check.  check_call writes the calls,
 * which the caller makes.  check_read turns the answers, which the caller puts
 * into a struct shop_check, into findings.
 *
 * A finding is a whole sentence that tells the operator what to do.  No finding
 * shows a token; of the shop's answers, findings show only names, codes and
 * addresses.  Findings are in the arena.
 */

enum {
	CHECK_CALLS_MAX = 3,
	CHECK_FINDINGS_MAX = 10,
};

/* The store as the operator entered it. */
struct check_store {
	int64_t store_id;
	const char *domain, *currency, *timezone, *api_url;
};

struct check_answer {
	int status; /* 0: the call was not made, or got no answer */
	struct str body;
	struct str redirect; /* the URL of a redirect, or empty */
};

enum finding_kind {
	FINDING_OK = 1,
	FINDING_WARNING, /* push works, but the store may be entered wrongly */
	FINDING_WRONG,   /* push cannot work */
};

struct finding {
	enum finding_kind kind;
	const char *text;
};

struct shop_check {
	struct arena *arena;
	struct check_store store;
	/* answers[i] is the answer to call i */
	struct check_answer answers[CHECK_CALLS_MAX];
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

/* A shop's answer about itself; NULL for a text that the answer lacks. */
struct check_told {
	const char *name, *domain, *currency, *timezone;
};

/* Returns a text of the shop's answer, cleaned so that it can be shown; NULL if
 * the key has no text. */
const char *shop_check_text(
    const struct shop_check *, struct value, const char *key);

/* Adds findings: which shop answered, and what the shop says differently from
 * the store. */
void shop_check_compare(struct shop_check *, const struct check_told *);

/* Adds a finding about an answer that any web server may give in place of the
 * API: a redirect, a page, an error.  Used for answers without JSON, and for
 * statuses that the platform's own file does not explain. */
void shop_check_answered(struct shop_check *, const struct check_answer *);

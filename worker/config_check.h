/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"
#include "base/faults.h"

/*
 * config_check: finds out, before the processes of loyald are started, whether
 * their settings are complete and the services that they need answer.  The
 * check ends after a limited time, and changes nothing.
 */

enum verdict {
	VERDICT_OK = 1,
	VERDICT_WRONG,
	VERDICT_WARN,    /* works, but an operator should look at it */
	VERDICT_UNASKED, /* could not be checked, or no role needs it */
};
const char *verdict_name(enum verdict);

enum {
	/* Room for all faults of the settings, and for the other rows. */
	CHECK_ROWS_MAX = 96
};

/* The roles, as bits. */
enum {
	CHECK_RECEIVE = 1,
	CHECK_WORK = 2,
	CHECK_PUSH = 4,
	CHECK_SCHEDULE = 8,
	CHECK_SERVE = 16,
	CHECK_OPERATOR = 32, /* the operator's tools */
	CHECK_RECONCILE = 64,
	CHECK_ROLES = CHECK_RECEIVE | CHECK_WORK | CHECK_PUSH | CHECK_SCHEDULE |
	              CHECK_SERVE | CHECK_RECONCILE,
};

struct config_check {
	struct arena *arena;
	const struct config *config;
	const struct faults *faults; /* the faults of the settings */
	unsigned roles;
	const char *told; /* the last failure that PostgreSQL gave, or NULL */
	bool is_away;     /* the database did not answer */
	/* True if the command line names no role: a setting that is missing
	 * then counts as not needed. */
	bool by_default;
	struct check_row {
		const char *what, *why;
		enum verdict verdict;
	} rows[CHECK_ROWS_MAX];
	size_t n;
};

/* Reads "work,serve" as roles.  Returns the first word that names no role, or
 * NULL if each word names one. */
const char *config_check_roles(
    struct arena *, const char *names, unsigned *roles);

void config_check_all(struct config_check *);
/* Whether any verdict is VERDICT_WRONG. */
bool config_check_failed(const struct config_check *);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/err.h"
#include "base/str.h"

/*
 * refusal: explains to an operator why there is no connection to PostgreSQL.
 * The sentence names the server, the database, the login, the server's answer,
 * and what to do.
 *
 * A server that is away, that starts, or that has no room is RETRY.  Every
 * other refusal is about the settings: CONFIG.
 */

/* A server, database and login, for messages to people; never a password. */
struct pg_place {
	const char *host, *port; /* a host that begins with / is a folder */
	const char *database, *login;
};

/* Writes "db.internal:5432", or the folder of the socket. */
enum {
	PG_PLACE_MAX = 160
};
void pg_place_text(const struct pg_place *, char out[PG_PLACE_MAX]);

/* Finds the server's own sentence in libpq's message.  If several addresses
 * were tried, the last address that answered counts; false if none answered.
 * The SQLSTATE is "?" unless libpq was told to be verbose
 * (PQERRORS_VERBOSE). */
bool pg_server_said(const char *message, struct str *state, struct str *said);

/* Fills the err for a failure to connect, from libpq's message.  Returns -1. */
int pg_refused(const struct pg_place *, const char *message, struct err *);

/* Fills the err for a forbidden statement (42501): who lacks which right.
 * `role` is the role of the process, NULL for migrate.  has_role: the
 * connection has changed to that role.  Returns -1. */
int pg_forbidden(const struct pg_place *, const char *role, bool has_role,
    const char *what, const char *said, struct err *);

/* Whether no part of the URL looks like a piece of the password.  If a password
 * has an @ or / that is not written as %40 or %2F, libpq reads the password as
 * several parts. */
bool pg_place_is_sane(const struct pg_place *);

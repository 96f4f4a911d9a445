/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "io/pg/refusal.h"

enum {
	STATE_SIZE = 5,      /* characters of an SQLSTATE */
	NAME_MAX_SHOWN = 64, /* the longest name that PostgreSQL allows */
};

void
pg_place_text(const struct pg_place *p, char out[PG_PLACE_MAX])
{
	if (p->host[0] == '/' || p->host[0] == '\0')
		(void)snprintf(out, PG_PLACE_MAX, "%.120s",
		    p->host[0] == '\0' ? "its socket" : p->host);
	else
		(void)snprintf(
		    out, PG_PLACE_MAX, "%.120s:%.10s", p->host, p->port);
}

/* ---- what the server says ---------------------------------------------- */

/* Answers by SQLSTATE or its class.  The first row that fits is used, and the
 * last row fits all: any other refusal is about the settings, too. */
static const struct answer {
	const char *state;
	enum fault fault;
	const char *remedy;
} answers[] = {
	{ "28P01", FAULT_CONFIG,
	    "correct user and password in LOYALD_DATABASE_URL" },
	{ "28", FAULT_CONFIG,
	    "correct the user in LOYALD_DATABASE_URL, or let it in: a role "
	    "with LOGIN, and a line of pg_hba.conf for it and this host" },
	{ "3D000", FAULT_CONFIG,
	    "correct the database in LOYALD_DATABASE_URL, or create it" },
	{ "42501", FAULT_CONFIG,
	    "GRANT CONNECT ON DATABASE to the login, or correct "
	    "LOYALD_DATABASE_URL" },
	/* The server starts, recovers or is about to stop. */
	{ "57", FAULT_RETRY, "it takes no connections yet" },
	{ "53", FAULT_RETRY,
	    "it has no room: are max_connections, or the limit of the login "
	    "or the database, too low?" },
	{ "58", FAULT_RETRY, "its own log says more" },
	{ "08", FAULT_RETRY, "its own log says more" },
	{ "XX", FAULT_RETRY, "its own log says more" },
	{ "?", FAULT_RETRY, "its own log says more" }, /* no SQLSTATE */
	{ "", FAULT_CONFIG, "correct LOYALD_DATABASE_URL, or the server" },
};

/* libpq's own texts about wrong settings, which are in English as long as
 * loyald does not call setlocale(). */
static const struct {
	const char *words, *remedy;
} own[] = {
	{ "no password supplied",
	    "it wants a password: put it into LOYALD_DATABASE_URL" },
	{ "SSL was required",
	    "it speaks no TLS: turn ssl on there, or take sslmode out of "
	    "LOYALD_DATABASE_URL" },
	{ "certificate", "correct the certificates, or sslmode and sslrootcert "
	                 "in LOYALD_DATABASE_URL" },
	{ "private key file", "correct sslkey in LOYALD_DATABASE_URL, or the "
	                      "file's mode" },
	{ "GSSAPI encryption required",
	    "take gssencmode out of LOYALD_DATABASE_URL" },
	{ "definition of service", "correct the service, or PGSERVICEFILE" },
	{ "service file", "correct the service, or PGSERVICEFILE" },
	{ "is too long (maximum",
	    "let host name a folder with a shorter path" },
	{ "could not parse network address",
	    "correct hostaddr in LOYALD_DATABASE_URL, or call it host" },
	{ "Permission denied",
	    "let the user of this process use the socket and its folder" },
};

static bool
is_state(const char *s)
{
	for (int i = 0; i < STATE_SIZE; i++)
		if (!(s[i] >= '0' && s[i] <= '9') &&
		    !(s[i] >= 'A' && s[i] <= 'Z'))
			return false;
	return s[STATE_SIZE] == ':' && s[STATE_SIZE + 1] == ' ';
}

/* Finds the sentence of the server in libpq's message:
 * "connection to ... failed: FATAL:  ...".  The sentence begins after the
 * severity (in the server's language), a colon and two blanks.  The line with a
 * place in PostgreSQL's source is skipped. */
bool
pg_server_said(const char *message, struct str *state, struct str *said)
{
	static const char place[] = "LOCATION:";
	bool found = false;

	while (*message != '\0') {
		size_t len = strcspn(message, "\n");
		const char *at = memmem(message, len, ":  ", 3);

		if (at != NULL && strncmp(message, place, 9) != 0) {
			bool has = is_state(at + 3);
			const char *text = at + 3 + (has ? STATE_SIZE + 2 : 0);

			found = true;
			*state = has ? (struct str){ at + 3, STATE_SIZE }
			             : STR("?");
			*said = (struct str){ text,
				(size_t)(message + len - text) };
		}
		message += len + (message[len] != '\0');
	}
	return found;
}

static const struct answer *
answer_of(struct str state)
{
	const struct answer *a = answers;

	while (state.len < strlen(a->state) ||
	       memcmp(state.data, a->state, strlen(a->state)) != 0)
		a++;
	return a;
}

static int
server_refused(
    const struct pg_place *p, struct str state, struct str said, struct err *e)
{
	const struct answer *a = answer_of(state);
	char where[PG_PLACE_MAX];

	pg_place_text(p, where);
	return err_set(e, a->fault,
	    "PostgreSQL at %s refused the login %.*s to the database %.*s: "
	    "%.*s (SQLSTATE %.*s): %s",
	    where, NAME_MAX_SHOWN, p->login, NAME_MAX_SHOWN, p->database,
	    (int)said.len, said.data, (int)state.len, state.data, a->remedy);
}

int
pg_refused(const struct pg_place *p, const char *message, struct err *e)
{
	int line = (int)strcspn(message, "\n");
	struct str state, said;
	char where[PG_PLACE_MAX];

	if (pg_server_said(message, &state, &said))
		return server_refused(p, state, said, e);
	pg_place_text(p, where);
	for (size_t i = 0; i < NITEMS(own); i++) {
		if (strstr(message, own[i].words) == NULL)
			continue;
		if (p->login[0] == '\0') /* libpq reached no server */
			return err_set(e, FAULT_CONFIG,
			    "LOYALD_DATABASE_URL cannot be used: %.*s: %s",
			    line, message, own[i].remedy);
		return err_set(e, FAULT_CONFIG,
		    "PostgreSQL at %s cannot be used by the login %.*s: %.*s: "
		    "%s",
		    where, NAME_MAX_SHOWN, p->login, line, message,
		    own[i].remedy);
	}
	/* libpq's own complaints about a URL begin with these words, and quote
	 * text that may be a piece of a password. */
	if (strncmp(message, "invalid ", 8) == 0 ||
	    strncmp(message, "could not match", 15) == 0)
		return err_set(e, FAULT_CONFIG,
		    "LOYALD_DATABASE_URL has a part that libpq does not "
		    "take, %.*s: correct it",
		    (int)strcspn(message, "\":\n"), message);
	return err_set(e, FAULT_RETRY,
	    "PostgreSQL cannot be reached: %.*s: is it up, and is "
	    "LOYALD_DATABASE_URL right?",
	    line, message);
}

/* ---- rights ------------------------------------------------------------ */

int
pg_forbidden(const struct pg_place *p, const char *role, bool has_role,
    const char *what, const char *said, struct err *e)
{
	int line = (int)strcspn(said, "\n");
	char where[PG_PLACE_MAX], remedy[2 * PG_PLACE_MAX];

	pg_place_text(p, where);
	if (role == NULL)
		(void)snprintf(remedy, sizeof(remedy),
		    "the login %.*s must own the database and have CREATEROLE",
		    NAME_MAX_SHOWN, p->login);
	else if (has_role)
		(void)snprintf(remedy, sizeof(remedy),
		    "the role %s lacks a right that loyald migrate gives it: "
		    "GRANT it again",
		    role);
	else
		(void)snprintf(remedy, sizeof(remedy), "GRANT %s TO %.*s", role,
		    NAME_MAX_SHOWN, p->login);
	return err_set(e, FAULT_CONFIG,
	    "PostgreSQL at %s, database %.*s, %s: %.*s (SQLSTATE 42501): %s",
	    where, NAME_MAX_SHOWN, p->database, what, line, said, remedy);
}

/* ---- the parts --------------------------------------------------------- */

bool
pg_place_is_sane(const struct pg_place *p)
{
	return strpbrk(p->host, "@?#") == NULL &&
	       p->port[strspn(p->port, "0123456789,")] == '\0' &&
	       strpbrk(p->database, "@") == NULL;
}

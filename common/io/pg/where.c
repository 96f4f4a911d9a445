/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "io/pg/pg.h"
#include "io/pg/refusal.h"

/* where: the server, login and database that a URL leads to, for people. */

static const char *
value_of(const PQconninfoOption *o, const char *keyword)
{
	for (; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val;
	return NULL;
}

static const char *
either(const PQconninfoOption *given, const PQconninfoOption *defaults,
    const char *keyword)
{
	const char *value = value_of(given, keyword);

	if (value == NULL || value[0] == '\0')
		value = value_of(defaults, keyword);
	return value == NULL ? "" : value;
}

void
pg_where(const char *dsn, char out[PG_WHERE_MAX])
{
	char *why = NULL; /* libpq's error quotes the URL: never shown */
	PQconninfoOption *given = PQconninfoParse(dsn, &why);
	PQconninfoOption *defaults = PQconndefaults();
	struct pg_place at = {
		.login = either(given, defaults, "user"),
		.host = either(given, defaults, "host"),
		.port = either(given, defaults, "port"),
		.database = either(given, defaults, "dbname"),
	};

	/* Without a host libpq uses a socket of this machine.  Without a
	 * database libpq uses the database that has the name of the login. */
	if (at.host[0] == '\0')
		at.host = either(given, defaults, "hostaddr");
	if (at.host[0] == '\0')
		at.host = "local";
	if (at.database[0] == '\0')
		at.database = at.login;
	if (given == NULL || !pg_place_is_sane(&at))
		(void)snprintf(out, PG_WHERE_MAX, "?");
	else
		(void)snprintf(out, PG_WHERE_MAX, "%s@%s:%s/%s", at.login,
		    at.host, at.port, at.database);
	PQfreemem(why);
	PQconninfoFree(given);
	PQconninfoFree(defaults);
}

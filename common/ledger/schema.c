/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/log.h"
#include "io/clock.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "wire/sign.h"

enum {
	/* How often a migration is tried if its tables are in use.  Each try
	 * waits for at most two seconds, and the other processes go on between
	 * the tries. */
	BUSY_TRIES = 15,
	BUSY_PAUSE_MS = 1000,
};

struct migration {
	int number;
	const char *name;
	const char *text;
};

#include "migrations.gen.h"

/* The key of an advisory lock: the letters of "loyald" as a number.  Any number
 * will do that no other program uses. */
#define MIGRATION_LOCK "6c6f79616c64"

/* A migration waits up to 60 s for another loyald migrate, but only 2 s for a
 * table that is in use. */
static const char prepare[] = "SET lock_timeout = '60s';"
                              "SET statement_timeout = 0;"
                              "SELECT pg_advisory_lock(x'" MIGRATION_LOCK
                              "'::bigint);"
                              "SET lock_timeout = '2s';"
                              "CREATE TABLE IF NOT EXISTS migration ("
                              " number bigint PRIMARY KEY,"
                              " name text NOT NULL,"
                              " sha256 bytea NOT NULL,"
                              " applied_at timestamptz NOT NULL DEFAULT now())";

static const char finish[] = "SELECT pg_advisory_unlock(x'" MIGRATION_LOCK
                             "'::bigint)";

static void
checksum(const struct migration *m, uint8_t sum[32])
{
	sha256(str_of(m->text), sum);
}

/* Writes the error for a table of migrations that cannot be read: the table
 * does not exist, or it belongs to another program. */
static int
list_failed(struct pg *pg, struct err *e)
{
	char where[PG_NAME_MAX];

	pg_name(pg, where);
	if (strstr(e->msg, "SQLSTATE 42P01") != NULL)
		return err_set(e, FAULT_CONFIG,
		    "%s has no loyald schema: run loyald migrate", where);
	if (strstr(e->msg, "SQLSTATE 42703") != NULL)
		return err_set(e, FAULT_CONFIG,
		    "%s has a table called migration that is not loyald's: it "
		    "is another program's database, so let "
		    "LOYALD_DATABASE_URL name one for loyald alone",
		    where);
	return -1;
}

/* Counts the migrations that are applied, and checks that they are the same as
 * those built in. */
static int
count_applied(struct pg *pg, size_t *applied, struct err *e)
{
	struct pg_rows rows;
	int ret = 0;

	if (pg_ask(pg, SQL_MIGRATION_LIST, NULL, &rows, e) == -1)
		return list_failed(pg, e);
	for (int i = 0; i < rows.n && i < (int)NITEMS(migrations); i++) {
		const struct migration *m = &migrations[i];
		struct str was = pg_get_str(&rows, i, 2);
		uint8_t sum[32];

		checksum(m, sum);
		if (pg_get_bigint(&rows, i, 0) == m->number &&
		    str_eq(was, (struct str){ (char *)sum, sizeof(sum) }))
			continue;
		ret = err_set(e, FAULT_FATAL,
		    "migration %s was applied in another form than this "
		    "loyald has: migrations are never changed, add a new one",
		    m->name);
		break;
	}
	*applied = (size_t)rows.n;
	pg_done(&rows);
	return ret;
}

static int
apply(struct pg *pg, struct arena *a, const struct migration *m, struct err *e)
{
	struct pg_params p = { .arena = a };
	uint8_t sum[32];

	checksum(m, sum);
	if (pg_begin(pg, e) == -1)
		return -1;
	pg_bigint(&p, m->number);
	pg_text(&p, m->name);
	pg_str(&p, (struct str){ (char *)sum, sizeof(sum) });
	if (pg_script(pg, m->text, e) == -1 ||
	    pg_tell(pg, SQL_MIGRATION_ADD, &p, e) == -1) {
		pg_rollback(pg);
		return err_wrap(e, "migration %s", m->name);
	}
	return pg_commit(pg, e);
}

/* Applies a migration while other processes run: if the migration waits too
 * long for locks of these processes, it is undone and tried again. */
static int
apply_when_free(
    struct pg *pg, struct arena *a, const struct migration *m, struct err *e)
{
	for (int tries = 1; apply(pg, a, m, e) == -1; tries++) {
		if (e->fault != FAULT_RETRY || !pg_is_connected(pg))
			return -1;
		if (tries == BUSY_TRIES)
			return err_wrap(e,
			    "nothing was changed, since the tables are in use: "
			    "run loyald migrate again");
		log_info("%s; it is tried again", e->msg);
		clock_sleep_ms(BUSY_PAUSE_MS);
	}
	return 0;
}

/* Called if the very first migration failed: drops the table of migrations.  If
 * the database has tables of another program, the err says so. */
static int
nothing_made(struct pg *pg, struct err *e)
{
	char where[PG_NAME_MAX];
	struct err ignored;

	pg_name(pg, where);
	if (pg_is_connected(pg) &&
	    pg_script(pg, "DROP TABLE migration", &ignored) == -1)
		log_warn("the table migration is left in %s: %s", where,
		    ignored.msg);
	if (strstr(e->msg, "SQLSTATE 42P07") == NULL &&
	    strstr(e->msg, "SQLSTATE 42710") == NULL)
		return -1;
	return err_set(e, FAULT_CONFIG,
	    "%s holds something else already (%.200s): let LOYALD_DATABASE_URL "
	    "name a database for loyald alone. Nothing was changed",
	    where, e->msg);
}

int
schema_migrate(struct pg *pg, struct arena *a, schema_applied *told, void *arg,
    struct err *e)
{
	size_t applied;

	if (pg_script(pg, prepare, e) == -1)
		return err_wrap(e, "preparing to migrate");
	if (count_applied(pg, &applied, e) == -1)
		return -1;
	for (; applied < NITEMS(migrations); applied++) {
		const struct migration *m = &migrations[applied];

		if (apply_when_free(pg, a, m, e) == -1)
			return applied == 0 ? nothing_made(pg, e) : -1;
		told(arg, m->number, m->name);
	}
	return pg_script(pg, finish, e);
}

int
schema_check(struct pg *pg, struct err *e)
{
	char where[PG_NAME_MAX];
	size_t applied = 0;

	if (count_applied(pg, &applied, e) == -1)
		return -1;
	if (applied >= NITEMS(migrations))
		return 0;
	pg_name(pg, where);
	return err_set(e, FAULT_CONFIG,
	    "%s is at migration %zu of the schema and this loyald needs %zu: "
	    "run loyald migrate",
	    where, applied, NITEMS(migrations));
}

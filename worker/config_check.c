/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmd.h"
#include "config_check.h"
#include "io/key_file.h"
#include "io/port.h"
#include "io/spool/spool.h"
#include "io/stream/stream.h"
#include "ledger/key_trial.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"
#include "probe.h"
#include "wire/sign.h"

enum {
	STATEMENT_MS = 2000,
	MB = 1024 * 1024,
	SPOOL_LEAST_MB = 64, /* a smaller spool is soon full */
	WHY_MAX = 640,
};

static const struct role {
	unsigned bit;
	const char *name, *database_role;
	unsigned needs; /* CONFIG_* of the settings that the role needs */
	bool metrics;   /* the role has a server only for its metrics */
	bool listens;   /* the role has a server for the public */
	/* The offset in struct config of the address that the server listens
	 * on. */
	size_t address;
} roles[] = {
	{ CHECK_RECEIVE, "receive", "loyald_receive", NEEDS_RECEIVE, false,
	    true, offsetof(struct config, listen) },
	{ CHECK_WORK, "work", "loyald_work", NEEDS_WORK, true, false, 0 },
	{ CHECK_PUSH, "push", "loyald_push", NEEDS_PUSH, true, false, 0 },
	{ CHECK_RECONCILE, "reconcile", "loyald_reconcile", NEEDS_RECONCILE,
	    true, false, 0 },
	{ CHECK_SCHEDULE, "schedule", "loyald_schedule", NEEDS_SCHEDULE, true,
	    false, 0 },
	{ CHECK_SERVE, "serve", "loyald_serve", NEEDS_SERVE, true, true,
	    offsetof(struct config, serve_listen) },
	{ CHECK_OPERATOR, "operator", "loyald_operator", NEEDS_KEY, false,
	    false, 0 },
};

const char *
verdict_name(enum verdict f)
{
	static const char *const names[] = { "", "ok", "wrong", "warn",
		"not asked" };

	return names[f];
}

static void PRINTF(4, 5) row(struct config_check *c, const char *what,
    enum verdict f, const char *fmt, ...)
{
	char why[WHY_MAX];
	va_list ap;

	if (c->n == CHECK_ROWS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	c->rows[c->n++] = (struct check_row){
		.what = what,
		.why = arena_strdup(c->arena, why),
		.verdict = f,
	};
}

const char *
config_check_roles(struct arena *a, const char *names, unsigned *out)
{
	char *rest = arena_strdup(a, names);
	unsigned found = 0;

	for (char *w; (w = strsep(&rest, ",")) != NULL;) {
		size_t i = 0;

		while (i < NITEMS(roles) && strcmp(roles[i].name, w) != 0)
			i++;
		if (i == NITEMS(roles))
			return w;
		found |= roles[i].bit;
	}
	*out = found;
	return NULL;
}

/* ---- settings ------------------------------------------------------------ */

static bool
is_wanted(const struct config_check *c, const struct role *r)
{
	return (c->roles & r->bit) != 0;
}

/* Whether one of the roles to be checked needs a setting. */
static bool
is_needed(const struct config_check *c, unsigned need)
{
	for (size_t i = 0; i < NITEMS(roles); i++)
		if (is_wanted(c, &roles[i]) && (roles[i].needs & need) != 0)
			return true;
	return false;
}

static void
settings_check(struct config_check *c)
{
	const struct faults *f = c->faults;

	for (size_t i = 0; i < f->n; i++)
		row(c, "settings",
		    f->of[i].fault == FAULT_NONE ? VERDICT_WARN : VERDICT_WRONG,
		    "%s", f->of[i].msg);
	if (!faults_stop(f))
		row(c, "settings", VERDICT_OK,
		    "each that is set has a value that it may have");
}

/* Warns if the check runs as root: root may read and write everything, so the
 * check cannot find out that the roles lack a right. */
static void
user_check(struct config_check *c)
{
	if (geteuid() == 0)
		row(c, "user", VERDICT_WARN,
		    "root may read and write all files: ask as the user that "
		    "the roles run as, too");
}

/* Whether a setting has a value.  If it has none, adds a row that says so. */
static bool
is_set(struct config_check *c, const char *what, unsigned need)
{
	char env[CONFIG_NEEDS_MAX];
	struct err e;

	config_needs_text(need, env);

	if (!is_needed(c, need)) {
		row(c, what, VERDICT_UNASKED,
		    "no role that was named needs it");
		return false;
	}
	if (config_need(c->config, need, &e) == 0)
		return true;
	if (faults_name(c->faults, env)) {
		row(c, what, VERDICT_UNASKED, "%s is wrong, see above", env);
		return false;
	}
	row(c, what,
	    c->by_default && need != CONFIG_DATABASE ? VERDICT_UNASKED
	                                             : VERDICT_WRONG,
	    "%s", e.msg);
	return false;
}

/* ---- the services -------------------------------------------------------- */

/* Without --for, if the login may take on only one role, checks only that role:
 * the other roles have logins of their own, probably on other machines.  If the
 * database does not answer, changes nothing, because the rows of the roles will
 * report the failure. */
static void
roles_narrow(struct config_check *c)
{
	struct str names[NITEMS(roles)], only = { 0 };
	struct pg_params p = { .arena = c->arena };
	struct pg_rows rows;
	struct pg *pg = pg_new(c->config->database_url, NULL,
	    "loyald config check", sql_stmts, SQL__MAX);
	struct err e;
	int n = 0;

	for (size_t i = 0; i < NITEMS(roles); i++)
		names[i] = str_of(roles[i].database_role);
	pg_hasty(pg, STATEMENT_MS);
	pg_strs(&p, names, NITEMS(roles));
	if (pg_ask(pg, SQL_LOGIN_ROLES, &p, &rows, &e) == 0) {
		n = rows.n;
		only = n == 1 ? str_of(rows_text(c->arena, &rows, 0, 0)) : only;
		pg_done(&rows);
	}
	for (size_t i = 0; n == 1 && i < NITEMS(roles); i++)
		if (str_eq(names[i], only))
			c->roles = roles[i].bit;
	pg_free(pg);
}

static void
role_check(struct config_check *c, const struct role *r)
{
	const char *what = arena_printf(c->arena, "PostgreSQL, %s", r->name);
	struct err e;

	if (probe_postgres(c->config->database_url, r->database_role, &e) ==
	    0) {
		row(c, what, VERDICT_OK,
		    "lets this login in as %s, and has the schema of this "
		    "version",
		    r->database_role);
		return;
	}
	c->is_away = e.fault == FAULT_RETRY;
	/* If this role fails for the same reason as the last one (a wrong
	 * password, for example), the sentence is not repeated. */
	if (c->told != NULL && strcmp(c->told, e.msg) == 0) {
		row(c, what, VERDICT_WRONG, "as above");
		return;
	}
	c->told = arena_strdup(c->arena, e.msg);
	row(c, what, VERDICT_WRONG, "%s", e.msg);
}

/* Adds a row for each role.  If the server does not answer, waits for it only
 * once. */
static void
database_check(struct config_check *c)
{
	if (!is_set(c, "PostgreSQL", CONFIG_DATABASE))
		return;
	for (size_t i = 0; i < NITEMS(roles); i++) {
		if (!is_wanted(c, &roles[i]))
			continue;
		if (c->is_away)
			row(c,
			    arena_printf(
			        c->arena, "PostgreSQL, %s", roles[i].name),
			    VERDICT_UNASKED, "it is away, see above");
		else
			role_check(c, &roles[i]);
	}
}

static void
redis_check(struct config_check *c)
{
	unsigned uses = (c->roles & CHECK_RECEIVE ? STREAM_ADDS : 0) |
	                (c->roles & CHECK_WORK ? STREAM_WORKS : 0);
	struct err e;

	if (!is_set(c, "Redis", CONFIG_REDIS))
		return;
	if (probe_redis(c->config->redis_url, uses, &e) == 0)
		row(c, "Redis", VERDICT_OK,
		    "lets this user in, evicts nothing, and allows what %s of "
		    "it",
		    uses == STREAM_ADDS    ? "receive asks"
		    : uses == STREAM_WORKS ? "work asks"
		                           : "receive and work ask");
	else
		row(c, "Redis", VERDICT_WRONG, "%s", e.msg);
}

/* ---- the key ------------------------------------------------------------- */

static void
sealed_check(struct config_check *c, const struct master_key *key)
{
	struct pg *pg;
	struct key_trial t;
	struct err e;
	int rc;

	if (c->is_away || config_need(c->config, CONFIG_DATABASE, &e) == -1) {
		row(c, "key and database", VERDICT_UNASKED,
		    "the database could not be asked whether it opens what is "
		    "sealed there");
		return;
	}
	pg = pg_new(c->config->database_url, "loyald_operator",
	    "loyald config check", sql_stmts, SQL__MAX);
	pg_hasty(pg, STATEMENT_MS);
	rc = key_trial_run(pg, c->arena, key, &t, &e);
	pg_free(pg);
	if (rc == -1)
		row(c, "key and database", VERDICT_UNASKED,
		    "whether it opens what is sealed there, the operator's "
		    "login can find out: loyald key check");
	else if (key_trial_fits(&t))
		row(c, "key and database", VERDICT_OK,
		    "it opens all that is sealed there, of %zu stores",
		    t.stores);
	else
		row(c, "key and database", VERDICT_WRONG,
		    "the database's secrets were sealed with another key: set "
		    "LOYALD_KEY_FILE to that one, or restore it; loyald key "
		    "check tells how many it opens");
}

static void
key_check(struct config_check *c)
{
	char print[KEY_FINGERPRINT_SIZE];
	struct master_key key;
	struct err e;

	if (!is_set(c, "key", CONFIG_KEY))
		return;
	if (key_load(c->config->key_file, &key, &e) == -1) {
		row(c, "key", VERDICT_WRONG, "%s", e.msg);
		return;
	}
	key_fingerprint(&key, print);
	row(c, "key", VERDICT_OK, "%s is a master key, fingerprint %s",
	    c->config->key_file, print);
	sealed_check(c, &key);
	explicit_bzero(&key, sizeof(key));
}

/* ---- this machine -------------------------------------------------------- */

static void
room_check(struct config_check *c)
{
	const char *dir = c->config->spool_dir;
	struct statvfs fs;
	uint64_t free_mb;
	struct err e;

	if ((c->roles & CHECK_RECEIVE) == 0) {
		row(c, "spool", VERDICT_UNASKED,
		    "no role that was named needs it");
		return;
	}
	if (spool_check(dir, &e) == -1) {
		row(c, "spool", VERDICT_WRONG, "%s", e.msg);
		return;
	}
	if (statvfs(dir, &fs) == -1) {
		row(c, "spool", VERDICT_WARN, "%s does not tell its room", dir);
		return;
	}
	free_mb = (uint64_t)fs.f_bavail * fs.f_frsize / MB;
	if (free_mb < SPOOL_LEAST_MB)
		row(c, "spool", VERDICT_WRONG,
		    "%s has room for %" PRIu64 " MB: free some, it must take "
		    "what comes while Redis is away",
		    dir, free_mb);
	else if (free_mb < (uint64_t)c->config->spool_max_mb)
		row(c, "spool", VERDICT_WARN,
		    "%s has room for %" PRIu64 " MB, less than "
		    "LOYALD_SPOOL_MAX_MB, which is %" PRId64,
		    dir, free_mb, c->config->spool_max_mb);
	else
		row(c, "spool", VERDICT_OK,
		    "%s can be written and has room for %" PRIu64 " MB", dir,
		    free_mb);
}

static void
address_check(struct config_check *c, const char *what, const char *listen)
{
	enum port_state state;
	struct err e;

	if (port_look(listen, &state, &e) == -1)
		row(c, what, VERDICT_WRONG, "%s", e.msg);
	else if (state == PORT_OURS)
		row(c, what, VERDICT_OK, "a loyald listens on %s already",
		    listen);
	else
		row(c, what, VERDICT_OK, "%s is free", listen);
}

static const char *
address_of(const struct config *c, const struct role *r)
{
	const char *listen;

	memcpy(&listen, (const char *)c + r->address, sizeof(listen));
	return listen;
}

/* Warns if two roles listen on the same address of this machine: the role that
 * starts last will have no metrics, or will not start at all. */
static void
shared_check(struct config_check *c)
{
	const struct config *s = c->config;
	unsigned both = CHECK_RECEIVE | CHECK_SERVE, n = 0;
	bool serves = (c->roles & CHECK_SERVE) != 0;

	if ((c->roles & both) == both &&
	    strcmp(s->listen, s->serve_listen) == 0)
		row(c, "addresses", VERDICT_WRONG,
		    "receive and serve would both listen on %s: give them "
		    "different LOYALD_LISTEN and LOYALD_SERVE_LISTEN",
		    s->listen);
	if (s->metrics_listen == NULL)
		return;
	if ((serves && strcmp(s->metrics_listen, s->serve_listen) == 0) ||
	    ((c->roles & CHECK_RECEIVE) != 0 &&
	        strcmp(s->metrics_listen, s->listen) == 0))
		row(c, "addresses", VERDICT_WRONG,
		    "LOYALD_METRICS_LISTEN is also where %s listens: give it "
		    "another port",
		    serves && strcmp(s->metrics_listen, s->serve_listen) == 0
		        ? "serve"
		        : "receive");
	for (size_t i = 0; i < NITEMS(roles); i++)
		n += is_wanted(c, &roles[i]) && roles[i].metrics;
	if (n > 1)
		row(c, "addresses", VERDICT_WARN,
		    "%u roles have one LOYALD_METRICS_LISTEN: on one machine "
		    "all but the first go without; give each its own",
		    n);
}

static void
addresses_check(struct config_check *c)
{
	bool metrics = false;

	for (size_t i = 0; i < NITEMS(roles); i++) {
		if (!is_wanted(c, &roles[i]))
			continue;
		if (roles[i].listens)
			address_check(c,
			    arena_printf(
			        c->arena, "address of %s", roles[i].name),
			    address_of(c->config, &roles[i]));
		metrics = metrics || roles[i].metrics;
	}
	if (metrics && c->config->metrics_listen != NULL)
		address_check(
		    c, "address of metrics", c->config->metrics_listen);
	shared_check(c);
}

/* ---- the whole check ----------------------------------------------------- */

void
config_check_all(struct config_check *c)
{
	settings_check(c);
	user_check(c);
	if (c->by_default && c->config->database_url != NULL)
		roles_narrow(c);
	database_check(c);
	redis_check(c);
	key_check(c);
	room_check(c);
	addresses_check(c);
}

bool
config_check_failed(const struct config_check *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].verdict == VERDICT_WRONG)
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
/* loyald key: makes and checks the master key, which seals the stores'
 * secrets. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/key_file.h"
#include "ledger/key_trial.h"
#include "loop.h"
#include "operation.h"

static int
key_new(struct tool_call *call)
{
	char *path = NULL;
	struct config c;
	struct err e;
	int n = 1, status;

	status = tool_read(call, NULL, &c, &path, &n);
	if (status != EXIT_STOPPED)
		return status;
	if (n == 0)
		return tool_usage(call, "%s wants a FILE", call->argv[0]);
	if (key_create(path, &e) == -1)
		return loop_end(&e, EXIT_CONFIG);
	printf("%s holds the new master key: keep a copy of it apart from the "
	       "database's, for without it the stores' secrets are lost\n",
	    path);
	return EXIT_STOPPED;
}

/* ---- check --------------------------------------------------------------- */

struct key_report {
	const char *path;
	char fingerprint[KEY_FINGERPRINT_SIZE];
	unsigned owner, mode;
	bool asked; /* whether the database was asked */
	struct key_trial trial;
};

static void
report_file(struct key_report *r, const struct master_key *key)
{
	struct stat st;

	key_fingerprint(key, r->fingerprint);
	if (stat(r->path, &st) == 0) {
		r->owner = st.st_uid;
		r->mode = st.st_mode & 07777;
	}
}

static void
print_file(const struct key_report *r, bool goes_on)
{
	printf("%s is a master key, user %u's, with mode %04o\n"
	       "its fingerprint is %s\n",
	    r->path, r->owner, r->mode, r->fingerprint);
	if (!goes_on)
		printf("LOYALD_DATABASE_URL is not set: no database was asked "
		       "whether this is its key\n");
}

static void
print_trial(const struct key_trial *t)
{
	if (t->secrets + t->tokens + t->letters == 0) {
		printf("nothing is sealed in this database yet: any key would "
		       "do\n");
		return;
	}
	printf("it opens %zu of %zu webhook secrets and %zu of %zu API tokens "
	       "of %zu stores",
	    t->secrets_open, t->secrets, t->tokens_open, t->tokens, t->stores);
	if (t->letters > 0)
		printf(", and the newest dead letter %s",
		    t->letters_open > 0 ? "too" : "NOT");
	printf(key_trial_fits(t)
	           ? ": it is the key of this database\n"
	           : "\nit is NOT the key of this database: restore the one "
	             "that is, whose fingerprint is another\n");
}

static void
print_tried(struct jsonw *w, const char *what, size_t opened, size_t sealed)
{
	jsonw_object(w, what);
	jsonw_int(w, "opened", (int64_t)opened);
	jsonw_int(w, "sealed", (int64_t)sealed);
	jsonw_object_end(w);
}

static void
print_json(const struct key_report *r)
{
	const struct key_trial *t = &r->trial;
	char mode[8];
	struct jsonw w;

	(void)snprintf(mode, sizeof(mode), "%04o", r->mode);
	jsonw_begin(&w);
	jsonw_bool(&w, "ok", key_trial_fits(t));
	jsonw_text(&w, "file", r->path);
	jsonw_text(&w, "fingerprint", r->fingerprint);
	jsonw_int(&w, "owner", r->owner);
	jsonw_text(&w, "mode", mode);
	if (r->asked) {
		jsonw_object(&w, "database");
		jsonw_int(&w, "stores", (int64_t)t->stores);
		print_tried(&w, "secrets", t->secrets_open, t->secrets);
		print_tried(&w, "tokens", t->tokens_open, t->tokens);
		print_tried(&w, "dead_letters", t->letters_open, t->letters);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
}

/* If the settings name a database, checks whether the key opens what is sealed
 * in the database. */
static int
database_ask(struct tool_call *call, struct key_report *r,
    const struct config *c, const struct master_key *key, bool json)
{
	struct operation op;
	struct err e;
	int status;

	if (c->database_url == NULL)
		return EXIT_STOPPED;
	status = operation_open(&op, call, c, false);
	if (status != EXIT_STOPPED)
		return status;
	if (key_trial_run(op.pg, &op.arena, key, &r->trial, &e) == -1)
		return operation_end(&op, &e);
	r->asked = true;
	if (!json)
		print_trial(&r->trial);
	(void)operation_end(&op, NULL);
	return key_trial_fits(&r->trial) ? EXIT_STOPPED : EXIT_NO;
}

static int
key_check(struct tool_call *call)
{
	bool json = false;
	const struct option_spec options[] = {
		OPTION_JSON(&json),
		{ 0 },
	};
	struct key_report r = { 0 };
	struct master_key key;
	char *path = NULL;
	struct config c;
	struct err e;
	int n = 1, status = tool_read(call, options, &c, &path, &n);

	if (status != EXIT_STOPPED)
		return status;
	r.path = n == 1 ? path : c.key_file;
	if (r.path == NULL)
		return tool_usage(
		    call, "%s wants a FILE, or LOYALD_KEY_FILE", call->argv[0]);
	if (key_load(r.path, &key, &e) == -1)
		return loop_end(&e, EXIT_CONFIG);
	report_file(&r, &key);
	if (!json)
		print_file(&r, c.database_url != NULL);
	status = database_ask(call, &r, &c, &key, json);
	explicit_bzero(&key, sizeof(key));
	if (json && (status == EXIT_STOPPED || status == EXIT_NO))
		print_json(&r);
	return status;
}

int
cmd_key(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "new", key_new, "make a master key, once", .words = "FILE" },
		{ "check", key_check,
		    "tell whether a file is the master key of the database",
		    .words = "[FILE]" },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}

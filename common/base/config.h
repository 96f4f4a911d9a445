/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/env_file.h"
#include "base/err.h"
#include "base/faults.h"

/*
 * config: what the operator set, read once at the start and passed around.
 *
 * The table is config.def.  A setting comes from the command line, else
 * from the environment, else from a file that one of these two names
 * (--env-file, base/env_file.h), else from its default.  What is nearer to
 * the one who starts a process goes before: a command is tried with another
 * value without touching the file that all processes share, and what an
 * orchestrator gives to one container holds for that one.  (systemd reads its
 * EnvironmentFile= the other way round, since there the unit is further away.)
 * Texts point into argv, the environment or that file, and live as long as the
 * process.
 *
 * All that is wrong is found at once.
 */

struct config {
#define TEXT(field, env, preset, help)                const char *field;
#define NUMBER(field, env, preset, least, most, help) int64_t field;
#include "base/config.def"
#undef TEXT
#undef NUMBER
};

/*
 * An option of one command, beside the settings, which every command takes.
 * Exactly one of the four places is set, and every option has a meaning; a
 * command's table of them ends with a row without name.
 */
struct option_spec {
	const char *name;    /* "--platform" */
	const char *value;   /* what it wants: "NAME"; NULL: it is a flag */
	const char *meaning; /* for its help: a phrase without an end */
	const char **text;
	int64_t *number;  /* from 1 on */
	int64_t *instant; /* from RFC 3339 */
	bool *flag;
	bool required;
	int64_t most;              /* of a number; 0: all are good */
	bool or_none;              /* it may be 0 */
	const char *const *one_of; /* texts, behind the last NULL; NULL: any */
	const char *with;          /* the option without which it cannot be */
	const char *preset;        /* what holds without it, for its help; NULL:
			       nothing does */
	unsigned needs;            /* settings, CONFIG_*, if it is given */
};

/* What one that has one_of may be: "en, de, cs". */
enum {
	OPTION_WORDS_MAX = 128
};
void option_words(const struct option_spec *, char out[OPTION_WORDS_MAX]);

/* Settings that commands cannot do without. */
enum {
	CONFIG_DATABASE = 1,
	CONFIG_REDIS = 2,
	CONFIG_KEY = 4,
};
/* CONFIG "LOYALD_X is not set: sentence" if it is not, for who finds only
 * later that it is needed. */
int config_need(const struct config *, unsigned need, struct err *) MUST_CHECK;
/* "LOYALD_DATABASE_URL and LOYALD_KEY_FILE", for a help. */
enum {
	CONFIG_NEEDS_MAX = 128
};
void config_needs_text(unsigned needs, char out[CONFIG_NEEDS_MAX]);

/* How to judge what takes more than this floor has. */
struct config_form {
	const char *env;
	/* A whole sentence, without any password, if the value is none. */
	int (*check)(const char *value, struct err *);
	bool if_needed; /* it is not looked at where nobody needs it */
};
struct config_judge {
	const struct config_form *forms; /* the last has no name */
	/* Reads a file of settings; CONFIG faults for what is wrong with it,
	 * FAULT_NONE for what is worth a warning.  -1 if there is none. */
	int (*file)(const char *path, struct env_file *, struct faults *);
};

/* A reading of the settings, and what came of it. */
struct config_reading {
	const struct config_judge *judge;  /* NULL: forms are not judged */
	const struct option_spec *options; /* the command's own; or NULL */
	unsigned needs;                    /* CONFIG_* */
	int argc;
	char **argv; /* argv[0] is the command */
	/* Words that are no options, nwords of them at most; then how many
	 * there are.  NULL: none are allowed. */
	char **words;
	int nwords;
	/* REJECT if the command line is to blame, NONE if it is a warning,
	 * else CONFIG. */
	struct faults faults;
};

/*
 * Reads settings and the command's own options.  An option is "--name value"
 * or "--name=value"; a value that begins with two dashes must be joined.
 * Without a config, settings are neither read nor taken.
 * -1 with a sentence for each thing that is unknown, repeated, missing, out of
 * bounds or of a wrong form.  What is missing is known only where the command
 * line makes sense.
 */
int config_read(struct config *, struct config_reading *) MUST_CHECK;

/* Whether --help or -h is among the options, and not the value of one. */
bool config_asks_help(const struct option_spec *, int argc, char *argv[]);

/* The name of each in the environment, NULL behind the last. */
const char *config_env(size_t i);

/* " name=value" for each setting that is not as it is by default.  URLs are
 * left out: they may hold passwords. */
void config_describe(const struct config *, struct buf *);

/* `loyald help config`, as a table for people or as JSON. */
void config_print(FILE *, bool json);

#endif /* BASE_CONFIG_H */

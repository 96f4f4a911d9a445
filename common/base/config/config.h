/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_CONFIG_H
#define BASE_CONFIG_CONFIG_H

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
 * The table of settings is config.def.  A setting comes from the command line,
 * else from the environment, else from a file that the command line or the
 * environment names (--env-file, base/env_file.h), else from its default.  The
 * place that is nearer to whoever starts a process wins: a command is tried
 * with another value without touching the file that all processes share, and a
 * value that an orchestrator gives to one container holds for that container
 * only.  (systemd reads EnvironmentFile= the other way round: the file wins
 * over the unit's Environment= lines.)  Texts point into argv, the environment
 * or the file, and live as long as the process.
 *
 * All mistakes are reported at once, not only the first.
 */

struct config {
#define TEXT(field, env, preset, help)                const char *field;
#define NUMBER(field, env, preset, least, most, help) int64_t field;
#include "base/config/config.def"
#undef TEXT
#undef NUMBER
};

/*
 * An option of one command, beside the settings, which every command takes.
 * Exactly one of `text`, `number`, `instant` and `flag` is set: the place to
 * which the value goes.  Every option has a meaning.  A command's table of
 * options ends with a row without name.
 */
struct option_spec {
	const char *name; /* as in "--platform" */
	/* "NAME", as the help shows the value; NULL: a flag */
	const char *value;
	const char *meaning; /* a phrase for the help, without a full stop */
	const char **text;
	int64_t *number;  /* a number from 1 on */
	int64_t *instant; /* a moment, given as RFC 3339 */
	bool *flag;
	bool required;
	int64_t most;              /* the largest number; 0: no bound */
	bool or_none;              /* the number may be 0 */
	const char *const *one_of; /* the values, ended by NULL; NULL: any */
	/* Another option that must be given along with this one. */
	const char *with;
	const char *preset; /* the default, as the help shows it; NULL: none */
	unsigned needs;     /* settings (CONFIG_*) that the option needs */
};

/* Lists the values of an option with one_of: "en, de, cs". */
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
/* Fails with CONFIG and "LOYALD_X is not set. ...", for a caller that finds
 * only later that the setting is needed. */
int config_need(const struct config *, unsigned need, struct err *) MUST_CHECK;
/* Lists needed settings: "LOYALD_DATABASE_URL and LOYALD_KEY_FILE". */
enum {
	CONFIG_NEEDS_MAX = 128
};
void config_needs_text(unsigned needs, char out[CONFIG_NEEDS_MAX]);

/* A check of a setting's value by code of a higher floor than this one. */
struct config_form {
	const char *env;
	/* Fails with a whole sentence, without any password. */
	int (*check)(const char *value, struct err *);
	/* The value is checked only if the command needs the setting. */
	bool if_needed;
};
struct config_judge {
	/* The forms, of which the last has no name. */
	const struct config_form *forms;
	/* Reads a file of settings.  Mistakes in the file become faults:
	 * CONFIG, or NONE for a warning.  -1 if there is no such file. */
	int (*file)(const char *path, struct env_file *, struct faults *);
};

/* A reading of the settings, and what came of it. */
struct config_reading {
	/* NULL: values are not checked by forms */
	const struct config_judge *judge;
	/* The command's own options, or NULL. */
	const struct option_spec *options;
	unsigned needs; /* settings (CONFIG_*) that the command needs */
	int argc;
	char **argv; /* argv[0] is the command */
	/* Words of the command line that are no options.  The caller sets
	 * nwords to the number of words for which there is room; the reading
	 * sets nwords to the number of words that are there.  NULL: no words
	 * are allowed. */
	char **words;
	int nwords;
	/* A fault is REJECT if the command line is to blame, NONE if the fault
	 * is a warning, else CONFIG. */
	struct faults faults;
};

/*
 * Reads settings and the command's own options.  An option is "--name value" or
 * "--name=value"; a value that begins with two dashes must be joined.  Without
 * a config, settings are neither read nor taken.  -1 with a sentence for each
 * option or setting that is unknown, repeated, missing, out of bounds or of a
 * wrong form.  Missing options are told only where the rest of the command line
 * makes sense.
 */
int config_read(struct config *, struct config_reading *) MUST_CHECK;

/* Whether --help or -h is one of the options, and not the value of an
 * option. */
bool config_asks_help(const struct option_spec *, int argc, char *argv[]);

/* Adds " name=value" for each setting that differs from its default.  URLs,
 * which may hold passwords, are left out. */
void config_describe(const struct config *, struct buf *);

/* Prints `loyald help config`, as a table for people or as JSON. */
void config_print(FILE *, bool json);

#endif /* BASE_CONFIG_CONFIG_H */

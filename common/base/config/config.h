/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/buf.h"
#include "base/env_file.h"
#include "base/faults.h"

/*
 * config: what the operator set, read once at the start and passed around.
 *
 * The table of settings is config.def.  A setting comes from the command line,
 * else from the environment, else from a file that the command line or the
 * environment names (--env-file, base/env_file.h), else from its default.  The
 * place that is nearest to the person who starts a process wins.  An operator
 * can try a command with another value without touching the file that all
 * processes share.  A value that an orchestrator gives to one container holds
 * for that container only.  (systemd reads EnvironmentFile= the other way
 * round: the file wins over the unit's Environment= lines.)  Texts point into
 * argv, the environment or the file, and live as long as the process.
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
 * An option that one command has.  (Settings are options of every command.)
 * Exactly one of `text`, `number`, `instant` and `flag` is set: the place to
 * which the value goes.  `meaning` is never NULL.  A command's table of options
 * ends with a row whose name is NULL.
 */
struct option_spec {
	const char *name; /* as in "--platform" */
	/* The value as the help shows it, like "NAME"; NULL: a flag. */
	const char *value;
	const char *meaning; /* a phrase for the help, without a full stop */
	const char **text;
	int64_t *number;  /* a number from 1 on */
	int64_t *instant; /* an instant, written as in RFC 3339 */
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
/* Fails with FAULT_CONFIG and "LOYALD_X is not set. ..." if a needed setting is
 * not set.  For a caller that learns only after config_read() what it needs. */
int config_need(const struct config *, unsigned need, struct err *) MUST_CHECK;
/* Lists needed settings: "LOYALD_DATABASE_URL and LOYALD_KEY_FILE". */
enum {
	CONFIG_NEEDS_MAX = 128
};
void config_needs_text(unsigned needs, char out[CONFIG_NEEDS_MAX]);

/* A check of a setting's value that needs code of a higher layer than base/. */
struct config_form {
	const char *env;
	/* Fails with a whole sentence, which must not contain a password. */
	int (*check)(const char *value, struct err *);
	/* True: the value is checked only if the command needs the setting. */
	bool if_needed;
};
struct config_judge {
	/* All checks, ended by a check whose `env` is NULL. */
	const struct config_form *forms;
	/* Reads a file of settings.  Mistakes in the file become faults:
	 * FAULT_CONFIG, or FAULT_NONE for a warning.  -1 if there is no such
	 * file. */
	int (*file)(const char *path, struct env_file *, struct faults *);
};

/* Input and output of config_read(). */
struct config_reading {
	/* NULL: no value is checked by a config_form */
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
	/* Mistakes: FAULT_REJECT in the command line, FAULT_NONE for a warning,
	 * FAULT_CONFIG for all others. */
	struct faults faults;
};

/*
 * Reads settings and the command's own options.  An option is "--name value" or
 * "--name=value"; a value that begins with two dashes must be joined.  If the
 * config is NULL, settings are not read, and are not allowed as options.
 * Returns -1, with a sentence for each option or setting that is unknown,
 * repeated, missing, out of bounds or of a wrong form.  Missing options are
 * reported only if the rest of the command line can be read.
 */
int config_read(struct config *, struct config_reading *) MUST_CHECK;

/* Whether --help or -h is given as an option, and not as the value of one. */
bool config_asks_help(const struct option_spec *, int argc, char *argv[]);

/* Adds " name=value" for each setting that differs from its default.  URLs,
 * which may hold passwords, are left out. */
void config_describe(const struct config *, struct buf *);

/* Prints `loyald help config`, as a table for people or as JSON. */
void config_print(FILE *, bool json);

/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/config/config.h"

/* internal: shared by the files of config/.  config.c makes a struct config
 * from the settings (setting.c, one for each line of config.def) and the
 * command line (line.c). */

enum {
	OPTION_MAX = 64,      /* bytes of an option like "--redis-url" */
	CONFIG_BITS_MAX = 64, /* most settings, and most options of a command */
};

/* A line of config.def. */
struct setting {
	const char *env; /* name in the environment; NULL ends the table */
	const char *help;
	size_t offset;    /* place of the value in struct config */
	const char *text; /* the default, if the value is a text */
	int64_t number;   /* the default, if the value is a number */
	int64_t least, most;
	bool is_number;
};
extern const struct setting settings[];

/* Writes "--redis-url" for LOYALD_REDIS_URL. */
void setting_option(const struct setting *, char option[OPTION_MAX]);
/* Finds the setting of "--redis-url"; NULL if there is none. */
const struct setting *setting_find(struct str option);
/* Sets a setting.  Fails with FAULT_FATAL and a sentence if the setting may not
 * have the value. */
int setting_put(struct config *, const struct config_judge *,
    const struct setting *, const char *value, struct err *) MUST_CHECK;

/* ---- the command line ---------------------------------------------------- */

/* The settings and options that the command line has: bit i stands for row i of
 * the table of settings, or of the command's table of options. */
struct seen {
	uint64_t settings, specs;
};

struct command_line {
	struct config *config;
	struct config_reading *reading;
	struct seen seen;
	/* False if the file of settings cannot be read or an option of the
	 * command has a wrong value: then nobody knows what is needed. */
	bool makes_sense;
};

/* Reads the command line.  Wrong values are added to the faults; -1 if a
 * mistake leaves the meaning of the rest of the line unknown. */
int line_read(struct command_line *, struct err *) MUST_CHECK;
/* Finds the file that --env-file names; NULL: none. */
const char *line_file(const struct config_reading *);

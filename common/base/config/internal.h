/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_INTERNAL_H
#define BASE_CONFIG_INTERNAL_H

#include "base/config/config.h"

/* internal: the settings, which are the lines of config.def (setting.c), and
 * the command line (line.c), from which config.c makes a struct config. */

enum {
	OPTION_MAX = 64,      /* bytes of an option like "--redis-url" */
	CONFIG_BITS_MAX = 64, /* most settings, and most options of a command */
};

/* A line of config.def. */
struct setting {
	const char *env; /* name in the environment; NULL behind the last */
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
/* Sets a setting.  FATAL with a sentence if it may not have the value. */
int setting_put(struct config *, const struct config_judge *,
    const struct setting *, const char *value, struct err *) MUST_CHECK;

/* ---- the command line ---------------------------------------------------- */

/* Settings and options that the command line has, a bit for each: bit i is row
 * i of the table of settings, or of the command's table of options. */
struct seen {
	uint64_t settings, specs;
};

struct command_line {
	struct config *config;
	struct config_reading *reading;
	struct seen seen;
	/* No mistake so far leaves the meaning of the rest open. */
	bool makes_sense;
};

/* Reads the command line.  Wrong values become faults of the reading; -1 if a
 * mistake leaves the meaning of the rest of the line unknown. */
int line_read(struct command_line *, struct err *) MUST_CHECK;
/* Finds the file that --env-file names; NULL: none. */
const char *line_file(const struct config_reading *);

#endif /* BASE_CONFIG_INTERNAL_H */

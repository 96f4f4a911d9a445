/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cc.h"
#include "base/err.h"

/*
 * config: what the operator set, read once at the start and passed around.
 *
 * The table is config.def.  A setting comes from the command line, else
 * from the environment, else from its default.  Texts point into argv or
 * the environment and live as long as the process.
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
	const char *const *one_of; /* texts, behind the last NULL; NULL: any */
	const char *with;          /* the option without which it cannot be */
	const char *preset;        /* what holds without it, for its help; NULL:
			       nothing does */
};

/*
 * Reads settings and the command's own options; argv[0] is the command.
 * An option is "--name value" or "--name=value"; a value that begins with
 * two dashes must be joined.  Words that are no options go to
 * words[0..*nwords), at most *nwords of them (NULL: none are allowed).
 * Without a config, settings are neither read nor taken.
 * With a sentence for the operator if something is unknown, repeated,
 * missing or out of bounds: FATAL if the environment says so, REJECT if the
 * command line does.
 */
int config_read(struct config *, const struct option_spec *, int argc,
    char *argv[], char *words[], int *nwords, struct err *) MUST_CHECK;

/* Whether --help or -h is among the options, and not the value of one. */
bool config_asks_help(const struct option_spec *, int argc, char *argv[]);

/* The exit status for that. */
int config_status(const struct err *);

/* FATAL "LOYALD_X is not set: sentence" if a setting that is needed is not;
 * the name is the environment's. */
int config_need(
    const struct config *, const char *env, struct err *) MUST_CHECK;

/* " name=value" for each setting that is not as it is by default.  URLs are
 * left out: they may hold passwords. */
void config_describe(const struct config *, struct buf *);

/* `loyald help config`, as a table for people or as JSON. */
void config_print(FILE *, bool json);

#endif /* BASE_CONFIG_H */

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
 * Exactly one of the three places is set; a command's table of them ends
 * with a row without name.
 */
struct option_spec {
	const char *name; /* "--platform" */
	const char *help; /* what it wants, for the usage line: "NAME" */
	const char **text;
	int64_t *number;
	bool *flag;
	bool required;
};

/*
 * Reads settings and the command's own options; argv[0] is the command.
 * An option is "--name value" or "--name=value"; a value that begins with
 * two dashes must be joined.  Words that are no options go to
 * words[0..*nwords), at most *nwords of them (NULL: none are allowed).
 * With a sentence for the operator if something is unknown, repeated,
 * missing or out of bounds: FATAL if the environment says so, REJECT if the
 * command line does.
 */
int config_read(struct config *, const struct option_spec *, int argc,
    char *argv[], const char *words[], int *nwords, struct err *) MUST_CHECK;

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

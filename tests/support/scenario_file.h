/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/faults.h"
#include "wire/node.h"
#include "wire/program/program.h"
#include "wire/scenario/scenario.h"

/* A program file with the tests in it, as loyald program check reads the
 * file. */
struct scenario_file {
	struct program program;
	struct scenarios tests;
	struct faults faults; /* the faults, including warnings */
};

/* Reads a file; -1 if it has faults. */
static inline int
scenario_file_read(struct arena *a, struct str text,
    const struct program_setting *set, const struct zones *zones,
    struct scenario_file *f)
{
	struct node_file file;
	struct node n;
	int rc = node_parse(text, &file, &n);

	if (rc == 0) {
		rc = program_of(a, &n, set, &f->program);
		rc |= scenarios_of(a, &n, &f->program, zones, &f->tests);
		node_free(&n);
	}
	f->faults = file.faults;
	return rc;
}

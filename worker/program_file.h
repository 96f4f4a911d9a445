/* SPDX-License-Identifier: MIT */
#ifndef WORKER_PROGRAM_FILE_H
#define WORKER_PROGRAM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"
#include "core/program.h"
#include "wire/scenario/scenario.h"

/* program_file: reads a program file that an operator names, with its tests,
 * for a currency and a time zone. */

struct program_file {
	const char *path;
	struct str text;
	struct zone zone;
	struct program program;
	struct scenarios tests;
	/* All faults and warnings, once the file was read. */
	struct faults faults;
	/* To be set before the file is read: the file may be a version that
	 * was published.  Rules that came to loyald later do not refuse it
	 * then, and its tests are not read. */
	bool kept;
};

/* Reads a file.  Everything is the arena's; the struct must stay where it is,
 * because the program points to its zone.  REJECT, "PATH: line 6, column 3:
 * ...", with the number of further faults. */
int program_file_read(struct arena *, const char *path, const char *currency,
    const char *timezone, struct program_file *, struct err *) MUST_CHECK;
/* Prints the warnings on standard error. */
void program_file_warn(const struct program_file *);

/* Reads a file and runs its tests: REJECT if one fails; differences and
 * warnings are printed on standard error.  Every command that publishes a file
 * calls this first. */
int program_file_passes(struct arena *, const char *path, const char *currency,
    const char *timezone, struct program_file *, struct err *) MUST_CHECK;

/* The outcome of one test. */
struct test_result {
	const struct scenario *test;
	int64_t took_us;
	const char *differences; /* a line each; empty if all is as expected */
	bool passed;
};

/* Runs the tests; the results, one for each test, are the arena's.  Returns
 * how many failed. */
size_t program_file_test(
    struct arena *, const struct program_file *, struct test_result **);

#endif /* WORKER_PROGRAM_FILE_H */

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

/* program_file: a program file that an operator names, read with its tests,
 * for a currency and a time zone. */

struct program_file {
	const char *path;
	struct str text;
	struct zone zone;
	struct program program;
	struct scenarios tests;
	/* All that is wrong with the file, and warnings, once it was read. */
	struct faults faults;
	/* Set before the file is read: it may be a version that was published,
	 * so that what is refused only since then is taken, and no test is
	 * read. */
	bool kept;
};

/* All is the arena's, and what it is read into must stay where it is: the
 * program points to its zone.  REJECT, "PATH: line 6, column 3: ...", and how
 * many faults more there are. */
int program_file_read(struct arena *, const char *path, const char *currency,
    const char *timezone, struct program_file *, struct err *) MUST_CHECK;
/* Prints the warnings on standard error. */
void program_file_warn(const struct program_file *);

/* The same, and REJECT if one of its tests fails; what differs then stands
 * on standard error, and so do warnings.  Nothing is published without. */
int program_file_passes(struct arena *, const char *path, const char *currency,
    const char *timezone, struct program_file *, struct err *) MUST_CHECK;

/* How one of its tests went. */
struct test_result {
	const struct scenario *test;
	int64_t took_us;
	const char *differences; /* lines; empty if all is as expected */
	bool passed;
};

/* One for each of its tests, the arena's; returns how many failed. */
size_t program_file_test(
    struct arena *, const struct program_file *, struct test_result **);

#endif /* WORKER_PROGRAM_FILE_H */

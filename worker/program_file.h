/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/faults.h"
#include "base/platform.h"
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
	/* All faults and warnings, once the file has been read. */
	struct faults faults;
	/* Set by the caller if the file may be a version that was published
	 * earlier.  Rules that loyald introduced later then do not refuse the
	 * file, and its tests are not read. */
	bool kept;
};

/* Reads a file.  All results are in the arena.  The struct must not be moved,
 * because the program points to its zone.  The error of a REJECT is "PATH: line
 * 6, column 3: ...", with the number of further faults. */
int program_file_read(struct arena *, const char *path, const char *currency,
    const char *timezone, struct program_file *, struct err *) MUST_CHECK;
/* Prints the warnings on standard error. */
void program_file_warn(const struct program_file *);

/* Reads a file for a store and runs its tests.  The result is REJECT if a test
 * fails, or if the store's platform cannot make a reward as the file says.
 * Differences and warnings are printed on standard error.  Every command that
 * publishes a file calls this function first. */
struct program_place {
	enum platform platform;
	const char *currency, *timezone;
};
int program_file_passes(struct arena *, const char *path,
    const struct program_place *, struct program_file *,
    struct err *) MUST_CHECK;

/* The outcome of one test. */
struct test_result {
	const struct scenario *test;
	int64_t took_us;
	/* A line for each difference; empty if there is none. */
	const char *differences;
	bool passed;
};

/* Runs the tests, and returns how many failed.  The arena gets one result for
 * each test. */
size_t program_file_test(
    struct arena *, const struct program_file *, struct test_result **);

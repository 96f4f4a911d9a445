/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * faults: a list of everything that is wrong, so that an operator can mend all
 * of it at once.  Each fault is a sentence, and the faults are in the order in
 * which they were found.
 *
 * A fault of kind FAULT_NONE is a warning, which stops nothing.
 */

enum {
	FAULTS_MAX = 64 /* faults that are kept; further faults are dropped */
};

struct faults {
	size_t n;
	struct err of[FAULTS_MAX];
};

void faults_add(struct faults *, enum fault, const char *fmt, ...) PRINTF(3, 4);
/* Adds a fault with the kind and the sentence of an err. */
void faults_add_err(struct faults *, const struct err *);
/* Whether there is a fault, other than a warning, about the setting with this
 * name. */
bool faults_name(const struct faults *, const char *name);
/* faults_has(): whether there is a fault of this kind.  faults_stop(): whether
 * there is a fault that is no warning. */
bool faults_has(const struct faults *, enum fault);
bool faults_stop(const struct faults *);
/* Finds the first fault that is no warning; there must be one. */
const struct err *faults_first(const struct faults *);

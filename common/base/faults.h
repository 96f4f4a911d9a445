/* SPDX-License-Identifier: MIT */
#ifndef BASE_FAULTS_H
#define BASE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cc.h"
#include "base/err.h"

/*
 * faults: everything that is wrong, a sentence each, in the order in which it
 * was found, for an operator who mends all of it at once.
 *
 * FAULT_NONE is what is worth a warning and stops nothing.
 */

enum {
	FAULTS_MAX = 64 /* more are not told */
};

struct faults {
	size_t n;
	struct err of[FAULTS_MAX];
};

void faults_add(struct faults *, enum fault, const char *fmt, ...) PRINTF(3, 4);
/* With the fault and sentence of an err. */
void faults_add_err(struct faults *, const struct err *);
/* Whether one of them, that is no warning, is about the setting of that
 * name. */
bool faults_name(const struct faults *, const char *name);
/* Whether there is one of that kind, and of any but FAULT_NONE. */
bool faults_has(const struct faults *, enum fault);
bool faults_stop(const struct faults *);
/* The first that is no warning; there must be one. */
const struct err *faults_first(const struct faults *);

#endif /* BASE_FAULTS_H */

/* SPDX-License-Identifier: MIT */
#ifndef WIRE_EXPLAIN_DIFF_H
#define WIRE_EXPLAIN_DIFF_H

#include <stddef.h>

#include "base/buf.h"
#include "core/program.h"

/*
 * program_diff: what changed between two programs, in words.
 *
 * One line per change, in the order of the program's parts: "rule order: 1
 * point per 1.00 is now 2 points per 1.00".  program_diff() compares what was
 * read, not the files' texts: another order of keys, or a default written out,
 * is no change.  Things are the same thing if they have the same id.
 *
 * Returns the number of changes; if there are none, one line says so.
 */
size_t program_diff(
    const struct program *from, const struct program *to, struct buf *);

#endif /* WIRE_EXPLAIN_DIFF_H */

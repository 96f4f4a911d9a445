/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "core/program.h"

/*
 * program_diff: what changed between two programs, in words.
 *
 * Writes one line per change, in the order of the program's parts: "rule order:
 * 1 point per 1.00 is now 2 points per 1.00".  The parsed programs are
 * compared, not the texts of the files: keys in a different order, or a default
 * that is written out, are no change.  Rules (and wallets, tiers, ...) are
 * compared if they have the same id.
 *
 * Returns the number of changes.  If nothing changed, one line says so.
 */
size_t program_diff(
    const struct program *from, const struct program *to, struct buf *);

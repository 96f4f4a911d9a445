/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* mem: memory of the heap, for what outlives an arena. */

/* Returns `size` bytes of zeros, which the caller frees.  If there is no memory,
 * ends the process; `what` says for what: "the streams". */
void *mem_new(size_t size, const char *what) __attribute__((returns_nonnull));

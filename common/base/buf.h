/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cc.h"

/*
 * buf: a growing buffer of bytes, up to a size that buf_init() is given.
 *
 * Bytes that do not fit are not appended, and the buffer is full from then on:
 * write everything, then ask buf_is_full() once.  `data` always ends with a
 * zero byte, which `len` does not count.
 */

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool full; /* something did not fit since the last reset */
};

void buf_init(struct buf *, size_t max);
void buf_fini(struct buf *);
void buf_reset(struct buf *);

void buf_add(struct buf *, const void *, size_t);
void buf_puts(struct buf *, const char *);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);

bool buf_is_full(const struct buf *) MUST_CHECK;

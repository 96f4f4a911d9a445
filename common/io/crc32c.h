/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* crc32c: CRC-32C (Castagnoli, RFC 3720).  `crc` is 0 for the first piece of
 * data, and the result for the pieces before for each further piece. */

uint32_t crc32c(uint32_t crc, const void *, size_t);

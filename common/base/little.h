/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * little: unsigned numbers of 1 to 8 bytes, written with the lowest byte first
 * (little-endian), whatever order the machine has.
 */

static inline void
little_put(void *to, uint64_t v, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t
little_get(const void *from, size_t n)
{
	const uint8_t *p = from;
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

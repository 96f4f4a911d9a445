/* SPDX-License-Identifier: MIT */
#pragma once

#include "../support/test.h"
#include "base/arena.h"

/* arena_state: an arena for a test or a group of tests, made and freed by
 * cmocka's setup and teardown. */

static struct arena arena;

static inline int
arena_setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static inline int
arena_teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

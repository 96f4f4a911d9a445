/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * test: cmocka, with the headers that cmocka needs, and must().
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

/* Fails the test with the error's message if a call returned -1. */
static inline void
must(int ret, const struct err *e)
{
	if (ret == -1)
		fail_msg("%s", e->msg);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

void *
mem_new(size_t size, const char *what)
{
	void *p = calloc(1, size);

	if (p == NULL)
		die("out of memory for %s", what);
	return p;
}

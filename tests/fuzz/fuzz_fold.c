/* SPDX-License-Identifier: MIT */
/*
 * A program and a member's history made of the input: everything that must
 * be true of every fold is true of this one (tests/model/model.h).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	REPORT_MAX = 1024 * 1024
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice d;
	struct buf report;

	dice_init(&d, size);
	d.bytes = data;
	d.left = size;
	buf_init(&report, REPORT_MAX);
	if (!model_case(&d, false, &report)) {
		fprintf(stderr, "%s\n", report.data);
		abort();
	}
	buf_fini(&report);
	return 0;
}
